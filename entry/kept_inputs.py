"""Keeps input that was typed but not saved, so that no error and no expired session loses it.

Only fields of a grid are kept, only for rows that the user enters or had open in the grid, and
only for that user.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from entry.gone_rows import sent_rows
from entry.grid import TypedRow, fields_of, shown_rows
from entry.kept_versions import (
    Fields,
    Versions,
    by_row,
    drop,
    drop_page,
    earlier,
    newest,
    put,
    versions,
)
from entry.models import KeptInput
from indicators.models import FiscalYear
from indicators.rules.narrowing_types import given
from japanese.row_numbers import row_number


@dataclass(frozen=True)
class Drawer:
    """Where input is kept: for which user, year and grid ("" for that of values)."""

    by: Any
    fiscal_year: int
    grid: str = ""


def keep_input(
    rows: Sequence[TypedRow], drawer: Drawer, gone: Fields | None = None
) -> KeptInput | None:
    """Keep what was typed into the rows; drop the kept input of those that say what is stored.

    What another page keeps of a row stays beside it (entry/kept_versions.py).
    `gone` has the fields of rows that the user no longer enters (entry/gone_rows.py).
    Returns everything kept now, or None. Leave out the rows that the user did not touch: another
    window may have something to keep in them.
    """
    with transaction.atomic():
        # Locked, because a second window of the same person may keep other rows at the same time.
        kept = _locked(drawer)
        found = versions(kept)
        for row in rows:
            keep = put if row.is_unsaved else drop
            keep(found, row.pk, fields_of([row]))
        for pk, fields in by_row(gone or {}).items():
            put(found, pk, fields)
        return _store(kept, found, drawer)


class KeptRow(TypedRow, Protocol):
    """A typed row that says whether the page counts it as 入力済み."""

    @property
    def is_filled(self) -> bool: ...


def kept_answer(
    rows: Sequence[KeptRow], told: Any, kept: KeptInput | None, lost: Collection[int] = ()
) -> dict[str, Any]:
    """Return the answer for a page that sent rows to be kept.

    `told` is how they were understood. `confirmed` lists the rows that the browser can drop, `kept`
    those of them that are not saved yet. `filled` says which rows the page counts as 入力済み.
    `lost` are rows that are kept though they can no longer be saved.
    """
    return {
        "kept_at": date_format(timezone.localtime(kept.kept_at), "G時i分") if kept else "",
        "rows": told,
        "confirmed": [*(row.pk for row in rows), *lost],
        "kept": [*(row.pk for row in rows if row.is_unsaved), *lost],
        "filled": {row.pk: row.is_filled for row in rows},
    }


def kept_input(drawer: Drawer) -> KeptInput | None:
    """Return the kept input of a user for a year, or None."""
    return _kept(drawer).first()


def forget(rows: Sequence[TypedRow], drawer: Drawer) -> None:
    """Drop the kept input of rows that have been saved; what another page keeps of them stays."""
    with transaction.atomic():
        kept = _locked(drawer)
        if kept is not None:
            found = versions(kept)
            for row in rows:
                drop(found, row.pk, fields_of([row]))
            _store(kept, found, drawer, at=kept.kept_at)


def discard_asked(request: HttpRequest, drawer: Drawer) -> str:
    """Drop the row that a form names, or all kept input of a user for a year; return the words.

    A row is named by its id and the page that keeps it: 12.a91c.
    """
    if "row" not in request.POST:
        _kept(drawer).delete()
        return "保管していた入力を捨てました。"
    row, _, page = request.POST["row"].partition(".")
    with transaction.atomic():
        kept = _locked(drawer)
        number = row_number(row)
        if kept is not None and number is not None:
            found = versions(kept)
            drop_page(found, number, page)
            _store(kept, found, drawer, at=kept.kept_at)
    return "保管していた入力を1件捨てました。"


def _kept(drawer: Drawer) -> QuerySet[KeptInput]:
    return KeptInput.objects.filter(
        user_id=drawer.by.pk, fiscal_year_id=drawer.fiscal_year, grid=drawer.grid
    )


def _locked(drawer: Drawer) -> KeptInput | None:
    return _kept(drawer).select_for_update(of=("self",)).first()


def _store(
    kept: KeptInput | None, found: Versions, drawer: Drawer, at: Any = None
) -> KeptInput | None:
    if not found:
        if kept is not None:
            kept.delete()
        return None
    kept = KeptInput(
        user_id=drawer.by.pk,
        fiscal_year_id=drawer.fiscal_year,
        grid=drawer.grid,
        typed=newest(found),
        earlier=earlier(found),
        kept_at=at or timezone.now(),
    )
    KeptInput.objects.bulk_create(
        [kept],
        update_conflicts=True,
        unique_fields=["user", "fiscal_year", "grid"],
        update_fields=["typed", "earlier", "kept_at"],
    )
    return kept


def keep_interrupted(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> bool:
    """Keep a grid that was submitted after the session had expired; return whether it was kept.

    Receiver of accounts.idle.interrupted. `user` is the user of the expired session; the sender
    of the signal has checked the CSRF token of the form.
    """
    match = given(request.resolver_match)
    if match.url_name not in ("entry_grid", "entry_kept"):
        return False
    fiscal_year = match.kwargs["fiscal_year"]
    year = FiscalYear.objects.filter(pk=fiscal_year).first()
    if year is None:
        return False
    shown = shown_rows(fiscal_year, year, user)
    sent = sent_rows(shown, request.POST, year, user)
    rows = sent.posted
    if match.url_name == "entry_grid":
        rows = [row for row in rows if row.is_touched]
    keep_input(rows, Drawer(user, fiscal_year), sent.gone_fields)
    # Only the rows of this form count: earlier input must not pass for what was sent now.
    return bool(sent.gone_fields) or any(row.is_unsaved for row in rows)
