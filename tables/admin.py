"""Bulk import and export on the pages of the admin.

An import goes in two steps: the file is rehearsed and every change shown; what was confirmed, and
only that, is written in one transaction. Both directions are logged.
"""

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from import_export.admin import ImportExportMixin

from accounts import access
from tables import pending, uploads
from tables.resource import TableResource, TableResult
from tables.sheets import Table, read_table, write_csv, write_xlsx
from tables.uploads import Kind, Upload, UploadError
from trail import downloads, events
from trail.events import Event
from trail.history import Door, changing

SHOWN_CHANGES = 500
"""How many changed rows a preview lists; the rest is counted."""

CONTENT_TYPES = {Kind.XLSX: downloads.XLSX, Kind.CSV: downloads.CSV}


class ImportForm(forms.Form):
    """A file to import, and why."""

    file = forms.FileField(
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
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
    )

    def clean_file(self) -> Upload:
        file: UploadedFile = self.cleaned_data["file"]
        try:
            upload = uploads.read(file)
            self.table = read_table(upload)
        except UploadError as error:
            raise forms.ValidationError(str(error)) from error
        return upload


class BulkAdmin(ImportExportMixin):
    """An admin page with bulk import and export; `resource_classes` names the one table."""

    reason_help = ""

    def has_import_permission(self, request: HttpRequest) -> bool:
        return access.may_import_tables(request.user)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return access.may_export_tables(request.user)

    # Import

    def import_action(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file; show what it would change, or what is wrong with it."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
        if self.reason_help:
            form.fields["reason"].help_text += self.reason_help
        if not form.is_valid():
            return self._import_page(request, form)
        upload, reason = form.cleaned_data["file"], form.cleaned_data["reason"].strip()
        result = self._import(request, form.table, reason)
        for message in result.reason_faults:
            form.add_error("reason", message)
        return self._import_page(request, form, upload, form.table, result, reason)

    def process_import(self, request: HttpRequest) -> HttpResponse:
        """Write what was confirmed. Whatever is no longer right is shown instead."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        again = HttpResponseRedirect(reverse(self._url_name("import")))
        if request.method != "POST":
            return again
        try:
            ticket = pending.read_ticket(
                request.POST.get("ticket", ""), user=request.user, table=self._table_name
            )
            if "cancel" in request.POST:
                pending.discard(ticket)
                self.message_user(request, "取込みをやめました。何も変更していません。")
                return again
            upload = pending.take(ticket)
            table = read_table(upload)
        except (pending.Gone, UploadError) as error:
            self.message_user(request, str(error), "ERROR")
            return again
        result = self._import(
            request, table, ticket.reason, confirmed=ticket.digest, name=ticket.name
        )
        pending.discard(ticket)
        if result.is_right:
            self.message_user(request, f"{self._title}を取り込みました（{result.summary}）。")
            return HttpResponseRedirect(reverse(self._url_name("changelist")))
        if result.is_outdated:
            message = result.faults[0].message
            result = self._import(request, table, ticket.reason)
            self.message_user(request, message, "WARNING")
        return self._import_page(request, ImportForm(), upload, table, result, ticket.reason)

    def _import(
        self,
        request: HttpRequest,
        table: Table,
        reason: str,
        *,
        confirmed: str | None = None,
        name: str = "",
    ) -> TableResult:
        """Rehearse a table; with `confirmed`, the digest of a rehearsal, write it."""
        resource = self._resource(user=request.user, reason=reason)
        with (
            transaction.atomic(),
            changing(by=request.user, door=Door.IMPORT, reason=reason),
        ):
            result = resource.run(table, apply=confirmed is not None, confirmed=confirmed)
            if confirmed is not None and result.is_right:
                detail = f"{name}：{result.summary}" + (f"。理由：{reason}" if reason else "")
                events.log(Event.Kind.IMPORT, self._title, detail)
        return result

    def _import_page(
        self,
        request: HttpRequest,
        form: ImportForm,
        upload: Upload | None = None,
        table: Table | None = None,
        result: TableResult | None = None,
        reason: str = "",
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": f"{self._title}の一括取込",
            "opts": self.opts,
            "form": form,
            "columns": self._resource().notes(),
            "max_rows": f"{uploads.MAX_ROWS:,}",
            "result": result,
        }
        if result is not None:
            context |= {
                "name": upload.name,
                "reason": reason,
                "row_count": len(table.rows),
                "faults": [(table.place_of(fault), fault) for fault in result.faults],
                "faulty_row_count": len({fault.row for fault in result.faults if fault.row}),
                "changed": result.changed[:SHOWN_CHANGES],
                "added": result.added[:SHOWN_CHANGES],
            }
            if result.is_right and result.changes:
                context["ticket"] = pending.keep(
                    upload,
                    user=request.user,
                    table=self._table_name,
                    reason=reason,
                    digest=result.digest,
                )
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/import_export/import.html", context)

    # Export

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """Ask for the kind of file; return it."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            listed = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse(self._url_name("export")))
        if request.method == "POST" and request.POST.get("kind") in list(Kind):
            return self._file(request, Kind(request.POST["kind"]), listed)
        context = self.admin_site.each_context(request) | {
            "title": f"{self._title}の一括出力",
            "opts": self.opts,
            "columns": self._resource().notes(),
            "count": listed.count(),
            "all_count": self._resource().get_queryset().count(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/import_export/export.html", context)

    def _file(self, request: HttpRequest, kind: Kind, listed: QuerySet) -> HttpResponseBase:
        resource = self._resource(user=request.user)
        objects = resource.get_queryset().filter(pk__in=listed.order_by().values("pk"))
        rows = list(resource.written(objects))
        headers = [column.header for column in resource.columns]
        if kind == Kind.CSV:
            content = write_csv(headers, rows)
        else:
            content = write_xlsx(self._title, headers, rows, resource.notes())
        name = f"{self._title}_{timezone.localdate():%Y%m%d}.{kind}"
        return downloads.download(
            request,
            content,
            name=name,
            ascii_name=f"{self.opts.model_name}_{timezone.localdate():%Y%m%d}.{kind}",
            content_type=CONTENT_TYPES[kind],
            detail=f"{name}：{len(rows)}行",
            subject=self._title,
            door=Door.ADMIN,
        )

    # Names

    @property
    def _title(self) -> str:
        return str(self.opts.verbose_name_plural)

    @property
    def _table_name(self) -> str:
        return self.opts.label_lower

    @property
    def _resource(self) -> type[TableResource]:
        return self.resource_classes[0]

    def _url_name(self, action: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{action}"
