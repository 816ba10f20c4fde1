"""The Excel form of a year: taking it home, and taking it in again in two steps.

First everything that it would change is shown, or everything that is wrong with it; what was
confirmed, and only that, is then recorded, all or nothing.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import access
from accounts.decorators import allowed
from accounts.models import Section
from entry.excel.comparing import Comparison, compare, record, summary
from entry.excel.form import entry_form as written
from entry.excel.form_lines import ascii_name, form_name, form_of, sections_of
from entry.excel.marking import can_mark, marked
from entry.excel.reading import Form, read_form
from entry.import_form import ImportForm
from entry.pages import entry_context, state_of_entry, year_or_not_found
from entry.year_rows import year_rows
from indicators.listing_rows import indicators_of_year
from indicators.models import FiscalYear
from indicators.recording import RecordingError
from japanese.row_numbers import row_number
from tables import pending
from tables.sheets import Fault
from tables.uploads import Upload, UploadError
from trail import events
from trail.downloads import XLSX, download
from trail.events import Event
from trail.history import Door, changing

SHOWN_ROWS = 300
"""How many new and changed rows a preview lists; the rest is counted."""


@require_GET
@allowed(access.may_enter_anything)
def entry_form(request: HttpRequest, fiscal_year: int) -> HttpResponseBase:
    """The form of a year: of one section (?section=), or of all that the person enters."""
    year = year_or_not_found(fiscal_year)
    rows = year_rows(year.pk, request.user, section_ids=_asked_sections(request))
    if not rows:
        messages.warning(request, "入力が必要な指標はありません。")
        return redirect("entry_import", year.pk)
    return download(
        request,
        written(form_of(year, rows)),
        name=form_name(year, rows),
        ascii_name=ascii_name(year, request.GET.get("section", "")),
        content_type=XLSX,
        detail=f"{year}、{'・'.join(sections_of(rows))}、{len(rows)}指標",
        door=Door.FORM,
    )


def _asked_sections(request: HttpRequest) -> Collection[int] | None:
    """Return the asked section, None for all; raises PermissionDenied for no own one."""
    text = request.GET.get("section", "")
    if not text:
        return None
    number = row_number(text)
    section = None if number is None else Section.objects.filter(pk=number).first()
    if section is None or not access.may_enter(request.user, section.pk):
        raise PermissionDenied
    return [section.pk]


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_enter_anything)
def entry_import(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Ask for files; show what they would change, or what is wrong with them."""
    year = year_or_not_found(fiscal_year)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ImportForm(year, *sent)
    if sent and form.is_valid():
        comparisons = _compare(request, year, form.read, **form.said)
        return _preview(request, year, form, form.cleaned_data["file"], comparisons, **form.said)
    return render(request, "entry/import.html", _context(request, year, form))


@require_POST
@allowed(access.may_enter_anything)
def entry_import_apply(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Record what was confirmed. Whatever is no longer right is shown instead."""
    year = year_or_not_found(fiscal_year)
    try:
        tickets = _tickets(request, year)
        if "cancel" in request.POST:
            _discard(tickets)
            messages.info(request, "取込みをやめました。何も変更していません。")
            return redirect("entry_import", year.pk)
        files = [pending.take(ticket) for ticket in tickets]
        forms = [read_form(file, year.pk) for file in files]
    except (pending.Gone, UploadError) as error:
        messages.error(request, str(error))
        return redirect("entry_import", year.pk)
    said = _said(request, tickets)
    comparisons = _compare(request, year, forms, examine=False, **said)
    _discard(tickets)
    if _record(request, comparisons, tickets):
        messages.success(request, f"Excel様式を取り込みました（{summary(comparisons)}）。")
        return redirect("entry_answer", year.pk)
    messages.warning(request, _OUTDATED)
    comparisons = _compare(request, year, [read_form(file, year.pk) for file in files], **said)
    return _preview(request, year, ImportForm(year), files, comparisons, **said)


_OUTDATED = (
    "確かめてから取り込むまでの間に、登録されている内容が変わりました。"
    "何も取り込んでいません。下の内容をもう一度確かめてください。"
)


@require_POST
@allowed(access.may_enter_anything)
def entry_import_marked(request: HttpRequest, fiscal_year: int) -> HttpResponseBase:
    """The person's workbook with the faulty cells marked and commented."""
    year = year_or_not_found(fiscal_year)
    try:
        tickets = _tickets(request, year)
        file = pending.take(tickets[0])
        form = read_form(file, year.pk)
        _compare(request, year, [form], **_said(request, tickets))
        content = marked(file, form) if can_mark(file, form) else None
    except (pending.Gone, UploadError) as error:
        messages.error(request, str(error))
        return redirect("entry_import", year.pk)
    if content is None:
        messages.warning(request, "印を付けるところがありません。もう一度選んでください。")
        return redirect("entry_import", year.pk)
    return download(
        request,
        content,
        name=f"{file.name.removesuffix('.xlsx')}（直すところに印）.xlsx",
        ascii_name=f"form_{year.pk}_marked.xlsx",
        content_type=XLSX,
        detail=f"{year}、直すところに印を付けた様式",
        door=Door.FORM,
    )


def _tickets(request: HttpRequest, year: FiscalYear) -> list[pending.Ticket]:
    """Return the tickets of the files; raises pending.Gone."""
    signed = request.POST.getlist("ticket") or [""]
    return [pending.read_ticket(one, user=request.user, table=_table(year)) for one in signed]


def _table(year: FiscalYear) -> str:
    return f"entry.form.{year.pk}"


def _discard(tickets: Sequence[pending.Ticket]) -> None:
    for ticket in tickets:
        pending.discard(ticket)


def _said(request: HttpRequest, tickets: Sequence[pending.Ticket]) -> dict[str, str]:
    """Return why and how values change, as it was said for the preview."""
    return {
        "reason": tickets[0].reason,
        "change_kind": request.POST.get("change_kind", ""),
    }


def _compare(
    request: HttpRequest, year: FiscalYear, forms: Sequence[Form], **said: Any
) -> list[Comparison]:
    return compare(forms, year_rows(year.pk, request.user), by=request.user, **said)


def _record(
    request: HttpRequest, comparisons: Sequence[Comparison], tickets: Sequence[pending.Ticket]
) -> bool:
    """Record and log an import; return False where it is not what was shown, or wrong by now."""
    if not all(
        comparison.is_right and comparison.digest == ticket.digest
        for comparison, ticket in zip(comparisons, tickets, strict=True)
    ):
        return False
    reason = tickets[0].reason
    names = "、".join(ticket.name for ticket in tickets)
    detail = f"{names}：{summary(comparisons)}" + (f"。理由：{reason}" if reason else "")
    try:
        with transaction.atomic(), changing(by=request.user, door=Door.FORM, reason=reason):
            record(comparisons, by=request.user, reason=reason)
            events.log(Event.Kind.IMPORT, "実績入力様式", detail)
    except RecordingError:
        return False
    return True


def _preview(
    request: HttpRequest,
    year: FiscalYear,
    form: ImportForm,
    files: Sequence[Upload],
    comparisons: Sequence[Comparison],
    *,
    reason: str,
    change_kind: str,
) -> HttpResponse:
    _tell_reasons(form, comparisons)
    parts = [
        _part(request, year, file, comparison, reason)
        for file, comparison in zip(files, comparisons, strict=True)
    ]
    context = _context(
        request,
        year,
        form,
        parts=parts,
        summary=summary(comparisons),
        has_faults=any(one.form.faults for one in comparisons),
        has_changes=any(one.changes for one in comparisons),
        reason=reason,
        change_kind=change_kind,
    )
    return render(request, "entry/import.html", context)


def _tell_reasons(form: ImportForm, comparisons: Sequence[Comparison]) -> None:
    """Say at the fields of the form, or else of the file, what an ended year lacks."""
    faults = {fault: None for one in comparisons for fault in one.reason_faults}
    for field, message in faults:
        if form.is_bound and field in form.fields:
            form.add_error(field, message)
        else:
            comparisons[0].form.faults.append(Fault(message))


def _part(
    request: HttpRequest, year: FiscalYear, file: Upload, comparison: Comparison, reason: str
) -> dict[str, Any]:
    """Return what the preview shows of one file, which is kept until it is confirmed."""
    form = comparison.form
    return {
        "file_name": file.name,
        "comparison": comparison,
        "faults": [(form.place_of(one), form.name_of(one), one) for one in form.faults],
        "can_mark": can_mark(file, form),
        "new": comparison.new[:SHOWN_ROWS],
        "changed": comparison.changed[:SHOWN_ROWS],
        "ticket": pending.keep(
            file,
            user=request.user,
            table=_table(year),
            reason=reason,
            digest=comparison.digest if comparison.is_right else "",
        ),
    }


def _context(
    request: HttpRequest, year: FiscalYear, form: ImportForm, **more: Any
) -> dict[str, Any]:
    return entry_context(
        request,
        "Excel様式を取り込む",
        year,
        form=form,
        sections=_sections(request, year),
        state_of_entry="" if access.may_change_closed_year(request.user) else state_of_entry(year),
        **more,
    )


def _sections(request: HttpRequest, year: FiscalYear) -> list[Section]:
    """Return the sections of which the person can have forms; [] where there is but one."""
    asked = indicators_of_year(year.pk).order_by().values("entered_by")
    found = [
        section
        for section in Section.objects.filter(pk__in=asked)
        if access.may_enter(request.user, section.pk)
    ]
    return found if len(found) > 1 else []
