"""The sheet グラフ (A4): a line chart of the listing chosen from a list.

The chart draws cells hidden behind it, not the visible table: only #N/A makes a formula leave out
a point, and people should see an empty cell instead.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from xlsxwriter import Workbook

from indicators.rules.terms import Kind
from japanese.fiscal_years import full_label, short_label
from japanese.numerals import needed_decimals
from plans.nodes import StrategyTree
from reports.sheets.addresses import CHART, Places
from reports.sheets.cell_formulas import YES, path, with_addresses
from reports.sheets.judged import results_of
from reports.sheets.page import DEFAULT_HEIGHT, Live, Page, PrintedColumn
from reports.sheets.results import Result, Results
from tables.print_setup import A4
from tables.sheet_cells import HEADER_FILL, INPUT_FILL

_CHOICE = 3
"""Row of the drop-down list; the rows below describe the chosen listing."""

_PLACE = f"$B${_CHOICE + 2}"
"""The cell with the position of the chosen row in 計算; 0 if none is chosen."""

_TABLE = 8
"""The header row of the table."""

_LAST_COLUMN = 6

_COLUMNS = (
    PrintedColumn("年度", 15),
    PrintedColumn("実績", 10, "right"),
    PrintedColumn("目安値", 10, "right"),
    PrintedColumn("目標値", 10, "right"),
)
_SERIES: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"color": "#000000", "width": 2.25}, {"type": "circle", "size": 8}),
    ({"color": "#595959", "width": 1.5, "dash_type": "dash"}, {"type": "diamond", "size": 6}),
    ({"color": "#7F7F7F", "width": 1.25, "dash_type": "round_dot"}, {"type": "none"}),
)
_NUMBER = '#,##0.######;"▲"#,##0.######'


class _Point(NamedTuple):
    """A cell of the table: an expression, and its result as an integer (see cell_formulas)."""

    expression: str
    whole: Result


_NOTHING = _Point('""', "")


def write_chart(workbook: Workbook, places: Places) -> None:
    """Add the sheet, with the first listing chosen."""
    tree = places.tree
    page = Page(workbook, tree, CHART, A4)
    columns = [_COLUMNS[min(index, len(_COLUMNS) - 1)] for index in range(_LAST_COLUMN + 1)]
    revised = ""
    if places.is_revised:
        revised = (
            "改訂の前の年度の目安値と目標値は、その年度に定められていたものです（「計算」の入力）。"
        )
    title = f"グラフ　「指標」の欄の一覧から選ぶと、表とグラフが変わります。{revised}"
    page.title(title, columns)
    page.set_columns(columns)
    chosen = results_of(tree, tree.listings[0]) if tree.listings else None
    _write_choice(page, places, chosen)
    names, feed = _names(places), _TABLE + len(tree.years) + 4
    page.header(_TABLE, _COLUMNS)
    rows = _rows(tree, chosen, feed, is_revised=places.is_revised)
    for offset, row in enumerate(rows, 1):
        _write_row(page, _TABLE + offset, feed + offset, row, names, chosen)
    for offset, year in enumerate(tree.years, feed + 2):
        nothing = f'OR({{bar}}<>"",{year}<{{since}})'
        exact = with_addresses(
            f'IF({nothing},"",{path(str(year), all_kinds=places.all_kinds)})',
            names,
            all_kinds=places.all_kinds,
        )
        live = _live(exact, chosen.exact_of(year) if chosen else "")
        page.cells.formula(offset, len(_COLUMNS), live.formula, live.result)
    _insert_chart(workbook, page, feed, [_drawn(row, chosen) for row in rows])
    last = feed - 1 + math.ceil(_chart_height(len(rows)) * 0.75 / DEFAULT_HEIGHT)
    page.set_row(last, DEFAULT_HEIGHT)
    page.set_up(columns, 2, starts=range(_TABLE + 2, feed))


def _write_choice(page: Page, places: Places, chosen: Results | None) -> None:
    """Write the drop-down list and the description of the chosen listing."""
    listing = chosen.listing if chosen else None
    name = f"{listing.place} {listing.name}" if listing else ""
    row_of = f"=IFERROR(MATCH($B${_CHOICE + 1},{places.column('listing')},0),0)"
    label = f'{_chosen(places, "mark")}&" "&{_chosen(places, "label")}'
    contents: tuple[tuple[str, str | Live], ...] = (
        ("指標（一覧から選ぶ）", name),
        ("「計算」の何番目か", Live(row_of, int(chosen is not None))),
        ("種類", _live(_chosen(places, "kind"), chosen["kind"] if chosen else "")),
        ("判定", _live(label, f"{chosen['mark']} {chosen['label']}" if chosen else "")),
    )
    for row, (header, content) in enumerate(contents, _CHOICE):
        look: dict[str, Any] = {"border": 2 if row == _CHOICE else 1, "align": "left"}
        if row == _CHOICE:
            look["bg_color"] = INPUT_FILL
        page.cells.text(row, 0, header, bold=True, bg_color=HEADER_FILL, border=1)
        page.sheet.merge_range(row, 1, row, _LAST_COLUMN, "", page.cells.format(**look))
        if isinstance(content, Live):
            page.cells.formula(row, 1, content.formula, content.result, **look)
        else:
            page.cells.text(row, 1, content, bold=True, **look)
    source = {
        "validate": "list",
        "source": f"={places.column('listing')}",
        "error_title": "読み取れない値",
        "error_message": "指標は、一覧から選んでください。",
    }
    page.sheet.data_validation(_CHOICE, 1, _CHOICE, 1, source)


def _live(expression: str, result: Result) -> Live:
    """Return a formula that is empty while no listing is chosen."""
    return Live(f'=IF({_PLACE}=0,"",{expression})', result)


def _chosen(places: Places, key: str) -> str:
    """Return the expression for a step of the chosen listing."""
    return f"INDEX({places.column(key)},{_PLACE})"


def _names(places: Places) -> dict[str, str]:
    """Return the references for the names in formulas: cells of the chosen listing's row."""
    keys = ["kind", "rule", "goal", "base", "unit", "grain", "bar", "running", "due", "since"]
    others: dict[str, str] = {}
    if places.all_kinds:
        keys += ["top", "relation"]
        others["againsts"] = f"INDEX({places.columns_of_years('against')},{_PLACE},0)"
    if places.is_revised:
        for key in ("held_path", "held_goal"):
            others[key] = f"INDEX({places.columns_of_years(key)},{_PLACE},0)"
    return {
        **{key: _chosen(places, key) for key in keys},
        "typed": f"INDEX({places.columns_of_years('typed')},{_PLACE},0)",
        "wholes": f"INDEX({places.columns_of_years('whole')},{_PLACE},0)",
        "typed_years": places.years("typed"),
        "years": places.years("whole"),
        **others,
    }


_Row = tuple[str, str, _Point, _Point, _Point]


def _rows(tree: StrategyTree, chosen: Results | None, feed: int, *, is_revised: bool) -> list[_Row]:
    """Return the rows: name, name on the axis, value, 目安値 and target.

    `feed` is the row above the cells that the chart draws, which have the unrounded 目安値. With
    `is_revised`, 計算 has what held before a revision.
    """
    judged = chosen if chosen and not chosen.bar else None

    def held(key: str, offset: int, expression: str) -> str:
        if not is_revised:
            return expression
        own = f"INDEX({{{key}}},1,{offset + 1})"
        return f'IF({own}="",{expression},IF(ISNUMBER({own}),{own},""))'

    def goal_of(offset: int) -> _Point:
        expression = held("held_goal", offset, 'IF({no_goal},"",{goal}/{unit})')
        year = tree.period.first + offset
        return _Point(expression, judged.goal_of(year) if judged else "")

    base = _Point(
        'IF(OR({bar}<>"",ISTEXT({base}),{kind}={total}),"",{base}/{unit})',
        judged["base"] if judged and judged.spec.kind != Kind.TOTAL else "",
    )
    rows = [("基準値", "基準値", _NOTHING, base, goal_of(0))]
    for offset, year in enumerate(tree.years):
        exact = f"$E${feed + 3 + offset}"
        own = f"INDEX({{wholes}},1,{offset + 1})"
        value = _Point(
            f"IF(AND(ISNUMBER({own}),OR({{kind}}<>{{total}},{{due}}>={year})),"
            f'IF(AND({{kind}}={{total}},{{running}}<>"{YES}"),'
            f'SUMIF({{years}},"<={year}",{{wholes}}),{own})/{{unit}},"")',
            chosen.value_of(year) if chosen else "",
        )
        expected = _Point(
            held(
                "held_path",
                offset,
                f'IF({exact}="","",ROUND({exact}/{{grain}},0)*{{grain}}/{{unit}})',
            ),
            judged.expected_of(year) if judged else "",
        )
        rows.append((full_label(year), short_label(year), value, expected, goal_of(offset)))
    return rows


def _write_row(
    page: Page,
    row: int,
    feed: int,
    contents: _Row,
    names: dict[str, str],
    chosen: Results | None,
) -> None:
    """Write a row of the table and, in row `feed`, the cells that the chart draws."""
    name, short, *points = contents
    cells = []
    for point in points:
        result = chosen.in_display_unit(point.whole) if chosen else ""
        all_kinds = "againsts" in names
        formula = with_addresses(point.expression, names, all_kinds=all_kinds)
        live = _live(formula, result)
        decimals = needed_decimals(result) if isinstance(result, Decimal) else 0
        cells.append(Live(live.formula, result, decimals))
    page.line(row, _COLUMNS, [name, *cells])
    page.cells.text(feed, 0, short)
    for index, live in enumerate(cells, 1):
        source = f"${'ABCD'[index]}${row + 1}"
        drawn = "#N/A" if live.result == "" else live.result
        page.cells.formula(feed, index, f'=IF({source}="",NA(),{source})', drawn)
        # The number format of a cell cannot depend on the chosen listing.
        look = {"num_format": _NUMBER, "border": 1, "align": "right", "text_wrap": True}
        page.cells.formula(row, index, live.formula, live.result, **look)


def _chart_height(rows: int) -> int:
    """Return the chart's height in pixels: it covers the cells of the rows that it draws."""
    return max(340, round((rows + 2) * DEFAULT_HEIGHT / 0.75))


def _drawn(row: _Row, chosen: Results | None) -> list[float | None]:
    """Return the initial values that are drawn for a row; None for no point."""
    results = (chosen.in_display_unit(point.whole) if chosen else "" for point in row[2:])
    return [None if result == "" else float(result) for result in results]


def _insert_chart(
    workbook: Workbook, page: Page, feed: int, drawn: Sequence[Sequence[float | None]]
) -> None:
    """Insert the chart over the cells that it draws; `drawn` has their initial values by row."""
    first, last = feed + 1, feed + len(drawn)
    page.cells.text(feed, 0, "グラフの元（値のない年度は#N/A）")
    chart = workbook.add_chart({"type": "line"})
    for index, (line, marker) in enumerate(_SERIES, 1):
        marker = marker | {"fill": {"color": line["color"]}, "border": {"color": line["color"]}}
        chart.add_series(
            {
                "name": [CHART, _TABLE, index],
                "categories": [CHART, first, 0, last, 0],
                "values": [CHART, first, index, last, index],
                "values_data": [row[index - 1] for row in drawn],
                "line": line,
                "marker": {"type": "none"} if marker["type"] == "none" else marker,
                "smooth": False,
            }
        )
    chart.set_title({"name": f"='{CHART}'!$B${_CHOICE + 1}", "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"num_format": "#,##0.##", "major_gridlines": {"visible": True}})
    # Excel 2016 always connects lines across #N/A. "span" makes other programs do the same;
    # there are markers only at values.
    chart.show_blanks_as("span")
    chart.set_size({"width": 900, "height": _chart_height(len(drawn))})
    description = "選んだ指標の実績、目安値、目標値の折れ線。数値は上の表にあります。"
    page.sheet.insert_chart(feed - 1, 0, chart, {"object_position": 2, "description": description})
    hidden = workbook.add_format({"font_color": "#FFFFFF"})
    rule = {"type": "formula", "criteria": f"=ISNA(B{first + 1})", "format": hidden}
    page.sheet.conditional_format(first, 1, last, len(_COLUMNS) - 1, rule)
