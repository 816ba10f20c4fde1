"""推進本部の決定: what it decided on the confirmed evaluations, one day for several of them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import access
from accounts.decorators import allowed
from plans.nodes import StrategyTree
from plans.pages import Link, kept_query
from reviews.measures.decision_form import PICK, DecisionsForm
from reviews.measures.evaluations import YearOfMeasures, year_of_measures
from reviews.models import State
from reviews.pages import review_context, tree_of_review, year_of
from reviews.recording import (
    HeadquartersDecision,
    ReviewError,
    obstacle_of_year,
    record_decisions,
)
from trail.history import NOTHING_CHANGED, Change, Door

TAKE_BACK = "take_back"


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_keep_reviews)
def review_decisions(request: HttpRequest, code: str) -> HttpResponse:
    """Show the confirmed evaluations of a year; a POST records or takes back decisions."""
    tree = tree_of_review(request, code)
    found = year_of_measures(tree, request.user)
    form = DecisionsForm(
        request.POST if request.method == "POST" else None,
        found.in_state(State.CONFIRMED),
        tree.fiscal_year,
    )
    if request.method == "POST" and _is_stored(request, found, form):
        return redirect(request.get_full_path())
    year = year_of(tree)
    context = review_context(
        request,
        tree,
        "推進本部の決定",
        crumbs=[Link("内部評価", _list_url(tree))],
        form=form,
        pick=PICK,
        take_back=TAKE_BACK,
        obstacle=obstacle_of_year(year, found.duties.strategy_id),
        asked=request.GET.get("measure", ""),
        waiting=len(found.rows) - len(form.lines),
        decided=sum(bool(line.stored) for line in form.lines),
    )
    return render(request, "reviews/decisions.html", context)


def _list_url(tree: StrategyTree) -> str:
    return reverse("review_measures", args=[tree.code]) + kept_query(tree)


def _is_stored(request: HttpRequest, found: YearOfMeasures, form: DecisionsForm) -> bool:
    """Store what the form says, and say so; False, with the reasons in it, if it is refused."""
    takes_back = TAKE_BACK in request.POST
    if takes_back:
        form.fields["decided_on"].required = False
        decisions = [HeadquartersDecision(line.pk, line.seen, "") for line in form.picked]
    if takes_back and decisions:
        day = None
    elif not form.is_valid():
        return False
    else:
        decisions, day = form.decisions(), form.cleaned_data["decided_on"]
    change = Change(by=request.user, door=Door.PAGE)
    try:
        written = record_decisions(decisions, day, found.duties, change)
    except ReviewError as error:
        form.is_valid()
        form.refuse(error)
        return False
    done = f"{len(written)}件の決定を{'取り消しました' if takes_back else '記録しました'}。"
    messages.success(request, done if written else NOTHING_CHANGED)
    return True
