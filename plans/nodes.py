"""The parts of a strategy as read from the database: plain frozen dataclasses.

plans/tree.py builds them; pages, charts and files show them. A tree is either judged for a year
(StrategyTree, with ListingNodes) or not judged (PlainTree, with PlainListings). Goals, groups and
measures are the same in both.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import Any, Generic, Self, TypeAlias, TypeVar

from goals.models import NumericTarget, Revision
from goals.revisions import period_in, revision_label
from indicators.duties import SectionsInTime
from indicators.in_force import holds
from indicators.listings import target_spec
from indicators.models import (
    Actual,
    Indicator,
    availability_label,
    display_factor,
    format_for_display,
    ratio_factor,
)
from indicators.places import in_brackets, place_of
from indicators.plan_states import PlanState
from indicators.plan_words import STANDARD_WORDS, Words
from indicators.rules.chosen_grades import ChosenGrade
from indicators.rules.judgement import (
    Assessment,
    assess,
    expected_values,
    not_judged,
    withheld_judgement,
)
from indicators.rules.outlook import (
    NO_BOUNDS,
    Bounds,
    Outlook,
    look_ahead,
    no_outlook,
    withheld_outlook,
)
from indicators.rules.targets import Period, Plan, TargetSpec, check_target
from indicators.rules.terms import (
    CONTRADICTORY,
    KINDS_WITHOUT_NUMBER,
    TARGET_NOT_TYPED,
    WITH_REFERENCE,
    WITHHELD,
    WITHHELD_WORD,
    BaselineKind,
    Direction,
    Kind,
    LateValues,
    Missing,
    Scale,
    Status,
)
from indicators.versions import version_of_year
from japanese.calendar_days import day_label
from japanese.fiscal_years import era_label, full_label
from japanese.numerals import format_exact, format_number
from kpis.models import KPI
from measures.models import DIRECTLY

NUMERIC_TARGET = NumericTarget.__name__.lower()
KPI_MODEL = KPI.__name__.lower()

SENTENCE_NOT_TYPED = "（目標の文言未入力）"

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def circled(position: int) -> str:
    """Return ① for 1; (21) for numbers without a circled character."""
    return CIRCLED[position - 1] if 1 <= position <= len(CIRCLED) else f"({position})"


def in_address(place: str) -> str:
    """Return a place for an address: a symbol from before symbols were checked may end one."""
    return place.translate(_ENDING)


_ENDING = str.maketrans({"%": "%25", "?": "%3F", "#": "%23"})


def measure_label(group_symbol: str, position: int) -> str:
    """Return the label of a measure within its goal: （ア）①; ① without a group.

    "" for what is directly under the goal.
    """
    if position == DIRECTLY:
        return ""
    return f"{in_brackets(group_symbol)}{circled(position)}"


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
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    grade: str = ""
    withheld: bool = False

    @property
    def parts(self) -> str:
        """Numerator and denominator of a value that was entered as a ratio: 171÷198; else ""."""
        if self.numerator is None or self.denominator is None:
            return ""
        numbers = (self.numerator, self.denominator)
        return "÷".join(map(format_exact, numbers))

    @property
    def availability_label(self) -> str:
        """実績値あり, 未公表 …; 未公表 includes the month when the value is expected.

        A grade that a person chose is in the standard words: 順調（人の判断）.
        """
        return availability_label(self.availability, self.expected_month, self.grade)

    @property
    def absence_word(self) -> str:
        """Why there is no value, in one word: 未公表 …, or 秘匿 where the public may not see it."""
        if self.availability == WITHHELD:
            return WITHHELD_WORD
        return Missing(self.availability).label

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
    """An indicator with all its values, including those of years outside the plan.

    `section` and `entered_by` are those of the year for which it was read, or of today without one;
    `in_time` has them for all years. `entering_id` is the section that may enter that year now.
    """

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
    section_id: int
    entered_by: str
    entered_by_id: int
    method: str
    source: str
    contact: str
    actuals: Mapping[int, ActualNode]
    entering_id: int
    in_time: SectionsInTime

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
        """How many units make one display unit; 1 where they are the same."""
        return display_factor(self.unit, self.display_unit)

    @property
    def ratio_factor(self) -> int:
        """The factor for numerator ÷ denominator."""
        return ratio_factor(self.unit)

    def format(self, value: Decimal | None, decimals: int | None = None) -> str:
        """Return a value as shown, without its unit; "" for None.

        Pass `decimals` for a number with other decimals than the indicator. In a display unit a
        number has as many as it needs: the ticks 20,000円 and 40,000円 are 0.02 and 0.04百万円.
        """
        if value is None:
            return ""
        if decimals is None or self.display_factor != 1:
            return format_for_display(value, self.decimals, self.display_factor)
        return format_number(value, decimals)

    @cached_property
    def values(self) -> dict[int, Decimal]:
        """The reported values by year."""
        return {year: a.value for year, a in self.actuals.items() if a.value is not None}

    @cached_property
    def missing(self) -> dict[int, str]:
        """The reasons for missing values by year; years without a row are not included."""
        return {
            year: a.availability
            for year, a in self.actuals.items()
            if a.value is None and not a.grade and a.availability != WITHHELD
        }

    @cached_property
    def grades(self) -> dict[int, ChosenGrade]:
        """The grades that persons chose, by year."""
        return {y: ChosenGrade(a.grade, a.remarks) for y, a in self.actuals.items() if a.grade}


@dataclass(frozen=True)
class GrantNode:
    """交付金 of a plan."""

    number: int
    name: str
    kind: str
    first_year: int | None
    last_year: int | None

    @property
    def years_label(self) -> str:
        """平成28年度から平成30年度まで; "" if neither year is known."""
        parts = [f"{era_label(self.first_year)}から" if self.first_year else ""]
        parts.append(f"{era_label(self.last_year)}まで" if self.last_year else "")
        return "".join(parts)

    @property
    def label(self) -> str:
        """The name, with type and years in brackets where they are known."""
        about = "、".join(filter(None, (self.kind, self.years_label)))
        return f"{self.name}（{about}）" if about else self.name


@dataclass(frozen=True)
class CarriedNode:
    """The further attributes of a measure, a KPI or a project."""

    sdgs: tuple[int, ...] = ()
    grants: tuple[GrantNode, ...] = ()
    general_plan_code: str = ""

    @property
    def sdgs_label(self) -> str:
        """3、4; "" without any."""
        return "、".join(map(str, self.sdgs))

    @property
    def grants_label(self) -> str:
        """The names of the 交付金; "" without any."""
        return "、".join(grant.name for grant in self.grants)

    def together(self, above: "CarriedNode") -> "CarriedNode":
        """Return this with what a part above carries; its own code takes precedence."""
        if above == CARRIES_NOTHING:
            return self
        grants = {grant.number: grant for grant in (*self.grants, *above.grants)}
        return CarriedNode(
            tuple(sorted({*self.sdgs, *above.sdgs})),
            tuple(grants[number] for number in sorted(grants)),
            self.general_plan_code or above.general_plan_code,
        )

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What there is to say, as names with their texts."""
        said = (
            ("SDGs", self.sdgs_label),
            ("交付金", "、".join(grant.label for grant in self.grants)),
            ("総合計画コード", self.general_plan_code),
        )
        return tuple(one for one in said if one[1])


CARRIES_NOTHING = CarriedNode()


@dataclass(frozen=True)
class PlanningOutlookNode:
    """企画の見込み: what planning itself expects, as of a year: a value, words or both."""

    pk: int
    fiscal_year: int
    value: Decimal | None
    text: str


@dataclass(frozen=True)
class RevisionNode:
    """計画の改訂: a decision that changed the plan from a fiscal year on."""

    number: int
    from_fiscal_year: int
    previous_last_fiscal_year: int | None
    decided_on: date
    decided_by: str
    document_number: str
    reason: str
    previous_rules: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def label(self) -> str:
        """第1回改訂（平成29年度から）"""
        return revision_label(self.number, self.from_fiscal_year)

    @property
    def decided_on_label(self) -> str:
        """平成30年2月1日（2018年2月1日）"""
        return day_label(self.decided_on)

    @property
    def decided_by_label(self) -> str:
        """市長決裁 …"""
        return Revision.DecidedBy(self.decided_by).label


@dataclass(frozen=True, kw_only=True)
class Version:
    """What the plan says about a listing, from a year on; None: from the start.

    `awaits_target`: nobody has typed sentence and target yet, in a plan that is 作成中.
    """

    from_year: int | None = None
    name: str
    sentence: str
    kind: str
    direction: str
    target: Decimal | None
    target_year: int | None
    baseline: Decimal | None
    baseline_year: int | None
    baseline_kind: str
    tolerance: Decimal
    doubts: tuple[str, ...]
    confirmed_by_id: int | None
    confirmed_at: datetime | None
    yearly_targets: Mapping[int, Decimal]
    upper: Decimal | None = None
    relation: str = ""
    reference: IndicatorNode | None = None
    awaits_target: bool = False


def direction_label(said: Version) -> str:
    """Return which side is better; of a range the inside, of a 参考指標 and a 記述目標 neither."""
    if said.kind in KINDS_WITHOUT_NUMBER:
        return "なし"
    return "範囲の中がよい" if said.upper is not None else Direction(said.direction).label


@dataclass(frozen=True)
class Figures:
    """Everything except the year that judgement and outlook of a listing depend on; hashable."""

    spec: TargetSpec
    values: tuple[tuple[int, Decimal], ...]
    missing: tuple[tuple[int, str], ...]
    plan: Plan
    is_confirmed: bool
    awaits_target: bool = False
    bounds: Bounds = NO_BOUNDS

    def judge(self, fiscal_year: int) -> Assessment:
        """Judge any year of the plan. A listing with an unconfirmed reading is not judged.

        Neither is a listing that breaks a rule, and the assessment says so. Forms refuse such a
        listing, but the plan's years or the indicator's decimals can change afterwards, and one
        listing must not break the whole page.
        """
        figures = dict(self.values), self.plan, fiscal_year, dict(self.missing)
        if self.awaits_target:
            return not_judged(self.spec, *figures, reason=TARGET_NOT_TYPED)
        if not self.is_confirmed:
            return not_judged(self.spec, *figures)
        if self.is_contradictory:
            return not_judged(self.spec, *figures, reason=CONTRADICTORY)
        return assess(self.spec, *figures)

    def look_ahead(self, fiscal_year: int) -> Outlook:
        """Return the outlook (見込み) as of a year of the plan."""
        where = self.spec, self.plan.period, fiscal_year
        if self.awaits_target:
            return no_outlook(*where, "目標値が未入力の")
        if not self.is_confirmed and self.spec.is_judged:
            return no_outlook(*where, "目標の文言の読み方が未確認の")
        if self.is_contradictory and self.spec.is_judged:
            return no_outlook(*where, "目標の登録に矛盾がある")
        return look_ahead(self.spec, dict(self.values), self.plan, fiscal_year, self.bounds)

    @property
    def is_contradictory(self) -> bool:
        """Whether the target breaks a rule."""
        return bool(check_target(self.spec, self.plan.period))


@dataclass(frozen=True)
class _Answers:
    """The judgement and the outlook of some figures by year."""

    judge: Callable[[int], Assessment]
    look_ahead: Callable[[int], Outlook]


@lru_cache(maxsize=2_000)
def _answers_of(figures: Figures) -> _Answers:
    """Return cached functions that judge these figures by year, shared by all requests.

    The cache holds functions instead of judgements, so that a node hashes its figures only once
    and not for each of the twenty judgements that a page asks for.
    """
    return _Answers(cache(figures.judge), cache(figures.look_ahead))


@dataclass(frozen=True)
class Withheld:
    """What the public may not see of a listing (reviews/editions/withholding.py).

    `judgements` are the years whose judgement rests on a 秘匿 value, `outlooks_from` is the first
    year whose outlook does.
    """

    judgements: frozenset[int] = frozenset()
    outlooks_from: int | None = None


NOTHING_WITHHELD = Withheld()


@dataclass(frozen=True, kw_only=True)
class PlainListing(Version):
    """A 数値目標 or KPI as the plan lists it: a version in its place.

    `place` is its place in addresses. `part` is a or b where one sentence has two numbers and the
    plan thus two listings of one position; `repeats_sentence`: the one before it has the same
    sentence. `first_listing` is False for repetitions (再掲) of an indicator. `versions` are those
    up to the tree's year, none for a single one; `revised_from` is the year from which the next one
    holds. `scales` are the rules of judging by their first year, up to the tree's year.
    `carried_above` is what the measure of a KPI carries. `withheld` is empty but in what the public
    sees.
    """

    model: str
    pk: int
    place: str
    position: int
    indicator: IndicatorNode
    first_listing: bool
    period: Period
    scale: Scale
    base_url: str
    first_year: int | None = None
    last_year: int | None = None
    ending_reason: str = ""
    replaced_by_id: int | None = None
    part: str = ""
    repeats_sentence: bool = False
    versions: tuple[Version, ...] = ()
    revised_from: int | None = None
    revisions: tuple[RevisionNode, ...] = ()
    scales: tuple[tuple[int | None, Scale], ...] = ()
    planning_outlooks: Mapping[int, PlanningOutlookNode] = field(default_factory=dict)
    goal_label: str = ""
    words: Words = STANDARD_WORDS
    carried: CarriedNode = CARRIES_NOTHING
    carried_above: CarriedNode = CARRIES_NOTHING
    withheld: Withheld = NOTHING_WITHHELD

    @property
    def carried_here(self) -> CarriedNode:
        """What the listing carries by itself or with its measure."""
        return self.carried.together(self.carried_above)

    @property
    def has_withheld_years(self) -> bool:
        """Whether the public may not see something of a year of the plan."""
        return self.withheld != NOTHING_WITHHELD

    def holds_in(self, fiscal_year: int) -> bool:
        """Whether the plan has this listing in a year."""
        return holds(self.first_year, self.last_year, fiscal_year)

    def in_year(self, fiscal_year: int) -> Self:
        """Return the listing as of a year: its version and the plan's period in that year.

        A year after that of the tree has what holds in the year of the tree.
        """
        if not self.revisions:
            return self
        if fiscal_year not in self._states:
            self._states[fiscal_year] = self._state_of(fiscal_year)
        return self._states[fiscal_year]

    @cached_property
    def _states(self) -> dict[int, Self]:
        return {}

    def _state_of(self, fiscal_year: int) -> Self:
        version = version_of_year(((one.from_year, one) for one in self.versions), fiscal_year)
        period = period_in(self.period, self.revisions, fiscal_year)
        scale = version_of_year(self.scales, fiscal_year) or self.scale
        changed = {} if version is None else dict(vars(version))
        is_same_version = changed.get("from_year", self.from_year) == self.from_year
        if is_same_version and (period, scale) == (self.period, self.scale):
            return self
        return replace(self, period=period, scale=scale, **changed)

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody confirmed how the sentence of the target is read."""
        return self.confirmed_at is not None

    @property
    def url(self) -> str:
        """The page of this listing."""
        return f"{self.base_url}{self.url_from_overview}"

    @property
    def url_from_overview(self) -> str:
        """The same as a relative link, for the overview, whose many links make it heavy."""
        pages = "targets" if self.model == NUMERIC_TARGET else "kpis"
        return f"{pages}/{in_address(self.place)}/"

    @property
    def place_above(self) -> str:
        """The place of the goal (1) or measure (1-ア-1) under which the listing stands."""
        return self.place.rpartition("-")[0]

    @property
    def goal_position(self) -> int:
        """The position of the goal under which the listing stands."""
        return int(self.place.partition("-")[0])

    @property
    def mark(self) -> str:
        """The symbol before the name: ① …"""
        return f"{circled(self.position)}{self.part}"

    @property
    def name_alone(self) -> str:
        """The name for places without a number: with ①a where a sentence has two numbers."""
        return f"{self.mark} {self.name}" if self.part else self.name

    @property
    def name_in_list(self) -> str:
        """The name among others: of a 数値目標 always with its number."""
        return f"{self.mark}{self.name}" if self.model == NUMERIC_TARGET else self.name_alone

    @property
    def sentence_place(self) -> str:
        """What two listings with one sentence have in common; of others, their own place."""
        if not self.part:
            return self.place
        return f"{self.place_above}-{self.position} {self.sentence}"

    @property
    def shown_sentence(self) -> str:
        """The sentence; where nobody has typed one yet, a word about that."""
        return SENTENCE_NOT_TYPED if self.awaits_target else self.sentence

    @property
    def kind_label(self) -> str:
        """期末水準, 期間累計 …"""
        return Kind(self.kind).label

    @property
    def direction_label(self) -> str:
        """多い（高い）ほどよい …; a range and a 参考指標 have no better side."""
        return direction_label(self)

    @property
    def has_better_side(self) -> bool:
        """Whether more or less is better: neither for a range and for kinds without a number."""
        return self.kind not in KINDS_WITHOUT_NUMBER and self.upper is None

    @property
    def is_monitor(self) -> bool:
        """Whether it is a 参考指標: it has no target, is never judged, and is counted apart."""
        return self.kind == Kind.MONITOR

    @property
    def is_described(self) -> bool:
        """Whether it is a 記述目標: its target is words, and a person chooses the grade."""
        return self.kind == Kind.DESCRIBED

    @property
    def baseline_kind_label(self) -> str:
        """現状値 …; "" without a baseline."""
        return BaselineKind(self.baseline_kind).label if self.baseline_kind else ""

    @cached_property
    def spec(self) -> TargetSpec:
        """The target in the form that the rules take."""
        targets: Mapping[int, Decimal] = {}
        if self.relation in WITH_REFERENCE:
            targets = self.reference.values if self.reference else {}
        elif self.relation:
            targets = {year + 1: value for year, value in self.indicator.values.items()}
        grades = self.indicator.grades if self.is_described else {}
        return target_spec(self, self.yearly_targets, targets, grades)

    @cached_property
    def plan(self) -> Plan:
        """The years and the rules by which it is judged."""
        return Plan(self.period, self.scale)

    @cached_property
    def taken(self) -> TargetSpec:
        """The target as the plan takes it, see `Plan.taken`."""
        return self.plan.taken(self.spec)

    @property
    def due(self) -> int:
        """目標年度: the plan's last year unless the listing has its own."""
        return self.spec.due(self.period)

    @property
    def due_note(self) -> str:
        """令和4年度まで for a target year other than the plan's last; "" for that one."""
        return "" if self.due == self.period.last else f"{era_label(self.due)}まで"

    @property
    def is_judged(self) -> bool:
        """Whether the reading is confirmed and breaks no rule with the plan's present period.

        A 参考指標 is not, nor is a 記述目標: a person chooses its grade.
        """
        return (
            self.is_confirmed and self.spec.is_judged and not check_target(self.spec, self.period)
        )

    @cached_property
    def expected_by_year(self) -> dict[int, Decimal]:
        """The existing 目安値 by year; {} unless the listing is judged."""
        found = {year: self.in_year(year).own_path.get(year) for year in self.period}
        return {year: value for year, value in found.items() if value is not None}

    @cached_property
    def own_path(self) -> dict[int, Decimal | None]:
        """目安値 by year of this version alone; None, or no year at all, where there is none."""
        return expected_values(self.taken, self.period) if self.is_judged else {}

    def assess(self, fiscal_year: int) -> Assessment:
        """Judge any year of the plan as the plan was in that year.

        A listing with an unconfirmed reading is not judged. A value that stands in for a later
        year is judged as that of its own year, thus as the plan was then.
        """
        then = self.in_year(fiscal_year)
        if fiscal_year in self.withheld.judgements:
            return withheld_judgement(fiscal_year, then.own_path.get(fiscal_year), then.scale)
        judged = then._answers.judge(fiscal_year)
        basis = judged.basis_year
        if basis is None or basis == fiscal_year or then.scale.late_values != LateValues.OWN_YEAR:
            return judged
        before = self.in_year(basis)
        return before._answers.judge(fiscal_year) if fiscal_year in before.period else judged

    def look_ahead(self, fiscal_year: int) -> Outlook:
        """Return the outlook (見込み) as of a year of the plan, from the values up to that year."""
        found = self.in_year(fiscal_year)._answers.look_ahead(fiscal_year)
        start = self.withheld.outlooks_from
        return found if start is None or fiscal_year < start else withheld_outlook(found)

    @cached_property
    def _answers(self) -> _Answers:
        indicator = self.indicator
        figures = Figures(
            spec=self.spec,
            values=tuple(indicator.values.items()),
            missing=tuple(indicator.missing.items()),
            plan=self.plan,
            is_confirmed=self.is_confirmed,
            awaits_target=self.awaits_target,
            bounds=Bounds(indicator.minimum, indicator.maximum),
        )
        return _answers_of(figures)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for a process that makes a file, without functions: it makes its own.

        A tree is kept for later requests (plans/tree.py) and may have been judged by then.
        """
        return {name: value for name, value in vars(self).items() if name != "_answers"}


@dataclass(frozen=True, kw_only=True)
class ListingNode(PlainListing):
    """A 数値目標 or KPI, judged for `fiscal_year`, the year of its tree."""

    fiscal_year: int

    @cached_property
    def assessment(self) -> Assessment:
        """The judgement for the tree's year."""
        return self.assess(self.fiscal_year)

    @cached_property
    def assessment_before(self) -> Assessment | None:
        """The judgement for the year before; None outside the plan."""
        year = self.fiscal_year - 1
        return self.assess(year) if year in self.period else None

    @cached_property
    def outlook(self) -> Outlook:
        """The outlook as of the tree's year. It is computed and never judges anything."""
        return self.look_ahead(self.fiscal_year)

    @property
    def is_withheld(self) -> bool:
        """Whether the public may not see the judgement of the tree's year."""
        return self.fiscal_year in self.withheld.judgements

    @property
    def planning_outlook(self) -> PlanningOutlookNode | None:
        """The newest 企画の見込み that was written as of the tree's year or an earlier one."""
        years = [year for year in self.planning_outlooks if year <= self.fiscal_year]
        return self.planning_outlooks[max(years)] if years else None

    @property
    def actual(self) -> ActualNode | None:
        """The stored value of the assessed year."""
        return self.indicator.actuals.get(self.fiscal_year)

    def with_indicators(self, change: Callable[[IndicatorNode], IndicatorNode]) -> Self:
        """Return the listing with other indicators: its own, and those it is compared with."""

        def reference(said: Version) -> IndicatorNode | None:
            return None if said.reference is None else change(said.reference)

        return replace(
            self,
            indicator=change(self.indicator),
            reference=reference(self),
            versions=tuple(replace(one, reference=reference(one)) for one in self.versions),
        )


L = TypeVar("L", bound=PlainListing)


def telling_once(listings: Iterable[L]) -> tuple[L, ...]:
    """Return listings, each with whether the one before it has the same sentence."""
    found: list[L] = []
    for listing in listings:
        is_told = bool(
            found and listing.part and found[-1].sentence_place == listing.sentence_place
        )
        if listing.repeats_sentence != is_told:
            listing = replace(listing, repeats_sentence=is_told)
        found.append(listing)
    return tuple(found)


@dataclass(frozen=True)
class ProjectNode:
    """A row of 具体的事業. `relisted_from` is (goal, group, measure, position) of its home.

    `home_goal` is the label of the goal there. `section` is "" if no section is named.
    """

    pk: int
    place: str
    position: int
    category: str
    name: str
    content: str
    implementer: str
    relisted_from: tuple[int, str, int, int] | None
    first_year: int | None = None
    last_year: int | None = None
    ending_reason: str = ""
    home_goal: str = ""
    section: str = ""
    section_id: int | None = None
    budget_item: str = ""
    carried: CarriedNode = CARRIES_NOTHING

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Further facts about the project, as names with their texts."""
        own = (("担当課", self.section), ("予算科目", self.budget_item))
        return (*(one for one in own if one[1]), *self.carried.facts)

    @property
    def home(self) -> str:
        """The place in addresses of the measure that lists a re-listed project first; else ""."""
        return place_of(*self.relisted_from[:3]) if self.relisted_from else ""

    @property
    def home_label(self) -> str:
        """The label of that measure in the whole plan: 基本目標1（ア）①; else ""."""
        if not self.relisted_from:
            return ""
        _, symbol, measure, _ = self.relisted_from
        return f"{self.home_goal}{measure_label(symbol, measure)}"


@dataclass(frozen=True)
class MeasureOf(Generic[L]):
    """具体的施策 with its KPIs and projects.

    One without a title represents what is directly under the goal: it has no page and no label.
    `goal_label` is 基本目標1, in the plan's words.
    """

    place: str
    position: int
    title: str
    group_symbol: str
    group_title: str
    goal_position: int
    goal_label: str
    kpis: tuple[L, ...]
    projects: tuple[ProjectNode, ...]
    base_url: str
    first_year: int | None = None
    last_year: int | None = None
    ending_reason: str = ""
    former_titles: Mapping[str, str] = field(default_factory=dict)
    carried: CarriedNode = CARRIES_NOTHING

    @property
    def is_direct(self) -> bool:
        """Whether it represents what is directly under the goal."""
        return self.position == DIRECTLY

    @property
    def group_label(self) -> str:
        """The group of the measure: （ア）暮らしを支える; "" without one."""
        return f"{in_brackets(self.group_symbol)}{self.group_title}"

    @property
    def mark(self) -> str:
        """The symbol before the title: ① …; "" directly under the goal."""
        return "" if self.is_direct else circled(self.position)

    @property
    def label(self) -> str:
        """The label of the measure within its goal: （ア）①, or ① without a group."""
        return measure_label(self.group_symbol, self.position)

    @property
    def label_in_plan(self) -> str:
        """The label of the measure in the whole plan: 基本目標1（ア）①"""
        return f"{self.goal_label}{self.label}"

    @property
    def url(self) -> str:
        """The page of this measure."""
        return f"{self.base_url}{self.url_from_overview}"

    @property
    def url_from_overview(self) -> str:
        """The same as a relative link, for the overview, whose many links make it heavy."""
        if self.is_direct:
            return f"goals/{self.goal_position}/"
        return f"measures/{in_address(self.place)}/"


@dataclass(frozen=True)
class GroupOf(Generic[L]):
    """施策の区分 with its measures; without symbol and title for measures of no group."""

    symbol: str
    title: str
    measures: tuple[MeasureOf[L], ...]
    first_year: int | None = None
    last_year: int | None = None
    ending_reason: str = ""
    former_titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """（ア）暮らしを支える; "" for no group."""
        return f"{in_brackets(self.symbol)}{self.title}"


@dataclass(frozen=True)
class GoalOf(Generic[L]):
    """基本目標 with its numeric targets and groups of measures.

    `label` is 基本目標1, in the plan's words, or 横断的目標.
    """

    position: int
    label: str
    title: str
    numeric_targets: tuple[L, ...]
    groups: tuple[GroupOf[L], ...]
    base_url: str
    first_year: int | None = None
    last_year: int | None = None
    ending_reason: str = ""
    former_titles: Mapping[str, str] = field(default_factory=dict)
    is_cross_cutting: bool = False

    @property
    def heading(self) -> str:
        """The goal as the list of a plan writes it: 基本目標 1. 仕事をつくる."""
        if self.is_cross_cutting:
            return f"{self.label} {self.title}"
        return f"{self.label.removesuffix(str(self.position))} {self.position}. {self.title}"

    @property
    def url(self) -> str:
        """The page of this goal."""
        return f"{self.base_url}{self.url_from_overview}"

    @property
    def url_from_overview(self) -> str:
        """The same as a relative link, for the overview, whose many links make it heavy."""
        return f"goals/{self.position}/"

    @property
    def parts(self) -> tuple[MeasureOf[L], ...]:
        """The parents of KPIs and projects, in the plan's order: the measures, and the placeholder
        directly under the goal.
        """
        return tuple(measure for group in self.groups for measure in group.measures)

    @property
    def measures(self) -> tuple[MeasureOf[L], ...]:
        """All measures in the plan's order."""
        return tuple(measure for measure in self.parts if not measure.is_direct)

    @property
    def listings(self) -> tuple[L, ...]:
        """The goal's numeric targets, then the KPIs of its measures."""
        kpis = (kpi for part in self.parts for kpi in part.kpis)
        return (*self.numeric_targets, *kpis)


MeasureNode: TypeAlias = MeasureOf[ListingNode]
GroupNode: TypeAlias = GroupOf[ListingNode]
GoalNode: TypeAlias = GoalOf[ListingNode]


@dataclass(frozen=True)
class OtherPlan:
    """Another strategy of this installation; `state` is a PlanState."""

    code: str
    title: str
    period: Period
    state: str


@dataclass(frozen=True, kw_only=True)
class _Tree(Generic[L]):
    """A complete strategy.

    `period` and `scale` are those that held in the tree's year, `whole_period` is the newest one;
    `revisions` and `scales`, the rules by their first year, are those that applied by the tree's
    year. `others` are the other strategies that are seen
    beside it. With `as_of`, the tree shows the state at the end of that day; None means the current
    state. `part` names the part that plans/narrowing.py kept; "" means all. `state` is a PlanState.
    `words` are the plan's own words for its levels, `grants` the 交付金 that its parts name (of a
    plain tree, all that the plan has).
    """

    code: str
    title: str
    city: str
    city_code: str
    period: Period
    scale: Scale
    note: str
    invented: bool
    goals: tuple[GoalOf[L], ...]
    others: tuple[OtherPlan, ...]
    base_url: str
    whole_period: Period
    revisions: tuple[RevisionNode, ...] = ()
    scales: tuple[tuple[int | None, Scale], ...] = ()
    state: str = PlanState.RUNNING
    as_of: date | None = None
    part: str = ""
    words: Words = STANDARD_WORDS
    grants: tuple[GrantNode, ...] = ()

    @property
    def newest_revision(self) -> RevisionNode | None:
        """The revision that applied last by the tree's year."""
        return self.revisions[-1] if self.revisions else None

    @property
    def years(self) -> range:
        """The fiscal years of the plan, as it was in the tree's year."""
        return range(self.period.first, self.period.last + 1)

    def code_of(self, listing: PlainListing) -> str:
        """Return the code of a listing of this strategy, by which data files can be joined.

        It is made of codes that do not change when listings get other numbers; only a repetition
        (再掲), whose indicator has a listing already, needs its place.
        """
        code = f"{self.code}/{listing.indicator.code}"
        return code if listing.first_listing else f"{code}/{listing.place}"

    @cached_property
    def listings(self) -> tuple[L, ...]:
        """All listings in the plan's order: per goal, numeric targets before KPIs."""
        return tuple(listing for goal in self.goals for listing in goal.listings)

    @cached_property
    def references(self) -> tuple[IndicatorNode, ...]:
        """The indicators that targets are compared with and that no listing here is of."""
        listed = {listing.indicator.pk for listing in self.listings}
        said: list[Version] = []
        for listing in self.listings:
            said += [listing, *listing.versions]
        found = {one.reference.pk: one.reference for one in said if one.reference is not None}
        return tuple(node for pk, node in found.items() if pk not in listed)

    @cached_property
    def parts(self) -> tuple[MeasureOf[L], ...]:
        """All parents of KPIs and projects: measures, and placeholders directly under goals."""
        return tuple(part for goal in self.goals for part in goal.parts)

    @cached_property
    def measures(self) -> tuple[MeasureOf[L], ...]:
        """All measures in the plan's order."""
        return tuple(measure for goal in self.goals for measure in goal.measures)

    def part_above(self, listing: PlainListing) -> MeasureOf[L] | None:
        """Return the parent of a KPI; None for a 数値目標, which is under its goal."""
        return self._parts_above.get((listing.model, listing.pk))

    @cached_property
    def _parts_above(self) -> dict[tuple[str, int], MeasureOf[L]]:
        return {(kpi.model, kpi.pk): part for part in self.parts for kpi in part.kpis}

    @cached_property
    def projects(self) -> tuple[ProjectNode, ...]:
        """All rows of projects in the plan's order."""
        return tuple(project for part in self.parts for project in part.projects)


@dataclass(frozen=True, kw_only=True)
class PlainTree(_Tree[PlainListing]):
    """A complete strategy without a year: nothing is judged."""


@dataclass(frozen=True, kw_only=True)
class StrategyTree(_Tree[ListingNode]):
    """A complete strategy, judged for `fiscal_year`."""

    fiscal_year: int

    @cached_property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses that the rules of the year can give, and others that listings have.

        Those come from a value that is judged as of an earlier year, by the rules of that year, and
        from a grade that a person chose before the rules were corrected.
        """
        found = {listing.assessment.status for listing in self.listings}
        found.update(self.scale.statuses)
        return tuple(status for status in Status if status in found)

    def with_listings(self, change: Callable[[ListingNode], ListingNode]) -> Self:
        """Return the same tree with other listings: those that `change` returns."""

        def of_measure(measure: MeasureNode) -> MeasureNode:
            return replace(measure, kpis=tuple(map(change, measure.kpis)))

        def of_group(group: GroupNode) -> GroupNode:
            return replace(group, measures=tuple(map(of_measure, group.measures)))

        def of_goal(goal: GoalNode) -> GoalNode:
            return replace(
                goal,
                numeric_targets=tuple(map(change, goal.numeric_targets)),
                groups=tuple(map(of_group, goal.groups)),
            )

        return replace(self, goals=tuple(map(of_goal, self.goals)))

    @property
    def year_label(self) -> str:
        """The judged year as shown, e.g. 平成29年度（2017）."""
        return full_label(self.fiscal_year)
