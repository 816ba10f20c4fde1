"""The plan as an edition has it: goals, measures, KPIs and projects, read from its JSON.

Nothing here asks the database: a fixed edition is shown as it was, whatever has changed since.

plans/json_tree.py reads the same JSON as a tree, which charts need: it judges the other years again
by the rules of the current program. A paper that is printed again years later shows only what is
written in the edition, so this reader computes nothing and knows no rule.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from indicators.models import availability_label, display_factor, format_for_display
from indicators.places import in_brackets, place_of
from indicators.plan_words import Words, words_from
from indicators.rules.scales import read_scale
from indicators.rules.terms import (
    WITHHELD,
    WITHHELD_LABEL,
    WITHHELD_WORD,
    Kind,
    Scale,
    Status,
    mark_of_status,
)
from plans.nodes import circled, measure_label
from reports.sheets.page import NONE

FrozenJson = Mapping[str, Any]


@dataclass(frozen=True)
class FrozenListing:
    """A 数値目標 or KPI with values and judgement. `relisted`: it is listed earlier, too."""

    data: FrozenJson
    place: str
    fiscal_year: int
    scale: Scale
    relisted: bool

    @property
    def name(self) -> str:
        """① 漁業者数, with （再掲） if it is listed earlier, too."""
        mark = f"{circled(self.data['position'])}{self.data.get('part', '')}"
        return f"{mark} {self.data['name']}" + ("（再掲）" if self.relisted else "")

    @property
    def is_monitor(self) -> bool:
        """Whether it is a 参考指標, which is not judged."""
        return bool(self.data["kind"] == Kind.MONITOR)

    @property
    def section(self) -> str:
        """The section that answers for it."""
        return str(self.data["indicator"]["section"])

    @property
    def status(self) -> str:
        """The status of its judgement; WITHHELD if the public does not see it."""
        if self.data["assessment"]["label"] == WITHHELD_LABEL:
            return WITHHELD
        return str(self.data["assessment"]["status"])

    @property
    def judgement(self) -> str:
        """◎ 順調; 秘匿（人数が少ないため公表しません）"""
        label = str(self.data["assessment"]["label"])
        if self.status == WITHHELD:
            return label
        return f"{mark_of_status(self.status, self.scale)} {label}"

    @property
    def shows_withheld(self) -> bool:
        """Whether it has a value marked 秘匿 that is not left out."""
        actuals = self.data["actuals"].values()
        return any(one["withheld"] and one["availability"] != WITHHELD for one in actuals)

    @property
    def explanation(self) -> str:
        """Why it is judged so, in a sentence."""
        return str(self.data["assessment"]["explanation"] or "")

    @property
    def target(self) -> str:
        """200人, 10～20％; NONE where the target is words."""
        bounds = (self._amount(self.data.get(name)) for name in ("target", "upper"))
        return "～".join(filter(None, bounds)) or NONE

    @property
    def baseline(self) -> str:
        """The baseline with its unit; NONE without one."""
        baseline = self.data.get("baseline")
        return (baseline and self._amount(baseline["value"])) or NONE

    @property
    def expected(self) -> str:
        """目安値 of the year; NONE without one."""
        return self._amount(self.data["assessment"]["expected"]) or NONE

    @property
    def actual(self) -> str:
        """実績値 of the year, with the sum where the target is one; or why there is none."""
        found = self.data["actuals"].get(str(self.fiscal_year))
        if not found:
            return "未把握"
        text = self._amount(found["value"])
        if found.get("grade") or not text:
            text = _absence(found["availability"], found.get("grade") or "")
        if found.get("provisional"):
            text += "（速報値）"
        if self.data["kind"] != Kind.TOTAL or self.data["indicator"]["running_total"]:
            return text
        if whole := self.data["assessment"]["value"]:
            return f"{text}\n累計{self._amount(whole)}"
        is_hidden = self.status == WITHHELD and found["availability"] != WITHHELD
        return f"{text}\n累計は{WITHHELD_WORD}" if is_hidden else text

    def _amount(self, value: str | None) -> str:
        if value is None:
            return ""
        indicator = self.data["indicator"]
        unit, shown = indicator["unit"] or "", indicator["display_unit"] or ""
        factor = display_factor(unit, shown)
        return format_for_display(Decimal(value), indicator["decimals"], factor) + (shown or unit)


def _absence(availability: str, grade: str) -> str:
    return (
        WITHHELD_WORD if availability == WITHHELD else availability_label(availability, "", grade)
    )


@dataclass(frozen=True)
class FrozenProject:
    """A 具体的事業; `home` is where it is listed first, "" if that is here.

    `of_city` is False for what others do (民間等), which has no money of the city.
    """

    data: FrozenJson
    place: str
    home: str
    of_city: bool
    record: FrozenJson | None

    @property
    def has_money(self) -> bool:
        """Whether its money is counted here: it is the city's and not a repetition."""
        return self.of_city and not self.home

    @property
    def name(self) -> str:
        """The name, with the place of its money if not here."""
        if self.home:
            return f"{self.data['name']}（再掲：金額は{self.home}）"
        return str(self.data["name"]) + ("" if self.of_city else "（市以外が実施）")

    @property
    def grants(self) -> list[int]:
        """The numbers of the 交付金 that the plan names at it."""
        return list(self.data.get("grants", []))


@dataclass(frozen=True)
class FrozenMeasure:
    """A 具体的施策, or what is directly under a goal (then without label and title)."""

    data: FrozenJson
    place: str
    label: str
    group: str
    kpis: tuple[FrozenListing, ...]
    projects: tuple[FrozenProject, ...]

    @property
    def is_direct(self) -> bool:
        """Whether it is what is directly under its goal."""
        return not self.label

    @property
    def grants(self) -> list[int]:
        """The numbers of the 交付金 that the plan names at it."""
        return list(self.data.get("grants", []))


@dataclass(frozen=True)
class FrozenGoal:
    """A 基本目標 with everything below it."""

    position: int
    label: str
    title: str
    targets: tuple[FrozenListing, ...]
    measures: tuple[FrozenMeasure, ...]

    @property
    def listings(self) -> list[FrozenListing]:
        """All its 数値目標 and KPIs."""
        return [*self.targets, *(kpi for measure in self.measures for kpi in measure.kpis)]


class FrozenPlan:
    """The plan of an edition's data, and of the data of a year that is not fixed yet."""

    def __init__(self, data: FrozenJson) -> None:
        self.data = data
        self.fiscal_year: int = data["fiscal_year"]
        plan = data["plan"]
        self._strategy: FrozenJson = plan["strategy"]
        self.title: str = self._strategy["title"]
        self.city: str = self._strategy["city"]
        self.invented: bool = bool(self._strategy["invented"])
        self.part: str = plan.get("part") or ""
        self.as_of = None
        self.words: Words = words_from(self._strategy.get("words", {}))
        self.scale: Scale = read_scale(self._strategy["scale"])
        self.labels = self._labels(plan["goals"])
        self._seen: set[str] = set()
        self._records = {one["project"]: one for one in data["project_years"]}
        self.reviews = {one["measure"]: one for one in data["measure_reviews"]}
        self.verdicts = {one["goal"]: one for one in data["goal_reviews"]}
        self.goals = tuple(self._goal(goal) for goal in plan["goals"])

    @cached_property
    def grants(self) -> list[FrozenJson]:
        """The 交付金 that any part of the plan names."""
        return list(self._strategy.get("grants", []))

    @property
    def measures(self) -> Iterator[tuple[FrozenGoal, FrozenMeasure]]:
        """All measures, each with its goal."""
        for goal in self.goals:
            for measure in goal.measures:
                yield goal, measure

    def statuses(self, listings: Sequence[FrozenListing]) -> list[tuple[str, str]]:
        """Return the statuses of some listings with their marks and labels, the best first."""
        found = {one.status: one.judgement for one in listings if not one.is_monitor}
        if WITHHELD in found:
            found[WITHHELD] = WITHHELD_WORD
        return [(status, found[status]) for status in (*Status, WITHHELD) if status in found]

    @property
    def shows_withheld(self) -> bool:
        """Whether a value marked 秘匿 is among its data, so that they stay inside."""
        return any(one.shows_withheld for goal in self.goals for one in goal.listings)

    def _labels(self, goals: Sequence[FrozenJson]) -> dict[int, str]:
        across = [goal["position"] for goal in goals if goal.get("cross_cutting")]
        numbers = {position: number for number, position in enumerate(across, 1)}
        if len(across) == 1:
            numbers = dict.fromkeys(across, 0)
        return {
            goal["position"]: self.words.goal_label(goal["position"], numbers.get(goal["position"]))
            for goal in goals
        }

    def _goal(self, goal: FrozenJson) -> FrozenGoal:
        position = goal["position"]
        return FrozenGoal(
            position,
            self.labels[position],
            goal["title"],
            self._listings(goal["numeric_targets"], str(position)),
            tuple(
                self._measure(position, group, measure)
                for group in goal["measure_groups"]
                for measure in group["measures"]
            ),
        )

    def _measure(self, goal: int, group: FrozenJson, measure: FrozenJson) -> FrozenMeasure:
        place = place_of(goal, group["symbol"], measure["position"])
        return FrozenMeasure(
            measure,
            place,
            measure_label(group["symbol"], measure["position"]),
            f"{in_brackets(group['symbol'])}{group['title']}",
            self._listings(measure["kpis"], place),
            tuple(self._project(one, place) for one in measure["projects"]),
        )

    def _listings(self, listings: Sequence[FrozenJson], place: str) -> tuple[FrozenListing, ...]:
        found = []
        for one in listings:
            code = one["indicator"]["code"]
            at = f"{place}-{one['position']}{one.get('part', '')}"
            found.append(FrozenListing(one, at, self.fiscal_year, self.scale, code in self._seen))
            self._seen.add(code)
        return tuple(found)

    def _project(self, project: FrozenJson, place: str) -> FrozenProject:
        home = project["relisted_from"]
        label = ""
        if home:
            above = self.labels.get(home["goal"], f"{self.words.goal}{home['goal']}")
            label = above + measure_label(home["group"] or "", home["measure"])
        at = f"{place}-{project['position']}"
        of_city = not project["implementer"] and self.words.is_of_city(project["category"])
        return FrozenProject(project, at, label, of_city, self._records.get(at))
