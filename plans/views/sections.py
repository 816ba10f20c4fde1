"""The page of one 担当課 and the index of all that have anything in a plan."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from accounts.sections import SectionNames, read_names
from japanese.fiscal_years import era_label, full_label
from plans.nodes import StrategyTree
from plans.pages import (
    Link,
    PageNotFound,
    kept_parameters,
    kept_query,
    page_context,
    report_links,
    tree_for,
)
from plans.sections import part_of_section, sections_of_plan, years_with

HEADING = "担当課"


@require_safe
@allowed(access.may_read)
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
def section(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Show what one section answers for: over the years, what lags and why, what is open."""
    tree = tree_for(request, code)
    names = read_names(tree.as_of)
    user = request.user
    with_states = access.may_see_all_values(user) or (
        access.may_enter_anything(user) and pk in access.sections_of(user)
    )
    part = None
    if pk in names.current:
        part = part_of_section(tree, names, pk, with_states=with_states)
    if part is None:
        raise _nothing_of(tree, names, pk)
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


def _index(tree: StrategyTree) -> str:
    return f"{tree.base_url}sections/{kept_query(tree)}"


def _nothing_of(tree: StrategyTree, names: SectionNames, pk: int) -> PageNotFound:
    index = Link("担当課の一覧から探す", _index(tree))
    if pk not in names.current:
        message = f"番号{pk}の担当課は登録されていません。一覧から選び直してください。"
        return PageNotFound(message, [index])
    name = names.of(pk, tree.fiscal_year)
    years = [year for year in years_with(tree, pk) if year != tree.fiscal_year]
    where = f"担当する指標があるのは、{_listed(years)}です。" if years else ""
    return PageNotFound(
        f"{tree.title}に、{name}が{full_label(tree.fiscal_year)}に担当する指標と事業はありません。"
        f"{where}{'年度' if years else '担当課'}を選び直してください。",
        [*(_year_link(tree, pk, year) for year in years), index],
    )


def _listed(years: Iterable[int]) -> str:
    return "、".join(map(era_label, years))


def _year_link(tree: StrategyTree, pk: int, fiscal_year: int) -> Link:
    query = urlencode({**kept_parameters(tree), "year": fiscal_year})
    address = reverse("section", args=[tree.code, pk])
    return Link(f"{full_label(fiscal_year)}を表示する", f"{address}?{query}")
