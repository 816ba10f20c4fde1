"""An add form of the admin that arrives twice: its object is there already, and the page says so.

An answer may be lost on the way, and the browser's back button shows the form again. Without this,
the second one is refused, because the name or number is taken, as if nothing had been saved.
"""

import json
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

SESSION_KEY = "added"

REMEMBERED = 20
"""How many forms a session remembers."""

# The stubs of Django's admin are narrower than the admin: our pages answer in lists.
_ModelAdmin: Any = admin.ModelAdmin


class RepeatedAdding(_ModelAdmin):
    """An admin page that answers a repeated add form as it answered the first.

    Only while the object is as it was added: later it is a new request.
    """

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        may_add = object_id is None and self.has_add_permission(request)
        if request.method == "POST" and may_add and (added := self._added_by(request)):
            return self.response_add(request, added)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> Any:
        remembered = request.session.get(SESSION_KEY, {})
        remembered[_form_of(request)] = [obj.pk, _stored(obj)]
        request.session[SESSION_KEY] = dict(list(remembered.items())[-REMEMBERED:])
        return super().response_add(request, obj, *args, **kwargs)

    def _added_by(self, request: HttpRequest) -> Any:
        """Return the object that the same form added before; None if there is none."""
        pk, stored = request.session.get(SESSION_KEY, {}).get(_form_of(request), (None, ""))
        added = None if pk is None else self.get_queryset(request).filter(pk=pk).first()
        return added if added and _stored(added) == stored else None


def _form_of(request: HttpRequest) -> str:
    """Return what a form is known by."""
    fields = sorted(
        (name, texts) for name, texts in request.POST.lists() if name != "csrfmiddlewaretoken"
    )
    return _digest([request.path, fields])


def _stored(instance: models.Model) -> str:
    """Return what the stored state of an object is known by."""
    [values] = type(instance)._base_manager.filter(pk=instance.pk).values_list()
    return _digest(list(map(str, values)))


def _digest(content: list[Any]) -> str:
    """Return a keyed digest: a form may hold a password."""
    return salted_hmac(SESSION_KEY, json.dumps(content), algorithm="sha256").hexdigest()
