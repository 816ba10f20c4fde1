"""検証調書: which years are fixed, what became of each edition, and how two of them differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from reviews.models import Edition

ASKED = "取下げの申出中"
"""The state of an edition that one person wants withdrawn."""


def fixed_plans(fiscal_year: int) -> frozenset[int]:
    """Return the ids of the plans whose edition of a year stands; one query."""
    editions = Edition.objects.filter(fiscal_year=fiscal_year)
    standing = editions.exclude(withdrawal__agreed_by__isnull=False)
    return frozenset(standing.values_list("strategy_id", flat=True))


def editions_of(code: str) -> QuerySet[Edition]:
    """Return the editions of a plan, the newest first, with what happened to them later."""
    found = Edition.objects.filter(strategy__code=code).defer("data")
    return found.select_related(
        "fiscal_year", "strategy", "fixed_by", "publication", "withdrawal"
    ).order_by("-number")


def state_of_edition(edition: Edition) -> str:
    """Return 公表済み, 取下げ, 取下げの申出中 or 確定."""
    if hasattr(edition, "publication"):
        return "公表済み"
    if hasattr(edition, "withdrawal"):
        return "取下げ" if edition.withdrawal.agreed_by_id else ASKED
    return "確定"


def is_standing(edition: Edition) -> bool:
    """Whether an edition has not been withdrawn."""
    return not (hasattr(edition, "withdrawal") and edition.withdrawal.agreed_by_id)


@dataclass(frozen=True)
class ChangedValue:
    """A value of a year that two editions say differently; "" where one has none."""

    name: str
    fiscal_year: int
    before: str
    now: str


def changed_values(
    before: Sequence[Mapping[str, Any]], now: Mapping[str, Any]
) -> list[ChangedValue]:
    """Return the values that an edition says otherwise than earlier ones, all as their data.

    `before` begins with the oldest: of a year that several reported about, the newest counts. Years
    after all of them are new, and no difference.
    """
    last = max((data["fiscal_year"] for data in before), default=0)
    earlier: dict[tuple[str, int], tuple[str, str]] = {}
    for data in before:
        said = _values_in(data).items()
        earlier |= {key: value for key, value in said if key[1] <= data["fiscal_year"]}
    later = _values_in(now)
    changed = []
    for (code, year), (name, _) in (earlier | later).items():
        old, new = (values.get((code, year), (name, ""))[1] for values in (earlier, later))
        if year <= last and old != new:
            changed.append(ChangedValue(name, year, old, new))
    return sorted(changed, key=lambda one: (one.name, one.fiscal_year))


def _values_in(data: Mapping[str, Any]) -> dict[tuple[str, int], tuple[str, str]]:
    """Return name and value by indicator and year of the plan in an edition's data."""
    found = {}
    for listing in listings_in(data["plan"]):
        indicator = listing["indicator"]
        for year, actual in listing.get("actuals", {}).items():
            said = actual["value"] if actual["value"] is not None else actual["availability"]
            provisional = "（速報値）" if actual.get("provisional") else ""
            text = f"{said}{indicator.get('unit') or ''}{provisional}"
            found[indicator["code"], int(year)] = (listing["name"], text)
    return found


def listings_in(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the listings of a plan's JSON, in its order."""
    for goal in plan["goals"]:
        yield from goal["numeric_targets"]
        for group in goal["measure_groups"]:
            for measure in group["measures"]:
                yield from measure["kpis"]
