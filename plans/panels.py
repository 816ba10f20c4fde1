"""A goal or measure at a glance: a panel for each listing, all on one scale of degrees."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from indicators.rules.degrees import degree, degree_figure, expected_degree
from indicators.rules.terms import Band, JudgedBy, Kind, band_of, mark_of_status
from japanese.fiscal_years import era_label, short_label
from plans.charting import small_chart_of
from plans.charts.multiples import SmallMultiple, draw_multiple, named_years
from plans.charts.small import SmallChart
from plans.nodes import ListingNode
from plans.presentation import JudgedRow, row_of

PANELS_RULE = "どの指標も同じ目盛りです。0％は基準値（累計は0）、100％は目標値です。"


@dataclass(frozen=True)
class PanelYear:
    """The judgement of a year below a panel; texts are "" for a year that is still to come.

    `name` is 平成27年度 and `short` H27, which `is_named` years show.
    """

    name: str
    short: str
    is_named: bool
    band: str
    mark: str
    word: str
    is_current: bool


@dataclass(frozen=True)
class Panel:
    """One listing: its row, the drawing of its degrees, and the judgement of each year.

    `figure` is the degree of the tree's year as text: 進捗率 62.5％. Without degrees, `drawn` is
    None, `note` says why, and `values` has the course of the values, whose scale is its own.
    """

    row: JudgedRow
    figure: str
    drawn: SmallMultiple | None
    values: SmallChart | None
    note: str
    marks: tuple[PanelYear, ...]


def rule_of(panels: Iterable[Panel]) -> str:
    """Return how the panels are read, with the signs that only some of them have."""
    drawn = [panel.drawn for panel in panels if panel.drawn]
    parts = [PANELS_RULE]
    if any(point.hollow for one in drawn for point in one.points):
        parts.append("白抜きは、速報値か、前の年度の値で判定した年度です。")
    if any(one.arrows_d for one in drawn):
        parts.append("端の三角は、目盛りの外の値です。")
    return "".join(parts)


def panels_of(listings: Iterable[ListingNode]) -> list[Panel]:
    """Return the panels of listings, for the year of their tree and the years before it."""
    return [_panel(listing) for listing in listings]


def _panel(listing: ListingNode) -> Panel:
    row = row_of(listing)
    figure = degree_figure(listing.taken) if listing.is_judged else None
    drawn = _drawn(listing, figure) if figure else None
    text = ""
    if figure and drawn:
        text = next(
            (f"{f.name} {f.text}" for f in row.figures if f.name == figure.label and f.text), ""
        )
    return Panel(
        row=row,
        figure=text,
        drawn=drawn,
        values=None if drawn else small_chart_of(listing),
        note="" if drawn else _why_without(listing, figure),
        marks=_marks(listing),
    )


def _drawn(listing: ListingNode, figure: JudgedBy) -> SmallMultiple | None:
    degrees: dict[int, Decimal] = {}
    expected: dict[int, Decimal] = {}
    hollow = set()
    for year in listing.period:
        state = listing.in_year(year)
        if not state.is_judged or degree_figure(state.taken) != figure:
            # Another reading held in this year: its degree would be another figure.
            continue
        guide = listing.expected_by_year.get(year)
        if guide is not None and figure == JudgedBy.COMPLETION:
            way = expected_degree(state.taken, state.period, year, guide)
            expected |= {} if way is None else {year: way}
        if year > listing.fiscal_year:
            continue
        judged = listing.assess(year)
        found = degree(judged, figure)
        if found is None and judged.value is not None and band_of(judged.status) != Band.OPEN:
            # A curve that omits a judged year, mostly a bad one, would look too good.
            return None
        if found is not None:
            degrees[year] = found
            actual = listing.indicator.actuals.get(year)
            if judged.basis_year != year or (actual is not None and actual.provisional):
                hollow.add(year)
    return draw_multiple(
        list(listing.period),
        degrees,
        expected,
        hollow=hollow,
        has_start=figure == JudgedBy.COMPLETION,
    )


def _marks(listing: ListingNode) -> tuple[PanelYear, ...]:
    years = list(listing.period)
    named = named_years(years)
    return tuple(_mark(listing, year, is_named=year in named) for year in years)


def _mark(listing: ListingNode, year: int, *, is_named: bool) -> PanelYear:
    mark = PanelYear(
        name=era_label(year),
        short=short_label(year),
        is_named=is_named,
        band="",
        mark="",
        word="",
        is_current=year == listing.fiscal_year,
    )
    if year > listing.fiscal_year or not listing.holds_in(year):
        return mark
    judged = listing.assess(year)
    return replace(
        mark,
        band=band_of(judged.status).value,
        mark=mark_of_status(judged.status, listing.in_year(year).scale),
        word=judged.label,
    )


_WITHOUT_DEGREE = {
    Kind.MILESTONE: "実現の有無（割合のない目標。白抜きは未実現）",
    Kind.RESTRAINT: "値の推移（割合のない抑制の目標）",
    Kind.MONITOR: "値の推移（目標値のない指標）",
    Kind.DESCRIBED: "年度ごとの判定（言葉の目標）",
}


def _why_without(listing: ListingNode, figure: JudgedBy | None) -> str:
    """Return what replaces the curve, and why there is none."""
    if listing.kind in (Kind.MONITOR, Kind.DESCRIBED):
        return _WITHOUT_DEGREE[Kind(listing.kind)]
    if not listing.indicator.values:
        return "実績値はまだありません。"
    if not listing.is_judged:
        return "値の推移（判定していません）"
    if figure is None:
        return _WITHOUT_DEGREE[Kind(listing.taken.rule)]
    return f"値の推移（{figure.label}を計算できない年度があります）"
