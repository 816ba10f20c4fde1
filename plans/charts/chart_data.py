"""What a chart is drawn from: the numbers of one listing over the years of its plan."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


def _plain(number: Decimal, decimals: int | None) -> str:
    return str(number)


@dataclass(frozen=True)
class ChartData:
    """The numbers of a chart, in the unit of the indicator; what there is not is empty or None.

    `years` are the fiscal years with their labels, in order. `values` are drawn as points and a
    line, `yearly` as bars behind them (of a sum what each year added). `expected` is the path to
    the target; `typed` are its years that were typed in one by one. `baseline` has a place of its
    own before the first year, with `baseline_word` below it; the path begins there where it
    `starts_path`. `forbidden` is the side of the target, "above" or "below", where no value
    should be; "" where the target is a place to go to. `provisional` are years whose value may
    still change. `absences` has the word for why a year has no value, `carried` the year whose
    value stands in for that of another. `write` turns a number into its label, with so many
    decimals; None: as many as its unit has. `from_zero`: zero is on the axis. The
    numbers of the axis are at least `smallest_step` apart: there is no half a person.
    """

    years: Sequence[tuple[int, str]]
    values: Mapping[int, Decimal] = field(default_factory=dict)
    yearly: Mapping[int, Decimal] = field(default_factory=dict)
    expected: Mapping[int, Decimal] = field(default_factory=dict)
    typed: Collection[int] = ()
    target: Decimal | None = None
    target_word: str = "目標値"
    baseline: Decimal | None = None
    baseline_word: str = ""
    starts_path: bool = False
    forbidden: str = ""
    provisional: Collection[int] = ()
    absences: Mapping[int, str] = field(default_factory=dict)
    carried: Mapping[int, int] = field(default_factory=dict)
    write: Callable[[Decimal, int | None], str] = _plain
    from_zero: bool = False
    smallest_step: Decimal | None = None

    @property
    def marks(self) -> list[Decimal]:
        """What values are held against: target, path and baseline."""
        single = [number for number in (self.target, self.baseline) if number is not None]
        return [*self.expected.values(), *single]

    @property
    def measured(self) -> list[Decimal]:
        """All values that are drawn."""
        return [*self.values.values(), *self.yearly.values()]
