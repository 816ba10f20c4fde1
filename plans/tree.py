"""Reads a strategy with everything in it, for a year, into the nodes of plans/nodes.py.

`read_tree` needs the same number of queries for any plan. Pages, charts and files all show what
it returns, so they cannot differ.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Generic, Literal, TypeAlias

from django.urls import reverse
from django.utils import timezone

from accounts.sections import SectionNames, read_names
from goals.models import Strategy
from goals.revisions import period_in, scales_in_time
from indicators.duties import PastSections, SectionsInTime, shown_in
from indicators.in_force import holds
from indicators.listings import awaits_target, doubts_in
from indicators.places import place_of
from indicators.plan_states import PlanState
from indicators.plan_words import Words, goal_labels
from indicators.rules.targets import Period
from indicators.rules.terms import TARGET_AWAITED
from indicators.titles import title_in
from plans.nodes import (
    CARRIES_NOTHING,
    KPI_MODEL,
    NUMERIC_TARGET,
    ActualNode,
    CarriedNode,
    GoalOf,
    GrantNode,
    GroupOf,
    IndicatorNode,
    L,
    ListingNode,
    MeasureOf,
    OtherPlan,
    PlainListing,
    PlainTree,
    ProjectNode,
    StrategyTree,
    Version,
    telling_once,
)
from plans.rows import TABLES_OF_PLANS, VERSION_FIELDS, Rows, StoredRow, kept_strategies
from plans.unchanged_nodes import unchanged_nodes
from trail.data_version import Kept


class StrategyNotFound(LookupError):
    """There is no strategy with this code."""


class StrategyNotYetThere(StrategyNotFound):
    """The strategy did not exist yet at the end of day `as_of`; `since` is its first day."""

    def __init__(self, code: str, as_of: date, since: date) -> None:
        super().__init__(code)
        self.as_of = as_of
        self.since = since


class YearOutsidePlan(ValueError):
    """The plan does not cover `fiscal_year`; `period` is what it covers."""

    def __init__(self, fiscal_year: int, period: Period) -> None:
        super().__init__(fiscal_year)
        self.fiscal_year = fiscal_year
        self.period = period


Newest: TypeAlias = Literal["newest"]
NEWEST: Newest = "newest"


KEPT_TREES = 16
"""How many trees a process keeps: plan, year, day and audience; about 3 MB each."""

_kept_trees: Kept[StrategyTree] = Kept(KEPT_TREES)


def read_tree(
    code: str,
    fiscal_year: int | Newest = NEWEST,
    *,
    words: Mapping[str, str] | None = None,
    as_of: date | None = None,
    drafts: bool = False,
) -> StrategyTree:
    """Return the strategy `code`, judged for `fiscal_year`; one query if no plan was written since.

    NEWEST is the plan's newest year with a value, or its first year without any. `words` has the
    audience's labels by status, used where the plan has no label of its own. With `as_of`, the
    tree shows the state at the end of that day, including objects deleted since. A strategy that is
    作成中 is unknown without `drafts`; whoever passes it has asked accounts/access.py. Raises
    StrategyNotFound, StrategyNotYetThere for a day before the strategy existed, and
    YearOutsidePlan.
    """
    audience = tuple(sorted((words or {}).items()))
    return _kept_trees.get(
        (code, fiscal_year, audience, as_of, drafts),
        partial(_read_tree, code, fiscal_year, words=words or {}, as_of=as_of, drafts=drafts),
        TABLES_OF_PLANS,
    )


def _read_tree(
    code: str,
    fiscal_year: int | Newest,
    *,
    words: Mapping[str, str],
    as_of: date | None,
    drafts: bool,
) -> StrategyTree:
    strategy, others = _find(code, as_of, drafts)
    period = strategy.period
    if fiscal_year != NEWEST and fiscal_year not in period:
        raise YearOutsidePlan(fiscal_year, period)
    rows = Rows(strategy.pk, as_of)
    year = _newest_year(rows, period) if fiscal_year == NEWEST else fiscal_year
    head = _head(strategy, others, as_of)
    # Sections are those of the judged year, with the names that they had.
    head |= _in_time(strategy, rows, year, words)
    if year not in head["period"]:
        raise YearOutsidePlan(year, head["period"])
    builder = _Builder(partial(ListingNode, fiscal_year=year), head, rows, read_names(as_of), year)
    goals = builder.goals()
    return StrategyTree(**head, fiscal_year=year, goals=goals, grants=builder.named_grants)


def read_plain_tree(code: str, *, as_of: date | None = None, drafts: bool = False) -> PlainTree:
    """Return the strategy `code` without judgements, with the current sections.

    It has every part of the plan in its newest version, those that have ended as well. `as_of`,
    `drafts` and the exceptions are those of `read_tree`.
    """
    strategy, others = _find(code, as_of, drafts)
    rows = Rows(strategy.pk, as_of)
    head = _head(strategy, others, as_of) | _in_time(strategy, rows, None, {})
    builder = _Builder(PlainListing, head, rows, read_names(as_of), None)
    return PlainTree(**head, goals=builder.goals(), grants=tuple(rows.grants.values()))


def _find(code: str, as_of: date | None, drafts: bool) -> tuple[Strategy, list[Strategy]]:
    """Return the strategy and all other strategies."""
    by_code = {strategy.code: strategy for strategy in kept_strategies(as_of, drafts)}
    if code not in by_code:
        raise _not_found(code, as_of, drafts)
    return by_code.pop(code), list(by_code.values())


def _head(strategy: Strategy, others: Iterable[Strategy], as_of: date | None) -> dict[str, Any]:
    """Return the fields of the strategy itself that both kinds of trees have."""
    return {
        "code": strategy.code,
        "title": strategy.title,
        "city": strategy.city,
        "city_code": strategy.city_code,
        "whole_period": strategy.period,
        "note": strategy.note,
        "invented": strategy.invented,
        "state": strategy.state,
        "words": strategy.wording,
        "others": tuple(
            OtherPlan(other.code, other.title, other.period, other.state) for other in others
        ),
        "base_url": reverse("overview", args=[strategy.code]),
        "as_of": as_of,
    }


def _in_time(
    strategy: Strategy, rows: Rows, fiscal_year: int | None, words: Mapping[str, str]
) -> dict[str, Any]:
    """Return the period of the plan, its revisions and its rules as of a year; None: the newest."""
    year = sys.maxsize if fiscal_year is None else fiscal_year
    scales = tuple(
        (start, replace(scale, labels={**words, **scale.labels}))
        for start, scale in scales_in_time(strategy.scale, rows.revisions)
        if (start or 0) <= year
    )
    return {
        "period": period_in(strategy.period, rows.revisions, year),
        "revisions": tuple(one for one in rows.revisions if one.from_fiscal_year <= year),
        "scale": scales[-1][1],
        "scales": scales,
    }


def _not_found(code: str, as_of: date | None, drafts: bool) -> StrategyNotFound:
    if as_of is None:
        return StrategyNotFound(code)
    rows = Strategy.history.filter(code=code).order_by("history_id")
    if not drafts:
        if Strategy.objects.filter(code=code, state=PlanState.DRAFT).exists():
            return StrategyNotFound(code)
        rows = rows.exclude(state=PlanState.DRAFT)
    first = rows.first()
    since = first and timezone.localdate(first.history_date)
    if since and since > as_of:
        return StrategyNotYetThere(code, as_of, since)
    return StrategyNotFound(code)


def _newest_year(rows: Rows, period: Period) -> int:
    reported = (
        year
        for pk in rows.listed
        for year, actual in rows.actuals.get(pk, {}).items()
        if (actual.value is not None or actual.grade) and period.first <= year <= period.last
    )
    return max(reported, default=period.first)


class _Builder(Generic[L]):
    """Builds nodes from rows; `make_listing` is called with the fields of a listing.

    For a fiscal year it leaves out what the plan did not have, and takes the versions of that year.
    """

    def __init__(
        self,
        make_listing: Callable[..., L],
        head: Mapping[str, Any],
        rows: Rows,
        section_names: SectionNames,
        fiscal_year: int | None,
    ) -> None:
        self.make_listing = make_listing
        self.base_url: str = head["base_url"]
        self.period: Period = head["period"]
        self.fiscal_year = fiscal_year
        self.words: Words = head["words"]
        self.rows = rows
        self.unchanged = unchanged_nodes(rows.strategy_id, fiscal_year, rows.as_of)
        shared = ("scale", "scales", "base_url", "revisions", "words", "period")
        of_plan = {name: head[name] for name in shared}
        self.of_plan = self.unchanged.get("plan", (of_plan,), lambda: of_plan)
        # Mappings are equal in any order, but lists of listings are sorted by that of the sections.
        self.section_order = list(section_names.current)
        names = (section_names, self.section_order)
        self.section_names = self.unchanged.get("sections", names, lambda: section_names)
        self.indicators: dict[int, IndicatorNode] = {}
        self.listed: set[int] = set()
        self.homes: dict[int, tuple[int, str, int, int]] = {}
        self.grants: dict[int, GrantNode] = {}
        self.goal_labels = goal_labels(
            self.words, {row["position"]: row["is_cross_cutting"] for row in rows.goals}
        )

    @property
    def named_grants(self) -> tuple[GrantNode, ...]:
        """The 交付金 that parts of the plan name, by number."""
        return tuple(self.grants[number] for number in sorted(self.grants))

    def goals(self) -> tuple[GoalOf[L], ...]:
        """Return the goals with everything below them."""
        self._find_homes()
        return tuple(self._goal(row) for row in filter(self._holds, self.rows.goals))

    def _find_homes(self) -> None:
        """Note the place of each project in advance: a re-listing may come before its home."""
        for goal in self.rows.goals:
            for group in self.rows.groups[goal["id"]]:
                for measure in self.rows.measures[group["id"]]:
                    place = (goal["position"], group["symbol"], measure["position"])
                    for project in self.rows.projects[measure["id"]]:
                        self.homes[project["id"]] = (*place, project["position"])

    def _goal(self, row: StoredRow) -> GoalOf[L]:
        position = row["position"]
        return GoalOf(
            position=position,
            label=self.goal_labels[position],
            is_cross_cutting=row["is_cross_cutting"],
            title=self._title(row),
            numeric_targets=self._listings(
                NUMERIC_TARGET, str(position), self.rows.targets[row["id"]], position
            ),
            groups=tuple(self._groups(self.rows.groups[row["id"]], position)),
            base_url=self.base_url,
            former_titles=row["former_titles"],
            **_years_of(row),
        )

    def _groups(self, rows: Iterable[StoredRow], goal: int) -> Iterator[GroupOf[L]]:
        """Yield the groups; a group all of whose measures have ended or come later is left out."""
        for row in filter(self._holds, rows):
            stored = self.rows.measures[row["id"]]
            measures = [measure for measure in stored if self._holds(measure)]
            if measures or not stored:
                yield GroupOf(
                    symbol=row["symbol"],
                    title=self._title(row),
                    measures=tuple(self._measure(measure, row, goal) for measure in measures),
                    former_titles=row["former_titles"],
                    **_years_of(row),
                )

    def _holds(self, row: StoredRow) -> bool:
        year = self.fiscal_year
        return year is None or holds(row["first_fiscal_year"], row["last_fiscal_year"], year)

    def _title(self, row: StoredRow) -> str:
        return title_in(row["title"], row["former_titles"], self.fiscal_year)

    def _measure(self, row: StoredRow, group: StoredRow, goal: int) -> MeasureOf[L]:
        place = place_of(goal, group["symbol"], row["position"])
        carried = self._carried(row)
        projects = filter(self._holds, self.rows.projects[row["id"]])
        return MeasureOf(
            place=place,
            position=row["position"],
            title=self._title(row),
            group_symbol=group["symbol"],
            group_title=self._title(group),
            goal_position=goal,
            goal_label=self.goal_labels[goal],
            carried=carried,
            kpis=self._listings(KPI_MODEL, place, self.rows.kpis[row["id"]], goal, carried),
            projects=tuple(self._project(project, place) for project in projects),
            base_url=self.base_url,
            former_titles=row["former_titles"],
            **_years_of(row),
        )

    def _carried(self, row: StoredRow) -> CarriedNode:
        """Return the further attributes of a row; 交付金 that no longer exist are left out."""
        if not (row["sdgs"] or row["grants"] or row["general_plan_code"]):
            return CARRIES_NOTHING
        numbers = [number for number in row["grants"] if number in self.rows.grants]
        self.grants |= {number: self.rows.grants[number] for number in numbers}
        return CarriedNode(
            sdgs=tuple(row["sdgs"]),
            grants=tuple(self.grants[number] for number in numbers),
            general_plan_code=row["general_plan_code"],
        )

    def _project(self, row: StoredRow, measure_place: str) -> ProjectNode:
        home = self.homes.get(row["relisted_from_id"])
        section_id = row["section_id"]
        return ProjectNode(
            pk=row["id"],
            place=f"{measure_place}-{row['position']}",
            position=row["position"],
            category=row["category"],
            name=row["name"],
            content=row["content"],
            implementer=row["implementer"],
            relisted_from=home,
            home_goal=self.goal_labels[home[0]] if home else "",
            section_id=section_id,
            section="" if section_id is None else self._section(section_id),
            budget_item=row["budget_item"],
            carried=self._carried(row),
            **_years_of(row),
        )

    def _section(self, pk: int) -> str:
        return self.section_names.of(pk, self.fiscal_year)

    def _listings(
        self,
        model: str,
        place: str,
        rows: list[StoredRow],
        goal: int,
        carried: CarriedNode = CARRIES_NOTHING,
    ) -> tuple[L, ...]:
        """Return the listings of a goal, or of a measure with further attributes."""
        held = filter(self._holds, rows)
        label = self.goal_labels[goal]
        return telling_once(
            self._listing(model, f"{place}-{row['position']}{row['part']}", row, label, carried)
            for row in held
        )

    def _listing(
        self, model: str, place: str, row: StoredRow, goal_label: str, carried: CarriedNode
    ) -> L:
        indicator_id, key = row["indicator_id"], (model, row["id"])
        first = indicator_id not in self.listed
        self.listed.add(indicator_id)
        earlier = self.rows.versions.get(key, [])
        own = self._carried(row) if model == KPI_MODEL else CARRIES_NOTHING
        compared = [one["reference_id"] for one in (row, *earlier)]
        made_of = (
            self.of_plan, self.section_order, row, earlier, self.rows.yearly_targets.get(key, {}),
            self.rows.planning_outlooks.get(key, {}), self._indicator(indicator_id),
            [self._indicator(pk) for pk in compared if pk is not None],
        )  # fmt: skip
        placed = {
            "place": place,
            "first_listing": first,
            "goal_label": goal_label,
            "carried": own,
            "carried_above": carried,
        }
        make = partial(self._new_listing, model, row, placed)
        return self.unchanged.get(key, (*made_of, placed), make)

    def _new_listing(self, model: str, row: StoredRow, placed: Mapping[str, Any]) -> L:
        key = (model, row["id"])
        newest = self._version(row, self.rows.yearly_targets.get(key, {}))
        earlier = [self._version(old) for old in self.rows.versions.get(key, [])]
        every = (*earlier, newest)
        versions = self._known(every)
        later = [v.from_year for v in every[len(versions) :] if v.from_year is not None]
        own = {
            "period": Period(row["first_fiscal_year"] or self.period.first, self.period.last),
            "planning_outlooks": self.rows.planning_outlooks.get(key, {}),
        }
        return self.make_listing(
            model=model,
            pk=row["id"],
            position=row["position"],
            part=row["part"],
            indicator=self._indicator(row["indicator_id"]),
            replaced_by_id=row["replaced_by_id"],
            versions=versions if len(versions) > 1 else (),
            revised_from=min(later, default=None),
            **placed,
            **vars(versions[-1]),
            **_years_of(row),
            **self.of_plan | own,
        )

    def _version(
        self, row: StoredRow, yearly_targets: Mapping[int, Decimal] | None = None
    ) -> Version:
        """Return the version in a row, of a listing or of an earlier version.

        An earlier version has its 年度別目標値 with it.
        """
        fields = {name: row[name] for name in _SAID}
        fields["awaits_target"] = awaits_target(row["kind"], row["relation"], row["sentence"])
        if row["relation"] == TARGET_AWAITED:
            fields["relation"] = ""
        fields["doubts"] = tuple(doubts_in(row["doubts"]))
        reference_id = row["reference_id"]
        fields["reference"] = None if reference_id is None else self._indicator(reference_id)
        if yearly_targets is None:
            yearly_targets = {int(y): Decimal(value) for y, value in row["yearly_targets"].items()}
        return Version(from_year=row["from_fiscal_year"], yearly_targets=yearly_targets, **fields)

    def _known(self, versions: tuple[Version, ...]) -> tuple[Version, ...]:
        """Return the versions that hold by the year of the tree; at least the first."""
        year = self.fiscal_year
        if year is None:
            return versions
        return tuple(v for v in versions if (v.from_year or 0) <= year) or versions[:1]

    def _indicator(self, pk: int) -> IndicatorNode:
        """Return the node of an indicator; all its listings share the same node.

        So do the targets that are compared with it.
        """
        if pk not in self.indicators:
            row, actuals = self.rows.indicators[pk], self.rows.actuals.get(pk, {})
            past = self.rows.past_sections.get(pk, ())
            self.indicators[pk] = self.unchanged.get(
                ("indicator", pk),
                (self.section_names, self.section_order, row, past, actuals),
                partial(self._new_indicator, row, past, actuals),
            )
        return self.indicators[pk]

    def _new_indicator(
        self, row: StoredRow, past: Sequence[PastSections], actuals: Mapping[int, ActualNode]
    ) -> IndicatorNode:
        fields = dict(row)
        pk, section, entered_by = (fields.pop(n) for n in ("id", "section_id", "entered_by_id"))
        in_time = SectionsInTime(past, section, entered_by, self.section_names)
        return IndicatorNode(
            pk=pk, actuals=actuals, **shown_in(in_time, self.fiscal_year), **fields
        )


_SAID = set(VERSION_FIELDS) - {"from_fiscal_year", "reference_id"}
"""What a node takes from the row of a version as it is."""


def _years_of(row: StoredRow) -> dict[str, Any]:
    """Return from when and until when a part of the plan holds, and why it ended."""
    return {
        "first_year": row["first_fiscal_year"],
        "last_year": row["last_fiscal_year"],
        "ending_reason": row["ending_reason"],
    }
