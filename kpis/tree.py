"""The one way out: a strategy with everything in it, for a year, as plain frozen dataclasses.

`read_tree` needs the same number of queries for any plan. Pages, charts and files show what it
returns, so that they cannot differ.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import QuerySet, Value
from django.urls import reverse

from accounts.sections import former_names
from goals.models import BasicGoal, NumericTarget, NumericTargetYear, Strategy
from indicators import progress
from indicators.fiscal_years import full_label
from indicators.models import (
    Actual,
    Indicator,
    Listing,
    display_factor,
    format_for_display,
    needed_decimals,
    target_spec,
)
from indicators.numerals import format_number, round_to
from kpis.models import KPI, KPIYear
from measures.models import Measure, MeasureGroup, Project

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def circled(position: int) -> str:
    """Return ① for 1; (21) for what has no sign of its own."""
    return CIRCLED[position - 1] if 1 <= position <= len(CIRCLED) else f"({position})"


@dataclass(frozen=True)
class ActualNode:
    """The value of an indicator for a year, or the reason why there is none."""

    pk: int
    fiscal_year: int
    value: Decimal | None
    availability: str
    expected_month: str
    provisional: bool
    remarks: str
    state: str

    @property
    def availability_label(self) -> str:
        """実績値あり, 未公表 …; of 未公表 with the month when the value comes."""
        label = Actual.Availability(self.availability).label
        if self.expected_month:
            year, month = self.expected_month.split("-")
            label += f"（{year}年{int(month)}月に公表予定）"
        return label

    @property
    def state_label(self) -> str:
        """入力中, 回答済み …"""
        return Actual.State(self.state).label

    @property
    def is_confirmed(self) -> bool:
        """Whether planning confirmed the value."""
        return self.state == Actual.State.CONFIRMED


@dataclass(frozen=True)
class IndicatorNode:
    """An indicator with all its values, of this plan's years and of others."""

    pk: int
    code: str
    name: str
    unit: str
    display_unit: str
    decimals: int
    minimum: Decimal | None
    maximum: Decimal | None
    moment: str
    ratio: bool
    running_total: bool
    carry_years: int
    section: str
    entered_by: str
    entered_by_id: int
    method: str
    source: str
    contact: str
    actuals: Mapping[int, ActualNode]

    @property
    def moment_label(self) -> str:
        """年度計, 年度末 …"""
        return Indicator.Moment(self.moment).label

    @property
    def shown_unit(self) -> str:
        """The unit in which values are shown."""
        return self.display_unit or self.unit

    @property
    def display_factor(self) -> int:
        """How many units one display unit is."""
        return display_factor(self.unit, self.display_unit)

    def format(self, value: Decimal | None, decimals: int | None = None) -> str:
        """Return a value as it is shown, without its unit; "" for None.

        `decimals` is given for a computed number. In a display unit such a number is shown to
        0.1 at the most: 2,142.9百万円.
        """
        if value is None:
            return ""
        if decimals is None:
            return format_for_display(value, self.decimals, self.display_factor)
        if self.display_factor == 1:
            return format_number(value, decimals)
        shown = round_to(value / self.display_factor, 1)
        return format_number(shown, needed_decimals(shown))

    @cached_property
    def values(self) -> dict[int, Decimal]:
        """The reported values by year."""
        return {year: a.value for year, a in self.actuals.items() if a.value is not None}

    @cached_property
    def missing(self) -> dict[int, str]:
        """The reasons, by year, where a row says why there is no value."""
        return {year: a.availability for year, a in self.actuals.items() if a.value is None}


@lru_cache(maxsize=10_000)
def _judge(
    spec: progress.TargetSpec,
    values: tuple[tuple[int, Decimal], ...],
    missing: tuple[tuple[int, str], ...],
    yearly_targets: tuple[tuple[int, Decimal], ...],
    period: progress.Period,
    fiscal_year: int,
    scale: progress.Scale,
    is_confirmed: bool,
) -> progress.Assessment:
    """Return the judgement of these figures, remembered: the same are shown at each request.

    A listing that breaks a rule is not judged and says so: forms refuse it, but a plan's years or
    an indicator's decimals may change below it, and one listing must not take the page away.
    """
    figures = dict(values), period, fiscal_year, scale
    if not is_confirmed:
        return progress.not_judged(spec, *figures, dict(missing))
    if progress.check_target(spec, period, dict(yearly_targets)):
        return progress.not_judged(spec, *figures, dict(missing), reason="目標の登録に矛盾あり")
    return progress.assess(spec, *figures, dict(yearly_targets), dict(missing))


@dataclass(frozen=True)
class ListingNode:
    """A 数値目標 or KPI. `place` is as in addresses; `fiscal_year` is the year to judge, or None.

    `first_listing` tells the first listing of an indicator from its repetitions (再掲).
    """

    model: str
    pk: int
    place: str
    position: int
    name: str
    sentence: str
    indicator: IndicatorNode
    kind: str
    direction: str
    target: Decimal
    baseline: Decimal | None
    baseline_year: int | None
    baseline_kind: str
    tolerance: Decimal
    doubts: tuple[str, ...]
    confirmed_by: str
    confirmed_at: datetime | None
    yearly_targets: Mapping[int, Decimal]
    first_listing: bool
    period: progress.Period
    scale: progress.Scale
    fiscal_year: int | None
    base_url: str

    @property
    def is_confirmed(self) -> bool:
        """Whether a person confirmed how the sentence is read."""
        return self.confirmed_at is not None

    @property
    def url(self) -> str:
        """The page of this listing."""
        return (
            f"{self.base_url}{'targets' if self.model == 'numerictarget' else 'kpis'}/{self.place}/"
        )

    @property
    def mark(self) -> str:
        """The symbol before the name: ① …"""
        return circled(self.position)

    @property
    def kind_label(self) -> str:
        """期末水準, 期間累計 …"""
        return Listing.Kind(self.kind).label

    @property
    def direction_label(self) -> str:
        """多い（高い）ほどよい …"""
        return Listing.Direction(self.direction).label

    @property
    def baseline_kind_label(self) -> str:
        """現状値 …; "" without a baseline."""
        return Listing.BaselineKind(self.baseline_kind).label if self.baseline_kind else ""

    @cached_property
    def assessment(self) -> progress.Assessment | None:
        """The judgement for the tree's year; None without a year."""
        return None if self.fiscal_year is None else self.assess(self.fiscal_year)

    def assess(self, fiscal_year: int) -> progress.Assessment:
        """Return the judgement for any year of the plan; none where the reading is unconfirmed."""
        indicator = self.indicator
        return _judge(
            target_spec(self),
            tuple(indicator.values.items()),
            tuple(indicator.missing.items()),
            tuple(self.yearly_targets.items()),
            self.period,
            fiscal_year,
            self.scale,
            self.is_confirmed,
        )

    @property
    def actual(self) -> ActualNode | None:
        """The stored value of the assessed year."""
        return self.indicator.actuals.get(self.fiscal_year)


@dataclass(frozen=True)
class ProjectNode:
    """A row of 具体的事業. `relisted_from` is (goal, group, measure, position) of its home."""

    pk: int
    place: str
    position: int
    category: str
    name: str
    content: str
    implementer: str
    relisted_from: tuple[int, str, int, int] | None

    @property
    def home(self) -> str:
        """The measure where a re-listed project has its home, as in addresses; else ""."""
        return "-".join(map(str, self.relisted_from[:3])) if self.relisted_from else ""


@dataclass(frozen=True)
class MeasureNode:
    """具体的施策 with its KPIs and projects."""

    place: str
    position: int
    title: str
    group_symbol: str
    group_title: str
    goal_position: int
    kpis: tuple[ListingNode, ...]
    projects: tuple[ProjectNode, ...]
    base_url: str

    @property
    def mark(self) -> str:
        """The symbol before the title: ① …"""
        return circled(self.position)

    @property
    def url(self) -> str:
        """The page of this measure."""
        return f"{self.base_url}measures/{self.place}/"


@dataclass(frozen=True)
class GroupNode:
    """施策の区分 with its measures."""

    symbol: str
    title: str
    measures: tuple[MeasureNode, ...]


@dataclass(frozen=True)
class GoalNode:
    """基本目標 with its numeric targets and groups of measures."""

    position: int
    title: str
    numeric_targets: tuple[ListingNode, ...]
    groups: tuple[GroupNode, ...]
    base_url: str

    @property
    def url(self) -> str:
        """The page of this goal."""
        return f"{self.base_url}goals/{self.position}/"

    @property
    def measures(self) -> tuple[MeasureNode, ...]:
        """All measures in the plan's order."""
        return tuple(measure for group in self.groups for measure in group.measures)

    @property
    def listings(self) -> tuple[ListingNode, ...]:
        """The goal's numeric targets, then the KPIs of its measures."""
        kpis = (kpi for measure in self.measures for kpi in measure.kpis)
        return (*self.numeric_targets, *kpis)


@dataclass(frozen=True)
class StrategyTree:
    """A strategy, whole. `fiscal_year` is the year it is judged for; None where none was asked.

    `others` are code and title of the other strategies of this installation.
    """

    code: str
    title: str
    city: str
    city_code: str
    period: progress.Period
    scale: progress.Scale
    note: str
    invented: bool
    fiscal_year: int | None
    goals: tuple[GoalNode, ...]
    others: tuple[tuple[str, str], ...]
    base_url: str

    @property
    def years(self) -> range:
        """The fiscal years of the plan."""
        return range(self.period.first, self.period.last + 1)

    @property
    def year_label(self) -> str:
        """The judged year as shown, e.g. 平成29年度（2017）; "" without one."""
        return full_label(self.fiscal_year) if self.fiscal_year is not None else ""

    @cached_property
    def listings(self) -> tuple[ListingNode, ...]:
        """All listings in the plan's order: per goal, numeric targets before KPIs."""
        return tuple(listing for goal in self.goals for listing in goal.listings)

    @cached_property
    def measures(self) -> tuple[MeasureNode, ...]:
        """All measures in the plan's order."""
        return tuple(measure for goal in self.goals for measure in goal.measures)

    @cached_property
    def projects(self) -> tuple[ProjectNode, ...]:
        """All rows of projects in the plan's order."""
        return tuple(project for measure in self.measures for project in measure.projects)


class StrategyNotFound(LookupError):
    """There is no strategy of this code."""


class YearOutsidePlan(ValueError):
    """The plan does not cover the year asked for."""


NEWEST = "newest"

NUMERIC_TARGET = NumericTarget._meta.model_name
KPI_MODEL = KPI._meta.model_name


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
    "baseline_kind", "tolerance", "doubts", "confirmed_at", "confirmed_by__full_name",
    "indicator_id",
)  # fmt: skip
INDICATOR_FIELDS = (
    "pk", "code", "name", "unit", "display_unit", "decimals", "minimum", "maximum", "moment",
    "ratio", "running_total", "carry_years", "section_id", "section__name", "entered_by_id",
    "entered_by__name", "method", "source", "contact",
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
        goals = _rows(BasicGoal.objects.filter(strategy=strategy), "strategy_id", "title")
        self.goals = goals[strategy.pk]
        goal_ids = _ids(goals)
        self.groups = _rows(
            MeasureGroup.objects.filter(goal_id__in=goal_ids), "goal_id", "symbol", "title"
        )
        group_ids = _ids(self.groups)
        self.measures = _rows(Measure.objects.filter(group_id__in=group_ids), "group_id", "title")
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
        self.former_section_names = {} if fiscal_year is None else former_names(fiscal_year)

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
            doubts=tuple(line for line in row["doubts"].splitlines() if line.strip()),
            confirmed_by=row["confirmed_by__full_name"] or "",
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
            for role in ("section", "entered_by"):
                today = fields.pop(f"{role}__name")
                fields[role] = self.former_section_names.get(fields[f"{role}_id"], today)
            del fields["section_id"]
            self.indicators[pk] = IndicatorNode(actuals=self.rows.actuals.get(pk, {}), **fields)
        return self.indicators[pk]
