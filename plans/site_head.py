"""Context processor for the head of every page: city, plan and links, even without a plan.

Everything is read lazily: the pages of a plan have their own data and cost nothing here.
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
    """Return the newest plan (or None), the links for users with a role, the contact, today."""
    plan = SimpleLazyObject(lambda: _newest_plan(request))
    links = SimpleLazyObject(lambda: _links(request, cast(Strategy | None, plan)))
    return {
        "newest_plan": plan,
        "navigation": links,
        "planning_office": settings.PLANNING_OFFICE,
        "printed_on": day_label(timezone.localdate()),
    }


def _newest_plan(request: HttpRequest) -> Strategy | None:
    """Return the plan; None also if the database fails, because error pages use this, too."""
    try:
        return Strategy.objects.without_drafts().first()
    except DatabaseError:
        return None


def _links(request: HttpRequest, plan: Strategy | None) -> list[Link]:
    try:
        if not access.may_read(getattr(request, "user", AnonymousUser())):
            return []
        return navigation(request, reverse("overview", args=[plan.code]) if plan else "")
    except DatabaseError:
        return []
