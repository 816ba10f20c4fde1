"""Names of what rows of history refer to: people, sections, indicators, places in a plan."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import Model

from accounts.models import Section, SectionSuccession, User
from accounts.sections import read_names
from goals.models import (
    BasicGoal,
    NumericTarget,
    NumericTargetOutlook,
    NumericTargetVersion,
    NumericTargetYear,
    Revision,
    Strategy,
)
from goals.revisions import revision_label
from indicators.duties import PastSections, duty_in
from indicators.models import (
    Actual,
    EarlyRemarks,
    FiscalYear,
    Indicator,
    PastDuty,
    display_factor,
    format_for_display,
)
from indicators.plan_words import STANDARD_WORDS, words_from
from japanese.fiscal_years import full_label
from kpis.models import KPI, KPIOutlook, KPIVersion, KPIYear
from measures.models import Measure, MeasureGroup
from trail.history import as_it_stood

HistoryRow = dict[str, Any]
"""A row of a table by column name; rows of a history table include the history columns."""

LISTINGS = (NumericTarget, KPI)
LISTING_OF_YEAR: dict[type[Model], type[Model]] = {
    NumericTargetYear: NumericTarget,
    KPIYear: KPI,
    NumericTargetOutlook: NumericTarget,
    KPIOutlook: KPI,
    NumericTargetVersion: NumericTarget,
    KPIVersion: KPI,
}
GONE = "（削除済み）"

_NAMES: dict[type[Model], Callable[[HistoryRow], str]] = {}
_SUBJECTS: dict[type[Model], str] = {}


def register_name(
    model: type[Model],
    *,
    name: Callable[[HistoryRow], str] | None = None,
    subject: str = "",
) -> None:
    """Say what the register calls an object of an app above; called when that app is ready.

    `name` returns it from a row. With `subject`, a change of such an object is shown as one of what
    this foreign key refers to.
    """
    if name:
        _NAMES[model] = name
    if subject:
        _SUBJECTS[model] = subject


@dataclass(frozen=True)
class HistoryPair:
    """A row of history and the previous one of the same object, or None."""

    model: type[Model]
    row: HistoryRow
    before: HistoryRow | None


@dataclass(frozen=True)
class StaffMember:
    """A staff member; without a number, the person is unknown."""

    name: str = "（記録なし）"
    number: str = ""


@dataclass(frozen=True)
class IndicatorFacts:
    """What is needed of an indicator to format its numbers."""

    pk: int
    code: str
    name: str
    unit: str
    display_unit: str
    decimals: int
    section: str
    entered_by: str


def changed_amount(number: Decimal | None, unit: str, display_unit: str, decimals: int) -> str:
    """Return a number with its unit as shown; "" for None.

    It is never rounded, even if the indicator has fewer decimals now.
    """
    if number is None:
        return ""
    shown = format_for_display(number, decimals, display_factor(unit, display_unit))
    return f"{shown}{display_unit or unit}"


class Register:
    """Everything that some rows refer to, read in one query per model.

    Deleted objects are found in their own history. With a past `day`, so are the names and
    responsible sections as of the end of that day. What belongs to a fiscal year has the sections
    of that year, anything else those of `fiscal_year` or, without it, the current ones; so do the
    names of sections.
    """

    def __init__(
        self,
        pairs: Iterable[HistoryPair],
        day: date | None = None,
        fiscal_year: int | None = None,
    ) -> None:
        self._day = day
        self._fiscal_year = fiscal_year
        self._found: dict[type[Model], dict[Any, HistoryRow]] = {}
        self._facts: dict[tuple[Any, int | None], IndicatorFacts | None] = {}
        self._people: dict[int | None, StaffMember] = {}
        wanted = _references(pairs)
        # Objects that refer to others are loaded first: only their rows tell what else is wanted.
        for listing in LISTINGS:
            for row in self._load(listing, wanted[listing]):
                wanted[Indicator].add(row["indicator_id"])
        for row in self._load(BasicGoal, wanted[BasicGoal]):
            wanted[Strategy].add(row["strategy_id"])
        for row in self._load(Indicator, wanted[Indicator]):
            wanted[Section] |= {row["section_id"], row["entered_by_id"]}
        self._past = _past_sections(wanted[Indicator] - {None}, day)
        for past in self._past.values():
            for one in past:
                wanted[Section] |= {one.section_id, one.entered_by_id}
        self._names = read_names(day)
        for model in set(wanted) - {*LISTINGS, BasicGoal, Indicator, FiscalYear}:
            self._load(model, wanted[model])

    def person(self, user_id: int | None) -> StaffMember:
        """Return the staff member; people who have left keep their names."""
        if user_id not in self._people:
            row = self._row(User, user_id)
            self._people[user_id] = (
                StaffMember(row["full_name"] or row["username"], row["username"])
                if row
                else StaffMember()
            )
        return self._people[user_id]

    def name(self, model: type[Model], key: Any) -> str:
        """Return the name of an object, or the last one of a deleted object; "" for None."""
        if key is None:
            return ""
        if model is FiscalYear:
            return full_label(key)
        if model is User:
            return self.person(key).name
        if model is Section and key in self._names.current:
            return self._names.of(key, self._fiscal_year)
        row = self._row(model, key)
        return self._name_of(model, row) if row else GONE

    def indicator(self, pair: HistoryPair) -> IndicatorFacts | None:
        """Return the indicator that a row belongs to, or None."""
        if pair.model is Indicator:
            key = pair.row["id"]
        else:
            key = (self.listing(pair) or pair.row).get("indicator_id")
        # Thousands of changes belong to a few indicators.
        place = key, year_of(pair) or self._fiscal_year
        if place not in self._facts:
            self._facts[place] = self._read_facts(*place)
        return self._facts[place]

    def _read_facts(self, key: Any, fiscal_year: int | None) -> IndicatorFacts | None:
        row = self._row(Indicator, key)
        if row is None:
            return None
        past = self._past.get(key, ())
        duty = duty_in(fiscal_year, past, row["section_id"], row["entered_by_id"])
        return IndicatorFacts(
            pk=row["id"],
            section=self._section(duty.section_id, fiscal_year),
            entered_by=self._section(duty.entered_by_id, fiscal_year),
            **{name: row[name] for name in ("code", "name", "unit", "display_unit", "decimals")},
        )

    def _section(self, section_id: int, fiscal_year: int | None) -> str:
        """Return the name of a section in a year."""
        if section_id in self._names.current:
            return self._names.of(section_id, fiscal_year)
        return self.name(Section, section_id)

    def listing(self, pair: HistoryPair) -> HistoryRow | None:
        """Return the listing of a yearly target, outlook or version; None for all other rows."""
        listing = LISTING_OF_YEAR.get(pair.model)
        return self._row(listing, pair.row["listing_id"]) if listing else None

    def subject(self, pair: HistoryPair) -> str:
        """Return the name that the changed object had at the time."""
        if pair.model in (Actual, EarlyRemarks, PastDuty):
            return self.name(Indicator, pair.row["indicator_id"])
        if pair.model is SectionSuccession:
            return self.name(Section, pair.row["section_id"])
        if pair.model in LISTING_OF_YEAR:
            return self.name(LISTING_OF_YEAR[pair.model], pair.row["listing_id"])
        if field := _SUBJECTS.get(pair.model):
            related = cast(type[Model], pair.model._meta.get_field(field).related_model)
            return self.name(related, pair.row[f"{field}_id"])
        return self._name_of(pair.model, pair.row)

    def related(self, pair: HistoryPair, field: str) -> HistoryRow:
        """Return the row of what a foreign key of a change refers to; {} if none is known."""
        related = cast(type[Model], pair.model._meta.get_field(field).related_model)
        return self._row(related, pair.row[f"{field}_id"]) or {}

    def _name_of(self, model: type[Model], row: HistoryRow) -> str:
        """Return the name of an object from its row, in the words of its plan."""
        if model is BasicGoal:
            plan = self._row(Strategy, row["strategy_id"])
            words = words_from(plan["words"]) if plan else STANDARD_WORDS
            across = 0 if row["is_cross_cutting"] else None
            return f"{words.goal_label(row['position'], across)} {row['title']}"
        return name_of(model, row)

    def section(self, pair: HistoryPair) -> str:
        """Return the section that a change concerns, or ""."""
        indicator = self.indicator(pair)
        if indicator is not None:
            return indicator.section
        if pair.model is Section:
            return pair.row["name"]
        return self.name(Section, pair.row.get("section_id"))

    def _load(self, model: type[Model], keys: Collection[Any]) -> Iterable[HistoryRow]:
        keys = set(keys) - {None}
        found = self._found[model] = {}
        if keys:
            pk = model._meta.pk.attname
            columns = [field.attname for field in model._meta.concrete_fields]
            rows = model._default_manager.filter(pk__in=keys).values(*columns)
            found.update((row[pk], row) for row in rows)
            if (gone := keys - found.keys()) and hasattr(model, "history"):
                last = model.history.filter(**{f"{pk}__in": gone}).order_by("history_id")
                found.update((row[pk], row) for row in last.values(*columns))
            if self._day is not None and hasattr(model, "history"):
                then = as_it_stood(model, self._day).filter(**{f"{pk}__in": keys}).order_by()
                found.update((row[pk], row) for row in then.values(*columns))
        return found.values()

    def _row(self, model: type[Model], key: Any) -> HistoryRow | None:
        return self._found.get(model, {}).get(key)


def name_of(model: type[Model], row: HistoryRow) -> str:
    """Return the name of an object from its row; a goal has one in the words of its plan."""
    if model in _NAMES:
        return _NAMES[model](row)
    if model is FiscalYear:
        return full_label(row["year"])
    if model is Revision:
        return revision_label(row["number"], row["from_fiscal_year"])
    if model is MeasureGroup:
        return f"（{row['symbol'] or 'なし'}）{row['title']}"
    if model is Measure and not row["title"]:
        return "目標の直下"
    return row["title"] if "title" in row else row["name"]


def year_of(pair: HistoryPair) -> int | None:
    """Return the fiscal year to which a row of a value, file, remark or yearly target belongs."""
    return pair.row.get("fiscal_year_id") or pair.row.get("fiscal_year")


def _past_sections(indicators: Collection[int], day: date | None) -> dict[int, list[PastSections]]:
    """Return the earlier sections of indicators, as stored or as of the end of a day."""
    past: dict[int, list[PastSections]] = defaultdict(list)
    rows = PastDuty.objects if day is None else as_it_stood(PastDuty, day)
    found = rows.filter(indicator_id__in=indicators).order_by("last_fiscal_year")
    for indicator_id, last_year, section_id, entered_by_id in found.values_list(
        "indicator_id", "last_fiscal_year", "section_id", "entered_by_id"
    ):
        one = PastSections(last_year, section_id, entered_by_id, is_active=False)
        past[indicator_id].append(one)
    return past


def _references(pairs: Iterable[HistoryPair]) -> defaultdict[type[Model], set[Any]]:
    wanted: defaultdict[type[Model], set[Any]] = defaultdict(set)
    for pair in pairs:
        wanted[User].add(pair.row["history_user_id"])
        if pair.model is Indicator:
            wanted[Indicator].add(pair.row["id"])
        for field in pair.model._meta.concrete_fields:
            if field.is_relation:
                rows = (pair.row, pair.before or {})
                wanted[cast(type[Model], field.related_model)] |= {
                    row.get(field.attname) for row in rows
                }
    return wanted
