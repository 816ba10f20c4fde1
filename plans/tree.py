"""The one way out: reads a strategy with everything in it, for a year, into the nodes.

`read_tree` needs the same number of queries for any plan. Pages, charts and files show what it
returns, so that they cannot differ.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.sections import names_in
from goals.models import Strategy
from indicators.listings import doubts_in
from indicators.rules.targets import Period
from plans.nodes import (
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
from plans.rows import Rows, StoredRow, strategies


class StrategyNotFound(LookupError):
    """There is no strategy of this code."""


class StrategyNotYetThere(StrategyNotFound):
    """There was none yet at the end of the day asked for; `since` is its first day."""

    def __init__(self, code: str, since: date) -> None:
        super().__init__(code)
        self.since = since


class YearOutsidePlan(ValueError):
    """The plan does not cover the year asked for; `period` is what it covers."""

    def __init__(self, fiscal_year: int, period: Period) -> None:
        super().__init__(fiscal_year)
        self.period = period


NEWEST = "newest"


def read_tree(
    code: str,
    fiscal_year: int | str | None = NEWEST,
    *,
    words: Mapping[str, str] | None = None,
    as_of: date | None = None,
) -> StrategyTree:
    """Return the strategy `code`, judged for `fiscal_year`.

    NEWEST is the plan's newest year with a value (its first year where there is none yet); None
    judges nothing. `words` has, by status, what the audience calls it where the plan has no word
    of its own. With `as_of` everything is as it stood at the end of that day, what was deleted
    since included. Raises StrategyNotFound, of a day before it was there StrategyNotYetThere, and
    YearOutsidePlan.
    """
    by_code = {strategy.code: strategy for strategy in strategies(as_of)}
    if code not in by_code:
        raise _not_found(code, as_of)
    strategy = by_code.pop(code)
    period = strategy.period
    if isinstance(fiscal_year, int) and not period.first <= fiscal_year <= period.last:
        raise YearOutsidePlan(fiscal_year, period)

    rows = Rows(strategy.pk, as_of)
    if fiscal_year == NEWEST:
        fiscal_year = _newest_year(rows.actuals, period)
    # A year keeps the names that sections had then.
    builder = _Builder(strategy, fiscal_year, rows, words or {}, names_in(fiscal_year, as_of))
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
        others=tuple((other.code, other.title) for other in by_code.values()),
        base_url=builder.base_url,
        as_of=as_of,
    )


def _not_found(code: str, as_of: date | None) -> StrategyNotFound:
    if as_of is None:
        return StrategyNotFound(code)
    first = Strategy.history.filter(code=code).order_by("history_date", "history_id").first()
    since = first and timezone.localdate(first.history_date)
    return StrategyNotYetThere(code, since) if since and since > as_of else StrategyNotFound(code)


def _newest_year(actuals: Mapping[int, Mapping[int, ActualNode]], period: Period) -> int:
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
        self,
        strategy: Strategy,
        fiscal_year: int | None,
        rows: Rows,
        words: Mapping[str, str],
        section_names: Mapping[int, str],
    ) -> None:
        self.rows = rows
        self.fiscal_year = fiscal_year
        self.period = strategy.period
        self.scale = replace(strategy.scale, labels={**words, **strategy.labels})
        self.base_url = reverse("overview", args=[strategy.code])
        self.indicators: dict[int, IndicatorNode] = {}
        self.homes: dict[int, tuple[int, str, int, int]] = {}
        self.section_names = section_names

    def goals(self) -> tuple[GoalNode, ...]:
        """Return the goals with everything below them."""
        self._find_homes()
        return tuple(self._goal(row) for row in self.rows.goals)

    def _find_homes(self) -> None:
        """Note the place of each project: a re-listing may come before its home."""
        for goal in self.rows.goals:
            for group in self.rows.groups[goal["id"]]:
                for measure in self.rows.measures[group["id"]]:
                    place = (goal["position"], group["symbol"], measure["position"])
                    for project in self.rows.projects[measure["id"]]:
                        self.homes[project["id"]] = (*place, project["position"])

    def _goal(self, row: StoredRow) -> GoalNode:
        position = row["position"]
        return GoalNode(
            position=position,
            title=row["title"],
            numeric_targets=self._listings(
                NUMERIC_TARGET, str(position), self.rows.targets[row["id"]]
            ),
            groups=tuple(self._group(group, position) for group in self.rows.groups[row["id"]]),
            base_url=self.base_url,
        )

    def _group(self, row: StoredRow, goal: int) -> GroupNode:
        measures = self.rows.measures[row["id"]]
        return GroupNode(
            symbol=row["symbol"],
            title=row["title"],
            measures=tuple(self._measure(measure, row, goal) for measure in measures),
        )

    def _measure(self, row: StoredRow, group: StoredRow, goal: int) -> MeasureNode:
        place = f"{goal}-{group['symbol']}-{row['position']}"
        projects = self.rows.projects[row["id"]]
        return MeasureNode(
            place=place,
            position=row["position"],
            title=row["title"],
            group_symbol=group["symbol"],
            group_title=group["title"],
            goal_position=goal,
            kpis=self._listings(KPI_MODEL, place, self.rows.kpis[row["id"]]),
            projects=tuple(self._project(project, place) for project in projects),
            base_url=self.base_url,
        )

    def _project(self, row: StoredRow, measure_place: str) -> ProjectNode:
        return ProjectNode(
            pk=row["id"],
            place=f"{measure_place}-{row['position']}",
            position=row["position"],
            category=row["category"],
            name=row["name"],
            content=row["content"],
            implementer=row["implementer"],
            relisted_from=self.homes.get(row["relisted_from_id"]),
        )

    def _listings(self, model: str, place: str, rows: list[StoredRow]) -> tuple[ListingNode, ...]:
        return tuple(self._listing(model, f"{place}-{row['position']}", row) for row in rows)

    def _listing(self, model: str, place: str, row: StoredRow) -> ListingNode:
        indicator_id = row["indicator_id"]
        first = indicator_id not in self.indicators
        return ListingNode(
            model=model,
            pk=row["id"],
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
            yearly_targets=self.rows.yearly_targets.get((model, row["id"]), {}),
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
            del fields["id"]
            fields["section"] = self.section_names[fields["section_id"]]
            fields["entered_by"] = self.section_names[fields["entered_by_id"]]
            self.indicators[pk] = IndicatorNode(
                pk=pk, actuals=self.rows.actuals.get(pk, {}), **fields
            )
        return self.indicators[pk]
