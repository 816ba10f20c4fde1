"""Writes the log of events: changes of roles, sections and accounts, and files that leave."""

from typing import Any

from django.utils import timezone

from accounts.history import current_change
from accounts.models import Event, User

MEMBERSHIP_ACTIONS = {
    "post_add": "追加",
    "post_remove": "解除",
    "pre_clear": "すべて解除",
}
ACCOUNT_FIELDS = ("username", "full_name", "email", "is_active", "is_superuser")


def log(kind: str, subject: str, detail: str = "") -> Event:
    """Return the event just written, by whom and through which door the current change says."""
    change = current_change()
    return Event.objects.create(
        kind=kind,
        subject=subject[:200],
        detail=detail,
        by=change.by,
        door=change.door,
        occurred_at=change.at or timezone.now(),
    )


def log_roles_changed(**signal: Any) -> None:
    """Log that groups were given to or taken from a user (m2m_changed)."""
    _log_membership(Event.Kind.ROLES, "groups", **signal)


def log_sections_changed(**signal: Any) -> None:
    """Log that a user joined or left sections (m2m_changed)."""
    _log_membership(Event.Kind.SECTIONS, "sections", **signal)


def log_account_changed(sender: Any, instance: User, raw: bool = False, **kwargs: Any) -> None:
    """Log changed fields of an account (pre_save). Log-ins and passwords' hashes are left out."""
    if raw or instance.pk is None or kwargs.get("update_fields") == frozenset({"last_login"}):
        return
    before = User.objects.filter(pk=instance.pk).values(*ACCOUNT_FIELDS, "password").first()
    if before is None:
        return
    changes = [
        f"{User._meta.get_field(name).verbose_name}：{before[name]} → {getattr(instance, name)}"
        for name in ACCOUNT_FIELDS
        if before[name] != getattr(instance, name)
    ]
    if before["password"] != instance.password:
        changes.append("パスワードを変更")
    if changes:
        log(Event.Kind.ACCOUNT, _name(instance), "、".join(changes))


def _log_membership(
    kind: str, field: str, *, action: str, instance: Any, model: Any, pk_set: Any, **kwargs: Any
) -> None:
    if action not in MEMBERSHIP_ACTIONS:
        return
    if not isinstance(instance, User):
        # Changed from the other end: group.user_set or section.users.
        for user in User.objects.filter(pk__in=pk_set or ()):
            log(kind, _name(user), f"{MEMBERSHIP_ACTIONS[action]}：{instance}")
        return
    if action == "pre_clear":
        names = list(map(str, getattr(instance, field).all()))
    else:
        names = list(map(str, model.objects.filter(pk__in=pk_set)))
    if names:
        log(kind, _name(instance), f"{MEMBERSHIP_ACTIONS[action]}：{'、'.join(names)}")


def _name(user: User) -> str:
    return f"{user.full_name}（{user.username}）"
