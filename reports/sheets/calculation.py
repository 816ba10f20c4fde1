"""The sheet 計算: one row per listing, one column per step from the inputs to the judgement."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from indicators.rules.targets import check_target
from indicators.rules.terms import BaselineKind, Direction, Relation
from plans.nodes import NUMERIC_TARGET, ListingNode, StrategyTree
from reports.sheets.addresses import (
    CALCULATION,
    CALCULATION_HEADER,
    InputColumn,
    Places,
    place_in_formulas,
)
from reports.sheets.cell_formulas import (
    CONFIRMED,
    NO,
    NOT_CONFIRMED,
    YES,
    ComputedColumn,
    with_addresses,
)
from reports.sheets.input_rules import CELL, restrict
from reports.sheets.judged import results_of
from reports.sheets.page import Page, PrintedColumn
from reports.sheets.results import Result, Results
from tables.print_setup import A3
from tables.sheet_cells import HEADER_FILL, HEADING_FILL, INPUT_FILL, CellWriter, row_height

_WIDTH = 9
_REPEATED = 3
_WIDTHS = {
    "goal_number": 5, "place": 6, "listing": 26, "relisted": 6, "direction": 12,
    "baseline_kind": 15, "recorded": 10, "unit": 14, "base": 12, "rule": 12, "whole": 10,
    "fault": 12, "bar": 10, "entry": 8, "earlier": 10, "basis": 14, "value": 14, "exact": 22,
    "start": 10, "worsened": 10, "attainment": 10, "pace": 14, "by_pace": 10, "last_figure": 11,
    "misses": 11, "by_share": 12, "track": 12, "far_figure": 14, "is_far": 10,
    "status": 10, "judged_by": 10, "note": 12, "label": 14,
    "ahead_free": 14, "ahead": 14, "outlook": 14,
}  # fmt: skip
_CHOICES = {
    "direction": [term.label for term in Direction],
    "baseline_kind": [term.label for term in BaselineKind],
    "running": [YES, NO],
    "relation": [term.label for term in Relation],
    "reference_fits": [YES, NO],
    "confirmed": [CONFIRMED, NOT_CONFIRMED],
}
_WHOLE = {
    "decimals": (0, 4),
    "recorded": (0, 15),
    "factor": (1, 100_000_000),
    "carry": (0, 10),
    "target_year": (1950, 2200),
    "listed_from": (1950, 2200),
}
"""Inputs that are whole numbers: the smallest and the largest."""

_FORMATS = {
    **dict.fromkeys(
        ("attainment", "completion", "pace", "last_figure", "track", "far_figure"), "0.0"
    ),
    **dict.fromkeys(
        (
            "basis",
            "earlier",
            "path_year",
            "since",
            "due",
            "asked",
            "ahead_count",
            "ahead_first",
            "ahead_newest",
        ),
        "0",
    ),
    **dict.fromkeys(("entry", "exact"), "General"),
}
_GENERAL = 'General;"▲"General'
_LOOK = {"border": 1, "text_wrap": True}
_LONG = ("listing", "bar", "note", "label", "outlook")
"""Columns whose texts may wrap."""


def write_calculation(workbook: Workbook, places: Places) -> None:
    """Add the sheet 計算."""
    tree = places.tree
    page = Page(workbook, tree, CALCULATION, A3)
    page.title(
        "判定の計算　小数の誤差を避けるため、数値を目安値の最小の桁を1とする整数にして計算します"
        "（小数点以下2桁の指標の1.43は1430）。",
        # These columns are repeated on every page and frozen.
        [PrintedColumn("", _WIDTHS[part.key]) for part in places.about[:_REPEATED]],
    )
    sheet = page.sheet
    columns = [
        PrintedColumn("", _WIDTHS.get(part.key, _WIDTH))
        for part in places.parts
        for _ in range(places.width(part))
    ]
    page.set_columns(columns)
    _header(page, places)
    for listing in tree.listings:
        _line(page, places, listing, results_of(tree, listing))
    last = places.last_row
    for part in places.inputs:
        column = places.columns[part.key]
        area = (CALCULATION_HEADER + 1, column, last, column + places.width(part) - 1)
        restrict(page, area, *_rule(part, places))
    sheet.autofilter(CALCULATION_HEADER, 0, last, len(columns) - 1)
    sheet.freeze_panes(CALCULATION_HEADER + 1, _REPEATED)
    page.set_up(columns, CALCULATION_HEADER + 1, repeated_columns=_REPEATED)
    page.print_header_only(columns, CALCULATION_HEADER + 1)


def _rule(part: InputColumn, places: Places) -> tuple[dict[str, Any], str]:
    """Return what the formulas can read in an input, and the message for anything else."""
    if choices := _CHOICES.get(part.key):
        message = f"{part.header}は、{'、'.join(choices)}のどれかです。一覧から選んでください。"
        rule: dict[str, Any] = {"validate": "list", "source": choices}
    elif limits := _WHOLE.get(part.key):
        least, most = limits
        message = f"{part.header}は、{least:,}から{most:,}までの整数です。"
        if part.key == "target_year":
            message = "目標年度は、西暦の年度です。空欄にすると、計画の最終年度になります。"
        elif part.key == "listed_from":
            message = "載せた年度は、西暦の年度です。空欄にすると、計画の最初の年度になります。"
        rule = {"validate": "integer", "criteria": "between", "minimum": least, "maximum": most}
    elif part.key in ("held_path", "held_goal"):
        message = f"{part.header}は、数です。紙面の単位で入力し、ない年度は空欄にします。"
        rule = {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15}
    elif part.key == "tolerance":
        message = f"{part.header}は、0以上の数です。紙面の単位で入力してください。"
        rule = {"validate": "decimal", "criteria": ">=", "value": 0}
    else:
        row = CALCULATION_HEADER + 1
        decimals = xl_rowcol_to_cell(row, places.columns["decimals"], col_abs=True)
        factor = xl_rowcol_to_cell(row, places.columns["factor"], col_abs=True)
        message = (
            f"{part.header}は、指標の桁数までの数です。紙面の単位で入力し、ない年度は空欄にします。"
        )
        # In the smallest unit of the indicator, because the factor moves the decimal point.
        shown = f"ROUND({CELL}*{factor},{decimals})/{factor}"
        value = f"IF(ISNUMBER({CELL}),ABS({shown}-{CELL})<=0.000000001*ABS({CELL}),FALSE)"
        rule = {"validate": "custom", "value": value}
    return rule, message


def _header(page: Page, places: Places) -> None:
    """Write above each column whether it may be changed, its meaning and its name."""
    cells, row = page.cells, CALCULATION_HEADER
    look = {"border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}
    texts = []
    kinds: dict[Any, str] = {
        **dict.fromkeys(places.about, ""),
        **dict.fromkeys(places.inputs, "入力"),
        **dict.fromkeys(places.steps, "計算"),
    }
    for part, kind in kinds.items():
        width = _WIDTHS.get(part.key, _WIDTH)
        for offset in range(places.width(part)):
            column = places.columns[part.key] + offset
            cells.text(row - 2, column, kind, bg_color=HEADING_FILL, **look)
            cells.text(row - 1, column, part.meaning, **look | {"valign": "top", "align": "left"})
            if part.per_year:
                shown = f'"{part.header.split("（")[0]} "0'
                year = places.tree.period.first + offset
                cells.number(
                    row, column, year, num_format=shown, bold=True, bg_color=HEADER_FILL, **look
                )
            else:
                cells.text(row, column, part.header, bold=True, bg_color=HEADER_FILL, **look)
            texts += [(part.meaning, width)]
    page.set_row(row - 1, row_height(texts))
    page.set_row(row, 22)


def _line(page: Page, places: Places, listing: ListingNode, results: Results) -> None:
    row, addresses, cells = places.row(listing), places.addresses(listing), page.cells
    contents = _about(listing) | _inputs(places.tree, listing, results)
    for part in (*places.about, *places.inputs):
        values = contents[part.key]
        for offset, value in enumerate(values if part.per_year else [values]):
            at = row, places.columns[part.key] + offset
            fill = {} if part in places.about else {"bg_color": INPUT_FILL}
            if part.key == "referred" and (source := _source(places, listing, offset)):
                cells.formula(*at, source, value, num_format=_GENERAL, **_LOOK)
            else:
                _write(cells, at, value, _LOOK | fill)
    for step in places.steps:
        column = places.columns[step.key]
        if results.is_text:
            for offset in range(places.width(step)):
                text = chosen_text(step, results)
                _write(cells, (row, column + offset), text, _LOOK)
            continue
        if not step.per_year:
            formula = with_addresses(step.formula, addresses, all_kinds=places.all_kinds)
            write_step(cells, (row, column), step, formula, results[step.key])
            continue
        for offset, year in enumerate(places.tree.years):
            column = places.columns[step.key] + offset
            own = addresses | {
                "actual": places.actual_at(listing, year),
                "before_that": places.actual_at(listing, year - 1)
                if year > places.tree.period.first
                else addresses.get("before", ""),
                "referred": xl_rowcol_to_cell(
                    row, places.columns.get("referred", 0) + offset, col_abs=True
                ),
                "year": xl_rowcol_to_cell(CALCULATION_HEADER, column, row_abs=True),
            }
            formula = with_addresses(step.formula, own, all_kinds=places.all_kinds)
            write_step(cells, (row, column), step, formula, results.of_year(step.key, year))
    texts = {key: results[key] for key in _LONG if key != "listing"} | contents
    page.set_row(row, row_height((texts[key], _WIDTHS[key]) for key in _LONG))


CHOSEN_TEXTS = ("kind", "bar", "status", "judged_by", "note", "label", "band", "mark")
"""What is written of a listing that no formula judges."""


def chosen_text(step: ComputedColumn, results: Results | Mapping[str, Result]) -> str:
    """Return the text of a step of a listing that no formula judges."""
    return str(results[step.key]) if step.key in CHOSEN_TEXTS else ""


def _about(listing: ListingNode) -> dict[str, Any]:
    words, place = listing.words, listing.words.numeric_target
    if listing.model != NUMERIC_TARGET:
        place = place_in_formulas(words, listing.place_above)
    return {
        "goal_number": listing.goal_position,
        "place": place,
        "listing": f"{listing.place} {listing.name}",
        "relisted": int(not listing.first_listing),
    }


def _inputs(tree: StrategyTree, listing: ListingNode, results: Results) -> dict[str, Any]:
    indicator, factor = listing.indicator, listing.indicator.display_factor
    reference = listing.reference
    before = indicator.values.get(tree.period.first - 1)
    return {
        "direction": Direction(listing.direction).label,
        "baseline_kind": listing.baseline_kind_label,
        "tolerance": listing.tolerance / factor,
        "target_year": "" if listing.target_year is None else listing.target_year,
        "listed_from": "" if listing.first_year is None else listing.first_year,
        "decimals": indicator.decimals,
        "recorded": results.recorded,
        "factor": factor,
        "carry": indicator.carry_years,
        "running": YES if indicator.running_total else NO,
        "minimum": _in_display_unit(indicator.minimum, factor),
        "maximum": _in_display_unit(indicator.maximum, factor),
        "relation": Relation(listing.relation).label if listing.relation else "",
        "before": _in_display_unit(
            before if listing.relation and reference is None else None, factor
        ),
        "referred_name": "" if reference is None else reference.name,
        "reference_fits": "" if reference is None else (YES if _fits(listing) else NO),
        "referred": [
            _in_display_unit(reference.values.get(year) if reference else None, factor)
            for year in tree.years
        ],
        "upper": _in_display_unit(listing.upper, factor),
        "confirmed": CONFIRMED if listing.is_confirmed else NOT_CONFIRMED,
        "held_path": [results.held_path(year) for year in tree.years],
        "held_goal": [results.held_goal(year) for year in tree.years],
        "typed": [
            listing.yearly_targets[year] / factor if year in listing.yearly_targets else ""
            for year in tree.years
        ],
    }


def _source(places: Places, listing: ListingNode, offset: int) -> str:
    """Return the formula for a value of the other indicator; "" if the plan does not list it.

    `offset` is the number of the year, from 0. The values are those of its own row on the papers.
    """
    other = listing.reference
    if other is None or other.pk not in places.first_listings:
        return ""
    year = places.tree.period.first + offset
    source = places.actual_at(places.first_listings[other.pk], year)
    own_factor, factor = listing.indicator.display_factor, other.display_factor
    number = source if factor == own_factor else f"{source}*{factor}/{own_factor}"
    return f'=IF(ISNUMBER({source}),{number},"")'


def _fits(listing: ListingNode) -> bool:
    """Whether the other indicator can be compared with."""
    return not any(name == "reference" for name, _ in check_target(listing.spec, listing.period))


def _in_display_unit(number: Decimal | None, factor: int) -> Decimal | str:
    return "" if number is None else number / factor


def _write(cells: CellWriter, at: tuple[int, int], value: Any, look: dict[str, Any]) -> None:
    """Write a number, a text, or nothing for ""."""
    if value == "":
        cells.blank(*at, **look)
    elif isinstance(value, str):
        cells.text(*at, value, **look)
    else:
        cells.number(*at, value, num_format=_GENERAL, **look)


def width_of(key: str) -> float:
    """Return the width of the column of an input or step, in full-width characters."""
    return _WIDTHS.get(key, _WIDTH)


def write_step(
    cells: CellWriter, at: tuple[int, int], step: ComputedColumn, formula: str, result: Result
) -> None:
    """Write the formula of a step with its result."""
    shown = _FORMATS.get(step.key, "#,##0")
    cells.formula(*at, formula, result, num_format=f'{shown};"▲"{shown}', **_LOOK)
