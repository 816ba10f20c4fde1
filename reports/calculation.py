"""What each step of reports/formulas.py gives for a listing: the results stored beside formulas.

Figures, status and label are those of the tree; the steps between are computed here with whole
numbers. tests/reports/ lets LibreOffice compute all of it anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from indicators.listings import target_spec
from indicators.rules.cases import Case, rounded
from indicators.rules.judgement import Assessment
from indicators.rules.targets import TargetSpec, check_target
from indicators.rules.terms import (
    EARLIER_MISS,
    KIND_NAMES,
    MISSING_NAMES,
    NO_BASELINE,
    READING_NOT_CONFIRMED,
    Direction,
    Kind,
    Status,
    band_of,
    mark_of,
)
from japanese.numerals import needed_decimals
from plans.nodes import CONTRADICTORY, ListingNode
from reports.observations import JUDGED_BY_NAMES

Result = int | Decimal | str
"""A cell's content; "" where a step gives nothing."""


@dataclass(frozen=True)
class Calculation:
    """The steps for one listing in one year of its plan. `entry` is what its paper shows there.

    Numbers are whole ones unless said otherwise, as the steps tell; "" where there is nothing.
    """

    listing: ListingNode
    fiscal_year: int
    entry: Decimal | str

    @cached_property
    def spec(self) -> TargetSpec:
        return target_spec(self.listing)

    @cached_property
    def judged(self) -> Assessment:
        return self.listing.assess(self.fiscal_year)

    @cached_property
    def recorded(self) -> int:
        """The most decimals of any number of the listing, which may be more than it should have."""
        listing = self.listing
        numbers = [listing.target, listing.tolerance, *listing.yearly_targets.values()]
        numbers += [n for n in (listing.baseline,) if n is not None]
        numbers += listing.indicator.values.values()
        return max(map(needed_decimals, numbers))

    @cached_property
    def places(self) -> int:
        """How many decimals of the unit are counted as whole numbers."""
        return max(self.spec.decimals, self.recorded) + 1

    @property
    def unit(self) -> int:
        return self.listing.indicator.display_factor * 10**self.places

    @property
    def grain(self) -> int:
        return 10 ** (self.places - self.spec.decimals - 1)

    @property
    def kind(self) -> str:
        return KIND_NAMES[Kind(self.spec.kind)]

    @property
    def sign(self) -> int:
        return 1 if self.spec.direction == Direction.UP else -1

    def _whole(self, number: Decimal | None) -> int | str:
        return "" if number is None else int(Fraction(number) * 10**self.places)

    @property
    def goal(self) -> int:
        return self._whole(self.spec.target)

    @property
    def base(self) -> int | str:
        return self._whole(self.spec.baseline)

    @property
    def rule(self) -> str:
        return KIND_NAMES[Kind(self.spec.rule)]

    def whole(self, year: int) -> int | str:
        """The value of a year."""
        inside = year in self.listing.period
        return self._whole(self.listing.indicator.values.get(year)) if inside else ""

    @cached_property
    def fault(self) -> int:
        listing = self.listing
        return int(bool(check_target(self.spec, listing.period, dict(listing.yearly_targets))))

    @property
    def bar(self) -> str:
        if not self.listing.is_confirmed:
            return READING_NOT_CONFIRMED
        return CONTRADICTORY if self.fault else ""

    @property
    def reason(self) -> str:
        return self.entry if self.entry in MISSING_NAMES.values() else ""

    @property
    def earlier(self) -> int:
        listing, year = self.listing, self.fiscal_year
        oldest = max(year - self.spec.carry_years, listing.period.first)
        return max((y for y in listing.indicator.values if oldest <= y < year), default=0)

    @property
    def basis(self) -> int | str:
        return "" if self.judged.basis_year is None else self.judged.basis_year

    @property
    def value(self) -> int | str:
        return self._whole(self.judged.value)

    @property
    def path_year(self) -> int:
        return self.basis or self.fiscal_year

    @property
    def exact(self) -> Fraction | int | str:
        if self.bar:
            return ""
        return self.exact_of(self.path_year)

    def exact_of(self, year: int) -> Fraction | int | str:
        """目安値 of a year before rounding; "" where there is none."""
        listing, period = self.listing, self.listing.period
        if year == period.last or self.spec.rule == Kind.EVERY_YEAR:
            return self.goal
        if year in listing.yearly_targets:
            return self._whole(listing.yearly_targets[year])
        share = period.elapsed(year)
        if self.spec.kind == Kind.TOTAL:
            return self.goal * share
        if self.spec.kind in (Kind.LEVEL, Kind.RESTRAINT) and self.spec.baseline is not None:
            return self.base + (self.goal - self.base) * share
        return ""

    @property
    def expected(self) -> int | str:
        return self._whole(self.judged.expected)

    @cached_property
    def case(self) -> Case | None:
        """The value beside what it is held against; None where nothing is judged."""
        judged = self.judged
        if self.bar or judged.value is None:
            return None
        expected = None if judged.expected is None else Fraction(judged.expected)
        value = Fraction(judged.value)
        return Case(self.spec, self.listing.period, judged.basis_year, value, expected)

    @property
    def start(self) -> int | str:
        if self.bar:
            return ""
        if self.spec.rule == Kind.TOTAL:
            return 0
        return self.base if self.spec.rule == Kind.LEVEL else ""

    @property
    def meets_goal(self) -> int | str:
        return int(self.case.meets_target) if self.case else ""

    @property
    def meets_expected(self) -> int | str:
        return int(self.case.meets_expected) if self.case and self.expected != "" else ""

    @property
    def worsened(self) -> int | str:
        has_path = self.spec.rule == Kind.LEVEL and self.start != ""
        return int(self.case.has_worsened) if self.case and has_path else ""

    def _from_start(self, number: int | str) -> int | str:
        return "" if "" in (number, self.start) else self.sign * (number - self.start)

    @property
    def done(self) -> int | str:
        return self._from_start(self.value)

    @property
    def way(self) -> int | str:
        return self._from_start(self.goal)

    @property
    def way_by_now(self) -> int | str:
        return self._from_start(self.expected)

    @property
    def attainment(self) -> Decimal | str:
        return _or_empty(self.judged.attainment)

    @property
    def completion(self) -> Decimal | str:
        return _or_empty(self.judged.completion)

    @property
    def pace(self) -> Decimal | str:
        return _or_empty(self.judged.pace)

    @property
    def by_pace(self) -> str:
        if self.done == "":
            return ""
        if self.pace == "":
            return (Status.ON_TRACK if self.meets_expected else Status.BEHIND).value
        return Status.ON_TRACK.value if self.pace >= self._scale[0] else self._grade(self.pace)

    @property
    def by_attainment(self) -> str:
        return "" if self.attainment == "" else self._grade(self.attainment)

    @property
    def _scale(self) -> tuple[Decimal | int, ...]:
        scale = self.listing.scale
        return scale.on_track, scale.mostly_on_track, scale.slightly_behind

    def _grade(self, figure: Decimal) -> str:
        _, mostly, slightly = self._scale
        if figure >= mostly:
            return Status.MOSTLY_ON_TRACK.value
        return (Status.SLIGHTLY_BEHIND if figure >= slightly else Status.BEHIND).value

    @property
    def last_figure(self) -> Decimal | str:
        if self.start != "":
            return self.completion
        return self.attainment if self.spec.rule in (Kind.EVERY_YEAR, Kind.LEVEL) else ""

    @property
    def misses(self) -> int | str:
        if self.case is None or self.spec.rule != Kind.EVERY_YEAR:
            return ""
        return sum(
            self.spec.lead(value, self.spec.target) < 0
            for year, value in self.listing.indicator.values.items()
            if self.listing.period.first <= year < self.basis
        )

    @property
    def status(self) -> str:
        return str(self.judged.status)

    @property
    def judged_by(self) -> str:
        return JUDGED_BY_NAMES.get(self.judged.judged_by, "")

    @property
    def note(self) -> str:
        if self.bar or self.value == "":
            return self.bar or self.reason
        if self.status == Status.NO_JUDGEMENT:
            return NO_BASELINE
        return EARLIER_MISS if self.status == Status.ACHIEVED and self.misses else ""

    @property
    def label(self) -> str:
        return self.judged.label

    @property
    def band(self) -> str:
        return band_of(self.judged.status).value

    @property
    def mark(self) -> str:
        return mark_of(self.band, self.listing.scale)

    def in_display_unit(self, whole: Fraction | int | str) -> Decimal | str:
        """Return one of the whole numbers as the paper shows it; "" for ""."""
        return "" if whole == "" else Decimal(whole) / self.unit

    def sum_of(self, year: int) -> int | str:
        """The value by which a year would be judged, of a total the sum; "" without one."""
        if self.whole(year) == "":
            return ""
        if self.spec.kind != Kind.TOTAL or self.spec.running_total:
            return self.whole(year)
        return sum(self._counted(range(self.listing.period.first, year + 1)))

    def _counted(self, years: Iterable[int]) -> Iterable[int]:
        return (self.whole(year) for year in years if self.whole(year) != "")

    def expected_of(self, year: int) -> int | str:
        """目安値 of any year of the plan; "" where there is none or nothing is judged."""
        exact = "" if self.bar else self.exact_of(year)
        return "" if exact == "" else int(rounded(Fraction(exact) / self.grain, 0)) * self.grain


def _or_empty(number: Any) -> Any:
    return "" if number is None else number
