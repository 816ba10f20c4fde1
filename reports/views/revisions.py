"""新旧対照表 as a workbook."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from accounts import access
from accounts.decorators import allowed
from plans.revision_pages import revision_asked_for
from reports.revision_workbook import revision_workbook
from trail.downloads import XLSX, OutgoingFile, download, file_name


@require_GET
@allowed(access.may_read)
def revision_file(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """Send the 新旧対照表 of a revision."""
    asked = revision_asked_for(request, code, number)
    tree = asked.tree
    content = revision_workbook(tree, asked.revision, asked.parts)
    name = f"{file_name(f'{tree.title}_第{number}回改訂_新旧対照表')}.xlsx"
    file = OutgoingFile(
        content, name=name, ascii_name=f"{code}_revision_{number}.xlsx", content_type=XLSX
    )
    return download(request, file, detail=f"{tree.title}（{code}）、{asked.revision.label}")
