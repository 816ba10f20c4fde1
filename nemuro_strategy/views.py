"""The first page, whether the server works, and what is shown where something is wrong."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from goals.models import Strategy
from nemuro_strategy.first_pages import first_page_for

PLAIN = "text/plain; charset=utf-8"


@require_safe
@allowed(access.may_read)
def home(request: HttpRequest) -> HttpResponse:
    """The first page of one's role; where there is no strategy, how to get one."""
    strategies = list(Strategy.objects.all())
    if strategies:
        return first_page_for(request)(request, strategies)
    return render(request, "home.html", {"may_use_admin": access.may_use_admin(request.user)})


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers; asks nothing of the database."""
    return HttpResponse("ok", content_type=PLAIN)


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether requests can be served; 503 with the reason where not."""
    reason = _obstacle()
    return HttpResponse(reason or "ok", status=503 if reason else 200, content_type=PLAIN)


def _obstacle() -> str:
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return (
            "データベースに接続できません。DATABASE_URL と、データベースの状態を確かめてください。"
        )
    if plan:
        names = "、".join(str(migration) for migration, _ in plan[:3])
        return (
            f"適用していないマイグレーションが{len(plan)}件あります（{names}など）。"
            "manage.py migrate を実行してください。"
        )
    return ""


def permission_denied(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    """The page for what a user may not see or do."""
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address without a page; a PageNotFound says what is wrong with it."""
    context = {
        "message": getattr(exception, "message", ""),
        "links": getattr(exception, "links", ()),
    }
    return render(request, "404.html", context, status=404)
