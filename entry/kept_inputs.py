"""Keeps input that was typed but not saved, so that no error and no expired session loses it.

Only fields of a grid are kept, only for rows that the user enters or had open in the grid, and
only for that user. Several versions of a row are kept, each from another page: none replaces what
its page has not shown (entry/grid_fields.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from entry.gone_rows import sent_rows
from entry.grid import shown_rows
from entry.grid_fields import PAGE, TypedRow, field_id, fields_of, pages_in, row_in
from entry.models import KeptInput
from indicators.models import FiscalYear
from indicators.rules.narrowing_types import given
from japanese.row_numbers import row_number

Fields = Mapping[str, str]
"""The fields of one row as a form sends them: its texts, `seen` and `page`."""

Versions = dict[int, list[Fields]]
"""What is kept of each row, the newest version last."""

MOST = 10
"""How many versions of a row are kept: more windows than anybody opens on the same row."""

_NOT_TYPED = ("seen", PAGE)


@dataclass(frozen=True)
class Drawer:
    """Where input is kept: for which user, year and grid ("" for that of values)."""

    by: Any
    fiscal_year: int
    grid: str = ""


def keep_input(rows: Sequence[TypedRow], drawer: Drawer) -> KeptInput | None:
    """Keep what was typed into the rows; drop the kept input of those that say what is stored.

    What another page keeps of a row stays beside it. Returns everything kept now, or None. Leave
    out the rows that the user did not touch: another window may have something to keep in them.
    """
    with transaction.atomic():
        # Locked, because a second window of the same person may keep other rows at the same time.
        kept = _locked(drawer)
        found = _versions(kept)
        for row in rows:
            keep = _put if row.is_unsaved else _drop
            keep(found, row.pk, fields_of([row]))
        return _store(kept, found, drawer)


class KeptRow(TypedRow, Protocol):
    """A typed row that says whether the page counts it as 入力済み."""

    @property
    def is_filled(self) -> bool: ...


def kept_answer(
    rows: Sequence[KeptRow], told: Any, kept: KeptInput | None, lost: Sequence[TypedRow] = ()
) -> dict[str, Any]:
    """Return the answer for a page that sent rows to be kept.

    `told` is how they were understood. `confirmed` lists the rows that the browser can drop, `kept`
    those of them that are not saved yet. `filled` says which rows the page counts as 入力済み.
    `lost` are rows that are kept though they can no longer be saved.
    """
    lost_ids = [row.pk for row in lost]
    return {
        "kept_at": date_format(timezone.localtime(kept.kept_at), "G時i分") if kept else "",
        "rows": told,
        "confirmed": [*(row.pk for row in rows), *lost_ids],
        "kept": [*(row.pk for row in rows if row.is_unsaved), *lost_ids],
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
            found = _versions(kept)
            for row in rows:
                _drop(found, row.pk, fields_of([row]))
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
            found = _versions(kept)
            _drop_page(found, number, page)
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
        typed=_newest(found),
        earlier=_earlier(found),
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
    kept: list[TypedRow] = [*rows, *sent.kept]
    keep_input(kept, Drawer(user, fiscal_year))
    # Only the rows of this form count: earlier input must not pass for what was sent now.
    return any(row.is_unsaved for row in kept)


def _versions(kept: Any) -> Versions:
    """Return what is kept, by row; `kept` is a KeptInput or None."""
    found: Versions = {}
    if kept is not None:
        for fields in (*kept.earlier, kept.typed):
            for pk, row in _by_row(fields).items():
                found.setdefault(pk, []).append(row)
    return found


def _by_row(fields: Fields) -> dict[int, Fields]:
    """Return the fields of a form by row."""
    found: dict[int, dict[str, str]] = {}
    for name, text in fields.items():
        pk = row_in(name)
        if pk is not None:
            found.setdefault(pk, {})[name] = text
    return {**found}


def _newest(found: Versions) -> dict[str, str]:
    """Return the fields of the newest version of each row."""
    return {name: text for rows in found.values() for name, text in rows[-1].items()}


def _earlier(found: Versions) -> list[Fields]:
    """Return the other versions, each with the fields of one row."""
    return [row for rows in found.values() for row in rows[:-1]]


def _put(found: Versions, pk: int, fields: Fields) -> None:
    """Add a version of a row; drop equal versions and those whose page it has shown."""
    own = field_id(pk, PAGE)
    _drop(found, pk, fields)
    row = {**fields, own: pages_in(fields.get(own, ""))[0]}
    found[pk] = [*found.get(pk, ()), row][-MOST:]


def _drop(found: Versions, pk: int, fields: Fields) -> None:
    """Drop the versions of a row that a page had shown or that say the same as its `fields`."""
    own = field_id(pk, PAGE)
    shown = pages_in(fields.get(own, ""))
    left = [
        row
        for row in found.pop(pk, [])
        if row.get(own, "") not in shown and _texts(pk, row) != _texts(pk, fields)
    ]
    if left:
        found[pk] = left


def _drop_page(found: Versions, pk: int, page: str) -> None:
    """Drop what one page keeps of a row."""
    left = [row for row in found.pop(pk, []) if row.get(field_id(pk, PAGE), "") != page]
    if left:
        found[pk] = left


def _texts(pk: int, fields: Fields) -> dict[str, str]:
    apart: Sequence[str] = [field_id(pk, name) for name in _NOT_TYPED]
    texts = {name: text.replace("\r\n", "\n").strip() for name, text in fields.items()}
    return {name: text for name, text in texts.items() if text and name not in apart}
