"""Cells shared by several papers: amounts in the display unit, values of years, names."""

from collections.abc import Sequence
from decimal import Decimal

from indicators.plan_words import Words
from indicators.rules.chosen_grades import grade_word
from indicators.rules.judgement import Assessment
from indicators.rules.terms import WITHHELD, WITHHELD_WORD, Status, status_word
from indicators.versions import version_of_year
from japanese.fiscal_years import era_label
from japanese.numerals import needed_decimals
from plans.nodes import ActualNode, IndicatorNode, ListingNode, MeasureNode, StrategyTree
from plans.presentation import expected_decimals, short_target
from reports.sheets.page import NONE, PlainCell, Shown

PROVISIONAL_SIGN = "速"
UNCONFIRMED_SIGN = "*"
WITHHELD_SIGN = "秘"

LEAST_YEAR = 5
"""The smallest width of a column of actuals, in full-width characters: 調査未実施 in one line."""


def amount_cell(indicator: IndicatorNode, value: Decimal | None, *, suffix: str = "") -> PlainCell:
    """Return a value in the display unit, with as many decimals as it needs.

    Without a display unit, it has at least the indicator's decimals.
    """
    if value is None:
        return NONE
    shown = value / indicator.display_factor
    least = indicator.decimals if indicator.display_factor == 1 else 0
    return Shown(shown, max(least, needed_decimals(shown)), suffix)


def told_once(listing: ListingNode) -> str:
    """Return the sentence; 同上 where the listing above has the same one for another number."""
    return "（同上）" if listing.repeats_sentence else listing.sentence


def target_cell(listing: ListingNode) -> PlainCell:
    """Return the target in the display unit; of a range both ends as text: 20～30.

    Of a relative target the number of the tree's year: 1.43を上回る.
    """
    if listing.relation:
        return short_target(listing, listing.fiscal_year)
    if listing.upper is None:
        return amount_cell(listing.indicator, listing.target)
    return "～".join(listing.indicator.format(end) for end in (listing.target, listing.upper))


def expected_cell(listing: ListingNode, judged: Assessment) -> PlainCell:
    """Return the 目安値 of an assessment, with the decimals that pages show."""
    if judged.expected is None:
        return NONE
    shown = judged.expected / listing.indicator.display_factor
    return Shown(shown, expected_decimals(listing, judged))


def actual_cell(tree: StrategyTree, indicator: IndicatorNode, year: int) -> PlainCell:
    """Return the cell with the value of a year, or why there is none."""
    actual = indicator.actuals.get(year)
    if actual is None:
        if year > tree.fiscal_year:
            return NONE
        return status_word(Status.NOT_REPORTED, scale=tree.scale)
    if actual.grade:
        return grade_word(actual.grade, version_of_year(tree.scales, year) or tree.scale)
    if actual.value is None:
        return actual.absence_word
    signs = PROVISIONAL_SIGN * actual.provisional + UNCONFIRMED_SIGN * (not actual.is_confirmed)
    signs += WITHHELD_SIGN * actual.withheld
    return amount_cell(indicator, actual.value, suffix=signs)


def year_header(year: int) -> str:
    """Return the header of a narrow column of actuals: the era above the year."""
    label = era_label(year)
    return f"{label[:2]}\n{label[2:]}\n（{year}）\n実績"


def measure_name(measure: MeasureNode, words: Words) -> str:
    """Return the title of a measure with its symbols: （ア）① …

    For what is directly under a goal, return the word for KPIs.
    """
    return words.kpi if measure.is_direct else f"{measure.label} {measure.title}"


def remarks_with_parts(actual: ActualNode | None) -> str:
    """Return the remarks on a value, with numerator and denominator above them if it has any."""
    if actual is None:
        return ""
    parts = f"分子÷分母：{actual.parts}" if actual.parts else ""
    return "\n".join(filter(None, [parts, actual.remarks.strip()]))


def notes_on_withheld(tree: StrategyTree) -> Sequence[str]:
    """Return the meanings of the signs of 秘匿 that the cells have."""
    actuals = [
        one
        for listing in tree.listings
        for year, one in listing.indicator.actuals.items()
        if year in tree.years and one.withheld
    ]
    if not actuals:
        return ()
    if all(one.availability == WITHHELD for one in actuals):
        return (
            f"「{WITHHELD_WORD}」は、人数が少ないため公表しない値です。その値が分かる累計、率、判定、見込みも"
            "載せません。",
        )
    return (
        f"実績の「{WITHHELD_SIGN}」は、秘匿の値です。市の外に出すものには、この値と、"
        "この値が分かる累計、率、判定を載せません。",
    )
