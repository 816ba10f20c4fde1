"""What is to be entered for a year: a row for each indicator, with all that one needs to know.

The entry grid, the Excel form and the lists of what is to do show these rows and nothing else.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts import access
from accounts.sections import names_in
from goals.models import NumericTarget
from indicators.listings import Listing
from indicators.models import Actual, Indicator, availability_label
from japanese.fiscal_years import full_label, short_label
from japanese.numerals import plain
from kpis.models import KPI
from plans.nodes import KPI_MODEL, NUMERIC_TARGET, ActualNode, IndicatorNode


@dataclass(frozen=True)
class RowListing:
    """Where a plan lists the indicator. `place` is as in addresses; `target` has its unit.

    `invented`: the plan holds values that are made up.
    """

    model: str
    plan_code: str
    plan_title: str
    invented: bool
    place: str
    name: str
    sentence: str
    kind: str
    target: str

    @property
    def kind_label(self) -> str:
        """期末水準, 期間累計 …"""
        return Listing.Kind(self.kind).label


@dataclass(frozen=True)
class EarlierValue:
    """The value of a year before. `text` is the value without unit, or why there is none, or ""."""

    fiscal_year: int
    value: Decimal | None
    text: str
    provisional: bool

    @property
    def label(self) -> str:
        """The year for narrow columns, such as H29."""
        return short_label(self.fiscal_year)

    @property
    def full_label(self) -> str:
        """The year with both names."""
        return full_label(self.fiscal_year)


@dataclass(frozen=True)
class StoredValue:
    """What is stored for the year. Numbers are in the indicator's unit."""

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

    @property
    def state_label(self) -> str:
        """入力中, 回答済み …"""
        return Actual.State(self.state).label

    @property
    def availability_label(self) -> str:
        """実績値あり, 未公表（…） …"""
        return availability_label(self.availability, self.expected_month)


@dataclass(frozen=True)
class YearRow:
    """One indicator in one year. Section names are those of the year.

    `earlier` has the years before, newest first; `stored` is None for 未入力. `sum_from` is the
    first year of the plan that adds up the yearly values (None: no plan does, or
    the running total itself is entered), `sum_before` what they add up to before this year.
    """

    fiscal_year: int
    indicator: IndicatorNode
    handover_memo: str
    listings: tuple[RowListing, ...]
    earlier: tuple[EarlierValue, ...]
    sum_from: int | None
    sum_before: Decimal | None
    stored: StoredValue | None
    evidence_count: int
    evidence_count_before: int

    @property
    def name(self) -> str:
        """The indicator's name."""
        return self.indicator.name

    @property
    def last_year(self) -> EarlierValue:
        """The value of the year before, perhaps an empty one."""
        return self.earlier[0]

    @property
    def target(self) -> str:
        """The target of the first listing, with its unit."""
        return self.listings[0].target

    @property
    def sum_text(self) -> str:
        """What the years of the plan before this one add up to, with its unit; "" without sum."""
        return "" if self.sum_before is None else self.shown(self.sum_before)

    def shown(self, value: Decimal) -> str:
        """Return a value with its unit, as shown."""
        return f"{self.indicator.format(value)}{self.indicator.shown_unit}"

    def typed(self, value: Decimal | None) -> str:
        """Return a value as one would type it, in the display unit, without commas."""
        return "" if value is None else plain(value / self.indicator.display_factor)

    def value_of(self, stored: StoredValue | Actual) -> str:
        """Return what is stored as shown: the value with its unit, or why there is none."""
        if stored.value is None:
            return availability_label(stored.availability, stored.expected_month)
        return self.shown(stored.value)


EARLIER_YEARS = 5

_INDICATOR_FIELDS = (
    "pk", "code", "name", "unit", "display_unit", "decimals", "minimum", "maximum", "moment",
    "ratio", "running_total", "carry_years", "section_id", "entered_by_id", "method", "source",
    "contact", "handover_memo",
)  # fmt: skip
_COUNTS = ("evidence_count", "evidence_count_before")
_LISTING_FIELDS = ("indicator_id", "position", "name", "sentence", "kind", "target")


def year_rows(
    fiscal_year: int, user: Any, *, section_ids: Collection[int] | None = None
) -> list[YearRow]:
    """Return the rows of a year that a user enters, in the order of the plan.

    Rows are the indicators that a plan of that year lists: those of the user's sections, of all
    sections for planning; `section_ids` narrows that to some entering sections. Needs the same
    number of queries for any number of rows.
    """
    if not access.may_enter_for_every_section(user):
        own = access.sections_of(user) if access.may_enter_anything(user) else frozenset()
        section_ids = own if section_ids is None else own & frozenset(section_ids)
    return rows_of_sections(fiscal_year, section_ids)


def rows_of_sections(fiscal_year: int, section_ids: Collection[int] | None) -> list[YearRow]:
    """Return the rows of a year that these sections enter (None: all), in the order of the plan.

    For who may look without entering; the caller has asked accounts/access.py.
    """
    listings = _listings(fiscal_year)
    indicators = Indicator.objects.filter(pk__in=listings)
    if section_ids is not None:
        indicators = indicators.filter(entered_by__in=section_ids)
    indicators = indicators.annotate(
        evidence_count=_files_of(fiscal_year), evidence_count_before=_files_of(fiscal_year - 1)
    )
    fields = (*_INDICATOR_FIELDS, *_COUNTS)
    facts = {row["pk"]: row for row in indicators.order_by().values(*fields)}
    if not facts:
        return []
    names = names_in(fiscal_year)
    values = _values(facts)
    return [
        _row(fiscal_year, facts[pk], places, values[pk], names)
        for pk, places in listings.items()
        if pk in facts
    ]


def _files_of(fiscal_year: int) -> Count:
    """Count the files of 根拠資料 for a year that nobody has taken back."""
    present = Q(evidence__fiscal_year=fiscal_year, evidence__removed_at__isnull=True)
    return Count("evidence", filter=present, distinct=True)


@dataclass(frozen=True)
class _Place:
    """A listing as it is read: where it stands in its plan, and its row of the database."""

    order: tuple
    model: str
    place: str
    row: dict[str, Any]


def _listings(fiscal_year: int) -> dict[int, list[_Place]]:
    """Return the listings of a year by indicator, in the order of the plans, the newest first."""
    kpi_place = ("measure__group__goal__position", "measure__group__position", "measure__position")
    symbol = "measure__group__symbol"
    places = [
        _Place(
            (*_plan_order(row), row["goal__position"], 0, row["position"]),
            NUMERIC_TARGET,
            f"{row['goal__position']}-{row['position']}",
            row,
        )
        for row in _of_year(NumericTarget, fiscal_year, "goal__position")
    ]
    for row in _of_year(KPI, fiscal_year, *kpi_place, symbol):
        goal, group, measure = (row[field] for field in kpi_place)
        order = (*_plan_order(row), goal, 1, group, measure, row["position"])
        place = f"{goal}-{row[symbol]}-{measure}-{row['position']}"
        places.append(_Place(order, KPI_MODEL, place, row))
    by_indicator: defaultdict[int, list[_Place]] = defaultdict(list)
    for place in sorted(places, key=lambda place: place.order):
        by_indicator[place.row["indicator_id"]].append(place)
    return by_indicator


def _plan_order(row: dict[str, Any]) -> tuple:
    return (-row["plan_first"], row["plan_code"])


def _of_year(model: type[Listing], fiscal_year: int, *fields: str) -> QuerySet:
    plan = model.plan_path
    rows = model.objects.filter(
        **{
            f"{plan}__first_fiscal_year__lte": fiscal_year,
            f"{plan}__last_fiscal_year__gte": fiscal_year,
        }
    ).order_by()
    rows = rows.annotate(
        plan_first=F(f"{plan}__first_fiscal_year"),
        plan_code=F(f"{plan}__code"),
        plan_title=F(f"{plan}__title"),
        plan_invented=F(f"{plan}__invented"),
    )
    of_plan = ("plan_first", "plan_code", "plan_title", "plan_invented")
    return rows.values(*_LISTING_FIELDS, *of_plan, *fields)


_ACTUAL_FIELDS = (
    "pk", "fiscal_year_id", "value", "availability", "expected_month", "provisional", "remarks",
    "state", "version", "numerator", "denominator", "return_reason", "entered_by_id",
    "entered_by__full_name", "entered_by__username", "entered_at",
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
    places: list[_Place],
    values: dict[int, dict[str, Any]],
    names: dict[int, str],
) -> YearRow:
    fact = dict(fact)
    memo = fact.pop("handover_memo")
    counts = {name: fact.pop(name) for name in _COUNTS}
    indicator = IndicatorNode(
        section=names[fact["section_id"]],
        entered_by=names[fact["entered_by_id"]],
        actuals={year: _node(row) for year, row in values.items()},
        **fact,
    )
    sum_from = _sum_from(indicator, places)
    counted = [
        value
        for year, value in indicator.values.items()
        if sum_from is not None and sum_from <= year < fiscal_year
    ]
    stored = values.get(fiscal_year)
    return YearRow(
        fiscal_year=fiscal_year,
        indicator=indicator,
        handover_memo=memo,
        listings=tuple(_listing(place, indicator) for place in places),
        earlier=tuple(_earlier(indicator, fiscal_year)),
        sum_from=sum_from,
        sum_before=sum(counted, Decimal(0)) if sum_from is not None else None,
        stored=_stored(stored) if stored else None,
        **counts,
    )


def _node(row: dict[str, Any]) -> ActualNode:
    names = ("pk", "value", "availability", "expected_month", "provisional", "remarks", "state")
    return ActualNode(fiscal_year=row["fiscal_year_id"], **{name: row[name] for name in names})


def _sum_from(indicator: IndicatorNode, places: list[_Place]) -> int | None:
    if indicator.running_total:
        return None
    starts = [p.row["plan_first"] for p in places if p.row["kind"] == Listing.Kind.TOTAL]
    return max(starts, default=None)


def _listing(place: _Place, indicator: IndicatorNode) -> RowListing:
    row = place.row
    return RowListing(
        model=place.model,
        plan_code=row["plan_code"],
        plan_title=row["plan_title"],
        invented=row["plan_invented"],
        place=place.place,
        name=row["name"],
        sentence=row["sentence"],
        kind=row["kind"],
        target=f"{indicator.format(row['target'])}{indicator.shown_unit}",
    )


def _earlier(indicator: IndicatorNode, fiscal_year: int) -> Iterable[EarlierValue]:
    for year in range(fiscal_year - 1, fiscal_year - 1 - EARLIER_YEARS, -1):
        node = indicator.actuals.get(year)
        text = "" if node is None else indicator.format(node.value) or node.availability_label
        yield EarlierValue(
            fiscal_year=year,
            value=node.value if node else None,
            text=text,
            provisional=node.provisional if node else False,
        )


def _stored(row: dict[str, Any]) -> StoredValue:
    names = (
        "pk", "version", "availability", "value", "numerator", "denominator", "expected_month",
        "provisional", "remarks", "state", "return_reason", "entered_by_id", "entered_at",
    )  # fmt: skip
    person = row["entered_by__full_name"] or row["entered_by__username"] or ""
    return StoredValue(entered_by=person, **{name: row[name] for name in names})
