"""What a change to a year that is not open for entry must explain.

Recording asks for it, and each page that leads there shows fields for exactly that.
"""

from typing import Any

from accounts import access
from indicators.models import Actual, FiscalYear
from indicators.year_dates import EntryState

REASON, KIND = "reason", "change_kind"

_WHICH = {
    EntryState.AHEAD: "受付を始めていない",
    EntryState.ENDED: "受付を終えた",
    EntryState.PASSED: "受付をしないまま過ぎた",
}


def published_years(since: int = 0) -> list[int]:
    """Return the years from one on whose results are public, oldest first."""
    years = FiscalYear.objects.filter(year__gte=since, published_on__isnull=False)
    return list(years.order_by("year").values_list("year", flat=True))


def asked_for(year: FiscalYear, user: Any, *, is_stored: bool) -> frozenset[str]:
    """Return what the user has to say when changing a value of a year: REASON, KIND.

    `is_stored`: something is stored that changes. Only that can be 確定, 遡及改定 or 訂正; a first
    value is none of them. Nothing is asked while the year is open, nor of users who may not change
    it afterwards.
    """
    if year.entry_is_open or not access.may_change_closed_year(user):
        return frozenset()
    return frozenset({REASON, KIND} if year.has_ended and is_stored else {REASON})


def unexplained(
    year: FiscalYear, user: Any, *, is_stored: bool, reason: str, kind: str
) -> list[tuple[str, str]]:
    """Return the missing fields among those of `asked_for`, as pairs of field and message."""
    asked = asked_for(year, user, is_stored=is_stored)
    findings = []
    what = f"{_WHICH[year.entry_state]}{year}の値"
    if KIND in asked and kind not in Actual.ChangeKind.values:
        kinds = "、".join(Actual.ChangeKind.labels)
        findings.append((KIND, f"{what}を変えるには、変更の種類（{kinds}）を選んでください。"))
    if REASON in asked and not reason.strip():
        does = "変える" if is_stored else "入力する"
        findings.append((REASON, f"{what}を{does}には、変更の理由を入力してください。"))
    return findings
