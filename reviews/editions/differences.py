"""前回公表値との差: what an edition says differently about earlier years, with kind and reason.

Kind and reason are proposed from the history of the value or of the target since the edition that
said it last; planning decides when it fixes the year.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from goals.models import NumericTarget
from indicators.entries import CONTENT_FIELDS
from indicators.models import Actual
from kpis.models import KPI
from plans.nodes import StrategyTree
from plans.tree import read_plain_tree
from reviews.editions.editions_of_plan import (
    LISTED,
    VALUE,
    ChangedValue,
    changed_values,
    newest_year,
    standing,
)
from reviews.models import Edition
from trail.history import CHANGED, DELETED, history_of

PLAN_REVISED = "計画の改訂"
DIFFERENCE_KINDS: tuple[str, ...] = (
    *(str(label) for label in Actual.ChangeKind.labels),
    PLAN_REVISED,
)
"""What a difference may be; an edition has the words themselves."""

_FINALISED, _CORRECTED = Actual.ChangeKind.FINALISED.label, Actual.ChangeKind.CORRECTED.label
_SAID = tuple(name for name in CONTENT_FIELDS if name != "remarks")
"""The fields of a value that an edition tells."""


@dataclass(frozen=True)
class Difference:
    """What differs, with the kind and the reason that are proposed or were decided; "" if none."""

    changed: ChangedValue
    kind: str = ""
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as the data of an edition have it."""
        return asdict(self.changed) | {"kind": self.kind, "reason": self.reason}


def differences_in(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the differences in an edition's data; none for editions without that part."""
    return list(data.get("differences", ()))


def standing_editions(code: str) -> list[tuple[datetime, Mapping[str, Any]]]:
    """Return when the valid editions of a plan were fixed, and their data, oldest first."""
    rows = standing(Edition.objects.filter(strategy__code=code)).order_by("number")
    return [(at, json.loads(data)) for at, data in rows.values_list("fixed_at", "data")]


def proposed_differences(tree: StrategyTree, said: Mapping[str, Any]) -> list[Difference]:
    """Return what an edition of the tree with this data would say differently of earlier years.

    `said` has the fiscal year and the plan as in an edition's data. Without an edition that stands,
    one query; none of the others depends on the number of differences.
    """
    earlier = standing_editions(tree.code)
    changed = changed_values([data for _, data in earlier], said)
    if not changed:
        return []
    since = _Since(earlier)
    explained = _of_values(tree, [one for one in changed if one.what == VALUE], since)
    targets = [one for one in changed if one.what not in (VALUE, LISTED)]
    told_at, _ = earlier[newest_year([data for _, data in earlier])]
    explained |= _of_targets(tree, targets, told_at)
    explained |= _of_ended(tree, [one for one in changed if one.what == LISTED])
    return [explained.get(one, Difference(one)) for one in changed]


@dataclass(frozen=True)
class _Since:
    editions: Sequence[tuple[datetime, Mapping[str, Any]]]

    def __call__(self, fiscal_year: int) -> datetime:
        """Return when the newest edition with a year was fixed."""
        told = [at for at, data in self.editions if data["fiscal_year"] >= fiscal_year]
        return (told or [at for at, _ in self.editions])[-1]


_Explained = dict[ChangedValue, Difference]


def _of_values(tree: StrategyTree, changed: Sequence[ChangedValue], since: _Since) -> _Explained:
    codes = {listing.indicator.pk: listing.indicator.code for listing in tree.listings}
    wanted = {one.indicator for one in changed}
    rows = Actual.history.filter(
        indicator__in=[pk for pk, code in codes.items() if code in wanted],
        fiscal_year__in={one.fiscal_year for one in changed},
    ).order_by("history_id")
    history: dict[tuple[str, int], list[Any]] = {}
    for row in rows if changed else ():
        key = (codes[row.indicator_id], row.fiscal_year_id)
        history.setdefault(key, []).append(row)
    return {
        one: _explained(one, history.get((one.indicator, one.fiscal_year), ()), since)
        for one in changed
    }


def _explained(changed: ChangedValue, rows: Sequence[Any], since: _Since) -> Difference:
    """Return the difference with what the rows of history of its value say of it."""
    at, known = since(changed.fiscal_year), -1
    for number, row in enumerate(rows):
        if row.history_date <= at and row.state == Actual.State.CONFIRMED:
            known = number
    later = [
        row
        for number, row in enumerate(rows)
        if number > known and (number == 0 or _says_otherwise(row, rows[number - 1]))
    ]
    kinds = {Actual.ChangeKind(row.change_kind).label for row in later if row.change_kind}
    if not kinds and later and _was_open(changed):
        kinds = {_FINALISED}
    kind = str(kinds.pop()) if len(kinds) == 1 else ""
    return Difference(changed, kind, _joined(row.history_change_reason for row in later))


def _says_otherwise(row: Any, before: Any) -> bool:
    if DELETED in (row.history_type, before.history_type):
        return True
    return any(getattr(row, name) != getattr(before, name) for name in _SAID)


def _was_open(changed: ChangedValue) -> bool:
    """Whether the earlier edition waited for the value, or had the same value as 速報値."""
    return not changed.before or changed.before == f"{changed.now}（速報値）"


def _of_targets(tree: StrategyTree, changed: Sequence[ChangedValue], since: datetime) -> _Explained:
    """Explain changed readings by the reason with which the listing was corrected last."""
    if not changed:
        return {}
    wanted = {one.indicator for one in changed}
    listings = [one for one in tree.listings if one.indicator.code in wanted]
    reasons: dict[str, list[str]] = {}
    for model in (NumericTarget, KPI):
        name = model.__name__.lower()
        codes = {one.pk: one.indicator.code for one in listings if one.model == name}
        rows = history_of(model).filter(id__in=codes, history_type=CHANGED, history_date__gt=since)
        for pk, reason in rows.order_by("history_id").values_list("id", "history_change_reason"):
            reasons.setdefault(codes[pk], []).append(reason)
    return {
        one: Difference(one, str(_CORRECTED), _joined(reasons.get(one.indicator, ())[-1:]))
        for one in changed
    }


def _of_ended(tree: StrategyTree, changed: Sequence[ChangedValue]) -> _Explained:
    """Explain indicators that are no longer listed by the revision that ended them."""
    if not changed:
        return {}
    plan = read_plain_tree(tree.code)
    ended = {
        listing.indicator.code: listing.ending_reason or ""
        for listing in plan.listings
        if listing.last_year is not None and listing.last_year < tree.fiscal_year
    }
    return {
        one: Difference(one, PLAN_REVISED, ended[one.indicator])
        for one in changed
        if one.indicator in ended
    }


def _joined(reasons: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(reason for reason in reasons if reason))
