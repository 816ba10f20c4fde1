"""The five roles: Django groups with their permissions in the admin.

accounts/access.py has the rules beyond table permissions (own sections, open years, confirmed
values).
"""

from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """The roles of a city office; the value is the name of the group."""

    CLERK = "担当者"
    HEAD = "課長"
    PLANNING = "企画担当"
    READER = "閲覧者"
    AUDITOR = "監査担当"


STRATEGY_MODELS = (
    "goals.strategy",
    "goals.basicgoal",
    "goals.numerictarget",
    "goals.numerictargetyear",
    "measures.measuregroup",
    "measures.measure",
    "measures.project",
    "kpis.kpi",
    "kpis.kpiyear",
    "indicators.indicator",
)
KEPT_MODELS = (
    "accounts.section",
    "accounts.sectionformername",
    "accounts.user",
    "indicators.fiscalyear",
    "indicators.actual",
)
ALL_MODELS = (*STRATEGY_MODELS, *KEPT_MODELS, "accounts.event")

# role -> action -> models
PERMISSIONS: dict[Role, dict[str, tuple[str, ...]]] = {
    Role.CLERK: {
        "view": (*STRATEGY_MODELS, "indicators.fiscalyear", "indicators.actual"),
        "change": ("indicators.actual",),
        "add": ("indicators.actual",),
    },
    Role.HEAD: {
        "view": (*STRATEGY_MODELS, "indicators.fiscalyear", "indicators.actual"),
        "change": ("indicators.actual",),
        "add": ("indicators.actual",),
    },
    Role.PLANNING: {
        "view": ALL_MODELS,
        "add": (*STRATEGY_MODELS, *KEPT_MODELS),
        "change": (*STRATEGY_MODELS, *KEPT_MODELS),
        # Auditors may ask for users, sections, years and values, so nobody may delete them. Users
        # and sections are deactivated instead.
        "delete": STRATEGY_MODELS,
    },
    Role.READER: {},
    Role.AUDITOR: {"view": ALL_MODELS},
}


def sync_groups(**kwargs: Any) -> None:
    """Create the five groups and set exactly their permissions; runs after each migrate."""
    from django.contrib.auth.models import Group, Permission
    from django.db import DEFAULT_DB_ALIAS

    alias = kwargs.get("using", DEFAULT_DB_ALIAS)
    by_name = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(alias).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for role, actions in PERMISSIONS.items():
        group, _ = Group.objects.using(alias).get_or_create(name=role.value)
        wanted = {
            by_name[name]
            for action, models in actions.items()
            for name in (_codename(action, model) for model in models)
            # After a partial migrate some models are missing; the next migrate adds the rest.
            if name in by_name
        }
        if set(group.permissions.values_list("pk", flat=True)) != wanted:
            group.permissions.set(wanted)


def _codename(action: str, model: str) -> str:
    app, name = model.split(".")
    return f"{app}.{action}_{name}"
