"""What the pages of a strategy share: the tree for the requested year, lookups, context.

Every page reads ?year= and ?as_of= and adds them to its links, so that year and day stay the same
from page to page.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import escape_uri_path

from accounts import access
from indicators.in_force import holds
from indicators.plan_words import STANDARD_WORDS, Words
from indicators.rules.terms import Status
from japanese.calendar_days import day_label, not_after, read_day
from japanese.fiscal_years import era_label, full_label, read_fiscal_year
from plans.chooser import choices_beside
from plans.conditions import Choices, Condition, read_conditions
from plans.nodes import (
    GoalNode,
    ListingNode,
    MeasureNode,
    PlainTree,
    StrategyTree,
)
from plans.selection import Selection, read_selection
from plans.sorting import ORDER_NAMES, Order, read_order
from plans.tree import (
    NEWEST,
    Newest,
    StrategyNotFound,
    StrategyNotYetThere,
    YearOutsidePlan,
    read_plain_tree,
    read_tree,
)

# For the mayor and the public, 未入力 is called 実績未把握.
READERS_WORDS: dict[str, str] = {Status.NOT_REPORTED: "実績未把握"}

PLAN_AS_PRINTED = "計画の内容"
"""What links call the page with everything that the plan says, in its order and wording."""

SHOW_TODAY = "現在のデータを表示する"

MAP, OVER_YEARS = "map", "years"
"""The parameter of the overview, and its value, that ask for the map over the years."""


@dataclass(frozen=True)
class Link:
    """A link: text and address; `url` is "" for the current page."""

    text: str
    url: str = ""
    is_current: bool = False


class PageNotFound(Http404):
    """There is no such place or year. The page shows the message and the links."""

    heading = "ページが見つかりません"
    status = 404

    def __init__(self, message: str, links: Iterable[Link] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.links = tuple(links)


class UnknownChoice(PageNotFound):
    """The page exists, but not with this query. The error page says why."""

    heading = "この指定では、表示できません"


class RefusedNow(PageNotFound):
    """What is requested exists, but its state does not allow it. The page says why."""

    heading = "今は、この操作はできません"
    status = 409


def tree_for(
    request: HttpRequest,
    code: str,
    default: int | Newest = NEWEST,
    *,
    fiscal_year: int | None = None,
    words: Mapping[str, str] | None = None,
) -> StrategyTree:
    """Return the strategy for the year in the address, or for `default` if there is none.

    ?as_of= selects the state at the end of a day. Pass `fiscal_year` if the year is part of the
    path, and `words` if they do not depend on who asks. Raises PageNotFound for an unknown
    strategy, an invalid year or day, a year outside the plan, a day in the future, and a day before
    the strategy was created.
    """
    words = words_for(request.user) if words is None else words
    as_of = _day_asked_for(request)
    asked = request.GET.get("year", "").strip() if fiscal_year is None else str(fiscal_year)
    year = _read_year(request, asked) if asked else default
    try:
        drafts = access.may_see_drafts(request.user)
        return read_tree(code, year, words=words, as_of=as_of, drafts=drafts)
    except StrategyNotYetThere as error:
        raise UnknownChoice(
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
        raise UnknownChoice(
            f"{full_label(error.fiscal_year)}は、この計画の期間（{era_label(period.first)}から"
            f"{era_label(period.last)}まで）に含まれません。年度を選び直してください。",
            _year_links(request, period, None),
        ) from None


def _read_year(request: HttpRequest, text: str) -> int:
    try:
        return read_fiscal_year(text)
    except ValueError as error:
        newest = Link("最新の年度を表示する", _address(request, year=None))
        raise UnknownChoice(str(error), [newest]) from None


def strategy_not_found(code: str) -> PageNotFound:
    """Return the exception for an unregistered strategy."""
    return PageNotFound(
        f"「{code}」という総合戦略は登録されていません。",
        [Link("最初の画面へ", reverse("home"))],
    )


def words_for(user: Any) -> Mapping[str, str]:
    """Return the labels of statuses that are different for this user."""
    return {} if access.may_use_admin(user) else READERS_WORDS


def _day_asked_for(request: HttpRequest) -> date | None:
    text = request.GET.get("as_of", "").strip()
    if not text:
        return None
    try:
        return not_after(read_day(text), timezone.localdate())
    except ValueError as error:
        raise UnknownChoice(str(error), [Link(SHOW_TODAY, _address(request, as_of=None))]) from None


def _address(request: HttpRequest, **changed: object) -> str:
    """Return the requested address with some parameters changed; None removes one."""
    asked = {name: value for name, value in request.GET.items() if name not in changed}
    given = {name: value for name, value in changed.items() if value is not None}
    path, query = escape_uri_path(request.path), urlencode({**given, **asked})
    return f"{path}?{query}" if query else path


def selection_for(request: HttpRequest, tree: StrategyTree) -> Selection:
    """Return the conditions in the address. Raises PageNotFound for an unknown value."""
    try:
        return read_selection(tree, request.GET)
    except ValueError as error:
        clear = Link("条件を解除する", list_address(tree))
        raise UnknownChoice(str(error), [clear]) from None


def order_for(request: HttpRequest) -> Order:
    """Return the order of listings in the address. Raises PageNotFound for an unknown one."""
    try:
        return read_order(request.GET)
    except ValueError as error:
        name = f"{ORDER_NAMES[Order.PLAN]}で表示する"
        raise UnknownChoice(str(error), [Link(name, _address(request, sort=None))]) from None


def order_links(request: HttpRequest, tree: StrategyTree, current: Order) -> list[Link]:
    """Return the orders of listings; conditions, year and day stay the same."""
    addresses = {
        order: _address(request, year=tree.fiscal_year, sort=None if order == Order.PLAN else order)
        for order in ORDER_NAMES
    }
    return [Link(ORDER_NAMES[order], url, order == current) for order, url in addresses.items()]


def conditions_for(
    request: HttpRequest, tree: StrategyTree, fields: Iterable[tuple[str, str, Choices]]
) -> tuple[Condition, ...]:
    """Return the conditions in the address. Raises PageNotFound for an unknown value."""
    try:
        return read_conditions(fields, request.GET)
    except ValueError as error:
        clear = Link("条件を解除する", escape_uri_path(request.path) + kept_query(tree))
        raise UnknownChoice(str(error), [clear]) from None


def conditions_query(conditions: Iterable[Condition]) -> str:
    """Return what links add to keep conditions: &sdg=3; "" without any."""
    return "".join(f"&{urlencode({one.name: one.value})}" for one in conditions if one.value)


def goal_at(tree: StrategyTree, position: int) -> GoalNode:
    """Return the goal with this number. Raises PageNotFound."""
    for goal in tree.goals:
        if goal.position == position:
            return goal
    raise _nothing_at(tree, f"{tree.words.goal}{position}")


def measure_at(tree: StrategyTree, place: str) -> MeasureNode:
    """Return the measure at a place such as 1-ア-1, or 1-1 without a group. Raises PageNotFound."""
    for measure in tree.measures:
        if measure.place == place:
            return measure
    raise _nothing_at(tree, f"{tree.words.measure}「{place}」")


def part_above(tree: StrategyTree, listing: ListingNode) -> MeasureNode:
    """Return the measure of a KPI, or the placeholder for "directly under the goal"."""
    return next(part for part in tree.parts if part.place == listing.place_above)


def listing_at(tree: StrategyTree, model: str, place: str) -> ListingNode:
    """Return the target or KPI at a place such as 1-1 or 1-ア-1-2. Raises PageNotFound."""
    for listing in tree.listings:
        if listing.model == model and listing.place == place:
            return listing
    raise _nothing_at(tree, f"{tree.words.listing_word(model)}「{place}」")


def listing_of_year(
    request: HttpRequest, code: str, model: str, place: str
) -> tuple[StrategyTree, ListingNode]:
    """Return the tree and the target or KPI at a place, in the year asked for.

    Where no year is asked for and the plan does not have it in the newest year with values, that is
    the nearest year in which it has. Raises PageNotFound.
    """
    return _part_of_year(
        request,
        code,
        lambda tree: listing_at(tree, model, place),
        lambda tree: (x for x in tree.listings if (x.model, x.place) == (model, place)),
    )


def goal_of_year(request: HttpRequest, code: str, position: int) -> tuple[StrategyTree, GoalNode]:
    """Return the tree and the goal with a number, as listing_of_year does."""
    return _part_of_year(
        request,
        code,
        lambda tree: goal_at(tree, position),
        lambda tree: (goal for goal in tree.goals if goal.position == position),
    )


def measure_of_year(
    request: HttpRequest, code: str, place: str
) -> tuple[StrategyTree, MeasureNode]:
    """Return the tree and the measure at a place, as listing_of_year does."""
    return _part_of_year(
        request,
        code,
        lambda tree: measure_at(tree, place),
        lambda tree: (measure for measure in tree.measures if measure.place == place),
    )


N = TypeVar("N")


def _part_of_year(
    request: HttpRequest,
    code: str,
    at: Callable[[StrategyTree], N],
    in_any_year: Callable[[PlainTree], Iterable[Any]],
) -> tuple[StrategyTree, N]:
    tree = tree_for(request, code)
    try:
        return tree, at(tree)
    except PageNotFound:
        drafts = access.may_see_drafts(request.user)
        whole = read_plain_tree(code, as_of=tree.as_of, drafts=drafts)
        part = next(iter(in_any_year(whole)), None)
        if part is None:
            raise
    years = [year for year in whole.years if holds(part.first_year, part.last_year, year)]
    if years and not request.GET.get("year", "").strip():
        nearest = min(years, key=lambda year: abs(year - tree.fiscal_year))
        tree = tree_for(request, code, nearest)
        return tree, at(tree)
    name = getattr(part, "name", "") or part.title
    since = f"{era_label(part.first_year)}から" if part.first_year else ""
    until = f"{era_label(part.last_year)}まで" if part.last_year else ""
    raise PageNotFound(
        f"「{name}」が計画に載っているのは、{since}{until}です。"
        f"{full_label(tree.fiscal_year)}にはありません。",
        _year_links(request, years, None),
    )


def _nothing_at(tree: StrategyTree, name: str) -> PageNotFound:
    query = kept_query(tree)
    return PageNotFound(
        f"{tree.title}に、{name}はありません。番号が変わったか、削除された可能性があります。",
        [
            Link("概要から探す", tree.base_url + query),
            Link(f"{PLAN_AS_PRINTED}から探す", f"{tree.base_url}list/{query}"),
        ],
    )


def kept_parameters(tree: StrategyTree) -> dict[str, str]:
    """Return the parameters that every link and form keeps: year and day."""
    year = {"year": str(tree.fiscal_year)}
    return year if tree.as_of is None else {**year, "as_of": str(tree.as_of)}


def kept_query(tree: StrategyTree) -> str:
    """Return the query string of every link: ?year=2017&as_of=2018-06-30."""
    return f"?{urlencode(kept_parameters(tree))}"


def list_address(tree: StrategyTree, **conditions: object) -> str:
    """Return the address of the listings that meet conditions (plans/selection.py), or of all."""
    return f"{tree.base_url}listings/?{urlencode({**kept_parameters(tree), **conditions})}"


@dataclass(frozen=True)
class ReportLinks:
    """Links to the papers on what a page shows: 検証報告書.xlsx, 図表集, and the page of all."""

    text: str
    workbook: str
    charts: str
    choose: str


def report_links(
    tree: StrategyTree, *, goal: int | None = None, section: str = "", section_name: str = ""
) -> ReportLinks:
    """Return the report links for a page on the plan, on one goal or on one section.

    `section` is its id, as in addresses. Pages of measures and listings pass their goal: to get a
    paper on a single figure, people print the page itself.
    """
    asked = {name: value for name, value in (("goal", goal), ("section", section)) if value}
    query = kept_query(tree) + "".join(f"&{urlencode({name: asked[name]})}" for name in asked)
    of_goal = "".join(f"{node.label}の" for node in tree.goals if node.position == goal)
    what = f"{of_goal}{section_name}の" if section else of_goal
    return ReportLinks(
        f"{what}検証報告書をExcelで受け取る",
        reverse("year_workbook", args=[tree.code]) + query,
        f"{tree.base_url}charts/{query}",
        f"{tree.base_url}reports/{query}",
    )


def page_context(
    request: HttpRequest, tree: StrategyTree, *, crumbs: Sequence[Link] = (), **more: Any
) -> dict[str, Any]:
    """Return the template context of a strategy's page, including `more`.

    `crumbs` are the breadcrumbs; the overview is added in front of them.
    """
    query = kept_query(tree)
    overview = tree.base_url + query
    return {
        "tree": tree,
        "query": query,
        "hidden_parameters": kept_parameters(tree),
        "overview_url": overview,
        "review_label": review_label(tree.fiscal_year),
        "year_links": _year_links(request, tree.whole_period, tree.fiscal_year),
        "navigation": navigation(request, tree.base_url, query, tree.words),
        "plan_choices": choices_beside(request, tree),
        "crumbs": [Link("概要", overview), *crumbs] if crumbs else [],
        "as_of_label": day_label(tree.as_of) if tree.as_of else "",
        "today_link": Link(SHOW_TODAY, _address(request, as_of=None)),
        "report": report_links(tree),
        **more,
    }


def review_label(fiscal_year: int) -> str:
    """Return the label with the year of review and the year of data.

    E.g. 平成30年度 効果検証（平成29年度実績）: data are reviewed in the year after.
    """
    return f"{era_label(fiscal_year + 1)} 効果検証（{era_label(fiscal_year)}実績）"


def period_sentence(tree: StrategyTree) -> str:
    """Return a sentence with the plan's years and the position of the judged year."""
    period, year = tree.period, tree.fiscal_year
    count = period.ordinal(period.last)
    which = "最終年度" if year == period.last else f"{period.ordinal(year)}年目"
    return (
        f"計画期間は{era_label(period.first)}から{era_label(period.last)}までの{count}年間で、"
        f"{era_label(year)}はその{which}です。"
    )


def crumbs_of_goal(tree: StrategyTree, position: int) -> list[Link]:
    """Return the breadcrumbs for pages below a goal."""
    goal = goal_at(tree, position)
    return [Link(goal.label, goal.url + kept_query(tree))]


def neighbours(tree: StrategyTree, nodes: Sequence[Any], node: Any, name: str) -> dict[str, Link]:
    """Return links to the previous and next node in the plan's order, if any.

    `name` is the attribute used as the text of the link.
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


def map_links(tree: StrategyTree, *, over_years: bool) -> list[Link]:
    """Return the links between the map of the year and the map over the years."""
    of_year = tree.base_url + kept_query(tree)
    return [
        Link(era_label(tree.fiscal_year), of_year, not over_years),
        Link("年度ごとの推移", f"{of_year}&{urlencode({MAP: OVER_YEARS})}", over_years),
    ]


def navigation(
    request: HttpRequest, base_url: str = "", query: str = "", words: Words = STANDARD_WORDS
) -> list[Link]:
    """Return the navigation links: the pages of the strategy at `base_url`, then the others."""
    places = [
        ("概要", ""),
        ("指標の一覧", "listings/"),
        (PLAN_AS_PRINTED, "list/"),
        (words.project, "projects/"),
        ("報告書", "reports/"),
    ]
    links = []
    if access.may_use_admin(request.user):
        # For everybody else, the first page is the overview.
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
        if base_url:
            reviews = f"{base_url}reviews/"
            links.append(Link("評価", reviews + query, request.path.startswith(reviews)))
    if access.may_see_changes(request.user):
        changes = reverse("changes")
        links.append(Link("変更履歴", changes, request.path.startswith(changes)))
    if access.may_use_admin(request.user):
        admin = reverse("admin:index")
        links.append(Link("管理", admin, request.path.startswith(admin)))
    return links
