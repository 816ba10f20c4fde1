"""The sheet 前年度の計算: the judgement of the year before the one that 条件 names, as formulas.

Only the steps of 計算 that depend on the year are here. All others, and all inputs, are read
from 計算, so that both years are judged by the same numbers. Where a revision has changed a listing
since, 計算 has not what held then: its judgement is a text.
"""

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from indicators.rules.terms import Missing
from plans.nodes import ListingNode, StrategyTree
from reports.sheets.addresses import (
    CALCULATION,
    CALCULATION_HEADER,
    COLUMNS_BEFORE,
    YEAR_BEFORE,
    Places,
)
from reports.sheets.calculation import chosen_text, width_of, write_step
from reports.sheets.cell_formulas import (
    OUTSIDE,
    YEAR,
    for_the_year_before,
    with_addresses,
)
from reports.sheets.judged import results_of
from reports.sheets.page import Page, PrintedColumn, Shown
from reports.sheets.results import Result
from reports.sheets.value_cells import actual_cell
from tables.print_setup import A3
from tables.sheet_cells import row_height

_AS_IT_HELD = "改訂で内容が変わったため、前年度の内容による判定（作成時の文字）"
_TEXTS = ("bar", "status", "note", "label", "band", "mark")
"""What is written of a listing whose contents of the year before are not those of 計算."""


def write_year_before(workbook: Workbook, places: Places) -> None:
    """Add the sheet; its rows are those of 計算."""
    tree = places.tree
    page = Page(workbook, tree, YEAR_BEFORE, A3)
    listing = PrintedColumn("指標", width_of("listing"))
    steps = [PrintedColumn(step.header, width_of(step.key)) for step in places.steps_of_the_year]
    columns = [listing, *steps]
    page.set_columns(columns)
    page.title(
        "前年度の判定の計算　対象年度の前の年度を、「計算」と同じ数式で判定します。",
        [listing],
    )
    meanings = ["", *(step.meaning.replace(YEAR, "前年度") for step in places.steps_of_the_year)]
    page.line(CALCULATION_HEADER - 1, columns, list(meanings))
    page.header(CALCULATION_HEADER, columns)
    for one in tree.listings:
        _write_line(page, places, one)
    page.sheet.autofilter(CALCULATION_HEADER, 0, places.last_row, len(columns) - 1)
    page.sheet.freeze_panes(CALCULATION_HEADER + 1, 1)
    page.set_up(columns, CALCULATION_HEADER + 1, repeated_columns=1)
    page.print_header_only(columns, CALCULATION_HEADER + 1)


def _write_line(page: Page, places: Places, listing: ListingNode) -> None:
    row, look = places.row(listing), {"border": 1, "text_wrap": True}
    name = f"{listing.place} {listing.name}"
    page.cells.text(row, 0, name, **look)
    addresses, results = _addresses(places, listing), _results(places.tree, listing)
    steps = places.steps_of_the_year
    if listing.is_described or listing.has_withheld_years:
        for step in steps:
            text = chosen_text(step, results)
            page.cells.text(row, COLUMNS_BEFORE[step.key], text, **look)
    elif _was_revised(listing):
        results |= {"bar": _AS_IT_HELD}
        for key in (step.key for step in steps):
            text = str(results[key]) if key in _TEXTS else ""
            page.cells.text(row, COLUMNS_BEFORE[key], text, **look)
    else:
        for step in steps:
            at = row, COLUMNS_BEFORE[step.key]
            formula = with_addresses(step.formula, addresses, all_kinds=places.all_kinds)
            write_step(page.cells, at, step, for_the_year_before(formula), results[step.key])
    texts = {"listing": name} | {key: str(results[key]) for key in ("bar", "note", "label")}
    page.set_row(row, row_height((text, width_of(key)) for key, text in texts.items()))


def _was_revised(listing: ListingNode) -> bool:
    """Return whether the year before is judged by other contents than those of 計算."""
    year = listing.fiscal_year - 1
    if year not in listing.period:
        return False
    basis = listing.assess(year).basis_year
    return any(listing.in_year(one) is not listing for one in (year, basis or year))


def _addresses(places: Places, listing: ListingNode) -> dict[str, str]:
    """Return references for the names in the formulas: to this sheet, 計算 and the papers."""
    found = places.addresses(listing)
    found = {key: at if "!" in at else f"'{CALCULATION}'!{at}" for key, at in found.items()}
    row = places.row(listing)
    return found | {
        key: xl_rowcol_to_cell(row, column, col_abs=True) for key, column in COLUMNS_BEFORE.items()
    }


def _results(tree: StrategyTree, listing: ListingNode) -> dict[str, Result]:
    """Return the result of each step; before the listing's first year there are none."""
    year = tree.fiscal_year - 1
    if year in listing.period:
        found = results_of(tree, listing.in_year(year), year)
        return {key: found[key] for key in COLUMNS_BEFORE}
    results: dict[str, Result] = dict.fromkeys(COLUMNS_BEFORE, "")
    results |= dict.fromkeys(("bar", "note", "label"), OUTSIDE)
    results |= {"asked": year, "path_year": year, "earlier": 0}
    if year in tree.period:
        shown = actual_cell(tree, listing.indicator, year)
        results["entry"] = shown.number if isinstance(shown, Shown) else shown
        is_reason = results["entry"] in {reason.label for reason in Missing}
        results["reason"] = results["entry"] if is_reason else ""
    return results
