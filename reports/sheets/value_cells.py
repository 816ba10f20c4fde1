"""Cells shared by several papers: amounts in the display unit, values of years, names."""

from decimal import Decimal

from indicators.models import Actual
from indicators.rules.terms import Status, status_word
from japanese.numerals import needed_decimals
from plans.nodes import IndicatorNode, MeasureNode, StrategyTree
from reports.sheets.page import NONE, PlainCell, Shown

PROVISIONAL_SIGN = "速"
UNCONFIRMED_SIGN = "*"


def amount_cell(
    indicator: IndicatorNode, value: Decimal | None, *, finer: int = 0, suffix: str = ""
) -> PlainCell:
    """Return a value in the display unit.

    It has as many decimals as it needs; without a conversion, the indicator's decimals + `finer`.
    """
    if value is None:
        return NONE
    factor = indicator.display_factor
    shown = value / factor
    decimals = indicator.decimals + finer if factor == 1 else needed_decimals(shown)
    return Shown(shown, decimals, suffix)


def actual_cell(tree: StrategyTree, indicator: IndicatorNode, year: int) -> PlainCell:
    """Return the cell with the value of a year, or why there is none."""
    actual = indicator.actuals.get(year)
    if actual is None:
        if year > tree.fiscal_year:
            return NONE
        return status_word(Status.NOT_REPORTED, scale=tree.scale)
    if actual.value is None:
        return Actual.Availability(actual.availability).label
    signs = PROVISIONAL_SIGN * actual.provisional + UNCONFIRMED_SIGN * (not actual.is_confirmed)
    return amount_cell(indicator, actual.value, suffix=signs)


def measure_name(measure: MeasureNode) -> str:
    """Return the title of a measure with its symbols: （ア）① …"""
    return f"（{measure.group_symbol}）{measure.mark} {measure.title}"
