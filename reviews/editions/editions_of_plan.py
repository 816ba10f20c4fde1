"""検証調書: which years are fixed, what became of each edition, and how two of them differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from goals.models import Strategy
from indicators.models import FiscalYear
from plans.json_tree import listings_in
from reviews.editions.texts import readings_in, values_in, withheld_codes
from reviews.models import Edition

ASKED = "取下げの申出中"
"""The state of an edition that one person wants withdrawn."""


def standing(editions: QuerySet[Edition]) -> QuerySet[Edition]:
    """Return the editions that were not withdrawn, which takes the agreement of two people."""
    return editions.exclude(withdrawal__agreed_by__isnull=False)


def fixed_plans(fiscal_year: int) -> frozenset[int]:
    """Return the ids of the plans with a valid edition of a year; one query."""
    editions = standing(Edition.objects.filter(fiscal_year=fiscal_year))
    return frozenset(editions.values_list("strategy_id", flat=True))


def ends_entry(fiscal_year: FiscalYear, code: str) -> bool:
    """Return whether entry of a year ends when its edition of a plan is fixed; two queries.

    It does not while another plan with the same year has none: its sections still enter values.
    """
    if not fiscal_year.entry_is_open:
        return False
    others = Strategy.objects.without_drafts().of_year(fiscal_year.pk).exclude(code=code)
    return fixed_plans(fiscal_year.pk) >= set(others.values_list("pk", flat=True))


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


VALUE, LISTED = "実績値", "掲載"


@dataclass(frozen=True)
class ChangedValue:
    """What two editions say differently about an earlier year; "" where one says nothing.

    `what` is VALUE, LISTED, or the name of what is said of a target (texts.py).
    `indicator` is a code. `withheld`: an edition has a value of the indicator that is 秘匿.
    """

    name: str
    fiscal_year: int
    before: str
    now: str
    indicator: str = ""
    what: str = VALUE
    withheld: bool = False


def changed_values(
    before: Sequence[Mapping[str, Any]], now: Mapping[str, Any]
) -> list[ChangedValue]:
    """Return what an edition says differently about years than earlier editions, from their data.

    `before` begins with the oldest: of a year that several reported about, the newest counts; of
    targets, that of the newest year. What is new is not a difference: years after all of them, and
    indicators that none of them had. Of an indicator that the plan no longer lists, only this is
    told.
    """
    last = min(max((data["fiscal_year"] for data in before), default=0), now["fiscal_year"])
    earlier: dict[tuple[str, int], str] = {}
    names: dict[str, str] = {}
    for data in before:
        said = values_in(data).items()
        earlier |= {key: value for key, value in said if key[1] <= data["fiscal_year"]}
        names |= {one["indicator"]["code"]: one["name"] for one in listings_in(data["plan"])}
    later = values_in(now)
    listed = {one["indicator"]["code"]: one["name"] for one in listings_in(now["plan"])}
    changed = [
        ChangedValue(name, last, LISTED, "掲載なし", code, LISTED)
        for code, name in names.items()
        if code not in listed
    ]
    for key in earlier | later:
        code, year = key
        old, new = earlier.get(key, ""), later.get(key, "")
        if code in names and code in listed and year <= last and old != new:
            changed.append(ChangedValue(listed[code], year, old, new, code))
    if before:
        changed += _changed_readings(before[newest_year(before)], now)
    hidden = set().union(*map(withheld_codes, [*before, now]))
    changed = [replace(one, withheld=one.indicator in hidden) for one in changed]
    return sorted(changed, key=lambda one: (one.name, one.what != VALUE, one.fiscal_year))


def newest_year(editions: Sequence[Mapping[str, Any]]) -> int:
    """Return the index of the edition of the newest year, of which the one fixed last counts."""
    return max(range(len(editions)), key=lambda number: (editions[number]["fiscal_year"], number))


def _changed_readings(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[ChangedValue]:
    """Yield what two editions say differently of the targets of the last year that both know."""
    year = min(before["fiscal_year"], now["fiscal_year"])
    old, new = readings_in(before, year), readings_in(now, year)
    for key, (name, said) in new.items():
        for what, text in said.items() if key in old else ():
            if (earlier := old[key][1].get(what, "")) != text:
                yield ChangedValue(name, year, earlier, text, key[0], what)
