"""The context of a value: the other years of its indicator, and the plan that sums them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from indicators.entries import Entry, Subject, explains, tidy_remarks, value_of
from indicators.listing_rows import first_year_of_sum, listing_rows
from indicators.models import Actual
from indicators.rules.given import given
from indicators.rules.plausibility import REMEDY, Doubt, doubts_about_value


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
    if not needs_explaining(entry, subject):
        return []
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


def series_of(subjects: Collection[Subject]) -> list[Series]:
    """Return the series of each subject, in one query plus one for each year."""
    ids = {subject.indicator.pk for subject in subjects}
    values = _reported_values(ids)
    listings = {
        year: listing_rows(indicator_ids=ids, fiscal_year=year)
        for year in {subject.fiscal_year for subject in subjects}
    }
    return [
        Series(
            values.get(subject.indicator.pk, {}),
            first_year_of_sum(
                listings[subject.fiscal_year].get(subject.indicator.pk, ()),
                running_total=subject.indicator.running_total,
            ),
        )
        for subject in subjects
    ]


def _reported_values(indicator_ids: Collection[int]) -> Mapping[int, Mapping[int, Decimal]]:
    series: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
    rows = Actual.objects.reported().filter(indicator_id__in=indicator_ids).order_by()
    for pk, year, value in rows.values_list("indicator_id", "fiscal_year_id", "value"):
        series[pk][year] = value
    return series
