"""How a listing was judged, so that readers can recalculate it: formulas and boundaries."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from indicators.models import format_for_display
from indicators.rules.boundaries import Boundary, boundaries
from indicators.rules.terms import Kind, Status
from indicators.rules.written_formulas import WrittenFormula, written_formulas
from japanese.fiscal_years import era_label
from plans.nodes import IndicatorNode, ListingNode
from plans.presentation import amount
from plans.value_addresses import value_address

FIGURES_RULE = (
    "割合は小数第2位を四捨五入します。ただし、100％に届いていない値は、99.9％までとします。"
)
EXPECTED_RULE = (
    "目安値は、指標の小数点以下の桁数より1桁多い桁までの値（次の桁を四捨五入）とし、"
    "その値を実績値と比べます。"
)


@dataclass(frozen=True)
class Calculation:
    """The formulas of a year, the deciding one first, and the boundaries; the first match decides.

    `year` names the year as of which the value was judged. `used` are the values in the formulas:
    year, value and the page of each. `rules` say how numbers are rounded.
    """

    year: str
    used: tuple[tuple[str, str, str], ...]
    formulas: tuple[WrittenFormula, ...]
    boundaries: tuple[Boundary, ...]
    rules: tuple[str, ...]


def calculation_of(listing: ListingNode) -> Calculation:
    """Return how the listing was judged for the year of its tree.

    If the reading is unconfirmed or the target breaks a rule, there is at most a sum.
    """
    spec, indicator, found = listing.spec, listing.indicator, listing.assessment
    write = partial(exact, indicator)
    written = written_formulas(listing.taken, indicator.values, listing.period, found, write)
    limits = []
    if listing.is_judged:
        limits = boundaries(
            spec,
            listing.plan,
            found,
            lambda number, least: f"{exact(indicator, number, least)}{indicator.shown_unit}",
        )
    rules = []
    if any(formula.is_figure for formula in written):
        rules.append(FIGURES_RULE)
    if any(formula.name == "目安値" and formula.numbers for formula in written):
        rules.append(EXPECTED_RULE)
    if found.status == Status.NO_JUDGEMENT and found.value is None:
        limits = []
    return Calculation(
        year=era_label(found.as_of),
        used=tuple(_used(listing)),
        formulas=tuple(written),
        boundaries=tuple(limits),
        rules=tuple(rules),
    )


def _used(listing: ListingNode) -> Iterator[tuple[str, str, str]]:
    basis = listing.assessment.basis_year
    if basis is None:
        return
    indicator = listing.indicator
    is_sum = listing.kind == Kind.TOTAL and not indicator.running_total
    for year in range(listing.period.first if is_sum else basis, basis + 1):
        if year in indicator.values:
            value = amount(listing, indicator.values[year])
            yield era_label(year), value, value_address(listing.url, year)


def exact(indicator: IndicatorNode, number: Decimal, least: int) -> str:
    """Return a number in the display unit with all its decimals, so that readers can use it.

    It has at least `least` decimals if there is no display unit.
    """
    return format_for_display(number, least, indicator.display_factor)
