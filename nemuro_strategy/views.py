"""The first page, the health checks and the error pages."""

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
    """Show the first page of the user's role, or how to load a strategy if there is none."""
    strategies = list(Strategy.objects.all())
    if strategies:
        return first_page_for(request)(request, strategies)
    return render(request, "home.html", {"may_use_admin": access.may_use_admin(request.user)})


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive, without using the database."""
    return HttpResponse("ok", content_type=PLAIN)


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether requests can be served; if not, 503 with the reason."""
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
    """Render the page for what a user may not see or do."""
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the page for an unknown address; a PageNotFound adds a message and links."""
    context = {
        "message": getattr(exception, "message", ""),
        "links": getattr(exception, "links", ()),
    }
    return render(request, "404.html", context, status=404)
