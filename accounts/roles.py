"""The five roles: Django groups with their permissions in the admin.

accounts/access.py has the rules beyond table permissions (own sections, open years, confirmed
values).
"""

from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model


class Role(StrEnum):
    """The roles of a city office; the value is the name of the group."""

    CLERK = "担当者"
    HEAD = "課長"
    PLANNING = "企画担当"
    READER = "閲覧者"
    AUDITOR = "監査担当"


class ModelKind(Enum):
    """What a model is for the roles. Each app registers its models, so none is named here."""

    PLAN = auto()
    ACCOUNT = auto()
    YEAR = auto()
    VALUE = auto()
    LOG = auto()


# role -> action -> kinds of models
PERMISSIONS: dict[Role, dict[str, tuple[ModelKind, ...]]] = {
    Role.CLERK: {
        "view": (ModelKind.PLAN, ModelKind.YEAR, ModelKind.VALUE),
        "change": (ModelKind.VALUE,),
        "add": (ModelKind.VALUE,),
    },
    Role.HEAD: {
        "view": (ModelKind.PLAN, ModelKind.YEAR, ModelKind.VALUE),
        "change": (ModelKind.VALUE,),
        "add": (ModelKind.VALUE,),
    },
    Role.PLANNING: {
        "view": tuple(ModelKind),
        "add": (ModelKind.PLAN, ModelKind.ACCOUNT, ModelKind.YEAR, ModelKind.VALUE),
        "change": (ModelKind.PLAN, ModelKind.ACCOUNT, ModelKind.YEAR, ModelKind.VALUE),
        # Auditors may ask about users, sections, years and values, so nobody may delete them. Users
        # and sections are deactivated instead.
        "delete": (ModelKind.PLAN,),
    },
    Role.READER: {},
    Role.AUDITOR: {"view": tuple(ModelKind)},
}

_models: dict[ModelKind, set[str]] = {kind: set() for kind in ModelKind}


def register(kind: ModelKind, *models: "type[Model]") -> None:
    """Give the roles the permissions of a kind for these models; called when an app is ready."""
    _models[kind].update(model._meta.label_lower for model in models)


def permissions_of(role: Role) -> set[str]:
    """Return the names of a role's permissions: indicators.view_actual."""
    return {
        f"{app}.{action}_{name}"
        for action, kinds in PERMISSIONS[role].items()
        for kind in kinds
        for app, name in (model.split(".") for model in _models[kind])
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
    for role in Role:
        group, _ = Group.objects.using(alias).get_or_create(name=role.value)
        wanted = {
            by_name[name]
            for name in permissions_of(role)
            # After a partial migrate some models are missing; the next migrate adds the rest.
            if name in by_name
        }
        if set(group.permissions.values_list("pk", flat=True)) != wanted:
            group.permissions.set(wanted)
