"""Bulk import and export in the admin. Both are logged."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Textarea
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from import_export.admin import ImportExportMixin

from tables import file_making, pending, uploads
from tables.bulk_files import write_export
from tables.import_pages import ImportForm, ImportPages
from tables.importing import Comparison
from tables.resource import TableResource
from tables.uploads import Format
from trail import downloads
from trail.history import Door

CONTENT_TYPES = {Format.XLSX: downloads.XLSX, Format.CSV: downloads.CSV}
SHOWN_ROWS = 500
"""How many new and changed rows a preview lists; it only counts the rest."""


class BulkAdmin(ImportExportMixin):
    """An admin page with bulk import and export; `resource_classes` has exactly one table.

    Nobody may import or export by default; accounts/bulk_admin.py overrides the permissions.
    """

    reason_help = ""

    def has_import_permission(self, request: HttpRequest) -> bool:
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        return False

    def import_action(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file, then show what it would change or its errors."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        return TableImportPages(request, self).ask()

    def process_import(self, request: HttpRequest) -> HttpResponse:
        """Write the confirmed changes. If they are stale, show the current ones instead."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        pages = TableImportPages(request, self)
        return pages.confirm() if request.method == "POST" else redirect(pages.start())

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for the file format, then return the file."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            listed = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.address("export"))
        if request.method == "POST" and request.POST.get("kind") in list(Format):
            answer = file_making.answering(self._file)
            return answer(request, Format(request.POST["kind"]), listed)
        context = {
            "title": f"{self.title}の一括出力",
            "count": listed.count(),
            "all_count": self.resource().get_queryset().count(),
        }
        return self.bulk_page(request, "export.html", context)

    def _file(self, request: HttpRequest, kind: Format, listed: QuerySet) -> HttpResponseBase:
        export = (kind, self.resource, request.user, listed.order_by().values("pk").query)
        content, count = file_making.make_rows(request, listed.count(), write_export, *export)
        name = f"{self.title}_{timezone.localdate():%Y%m%d}.{kind}"
        return downloads.download(
            request,
            downloads.OutgoingFile(
                content,
                name=name,
                ascii_name=f"{self.opts.model_name}_{timezone.localdate():%Y%m%d}.{kind}",
                content_type=CONTENT_TYPES[kind],
            ),
            detail=f"{name}：{count}行",
            subject=self.title,
            door=Door.ADMIN,
        )

    @property
    def title(self) -> str:
        return str(self.opts.verbose_name_plural)

    @property
    def resource(self) -> type[TableResource]:
        return self.resource_classes[0]

    def address(self, action: str) -> str:
        """Return the URL of a page: import, process_import, export or changelist."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{action}")

    def bulk_page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        """Return an import or export page, with the notes on all columns."""
        request.current_app = self.admin_site.name
        known = {"opts": self.opts, "columns": self.resource().notes()}
        context = self.admin_site.each_context(request) | known | context
        return TemplateResponse(request, f"admin/import_export/{template}", context)


class TableImportPages(ImportPages):
    """The two steps of an import for one model in the admin."""

    outdated = (
        "確かめてから取り込むまでの間に、登録されている内容が変わりました。"
        "何も取り込んでいません。下の内容をもう一度確かめてから取り込んでください。"
    )

    def __init__(self, request: HttpRequest, admin: BulkAdmin) -> None:
        super().__init__(request)
        self.admin = admin

    def importer(self, **said: str) -> TableResource:
        return self.admin.resource(user=self.request.user, **said)

    def form(self, *sent: Any) -> ImportForm:
        form = ImportForm(self.importer().read, *sent)
        form.fields["reason"].widget = Textarea(attrs={"rows": 2, "cols": 60, "maxlength": 500})
        form.fields["reason"].help_text += self.admin.reason_help
        return form

    def page(
        self, form: ImportForm, comparisons: Sequence[Comparison] = (), **said: str
    ) -> HttpResponse:
        context = {
            "title": f"{self.admin.title}の一括取込",
            "form": form,
            "max_rows": f"{uploads.MAX_ROWS:,}",
            "comparison": comparisons[0] if comparisons else None,
            "shown_rows": SHOWN_ROWS,
            "reason": said.get("reason", ""),
        }
        return self.admin.bulk_page(self.request, "import.html", context)

    def tickets(self) -> list[pending.Ticket]:
        """Return the one ticket that the page sends: rows are compared inside of a file only."""
        return super().tickets()[:1]

    def start(self) -> str:
        return self.admin.address("import")

    def done(self, summary: str) -> HttpResponse:
        messages.info(self.request, f"{self.admin.title}を取り込みました（{summary}）。")
        return redirect(self.admin.address("changelist"))
