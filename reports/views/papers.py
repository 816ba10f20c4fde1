"""The papers of a year as workbooks."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts.decorators import readers_only
from accounts.downloads import XLSX, download
from reports.report_files import FILES, ascii_name, contents, report_name
from reports.scope import tree_in_scope


@require_GET
@readers_only
def report(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """A workbook of reports/report_files.py for a year (?year=), by default the newest."""
    tree = tree_in_scope(request, code)
    file = FILES[key]
    return download(
        request,
        file.make(tree),
        name=report_name(tree, file.name, "xlsx"),
        ascii_name=ascii_name(tree, key, "xlsx"),
        content_type=XLSX,
        detail=contents(tree),
    )
