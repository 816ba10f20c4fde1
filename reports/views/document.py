"""The whole year as one document to print."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from plans.pages import Link, page_context, period_sentence, review_label
from reports.scope import tree_in_scope
from reports.year_document import year_document


@require_safe
@allowed(access.may_read)
def document(request: HttpRequest, code: str) -> HttpResponse:
    """Cover, overview, each goal with all below it, and the appendices, in one page."""
    tree = tree_in_scope(request, code)
    context = page_context(
        request,
        tree,
        crumbs=[Link("まとめて印刷")],
        heading=review_label(tree.fiscal_year),
        period_sentence=period_sentence(tree),
        document=year_document(tree),
    )
    return render(request, "reports/year_document.html", context)
