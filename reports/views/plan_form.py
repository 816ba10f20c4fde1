"""計画様式.xlsx as a file: empty, with a plan, or with what a plan's list says as text."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts import access
from accounts.answer_pages import lead_to
from accounts.decorators import allowed
from plans.pages import strategy_not_found
from plans.tree import StrategyNotFound, read_plain_tree
from plans.workbook.rows import PlanRows
from reports.plan_workbook import (
    empty_rows,
    rows_from_text,
    rows_of_tree,
    text_of,
    workbook_content,
)
from tables.uploads import megabytes
from trail.downloads import XLSX, OutgoingFile, download

LONGEST_LIST = 2_000_000
"""In bytes: a list of a thousand projects has a tenth of this."""


@require_GET
@allowed(access.may_import_tables)
def plan_form(request: HttpRequest) -> HttpResponseBase:
    """Send the form: empty, or with the plan of ?plan=."""
    code = request.GET.get("plan", "").strip()
    if not code:
        return _sent(request, empty_rows(), "", "空の様式")
    try:
        tree = read_plain_tree(code, drafts=access.may_see_drafts(request.user))
    except StrategyNotFound:
        raise strategy_not_found(code) from None
    return _sent(request, rows_of_tree(tree), tree.title, tree.title)


@require_POST
@allowed(access.may_import_tables)
def from_text(request: HttpRequest) -> HttpResponseBase:
    """Send the form with what a plan's list says, as copied from a PDF."""
    lead_to(request, reverse("plan_workbook"))
    text = request.POST.get("text", "")
    file = request.FILES.get("list")
    if isinstance(file, UploadedFile):
        if (file.size or 0) > LONGEST_LIST:
            messages.error(
                request,
                f"文字のファイルが大きすぎます（{megabytes(file.size or 0)}）。"
                f"{megabytes(LONGEST_LIST)}までのファイルを選んでください。",
            )
            return redirect("plan_workbook")
        try:
            text = text_of(file.read())
        except ValueError as error:
            messages.error(request, f"ファイル「{file.name}」：{error}")
            return redirect("plan_workbook")
    if not text.strip():
        messages.error(
            request, "一覧の文字が空です。貼り付けるか、文字のファイルを選んでください。"
        )
        return redirect("plan_workbook")
    return _sent(request, rows_from_text(text), "一覧から", "一覧の文字から作った様式")


def _sent(request: HttpRequest, rows: PlanRows, title: str, detail: str) -> HttpResponseBase:
    name = f"計画様式（{title}）" if title else "計画様式"
    return download(
        request,
        OutgoingFile(
            workbook_content(rows, title),
            name=f"{name}.xlsx",
            ascii_name="plan_workbook.xlsx",
            content_type=XLSX,
        ),
        detail=f"計画様式、{detail}",
    )
