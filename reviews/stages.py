"""What is recorded of 内部評価 and 有識者会議, for the stages of a year that entry shows."""

from datetime import date

from django.db.models import Count, Max
from django.utils import timezone

from entry.recorded_stages import register_stage_record
from goals.models import Strategy
from indicators.in_force import in_force
from indicators.models import FiscalYear
from measures.models import DIRECTLY, Measure
from reviews.models import Council, MeasureReview, State


def register_stages() -> None:
    """Register them; called when the app is ready."""
    register_stage_record("internally_reviewed_on", internally_reviewed_on)
    register_stage_record("council_met_on", council_met_on)


def internally_reviewed_on(year: FiscalYear) -> date | None:
    """Return when the last evaluation of the year was confirmed.

    None while a measure of a plan of that year is without a confirmed one. Two queries.
    """
    measures = Measure.objects.filter(
        in_force(year.pk),
        group__goal__strategy__in=Strategy.objects.of_year(year.pk).without_drafts(),
    ).exclude(position=DIRECTLY)
    confirmed = MeasureReview.objects.filter(
        measure__in=measures, fiscal_year=year, state=State.CONFIRMED
    ).aggregate(count=Count("pk"), last=Max("confirmed_at"))
    if not confirmed["last"] or confirmed["count"] < measures.count():
        return None
    return timezone.localdate(confirmed["last"])


def council_met_on(year: FiscalYear) -> date | None:
    """Return the day of the year's first meeting; None before it is registered. One query."""
    days = Council.objects.filter(fiscal_year=year).order_by("held_on")
    return days.values_list("held_on", flat=True).first()
