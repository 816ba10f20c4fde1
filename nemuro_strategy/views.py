"""The first page and the pages for 403 and 404."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from nemuro_strategy.first_pages import first_page_for
from plans.opened_plan import in_order_of_opening
from plans.pages import PageNotFound


@require_safe
@allowed(access.may_read)
def home(request: HttpRequest) -> HttpResponse:
    """Show the first page of the user's role, or how to get to a plan if there is none to see."""
    plans = in_order_of_opening(drafts=access.may_see_drafts(request.user))
    strategies = [plan for plan in plans if not plan.is_draft]
    if strategies:
        return first_page_for(request)(request, strategies)
    if access.may_set_up(request.user):
        return redirect("start")
    return render(request, "home.html", {"heading": "表示できる総合戦略がまだありません"})


def permission_denied(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    """Render the page for what a user may not see or do."""
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the page for an unknown address; a PageNotFound adds a message and links.

    A RefusedNow has a heading and a status of its own.
    """
    context = {
        "heading": getattr(exception, "heading", PageNotFound.heading),
        "message": getattr(exception, "message", ""),
        "links": getattr(exception, "links", ()),
    }
    return render(request, "404.html", context, status=getattr(exception, "status", 404))
