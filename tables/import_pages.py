"""The pages of an import: the user chooses a file, previews its changes, then confirms or cancels.

Every import takes these two steps; tables/admin.py and entry/views/excel.py add the templates and
the permissions. Only the changes that the user confirmed are written.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from tables import pending, turns, uploads
from tables.importing import Comparison, Document, Fault, Importer, carry_out, rehearse
from tables.uploads import Upload, UploadError
from trail.downloads import XLSX, OutgoingFile, download
from trail.history import Door

Result = TypeVar("Result")

MAX_FILES = 40
"""How many files can be uploaded at once: more than a city has sections."""

IMPORTED = "imported"
"""The key in the session with the last files that were imported."""

MAX_TIMES_ONE = 4
"""Limit of their total size, as a multiple of the limit for one file."""


MAX_SECONDS_TIMES_ONE = 3
"""How long reading all files may take, as a multiple of what one may cost."""

PREVIEWS_AT_ONCE = 2
"""How many previews one person may have made at the same time: a button may be pressed twice."""
MINUTE = 60

OWN_PREVIEW_FIRST = (
    "前に選んだファイルを、まだ確かめています。終わるのを待って、もう一度選んでください。"
)
TOO_MANY_PREVIEWS = (
    "1人が1分間にファイルを選んで確かめられるのは、{most}回までです。"
    "{seconds}秒たってから、もう一度選んでください。"
)


def each(read: Callable[[Any], Result], files: Sequence[Any]) -> Iterator[Result]:
    """Read files one after the other. Raises UploadError if that takes too long in total.

    While one person's files are read, a thread of the server is busy.
    """
    limit = MAX_SECONDS_TIMES_ONE * settings.UPLOAD_READ_SECONDS
    began = time.monotonic()
    for number, file in enumerate(files):
        if time.monotonic() - began > limit:
            raise UploadError(
                f"選んだ{len(files)}個のファイルのうち、{number}個を読み取ったところで"
                f"{limit}秒を超えました。何も取り込んでいません。{number}個以下に分けて、"
                "もう一度選んでください。"
            )
        yield read(file)


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class UploadsField(forms.FileField):
    """One uploaded file, or several with FilesInput; cleans to the list of checked uploads."""

    refusal = ""
    """Why no file is read now, if none is."""

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        if self.refusal:
            raise forms.ValidationError(self.refusal)
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
            return list(each(uploads.read, files))
        except UploadError as error:
            raise forms.ValidationError(str(error)) from error


ReadDocument = TypeVar("ReadDocument", bound=Document)


def told_apart(documents: Iterable[ReadDocument]) -> list[ReadDocument]:
    """Return documents whose names differ: those of the same name are numbered in their order."""
    found = list(documents)
    names = [document.name for document in found]
    for number, document in enumerate(found):
        if names.count(document.name) > 1:
            document.name += f"（{number + 1}番目に選んだファイル）"
    return found


class ImportForm(forms.Form):
    """Files to import and the reason. After `is_valid`, `documents` has their contents."""

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

    def refuse_files(self, reason: str) -> None:
        """Show the reason at the field instead of reading anything."""
        cast(UploadsField, self.fields["file"]).refusal = reason

    def clean_file(self) -> list[Upload]:
        try:
            self.documents = told_apart(each(self.read, self.cleaned_data["file"]))
        except UploadError as error:
            raise forms.ValidationError(str(error)) from error
        return self.cleaned_data["file"]

    @property
    def said(self) -> dict[str, str]:
        """The other fields of the form, such as the reason."""
        return {name: text.strip() for name, text in self.cleaned_data.items() if name != "file"}


class ImportPages:
    """The two steps for one request; subclasses provide the importer and the pages."""

    outdated = (
        "確かめてから取り込むまでの間に、登録されている内容が変わりました。"
        "何も取り込んでいません。下の内容をもう一度確かめてください。"
    )

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    # What subclasses override

    def importer(self, **said: str) -> Importer[Any]:
        """Return the importer, with its user and the reason in `said`."""
        raise NotImplementedError

    def form(self, *sent: Any) -> ImportForm:
        """Return the form, bound to the data sent, if any."""
        raise NotImplementedError

    def page(
        self, form: ImportForm, comparisons: Sequence[Comparison] = (), **said: str
    ) -> HttpResponse:
        """Return the page with the form and the comparisons of the files."""
        raise NotImplementedError

    def start(self) -> str:
        """Return the URL of the first step."""
        raise NotImplementedError

    def done(self, summary: str) -> HttpResponse:
        """Add a success message, and return a redirect."""
        raise NotImplementedError

    def waits(self, comparison: Comparison) -> bool:
        """Return whether to keep the file for the second step."""
        return comparison.is_right and bool(comparison.changes)

    def is_outdated(self, comparisons: Sequence[Comparison]) -> bool:
        """Return whether to warn that stored data changed between preview and confirmation."""
        return all(comparison.is_right for comparison in comparisons)

    # The steps

    def ask(self) -> HttpResponse:
        """Ask for files, then show what they would change or their errors."""
        if self.request.method != "POST":
            return self.page(self.form())
        form = self.form(self.request.POST, self.request.FILES)
        with ExitStack() as held:
            if not turns.hold(held, f"previews-{self.request.user.pk}", PREVIEWS_AT_ONCE):
                form.refuse_files(OWN_PREVIEW_FIRST)
            elif seconds := self._seconds_to_wait():
                return self._too_many(form, seconds)
            if not form.is_valid():
                return self.page(form)
            return self._preview(form, form.cleaned_data["file"], form.documents, form.said)

    def confirm(self) -> HttpResponse:
        """Write the confirmed changes. If they are stale, show the current ones instead."""
        try:
            tickets = self.tickets()
            if self._is_done(tickets):
                messages.info(self.request, "このファイルは、すでに取り込みました。")
                return redirect(self.start())
            if "cancel" in self.request.POST:
                self._discard(tickets)
                messages.info(self.request, "取込みをやめました。何も変更していません。")
                return redirect(self.start())
            files = [pending.take(ticket) for ticket in tickets]
            said = self.said(tickets)
            importer = self.importer(**said)
            documents = told_apart(importer.read(file) for file in files)
        except (pending.Gone, UploadError) as error:
            return self.refused(error)
        digests = [ticket.digest for ticket in tickets]
        comparisons, is_written = carry_out(importer, documents, digests)
        self._discard(tickets)
        if is_written:
            self._remember(tickets)
            return self.done(importer.summary(comparisons))
        if self.is_outdated(comparisons):
            messages.warning(self.request, self.outdated)
        return self._preview(self.form(), files, documents, said)

    def send_marked(
        self,
        mark: Callable[[Upload, Comparison], bytes | None],
        *,
        ascii_name: str,
        detail: str,
    ) -> HttpResponseBase:
        """Send the user's workbook with the faulty cells marked and commented.

        `mark` returns it, or None if no cell can be marked; it may raise UploadError.
        """
        try:
            tickets = self.tickets()
            importer = self.importer(**self.said(tickets))
            file = pending.take(tickets[0])
            [comparison] = rehearse(importer, [importer.read(file)])
            content = mark(file, comparison)
        except (pending.Gone, UploadError) as error:
            return self.refused(error)
        if content is None:
            messages.warning(self.request, "印を付けるところがありません。もう一度選んでください。")
            return redirect(self.start())
        return download(
            self.request,
            OutgoingFile(
                content,
                name=f"{file.name.removesuffix('.xlsx')}（直すところに印）.xlsx",
                ascii_name=ascii_name,
                content_type=XLSX,
            ),
            detail=detail,
            door=Door.FORM,
        )

    def refused(self, error: Exception) -> HttpResponse:
        """Show why there is nothing to confirm, and restart at the first step."""
        messages.error(self.request, str(error))
        return redirect(self.start())

    def tickets(self) -> list[pending.Ticket]:
        """Return the tickets of the files. Raises pending.Gone if one is invalid or expired."""
        table = self.importer().table
        signed = self.request.POST.getlist("ticket") or [""]
        return [pending.read_ticket(one, user=self.request.user, table=table) for one in signed]

    def said(self, tickets: Sequence[pending.Ticket]) -> dict[str, str]:
        """Return the other form fields as of the preview, such as the reason."""
        return {"reason": tickets[0].reason}

    def _seconds_to_wait(self) -> int:
        """Count one more preview of this minute; if it is one too many, return how long to wait."""
        most = settings.PREVIEWS_A_MINUTE
        return turns.occupy(f"minute-{self.request.user.pk}", most, MINUTE) if most else 0

    def _too_many(self, form: ImportForm, seconds: int) -> HttpResponse:
        """Show the form again, with what was typed and how long to wait."""
        text = TOO_MANY_PREVIEWS.format(most=settings.PREVIEWS_A_MINUTE, seconds=seconds)
        form.refuse_files(text)
        page = self.page(form)
        page.status_code = 429
        page["Retry-After"] = str(seconds)
        return page

    def _is_done(self, tickets: Sequence[pending.Ticket]) -> bool:
        """Return whether these files were imported before: the same form has arrived twice."""
        done = self.request.session.get(IMPORTED, [])
        return all(ticket.key in done for ticket in tickets)

    def _remember(self, tickets: Sequence[pending.Ticket]) -> None:
        keys = [*self.request.session.get(IMPORTED, []), *(ticket.key for ticket in tickets)]
        self.request.session[IMPORTED] = keys[-2 * MAX_FILES :]

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
                self._keep(file, comparison, importer)
        return self.page(form, comparisons, summary=importer.summary(comparisons), **said)

    def _keep(self, file: Upload, comparison: Comparison, importer: Importer[Any]) -> None:
        """Store the file for the second step; add a fault where the disk refuses that."""
        try:
            comparison.ticket = pending.keep(
                file,
                user=importer.user,
                table=importer.table,
                reason=importer.reason,
                digest=comparison.digest if comparison.is_right else "",
            )
        except UploadError as error:
            comparison.faults.append(Fault(str(error)))

    def _tell_reasons(self, form: ImportForm, comparisons: Sequence[Comparison]) -> None:
        """Add errors about missing input to the form, or to the first file without a bound form."""
        for field, message in dict.fromkeys(
            fault for comparison in comparisons for fault in comparison.reason_faults
        ):
            if form.is_bound and field in form.fields:
                form.add_error(field, message)
            else:
                comparisons[0].faults.append(Fault(message))
