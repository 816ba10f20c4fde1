"""Load the user of a session with roles and sections in one query."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import F

from accounts import access
from accounts.models import User


class StaffBackend(ModelBackend):
    """Django's backend, but loading a user also loads roles and sections."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the user of a session; None if the account is missing or deactivated.

        Joins roles and sections: one row per pair, which is a single row for nearly everybody.
        """
        joined = User.objects.filter(pk=user_id).annotate(
            group_name=F("groups__name"), section_id=F("sections__pk")
        )
        rows = list(joined.order_by())
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        user = rows[0]
        access.remember(
            user,
            groups={row.group_name for row in rows},
            sections={row.section_id for row in rows} - {None},
        )
        return user
