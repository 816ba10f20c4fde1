"""The rows to enter for a year: one for each indicator, with everything needed to enter it.

The entry grid, the Excel form and the to-do lists all show these rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts import access
from accounts.sections import read_names
from indicators.duties import Duties, SectionsInTime, entering_section, shown_in
from indicators.entries import Subject
from indicators.grades import GradesOfYear, grades_of
from indicators.listing_rows import ListingRow, first_year_of_sum, listing_rows
from indicators.models import Actual, EarlyRemarks, Indicator, availability_label
from indicators.rules.chosen_grades import PERSONAL
from indicators.rules.terms import Kind
from indicators.series import Series
from japanese.fiscal_years import full_label, short_label
from plans.nodes import ActualNode, IndicatorNode


@dataclass(frozen=True)
class EarlierValue:
    """The value of an earlier year. `text` is the value without unit, why there is none, or ""."""

    fiscal_year: int
    value: Decimal | None
    text: str
    provisional: bool
    remarks: str

    @property
    def label(self) -> str:
        """The year for narrow columns: H29."""
        return short_label(self.fiscal_year)

    @property
    def short_text(self) -> str:
        """The text without the month of 未公表."""
        return self.text.partition("（")[0]

    @property
    def full_label(self) -> str:
        """The year in both calendars, e.g. 平成29年度（2017）."""
        return full_label(self.fiscal_year)


@dataclass(frozen=True)
class StoredValue:
    """The stored value of the year. Numbers are in the indicator's unit."""

    pk: int
    version: int
    availability: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    expected_month: str
    provisional: bool
    remarks: str
    state: str
    return_reason: str
    entered_by_id: int | None
    entered_by: str
    entered_at: datetime
    grade: str = ""
    withheld: bool = False

    @property
    def state_label(self) -> str:
        """入力中, 回答済み …"""
        return Actual.State(self.state).label

    @property
    def availability_label(self) -> str:
        """実績値あり, 未公表（…） …"""
        return availability_label(self.availability, self.expected_month, self.grade)


@dataclass(frozen=True)
class YearRow(Subject):
    """One indicator in one year. Its sections are those of the year.

    `earlier` has the years before, newest first; `stored` is None for 未入力. `grades` are those
    that a person may choose for a 記述目標; None without one. `compared_value` is the number of the
    year of a relative target.
    """

    indicator: IndicatorNode
    stored: StoredValue | None
    handover_memo: str
    listings: tuple[ListingRow, ...]
    earlier: tuple[EarlierValue, ...]
    series: Series
    evidence_count: int
    evidence_count_before: int
    grades: GradesOfYear | None = None
    compared_value: Decimal | None = None

    @property
    def takes_grade(self) -> bool:
        return self.grades is not None and not self.grades.takes_number

    @property
    def grade_words(self) -> tuple[str, ...]:
        return self.grades.words if self.grades else super().grade_words

    def grade_word(self, grade: str) -> str:
        if not (grade and self.grades):
            return super().grade_word(grade)
        return self.grades.word_of(grade)

    def grade_of(self, word: str) -> str:
        return self.grades.named(word) if self.grades else super().grade_of(word)

    @property
    def name(self) -> str:
        """The indicator's name."""
        return self.indicator.name

    @property
    def is_listed(self) -> bool:
        """Whether a plan lists the indicator; otherwise only a target is compared with it."""
        return not any(one.is_compared for one in self.listings)

    @property
    def plans(self) -> str:
        """The names of the plans that list the indicator."""
        return "、".join(plans_of([self]))

    @property
    def remarks(self) -> str:
        """The remarks of the value or, without one, of the year."""
        return self.stored.remarks if self.stored else self.early_remarks

    @property
    def last_year(self) -> EarlierValue:
        """The value of the year before; it may be empty."""
        return self.earlier[0]

    @property
    def earlier_in_line(self) -> tuple[EarlierValue, ...]:
        """The years before that have room beside the target; for totals the sum needs some."""
        return self.earlier[: 1 if self.sum_text else 2]

    @property
    def last_remarks(self) -> str:
        """The remarks on the value of the year before; "" if there are none."""
        return self.last_year.remarks if self.earlier else ""

    @property
    def target(self) -> str:
        """The target of the first listing, with its unit: 45件, of a range 20～30件.

        Of a 記述目標 it is the sentence, of a relative target the number of the year (12人を上回る)
        or, while that is not known, what it is compared with. － for a 参考指標.
        """
        first, number = self.listings[0], self.compared_value
        if first.relation:
            return first.comparison if number is None else f"{self.shown(number)}{first.side}"
        if first.kind == Kind.DESCRIBED:
            return first.sentence
        if first.target is None:
            return "－"
        if first.upper is None:
            return self.shown(first.target)
        return f"{self.indicator.format(first.target)}～{self.shown(first.upper)}"

    @property
    def target_is_words(self) -> bool:
        """Whether the target is a sentence or a comparison rather than a number."""
        return bool(self.listings[0].relation) or self.listings[0].kind == Kind.DESCRIBED

    @property
    def sum_text(self) -> str:
        """The sum of the plan's earlier years with its unit; "" if values are not summed."""
        before = self.series.sum_before(self.fiscal_year)
        return "" if before is None else self.shown(before)

    def value_of(self, stored: StoredValue | Actual) -> str:
        """Return a stored value as shown: with its unit, or why there is none."""
        if stored.grade:
            return f"{self.grade_word(stored.grade)}（{PERSONAL}）"
        if stored.value is None:
            return availability_label(stored.availability, stored.expected_month)
        return self.shown(stored.value)


def plans_of(rows: Iterable[YearRow]) -> list[str]:
    """Return the titles of all plans that list the indicators of rows, as the rows name them."""
    return list(dict.fromkeys(one.plan_title for row in rows for one in row.listings))


EARLIER_YEARS = 5

_INDICATOR_FIELDS = (
    "pk", "code", "name", "unit", "display_unit", "decimals", "minimum", "maximum", "moment",
    "ratio", "running_total", "carry_years", "section_id", "entered_by_id", "method", "source",
    "contact", "handover_memo",
)  # fmt: skip
_COUNTS = ("evidence_count", "evidence_count_before")


def year_rows(
    fiscal_year: int, user: Any, *, section_ids: Collection[int] | None = None
) -> list[YearRow]:
    """Return the rows of a year that a user enters, in the order of the plan.

    Rows are the indicators listed by a plan of that year that the user's sections enter; planning
    gets all sections. `section_ids` limits them to some entering sections. Those of a section that
    has ended since are entered by the one that has taken over (indicators/duties.py). The number of
    queries does not depend on the number of rows.
    """
    if not access.may_enter_for_every_section(user):
        own = access.sections_to_enter(user)
        section_ids = own if section_ids is None else own & frozenset(section_ids)
    return rows_of_sections(fiscal_year, section_ids)


def rows_of_sections(fiscal_year: int, section_ids: Collection[int] | None) -> list[YearRow]:
    """Return the rows of a year that these sections may enter (None: all), in the plan's order.

    It is for users who may only look. It checks no rights: the caller must ask accounts/access.py.
    """
    if section_ids is None:
        listings = listing_rows(fiscal_year=fiscal_year, compared=True)
        found = _facts(Indicator.objects.filter(pk__in=listings), fiscal_year)
    else:
        found = _facts(_entered_by(section_ids, fiscal_year), fiscal_year)
        listings = listing_rows(indicator_ids=found, fiscal_year=fiscal_year, compared=True)
    facts = {pk: found[pk] for pk in listings if pk in found}
    if not facts:
        return []
    duties, names = Duties(facts), read_names()
    compared = {one.reference_id for pk in facts for one in listings[pk] if one.reference_id}
    values = _values({*facts, *compared})
    early = EarlyRemarks.objects.filter(fiscal_year=fiscal_year, indicator__in=facts)
    remarks = dict(early.order_by().values_list("indicator_id", "remarks"))
    grades = grades_of({pk: listings[pk] for pk in facts}, fiscal_year)
    return [
        replace(
            _row(
                fiscal_year, facts[pk], listings[pk], values[pk], duties.in_time(facts[pk], names)
            ),
            early_remarks=remarks.get(pk, ""),
            grades=grades.get(pk),
            compared_value=_compared_value(fiscal_year, pk, listings[pk][0], values),
        )
        for pk in facts
    ]


def _entered_by(section_ids: Collection[int], fiscal_year: int) -> QuerySet[Indicator]:
    """Return what sections enter in a year, listed by a plan or not.

    Few of many: a form of one section need not read what all plans list.
    """
    indicators = Indicator.objects.alias(entering=entering_section(fiscal_year))
    return indicators.filter(entering__in=section_ids)


def _facts(indicators: QuerySet[Indicator], fiscal_year: int) -> dict[int, dict[str, Any]]:
    """Return what rows say of the indicators themselves, and the numbers of their files, by id."""
    counted = indicators.annotate(
        evidence_count=_files_of(fiscal_year), evidence_count_before=_files_of(fiscal_year - 1)
    )
    fields = (*_INDICATOR_FIELDS, *_COUNTS)
    return {row["pk"]: row for row in counted.order_by().values(*fields)}


def _compared_value(
    fiscal_year: int,
    indicator_id: int,
    listing: ListingRow,
    values: Mapping[int, Mapping[int, dict[str, Any]]],
) -> Decimal | None:
    """Return the value with which a relative target of the year is compared; None without one."""
    if not listing.relation:
        return None
    if listing.reference_id is None:
        stored = values.get(indicator_id, {}).get(fiscal_year - 1)
    else:
        stored = values.get(listing.reference_id, {}).get(fiscal_year)
    return None if stored is None else stored["value"]


def _files_of(fiscal_year: int) -> Count:
    """Return an aggregate that counts the files of 根拠資料 for a year that were not withdrawn."""
    present = Q(evidence__fiscal_year=fiscal_year, evidence__removed_at__isnull=True)
    return Count("evidence", filter=present, distinct=True)


_ACTUAL_FIELDS = (
    "pk", "fiscal_year_id", "value", "availability", "expected_month", "provisional", "remarks",
    "state", "version", "numerator", "denominator", "return_reason", "entered_by_id",
    "entered_by__full_name", "entered_by__username", "entered_at", "grade", "withheld",
)  # fmt: skip


def _values(indicator_ids: Iterable[int]) -> defaultdict[int, dict[int, dict[str, Any]]]:
    by_indicator: defaultdict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
    rows = Actual.objects.filter(indicator_id__in=indicator_ids).order_by("fiscal_year_id")
    for row in rows.values("indicator_id", *_ACTUAL_FIELDS):
        by_indicator[row["indicator_id"]][row["fiscal_year_id"]] = row
    return by_indicator


def _row(
    fiscal_year: int,
    fact: dict[str, Any],
    listings: list[ListingRow],
    values: dict[int, dict[str, Any]],
    in_time: SectionsInTime,
) -> YearRow:
    fact = dict(fact) | shown_in(in_time, fiscal_year)
    memo = fact.pop("handover_memo")
    counts = {name: fact.pop(name) for name in _COUNTS}
    indicator = IndicatorNode(
        actuals={year: _node(row) for year, row in values.items()},
        **fact,
    )
    stored = values.get(fiscal_year)
    return YearRow(
        fiscal_year=fiscal_year,
        indicator=indicator,
        handover_memo=memo,
        listings=tuple(listings),
        earlier=tuple(_earlier(indicator, fiscal_year)),
        series=Series(
            indicator.values,
            first_year_of_sum(listings, running_total=indicator.running_total),
        ),
        stored=_stored(stored) if stored else None,
        **counts,
    )


def _node(row: dict[str, Any]) -> ActualNode:
    names = (
        "pk", "value", "availability", "expected_month", "provisional", "remarks", "state", "grade",
        "withheld",
    )  # fmt: skip
    return ActualNode(fiscal_year=row["fiscal_year_id"], **{name: row[name] for name in names})


def _earlier(indicator: IndicatorNode, fiscal_year: int) -> Iterable[EarlierValue]:
    for year in range(fiscal_year - 1, fiscal_year - 1 - EARLIER_YEARS, -1):
        node = indicator.actuals.get(year)
        text = "" if node is None else indicator.format(node.value) or node.availability_label
        yield EarlierValue(
            fiscal_year=year,
            value=node.value if node else None,
            text=text,
            provisional=node.provisional if node else False,
            remarks=node.remarks if node else "",
        )


def _stored(row: dict[str, Any]) -> StoredValue:
    names = (
        "pk", "version", "availability", "value", "numerator", "denominator", "expected_month",
        "provisional", "remarks", "state", "return_reason", "entered_by_id", "entered_at", "grade",
        "withheld",
    )  # fmt: skip
    person = row["entered_by__full_name"] or row["entered_by__username"] or ""
    return StoredValue(entered_by=person, **{name: row[name] for name in names})
