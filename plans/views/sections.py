"""The page of one 担当課 and the index of all that have anything in a plan."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from accounts.sections import SectionNames, read_names
from indicators.evidence.lists import may_see_of, present_by_indicator
from japanese.fiscal_years import era_label, full_label
from plans.kept_pages import kept_page
from plans.nodes import ListingNode, StrategyTree
from plans.pages import (
    Link,
    PageNotFound,
    kept_parameters,
    kept_query,
    page_context,
    report_links,
    tree_for,
)
from plans.sections import (
    SectionInPlan,
    listings_of,
    part_of_section,
    sections_of_plan,
    successors_of,
    years_with,
)
from plans.tree import read_plain_tree

HEADING = "担当課"


@require_safe
@allowed(access.may_read)
@kept_page
def sections(request: HttpRequest, code: str) -> HttpResponse:
    """Show the sections that have anything in the plan, with their counts."""
    tree = tree_for(request, code)
    own = access.sections_of(request.user)
    found = sections_of_plan(tree, read_names(tree.as_of))
    context = page_context(
        request,
        tree,
        heading=HEADING,
        crumbs=[Link(HEADING)],
        sections=[(one, one.pk in own) for one in found],
        has_monitors=any(one.count.monitors for one in found),
    )
    return render(request, "plans/sections.html", context)


@require_safe
@allowed(access.may_read)
@kept_page
def section(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Show what one section answers for: over the years, what lags and why, what is open."""
    tree, part = _part_of_year(request, code, pk)
    context = page_context(
        request,
        tree,
        heading=part.name,
        crumbs=[Link(HEADING, _index(tree)), Link(part.name)],
        part=part,
        as_of=f"&{urlencode({'as_of': tree.as_of})}" if tree.as_of else "",
    )
    if part.rows:
        context["report"] = report_links(tree, section=str(pk), section_name=part.name)
    return render(request, "plans/section.html", context)


def _part_of_year(request: HttpRequest, code: str, pk: int) -> tuple[StrategyTree, SectionInPlan]:
    """Return the tree and what the section has in the year asked for.

    Where no year is asked for and it has nothing in the newest year with values, that is the
    nearest year in which it has. Raises PageNotFound.
    """
    tree = tree_for(request, code)
    names = read_names(tree.as_of)
    if part := _part(request, tree, names, pk):
        return tree, part
    drafts = access.may_see_drafts(request.user)
    years = years_with(read_plain_tree(code, as_of=tree.as_of, drafts=drafts), pk)
    if years and not request.GET.get("year", "").strip():
        newest = tree.fiscal_year
        nearest = min(years, key=lambda one: abs(one - newest))
        tree = tree_for(request, code, nearest)
        if part := _part(request, tree, names, pk):
            return tree, part
    raise _nothing_of(tree, names, pk, years)


def _part(
    request: HttpRequest, tree: StrategyTree, names: SectionNames, pk: int
) -> SectionInPlan | None:
    """Return what a section has in the tree's year, as far as the user may know."""
    if pk not in names.current:
        return None
    user = request.user
    return part_of_section(
        tree,
        names,
        pk,
        with_states=access.may_see_all_values(user) or pk in access.sections_to_enter(user),
        without_evidence=_without_evidence(request, tree, listings_of(tree, pk)),
    )


def _without_evidence(
    request: HttpRequest, tree: StrategyTree, listings: Iterable[ListingNode]
) -> list[int]:
    """Return the ids of the indicators whose value has no file that the user would see.

    None in past views, which must not show today's files.
    """
    if tree.as_of is not None:
        return []
    year = tree.fiscal_year
    seen = [
        one.indicator.pk
        for one in listings
        if one.actual is not None
        and (one.actual.value is not None or one.actual.grade)
        and may_see_of(request.user, one.indicator.in_time, year)
    ]
    present = present_by_indicator(year, seen) if seen else {}
    return [pk for pk in seen if pk not in present]


def _index(tree: StrategyTree) -> str:
    return f"{tree.base_url}sections/{kept_query(tree)}"


def _nothing_of(
    tree: StrategyTree, names: SectionNames, pk: int, years: Sequence[int]
) -> PageNotFound:
    """Return the exception for a section without anything, with its years and successors."""
    index = Link("担当課の一覧から探す", _index(tree))
    if pk not in names.current:
        message = f"番号{pk}の担当課は登録されていません。一覧から選び直してください。"
        return PageNotFound(message, [index])
    name = names.of(pk, tree.fiscal_year)
    where = f"受け持つものがあるのは、{_listed(years)}です。" if years else ""
    return PageNotFound(
        f"{tree.title}に、{name}が{full_label(tree.fiscal_year)}に担当する指標と事業はありません。"
        f"{where}{'年度' if years else '担当課'}を選び直してください。",
        [
            *(_year_link(tree, pk, year) for year in years),
            *(_page_of(tree, *one) for one in successors_of(tree, pk)),
            index,
        ],
    )


def _listed(years: Iterable[int]) -> str:
    return "、".join(map(era_label, years))


def _page_of(tree: StrategyTree, pk: int, name: str) -> Link:
    address = reverse("section", args=[tree.code, pk])
    return Link(f"引き継いだ{name}のページ", address + kept_query(tree))


def _year_link(tree: StrategyTree, pk: int, fiscal_year: int) -> Link:
    query = urlencode({**kept_parameters(tree), "year": fiscal_year})
    address = reverse("section", args=[tree.code, pk])
    return Link(f"{full_label(fiscal_year)}を表示する", f"{address}?{query}")
