"""回答状況: the progress of a year's values by department and section."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.db.models import Count, FilteredRelation, Q

from accounts.models import Section
from accounts.sections import names_in
from entry.current_years import due_line
from indicators.duties import entering_section, shown_section
from indicators.listing_rows import indicators_of_year
from indicators.models import Actual, FiscalYear
from indicators.year_dates import Progress, time_left

State = Actual.State

MISSING_STATE = "none"
"""Used as the state of a missing value."""

STATES = {MISSING_STATE: "未回答", **dict(State.choices)}
"""The columns of 回答状況, in the order of the workflow."""

STATE_COLUMNS = (
    MISSING_STATE, State.DRAFT, State.SUBMITTED, State.RETURNED, State.ANSWERED, State.CONFIRMED,
)  # fmt: skip

ANSWERED = frozenset({State.ANSWERED, State.CONFIRMED})


@dataclass(frozen=True)
class Counts:
    """The number of indicators in each state."""

    by_state: Mapping[str, int]

    @property
    def total(self) -> int:
        """The number of all indicators."""
        return sum(self.by_state.values())

    @property
    def answered(self) -> int:
        """The number of answered indicators, including confirmed ones."""
        return sum(self.by_state.get(state, 0) for state in ANSWERED)

    @property
    def open(self) -> int:
        """The number of indicators not answered yet."""
        return self.total - self.answered

    @property
    def progress(self) -> Progress:
        """The numbers that determine the stage of the year."""
        return Progress(self.total, self.answered, self.by_state.get(State.CONFIRMED, 0))

    def of(self, state: str) -> int:
        """Return the number in one state."""
        return self.by_state.get(state, 0)


@dataclass(frozen=True)
class SectionStatus:
    """One section: its counts, and how many are overdue.

    `entering` has the sections that enter its values now: itself, or those that came after it.
    """

    pk: int
    name: str
    department: str
    counts: Counts
    overdue: int
    entering: frozenset[int] = frozenset()


@dataclass(frozen=True)
class YearStatus:
    """The sections in the order of the office, and their sum."""

    sections: tuple[SectionStatus, ...]
    counts: Counts
    overdue: int
    due_line: str = ""
    time_left: str = ""
    departments: tuple[tuple[str, tuple[SectionStatus, ...]], ...] = field(default=())

    def of_section(self, section_id: int) -> SectionStatus | None:
        """Return one section; None if it has no indicator in this year."""
        return next((section for section in self.sections if section.pk == section_id), None)


def year_status(
    year: FiscalYear, today: date, *, section_ids: Collection[int] | None = None
) -> YearStatus:
    """Return the progress of a year for what these sections enter (None: all).

    It is counted by the sections of the year. Needs three queries.
    """
    actual = FilteredRelation("actuals", condition=Q(actuals__fiscal_year=year.pk))
    rows = (
        indicators_of_year(year.pk)
        .order_by()
        .annotate(
            actual=actual,
            shown=shown_section("entered_by", year.pk),
            entering=entering_section(year.pk),
        )
    )
    if section_ids is not None:
        rows = rows.filter(entering__in=section_ids)
    by_section: dict[int, Counter[str]] = defaultdict(Counter)
    entering: dict[int, set[int]] = defaultdict(set)
    counted = rows.values_list("shown", "entering", "actual__state").annotate(Count("pk"))
    for section_id, entering_id, state, count in counted:
        by_section[section_id][state or MISSING_STATE] += count
        entering[section_id].add(entering_id)
    is_late = year.due_date is not None and year.due_date < today
    names = names_in(year.pk)
    sections = tuple(
        SectionStatus(
            pk=pk,
            name=names[pk],
            department=department,
            counts=(counts := Counts(dict(by_section[pk]))),
            overdue=counts.open if is_late else 0,
            entering=frozenset(entering[pk]),
        )
        for pk, department in Section.objects.filter(pk__in=by_section).values_list(
            "pk", "department"
        )
    )
    return YearStatus(
        sections=sections,
        counts=_sum(sections),
        overdue=sum(section.overdue for section in sections),
        due_line=due_line(year, today),
        time_left=time_left(year.due_date, today),
        departments=_by_department(sections),
    )


def _sum(sections: Collection[SectionStatus]) -> Counts:
    total: Counter[str] = Counter()
    for section in sections:
        total.update(section.counts.by_state)
    return Counts(dict(total))


def _by_department(
    sections: Collection[SectionStatus],
) -> tuple[tuple[str, tuple[SectionStatus, ...]], ...]:
    """Group sections by department, departments in the order of their first section."""
    first: dict[str, int] = {}
    for section in sections:
        first.setdefault(section.department, len(first))
    ordered = sorted(sections, key=lambda section: first[section.department])
    return tuple(
        (department, tuple(group))
        for department, group in groupby(ordered, key=lambda section: section.department)
    )
