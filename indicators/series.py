"""The context of a value: the other years of its indicator, and the plan that sums them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from indicators.entries import Entry, Subject, explains, tidy_remarks, value_of
from indicators.listing_rows import first_year_of_sum, listing_rows
from indicators.models import Actual
from indicators.rules.narrowing_types import given
from indicators.rules.plausibility import REMEDY, Doubt, doubts_about_value, may_look_like_sum


@dataclass(frozen=True)
class Series:
    """The reported values of an indicator by year, in its unit.

    `sum_from` is the first year of the plan that sums them, None if no plan does (see
    first_year_of_sum).
    """

    values: Mapping[int, Decimal]
    sum_from: int | None

    def sum_before(self, fiscal_year: int) -> Decimal | None:
        """Return the sum of the plan's years before a year; None if no plan sums them."""
        if self.sum_from is None:
            return None
        years = (year for year in self.values if self.sum_from <= year < fiscal_year)
        return sum((self.values[year] for year in years), Decimal(0))

    def doubts(self, value: Decimal, subject: Subject) -> list[Doubt]:
        """Return the doubts about a value in this series, whatever its remarks say."""
        return doubts_about_value(
            value,
            self.values,
            subject.fiscal_year,
            running_total=subject.indicator.running_total,
            sum_from=self.sum_from,
            write=subject.shown,
        )


def unexplained_doubts(entry: Entry, subject: Subject, series: Series) -> list[Doubt]:
    """Return the doubts about an entry; [] if its remarks explain them."""
    return _doubts_left(entry, subject, series) if needs_explaining(entry, subject) else []


def _doubts_left(entry: Entry, subject: Subject, series: Series) -> list[Doubt]:
    """Return the doubts about an entry that does not explain its value."""
    doubts = series.doubts(given(value_of(entry, subject.indicator)), subject)
    if not explains(entry.remarks):
        return doubts
    return [
        replace(doubt, message=doubt.message.removesuffix(REMEDY) + REMEDY_FOR_OLD_REMARKS)
        for doubt in doubts
    ]


REMEDY_FOR_OLD_REMARKS = (
    "備考は、前に保存したときのままです。正しければ、この値の理由を備考に書いてください。"
)


def needs_explaining(entry: Entry, subject: Subject) -> bool:
    """Return whether an entry changes the value without explaining it, or deletes the explanation.

    Remarks that were stored with another value, or before there was one, do not explain this one.
    Changing only 速報値 does not ask about the value again.
    """
    value, stored = value_of(entry, subject.indicator), subject.stored
    if value is None:
        return False
    if stored is None:
        is_old = tidy_remarks(entry.remarks) == tidy_remarks(subject.early_remarks)
        return not explains(entry.remarks) or is_old
    if stored.value != value:
        return not explains(entry.remarks) or tidy_remarks(entry.remarks) == tidy_remarks(
            stored.remarks
        )
    return explains(stored.remarks) and not explains(entry.remarks)


def doubts_by_index(entries: Mapping[int, tuple[Entry, Subject]]) -> dict[int, list[Doubt]]:
    """Return the `unexplained_doubts` about entries, both by the index of the entry.

    One query for the other years and, where a value may be a sum, one for the plans of its year:
    few values may, and no other query of a recording takes as long as reading the plans.
    """
    asked = {index: one for index, one in entries.items() if needs_explaining(*one)}
    if not asked:
        return {}
    values = _reported_values({subject.indicator.pk for _, subject in asked.values()})
    known = {index: values.get(one[1].indicator.pk, {}) for index, one in asked.items()}
    sums = _first_years_of_sums(
        subject
        for index, (entry, subject) in asked.items()
        if _may_be_sum(entry, subject, known[index])
    )
    return {
        index: _doubts_left(entry, subject, Series(known[index], sums.get(_key(subject))))
        for index, (entry, subject) in asked.items()
    }


def _key(subject: Subject) -> tuple[int, int]:
    return subject.indicator.pk, subject.fiscal_year


def _may_be_sum(entry: Entry, subject: Subject, values: Mapping[int, Decimal]) -> bool:
    """Return whether the first year of a plan's sum decides about a doubt."""
    if subject.indicator.running_total:
        return False
    value = given(value_of(entry, subject.indicator))
    return may_look_like_sum(value, values, subject.fiscal_year)


def _first_years_of_sums(subjects: Iterable[Subject]) -> dict[tuple[int, int], int | None]:
    """Return `first_year_of_sum` by indicator and year, in one query for each year."""
    ids: defaultdict[int, set[int]] = defaultdict(set)
    for subject in subjects:
        ids[subject.fiscal_year].add(subject.indicator.pk)
    return {
        (pk, year): first_year_of_sum(rows, running_total=False)
        for year, of_year in ids.items()
        for pk, rows in listing_rows(indicator_ids=of_year, fiscal_year=year).items()
    }


def _reported_values(indicator_ids: Collection[int]) -> Mapping[int, Mapping[int, Decimal]]:
    series: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
    rows = Actual.objects.reported().filter(indicator_id__in=indicator_ids).order_by()
    for pk, year, value in rows.values_list("indicator_id", "fiscal_year_id", "value"):
        series[pk][year] = value
    return series
