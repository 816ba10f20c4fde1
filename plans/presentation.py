"""A judged listing as pages show it: all figures formatted, the deciding one marked."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from indicators.listings import aim_in_words
from indicators.rules.chosen_grades import graded_label
from indicators.rules.judgement import Assessment
from indicators.rules.targets import guide_decimals
from indicators.rules.terms import (
    FIGURES,
    TARGET_NOT_TYPED,
    WITHHELD_WORD,
    WITHOUT_REFERENCE,
    JudgedBy,
    Kind,
    band_of,
    mark_of_status,
    side_in_words,
)
from indicators.rules.written_formulas import compared_with
from japanese.calendar_days import era_month
from japanese.fiscal_years import era_label, full_label
from japanese.numerals import format_number
from plans.nodes import ActualNode, ListingNode, PlainListing

KIND_MEANINGS: Mapping[str, str] = {
    Kind.LEVEL: "計画の最終年度までに、値が目標値に届くことをめざします。",
    Kind.TOTAL: "計画期間の各年度の値を足し合わせて、目標値に届くことをめざします。",
    Kind.EVERY_YEAR: "どの年度も、値が目標値を満たすことをめざします。",
    Kind.MILESTONE: "目標とすることがらを、最終年度までに実現することをめざします。",
    Kind.RESTRAINT: "値が悪くなることは見込んだうえで、目標値より悪くならないことをめざします。",
    Kind.MONITOR: "目標値はありません。値の動きを見るための指標で、判定しません。",
    Kind.DESCRIBED: "目標が言葉のため、どこまで進んだかを年度ごとに人が判断し、理由を示します。",
}


_MEANINGS_WITH_A_YEAR: Mapping[str, str] = {
    Kind.LEVEL: "{year}までに、値が目標値に届くことをめざします。",
    Kind.TOTAL: "計画の最初の年度から{year}までの値を足し合わせて、目標値に届くことをめざします。",
    Kind.MILESTONE: "目標とすることがらを、{year}までに実現することをめざします。",
}


@dataclass(frozen=True)
class Figure:
    """達成率, 進捗率 or 計画比 as text; `decides` if the judgement is based on it."""

    name: str
    text: str
    decides: bool


@dataclass(frozen=True)
class JudgedRow:
    """One listing in one year. Texts are "" if there is nothing to show.

    `value` is the judged value; for totals (`is_sum`), the sum. `yearly` is the value of this year
    alone if `has_value`, else why there is none; `parts` are its numerator and denominator. `notes`
    are caveats about the value. `is_chosen`: a person judged, for the reason in the remarks, which
    the explanation gives. `full_target` also says what a relative target is compared with.
    """

    listing: ListingNode
    fiscal_year: int
    year_label: str
    value: str
    is_sum: bool
    yearly: str
    parts: str
    has_value: bool
    expected: str
    target: str
    full_target: str
    figures: tuple[Figure, ...]
    judged_by: str
    band: str
    mark: str
    label: str
    explanation: str
    notes: tuple[str, ...]
    remarks: str
    state: str
    provisional: bool
    is_chosen: bool = False
    withheld: bool = False


def row_of(listing: ListingNode, fiscal_year: int | None = None) -> JudgedRow:
    """Return the row of a listing for a year of its plan; the default is the year of its tree.

    The judgement of a later year than that of the tree is left out: it may be by another plan.
    """
    year = listing.fiscal_year if fiscal_year is None else fiscal_year
    row = _row_of(listing, year)
    if year <= listing.fiscal_year:
        return row
    figures = tuple(Figure(figure.name, "", decides=False) for figure in row.figures)
    unjudged: dict[str, Any] = {
        "judged_by": "",
        "band": "",
        "mark": "",
        "label": "",
        "explanation": "",
    }
    return replace(row, figures=figures, notes=(), **unjudged)


def _row_of(listing: ListingNode, year: int) -> JudgedRow:
    judged = listing.assessment if year == listing.fiscal_year else listing.assess(year)
    then = listing.in_year(year)
    actual = listing.indicator.actuals.get(year)
    band = band_of(judged.status)
    return JudgedRow(
        listing=listing,
        fiscal_year=year,
        year_label=full_label(year),
        value=amount(then, judged.value),
        is_sum=_is_sum(listing),
        yearly=_yearly(then, actual),
        parts=actual.parts if actual else "",
        has_value=actual is not None and actual.value is not None,
        expected=expected_amount(then, judged),
        target=short_target(then, year),
        full_target=target_text(then, year),
        figures=_figures(judged),
        judged_by=deciding_figure(then, judged),
        band=band.value,
        mark=mark_of_status(judged.status, then.scale),
        label=judged.label,
        explanation=judged.explanation,
        notes=tuple(_notes(then, judged, actual)),
        remarks=actual.remarks if actual else "",
        provisional=actual.provisional if actual else False,
        state=actual.state_label if actual else "",
        is_chosen=judged.is_chosen,
        withheld=actual is not None and actual.withheld,
    )


def kind_meaning(listing: ListingNode) -> str:
    """Return what the kind of a listing asks for, with its own target year if it has one."""
    if listing.relation:
        becomes = "" if listing.spec.is_strict else "になる"
        return f"どの年度も、値が{aim_in_words(listing)}{becomes}ことをめざします。"
    if listing.upper is not None:
        until = (
            "どの年度も" if listing.kind == Kind.EVERY_YEAR else f"{era_label(listing.due)}までに"
        )
        return f"{until}、値が目標の範囲に入ることをめざします。"
    if listing.due_note and listing.kind in _MEANINGS_WITH_A_YEAR:
        return _MEANINGS_WITH_A_YEAR[listing.kind].format(year=era_label(listing.due))
    return KIND_MEANINGS[listing.kind]


def target_year_in_words(listing: ListingNode) -> str:
    """Return the target year, and what it means if it is not the last year of the plan."""
    year = full_label(listing.due)
    if listing.due == listing.period.last:
        return f"{year}、計画の最後の年度"
    if listing.due > listing.period.last:
        return (
            f"{year}。計画の最後の年度（{era_label(listing.period.last)}）より後なので、"
            "計画の期間中は、達成したかどうかではなく、途中の年度として判定します。"
        )
    counted = "その後の値は、累計に数えません。" if _is_sum(listing) else ""
    return f"{year}。その年度からは、達成したかどうかで判定します。{counted}"


def rows_of(listings: Iterable[ListingNode]) -> list[JudgedRow]:
    """Return the rows of listings for the year of their tree."""
    return [row_of(listing) for listing in listings]


def target_text(listing: ListingNode, fiscal_year: int | None = None) -> str:
    """Return the target with its unit; of a range both ends: 20～30件. "" for a 参考指標.

    Of a relative target it says the comparison, with the number of the year if one is given. Of one
    that nobody has typed yet it says so.
    """
    if listing.awaits_target:
        return TARGET_NOT_TYPED
    if listing.relation:
        number = listing.spec.targets.get(fiscal_year or 0)
        shown = "" if number is None else f"（{amount(listing, number)}）"
        return f"{aim_in_words(listing)}{shown}"
    if listing.upper is None:
        return amount(listing, listing.target)
    lower = listing.indicator.format(listing.target)
    return f"{lower}～{amount(listing, listing.upper)}"


def short_target(listing: ListingNode, fiscal_year: int) -> str:
    """Return the target for a narrow column; a relative one as 1.43を上回る."""
    if not listing.relation:
        return target_text(listing, fiscal_year)
    number = listing.spec.targets.get(fiscal_year)
    if number is None:
        return WITHOUT_REFERENCE
    return amount(listing, number) + side_in_words(listing.relation, listing.direction)


def amount(listing: PlainListing, number: Decimal | None, decimals: int | None = None) -> str:
    """Return a number in the listing's unit as text, unit included; "" for None."""
    if number is None:
        return ""
    return f"{listing.indicator.format(number, decimals)}{listing.indicator.shown_unit}"


def expected_amount(listing: ListingNode, judged: Assessment) -> str:
    """Return the 目安値 of an assessment with its unit; "" if there is none."""
    if judged.expected is None:
        return ""
    shown = judged.expected / listing.indicator.display_factor
    number = format_number(shown, expected_decimals(listing, judged))
    return f"{number}{listing.indicator.shown_unit}"


def expected_decimals(listing: ListingNode, judged: Assessment) -> int:
    """Return the number of decimals with which 目安値 is shown, as in its sentence."""
    if judged.expected is None:
        return 0
    return guide_decimals(listing.spec, judged.expected, judged.value)


def value_of_year(listing: ListingNode, fiscal_year: int) -> str:
    """Return the value of one year alone, or why there is none; "" if nothing was entered."""
    actual = listing.indicator.actuals.get(fiscal_year)
    if actual is not None and actual.grade:
        return graded_label(actual.grade, listing.in_year(fiscal_year).scale)
    return _yearly(listing, actual)


def values_outside(listing: ListingNode, told: Collection[int] = ()) -> list[tuple[str, str]]:
    """Return (year, value) of the indicator's values outside the plan, oldest first.

    Years shown elsewhere on the page are left out.
    """
    return [
        (full_label(year), amount(listing, value))
        for year, value in sorted(listing.indicator.values.items())
        if year not in listing.period and year not in told
    ]


def nothing_yet(listing: ListingNode) -> str:
    """Return the text for an indicator without any value, with the month when one is expected.

    "" if there is a value, and for a 記述目標. Grades of years in which it was one are beside it.
    """
    indicator = listing.indicator
    if indicator.values or listing.is_described:
        return ""
    months = [row.expected_month for row in indicator.actuals.values() if row.expected_month]
    comes = f"{era_month(min(months))}に公表される予定です。" if months else ""
    graded = any(row.grade for row in indicator.actuals.values())
    return f"{'数の' if graded else ''}実績値はまだありません。{comes}"


def _is_sum(listing: ListingNode) -> bool:
    return listing.kind == Kind.TOTAL


def _yearly(listing: ListingNode, actual: ActualNode | None) -> str:
    """Return the value beside a judgement; "" for a grade, which the judgement shows itself."""
    if actual is None or actual.grade:
        return ""
    return amount(listing, actual.value) or actual.availability_label


def _figures(judged: Assessment) -> tuple[Figure, ...]:
    names = (JudgedBy.ATTAINMENT, JudgedBy.COMPLETION, JudgedBy.PACE)
    return tuple(
        Figure(name.label, _percent(getattr(judged, name)), name == judged.judged_by)
        for name in names
    )


def _percent(figure: Decimal | None) -> str:
    return "" if figure is None else f"{format_number(figure, 1)}％"


def deciding_figure(listing: PlainListing, judged: Assessment) -> str:
    """Return what a judgement is based on, as text: 計画比 83.3％; "" without a judgement."""
    if judged.judged_by is None:
        return ""
    if judged.judged_by in FIGURES:
        name = judged.judged_by.label
        return f"{name} {_percent(getattr(judged, judged.judged_by))}"
    return f"{compared_with(listing.spec, judged)}と比較"


def _notes(listing: ListingNode, judged: Assessment, actual: ActualNode | None) -> Iterable[str]:
    if listing.is_judged and judged.fiscal_year > listing.due:
        yield f"目標年度（{era_label(listing.due)}）を過ぎています"
    if judged.basis_year is None:
        yield from _notes_without_value(judged, actual)
    else:
        yield from _notes_on_basis(listing, judged, judged.basis_year, actual)


def _notes_without_value(judged: Assessment, actual: ActualNode | None) -> Iterable[str]:
    # The label of the judgement gives the reason, but not the month of publication.
    if actual is not None and actual.expected_month:
        yield actual.availability_label
    if judged.is_chosen and actual is not None and not actual.is_confirmed:
        yield "未確認"


def _notes_on_basis(
    listing: ListingNode, judged: Assessment, basis: int, actual: ActualNode | None
) -> Iterable[str]:
    """Yield what is to be known of the values that a judgement counts."""
    if judged.fiscal_year != basis and not _is_sum(listing):
        reason = f"（当年度は{actual.absence_word}）" if actual else ""
        yield f"{era_label(basis)}の値{reason}"
    earlier = _earlier_in_sum(listing, basis)
    counted = [listing.indicator.actuals[basis], *earlier]
    including = "を含む" if earlier else ""
    if any(node.provisional for node in counted):
        yield "速報値" + including
    if any(node.withheld for node in counted):
        yield WITHHELD_WORD + including
    if listing.reference is not None:
        compared = listing.reference.actuals.get(basis)
        if compared is not None and compared.provisional:
            yield f"{listing.reference.name}は速報値"
    if not all(node.is_confirmed for node in counted):
        yield "未確認" + including


def _earlier_in_sum(listing: ListingNode, basis: int) -> list[ActualNode]:
    """Return the values before the basis that a sum counts, too; none without a sum."""
    if not _is_sum(listing) or listing.indicator.running_total:
        return []
    actuals = listing.indicator.actuals
    years = range(listing.period.first, basis)
    return [actuals[year] for year in years if year in actuals and actuals[year].value is not None]
