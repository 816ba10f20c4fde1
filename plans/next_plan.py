"""次期計画: a new plan that carries over what somebody chose of an earlier one.

The indicators go on with their series. Targets wait until somebody types them
(indicators/listings.py); baselines are proposed from the newest confirmed values. The new plan is
作成中.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model

from goals.models import BasicGoal, Grant, NumericTarget, Strategy
from indicators.in_force import InForce
from indicators.listings import Listing, aim_in_words, await_target
from indicators.models import Actual
from indicators.places import in_brackets
from indicators.plan_states import PlanState
from indicators.rules.targets import Period
from indicators.rules.terms import BaselineKind, Kind
from indicators.titles import Retitled
from japanese.fiscal_years import era_label
from kpis.models import KPI
from measures.models import Measure, MeasureGroup, Project
from trail.history import Door, changing, create_with_history

KINDS_OF_PARTS: tuple[Any, ...] = (BasicGoal, NumericTarget, MeasureGroup, Measure, KPI, Project)
"""What a plan consists of; each comes after what it lies in."""

_ABOVE: Mapping[type[Model], str] = {
    BasicGoal: "strategy",
    NumericTarget: "goal",
    MeasureGroup: "goal",
    Measure: "group",
    KPI: "measure",
    Project: "measure",
}
"""The field that says in what a part lies."""

_BELOW: Mapping[type[Model], tuple[type[Model], ...]] = {
    Strategy: (BasicGoal,),
    BasicGoal: (NumericTarget, MeasureGroup),
    MeasureGroup: (Measure,),
    Measure: (KPI, Project),
}

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class KnownValue:
    """A value of an indicator, confirmed or not."""

    value: Decimal
    is_confirmed: bool
    provisional: bool


@dataclass(frozen=True)
class ProposedBaseline:
    """A baseline for the next plan; `value` is None where there is none, and `told` says why.

    Otherwise `told` says what people should know of it. `kind` is a BaselineKind.
    """

    value: Decimal | None = None
    fiscal_year: int | None = None
    kind: str = ""
    told: str = ""


@dataclass(frozen=True)
class NextPart:
    """A part of the next plan that is not stored yet; `source` is what it carries over.

    `told` says what is different from there, `baseline` is that of a listing.
    """

    part: Any
    source: Any
    below: "tuple[NextPart, ...]" = ()
    told: str = ""
    baseline: ProposedBaseline | None = None
    home: Any = None
    """The old row of the project whose new row this one lists again; None for any other part."""

    def all_parts(self) -> Iterator["NextPart"]:
        """Yield the part itself and all below it, in the order of the plan."""
        yield self
        for one in self.below:
            yield from one.all_parts()


def key_of(part: Model) -> str:
    """Return the key of a part in a form."""
    return f"{part._meta.model_name}-{part.pk}"


@dataclass(frozen=True)
class EndingPlan:
    """A plan with all rows of its parts and the values of its indicators, as they are stored now.

    A query for each kind of parts, and one for the values.
    """

    plan: Strategy
    parts: Mapping[tuple[type[Model], int], Sequence[Any]] = field(repr=False)
    """The parts of a kind by what they lie in, in their order."""
    values: Mapping[int, Mapping[int, KnownValue]] = field(repr=False)
    """The values by indicator and year."""

    def below(self, part: Any) -> Iterator[Any]:
        """Yield the parts directly below a part."""
        for kind in _BELOW.get(type(part), ()):
            yield from self.parts.get((kind, part.pk), ())

    @cached_property
    def every_part(self) -> list[Any]:
        """All parts, kind by kind."""
        return [part for rows in self.parts.values() for part in rows]

    @property
    def sign(self) -> str:
        """What a preview of the next plan stands for: everything that it is made of."""
        state = [
            [getattr(part, column.attname) for column in part._meta.concrete_fields]
            for part in (self.plan, *sorted(self.every_part, key=key_of))
        ]
        return sha256(repr((state, sorted(self.values.items()))).encode()).hexdigest()[:16]


def read_source(plan: Strategy) -> EndingPlan:
    """Return a plan with its parts and values."""
    parts: defaultdict[tuple[type[Model], int], list[Any]] = defaultdict(list)
    for kind in KINDS_OF_PARTS:
        above = _ABOVE[kind]
        rows = kind._default_manager.filter(**{kind.plan_path: plan})
        if issubclass(kind, Listing):
            rows = rows.select_related("indicator", "reference").order_by("position", "part")
        else:
            rows = rows.order_by("position")
        for row in rows:
            parts[kind, getattr(row, f"{above}_id")].append(row)
    listed = {
        row.indicator_id for rows in parts.values() for row in rows if isinstance(row, Listing)
    }
    values: defaultdict[int, dict[int, KnownValue]] = defaultdict(dict)
    for indicator, year, value, state, provisional in (
        Actual.objects.reported()
        .filter(indicator__in=listed)
        .order_by("fiscal_year_id")
        .values_list("indicator", "fiscal_year", "value", "state", "provisional")
    ):
        is_confirmed = state == Actual.State.CONFIRMED
        values[indicator][year] = KnownValue(value, is_confirmed, provisional)
    return EndingPlan(plan, dict(parts), dict(values))


def has_ended(part: InForce) -> bool:
    """Return whether a revision ended a part before the end of the plan."""
    return part.last_fiscal_year is not None


def proposed_baseline(
    listing: Listing, values: Mapping[int, KnownValue], plan: Period, first: int
) -> ProposedBaseline:
    """Return the baseline of a listing in the next plan, which begins in the year `first`.

    It is the newest confirmed value from before: 現状値. A total begins at 0 and has no path from a
    baseline: for it, that is the sum of the ending plan, as 前期間の実績. `values` are those of the
    indicator by year, `plan` the years of the ending plan.
    """
    if listing.kind == Kind.DESCRIBED:
        return ProposedBaseline(told="記述目標のため、基準値はありません。")
    earlier = {year: one for year, one in values.items() if year < first}
    if listing.kind == Kind.TOTAL:
        return _baseline_of_sum(listing, earlier, plan, first)
    confirmed = [year for year, one in earlier.items() if one.is_confirmed]
    if not confirmed:
        return ProposedBaseline(told=_why_none(earlier))
    newest = max(confirmed)
    later = [year for year in earlier if year > newest]
    told = ["速報値です。"] if earlier[newest].provisional else []
    if later:
        told.append(f"{_years_in_words(later)}の値は、確認済みでないため用いません。")
    return ProposedBaseline(
        earlier[newest].value, newest, BaselineKind.MEASURED.value, "".join(told)
    )


def _baseline_of_sum(
    listing: Listing, earlier: Mapping[int, KnownValue], plan: Period, first: int
) -> ProposedBaseline:
    years = [year for year in plan if year < first]
    confirmed = [year for year in years if year in earlier and earlier[year].is_confirmed]
    if not confirmed:
        return ProposedBaseline(told=_why_none({y: earlier[y] for y in years if y in earlier}))
    newest = max(confirmed)
    if listing.indicator.running_total:
        return ProposedBaseline(
            earlier[newest].value,
            newest,
            BaselineKind.PREVIOUS_PERIOD.value,
            f"{era_label(newest)}までの累計です。",
        )
    told = f"{_years_in_words(confirmed)}の合計です。"
    if len(confirmed) == 1:
        told = f"{era_label(newest)}だけの値です。"
    if missing := [year for year in years if year not in confirmed]:
        told += f"{_years_in_words(missing)}は、確認済みの値がないため含みません。"
    return ProposedBaseline(
        sum((earlier[year].value for year in confirmed), Decimal(0)),
        newest,
        BaselineKind.PREVIOUS_PERIOD.value,
        told,
    )


def _why_none(earlier: Mapping[int, KnownValue]) -> str:
    if not earlier:
        return "実績値がないため、基準値はありません。"
    years = _years_in_words(sorted(earlier))
    return f"確認済みの実績値がないため、基準値はありません（{years}の値は未確認）。"


def _years_in_words(years: Sequence[int]) -> str:
    """Return years in order: 平成27年度から平成30年度まで; with gaps one by one."""
    years = sorted(years)
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{era_label(years[0])}から{era_label(years[-1])}まで"
    return "、".join(map(era_label, years))


def carried_over(
    source: EndingPlan, chosen: Collection[str], plan: Strategy
) -> tuple[NextPart, ...]:
    """Return the goals of the next plan with what was chosen below them; nothing is stored.

    `chosen` has the keys of parts; what lies in a part that was not chosen is left out. Positions
    are numbered afresh. `plan` is the next plan itself.
    """
    return _Carrying(source, frozenset(chosen), plan).goals()


class _Carrying:
    """Makes the parts of the next plan."""

    def __init__(self, source: EndingPlan, chosen: frozenset[str], plan: Strategy) -> None:
        self.source = source
        self.chosen = chosen
        self.plan = plan
        self.went = self._all_that_go(source.plan)
        self.homes = self._homes()

    def goals(self) -> tuple[NextPart, ...]:
        return self._below(self.source.plan, self.plan)

    def _all_that_go(self, part: Any) -> set[str]:
        """Return the keys of the parts below one that continue with everything above them."""
        keys: set[str] = set()
        for one in self.source.below(part):
            if key_of(one) in self.chosen:
                keys |= {key_of(one)} | self._all_that_go(one)
        return keys

    def _below(self, above: Any, new_above: Any) -> tuple[NextPart, ...]:
        going: defaultdict[type[Model], list[Any]] = defaultdict(list)
        for part in self.source.below(above):
            if key_of(part) in self.went:
                going[type(part)].append(part)
        return tuple(
            self._next(part, new_above, position, is_alone)
            for parts in going.values()
            for part, position, is_alone in _numbered(parts)
        )

    def _next(self, old: Any, new_above: Any, position: int, is_alone: bool) -> NextPart:
        new = _copy(old, **{_ABOVE[type(old)]: new_above, "position": position})
        if isinstance(new, Listing):
            if is_alone:
                new.part = ""
            return self._listing(old, new)
        if isinstance(new, Project):
            return self._project(old, new)
        return NextPart(new, old, self._below(old, new))

    def _listing(self, old: Any, new: Any) -> NextPart:
        if new.kind == Kind.MONITOR:
            new.sentence, new.confirmed_by, new.confirmed_at = "", None, None
        else:
            await_target(new)
        new.doubts = ""
        values = self.source.values.get(old.indicator_id, {})
        proposed = proposed_baseline(
            old, values, self.source.plan.period, self.plan.first_fiscal_year
        )
        new.baseline, new.baseline_year = proposed.value, proposed.fiscal_year
        new.baseline_kind = proposed.kind
        return NextPart(new, old, told=_told_of_target(old), baseline=proposed)

    def _project(self, old: Project, new: Project) -> NextPart:
        """Return a project with its category, and its home if it is a re-listing.

        Where the home does not go on, the first re-listing takes its place.
        """
        told = []
        words = self.plan.wording
        if new.category == NEW_PROJECT:
            new.category = ""
            told.append(
                f"{words.category}を「{NEW_PROJECT}」から空欄"
                f"{in_brackets(words.uncategorised)}にします。"
            )
        home = self.homes[old.relisted_from_id or old.pk]
        if old.relisted_from_id and home is old:
            told.append("再掲元を引き継がないため、再掲でなく、この事業を元の掲載とします。")
        elif old.relisted_from_id and home.relisted_from_id:
            told.append("再掲元を引き継がないため、先に掲げる事業の再掲とします。")
        return NextPart(new, old, told="".join(told), home=None if home is old else home)

    def _homes(self) -> dict[int, Project]:
        """Return the old rows that stand first in the next plan, by the pk of the old home.

        That is the home itself if it goes on, otherwise the first re-listing in the plan's order.
        """
        going = [one for one in self._in_order(self.source.plan) if isinstance(one, Project)]
        homes = {one.pk: one for one in going if one.relisted_from_id is None}
        for one in going:
            if one.relisted_from_id is not None:
                homes.setdefault(one.relisted_from_id, one)
        return homes

    def _in_order(self, above: Any) -> Iterator[Any]:
        for part in self.source.below(above):
            if key_of(part) in self.went:
                yield part
                yield from self._in_order(part)


def _told_of_target(old: Listing) -> str:
    """Return what is special about the target of the next plan; "" for a number to type."""
    if old.kind == Kind.MONITOR:
        return "参考指標のまま引き継ぎます。目標値はありません。"
    if old.kind == Kind.DESCRIBED:
        return "記述目標です。目標の文言を入力してください。"
    if old.upper is not None:
        return "今の計画では範囲の目標です。範囲でなくするときは、改善の方向も確かめてください。"
    if old.relation:
        return f"今の計画では「{aim_in_words(old)}」目標です。比べる値も選び直してください。"
    return ""


def _numbered(parts: Sequence[Any]) -> Iterator[tuple[Any, int, bool]]:
    """Yield parts with their new positions; those that shared one share the new one, too.

    The third says whether no other has the same position. Number 0 stands for "directly under the
    goal" and stays.
    """
    counts = Counter(part.position for part in parts)
    numbers = {old: new for new, old in enumerate(sorted(filter(None, counts)), 1)} | {0: 0}
    for part in parts:
        yield part, numbers[part.position], counts[part.position] == 1


NEW_PROJECT = "新規"
"""The 区分 of projects that continue in the next plan: they are no longer new."""


def _copy(old: Any, **changed: Any) -> Any:
    """Return a row that is not stored yet, with the fields of another and some changed.

    The history of a part stays with the old plan: when it was added, ended, renamed and revised.
    """
    new = type(old)()
    for column in old._meta.concrete_fields:
        if not (column.primary_key or column.name in changed):
            setattr(new, column.attname, getattr(old, column.attname))
    if isinstance(new, InForce):
        new.first_fiscal_year, new.last_fiscal_year, new.ending_reason = None, None, ""
    if isinstance(new, Retitled):
        new.former_titles = {}
    if isinstance(new, Listing):
        new.from_fiscal_year = new.replaced_by = None
        new.indicator, new.reference = old.indicator, old.reference
    if isinstance(new, Project):
        new.relisted_from = None
    for name, value in changed.items():
        setattr(new, name, value)
    return new


def new_plan(source: Strategy, **said: Any) -> Strategy:
    """Return the next plan without its parts, not stored: it judges by the rules of the old one."""
    return _copy(source, state=PlanState.DRAFT.value, note="", **said)


def make_next_plan(
    source: EndingPlan, plan: Strategy, goals: Iterable[NextPart], *, by: Any
) -> None:
    """Store the next plan with its parts and their history, all or nothing.

    The number of statements does not depend on the number of parts, except that a database that
    takes few values at once gets its rows in portions.
    """
    rows: defaultdict[type[Model], list[NextPart]] = defaultdict(list)
    for goal in goals:
        for one in goal.all_parts():
            rows[type(one.part)].append(one)
    reason = f"「{source.plan}」から次期計画を作成"
    grants = list(Grant.objects.filter(strategy=source.plan))
    with transaction.atomic(), changing(by=by, door=Door.PAGE, reason=reason):
        create_with_history(Strategy, [plan])
        create_with_history(Grant, [_copy(one, strategy=plan) for one in grants])
        for kind in KINDS_OF_PARTS:
            if kind is not Project:
                create_with_history(kind, [one.part for one in rows[kind]])
        _create_projects(rows[Project])


def _create_projects(projects: Sequence[NextPart]) -> None:
    """Store homes before re-listings, which refer to them."""
    create_with_history(Project, [one.part for one in projects if one.home is None])
    new_rows = {one.source.pk: one.part for one in projects}
    relistings = [one for one in projects if one.home is not None]
    for one in relistings:
        one.part.relisted_from = new_rows[one.home.pk]
    create_with_history(Project, [one.part for one in relistings])
