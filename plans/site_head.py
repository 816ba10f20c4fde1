"""What the head of every page shows: city, plan and links, even where a page has no plan.

A context processor. All of it is read only when a template asks for it: the pages of a plan bring
their own and cost nothing here.
"""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import access
from goals.models import Strategy
from japanese.calendar_days import day_label
from plans.pages import Link, navigation


def site_head(request: HttpRequest) -> dict[str, Any]:
    """Return the newest plan (None without one), links for who has a role, whom to ask, today."""
    plan = SimpleLazyObject(_newest_plan)
    links = SimpleLazyObject(lambda: _links(request, cast(Strategy | None, plan)))
    return {
        "newest_plan": plan,
        "navigation": links,
        "planning_office": settings.PLANNING_OFFICE,
        "printed_on": day_label(timezone.localdate()),
    }


def _newest_plan() -> Strategy | None:
    """Return the plan; None also where the database fails: an error page must not fail, too."""
    try:
        return Strategy.objects.first()
    except DatabaseError:
        return None


def _links(request: HttpRequest, plan: Strategy | None) -> list[Link]:
    try:
        if not access.may_read(getattr(request, "user", AnonymousUser())):
            return []
        return navigation(request, reverse("overview", args=[plan.code]) if plan else "")
    except DatabaseError:
        return []
