"""The sheet 前年度の計算: the judgement of the year before the one that 条件 names, as formulas.

Only the steps of 計算 that depend on the year stand here. All others, and all inputs, are read
from 計算, so that both years are judged by the same numbers. A listing that a revision has changed
in between was judged by other numbers: its results stand here as values.
"""

from collections.abc import Mapping

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from plans.nodes import ListingNode, StrategyTree
from reports.sheets.addresses import (
    CALCULATION,
    CALCULATION_HEADER,
    COLUMNS_BEFORE,
    YEAR_BEFORE,
    Places,
)
from reports.sheets.calculation import width_of, write_step, write_value
from reports.sheets.cell_formulas import (
    OUTSIDE,
    STEPS_OF_THE_YEAR,
    YEAR,
    for_the_year_before,
    with_addresses,
)
from reports.sheets.judged import results_of
from reports.sheets.page import Page, PrintedColumn
from reports.sheets.results import Result
from tables.print_setup import A3
from tables.sheet_cells import row_height

REVISED = "（改訂前の内容による判定。数式ではありません）"


def write_year_before(workbook: Workbook, tree: StrategyTree, places: Places) -> None:
    """Add the sheet; its rows are those of 計算."""
    page = Page(workbook, tree, YEAR_BEFORE, A3)
    listing = PrintedColumn("指標", width_of("listing"))
    steps = [PrintedColumn(step.header, width_of(step.key)) for step in STEPS_OF_THE_YEAR]
    columns = [listing, *steps]
    page.set_columns(columns)
    page.title(
        "前年度の判定の計算　対象年度の前の年度を、「計算」と同じ数式で判定します。",
        [listing],
    )
    meanings = ["", *(step.meaning.replace(YEAR, "前年度") for step in STEPS_OF_THE_YEAR)]
    page.line(CALCULATION_HEADER - 1, columns, list(meanings))
    page.header(CALCULATION_HEADER, columns)
    for one in tree.listings:
        _write_line(page, tree, places, one)
    page.sheet.autofilter(CALCULATION_HEADER, 0, places.last_row, len(columns) - 1)
    page.sheet.freeze_panes(CALCULATION_HEADER + 1, 1)
    page.set_up(columns, CALCULATION_HEADER + 1, repeated_columns=1)
    page.print_header_only(columns, CALCULATION_HEADER + 1)


def _write_line(page: Page, tree: StrategyTree, places: Places, listing: ListingNode) -> None:
    row, look = places.row(listing), {"border": 1, "text_wrap": True}
    then = listing.in_year(tree.fiscal_year - 1)
    is_revised = then is not listing
    name = f"{listing.place} {listing.name}{REVISED if is_revised else ''}"
    page.cells.text(row, 0, name, **look)
    addresses, results = _addresses(places, listing), _results(tree, then)
    for step in STEPS_OF_THE_YEAR:
        at = (row, COLUMNS_BEFORE[step.key])
        if is_revised:
            write_value(page.cells, at, results[step.key], look)
            continue
        formula = with_addresses(step.formula, addresses, all_kinds=places.all_kinds)
        write_step(page.cells, at, step, for_the_year_before(formula), results[step.key])
    texts = {"listing": name} | {key: str(results[key]) for key in ("bar", "note", "label")}
    page.set_row(row, row_height((text, width_of(key)) for key, text in texts.items()))


def _addresses(places: Places, listing: ListingNode) -> dict[str, str]:
    """Return references for the names in the formulas: to this sheet, 計算 and the papers."""
    found = places.addresses(listing)
    found = {key: at if "!" in at else f"'{CALCULATION}'!{at}" for key, at in found.items()}
    row = places.row(listing)
    return found | {
        key: xl_rowcol_to_cell(row, column, col_abs=True) for key, column in COLUMNS_BEFORE.items()
    }


def _results(tree: StrategyTree, listing: ListingNode) -> Mapping[str, Result]:
    """Return the result of each step; before the plan has the listing there are none."""
    year = tree.fiscal_year - 1
    if year in listing.period:
        found = results_of(tree, listing, year)
        return {step.key: found[step.key] for step in STEPS_OF_THE_YEAR}
    nothing: dict[str, Result] = dict.fromkeys(COLUMNS_BEFORE, "")
    words = dict.fromkeys(("bar", "note", "label"), OUTSIDE)
    return nothing | words | {"asked": year, "path_year": year, "earlier": 0}
