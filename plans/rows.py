"""The rows of a strategy as read from the database, grouped by their parents.

plans/tree.py puts them together. They are read in their current state, or as of the end of a day.
In that case they come from the history tables, which refer to each other by plain ids only.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from django.db.models import CharField, F, IntegerField, Model, QuerySet, Value

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
from trail.history import as_it_stood

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
    "state", "numerator", "denominator", "grade",
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
Groups = defaultdict[int, list[StoredRow]]


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


class Rows:
    """All rows of a strategy, one query per table, grouped by their parents.

    It reads values instead of model instances and uses ids instead of joins: building an instance
    and compiling a join each take longer than the query itself. `indicators` and `actuals` are also
    those of indicators that a target is compared with; `listed` are the ids of the others.
    """

    def __init__(self, strategy_id: int, as_of: date | None = None) -> None:
        self.strategy_id = strategy_id
        self._table: Callable[[type[Model]], QuerySet] = (
            _table_of_today if as_of is None else partial(as_it_stood, day=as_of)
        )
        self.goals: list[StoredRow] = []
        self.groups: Groups = defaultdict(list)
        self.measures: Groups = defaultdict(list)
        if as_of is None:
            self._read_structure(strategy_id)
        else:
            self._read_past_structure(strategy_id)
        self.revisions = [
            RevisionNode(*row)
            for row in self._table(Revision)
            .filter(strategy_id=strategy_id)
            .order_by("from_fiscal_year")
            .values_list(*REVISION_FIELDS)
        ]
        goal_ids = [goal["id"] for goal in self.goals]
        measure_ids = _ids(self.measures)
        self.projects = self._rows(Project, "measure_id", measure_ids, *PROJECT_FIELDS)
        self.targets = self._rows(NumericTarget, "goal_id", goal_ids, *LISTING_FIELDS)
        self.kpis = self._rows(KPI, "measure_id", measure_ids, *LISTING_FIELDS, *CARRIED_FIELDS)
        self.versions: dict[tuple[str, int], list[StoredRow]] = defaultdict(list)
        if self.revisions:
            self._read_versions()
        listings = [row for by in (self.targets, self.kpis) for rows in by.values() for row in rows]
        self.listed = {row["indicator_id"] for row in listings}
        versions = (row for rows in self.versions.values() for row in rows)
        references = {row["reference_id"] for row in (*listings, *versions)} - {None}
        indicator_ids = self.listed | references
        self.indicators = {
            row["id"]: row
            for row in self._table(Indicator)
            .filter(id__in=indicator_ids)
            .order_by()
            .values(*INDICATOR_FIELDS)
        }
        self.past_sections = self._past_sections(indicator_ids, is_today=as_of is None)
        self.actuals = self._actuals(indicator_ids)
        self.yearly_targets: dict[tuple[str, int], dict[int, Decimal]] = defaultdict(dict)
        self.planning_outlooks: dict[tuple[str, int], dict[int, PlanningOutlookNode]] = defaultdict(
            dict
        )
        self._read_years_of_listings()

    @cached_property
    def grants(self) -> dict[int, GrantNode]:
        """The 交付金 of the plan by number; read only when asked, as most plans have none."""
        rows = self._table(Grant).filter(strategy_id=self.strategy_id).order_by("number")
        return {row[0]: GrantNode(*row) for row in rows.values_list(*GRANT_FIELDS)}

    def _read_structure(self, strategy_id: int) -> None:
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
        rows = BasicGoal.objects.filter(strategy_id=strategy_id).order_by(
            "position", f"{group}position", f"{measure}position"
        )
        goals: dict[int, StoredRow] = {}
        groups: dict[int, StoredRow] = {}
        for row in rows.values_list(*fields):
            goal_id, group_id, measure_id = row[0], row[of_goal], row[of_group]
            if goal_id not in goals:
                goals[goal_id] = dict(zip(GOAL_FIELDS, row[:of_goal], strict=True))
            if group_id is not None and group_id not in groups:
                groups[group_id] = dict(zip(GROUP_FIELDS, row[of_goal:of_group], strict=True))
                self.groups[goal_id].append(groups[group_id])
            if measure_id is not None:
                below = dict(zip(MEASURE_FIELDS, row[of_group:], strict=True))
                self.measures[group_id].append(below)
        self.goals = list(goals.values())

    def _read_past_structure(self, strategy_id: int) -> None:
        """Read the same from the history tables, which cannot be joined."""
        goals = self._rows(BasicGoal, "strategy_id", [strategy_id], *GOAL_FIELDS)
        self.goals = goals[strategy_id]
        self.groups = self._rows(MeasureGroup, "goal_id", _ids(goals), *GROUP_FIELDS)
        self.measures = self._rows(Measure, "group_id", _ids(self.groups), *MEASURE_FIELDS)

    def _rows(self, model: type[Model], parent: str, parents: list[int], *fields: str) -> Groups:
        groups: Groups = defaultdict(list)
        rows = self._table(model).filter(**{f"{parent}__in": parents})
        order = ("position", "part") if "part" in fields else ("position",)
        for row in rows.order_by(*order).values(*{"id", "position", parent, *fields}):
            groups[row[parent]].append(row)
        return groups

    def _past_sections(
        self, indicator_ids: set[int], *, is_today: bool
    ) -> Mapping[int, list[PastSections]]:
        """Return the earlier sections by indicator. Only today's view asks who may enter."""
        by_indicator: dict[int, list[PastSections]] = defaultdict(list)
        fields = PAST_SECTIONS if is_today else PAST_SECTIONS[:-1]
        rows = self._table(PastDuty).filter(indicator_id__in=indicator_ids)
        for indicator_id, *row in rows.order_by("last_fiscal_year").values_list(
            "indicator_id", *fields
        ):
            by_indicator[indicator_id].append(PastSections(*row, *(() if is_today else (False,))))
        return by_indicator

    def _actuals(self, indicator_ids: set[int]) -> dict[int, dict[int, ActualNode]]:
        by_indicator: dict[int, dict[int, ActualNode]] = defaultdict(dict)
        rows = self._table(Actual).filter(indicator_id__in=indicator_ids).order_by("fiscal_year_id")
        for indicator_id, *values in rows.values_list("indicator_id", *ACTUAL_FIELDS):
            node = ActualNode(*values)
            by_indicator[indicator_id][node.fiscal_year] = node
        return by_indicator

    def _read_years_of_listings(self) -> None:
        """Read yearly targets and 企画の見込み, by (model, listing id) and year, in one query."""
        first, *others = (
            self._years(model, name, ids, is_outlook=is_outlook)
            for model, name, ids, is_outlook in (
                (NumericTargetYear, NUMERIC_TARGET, _ids(self.targets), False),
                (KPIYear, KPI_MODEL, _ids(self.kpis), False),
                (NumericTargetOutlook, NUMERIC_TARGET, _ids(self.targets), True),
                (KPIOutlook, KPI_MODEL, _ids(self.kpis), True),
            )
        )
        for model, listing_id, year, value, words, outlook_id in first.union(
            *others, all=True
        ).order_by("fiscal_year"):
            if outlook_id:
                self.planning_outlooks[model, listing_id][year] = PlanningOutlookNode(
                    outlook_id, year, value, words
                )
            else:
                self.yearly_targets[model, listing_id][year] = value

    def _years(
        self, model: type[Model], name: str, ids: list[int], *, is_outlook: bool
    ) -> QuerySet:
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

    def _read_versions(self) -> None:
        """Read what listings said before a revision, oldest first, in two queries."""
        for model, name, groups in (
            (NumericTargetVersion, NUMERIC_TARGET, self.targets),
            (KPIVersion, KPI_MODEL, self.kpis),
        ):
            rows = self._table(model).filter(listing_id__in=_ids(groups)).order_by()
            stored = rows.values("listing_id", "yearly_targets", *VERSION_FIELDS)
            for row in sorted(stored, key=lambda row: row["from_fiscal_year"] or 0):
                self.versions[name, row["listing_id"]].append(row)


def _table_of_today(model: type[Model]) -> QuerySet:
    return model._default_manager.all()


def _ids(groups: Mapping[int, list[StoredRow]]) -> list[int]:
    return [row["id"] for rows in groups.values() for row in rows]
