"""Sessions in the database, as Django's own; each page reads one by a prepared query."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from trail.ready_queries import ReadyQuery

_SESSION = ReadyQuery(lambda key: Session.objects.filter(session_key=key), "sample")


class SessionStore(DatabaseSessions):
    """Django's store. The two stores read each other's sessions."""

    def _get_session_from_db(self) -> Any:
        found = _SESSION.instances(self.session_key or "")
        if found and found[0].expire_date > timezone.now():
            return found[0]
        self._session_key = None
        return None
