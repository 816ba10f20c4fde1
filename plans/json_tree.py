"""A judged tree read back from the JSON of a plan, without the database.

The opposite of reports/strategy_json.py: what was frozen as data is drawn by the same charts and
tables as a current plan. What the JSON does not have, such as remarks and contacts, is empty, and
ids are numbers of this tree alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from accounts.sections import SectionNames
from goals.revisions import scales_in_time
from indicators.duties import SectionsInTime
from indicators.listings import awaits_target
from indicators.places import place_of
from indicators.plan_words import goal_labels, words_from
from indicators.rules.judgement import Assessment
from indicators.rules.scales import read_scale
from indicators.rules.targets import Period
from indicators.rules.terms import JudgedBy, Status
from plans.nodes import (
    CARRIES_NOTHING,
    KPI_MODEL,
    NUMERIC_TARGET,
    ActualNode,
    CarriedNode,
    GoalNode,
    GrantNode,
    GroupNode,
    IndicatorNode,
    ListingNode,
    MeasureNode,
    ProjectNode,
    RevisionNode,
    StrategyTree,
    Version,
    telling_once,
)

Json = Mapping[str, Any]

CONFIRMED_AT = datetime(1, 1, 1, tzinfo=UTC)
"""Stands for the time at which a reading was confirmed, which the JSON does not have."""


@dataclass(frozen=True, kw_only=True)
class ReadListing(ListingNode):
    """A listing whose judgement for the tree's year is the one that was written, never another.

    Those of other years, of which the JSON says nothing, are computed for the drawing.
    """

    said: Assessment

    def assess(self, fiscal_year: int) -> Assessment:
        """Return the judgement that was written for the tree's year; judge any other year."""
        return self.said if fiscal_year == self.fiscal_year else super().assess(fiscal_year)


def tree_from_json(plan: Json, words: Mapping[str, str] | None = None) -> StrategyTree:
    """Return the tree that a judged plan's JSON describes.

    `words` are the audience's labels by status, as in `read_tree`; those of the plan's last year
    are in the JSON itself.
    """
    return _Reader(plan, words or {}).tree()


class _Reader:
    def __init__(self, plan: Json, words: Mapping[str, str]) -> None:
        self.plan = plan
        self.strategy: Json = plan["strategy"]
        self.fiscal_year: int = plan["fiscal_year"]
        self.period = Period(self.strategy["first_fiscal_year"], self.strategy["last_fiscal_year"])
        self.words = words_from(self.strategy.get("words", {}))
        self.revisions = tuple(_revision(one) for one in self.strategy.get("revisions", ()))
        scale = read_scale(self.strategy["scale"])
        self.scales = tuple(
            (start, replace(one, labels={**words, **one.labels}))
            for start, one in scales_in_time(scale, self.revisions)
        )
        self.grants = {
            one["number"]: GrantNode(
                one["number"], one["name"], one["type"] or "", one["first_year"], one["last_year"]
            )
            for one in self.strategy.get("grants", ())
        }
        across = {one["position"]: bool(one.get("cross_cutting")) for one in plan["goals"]}
        self.labels = goal_labels(self.words, across)
        self.indicators: dict[str, IndicatorNode] = {}
        self.listed: set[str] = set()
        self.numbers = iter(range(1, 10**9))
        # A target may be compared with an indicator that is listed after it.
        for described in _indicators(plan):
            code = described["indicator"]["code"]
            if code not in self.indicators:
                self.indicators[code] = self._indicator(described)

    def tree(self) -> StrategyTree:
        as_of = self.plan.get("as_of")
        return StrategyTree(
            code=self.strategy["code"],
            title=self.strategy["title"],
            city=self.strategy["city"],
            city_code=self.strategy["city_code"],
            period=self.period,
            whole_period=self.period,
            scale=self.scales[-1][1],
            scales=self.scales,
            note=self.strategy["note"] or "",
            invented=self.strategy["invented"],
            words=self.words,
            revisions=self.revisions,
            grants=tuple(self.grants.values()),
            goals=tuple(self._goal(one) for one in self.plan["goals"]),
            others=(),
            base_url="",
            as_of=date.fromisoformat(as_of) if as_of else None,
            part=self.plan.get("part") or "",
            fiscal_year=self.fiscal_year,
        )

    def _goal(self, said: Json) -> GoalNode:
        position = said["position"]
        return GoalNode(
            position=position,
            label=self.labels[position],
            title=said["title"],
            is_cross_cutting=bool(said.get("cross_cutting")),
            numeric_targets=telling_once(
                self._listing(NUMERIC_TARGET, str(position), one, position)
                for one in said["numeric_targets"]
            ),
            groups=tuple(self._group(one, position) for one in said["measure_groups"]),
            base_url="",
            **_in_time(said),
        )

    def _group(self, said: Json, goal: int) -> GroupNode:
        measures = tuple(self._measure(one, said, goal) for one in said["measures"])
        return GroupNode(said["symbol"], said["title"], measures, **_in_time(said))

    def _measure(self, said: Json, group: Json, goal: int) -> MeasureNode:
        place = place_of(goal, group["symbol"], said["position"])
        carried = self._carried(said)
        return MeasureNode(
            place=place,
            position=said["position"],
            title=said["title"],
            group_symbol=group["symbol"],
            group_title=group["title"],
            goal_position=goal,
            goal_label=self.labels[goal],
            kpis=telling_once(
                self._listing(KPI_MODEL, place, one, goal, carried) for one in said["kpis"]
            ),
            projects=tuple(self._project(one, place) for one in said["projects"]),
            carried=carried,
            base_url="",
            **_in_time(said),
        )

    def _project(self, said: Json, measure_place: str) -> ProjectNode:
        home = said["relisted_from"]
        return ProjectNode(
            pk=next(self.numbers),
            place=f"{measure_place}-{said['position']}",
            position=said["position"],
            category=said["category"],
            name=said["name"],
            content=said["content"] or "",
            implementer=said["implementer"] or "",
            relisted_from=home and (home["goal"], home["group"], home["measure"], home["position"]),
            home_goal=self.labels.get(home["goal"], "") if home else "",
            section=said.get("section", ""),
            budget_item=said.get("budget_item", ""),
            carried=self._carried(said),
            first_year=said.get("first_year"),
        )

    def _carried(self, said: Json) -> CarriedNode:
        return CarriedNode(
            sdgs=tuple(said.get("sdgs", ())),
            grants=tuple(self.grants[number] for number in said.get("grants", ())),
            general_plan_code=said.get("general_plan_code", ""),
        )

    def _listing(
        self,
        model: str,
        place: str,
        said: Json,
        goal: int,
        carried: CarriedNode = CARRIES_NOTHING,
    ) -> ListingNode:
        code = said["indicator"]["code"]
        is_first = code not in self.listed
        self.listed.add(code)
        versions = [self._version(one, one["from_year"]) for one in said.get("versions", ())]
        if versions:
            # The first one holds from the start, whatever year that is.
            versions[0] = replace(versions[0], from_year=None)
        newest = self._version(said, versions[-1].from_year if versions else None)
        return ReadListing(
            said=_assessment(said["assessment"]),
            model=model,
            pk=next(self.numbers),
            place=f"{place}-{said['position']}{said.get('part', '')}",
            position=said["position"],
            part=said.get("part", ""),
            indicator=self.indicators[code],
            first_listing=is_first,
            period=Period(said.get("first_year") or self.period.first, self.period.last),
            scale=self.scales[-1][1],
            scales=self.scales,
            revisions=self.revisions,
            versions=tuple(versions),
            goal_label=self.labels[goal],
            words=self.words,
            carried=self._carried(said) if model == KPI_MODEL else CARRIES_NOTHING,
            carried_above=carried,
            base_url="",
            first_year=said.get("first_year"),
            fiscal_year=self.fiscal_year,
            **vars(newest),
        )

    def _version(self, said: Json, from_year: int | None) -> Version:
        baseline = said["baseline"] or {}
        reference, relation = said.get("reference"), said.get("relation", "")
        return Version(
            from_year=from_year,
            name=said["name"],
            sentence=said["sentence"],
            kind=said["kind"],
            direction=said["direction"],
            target=_number(said["target"]),
            upper=_number(said.get("upper")),
            relation=relation,
            reference=self.indicators[reference] if reference else None,
            target_year=said["target_year"],
            baseline=_number(baseline.get("value")),
            baseline_year=baseline.get("fiscal_year"),
            baseline_kind=baseline.get("kind") or "",
            tolerance=_number(said["tolerance"]) or Decimal(),
            yearly_targets={int(y): Decimal(n) for y, n in said["yearly_targets"].items()},
            doubts=tuple(said["doubts"]),
            confirmed_by_id=None,
            confirmed_at=CONFIRMED_AT if said["confirmed"] else None,
            awaits_target=awaits_target(said["kind"], relation, said["sentence"]),
        )

    def _indicator(self, described: Json) -> IndicatorNode:
        said, number = described["indicator"], next(self.numbers)
        return IndicatorNode(
            pk=number,
            code=said["code"],
            name=said["name"],
            unit=said["unit"] or "",
            display_unit=said["display_unit"] or "",
            decimals=said["decimals"],
            minimum=_number(said["minimum"]),
            maximum=_number(said["maximum"]),
            moment=said["moment"],
            ratio=said["ratio"],
            running_total=said["running_total"],
            carry_years=said["carry_years"],
            section=said["section"],
            section_id=0,
            entered_by=said["entered_by"],
            entered_by_id=0,
            entering_id=0,
            method=said["method"] or "",
            source=said["source"] or "",
            contact="",
            actuals={
                int(year): _actual(int(year), one, next(self.numbers))
                for year, one in described["actuals"].items()
            },
            in_time=SectionsInTime((), 0, 0, SectionNames({0: said["section"]}, {})),
        )


def listings_in(plan: Json) -> Iterator[Json]:
    """Yield the listings of a plan's JSON, in its order."""
    for goal in plan["goals"]:
        yield from goal["numeric_targets"]
        for group in goal["measure_groups"]:
            for measure in group["measures"]:
                yield from measure["kpis"]


def _indicators(plan: Json) -> Iterator[Json]:
    """Yield whatever has an indicator with its values: listings, then those compared with."""
    yield from listings_in(plan)
    for one in plan.get("references", ()):
        yield {"indicator": one, "actuals": one["actuals"]}


def _actual(fiscal_year: int, said: Json, number: int) -> ActualNode:
    return ActualNode(
        pk=number,
        fiscal_year=fiscal_year,
        value=_number(said["value"]),
        grade=said.get("grade", ""),
        numerator=_number(said["numerator"]),
        denominator=_number(said["denominator"]),
        availability=said["availability"],
        expected_month="",
        provisional=said["provisional"],
        remarks="",
        state=said["state"],
        withheld=said.get("withheld", False),
    )


def _assessment(said: Json) -> Assessment:
    return Assessment(
        fiscal_year=said["fiscal_year"],
        basis_year=said["basis_year"],
        value=_number(said["value"]),
        expected=_number(said["expected"]),
        attainment=_number(said["attainment"]),
        completion=_number(said["completion"]),
        pace=_number(said["pace"]),
        judged_by=JudgedBy(said["judged_by"]) if said["judged_by"] else None,
        status=Status(said["status"]),
        label=said["label"],
        explanation=said["explanation"],
    )


def _revision(said: Json) -> RevisionNode:
    return RevisionNode(
        number=said["number"],
        from_fiscal_year=said["from_year"],
        previous_last_fiscal_year=said["previous_last_fiscal_year"],
        decided_on=date.fromisoformat(said["decided_on"]),
        decided_by=said["decided_by"],
        document_number=said["document_number"] or "",
        reason=said["reason"],
        previous_rules=said.get("previous_scale"),
    )


def _in_time(said: Json) -> dict[str, Any]:
    return {
        "first_year": said.get("first_year"),
        "former_titles": {
            str(one["last_year"]): one["title"] for one in said.get("former_titles", ())
        },
    }


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
