"""The page where a report is chosen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from plans.counting import count_listings, count_projects, project_sentence
from plans.opened_plan import in_order_of_opening
from plans.pages import Link, page_context, strategy_not_found, words_for
from plans.tree import StrategyNotFound
from reports.report_choice import FIXED, OFFERED, ReportChoice, address, offers_in
from reports.year_end.year_data import told_texts


@require_safe
@allowed(access.may_read)
def newest(request: HttpRequest) -> HttpResponse:
    """Redirect to the reports of the plan to open, or to the first page if there is none."""
    plans = in_order_of_opening(drafts=False)
    return redirect("report_choice", plans[0].code) if plans else redirect("home")


@require_safe
@allowed(access.may_read)
def choose(request: HttpRequest, code: str) -> HttpResponse:
    """Show the form for year, goal, section and day; a file's button redirects to its address."""
    try:
        drafts = access.may_see_drafts(request.user)
        choice = ReportChoice(request.GET, code, words_for(request.user), drafts=drafts)
    except StrategyNotFound:
        raise strategy_not_found(code) from None
    wanted = request.GET.get("file", "")
    if wanted in OFFERED and choice.is_valid():
        return redirect(address(wanted, choice.tree) + choice.query())
    tree = choice.tree
    count = count_listings(tree.listings)
    projects = project_sentence(count_projects(tree.projects), tree.words)
    context = page_context(
        request,
        tree,
        heading="報告書",
        crumbs=[Link("報告書")],
        choice=choice,
        told=told_texts(tree),
        chosen=f"{tree.part or 'すべて'}：{count.total}指標{count.note}{count.apart}、{projects}",
        offers=offers_in(tree.words, internal=access.may_follow_entry(request.user)),
        fixed=[Link(text, address(name, tree)) for name, text in FIXED],
        other_strategies=[
            Link(other.title, reverse("report_choice", args=[other.code])) for other in tree.others
        ],
    )
    return render(request, "reports/choice.html", context)
