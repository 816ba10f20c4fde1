"""Files that leave through the browser. Each one is logged with its SHA-256."""

from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts import events
from accounts.decorators import readers_only
from accounts.history import Door, changing
from accounts.models import Event
from indicators.fiscal_years import full_label
from kpis.pages import tree_for
from reports import year_workbook as workbook


@require_GET
@readers_only
def year_workbook(request: HttpRequest, code: str) -> HttpResponse:
    """The workbook of a strategy for a year (?year=), by default the newest with values."""
    tree = tree_for(request, code)
    content = workbook.year_workbook(tree)
    name = workbook.file_name(tree)
    with changing(by=request.user, door=Door.ADMIN):
        events.log(
            Event.Kind.EXPORT,
            name,
            f"{tree.title}（{tree.code}）、{full_label(tree.fiscal_year)}、"
            f"{len(tree.listings)}指標、{len(tree.projects)}事業、"
            f"{len(content)}バイト、SHA-256：{sha256(content).hexdigest()}",
        )
    return HttpResponse(
        content,
        content_type=workbook.CONTENT_TYPE,
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )
