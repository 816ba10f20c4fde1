"""The result of each step of 計算 for a listing: the tree's judgement in the sheet's numbers.

XlsxWriter stores the results with the formulas of cell_formulas.py. This module judges nothing;
tests evaluate the formulas and compare.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import cast

from indicators.rules.chosen_grades import PERSONAL
from indicators.rules.judgement import (
    Assessment,
    far_figure,
    follows_path,
    judge_by_attainment,
    judge_by_path,
    last_year_figure,
    path_figure,
    stand_in_year,
)
from indicators.rules.narrowing_types import given
from indicators.rules.outlook import OutlookState
from indicators.rules.targets import TargetSpec, check_target, within
from indicators.rules.terms import (
    CONTRADICTORY,
    MONITORED,
    NO_REFERENCE,
    READING_NOT_CONFIRMED,
    Direction,
    Kind,
    Missing,
    mark_of_status,
)
from japanese.numerals import needed_decimals
from plans.nodes import ListingNode
from reports.sheets.cell_formulas import STEPS, STEPS_OF_OTHER_KINDS

HELD_NONE = "なし"
"""What stands for a number that a listing did not have before a revision."""

BY_A_PERSON = "記述目標。人の判断による判定（作成時の文字）"
"""Why no formula judges a 記述目標."""

BY_WHAT_IS_PUBLIC = "秘匿の値がある指標（作成時の文字）"
"""Why no formula judges a listing of which the public may not see every value."""

Result = int | Decimal | Fraction | str
"""The content of a cell; "" if the step has no result."""


@dataclass(frozen=True)
class Results:
    """The results for one listing in one year of its plan, by key of the step: `results["status"]`.

    `entry` is the content of the printed sheet for the year, of a total after its target year for
    that one. Numbers are integers as defined in
    cell_formulas.py unless stated otherwise; "" means no result.
    """

    listing: ListingNode
    fiscal_year: int
    entry: Decimal | int | str

    def __getitem__(self, key: str) -> Result:
        return self._steps[key]

    @cached_property
    def _steps(self) -> dict[str, Result]:
        every = (*STEPS, *STEPS_OF_OTHER_KINDS)
        steps: dict[str, Result | None] = dict.fromkeys(step.key for step in every)
        steps |= self._registered() | self._path() | self._figures() | self._judgement()
        steps |= self._outlook()
        return {key: "" if result is None else result for key, result in steps.items()}

    @property
    def spec(self) -> TargetSpec:
        return self.listing.spec

    @property
    def judged(self) -> Assessment:
        return self.listing.assess(self.fiscal_year)

    @property
    def is_text(self) -> bool:
        """Whether there are texts instead of formulas."""
        return self.listing.is_described or self.listing.has_withheld_years

    @property
    def bar(self) -> str:
        """Why the listing is not judged; "" if it is."""
        if self.listing.is_described:
            return BY_A_PERSON
        if self.listing.has_withheld_years:
            return BY_WHAT_IS_PUBLIC
        note = self.judged.note
        return (
            note if note in (READING_NOT_CONFIRMED, MONITORED, CONTRADICTORY, NO_REFERENCE) else ""
        )

    # Scaling to integers

    @cached_property
    def recorded(self) -> int:
        """The most decimals of any number of the listing; they may exceed the indicator's."""
        listing = self.listing
        numbers = [listing.tolerance, *listing.yearly_targets.values()]
        others = (listing.target, listing.upper, listing.baseline)
        numbers += [n for n in others if n is not None]
        numbers += listing.indicator.values.values()
        if listing.reference is not None:
            numbers += listing.reference.values.values()
        return max(map(needed_decimals, numbers))

    @property
    def places(self) -> int:
        """The number of decimals that are scaled to integers."""
        return max(self.spec.decimals, self.recorded) + 1

    @property
    def unit(self) -> int:
        """The integer that stands for one display unit."""
        return self.listing.indicator.display_factor * 10**self.places

    def _whole(self, number: Decimal | Fraction | None) -> int | str:
        return "" if number is None else int(Fraction(number) * 10**self.places)

    def in_display_unit(self, whole: Result) -> Decimal | str:
        """Return a scaled number in the display unit, as printed; "" for ""."""
        return "" if whole == "" else Decimal(cast(Decimal | int, whole)) / self.unit

    # Years

    @property
    def _values(self) -> Mapping[int, Decimal]:
        return within(self.listing.period, self.listing.indicator.values)

    def whole(self, year: int) -> int | str:
        """Return the value of a year as a scaled integer; "" without one."""
        return self._whole(self._values.get(year))

    def of_year(self, key: str, year: int) -> int | str:
        """Return the result of a yearly step: the value, or what it is compared with."""
        if key == "against":
            return self._whole(self.spec.targets.get(year))
        return self.whole(year)

    def value_of(self, year: int) -> int | str:
        """Return the value by which a year is judged (for totals, the sum); "" without one."""
        if year not in self.listing.period or self.listing.has_withheld_years:
            return ""
        judged = self.listing.assess(year)
        return self._whole(judged.value) if judged.basis_year == year else ""

    def exact_of(self, year: int) -> Result:
        """Return the unrounded 目安値 of a year; "" if there is none or nothing is judged."""
        listing = self.listing
        is_judged = not self.bar and year in listing.period
        path = listing.taken.path(listing.period, year) if is_judged else None
        return path * 10**self.places if isinstance(path, Fraction) else self._whole(path)

    def expected_of(self, year: int) -> int | str:
        """Return 目安値 of any year of the plan; "" if there is none or nothing is judged.

        It is what held in the year, before a later revision, too.
        """
        return self._whole(self._then(year).own_path.get(year))

    def goal_of(self, year: int) -> int | str:
        """Return the target that held in a year."""
        return self._whole(self._then(year).target)

    def held_path(self, year: int) -> Decimal | str:
        """Return 目安値 of a year before a revision of the listing in the display unit, else ""."""
        return self._held(year, self._then(year).own_path.get(year))

    def held_goal(self, year: int) -> Decimal | str:
        """Return the target of a year before a revision in the same way."""
        return self._held(year, self._then(year).target)

    def _then(self, year: int) -> ListingNode:
        return self.listing.in_year(year) if year in self.listing.period else self.listing

    def _held(self, year: int, number: Decimal | None) -> Decimal | str:
        if self._then(year) is self.listing:
            return ""
        return HELD_NONE if number is None else number / self.listing.indicator.display_factor

    # Steps

    def _registered(self) -> dict[str, Result | None]:
        spec = self.spec
        return {
            "unit": self.unit,
            "grain": 10 ** (self.places - spec.decimals - 1),
            "kind": Kind(spec.kind).label,
            "sign": 1 if spec.direction == Direction.UP else -1,
            "goal": self._whole(self.listing.target),
            "base": self._whole(spec.baseline),
            "top": self._whole(spec.upper),
            "rule": Kind(self.listing.taken.rule).label,
            "since": self.listing.period.first,
            "due": self.listing.due,
            "asked": spec.counted_year(self.listing.period, self.fiscal_year),
            "fault": int(not spec.is_judged or bool(check_target(spec, self.listing.period))),
            "bar": self.bar,
            "entry": self.entry,
            "reason": self.entry if self.entry in {reason.label for reason in Missing} else "",
            "earlier": stand_in_year(spec, self._values, self.fiscal_year) or 0,
        }

    def _path(self) -> dict[str, Result | None]:
        """The steps with the judged value, the path to the target and the position on it."""
        judged, spec = self.judged, self.spec
        faced = spec if judged.case is None else judged.case.target
        path_year = judged.as_of
        start = None if self.bar else spec.start

        def from_start(number: Decimal | None) -> int | str:
            if number is None or start is None:
                return ""
            return self._whole(spec.lead(number, start))

        return {
            "basis": judged.basis_year,
            "value": self._whole(judged.value),
            "path_year": path_year,
            "exact": self.exact_of(path_year),
            "expected": self._whole(judged.expected),
            "start": self._whole(start),
            "done": from_start(judged.value),
            "way": from_start(spec.target),
            "way_by_now": from_start(judged.expected),
            "aim": None if judged.case is None else self._whole(faced.target),
            "side": None if judged.case is None else (1 if faced.direction == Direction.UP else -1),
        }

    def _figures(self) -> dict[str, Result | None]:
        """The steps with comparisons and percentages, which exist only for a judged value."""
        judged, case, spec, scale = self.judged, self.judged.case, self.spec, self.listing.scale
        if case is None:
            return {}
        has_path, is_level = spec.start is not None, spec.rule == Kind.LEVEL
        attainment, far = judged.attainment, far_figure(case, scale)[0]
        return {
            "meets_goal": int(case.meets_target),
            "meets_expected": None if case.expected is None else int(case.meets_expected),
            "worsened": int(case.has_worsened) if has_path and is_level else None,
            "attainment": judged.attainment,
            "completion": judged.completion,
            "by_share": int(case.takes_share),
            "pace": judged.pace,
            "track": getattr(case, path_figure(case, scale)),
            "by_pace": judge_by_path(case, scale).status.value
            if has_path or follows_path(case)
            else None,
            "by_attainment": None
            if attainment is None
            else judge_by_attainment(case, scale).status.value,
            "last_figure": last_year_figure(case, scale)[0],
            "far_figure": far,
            "is_far": int(
                None not in (far, scale.far_above) and given(far) >= given(scale.far_above)
            ),
            "misses": len(case.misses) if case.target.rule == Kind.EVERY_YEAR else None,
        }

    def _judgement(self) -> dict[str, Result | None]:
        judged = self.judged
        return {
            "status": judged.status.value,
            "judged_by": PERSONAL
            if judged.is_chosen
            else judged.judged_by and judged.judged_by.label,
            "note": judged.note,
            "label": judged.label,
            "band": judged.status.band.value,
            "mark": mark_of_status(judged.status, self.listing.scale),
        }

    def _outlook(self) -> dict[str, Result | None]:
        """The steps that look ahead from the values up to the year."""
        found = self.listing.look_ahead(self.fiscal_year)
        years = [year for year in self._values if year <= self.fiscal_year]
        return {
            "ahead_count": len(years),
            "ahead_first": min(years, default=0),
            "ahead_newest": max(years, default=0),
            "ahead_free": self._whole(found.computed),
            "ahead": self._whole(found.value),
            "outlook": "" if found.state == OutlookState.OVER else found.state.label,
        }
