"""Who is behind a session: the user, with roles and sections, in one query."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import F

from accounts import access
from accounts.models import User


class StaffBackend(ModelBackend):
    """Django's backend; each request that asks who is logged in learns the roles, too."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the user of a session; None where it may not log in (any more).

        Roles and sections are joined: a row for each pair of them, one for nearly everybody.
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
