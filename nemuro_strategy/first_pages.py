"""Whose first page is which: the one place where a role's first page is chosen.

A page is a function of the request and of all strategies (newest first, at least one). An app that
has a better page for a role puts it here.
"""

from collections.abc import Callable, Sequence

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import access
from accounts.roles import Role
from changes.views import first_page as of_changes
from entry.views import first_pages as of_entry
from goals.models import Strategy

FirstPage = Callable[[HttpRequest, Sequence[Strategy]], HttpResponse]


def reader(request: HttpRequest, strategies: Sequence[Strategy]) -> HttpResponse:
    """閲覧者: the overview of the newest strategy says all that they ask."""
    address = reverse("overview", args=[strategies[0].code], query=request.GET or None)
    return redirect(address)


FIRST_PAGES: dict[Role, FirstPage] = {
    Role.PLANNING: of_entry.planning,
    Role.HEAD: of_entry.head,
    Role.CLERK: of_entry.clerk,
    Role.AUDITOR: of_changes.auditor,
    Role.READER: reader,
}


def first_page_for(request: HttpRequest) -> FirstPage:
    """Return the first page of who asks and must have a role.

    What there is to do is of today: who asks for a day of the past gets the overview of that day.
    """
    if request.GET.get("as_of"):
        return reader
    role = access.main_role(request.user)
    if role is None:
        raise PermissionDenied
    return FIRST_PAGES[role]
