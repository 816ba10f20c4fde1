"""Parts of a plan that hold for some of its years only: added or ended by a revision."""

from django.db import models
from django.db.models import Q

ENDED_WITH_THE_PART_ABOVE = "上位の項目の終了に伴うものです。"
"""What is said where a part that ended has no reason of its own."""


class InForce(models.Model):
    """A part of a plan with the fiscal years in which it holds.

    Without a first year it is there from the start of the plan, without a last year until its end.
    Both years are set by a revision of the plan, which applies from the first year, or from the
    year after the last one. A part that ended with the part above it has no reason of its own.
    """

    first_fiscal_year = models.PositiveSmallIntegerField(
        "追加した年度", null=True, blank=True, editable=False
    )
    last_fiscal_year = models.PositiveSmallIntegerField(
        "終了した年度", null=True, blank=True, editable=False
    )
    ending_reason = models.CharField("終了の理由", max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True


def hold_with(part: InForce, above: object) -> None:
    """Let a new part hold for the years of the part above it, at most."""
    if isinstance(above, InForce):
        part.first_fiscal_year = above.first_fiscal_year
        part.last_fiscal_year = above.last_fiscal_year


def holds(first: int | None, last: int | None, fiscal_year: int) -> bool:
    """Whether a year lies between two years, each of which may be open."""
    return (first is None or first <= fiscal_year) and (last is None or fiscal_year <= last)


def in_force(fiscal_year: int) -> Q:
    """Return the condition that a part holds in a year."""
    return (Q(first_fiscal_year__isnull=True) | Q(first_fiscal_year__lte=fiscal_year)) & (
        Q(last_fiscal_year__isnull=True) | Q(last_fiscal_year__gte=fiscal_year)
    )
