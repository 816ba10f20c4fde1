"""Filters and selects of the admin that distinguish plans: two plans both have a 基本目標1."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts import access
from indicators.drafts import without_drafts
from indicators.listing_rows import indicators_of_plan, listing_rows
from indicators.listings import Listing
from indicators.models import Indicator
from indicators.rules.narrowing_types import given
from japanese.row_numbers import row_number


def plan_of(part: Any) -> Model:
    """Return the plan of a part or of itself; without queries where it was selected along."""
    for name in filter(None, part.plan_path.split("__")):
        part = getattr(part, name)
    return part


def name_with_plan(part: Any, *, several: bool) -> str:
    """Return the name of a part, with its plan where there are several."""
    return f"{part}（{plan_of(part)}）" if several else str(part)


class PlanFilter(admin.SimpleListFilter):
    """Filters parts of plans by their plan; not shown while there is only one."""

    title = "総合戦略"
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.path: str = model_admin.model.plan_path
        plans = model_at(model_admin.model, self.path)._default_manager.all()
        return [(str(plan.pk), str(plan)) for plan in without_drafts(plans, request.user)]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return _filtered(queryset, self.path, self.value(), self.lookup_choices)


class PartFilter(admin.SimpleListFilter):
    """Filters by a part of a plan, such as a goal, that is at `path`; of the chosen plan only."""

    path = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        model = model_at(model_admin.model, self.path)
        parts = without_drafts(model._default_manager.all(), request.user)
        plan = row_number(request.GET.get(PlanFilter.parameter_name, ""))
        if plan is not None:
            parts = parts.filter(**{model.plan_path: plan})
        found = list(parts.select_related(model.plan_path))
        several = len({plan_of(part).pk for part in found}) > 1
        return [(str(part.pk), name_with_plan(part, several=several)) for part in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return _filtered(queryset, self.path, self.value(), self.lookup_choices)


def model_at(model: Any, path: str) -> Any:
    """Return the model at the end of a lookup path of foreign keys."""
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    return model


def _filtered(
    queryset: QuerySet, path: str, chosen: str | None, offered: Collection[tuple[Any, Any]]
) -> QuerySet:
    """Filter by the choice; not at all if it is not on offer."""
    return queryset.filter(**{path: chosen}) if chosen in dict(offered) else queryset


class PartField(forms.ModelChoiceField):
    """A select of parts of plans, which names their plan where there are several."""

    def label_from_instance(self, obj: Any) -> str:
        if not hasattr(self, "_several"):
            path = obj.plan_path
            plans = given(self.queryset).order_by().values(path).distinct()
            self._several = plans.count() > 1
        return name_with_plan(obj, several=self._several)


def part_field(queryset: QuerySet) -> dict[str, Any]:
    """Return the arguments of the form field for a foreign key to a plan or a part of one."""
    path: str = queryset.model.plan_path
    if not path:
        return {"queryset": queryset}
    return {"form_class": PartField, "queryset": queryset.select_related(path)}


PLANS = "listed_in"
"""The column of a list that has the plans of an indicator."""


class ListedInFilter(admin.SimpleListFilter):
    """Filters indicators by a plan that lists them, and values by its years, too.

    Not shown while there is only one plan.
    """

    title = "総合戦略"
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.plans = {str(plan.pk): plan for plan in plans_seen_by(request.user)}
        return [(pk, str(plan)) for pk, plan in self.plans.items()]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        plan: Any = self.plans.get(self.value() or "")
        if plan is None:
            return queryset
        listed = indicators_of_plan(plan)
        if queryset.model is Indicator:
            return queryset.filter(pk__in=listed)
        years = range(plan.first_fiscal_year, plan.last_fiscal_year + 1)
        return queryset.filter(indicator__in=listed, fiscal_year__in=years)


class ChangeListWithPlans(ChangeList):
    """A list of indicators or of their values that shows their plans.

    One query for a page.
    """

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        if PLANS not in self.list_display:
            return
        pks = {_indicator_of(shown) for shown in self.result_list}
        found = listing_rows(indicator_ids=pks, drafts=access.may_see_drafts(request.user))
        for shown in self.result_list:
            rows = found.get(_indicator_of(shown), [])
            shown.plans_shown = "、".join(dict.fromkeys(row.plan_title for row in rows))


class ListedInPlans:
    """An admin page whose list has the plans that list an indicator, where there are several."""

    def get_list_display(self, request: HttpRequest) -> list[str]:
        columns: list[str] = list(super().get_list_display(request))  # type: ignore[misc]
        return [*columns, PLANS] if len(plans_seen_by(request.user)) > 1 else columns

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ChangeListWithPlans

    @admin.display(description="総合戦略")
    def listed_in(self, shown: Any) -> str:
        """The plans that list the indicator."""
        return getattr(shown, "plans_shown", "")


def plans_seen_by(user: Any) -> list[Model]:
    """Return the plans that somebody sees, newest first."""
    kind: Any = Listing.__subclasses__()[0]
    plans = model_at(kind, kind.plan_path)._default_manager.all()
    return list(without_drafts(plans, user))


def _indicator_of(shown: Any) -> int:
    pk: int = shown.pk if isinstance(shown, Indicator) else shown.indicator_id
    return pk
