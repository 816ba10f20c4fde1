"""The history of everything that people change: who, when, why and through which door.

django-simple-history keeps one row per change; `tracked()` gives a model such a table, with the
door added. Who is changing and why is said once, around the change, with `changing(...)`; each
request of a logged-in person is wrapped by `change_middleware`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from trail.client_address import client_address


class Door(models.TextChoices):
    """The way by which a change came in."""

    GRID = "grid", "入力画面"
    ADMIN = "admin", "管理画面"
    FORM = "form", "Excel様式"
    IMPORT = "import", "一括取込"
    COMMAND = "command", "コマンド"
    PAGE = "page", "進捗の画面"


@dataclass(frozen=True)
class Change:
    """Who changes something, through which door, why, when (None: now) and from which address."""

    by: Any = None
    door: str = Door.COMMAND
    reason: str = ""
    at: datetime | None = None
    address: str | None = None


NOBODY = Change()
"""A change of which nothing is known: a command, run by nobody in particular."""

_current: ContextVar[Change] = ContextVar("change", default=NOBODY)


def current_change() -> Change:
    """Return what is known of the change under way; outside of `changing`, NOBODY."""
    return _current.get()


@contextmanager
def changing(**known: Any) -> Iterator[Change]:
    """Say who changes, why and through which door, for every history row written inside.

    Keyword arguments are the fields of `Change`; what is not given stays as it is outside.
    """
    token = _current.set(replace(_current.get(), **known))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def change_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Wrap each writing request: what it changes is changed by its user, in the admin.

    Doors other than the admin name themselves where they write. What only reads may still be an
    event (a file that leaves): of it the address is known.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        address = client_address(request)
        if request.method in ("GET", "HEAD", "OPTIONS"):
            with changing(address=address):
                return get_response(request)
        user = request.user if request.user.is_authenticated else None
        with changing(by=user, door=Door.ADMIN, address=address):
            return get_response(request)

    return middleware


class ChangeRecord(models.Model):
    """What our history tables have beyond those of django-simple-history."""

    door = models.CharField("入力経路", max_length=10, choices=Door, default=Door.COMMAND)

    # Of django-simple-history, which makes the fields of each table.
    history_user: Any
    history_date: datetime
    history_change_reason: str

    class Meta:
        abstract = True


def tracked(table_name: str | None = None) -> HistoricalRecords:
    """Return the `history` attribute of a model whose changes are kept.

    `table_name` is the table of its history; None: the library's own choice.
    """
    return HistoricalRecords(
        table_name=table_name,
        bases=[ChangeRecord],
        history_change_reason_field=models.TextField("理由", default="", blank=True),
        user_model=settings.AUTH_USER_MODEL,
    )


DELETED = "-"
"""The history_type of a row that says that its object is gone."""


def end_of(day: date) -> datetime:
    """Return the moment at which a day of the office is over."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def as_it_stood(model: type[models.Model], day: date) -> QuerySet:
    """Return the rows of a tracked model's history that held when a day was over.

    That is the newest row of each object until then: of several of one moment the one written
    last. What was deleted by then is left out. The rows have the columns of the model, but their
    primary key is `history_id`, and what they refer to may be gone or different today: they are
    put together by plain ids.
    """
    key = model._meta.pk.attname
    history = history_of(model)
    newest = (
        history.filter(**{key: OuterRef(key)}, history_date__lt=end_of(day))
        .order_by("-history_date", "-history_id")
        .values("history_id")[:1]
    )
    return history.filter(history_id=Subquery(newest)).exclude(history_type=DELETED)


def history_of(model: type[models.Model]) -> models.Manager[Any]:
    """Return the rows of history of a tracked model."""
    return cast(Any, model).history


def _complete_record(sender: Any, history_instance: Any, **kwargs: Any) -> None:
    if not isinstance(history_instance, ChangeRecord):
        return
    change = current_change()
    history_instance.door = change.door
    history_instance.history_user = change.by
    history_instance.history_change_reason = change.reason
    if change.at:
        history_instance.history_date = change.at


def create_with_history(model: type[models.Model], objects: Sequence[models.Model]) -> None:
    """Write new objects of a tracked model and their history in a few queries, with no signals.

    Nothing is validated but by the database. The objects get their primary keys.
    """
    if objects:
        bulk_create_with_history(objects, model, **_kept())


def update_with_history(model: type[models.Model], objects: Sequence[models.Model]) -> None:
    """Write all fields of stored objects and their history, as `create_with_history` does."""
    if objects:
        fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
        bulk_update_with_history(objects, model, fields, **_kept())


def _kept() -> dict[str, Any]:
    """Return what history keeps of the change under way, as django-simple-history takes it."""
    change = current_change()
    return {
        "default_user": change.by,
        "default_change_reason": change.reason,
        "default_date": change.at,
        "custom_historical_attrs": {"door": change.door},
    }


def connect() -> None:
    """Connect the signal that completes each history row."""
    pre_create_historical_record.connect(_complete_record, dispatch_uid="trail.change_record")
