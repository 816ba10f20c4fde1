"""The sheet 総括表 (A3): the number of listings in each band and status, counted by formulas."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xlsxwriter import Workbook

from indicators.rules.terms import (
    MONITORED,
    WITHHELD_WORD,
    Band,
    Scale,
    Status,
    band_of,
    mark_of,
    or_better,
    status_word,
)
from japanese.characters import one_line
from plans.counting import band_name, count_listings
from plans.nodes import NUMERIC_TARGET, ListingNode, StrategyTree
from reports.sheets.addresses import HEADER_ROW, SUMMARY, Places, place_in_formulas
from reports.sheets.page import Line, Live, Page, PrintedColumn
from reports.sheets.value_cells import measure_name
from tables.print_setup import A3
from tables.sheet_cells import YEAR_FILL

_PATTERNS = {
    Band.GOOD: ("dark_upward_diagonal", "#404040", "#FFFFFF"),
    Band.FAIR: ("solid", "#BFBFBF", "#BFBFBF"),
    Band.CAUTION: ("dotted_diamond", "#404040", "#FFFFFF"),
    Band.BAD: ("solid", "#404040", "#404040"),
    Band.OPEN: ("percent_5", "#808080", "#FFFFFF"),
}
"""Fills that are distinguishable on a black-and-white copy."""

_DESCRIPTION = "{}ごとの、判定の段階別の指標の数。数値は上の表にあります。"

_FIRST_COLUMNS = (
    PrintedColumn("項目", 6),
    PrintedColumn("名称", 28, least=14),
    PrintedColumn("指標数", 4, "right"),
    PrintedColumn("うち\n再掲", 4, "right"),
)


_MONITORS = (("kind", f'"{MONITORED}"'),)
"""The criterion of 参考指標, which all other counts leave out."""


@dataclass(frozen=True)
class _Row:
    """A line of counts: its name, its listings, and the criteria of its formulas."""

    kind: str
    name: str
    listings: Sequence[ListingNode]
    criteria: tuple[tuple[str, str], ...]


def write_summary(workbook: Workbook, places: Places) -> None:
    """Add the sheet: the whole plan and the goals with a chart, then the measures of each goal."""
    tree = places.tree
    page = Page(workbook, tree, SUMMARY, A3)
    count = count_listings(tree.listings)
    columns = page.fitted([*_FIRST_COLUMNS, *_count_columns(tree)])
    page.title(
        f"総括表　{count.total}指標{count.note}{count.apart}（作成時）　"
        f"件数は、「計算」の判定を数える数式です。{_note_on_withheld(tree)}",
        columns,
    )
    page.set_columns(columns)
    # Both tables have the same columns: one header above them is on every page.
    page.header(HEADER_ROW, columns)
    top = HEADER_ROW + 1
    row = _write_table(page, places, top, columns, list(_goal_rows(tree)), f"{tree.words.goal}別")
    chart_row = row + 1
    _insert_chart(workbook, page, tree, chart_row, first=top + 1, count=len(tree.goals))
    second = chart_row + 15
    rows = list(_measure_rows(tree))
    last = _write_table(page, places, second, columns, rows, f"{tree.words.measure_short}別")
    page.sheet.freeze_panes(top, 2)
    # The chart stays whole, and a table has rows below its title.
    starts = [*range(top, chart_row + 1), second, *range(second + 2, last)]
    page.set_up(columns, top, starts=starts)


def _note_on_withheld(tree: StrategyTree) -> str:
    """Return how many judgements the public may not see, and where they are counted."""
    number = sum(listing.is_withheld and not listing.is_monitor for listing in tree.listings)
    word = status_word(Status.NO_JUDGEMENT, scale=tree.scale)
    return f"{WITHHELD_WORD}の{number}件は「{word}」に数えます。" if number else ""


def _write_table(
    page: Page,
    places: Places,
    row: int,
    columns: Sequence[PrintedColumn],
    rows: Sequence[_Row],
    title: str,
) -> int:
    """Write a table below its title; return the next free row."""
    page.cells.text(row, 0, title, bold=True, font_size=11, valign="bottom")
    page.set_row(row, 22)
    for offset, counted in enumerate(rows, row + 1):
        line: Line = [counted.kind, counted.name]
        line.append(_live(places, counted, ()))
        line.append(_live(places, counted, (("relisted", "1"),)))
        line += [_live(places, counted, (("band", f'"{band}"'),)) for band in Band]
        line += [
            _live(places, counted, (("status", f'"{status}"'),)) for status in places.tree.statuses
        ]
        if _has_monitors(places.tree):
            line.append(_live(places, counted, _MONITORS))
        page.line(offset, columns, line)
    return row + 1 + len(rows)


def _has_monitors(tree: StrategyTree) -> bool:
    return any(listing.is_monitor for listing in tree.listings)


def _live(places: Places, row: _Row, more: tuple[tuple[str, str], ...]) -> Live:
    """Return the formula that counts a row's matching listings, with its result."""
    if _has_monitors(places.tree) and more != _MONITORS:
        more = (*more, ("kind", f'"<>{MONITORED}"'))
    criteria = (*row.criteria, *more) or (("goal_number", '">0"'),)
    conditions = ",".join(f"{places.column(key)},{wanted}" for key, wanted in criteria)
    fitting = [x for x in row.listings if all(_fits(x, key, wanted) for key, wanted in more)]
    return Live(f"=COUNTIFS({conditions})", len(fitting))


def _fits(listing: ListingNode, key: str, wanted: str) -> bool:
    if key == "relisted":
        return not listing.first_listing
    if key == "kind":
        return listing.is_monitor == ("<>" not in wanted)
    status = listing.assessment.status
    return wanted.strip('"') == (band_of(status).value if key == "band" else str(status))


def _count_columns(tree: StrategyTree) -> Iterable[PrintedColumn]:
    scale = tree.scale
    for band in Band:
        name = f"{mark_of(band, scale)}\n{band_name(band, scale)}"
        yield PrintedColumn(name, 5.5, "right", YEAR_FILL)
    for status in tree.statuses:
        word = status_word(status, scale=scale)
        if status == Status.AT_TARGET and status not in scale.labels:
            word = f"目標値{or_better('up')}・以下、実現"
        yield PrintedColumn(word, 4.6, "right")
    if _has_monitors(tree):
        yield PrintedColumn(f"{MONITORED}\n（外数）", 4.6, "right")


def _goal_rows(tree: StrategyTree) -> Iterable[_Row]:
    for goal in tree.goals:
        criteria = (("goal_number", str(goal.position)),)
        yield _Row(goal.label, goal.title, goal.listings, criteria)
    yield _Row("全体", tree.title, tree.listings, ())


def _measure_rows(tree: StrategyTree) -> Iterable[_Row]:
    for goal in tree.goals:
        own = [x for x in goal.listings if x.model == NUMERIC_TARGET]
        of_goal = ("goal_number", str(goal.position))
        word = tree.words.numeric_target
        yield _Row(f"{goal.position}", word, own, (of_goal, ("place", f'"{word}"')))
        for measure in goal.parts:
            if measure.is_direct and not measure.kpis:
                continue
            name, place = measure_name(measure, tree.words), measure.place
            criteria = (("place", f'"{place_in_formulas(tree.words, place)}"'),)
            yield _Row("" if measure.is_direct else place, name, measure.kpis, criteria)


def _series_name(band: Band, scale: Scale) -> str:
    """Return mark and name of a band. XlsxWriter would take a name that begins with = as a cell."""
    return one_line(f"{mark_of(band, scale)} {band_name(band, scale)}").lstrip("=")


def _insert_chart(
    workbook: Workbook, page: Page, tree: StrategyTree, row: int, *, first: int, count: int
) -> None:
    """Insert a stacked bar chart of the goals below their table, which starts in row `first`."""
    chart = workbook.add_chart({"type": "bar", "subtype": "stacked"})
    last = first + max(count, 1) - 1
    for offset, band in enumerate(Band, len(_FIRST_COLUMNS)):
        pattern, dark, light = _PATTERNS[band]
        fill = (
            {"fill": {"color": dark}}
            if pattern == "solid"
            else {"pattern": {"pattern": pattern, "fg_color": dark, "bg_color": light}}
        )
        chart.add_series(
            {
                "name": _series_name(band, tree.scale),
                "categories": [SUMMARY, first, 0, last, 0],
                "values": [SUMMARY, first, offset, last, offset],
                "border": {"color": "#404040"},
                "gap": 60,
                "data_labels": {
                    "value": True,
                    "num_format": "0;;",
                    "fill": {"color": "#FFFFFF"},
                    "font": {"size": 9},
                },
                **fill,
            }
        )
    title = f"{tree.words.goal}別の判定（指標の数）"
    chart.set_title({"name": title, "name_font": {"size": 11}})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 10}})
    chart.set_x_axis({"num_format": "0", "major_gridlines": {"visible": True}, "min": 0})
    chart.set_legend({"position": "bottom", "font": {"size": 10}})
    chart.set_size({"width": 1500, "height": 270})
    page.sheet.insert_chart(
        row, 0, chart, {"object_position": 2, "description": _DESCRIPTION.format(tree.words.goal)}
    )
