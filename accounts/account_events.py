"""Log account events: log-ins, failures, changes of roles, sections and fields.

The functions receive Django's signals; accounts/apps.py connects them.
"""

from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.db.models import Field, Q, QuerySet
from django.http import HttpRequest

from accounts.models import User
from trail.events import Event, log
from trail.history import current_change

MEMBERSHIP_ACTIONS = {
    "post_add": "追加",
    "post_remove": "解除",
    "pre_clear": "すべて解除",
}
ACCOUNT_FIELDS = ("username", "full_name", "email", "is_active", "is_superuser")


def name_of(user: User) -> str:
    """Return a user's name and staff number as written in the log."""
    return f"{user.full_name}（{user.username}）"


def typed_name(fields: Mapping[str, Any]) -> str:
    """Return the log-in name that somebody typed, as written in the log."""
    return fields.get("username") or "（なし）"


def log_log_in(sender: Any, user: User, **kwargs: Any) -> None:
    """Log that somebody logged in (user_logged_in)."""
    log(Event.Kind.LOG_IN, name_of(user), by=user, door="")


def log_log_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Log a log-out, by the user or by idleness (user_logged_out)."""
    if user is None:
        return
    idle = getattr(request, "ended_by_idleness", False)
    detail = f"{settings.SESSION_IDLE_MINUTES}分のあいだ操作なし" if idle else ""
    log(Event.Kind.LOG_OUT, name_of(user), detail, by=user, door="")


def log_log_in_failed(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Log a failure with the typed name, never the password, and the lock-out it causes, if any.

    Receives user_login_failed, after axes has counted the failure.
    """
    name = typed_name(credentials)
    is_locked = getattr(request, "axes_locked_out", False)
    if is_locked and getattr(request, "axes_failures_since_start", None) is None:
        detail = "ロックされているため、パスワードを調べていません。"
        log(Event.Kind.LOG_IN_FAILED, name, detail, door="")
        return
    is_open = request is not None and is_session_of(request, name)
    detail = "ログインしている画面での、今のパスワードの誤り" if is_open else ""
    log(Event.Kind.LOG_IN_FAILED, name, detail, door="")
    if is_locked:
        minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
        detail = f"{settings.AXES_FAILURE_LIMIT}回の失敗。{minutes}分間または解除されるまで"
        log(Event.Kind.LOCKED, name, detail, door="")


def is_session_of(request: HttpRequest, name: str) -> bool:
    """Return whether whoever has this log-in name is logged in already."""
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and user.get_username() == name


def log_roles_changed(**signal: Any) -> None:
    """Log that a user got or lost groups (m2m_changed)."""
    _log_membership(Event.Kind.ROLES, **signal)


def log_sections_changed(**signal: Any) -> None:
    """Log that a user joined or left sections (m2m_changed)."""
    _log_membership(Event.Kind.SECTIONS, **signal)


def log_account_changed(sender: Any, instance: User, raw: bool = False, **kwargs: Any) -> None:
    """Log changed fields of an account (pre_save), but no log-in times or password hashes."""
    if raw or instance.pk is None or kwargs.get("update_fields") == frozenset({"last_login"}):
        return
    before = User.objects.filter(pk=instance.pk).values(*ACCOUNT_FIELDS, "password").first()
    if before is None:
        return
    changes = [
        f"{cast(Field, User._meta.get_field(name)).verbose_name}：{_shown(before[name])}"
        f" → {_shown(getattr(instance, name))}"
        for name in ACCOUNT_FIELDS
        if before[name] != getattr(instance, name)
    ]
    if changes:
        log(Event.Kind.ACCOUNT, name_of(instance), "、".join(changes))
    if before["password"] != instance.password and not _is_only_hashed_anew(instance):
        own = "" if instance == current_change().by else None  # that has a page outside the admin
        log(Event.Kind.PASSWORD, name_of(instance), door=own)


def events_of_field(user: User, name: str) -> QuerySet[Event]:
    """Return the events in which a field of an account was changed, or its roles or sections."""
    events = Event.objects.about(user)
    for kind, relation in _MEMBERS_OF.items():
        if name == relation:
            return events.filter(kind=kind)
    label = cast(Field, User._meta.get_field(name)).verbose_name
    is_named = Q(detail__startswith=f"{label}：") | Q(detail__contains=f"、{label}：")
    return events.filter(is_named, kind=Event.Kind.ACCOUNT)


def _is_only_hashed_anew(user: User) -> bool:
    """Return whether Django only rehashes the same password, as it does after upgrades."""
    return cast(Any, user)._password is None and user.has_usable_password()


_MEMBERS_OF = {Event.Kind.ROLES: "groups", Event.Kind.SECTIONS: "sections"}
"""Maps kinds of events to relations of User."""


def _log_membership(
    kind: Event.Kind, *, action: str, instance: Any, model: Any, pk_set: Any, **kwargs: Any
) -> None:
    if action not in MEMBERSHIP_ACTIONS:
        return
    if not isinstance(instance, User):
        # Changed from the other side: group.user_set or section.users.
        for user in User.objects.filter(pk__in=pk_set or ()):
            log(kind, name_of(user), f"{MEMBERSHIP_ACTIONS[action]}：{instance}")
        return
    if action == "pre_clear":
        names = list(map(str, getattr(instance, _MEMBERS_OF[kind]).all()))
    else:
        names = list(map(str, model.objects.filter(pk__in=pk_set)))
    if names:
        log(kind, name_of(instance), f"{MEMBERSHIP_ACTIONS[action]}：{'、'.join(names)}")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return str(value) or "（空欄）"
