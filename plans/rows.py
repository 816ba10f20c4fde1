"""The rows of a strategy as read from the database, grouped by their parents.

plans/tree.py puts them together. They are read in their current state, or as of the end of a day.
In that case they come from the history tables, which refer to each other by plain ids only.
"""

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from typing import Any, TypeAlias, TypeVar

from django.db.models import CharField, F, IntegerField, Model, QuerySet, Value

from accounts.models import Section, SectionFormerName
from goals.carried import CARRIED_FIELDS
from goals.models import (
    BasicGoal,
    Grant,
    NumericTarget,
    NumericTargetOutlook,
    NumericTargetVersion,
    NumericTargetYear,
    Revision,
    Strategy,
)
from indicators.duties import PAST_SECTIONS, PastSections
from indicators.models import Actual, Indicator, PastDuty
from indicators.plan_states import PlanState
from indicators.versions import VERSIONED_FIELDS
from kpis.models import KPI, KPIOutlook, KPIVersion, KPIYear
from measures.models import Measure, MeasureGroup, Project
from plans.nodes import (
    KPI_MODEL,
    NUMERIC_TARGET,
    ActualNode,
    GrantNode,
    PlanningOutlookNode,
    RevisionNode,
)
from trail.data_version import Kept
from trail.history import as_it_stood, history_of

REVISION_FIELDS = (
    "number", "from_fiscal_year", "previous_last_fiscal_year", "decided_on", "decided_by",
    "document_number", "reason", "previous_rules",
)  # fmt: skip
YEARS_IN_FORCE = ("first_fiscal_year", "last_fiscal_year", "ending_reason")
VERSION_FIELDS = tuple(
    f"{name}_id" if name in ("confirmed_by", "reference") else name for name in VERSIONED_FIELDS
)
LISTING_FIELDS = (*VERSION_FIELDS, "part", "indicator_id", "replaced_by_id", *YEARS_IN_FORCE)
INDICATOR_FIELDS = (
    "id", "code", "name", "unit", "display_unit", "decimals", "minimum", "maximum", "moment",
    "ratio", "running_total", "carry_years", "section_id", "entered_by_id", "method", "source",
    "contact",
)  # fmt: skip
ACTUAL_FIELDS = (
    "id", "fiscal_year_id", "value", "availability", "expected_month", "provisional", "remarks",
    "state", "numerator", "denominator", "grade", "withheld",
)  # fmt: skip
GOAL_FIELDS = ("id", "position", "title", "is_cross_cutting", "former_titles", *YEARS_IN_FORCE)
GROUP_FIELDS = ("id", "symbol", "title", "former_titles", *YEARS_IN_FORCE)
PROJECT_FIELDS = (
    "category", "name", "content", "implementer", "relisted_from_id", "section_id", "budget_item",
    *CARRIED_FIELDS, *YEARS_IN_FORCE,
)  # fmt: skip
MEASURE_FIELDS = ("id", "position", "title", "former_titles", *CARRIED_FIELDS, *YEARS_IN_FORCE)
GRANT_FIELDS = ("number", "name", "kind", "first_fiscal_year", "last_fiscal_year")

StoredRow = dict[str, Any]
T = TypeVar("T")

KEPT_READINGS = 200
"""How many results of queries a process keeps: some fifteen for each plan and past day."""

_kept: Kept[Any] = Kept(KEPT_READINGS)


def _tables_of(*models: type[Model]) -> tuple[str, ...]:
    """Return the tables of some models and those of their history."""
    return tuple(one._meta.db_table for model in models for one in (model, history_of(model).model))


_STRATEGIES = _tables_of(Strategy)

TABLES_OF_PLANS = _tables_of(
    Strategy, Revision, Grant, BasicGoal, MeasureGroup, Measure, Project, NumericTarget, KPI,
    NumericTargetVersion, KPIVersion, NumericTargetYear, KPIYear, NumericTargetOutlook, KPIOutlook,
    Indicator, PastDuty, Actual, Section, SectionFormerName,
)  # fmt: skip
"""All tables from which a tree is read, in their current state or as of a day."""


class Groups(dict[int, list[StoredRow]]):
    """Rows by their parent. Looking for a parent without rows adds no key: threads share this."""

    def __missing__(self, parent: int) -> list[StoredRow]:
        return []

    def add(self, parent: int, row: StoredRow) -> None:
        """Add a row behind the others of its parent."""
        self.setdefault(parent, []).append(row)


Ids: TypeAlias = tuple[int, ...]
ListingKey: TypeAlias = tuple[str, int]
"""The model and id of a listing."""

Structure: TypeAlias = tuple[list[StoredRow], Groups, Groups]
"""Goals, groups by goal, measures by group."""

Versions: TypeAlias = dict[ListingKey, list[StoredRow]]
YearlyTargets: TypeAlias = dict[ListingKey, dict[int, Decimal]]
Outlooks: TypeAlias = dict[ListingKey, dict[int, PlanningOutlookNode]]


def strategies(as_of: date | None = None, *, drafts: bool = False) -> list[Strategy]:
    """Return the strategies, newest first; current, or as of the end of a day.

    Without `drafts`, those are left out that are 作成中 now or were so on that day.
    """
    current = Strategy.objects.all() if drafts else Strategy.objects.without_drafts()
    if as_of is None:
        return list(current)
    rows = as_it_stood(Strategy, as_of).order_by(*Strategy._meta.ordering or ())
    if not drafts:
        now = Strategy.objects.filter(state=PlanState.DRAFT)
        rows = rows.exclude(state=PlanState.DRAFT).exclude(id__in=now.order_by().values("id"))
    return [row.instance for row in rows]


def kept_strategies(as_of: date | None, drafts: bool) -> list[Strategy]:
    """Return the same, cached until a strategy is written. Callers must not change them."""
    return _kept.get((as_of, drafts), partial(strategies, as_of, drafts=drafts), _STRATEGIES)


class Rows:
    """All rows of a strategy, one query per table, grouped by their parents.

    It reads values instead of model instances and uses ids instead of joins: building an instance
    and compiling a join each take longer than the query itself. What was read is cached until its
    table is written: after a value was entered, only the values are read again. Callers must not
    change the rows. `indicators` and `actuals` are also those of indicators that a target is
    compared with; `listed` are the ids of the others.
    """

    def __init__(self, strategy_id: int, as_of: date | None = None) -> None:
        self.strategy_id = strategy_id
        self._table: Callable[[type[Model]], QuerySet] = (
            _table_of_today if as_of is None else partial(as_it_stood, day=as_of)
        )
        self.as_of = as_of
        structure = self._structure if as_of is None else self._past_structure
        self.goals, self.groups, self.measures = self._kept(
            (BasicGoal, MeasureGroup, Measure), structure
        )
        self.revisions = self._kept((Revision,), self._revisions)
        goal_ids = tuple(goal["id"] for goal in self.goals)
        measure_ids = _ids(self.measures)
        self.projects = self._rows(Project, "measure_id", measure_ids, *PROJECT_FIELDS)
        self.targets = self._rows(NumericTarget, "goal_id", goal_ids, *LISTING_FIELDS)
        self.kpis = self._rows(KPI, "measure_id", measure_ids, *LISTING_FIELDS, *CARRIED_FIELDS)
        target_ids, kpi_ids = _ids(self.targets), _ids(self.kpis)
        self.versions: Versions = {}
        if self.revisions:
            models = (NumericTargetVersion, KPIVersion)
            self.versions = self._kept(models, self._versions, target_ids, kpi_ids)
        listings = [row for by in (self.targets, self.kpis) for rows in by.values() for row in rows]
        self.listed = {row["indicator_id"] for row in listings}
        versions = (row for rows in self.versions.values() for row in rows)
        references = {row["reference_id"] for row in (*listings, *versions)} - {None}
        indicator_ids = frozenset(self.listed | references)
        self.indicators = self._kept((Indicator,), self._indicators, indicator_ids)
        self.past_sections = self._kept((PastDuty,), self._past_sections, indicator_ids)
        self.actuals = self._kept((Actual,), self._actuals, indicator_ids)
        of_years = (NumericTargetYear, KPIYear, NumericTargetOutlook, KPIOutlook)
        self.yearly_targets, self.planning_outlooks = self._kept(
            of_years, self._years_of_listings, target_ids, kpi_ids
        )

    def _kept(self, models: Sequence[type[Model]], read: Callable[..., T], *about: Hashable) -> T:
        """Return what `read(*about)` reads from the tables of some models, and cache it.

        A past day is read from their history, which is written as rarely as they are.
        """
        if self.as_of is not None:
            models = [history_of(model).model for model in models]
        tables = tuple(model._meta.db_table for model in models)
        key = (self.strategy_id, self.as_of, tables, about)
        found: T = _kept.get(key, partial(read, *about), tables)
        return found

    @cached_property
    def grants(self) -> dict[int, GrantNode]:
        """The 交付金 of the plan by number; read only when asked, as most plans have none."""
        return self._kept((Grant,), self._grants)

    def _grants(self) -> dict[int, GrantNode]:
        rows = self._table(Grant).filter(strategy_id=self.strategy_id).order_by("number")
        return {row[0]: GrantNode(*row) for row in rows.values_list(*GRANT_FIELDS)}

    def _structure(self) -> Structure:
        """Read goals, groups and measures in one query: few rows, so this saves round trips.

        Outer joins keep goals without groups and groups without measures.
        """
        group, measure = "measure_groups__", "measure_groups__measures__"
        fields = (
            *GOAL_FIELDS,
            *(f"{group}{name}" for name in GROUP_FIELDS),
            *(f"{measure}{name}" for name in MEASURE_FIELDS),
        )
        of_goal, of_group = len(GOAL_FIELDS), len(GOAL_FIELDS) + len(GROUP_FIELDS)
        rows = BasicGoal.objects.filter(strategy_id=self.strategy_id).order_by(
            "position", f"{group}position", f"{measure}position"
        )
        goals: dict[int, StoredRow] = {}
        groups, measures = Groups(), Groups()
        known: set[int] = set()
        for row in rows.values_list(*fields):
            goal_id, group_id, measure_id = row[0], row[of_goal], row[of_group]
            if goal_id not in goals:
                goals[goal_id] = dict(zip(GOAL_FIELDS, row[:of_goal], strict=True))
            if group_id is not None and group_id not in known:
                known.add(group_id)
                groups.add(goal_id, dict(zip(GROUP_FIELDS, row[of_goal:of_group], strict=True)))
            if measure_id is not None:
                below = dict(zip(MEASURE_FIELDS, row[of_group:], strict=True))
                measures.add(group_id, below)
        return list(goals.values()), groups, measures

    def _past_structure(self) -> Structure:
        """Read the same from the history tables, which cannot be joined."""
        goals = self._rows(BasicGoal, "strategy_id", (self.strategy_id,), *GOAL_FIELDS)
        groups = self._rows(MeasureGroup, "goal_id", _ids(goals), *GROUP_FIELDS)
        measures = self._rows(Measure, "group_id", _ids(groups), *MEASURE_FIELDS)
        return goals[self.strategy_id], groups, measures

    def _revisions(self) -> list[RevisionNode]:
        rows = self._table(Revision).filter(strategy_id=self.strategy_id)
        ordered = rows.order_by("from_fiscal_year")
        return [RevisionNode(*row) for row in ordered.values_list(*REVISION_FIELDS)]

    def _rows(self, model: type[Model], parent: str, parents: Ids, *fields: str) -> Groups:
        return self._kept((model,), partial(self._read_rows, model, parent, fields), parents)

    def _read_rows(
        self, model: type[Model], parent: str, fields: tuple[str, ...], parents: Ids
    ) -> Groups:
        groups = Groups()
        rows = self._table(model).filter(**{f"{parent}__in": parents})
        order = ("position", "part") if "part" in fields else ("position",)
        for row in rows.order_by(*order).values(*{"id", "position", parent, *fields}):
            groups.add(row[parent], row)
        return groups

    def _indicators(self, ids: frozenset[int]) -> dict[int, StoredRow]:
        rows = self._table(Indicator).filter(id__in=ids).order_by()
        return {row["id"]: row for row in rows.values(*INDICATOR_FIELDS)}

    def _past_sections(self, indicator_ids: frozenset[int]) -> dict[int, list[PastSections]]:
        """Return the earlier sections by indicator. Only the current view needs who may enter."""
        is_today = self.as_of is None
        by_indicator: dict[int, list[PastSections]] = {}
        fields = PAST_SECTIONS if is_today else PAST_SECTIONS[:-1]
        rows = self._table(PastDuty).filter(indicator_id__in=indicator_ids)
        for indicator_id, *row in rows.order_by("last_fiscal_year").values_list(
            "indicator_id", *fields
        ):
            past = PastSections(*row, *(() if is_today else (False,)))
            by_indicator.setdefault(indicator_id, []).append(past)
        return by_indicator

    def _actuals(self, indicator_ids: frozenset[int]) -> dict[int, dict[int, ActualNode]]:
        by_indicator: dict[int, dict[int, ActualNode]] = {}
        rows = self._table(Actual).filter(indicator_id__in=indicator_ids).order_by("fiscal_year_id")
        for indicator_id, *values in rows.values_list("indicator_id", *ACTUAL_FIELDS):
            node = ActualNode(*values)
            by_indicator.setdefault(indicator_id, {})[node.fiscal_year] = node
        return by_indicator

    def _years_of_listings(self, targets: Ids, kpis: Ids) -> tuple[YearlyTargets, Outlooks]:
        """Read yearly targets and 企画の見込み, by (model, listing id) and year, in one query."""
        yearly_targets: YearlyTargets = {}
        outlooks: Outlooks = {}
        first, *others = (
            self._years(model, name, ids, is_outlook=is_outlook)
            for model, name, ids, is_outlook in (
                (NumericTargetYear, NUMERIC_TARGET, targets, False),
                (KPIYear, KPI_MODEL, kpis, False),
                (NumericTargetOutlook, NUMERIC_TARGET, targets, True),
                (KPIOutlook, KPI_MODEL, kpis, True),
            )
        )
        for model, listing_id, year, value, words, outlook_id in first.union(
            *others, all=True
        ).order_by("fiscal_year"):
            listing = (model, listing_id)
            if outlook_id:
                said = PlanningOutlookNode(outlook_id, year, value, words)
                outlooks.setdefault(listing, {})[year] = said
            else:
                yearly_targets.setdefault(listing, {})[year] = value
        return yearly_targets, outlooks

    def _years(self, model: type[Model], name: str, ids: Ids, *, is_outlook: bool) -> QuerySet:
        """Return model, listing id, year, value, and words and id of an outlook or "" and 0."""
        return (
            self._table(model)
            .filter(listing_id__in=ids)
            .order_by()
            .annotate(
                model=Value(name),
                words=F("text") if is_outlook else Value("", CharField()),
                outlook_id=F("id") if is_outlook else Value(0, IntegerField()),
            )
            .values_list("model", "listing_id", "fiscal_year", "value", "words", "outlook_id")
        )

    def _versions(self, targets: Ids, kpis: Ids) -> Versions:
        """Read what listings said before a revision, oldest first, in two queries."""
        found: Versions = {}
        for model, name, ids in (
            (NumericTargetVersion, NUMERIC_TARGET, targets),
            (KPIVersion, KPI_MODEL, kpis),
        ):
            rows = self._table(model).filter(listing_id__in=ids).order_by()
            stored = rows.values("listing_id", "yearly_targets", *VERSION_FIELDS)
            for row in sorted(stored, key=lambda row: row["from_fiscal_year"] or 0):
                found.setdefault((name, row["listing_id"]), []).append(row)
        return found


def _table_of_today(model: type[Model]) -> QuerySet:
    return model._default_manager.all()


def _ids(groups: Groups) -> Ids:
    return tuple(row["id"] for rows in groups.values() for row in rows)
