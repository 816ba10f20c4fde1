"""What a chart is drawn from: the numbers of one listing over its plan and the years around it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

BEFORE, AFTER = "計画期間前", "計画期間後"
"""What the years around a plan are called where no other plan has them."""


@dataclass(frozen=True)
class OtherTarget:
    """The target of another plan for the same indicator, over the years of that plan.

    `due` is the year by which it is to be reached.
    """

    target: Decimal
    first: int
    last: int
    due: int


@dataclass(frozen=True)
class EarlierTarget:
    """The target that held until a revision, over its own years."""

    target: Decimal
    first: int
    last: int
    forbidden: str


def _plain(number: Decimal, decimals: int | None) -> str:
    return str(number)


@dataclass(frozen=True)
class ChartData:
    """The numbers of a chart, in the unit of the indicator; absent ones are empty or None.

    - `years`: fiscal years with their labels, in order.
    - `values`: drawn as points and a line. `yearly`: bars behind them (for a sum, what each year
      added).
    - `expected`: the path to the target. `typed`: those of its years that were entered one by one.
    - `baseline`: has its own column before the first year, with `baseline_word` below it. The path
      begins there if `starts_path`.
    - `upper`: the upper end of a range, whose lower end is `target`.
    - `forbidden`: the side of the target, "above" or "below", where no value should be; "" if the
      target is a value to reach.
    - `target_year`: the year by which the target is to be reached, marked on the line of the
      target; None for the last of the plan, which needs no mark.
    - `provisional`: years whose value may still change.
    - `absences`: the word that says why a year has no value.
    - `carried`: by year, the earlier year whose value is used instead.
    - `ahead`: the ends of the line that continues from the newest value to the year of the target.
    - `write`: formats a number with that many decimals; None means as many as the unit has.
    - `from_zero`: zero is on the axis.
    - `smallest_step`: the smallest distance between ticks, because there is no half a person.
    - `around`: years of `years` before and after the plan, each with a word for them; their values
      are in `values_around`. Without them all years are drawn as the plan's.
    - `others`: targets of other plans.
    - `revisions`: years from which a revision holds that changed the target, with a word for each:
      the path starts again there. `earlier` are the targets until then, `target_from` is the year
      from which `target` holds, None for the first.
    """

    years: Sequence[tuple[int, str]]
    values: Mapping[int, Decimal] = field(default_factory=dict)
    yearly: Mapping[int, Decimal] = field(default_factory=dict)
    expected: Mapping[int, Decimal] = field(default_factory=dict)
    typed: Collection[int] = ()
    target: Decimal | None = None
    upper: Decimal | None = None
    target_word: str = "目標値"
    target_year: int | None = None
    baseline: Decimal | None = None
    baseline_word: str = ""
    starts_path: bool = False
    forbidden: str = ""
    provisional: Collection[int] = ()
    absences: Mapping[int, str] = field(default_factory=dict)
    carried: Mapping[int, int] = field(default_factory=dict)
    ahead: Mapping[int, Decimal] = field(default_factory=dict)
    write: Callable[[Decimal, int | None], str] = _plain
    from_zero: bool = False
    smallest_step: Decimal | None = None
    around: Mapping[int, str] = field(default_factory=dict)
    values_around: Mapping[int, Decimal] = field(default_factory=dict)
    others: Sequence[OtherTarget] = ()
    revisions: Mapping[int, str] = field(default_factory=dict)
    earlier: Sequence[EarlierTarget] = ()
    target_from: int | None = None

    @property
    def marks(self) -> list[Decimal]:
        """What values are compared with: targets, path and baseline."""
        single = [n for n in (self.target, self.upper, self.baseline) if n is not None]
        earlier = [one.target for one in self.earlier]
        others = [one.target for one in self.others]
        return [*self.expected.values(), *single, *earlier, *others]

    @property
    def measured(self) -> list[Decimal]:
        """All values that are drawn, reported or to come."""
        own = [*self.values.values(), *self.yearly.values(), *self.ahead.values()]
        return [*own, *self.values_around.values()]

    @property
    def before(self) -> list[int]:
        """The years before the plan."""
        own = self.own
        return [year for year in self.around if own and year < own[0]]

    @property
    def after(self) -> list[int]:
        """The years after the plan."""
        own = self.own
        return [year for year in self.around if own and year > own[-1]]

    @property
    def own(self) -> list[int]:
        """The years of the plan."""
        return [year for year, _ in self.years if year not in self.around]
