"""Chooses the first page by role.

A first page is a function of the request and the strategies in the order of opening
(plans/opened_plan.py), at least one and no draft. To give a role a page of its own, register it
here.
"""

from collections.abc import Callable, Sequence

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import access
from accounts.roles import Role
from backups.last_backup import backup_state
from changes.views import first_page as of_changes
from entry.views import first_pages as of_entry
from goals.models import Strategy
from start.steps import is_set_up

FirstPage = Callable[[HttpRequest, Sequence[Strategy]], HttpResponse]


def reader(request: HttpRequest, strategies: Sequence[Strategy]) -> HttpResponse:
    """閲覧者: redirect to the overview of the first strategy."""
    address = reverse("overview", args=[strategies[0].code], query=request.GET or None)
    return redirect(address)


def planning(request: HttpRequest, strategies: Sequence[Strategy]) -> HttpResponse:
    """企画担当: the year; what is left of the set-up, and how old the last backup is."""
    request.sets_up = not is_set_up()  # type: ignore[attr-defined]
    request.backup = backup_state()  # type: ignore[attr-defined]
    return of_entry.planning(request, strategies)


FIRST_PAGES: dict[Role, FirstPage] = {
    Role.PLANNING: planning,
    Role.HEAD: of_entry.head,
    Role.CLERK: of_entry.clerk,
    Role.AUDITOR: of_changes.auditor,
    Role.READER: reader,
}


def first_page_for(request: HttpRequest) -> FirstPage:
    """Return the first page of the user, who must have a role.

    With ?as_of= everybody gets the overview of that day, because to-do lists are always current.
    """
    if request.GET.get("as_of"):
        return reader
    role = access.main_role(request.user)
    if role is None:
        raise PermissionDenied
    return FIRST_PAGES[role]
