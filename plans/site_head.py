"""Context processor for the head of every page: city, plan and links, even without a plan.

Everything is read lazily: the pages of a plan have their own data and cost nothing here.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts import access
from goals.models import Strategy
from japanese.calendar_days import day_label
from japanese.row_numbers import row_number
from plans.chooser import PlanChoice, choices_elsewhere
from plans.opened_plan import in_order_of_opening
from plans.pages import Link, navigation
from trail.installation import installation, planning_office


def site_head(request: HttpRequest) -> dict[str, Any]:
    """Return the plans of the head, the links of a role, the contact, today and the version."""
    head = SiteHead(request)
    return {
        "head": head,
        "plan_choices": lambda: head.choices,
        "navigation": lambda: head.links,
        "planning_office": planning_office,
        "printed_on": day_label(timezone.localdate()),
        "version": settings.VERSION,
    }


class SiteHead:
    """The head of a page that is of no plan.

    Nothing is there if the database fails, because error pages have a head, too.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user = getattr(request, "user", AnonymousUser())

    @cached_property
    def plans(self) -> list[Strategy]:
        """The plans that the user may know of, in the order of opening."""
        try:
            return in_order_of_opening(drafts=access.may_see_drafts(self.user))
        except DatabaseError:
            return []

    @cached_property
    def shown(self) -> list[Strategy]:
        """The plans that the page is about.

        The plan of the address, which has no such part or year; that of what is edited in the
        admin; those of the year that is entered; else the first.
        """
        opened = [plan for plan in self.plans if not plan.is_draft]
        match = self.request.resolver_match
        code = match.kwargs.get("code") if match else None
        if code and (named := [plan for plan in self.plans if plan.code == code]):
            return named
        edited = self._edited
        if edited is not None and (shown := [plan for plan in self.plans if plan.pk == edited]):
            return shown
        if match and str(match.url_name).startswith("entry_"):
            year = match.kwargs.get("fiscal_year", 0)
            if of_year := [plan for plan in opened if year in plan.period]:
                return of_year
        return opened[:1]

    @property
    def _edited(self) -> int | None:
        """The id of the plan to which an object in the admin belongs, or that was chosen there."""
        match = self.request.resolver_match
        if not match or match.app_name != "admin":
            return None
        app_label, _, rest = str(match.url_name).partition("_")
        try:
            model: Any = apps.get_model(app_label, rest.partition("_")[0])
        except LookupError:
            return None
        pk = row_number(str(match.kwargs.get("object_id", "")))
        if not hasattr(model, "plan_path") or pk is None:
            return row_number(self.request.GET.get("strategy") or self.request.GET.get("plan", ""))
        return self._plan_of(model, pk)

    def _plan_of(self, model: Any, pk: int) -> int | None:
        path = "__".join(filter(None, (model.plan_path, "pk")))
        try:
            found: int | None = (
                model._default_manager.filter(pk=pk).values_list(path, flat=True).first()
            )
        except (DatabaseError, OverflowError):
            return None
        return found

    @property
    def plan(self) -> Strategy | None:
        """The plan to which the links lead."""
        return self.shown[0] if self.shown else None

    @property
    def city(self) -> str:
        """The city of the installation, where there is no plan; "" if it is not known."""
        try:
            return installation().city
        except DatabaseError:
            return ""

    @property
    def title(self) -> str:
        """The names of the plans that the page is about."""
        return "、".join(plan.title for plan in self.shown)

    @property
    def search_url(self) -> str:
        """The address that searches the plan, if the page is about one and has a reader; or ""."""
        if len(self.shown) != 1 or not access.may_read(self.user):
            return ""
        return reverse("search", args=[self.shown[0].code])

    @property
    def choices(self) -> list[PlanChoice]:
        """The plans to choose from, for users with a role."""
        try:
            return choices_elsewhere(self.plans, self.shown) if access.may_read(self.user) else []
        except DatabaseError:
            return []

    @property
    def links(self) -> list[Link]:
        """The main links, for users with a role."""
        try:
            if not access.may_read(self.user):
                return []
            if self.plan is None:
                return navigation(self.request)
            base_url = reverse("overview", args=[self.plan.code])
            return navigation(self.request, base_url, words=self.plan.wording)
        except DatabaseError:
            return []
