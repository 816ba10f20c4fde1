"""Load the user of a session with roles and sections in one query, and what they permit in one."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import F, QuerySet

from accounts import access
from accounts.models import User
from trail.ready_queries import ReadyQuery

# Joins roles and sections: one row per pair, which is a single row for nearly everybody.
_USER: ReadyQuery[Any] = ReadyQuery(
    lambda user_id: (
        User.objects.filter(pk=user_id)
        .annotate(group_name=F("groups__name"), section_id=F("sections__pk"))
        .order_by()
    ),
    -1,
)
_PERMISSIONS = ReadyQuery(
    lambda own_id, same_id: _named(Permission.objects.filter(user=own_id)).union(
        _named(Permission.objects.filter(group__user=same_id))
    ),
    -1,
    -2,
)


def _named(permissions: QuerySet) -> QuerySet:
    return permissions.order_by().values_list("content_type__app_label", "codename")


class StaffBackend(ModelBackend):
    """Django's backend, but loading a user also loads roles and sections."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the user of a session; None if the account is missing or deactivated."""
        rows = _USER.instances(user_id)
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        user = rows[0]
        access.remember(
            user,
            groups={row.group_name for row in rows},
            sections={row.section_id for row in rows} - {None},
        )
        return user

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what a user may do in the admin, by their own or by their roles."""
        if obj is None and user_obj.is_active and user_obj.pk and not user_obj.is_superuser:
            if not hasattr(user_obj, "_perm_cache"):
                found = _PERMISSIONS.tuples(user_obj.pk, user_obj.pk)
                user_obj._perm_cache = {f"{app}.{name}" for app, name in found}
            return user_obj._perm_cache
        return super().get_all_permissions(user_obj, obj)
