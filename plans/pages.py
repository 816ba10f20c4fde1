"""What the pages of a strategy have in common: the tree of the asked year, places in it, context.

Every page takes ?year= and ?as_of= and hands them on, so that year and day stay while one walks
through the plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import escape_uri_path

from accounts import access
from indicators.rules.terms import Status
from japanese.calendar_days import day_label, not_after, read_day
from japanese.fiscal_years import era_label, full_label, read_fiscal_year
from plans.nodes import NUMERIC_TARGET, GoalNode, ListingNode, MeasureNode, StrategyTree
from plans.selection import Selection, read_selection
from plans.tree import (
    NEWEST,
    Newest,
    StrategyNotFound,
    StrategyNotYetThere,
    YearOutsidePlan,
    read_tree,
)

# Design section 9: before the mayor and the public 未入力 is called 実績未把握.
READERS_WORDS: dict[str, str] = {Status.NOT_REPORTED: "実績未把握"}

SHOW_TODAY = "現在のデータを表示する"


@dataclass(frozen=True)
class Link:
    """An address with its text; `url` is "" for the page itself."""

    text: str
    url: str = ""
    is_current: bool = False


class PageNotFound(Http404):
    """There is no such place or year. Says what is wrong and where to go on."""

    def __init__(self, message: str, links: Iterable[Link] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.links = tuple(links)


def tree_for(
    request: HttpRequest,
    code: str,
    default: int | Newest = NEWEST,
    *,
    fiscal_year: int | None = None,
) -> StrategyTree:
    """Return the strategy for the year in the address, without one for `default`.

    ?as_of= asks for it as it stood at the end of a day; `fiscal_year` is given where the year
    stands in the path. Raises PageNotFound for an unknown strategy, for a year or day that cannot
    be read, for a year that is not the plan's, and for a day that has not come yet or on which the
    strategy was not there yet.
    """
    words = words_for(request.user)
    as_of = _day_asked_for(request)
    asked = request.GET.get("year", "").strip() if fiscal_year is None else str(fiscal_year)
    year = _read_year(request, asked) if asked else default
    try:
        return read_tree(code, year, words=words, as_of=as_of)
    except StrategyNotYetThere as error:
        raise PageNotFound(
            f"{day_label(error.as_of)}には、「{code}」という総合戦略はまだ登録されていませんでした。"
            f"登録された{day_label(error.since)}以後の日を指定してください。",
            [
                Link("登録された日のデータを表示する", _address(request, as_of=error.since)),
                Link(SHOW_TODAY, _address(request, as_of=None)),
            ],
        ) from None
    except StrategyNotFound:
        raise strategy_not_found(code) from None
    except YearOutsidePlan as error:
        period = error.period
        raise PageNotFound(
            f"{full_label(error.fiscal_year)}は、この計画の期間（{era_label(period.first)}から"
            f"{era_label(period.last)}まで）に含まれません。年度を選び直してください。",
            _year_links(request, period, None),
        ) from None


def _read_year(request: HttpRequest, text: str) -> int:
    try:
        return read_fiscal_year(text)
    except ValueError as error:
        newest = Link("最新の年度を表示する", _address(request, year=None))
        raise PageNotFound(str(error), [newest]) from None


def strategy_not_found(code: str) -> PageNotFound:
    """Return what is said of a strategy that is not registered."""
    return PageNotFound(
        f"「{code}」という総合戦略は登録されていません。",
        [Link("最初の画面へ", reverse("home"))],
    )


def words_for(user: Any) -> Mapping[str, str]:
    """Return what a status is called before this person, where it has another word."""
    return {} if access.may_use_admin(user) else READERS_WORDS


def _day_asked_for(request: HttpRequest) -> date | None:
    text = request.GET.get("as_of", "").strip()
    if not text:
        return None
    try:
        return not_after(read_day(text), timezone.localdate())
    except ValueError as error:
        raise PageNotFound(str(error), [Link(SHOW_TODAY, _address(request, as_of=None))]) from None


def _address(request: HttpRequest, **changed: object) -> str:
    """Return the address asked for with some of its parameters changed; None leaves one out."""
    asked = {name: value for name, value in request.GET.items() if name not in changed}
    given = {name: value for name, value in changed.items() if value is not None}
    path, query = escape_uri_path(request.path), urlencode({**given, **asked})
    return f"{path}?{query}" if query else path


def selection_for(request: HttpRequest, tree: StrategyTree) -> Selection:
    """Return the conditions in the address; raises PageNotFound for one that is not offered."""
    try:
        return read_selection(tree, request.GET)
    except ValueError as error:
        clear = Link("条件を解除する", tree.base_url + kept_query(tree))
        raise PageNotFound(str(error), [clear]) from None


def goal_at(tree: StrategyTree, position: int) -> GoalNode:
    """Return the goal of this number; raises PageNotFound."""
    for goal in tree.goals:
        if goal.position == position:
            return goal
    raise _nothing_at(tree, f"基本目標{position}")


def measure_at(tree: StrategyTree, place: str) -> MeasureNode:
    """Return the measure at a place such as 1-ア-1; raises PageNotFound."""
    for measure in tree.measures:
        if measure.place == place:
            return measure
    raise _nothing_at(tree, f"具体的施策「{place}」")


def listing_at(tree: StrategyTree, model: str, place: str) -> ListingNode:
    """Return the target or KPI at a place such as 1-1 or 1-ア-1-2; raises PageNotFound."""
    for listing in tree.listings:
        if listing.model == model and listing.place == place:
            return listing
    name = "数値目標" if model == NUMERIC_TARGET else "重要業績評価指標"
    raise _nothing_at(tree, f"{name}「{place}」")


def _nothing_at(tree: StrategyTree, name: str) -> PageNotFound:
    query = kept_query(tree)
    return PageNotFound(
        f"{tree.title}に、{name}はありません。番号が変わったか、削除された可能性があります。",
        [
            Link("概要から探す", tree.base_url + query),
            Link("一覧から探す", f"{tree.base_url}list/{query}"),
        ],
    )


def kept_parameters(tree: StrategyTree) -> dict[str, str]:
    """Return the parameters that every address and form hands on, so that year and day stay."""
    year = {"year": str(tree.fiscal_year)}
    return year if tree.as_of is None else {**year, "as_of": str(tree.as_of)}


def kept_query(tree: StrategyTree) -> str:
    """Return what is put behind each address: ?year=2017&as_of=2018-06-30."""
    return f"?{urlencode(kept_parameters(tree))}"


def list_address(tree: StrategyTree, **conditions: object) -> str:
    """Return the address of the listings that meet conditions (plans/selection.py)."""
    return f"{tree.base_url}{kept_query(tree)}&{urlencode(conditions)}"


@dataclass(frozen=True)
class ReportLinks:
    """Where the report on what a page shows is had: 検証報告書.xlsx, and the page of all papers."""

    text: str
    workbook: str
    choose: str


def report_links(
    tree: StrategyTree, *, goal: int | None = None, section: str = "", section_name: str = ""
) -> ReportLinks:
    """Return the links for a page that shows the plan, one goal of it or what a section does.

    `section` is its id, as in addresses.

    Of a measure and of a listing the report is that of their goal: a paper on a single figure is
    what the page itself prints.
    """
    asked = {name: value for name, value in (("goal", goal), ("section", section)) if value}
    query = kept_query(tree) + "".join(f"&{urlencode({name: asked[name]})}" for name in asked)
    what = "".join([f"基本目標{goal}の" if goal else "", f"{section_name}の" if section else ""])
    return ReportLinks(
        f"{what}検証報告書をExcelで受け取る",
        reverse("year_workbook", args=[tree.code]) + query,
        f"{tree.base_url}reports/{query}",
    )


def page_context(
    request: HttpRequest, tree: StrategyTree, *, crumbs: Sequence[Link] = (), **more: Any
) -> dict[str, Any]:
    """Return what the layout of a strategy's page shows, and `more`.

    `crumbs` lead down to the page; the way begins with the overview, which need not be named.
    """
    query = kept_query(tree)
    overview = tree.base_url + query
    return {
        "tree": tree,
        "query": query,
        "hidden_parameters": kept_parameters(tree),
        "overview_url": overview,
        "review_label": review_label(tree.fiscal_year),
        "year_links": _year_links(request, tree.period, tree.fiscal_year),
        "navigation": navigation(request, tree.base_url, query),
        "crumbs": [Link("概要", overview), *crumbs] if crumbs else [],
        "as_of_label": day_label(tree.as_of) if tree.as_of else "",
        "today_link": Link(SHOW_TODAY, _address(request, as_of=None)),
        "report": report_links(tree),
        **more,
    }


def review_label(fiscal_year: int) -> str:
    """Return both years that a page names: 平成30年度 効果検証（平成29年度実績）."""
    return f"{era_label(fiscal_year + 1)} 効果検証（{era_label(fiscal_year)}実績）"


def period_sentence(tree: StrategyTree) -> str:
    """Return the plan's years and which of them the judged one is."""
    period, year = tree.period, tree.fiscal_year
    count = period.ordinal(period.last)
    which = "最終年度" if year == period.last else f"{period.ordinal(year)}年目"
    return (
        f"計画期間は{era_label(period.first)}から{era_label(period.last)}までの{count}年間で、"
        f"{era_label(year)}はその{which}です。"
    )


def crumbs_of_goal(tree: StrategyTree, position: int) -> list[Link]:
    """Return the way to a goal, for pages below it."""
    goal = goal_at(tree, position)
    return [Link(f"基本目標{goal.position}", goal.url + kept_query(tree))]


def neighbours(tree: StrategyTree, nodes: Sequence[Any], node: Any, name: str) -> dict[str, Link]:
    """Return links to the node before and after in the plan's order, where there is one.

    `name` is the attribute that becomes the text of the link.
    """
    index = next(i for i, other in enumerate(nodes) if other is node)
    found = {"previous": index - 1, "next": index + 1}
    return {
        key: Link(getattr(nodes[i], name), nodes[i].url + kept_query(tree))
        for key, i in found.items()
        if 0 <= i < len(nodes)
    }


def _year_links(request: HttpRequest, period: Iterable[int], current: int | None) -> list[Link]:
    return [
        Link(full_label(year), _address(request, year=year), year == current) for year in period
    ]


def navigation(request: HttpRequest, base_url: str = "", query: str = "") -> list[Link]:
    """Return the links of the head: the pages of the strategy at `base_url`, then the others."""
    places = [("概要", ""), ("一覧", "list/"), ("具体的事業", "projects/"), ("報告書", "reports/")]
    links = []
    if access.may_use_admin(request.user):
        # The first page of all others is the overview.
        first = reverse("home")
        links.append(Link("最初の画面", first, request.path == first))
    if base_url:
        links += [
            Link(text, f"{base_url}{path}{query}", request.path == base_url + path)
            for text, path in places
        ]
    if access.may_follow_entry(request.user):
        entry = reverse("entry_years")
        links.append(Link("実績の入力", entry, request.path.startswith(entry)))
    if access.may_see_changes(request.user):
        changes = reverse("changes")
        links.append(Link("変更履歴", changes, request.path.startswith(changes)))
    if access.may_use_admin(request.user):
        admin = reverse("admin:index")
        links.append(Link("管理", admin, request.path.startswith(admin)))
    return links
