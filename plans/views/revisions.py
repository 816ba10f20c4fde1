"""計画の改訂: the revisions of a plan, and what each of them changed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from goals.models import Strategy
from plans.kept_pages import kept_page
from plans.nodes import StrategyTree
from plans.pages import Link, kept_query, page_context, tree_for
from plans.revision_pages import revision_asked_for, whole_tree
from plans.revision_table import revised_parts, revision_address


@require_safe
@allowed(access.may_read)
@kept_page
def revisions(request: HttpRequest, code: str) -> HttpResponse:
    """Show the revisions of a plan, newest first."""
    tree = tree_for(request, code)
    whole = whole_tree(request, tree)
    listed = [
        (revision, revised_parts(whole, revision), revision_address(tree, revision.number))
        for revision in reversed(whole.revisions)
    ]
    context = page_context(
        request,
        tree,
        crumbs=[Link("計画の改訂")],
        heading="計画の改訂",
        revisions=listed,
        add_url=_add_address(request, tree),
    )
    return render(request, "plans/revisions.html", context)


@require_safe
@allowed(access.may_read)
@kept_page
def revision(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Show the 新旧対照表 of a revision."""
    asked = revision_asked_for(request, code, number)
    tree = asked.tree
    address = f"{tree.base_url}revisions/{kept_query(tree)}"
    context = page_context(
        request,
        tree,
        crumbs=[Link("計画の改訂", address), Link(f"第{number}回")],
        heading=f"新旧対照表　{asked.revision.label}",
        revision=asked.revision,
        parts=asked.parts,
        workbook=reverse("revision_xlsx", args=[tree.code, number]) + kept_query(tree),
    )
    return render(request, "plans/revision.html", context)


def _add_address(request: HttpRequest, tree: StrategyTree) -> str:
    """Return where planning registers a revision of the plan; "" for all others."""
    if not access.may_revise(request.user):
        return ""
    plan = Strategy.objects.only("pk").get(code=tree.code)
    return f"{reverse('admin:goals_revision_add')}?strategy={plan.pk}"
