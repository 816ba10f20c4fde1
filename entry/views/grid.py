"""The entry grid of a year, and keeping unsaved input."""

import logging
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access
from accounts.decorators import allowed
from entry import kept_inputs
from entry.attaching import Attaching, attach, may_change_files_of_row, with_files
from entry.current_years import due_line
from entry.gone_rows import Sent, kept_texts, sent_rows, told_of_lost_rows
from entry.grid import (
    FIELDS,
    GridRow,
    posted_rows,
    shown_rows,
    told,
    typed_rows,
    with_faults_shown,
)
from entry.grid_fields import TypedRow, fields_of, is_decision, with_pages
from entry.grid_page import (
    FaultLink,
    GridAddresses,
    PartlySaved,
    SecondButton,
    cannot_save,
    closed_message,
    confirmed_context,
    faults_of,
    filter_in,
    filter_links,
    heading_of_questions,
    hidden_rows,
    pasted_headers,
    progress_of,
    save_button,
    saved_message,
    step_of,
)
from entry.kept_offer import KeptOffer, kept_offer
from entry.pages import crumbs_of_grid, places_of_year
from entry.saving import Refused, Saved, save
from entry.typed_judgements import judgements_of, with_judgements
from entry.year_rows import plans_of
from indicators.closed_years import KIND, asked_for
from indicators.evidence import files as evidence_files
from indicators.models import Actual, FiscalYear, Indicator
from indicators.typed_values import NO_WORDS, NUMBERS, YES_WORDS
from japanese.fiscal_years import full_label
from japanese.row_numbers import row_number
from plans.pages import review_label
from trail.history import Change, Door

logger = logging.getLogger(__name__)

FIRST_YEAR, LAST_YEAR = 1950, 2200

BELOW = "below"
"""Tags a message that may be shown beside the buttons, so that the page can begin with a field."""


@dataclass(frozen=True)
class _Grid:
    """All stored rows of a year that a user enters; `year` is None if it is not created yet."""

    fiscal_year: int
    year: FiscalYear | None
    rows: list[GridRow]


@dataclass(frozen=True)
class _Notice:
    """The message above the rows; `asked` is the row that files are attached to."""

    faults: list[FaultLink] = field(default_factory=list)
    partly: PartlySaved | None = None
    kept: KeptOffer | None = None
    asked: GridRow | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_enter_anything)
def grid(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Show all values that the user enters for a year; a POST saves those that are right.

    With the button of a row for 根拠資料 it attaches files and saves nothing else.
    """
    stored = _read(request, fiscal_year)
    if request.method == "POST":
        is_attaching = "attach" in request.POST or "attach_files" in request.POST
        return _attach(request, stored) if is_attaching else _save(request, stored)
    kept = kept_inputs.kept_input(_drawer(request, fiscal_year))
    is_used = kept is not None and "kept" in request.GET
    rows = filter_in(request.GET).rows(stored.rows)
    if kept and is_used:
        rows = with_faults_shown(typed_rows(stored.rows, kept.typed))
    offer = kept_offer(
        kept, lambda fields: kept_texts(stored.rows, fields, fiscal_year), is_used=is_used
    )
    return _page(request, stored, rows, _Notice(kept=offer))


@require_POST
@allowed(access.may_enter_anything)
def keep(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Keep what is being typed; answer how it was understood, for the page to show."""
    stored = _read(request, fiscal_year)
    sent = _sent(request, stored)
    rows = sent.posted if stored.year else []
    typed: list[TypedRow] = [*rows, *sent.kept]
    kept = kept_inputs.keep_input(typed, _drawer(request, fiscal_year)) if typed else None
    understood = told(rows, judgements_of(rows, fiscal_year))
    return JsonResponse(kept_inputs.kept_answer(rows, understood, kept, sent.kept))


@require_POST
@allowed(access.may_enter_anything)
def discard(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Discard the kept input."""
    _check_year(fiscal_year)
    said = kept_inputs.discard_asked(request, _drawer(request, fiscal_year))
    messages.success(request, said, extra_tags=BELOW)
    return redirect("entry_grid", fiscal_year)


def _drawer(request: HttpRequest, fiscal_year: int) -> kept_inputs.Drawer:
    return kept_inputs.Drawer(request.user, fiscal_year)


def _check_year(fiscal_year: int) -> None:
    """Raise Http404 for an impossible year."""
    if not FIRST_YEAR <= fiscal_year <= LAST_YEAR:
        raise Http404


def _read(request: HttpRequest, fiscal_year: int) -> _Grid:
    _check_year(fiscal_year)
    year = FiscalYear.objects.filter(pk=fiscal_year).first()
    return _Grid(fiscal_year, year, shown_rows(fiscal_year, year, request.user))


def _sent(request: HttpRequest, stored: _Grid) -> Sent:
    return sent_rows(stored.rows, request.POST, stored.year, request.user)


def _attach(request: HttpRequest, stored: _Grid) -> HttpResponse:
    """Show the field for the files of a row, or attach them; what was typed stays on the page.

    It is for browsers without scripts. With them, the row asks entry_evidence.
    """
    is_sent = "attach_files" in request.POST
    number = row_number(request.POST["attach_files" if is_sent else "attach"])
    year = stored.year
    asked = next((row for row in stored.rows if row.pk == number), None)
    if asked is None or year is None or not may_change_files_of_row(asked, year, request.user):
        raise PermissionDenied
    sent = _sent(request, stored)
    rows = sent.posted
    typed = [row for row in rows if row.is_touched]
    kept_inputs.keep_input([*typed, *sent.kept], _drawer(request, stored.fiscal_year))
    asked = replace(asked, attaching=Attaching(is_asked=True))
    if is_sent:
        files = request.FILES.getlist("files")
        indicator = Indicator.objects.get(pk=asked.pk)
        done, problems = attach(files, indicator, year.pk, by=request.user)
        asked = replace(asked, attaching=Attaching(is_asked=True, problems=problems))
        if done:
            unsaved = "入力した値は、まだ保存していません。" if typed else ""
            messages.success(request, f"「{asked.row.name}」に{done}{unsaved}")
        stored = _read(request, stored.fiscal_year)
        rows = posted_rows(stored.rows, request.POST)
    return _page(request, stored, rows, _Notice(asked=asked))


def _save(request: HttpRequest, stored: _Grid) -> HttpResponse:
    sent = _sent(request, stored)
    step = step_of(request.user) if "step" in request.POST else None
    drawer = _drawer(request, stored.fiscal_year)
    typed = [row for row in sent.rows if row.is_touched]
    try:
        if stored.year:
            # First, so that nothing is lost if saving fails for whatever reason.
            kept_inputs.keep_input([*typed, *sent.kept], drawer)
        result = _record(request, sent.rows, step)
        if isinstance(result, Refused) and result.is_outdated:
            # Somebody was faster since the rows were read: merge with what is stored now.
            stored = _read(request, stored.fiscal_year)
            sent = _sent(request, stored)
            result = _record(request, sent.rows, step)
        done = list(sent.closed)  # reported below; can no longer be saved
        if isinstance(result, Saved) or result.saved:
            left = frozenset() if isinstance(result, Saved) else result.left
            done += [row for row in typed if row.pk not in left]
        if done:
            kept_inputs.forget(done, drawer)
    except DatabaseError:
        # The database is locked or unavailable. The rows have been read already, so the page can
        # still show what was typed.
        logger.exception("The entry grid of %s could not be saved", stored.fiscal_year)
        result = Refused(sent.rows, {"": cannot_save(request.user)})
    lost = [*told_of_lost_rows(sent, stored.fiscal_year)]
    for message in lost:
        messages.warning(request, message)
    if isinstance(result, Refused):
        if result.asks:
            return _ask(request, stored, result)
        return _refuse(request, stored, result, sent)
    if not (lost and result.did_nothing):
        posted = [*sent.rows, *sent.closed]
        said = saved_message(result, step, hidden_rows(stored.rows, posted, step))
        messages.success(request, said)
    address = reverse("entry_grid", args=[stored.fiscal_year])
    return redirect(address + filter_in(request.GET).query)


def _refuse(request: HttpRequest, stored: _Grid, result: Refused, sent: Sent) -> HttpResponse:
    """Show what is wrong; rows that were saved nevertheless are shown as stored now."""
    faults = faults_of(result.rows, result.of_page)
    if result.saved is None:
        rows = sent.on_page(stored.rows, result.rows)
        return _page(request, stored, rows, _Notice(faults))
    stored = _read(request, stored.fiscal_year)
    fresh = {row.pk: row for row in stored.rows}
    rows = [row if row.pk in result.left else fresh.get(row.pk, row) for row in result.rows]
    said = PartlySaved(
        heading=f"{result.saved.done}件を保存し、{len(result.left)}件は保存していません",
        text=saved_message(result.saved, None, hidden_rows(stored.rows, [*rows, *sent.closed])),
    )
    rows = sent.on_page(stored.rows, rows)
    return _page(request, stored, rows, _Notice(faults, said))


def _record(
    request: HttpRequest, rows: list[GridRow], step: SecondButton | None
) -> Saved | Refused:
    reason = request.POST.get("reason", "").strip()
    return save(
        rows,
        Change(by=request.user, door=Door.GRID, reason=reason),
        kind=request.POST.get("change_kind", ""),
        to=step.to if step else "",
        decisions=request.POST,
    )


def _ask(request: HttpRequest, stored: _Grid, result: Refused) -> HttpResponse:
    """Ask what to keep of two changes, and whether to change answered values."""
    choices = [(one.row, choice) for one in result.conflicts for choice in one.choices]
    asked = {row.pk for row, _ in choices} | {row.pk for row in result.reopened}
    said = {name: text for name, text in request.POST.items() if is_decision(name)}
    for _, choice in choices:
        said.pop(choice.id, None)
    context = {
        "heading": heading_of_questions(result),
        "faults": [
            FaultLink(f"{row.row.name}：{choice.label}を選んでください。", f"{choice.id}-theirs")
            for row, choice in choices
            if "choosing" in request.POST
        ],
        "conflicts": result.conflicts,
        "reopened": result.reopened,
        "hidden": [
            *fields_of(result.rows).items(),
            *said.items(),
            *((name, request.POST.get(name, "")) for name in ("change_kind", "reason")),
        ],
        "others_count": sum(row.is_unsaved and row.pk not in asked for row in result.rows),
        "button": "step" if "step" in request.POST else "save",
        "address": request.get_full_path(),
        **_frame(stored),
    }
    return render(request, "entry/conflict.html", context)


def _page(
    request: HttpRequest,
    stored: _Grid,
    rows: list[GridRow],
    notice: _Notice = _Notice(),
) -> HttpResponse:
    fiscal_year, year = stored.fiscal_year, stored.year
    rows = with_judgements(with_pages(rows, is_answer=request.method == "POST"), fiscal_year)
    rows = with_files(rows, year, request.user, notice.asked)
    wanted, saving = filter_in(request.GET), _saving(request, stored)
    step = saving["step"]
    missing = [row for row in rows if row.is_editable and not row.is_filled]
    told = list(messages.get_messages(request))
    below = [one.message for one in told if one.extra_tags == BELOW]
    # Focus the first field only if there is nothing to read or fill in above the grid.
    is_told = notice != _Notice() or saving["explains"] or len(told) > len(below)
    start = missing[0].first_field.id if missing and not is_told else ""
    context: dict[str, Any] = {
        "heading": f"{full_label(fiscal_year)}実績の入力",
        "rows": rows,
        "asked": notice.asked,
        "allowed": evidence_files.allowed_in_words(),
        "all_count": len(stored.rows),
        "hidden_count": len(stored.rows) - len(rows),
        "not_done": f"保存も{step.name}も" if step else "保存",
        "editable": any(row.is_editable for row in rows),
        "faults": notice.faults,
        "partly": notice.partly,
        "due": due_line(year, timezone.localdate()),
        "filters": filter_links(stored.rows, wanted),
        "several_sections": len({row.row.indicator.entered_by_id for row in stored.rows}) > 1,
        "several_plans": len(plans_of(row.row for row in stored.rows)) > 1,
        "kept": notice.kept,
        "start": start,
        "said_below": below[0] if below and start else "",
        "missing_count": len(missing),
        "filter": wanted,
        "headers": pasted_headers(fiscal_year),
        "row_template": "entry/grid_row.html",
        "thing": "指標",
        "amount": "実績値",
        "pasted_heading": "見出し「実績値」",
        "pasted_fields": " ".join(FIELDS),
        "number_fields": " ".join(NUMBERS),
        **progress_of(stored.rows, rows),
        **confirmed_context(rows, saving["closed"]),
        "yes_words": " ".join(sorted(YES_WORDS)),
        "no_words": " ".join(sorted(NO_WORDS)),
        "unsaved": any(row.is_touched for row in rows),
        "crumbs": crumbs_of_grid(fiscal_year, year),
        "places": places_of_year(request, year) if year else [],
        **saving,
        **_frame(stored),
    }
    return render(request, "entry/grid.html", context)


def _saving(request: HttpRequest, stored: _Grid) -> dict[str, Any]:
    """Return the buttons for saving and the extra fields, or why saving is impossible."""
    year = stored.year
    is_stored = any(row.row.stored for row in stored.rows)
    asked = asked_for(
        year or FiscalYear(year=stored.fiscal_year), request.user, is_stored=is_stored
    )
    return {
        "closed": "" if asked else closed_message(stored.fiscal_year, year),
        "step": step_of(request.user),
        "save_button": save_button(request.user),
        "explains": bool(asked),
        "asks_kind": KIND in asked,
        "kinds": Actual.ChangeKind.choices,
        "change": request.POST,
    }


def _frame(stored: _Grid) -> dict[str, Any]:
    """Return the part of the context that both pages need."""
    return {
        "fiscal_year": stored.fiscal_year,
        "review_label": review_label(stored.fiscal_year),
        "invented": any(one.invented for row in stored.rows for one in row.row.listings),
        "addresses": GridAddresses(
            grid=reverse("entry_grid", args=[stored.fiscal_year]),
            kept=reverse("entry_kept", args=[stored.fiscal_year]),
            discard=reverse("entry_kept_discard", args=[stored.fiscal_year]),
            form=reverse("entry_form", args=[stored.fiscal_year]),
            importing=reverse("entry_import", args=[stored.fiscal_year]),
        ),
    }
