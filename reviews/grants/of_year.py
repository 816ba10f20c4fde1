"""The 交付金 of a plan's year, and which of them are not reviewed yet."""

from django.db.models import Exists, OuterRef, QuerySet

from goals.models import Grant
from indicators.in_force import in_force
from reviews.models import GrantReview


def grants_of_year(strategy_code: str, fiscal_year: int) -> QuerySet[Grant]:
    """Return the 交付金 that a plan has in a year, in their order."""
    return Grant.objects.filter(in_force(fiscal_year), strategy__code=strategy_code).order_by(
        "number"
    )


def grants_without_effect(strategy_code: str, fiscal_year: int) -> QuerySet[Grant]:
    """Return those whose effect is not chosen yet."""
    written = GrantReview.objects.filter(grant=OuterRef("pk"), fiscal_year=fiscal_year)
    return grants_of_year(strategy_code, fiscal_year).exclude(Exists(written.exclude(effect="")))
