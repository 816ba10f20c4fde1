"""Saving the entry grid: recording 50 values, compared with writing 50 rows and their history."""

from collections.abc import Callable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from bench.registry import benchmark
from bench.timing import ROUNDS, time_ratio
from indicators.entries import Entry
from indicators.models import Actual, Indicator
from indicators.recording import record
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from trail.history import Change, Door

ROWS, YEAR = 50, 2017


@benchmark("入力画面：50件の保存、行と履歴の一括登録に対して", limit=2)
def saving(rounds: int = ROUNDS) -> float:
    """Locks, rights, versions, plausibility and history, compared with plain writes."""
    indicators, clerk = _office()
    entries = [
        Entry(indicator_id=indicator.pk, fiscal_year=YEAR, value=Decimal(12))
        for indicator in indicators
    ]

    def measured() -> None:
        record(entries, Change(by=clerk, door=Door.GRID))

    def yardstick() -> None:
        write_bare(indicators, clerk)

    return time_ratio(undone(measured), undone(yardstick), rounds=rounds)


def _office() -> tuple[list[Indicator], User]:
    """Return 50 listed indicators with a value for the year before, and their clerk."""
    section = make_section()
    measure = make_measure(make_goal(make_strategy()))
    indicators = [make_indicator(section) for _ in range(ROWS)]
    by = make_user(Role.PLANNING)
    for indicator in indicators:
        make_kpi(measure, indicator)
        make_actual(indicator, YEAR - 1, 12, by=by)
    make_fiscal_year(YEAR)
    clerk = make_user(Role.CLERK, section)
    return indicators, clerk


def write_bare(indicators: list[Indicator], by: User) -> None:
    """Write a row and a row of history for each indicator, in bulk and without checks."""
    now = timezone.now()
    with transaction.atomic():
        rows = Actual.objects.bulk_create(
            Actual(
                indicator_id=indicator.pk,
                fiscal_year_id=YEAR,
                value=Decimal(12),
                entered_by=by,
                entered_at=now,
            )
            for indicator in indicators
        )
        fields = [field.attname for field in Actual._meta.concrete_fields]
        model = Actual.history.model
        model.objects.bulk_create(
            model(
                history_date=now,
                history_type="+",
                history_user=by,
                door=Door.GRID,
                **{name: getattr(row, name) for name in fields},
            )
            for row in rows
        )


def undone(write: Callable[[], None]) -> Callable[[], None]:
    """Return a function that writes and rolls back, so that every round starts the same."""

    def write_and_undo() -> None:
        with transaction.atomic():
            write()
            transaction.set_rollback(True)

    return write_and_undo
