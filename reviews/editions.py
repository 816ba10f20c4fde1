"""Which years of which plans are fixed as 検証調書."""

from reviews.models import Edition


def fixed_plans(fiscal_year: int) -> frozenset[int]:
    """Return the ids of the plans whose edition of a year stands; one query."""
    editions = Edition.objects.filter(fiscal_year=fiscal_year)
    standing = editions.exclude(withdrawal__agreed_by__isnull=False)
    return frozenset(standing.values_list("strategy_id", flat=True))
