"""What each step of 計算 gives for a listing: the judgement of the tree in the sheet's numbers.

XlsxWriter stores it beside the formulas of cell_formulas.py. Nothing is judged here; tests compute
the formulas and compare.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from indicators.rules.cases import Case
from indicators.rules.judgement import (
    Assessment,
    expected_values,
    grade,
    judge_by_path,
    last_year_figure,
    stand_in_year,
)
from indicators.rules.targets import TargetSpec, check_target, within
from indicators.rules.terms import (
    CONTRADICTORY,
    READING_NOT_CONFIRMED,
    Direction,
    Kind,
    Missing,
    mark_of,
)
from japanese.numerals import needed_decimals
from plans.nodes import ListingNode

Result = int | Decimal | Fraction | str
"""A cell's content; "" where a step gives nothing."""


@dataclass(frozen=True)
class Results:
    """The results of the steps for one listing in one year of its plan, by their keys.

    `entry` is what the paper shows for the year. Numbers are whole ones unless said otherwise, as
    the steps tell; "" where there is nothing.
    """

    listing: ListingNode
    fiscal_year: int
    entry: Decimal | str

    @cached_property
    def spec(self) -> TargetSpec:
        return self.listing.spec

    @cached_property
    def judged(self) -> Assessment:
        return self.listing.assess(self.fiscal_year)

    @property
    def case(self) -> Case | None:
        return self.judged.case

    # Numbers made whole

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

    def _whole(self, number: Decimal | None) -> int | str:
        return "" if number is None else int(Fraction(number) * 10**self.places)

    def in_display_unit(self, whole: Result) -> Decimal | str:
        """Return one of the whole numbers as the paper shows it; "" for ""."""
        return "" if whole == "" else Decimal(whole) / self.unit

    # What is registered and recorded

    @property
    def kind(self) -> str:
        return Kind(self.spec.kind).label

    @property
    def sign(self) -> int:
        return 1 if self.spec.direction == Direction.UP else -1

    @property
    def goal(self) -> int | str:
        return self._whole(self.spec.target)

    @property
    def base(self) -> int | str:
        return self._whole(self.spec.baseline)

    @property
    def rule(self) -> str:
        return Kind(self.spec.rule).label

    def whole(self, year: int) -> int | str:
        """The value of a year."""
        return self._whole(within(self.listing.period, self.listing.indicator.values).get(year))

    @cached_property
    def fault(self) -> int:
        return int(bool(check_target(self.spec, self.listing.period)))

    @property
    def bar(self) -> str:
        return self.note if self.note in (READING_NOT_CONFIRMED, CONTRADICTORY) else ""

    @property
    def reason(self) -> str:
        return self.entry if self.entry in {reason.label for reason in Missing} else ""

    @property
    def earlier(self) -> int:
        values = within(self.listing.period, self.listing.indicator.values)
        return stand_in_year(self.spec, values, self.fiscal_year) or 0

    @property
    def basis(self) -> int | str:
        return _or_empty(self.judged.basis_year)

    @property
    def value(self) -> int | str:
        return self._whole(self.judged.value)

    def value_of(self, year: int) -> int | str:
        """The value by which a year is judged, of a total the sum; "" without one of its own."""
        judged = self.listing.assess(year)
        return self._whole(judged.value) if judged.basis_year == year else ""

    # 目安値

    @property
    def path_year(self) -> int:
        return self.basis or self.fiscal_year

    @property
    def exact(self) -> Result:
        return self.exact_of(self.path_year)

    def exact_of(self, year: int) -> Result:
        """目安値 of a year before rounding; "" where there is none or nothing is judged."""
        path = None if self.bar else self.spec.path(self.listing.period, year)
        return path * 10**self.places if isinstance(path, Fraction) else self._whole(path)

    @property
    def expected(self) -> int | str:
        return self._whole(self.judged.expected)

    def expected_of(self, year: int) -> int | str:
        """目安値 of any year of the plan; "" where there is none or nothing is judged."""
        return "" if self.bar else self._whole(self._expected_values[year])

    @cached_property
    def _expected_values(self) -> dict[int, Decimal | None]:
        return expected_values(self.spec, self.listing.period)

    # Comparisons and figures

    @property
    def start(self) -> int | str:
        return "" if self.bar else self._whole(self.spec.start)

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

    # The judgement

    @property
    def by_pace(self) -> str:
        has_path = self.done != ""
        return judge_by_path(self.case, self.listing.scale).status.value if has_path else ""

    @property
    def by_attainment(self) -> str:
        figure = self.attainment
        return "" if figure == "" else grade(figure, self.listing.scale).value

    @property
    def last_figure(self) -> Decimal | str:
        return _or_empty(last_year_figure(self.case)[0]) if self.case else ""

    @property
    def misses(self) -> int | str:
        is_asked = self.case and self.spec.rule == Kind.EVERY_YEAR
        return len(self.case.misses) if is_asked else ""

    @property
    def status(self) -> str:
        return self.judged.status.value

    @property
    def judged_by(self) -> str:
        return self.judged.judged_by.label if self.judged.judged_by else ""

    @property
    def note(self) -> str:
        return self.judged.note

    @property
    def label(self) -> str:
        return self.judged.label

    @property
    def band(self) -> str:
        return self.judged.status.band.value

    @property
    def mark(self) -> str:
        return mark_of(self.band, self.listing.scale)


def _or_empty(number: Any) -> Any:
    return "" if number is None else number
