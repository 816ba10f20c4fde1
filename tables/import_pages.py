"""The pages of an import: a file is chosen, its changes are looked at, and confirmed or given up.

Every import goes in these two steps, whatever the file is: tables/admin.py and
entry/views/excel.py say how it looks and who may. What was confirmed, and only that, is written.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tables import pending, uploads
from tables.importing import Comparison, Document, Fault, Importer, carry_out, rehearse
from tables.uploads import Upload, UploadError

MAX_FILES = 40
"""So many files at once: more sections than a city has."""

MAX_TIMES_ONE = 4
"""Together they may be so many times as large as one file may be."""


class FilesInput(forms.FileInput):
    """Chooses one file or several."""

    allow_multiple_selected = True


class UploadsField(forms.FileField):
    """Uploads of one file, or with FilesInput of several; cleans to what passed all checks."""

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        chosen = data if isinstance(data, list) else [data]
        files = [super(UploadsField, self).clean(file, initial) for file in chosen or [None]]
        if len(files) > MAX_FILES:
            raise forms.ValidationError(
                f"一度に選べるのは{MAX_FILES}個までです（{len(files)}個選ばれています）。"
                "分けて取り込んでください。"
            )
        largest = MAX_TIMES_ONE * settings.UPLOAD_MAX_BYTES
        if isinstance(data, list) and sum(file.size for file in files) > largest:
            raise forms.ValidationError(
                "選んだファイルの大きさの合計が、上限を超えています。分けて取り込んでください。"
            )
        try:
            return [uploads.read(file) for file in files]
        except UploadError as error:
            raise forms.ValidationError(str(error)) from error


class ImportForm(forms.Form):
    """A file to import, and why. After `is_valid`, `documents` is what was read of it."""

    documents: list[Document]

    file = UploadsField(
        label="取り込むファイル",
        help_text="Excelブック（.xlsx）か、CSV（UTF-8かShift_JIS）を選んでください。",
        error_messages={
            "required": "取り込むファイルを選んでください。",
            "empty": "選んだファイルは中身が空です。内容のあるファイルを選んでください。",
        },
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    reason = forms.CharField(
        label="変更の理由",
        required=False,
        max_length=500,
        help_text="変更履歴に残ります。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, read: Callable[[Upload], Document], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.read = read

    def clean_file(self) -> list[Upload]:
        try:
            self.documents = [self.read(upload) for upload in self.cleaned_data["file"]]
        except UploadError as error:
            raise forms.ValidationError(str(error)) from error
        return self.cleaned_data["file"]

    @property
    def said(self) -> dict[str, str]:
        """What was said besides the file, such as the reason."""
        return {name: text.strip() for name, text in self.cleaned_data.items() if name != "file"}


class ImportPages:
    """Both steps for one request; subclasses say what is imported and how it looks."""

    outdated = (
        "確かめてから取り込むまでの間に、登録されている内容が変わりました。"
        "何も取り込んでいません。下の内容をもう一度確かめてください。"
    )

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    # What subclasses say

    def importer(self, **said: str) -> Importer[Any]:
        """Return who imports what, and why."""
        raise NotImplementedError

    def form(self, *sent: Any) -> ImportForm:
        """Return the form, filled in as sent."""
        raise NotImplementedError

    def page(
        self, form: ImportForm, comparisons: Sequence[Comparison] = (), **said: str
    ) -> HttpResponse:
        """Return the page with the form, and with what was found in the files."""
        raise NotImplementedError

    def start(self) -> str:
        """Return the address of the first step."""
        raise NotImplementedError

    def done(self, summary: str) -> HttpResponse:
        """Tell that the files were imported, and return where to go."""
        raise NotImplementedError

    def waits(self, comparison: Comparison) -> bool:
        """Return whether the file is kept for the next step."""
        return comparison.is_right and bool(comparison.changes)

    def is_outdated(self, comparisons: Sequence[Comparison]) -> bool:
        """Return whether what was found at the confirmation is told as a change meanwhile."""
        return all(comparison.is_right for comparison in comparisons)

    # The steps

    def ask(self) -> HttpResponse:
        """Ask for files; show what they would change, or what is wrong with them."""
        if self.request.method != "POST":
            return self.page(self.form())
        form = self.form(self.request.POST, self.request.FILES)
        if not form.is_valid():
            return self.page(form)
        return self._preview(form, form.cleaned_data["file"], form.documents, form.said)

    def confirm(self) -> HttpResponse:
        """Write what was confirmed. Whatever is no longer right is shown instead."""
        try:
            tickets = self.tickets()
            if "cancel" in self.request.POST:
                self._discard(tickets)
                messages.info(self.request, "取込みをやめました。何も変更していません。")
                return redirect(self.start())
            files = [pending.take(ticket) for ticket in tickets]
            said = self.said(tickets)
            importer = self.importer(**said)
            documents = [importer.read(file) for file in files]
        except (pending.Gone, UploadError) as error:
            return self.refused(error)
        digests = [ticket.digest for ticket in tickets]
        comparisons, is_written = carry_out(importer, documents, digests)
        self._discard(tickets)
        if is_written:
            return self.done(importer.summary(comparisons))
        if self.is_outdated(comparisons):
            messages.warning(self.request, self.outdated)
        return self._preview(self.form(), files, documents, said)

    def refused(self, error: Exception) -> HttpResponse:
        """Tell why there is nothing to confirm, and begin anew."""
        messages.error(self.request, str(error))
        return redirect(self.start())

    def tickets(self) -> list[pending.Ticket]:
        """Return the tickets of the files. Raises pending.Gone."""
        table = self.importer().table
        signed = self.request.POST.getlist("ticket") or [""]
        return [pending.read_ticket(one, user=self.request.user, table=table) for one in signed]

    def said(self, tickets: Sequence[pending.Ticket]) -> dict[str, str]:
        """Return what was said for the preview besides the files."""
        return {"reason": tickets[0].reason}

    def _discard(self, tickets: Sequence[pending.Ticket]) -> None:
        for ticket in tickets:
            pending.discard(ticket)

    def _preview(
        self,
        form: ImportForm,
        files: Sequence[Upload],
        documents: Sequence[Document],
        said: dict[str, str],
    ) -> HttpResponse:
        importer = self.importer(**said)
        comparisons = rehearse(importer, documents)
        self._tell_reasons(form, comparisons)
        for file, comparison in zip(files, comparisons, strict=True):
            if self.waits(comparison):
                comparison.ticket = pending.keep(
                    file,
                    user=importer.user,
                    table=importer.table,
                    reason=importer.reason,
                    digest=comparison.digest if comparison.is_right else "",
                )
        return self.page(form, comparisons, summary=importer.summary(comparisons), **said)

    def _tell_reasons(self, form: ImportForm, comparisons: Sequence[Comparison]) -> None:
        """Say at the fields of the form, or else of the first file, what the form lacks."""
        for field, message in dict.fromkeys(
            fault for comparison in comparisons for fault in comparison.reason_faults
        ):
            if form.is_bound and field in form.fields:
                form.add_error(field, message)
            else:
                comparisons[0].faults.append(Fault(message))
