"""The Excel form of a year: downloading it, and importing it in two steps.

The first step shows all changes that it would make, or everything that is wrong with it. The
second step records exactly what was confirmed, all or nothing.
"""

from collections.abc import Collection, Container, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import access
from accounts.answer_pages import lead_to
from accounts.decorators import allowed
from accounts.models import Section
from entry.answer_steps import steps_for
from entry.excel.comparing import FormImporter
from entry.excel.form import write_form
from entry.excel.form_lines import entering_sections, form_ascii_name, form_name, form_of
from entry.excel.marking import marked_form
from entry.form_pages import FormFilesForm, FormPages
from entry.pages import FormAddresses, entry_context, state_of_entry, year_or_not_found
from entry.year_rows import year_rows
from indicators.closed_years import KIND, REASON, asked_for
from indicators.duties import entering_section
from indicators.listing_rows import indicators_of_year
from indicators.models import Actual, FiscalYear
from indicators.typed_fields import NOTHING_CHOSEN
from indicators.year_dates import EntryState
from japanese.row_numbers import row_number
from plans.pages import Link
from tables import file_making, pending
from tables.import_pages import ImportForm
from tables.importing import Comparison
from trail.downloads import XLSX, OutgoingFile, download
from trail.history import Door


@require_GET
@allowed(access.may_enter_anything)
@file_making.answering
def entry_form(request: HttpRequest, fiscal_year: int) -> HttpResponseBase:
    """Send the form of a year for one section (?section=), or for all that the user enters."""
    year = year_or_not_found(fiscal_year)
    rows = year_rows(year.pk, request.user, section_ids=_asked_sections(request))
    if not rows:
        messages.warning(request, "入力が必要な指標はありません。")
        return redirect("entry_import", year.pk)
    content, _ = file_making.make_rows(request, len(rows), write_form, form_of(year, rows))
    return download(
        request,
        OutgoingFile(
            content,
            name=form_name(year, rows),
            ascii_name=form_ascii_name(year, request.GET.get("section", "")),
            content_type=XLSX,
        ),
        detail=f"{year}、{'・'.join(entering_sections(rows))}、{len(rows)}指標",
        door=Door.FORM,
    )


def _asked_sections(request: HttpRequest) -> Collection[int] | None:
    """Return the requested section, or None for all. Raises PermissionDenied for a foreign one."""
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
    return FormImportPages(request, year_or_not_found(fiscal_year)).ask()


@require_POST
@allowed(access.may_enter_anything)
def entry_import_apply(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Record what was confirmed, or show what is no longer valid."""
    lead_to(request, reverse("entry_import", args=[fiscal_year]))
    return FormImportPages(request, year_or_not_found(fiscal_year)).confirm()


@require_POST
@allowed(access.may_enter_anything)
def entry_import_marked(request: HttpRequest, fiscal_year: int) -> HttpResponseBase:
    """Send the user's workbook with the faulty cells marked and commented."""
    year = year_or_not_found(fiscal_year)
    return FormImportPages(request, year).send_marked(
        marked_form,
        ascii_name=f"form_{year.pk}_marked.xlsx",
        detail=f"{year}、直すところに印を付けた様式",
    )


class FormImportForm(FormFilesForm):
    """The files; for a year that is not open, also reason and kind of the changes."""

    field_order = ("file", "change_kind", "reason")

    change_kind = forms.ChoiceField(
        label="変更の種類",
        required=False,
        help_text="登録されている値を変えるときに選びます。",
        choices=[("", NOTHING_CHOSEN), *Actual.ChangeKind.choices],
    )

    def __init__(self, asked: Container[str], *args: Any, **kwargs: Any) -> None:
        """`asked` are the fields that recording asks for (indicators/closed_years.py)."""
        super().__init__(*args, **kwargs)
        for name in (REASON, KIND):
            if name not in asked:
                del self.fields[name]


class FormImportPages(FormPages):
    """Both steps of the import of a year's forms."""

    def __init__(self, request: HttpRequest, year: FiscalYear) -> None:
        super().__init__(request)
        self.year = year

    def importer(self, **said: str) -> FormImporter:
        decisions = dict(self.decisions)
        return FormImporter(self.request.user, self.year, decisions=decisions, **said)

    def form(self, *sent: Any) -> FormImportForm:
        user = self.request.user
        stored = Actual.objects.filter(
            fiscal_year=self.year, indicator__in=indicators_of_year(self.year.pk)
        )
        asked = asked_for(self.year, user, is_stored=stored.exists())
        return FormImportForm(asked, self.importer().read, *sent)

    def page(
        self, form: ImportForm, comparisons: Sequence[Comparison] = (), **said: str
    ) -> HttpResponse:
        may_always = access.may_change_closed_year(self.request.user)
        context = entry_context(
            self.request,
            "Excel様式を取り込む",
            self.year,
            form=form,
            addresses=self.addresses,
            thing="指標",
            captions=("変更する値", "新しく登録する値"),
            sections=_sections(self.request, self.year),
            state_of_entry="" if may_always else state_of_entry(self.year, self.request.user),
            is_closed=not may_always and self.year.entry_state != EntryState.OPEN,
            back=Link("年度の一覧", reverse("entry_years")),
            **self.compared(comparisons),
            **said,
        )
        return render(self.request, "entry/import.html", context)

    @property
    def addresses(self) -> FormAddresses:
        start, apply, marked, form = (
            reverse(name, args=[self.year.pk])
            for name in ("entry_import", "entry_import_apply", "entry_import_marked", "entry_form")
        )
        return FormAddresses(start, apply, marked, form)

    def start(self) -> str:
        return self.addresses.start

    def done(self, summary: str) -> HttpResponse:
        messages.success(self.request, f"Excel様式を取り込みました（{summary}）。")
        address = reverse("entry_answer", args=[self.year.pk])
        if steps_for(self.request.user, Actual.State.DRAFT):
            # One more click sends everything that was imported to the head.
            address += f"?state={Actual.State.DRAFT}&all=on"
        return redirect(address)

    def said(self, tickets: Sequence[pending.Ticket]) -> dict[str, str]:
        return super().said(tickets) | {"change_kind": self.request.POST.get("change_kind", "")}


def _sections(request: HttpRequest, year: FiscalYear) -> list[Section]:
    """Return the sections whose forms the user may download; [] if there is only one."""
    asked = indicators_of_year(year.pk).order_by().values(entering=entering_section(year.pk))
    found = [
        section
        for section in Section.objects.filter(pk__in=asked)
        if access.may_enter(request.user, section.pk)
    ]
    return found if len(found) > 1 else []
