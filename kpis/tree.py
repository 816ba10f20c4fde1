"""The one way out: reads a strategy with everything in it, for a year, into the nodes.

`read_tree` needs the same number of queries for any plan. Pages, charts and files show what it
returns, so that they cannot differ.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Value
from django.urls import reverse

from accounts.sections import names_in
from goals.models import BasicGoal, NumericTarget, NumericTargetYear, Strategy
from indicators import progress
from indicators.models import Actual, Indicator, doubts_in
from kpis.models import KPI, KPIYear
from kpis.nodes import (
    KPI_MODEL,
    NUMERIC_TARGET,
    ActualNode,
    GoalNode,
    GroupNode,
    IndicatorNode,
    ListingNode,
    MeasureNode,
    ProjectNode,
    StrategyTree,
)
from measures.models import Project


class StrategyNotFound(LookupError):
    """There is no strategy of this code."""


class YearOutsidePlan(ValueError):
    """The plan does not cover the year asked for."""


NEWEST = "newest"


def read_tree(
    code: str,
    fiscal_year: int | str | None = NEWEST,
    *,
    words: Mapping[str, str] | None = None,
) -> StrategyTree:
    """Return the strategy `code`, judged for `fiscal_year`.

    NEWEST is the plan's newest year with a value (its first year where there is none yet); None
    judges nothing. `words` has, by status, what the audience calls it where the plan has no word
    of its own. Raises StrategyNotFound and YearOutsidePlan.
    """
    strategies = {strategy.code: strategy for strategy in Strategy.objects.all()}
    if code not in strategies:
        raise StrategyNotFound(code)
    strategy = strategies.pop(code)
    period = strategy.period
    if isinstance(fiscal_year, int) and not period.first <= fiscal_year <= period.last:
        raise YearOutsidePlan(fiscal_year)

    rows = _Rows(strategy)
    if fiscal_year == NEWEST:
        fiscal_year = _newest_year(rows.actuals, period)
    builder = _Builder(strategy, fiscal_year, rows, words or {})
    return StrategyTree(
        code=strategy.code,
        title=strategy.title,
        city=strategy.city,
        city_code=strategy.city_code,
        period=period,
        scale=builder.scale,
        note=strategy.note,
        invented=strategy.invented,
        fiscal_year=fiscal_year,
        goals=builder.goals(),
        others=tuple((other.code, other.title) for other in strategies.values()),
        base_url=builder.base_url,
    )


LISTING_FIELDS = (
    "name", "sentence", "kind", "direction", "target", "baseline", "baseline_year",
    "baseline_kind", "tolerance", "doubts", "confirmed_at", "confirmed_by_id", "indicator_id",
)  # fmt: skip
INDICATOR_FIELDS = (
    "pk", "code", "name", "unit", "display_unit", "decimals", "minimum", "maximum", "moment",
    "ratio", "running_total", "carry_years", "section_id", "entered_by_id", "method", "source",
    "contact",
)  # fmt: skip
ACTUAL_FIELDS = (
    "pk", "fiscal_year_id", "value", "availability", "expected_month", "provisional", "remarks",
    "state",
)  # fmt: skip
PROJECT_FIELDS = ("category", "name", "content", "implementer", "relisted_from_id")

Row = dict[str, Any]


class _Rows:
    """All rows of a strategy, a query for each table, grouped by what they belong to.

    Values instead of model instances, and ids instead of joins: making an instance and compiling
    a join each cost more than the query itself.
    """

    def __init__(self, strategy: Strategy) -> None:
        self.goals: list[Row] = []
        self.groups: defaultdict[int, list[Row]] = defaultdict(list)
        self.measures: defaultdict[int, list[Row]] = defaultdict(list)
        self._read_structure(strategy)
        goal_ids = [goal["pk"] for goal in self.goals]
        measure_ids = _ids(self.measures)
        self.projects = _rows(
            Project.objects.filter(measure_id__in=measure_ids), "measure_id", *PROJECT_FIELDS
        )
        self.targets = _rows(
            NumericTarget.objects.filter(goal_id__in=goal_ids), "goal_id", *LISTING_FIELDS
        )
        self.kpis = _rows(
            KPI.objects.filter(measure_id__in=measure_ids), "measure_id", *LISTING_FIELDS
        )
        listings = [row for by in (self.targets, self.kpis) for rows in by.values() for row in rows]
        indicator_ids = {row["indicator_id"] for row in listings}
        self.indicators = {
            row["pk"]: row
            for row in Indicator.objects.filter(pk__in=indicator_ids)
            .order_by()
            .values(*INDICATOR_FIELDS)
        }
        self.actuals = _actuals(indicator_ids)
        self.yearly_targets = _yearly_targets(_ids(self.targets), _ids(self.kpis))

    def _read_structure(self, strategy: Strategy) -> None:
        """Read goals, groups and measures in one query: few rows, one way to the server.

        The joins are outer ones: a goal without groups and a group without measures is there, too.
        """
        group, measure = "measure_groups__", "measure_groups__measures__"
        fields = (
            "pk", "position", "title",
            f"{group}pk", f"{group}symbol", f"{group}title",
            f"{measure}pk", f"{measure}position", f"{measure}title",
        )  # fmt: skip
        rows = BasicGoal.objects.filter(strategy=strategy).order_by(
            "position", f"{group}position", f"{measure}position"
        )
        goals: dict[int, Row] = {}
        groups: dict[int, Row] = {}
        for goal_id, position, title, group_id, symbol, name, *below in rows.values_list(*fields):
            if goal_id not in goals:
                goals[goal_id] = {"pk": goal_id, "position": position, "title": title}
            if group_id is not None and group_id not in groups:
                groups[group_id] = {"pk": group_id, "symbol": symbol, "title": name}
                self.groups[goal_id].append(groups[group_id])
            if below[0] is not None:
                self.measures[group_id].append(
                    dict(zip(("pk", "position", "title"), below, strict=True))
                )
        self.goals = list(goals.values())


def _rows(queryset: QuerySet, parent: str, *fields: str) -> defaultdict[int, list[Row]]:
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in queryset.order_by("position").values("pk", "position", parent, *fields):
        groups[row[parent]].append(row)
    return groups


def _ids(groups: Mapping[int, list[Row]]) -> list[int]:
    return [row["pk"] for rows in groups.values() for row in rows]


def _actuals(indicator_ids: set[int]) -> dict[int, dict[int, ActualNode]]:
    by_indicator: dict[int, dict[int, ActualNode]] = defaultdict(dict)
    rows = Actual.objects.filter(indicator_id__in=indicator_ids).order_by("fiscal_year_id")
    for indicator_id, *values in rows.values_list("indicator_id", *ACTUAL_FIELDS):
        node = ActualNode(*values)
        by_indicator[indicator_id][node.fiscal_year] = node
    return by_indicator


def _yearly_targets(
    target_ids: list[int], kpi_ids: list[int]
) -> dict[tuple[str, int], dict[int, Decimal]]:
    """Return, by model and id of the listing, what was typed in for single years."""
    fields = ("model", "listing_id", "fiscal_year", "value")
    of_targets, of_kpis = (
        model.objects.filter(listing_id__in=ids)
        .order_by()
        .annotate(model=Value(name))
        .values_list(*fields)
        for model, name, ids in (
            (NumericTargetYear, NUMERIC_TARGET, target_ids),
            (KPIYear, KPI_MODEL, kpi_ids),
        )
    )
    targets: dict[tuple[str, int], dict[int, Decimal]] = defaultdict(dict)
    for model, listing_id, year, value in of_targets.union(of_kpis, all=True).order_by(
        "fiscal_year"
    ):
        targets[model, listing_id][year] = value
    return targets


def _newest_year(actuals: Mapping[int, Mapping[int, ActualNode]], period: progress.Period) -> int:
    reported = (
        year
        for by_year in actuals.values()
        for year, actual in by_year.items()
        if actual.value is not None and period.first <= year <= period.last
    )
    return max(reported, default=period.first)


class _Builder:
    """Puts rows together into nodes."""

    def __init__(
        self, strategy: Strategy, fiscal_year: int | None, rows: _Rows, words: Mapping[str, str]
    ) -> None:
        self.rows = rows
        self.fiscal_year = fiscal_year
        self.period = strategy.period
        self.scale = replace(strategy.scale, labels={**words, **strategy.labels})
        self.base_url = reverse("overview", args=[strategy.code])
        self.indicators: dict[int, IndicatorNode] = {}
        self.homes: dict[int, tuple[int, str, int, int]] = {}
        # A year keeps the names that sections had then.
        self.section_names = names_in(fiscal_year)

    def goals(self) -> tuple[GoalNode, ...]:
        """Return the goals with everything below them."""
        self._find_homes()
        return tuple(self._goal(row) for row in self.rows.goals)

    def _find_homes(self) -> None:
        """Note the place of each project: a re-listing may come before its home."""
        for goal in self.rows.goals:
            for group in self.rows.groups[goal["pk"]]:
                for measure in self.rows.measures[group["pk"]]:
                    place = (goal["position"], group["symbol"], measure["position"])
                    for project in self.rows.projects[measure["pk"]]:
                        self.homes[project["pk"]] = (*place, project["position"])

    def _goal(self, row: Row) -> GoalNode:
        position = row["position"]
        return GoalNode(
            position=position,
            title=row["title"],
            numeric_targets=self._listings(
                NUMERIC_TARGET, str(position), self.rows.targets[row["pk"]]
            ),
            groups=tuple(self._group(group, position) for group in self.rows.groups[row["pk"]]),
            base_url=self.base_url,
        )

    def _group(self, row: Row, goal: int) -> GroupNode:
        measures = self.rows.measures[row["pk"]]
        return GroupNode(
            symbol=row["symbol"],
            title=row["title"],
            measures=tuple(self._measure(measure, row, goal) for measure in measures),
        )

    def _measure(self, row: Row, group: Row, goal: int) -> MeasureNode:
        place = f"{goal}-{group['symbol']}-{row['position']}"
        projects = self.rows.projects[row["pk"]]
        return MeasureNode(
            place=place,
            position=row["position"],
            title=row["title"],
            group_symbol=group["symbol"],
            group_title=group["title"],
            goal_position=goal,
            kpis=self._listings(KPI_MODEL, place, self.rows.kpis[row["pk"]]),
            projects=tuple(self._project(project, place) for project in projects),
            base_url=self.base_url,
        )

    def _project(self, row: Row, measure_place: str) -> ProjectNode:
        return ProjectNode(
            pk=row["pk"],
            place=f"{measure_place}-{row['position']}",
            position=row["position"],
            category=row["category"],
            name=row["name"],
            content=row["content"],
            implementer=row["implementer"],
            relisted_from=self.homes.get(row["relisted_from_id"]),
        )

    def _listings(self, model: str, place: str, rows: list[Row]) -> tuple[ListingNode, ...]:
        return tuple(self._listing(model, f"{place}-{row['position']}", row) for row in rows)

    def _listing(self, model: str, place: str, row: Row) -> ListingNode:
        indicator_id = row["indicator_id"]
        first = indicator_id not in self.indicators
        return ListingNode(
            model=model,
            pk=row["pk"],
            place=place,
            position=row["position"],
            name=row["name"],
            sentence=row["sentence"],
            indicator=self._indicator(indicator_id),
            kind=row["kind"],
            direction=row["direction"],
            target=row["target"],
            baseline=row["baseline"],
            baseline_year=row["baseline_year"],
            baseline_kind=row["baseline_kind"],
            tolerance=row["tolerance"],
            doubts=tuple(doubts_in(row["doubts"])),
            confirmed_by_id=row["confirmed_by_id"],
            confirmed_at=row["confirmed_at"],
            yearly_targets=self.rows.yearly_targets.get((model, row["pk"]), {}),
            first_listing=first,
            period=self.period,
            scale=self.scale,
            fiscal_year=self.fiscal_year,
            base_url=self.base_url,
        )

    def _indicator(self, pk: int) -> IndicatorNode:
        """Return the node of an indicator; one and the same for each of its listings."""
        if pk not in self.indicators:
            fields = dict(self.rows.indicators[pk])
            fields["section"] = self.section_names[fields.pop("section_id")]
            fields["entered_by"] = self.section_names[fields["entered_by_id"]]
            self.indicators[pk] = IndicatorNode(actuals=self.rows.actuals.get(pk, {}), **fields)
        return self.indicators[pk]
