"""The history of changes: who changed what, when, why and through which door.

django-simple-history keeps one row per change; `tracked()` adds such a table to a model, with a
column for the door. `changing(...)` sets user, door and reason for all changes inside its block;
`change_middleware` wraps each request in one.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, Self, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record

from trail.clean_records import clean_texts
from trail.client_address import client_address
from trail.installation import read_once

logger = logging.getLogger(__name__)


class Door(models.TextChoices):
    """The channel through which a change was made."""

    GRID = "grid", "入力画面"
    ADMIN = "admin", "管理画面"
    FORM = "form", "Excel様式"
    IMPORT = "import", "一括取込"
    COMMAND = "command", "コマンド"
    PAGE = "page", "進捗の画面"


@dataclass(frozen=True)
class Change:
    """Who makes a change, through which door, why, when (None: now) and from which address."""

    by: Any = None
    door: str = Door.COMMAND
    reason: str = ""
    at: datetime | None = None
    address: str | None = None


NOBODY = Change()
"""The default: a command without a known user."""

_current: ContextVar[Change] = ContextVar("change", default=NOBODY)


def current_change() -> Change:
    """Return the current change; NOBODY outside of `changing`."""
    return _current.get()


@contextmanager
def changing(change: Change | None = None, **known: Any) -> Iterator[Change]:
    """Set user, door, reason, time and address for every history row written in the block.

    Keyword arguments are fields of `Change`; the others keep their value from the outer block. Of a
    whole `change`, only a time or address that it does not have does.
    """
    outer = _current.get()
    if change is not None:
        known = {"at": change.at or outer.at, "address": change.address or outer.address, **known}
    token = _current.set(replace(change or outer, **known))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def change_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Attribute the changes of a writing request to its user, by default through the admin.

    Code behind another door sets its own door where it writes. A request that only reads may still
    log an event (a download), so the address is set for it as well.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        address = client_address(request)
        if request.method in ("GET", "HEAD", "OPTIONS"):
            with read_once(), changing(address=address):
                return get_response(request)
        user = request.user if request.user.is_authenticated else None
        with read_once(), changing(by=user, door=Door.ADMIN, address=address):
            return get_response(request)

    return middleware


class ChangeRecord(models.Model):
    """The columns that our history tables add to those of django-simple-history."""

    door = models.CharField("入力経路", max_length=10, choices=Door, default=Door.COMMAND)

    # django-simple-history adds these fields to each table; declared here for the type checker.
    history_user: Any
    history_date: datetime
    history_change_reason: str

    class Meta:
        abstract = True


class History(HistoryManager):
    """What `Model.history` is: rows of history of all objects, or of one object.

    django-simple-history asks for a manager class at each access and would make it each time,
    which takes longer than many a query.
    """

    @classmethod
    @cache
    def from_queryset(
        cls, queryset_class: type[QuerySet], class_name: str | None = None
    ) -> type[Self]:
        return super().from_queryset(queryset_class, class_name)


def tracked(table_name: str | None = None) -> HistoricalRecords:
    """Return the `history` attribute for a model whose changes are recorded.

    `table_name` is the history table; None uses the default name of django-simple-history.
    """
    return HistoricalRecords(
        table_name=table_name,
        bases=[ChangeRecord],
        history_manager=History,
        history_change_reason_field=models.TextField("理由", default="", blank=True),
        user_model=settings.AUTH_USER_MODEL,
    )


NOTHING_CHANGED = "この内容で保存してあります。変更された項目はありません。"
"""The message after a form was saved that nobody had changed: such a save writes nothing."""

ADDED, CHANGED, DELETED = "+", "~", "-"
"""The history_type of the rows written when an object is made, changed and deleted."""

ACTIONS = {ADDED: "登録", CHANGED: "変更", DELETED: "削除"}
"""What was done to an object, by history_type."""


def end_of(day: date) -> datetime:
    """Return midnight at the end of a day, in the time zone of the installation."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def as_it_stood(model: type[models.Model], day: date) -> QuerySet:
    """Return the history rows of a tracked model that were current at the end of a day.

    For each object that is the row written last until then. The times of the rows do not decide
    that: the server's clock can be set back. Today's rows are those that are stored. Objects
    deleted by then are left out. The rows have the columns of the model, but their primary key is
    `history_id`. Join them by plain ids: the rows to which their foreign keys point may have
    changed or been deleted since.
    """
    key = model._meta.pk.attname
    history = history_of(model)
    rows = history.filter(**{key: OuterRef(key)})
    if day < timezone.localdate():
        rows = rows.filter(history_date__lt=end_of(day))
    newest = rows.order_by("-history_id").values("history_id")[:1]
    return history.filter(history_id=Subquery(newest)).exclude(history_type=DELETED)


def history_of(model: type[models.Model]) -> models.Manager[Any]:
    """Return the history manager of a tracked model, typed for the type checker."""
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
    else:
        _watch_clock()


def _watch_clock() -> None:
    """Log that the clock of the server runs behind the last change that this process wrote."""
    global _last_written
    now = timezone.now()
    if _last_written is not None:
        warn_of_clock(_last_written, now)
    _last_written = now


_last_written: datetime | None = None


def warn_of_clock(before: datetime, now: datetime) -> None:
    """Log if a change is dated before the one that was written earlier."""
    if now < before:
        logger.warning(
            "サーバーの時計が戻りました。%s の変更の後の変更に、%s の日時が付きます。"
            "時刻の同期（NTP）を確かめてください。",
            timezone.localtime(before).isoformat(timespec="seconds"),
            timezone.localtime(now).isoformat(timespec="seconds"),
        )


def create_with_history(
    model: type[models.Model], objects: Sequence[models.Model], *, rehearsed: bool = False
) -> None:
    """Insert objects of a tracked model and their history in a few queries, without signals.

    Only the database validates them. Sets the primary keys of the objects. `rehearsed`: the caller
    rolls all of it back, so that nobody would see the history; it is left out.
    """
    for instance in objects:
        clean_texts(instance)
    model._base_manager.bulk_create(objects)
    if not rehearsed:
        add_history(model, objects, ADDED)


def update_with_history(
    model: type[models.Model], objects: Sequence[models.Model], fields: Sequence[str] | None = None
) -> None:
    """Update fields of stored objects, or all, and add history, as in `create_with_history`."""
    for instance in objects:
        clean_texts(instance)
    if fields is None:
        fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model._base_manager.bulk_update(objects, fields)
    add_history(model, objects, CHANGED)


def delete_with_history(model: type[models.Model], objects: Sequence[models.Model]) -> None:
    """Delete objects of a tracked model, and say so in its history, in two queries.

    Nothing that refers to them is deleted: the caller deletes it first.
    """
    if not objects:
        return
    add_history(model, objects, DELETED)
    chosen = model._base_manager.filter(pk__in=[one.pk for one in objects])
    chosen._raw_delete(chosen.db)  # without the queries of a cascade


def add_history(model: type[models.Model], objects: Sequence[models.Model], action: str) -> None:
    """Add rows of history about objects as they are stored, in one query for up to 500 of them.

    The database copies the rows: to build them again in Python, as django-simple-history does,
    takes as long as it took to write the objects. An object may have a reason of its own
    (`_change_reason`).
    """
    change = current_change()
    if objects and change.at is None:
        _watch_clock()
    by_reason: dict[str, list[Any]] = {}
    for one in objects:
        reason = getattr(one, "_change_reason", None) or change.reason
        by_reason.setdefault(reason, []).append(one.pk)
    noted = {
        "door": change.door,
        "history_date": change.at or timezone.now(),
        "history_type": action,
        "history_user": getattr(change.by, "pk", None),
    }
    for reason, keys in by_reason.items():
        for start in range(0, len(keys), _COPIED_AT_ONCE):
            some = keys[start : start + _COPIED_AT_ONCE]
            _copy_into_history(model, some, noted | {"history_change_reason": reason})


_COPIED_AT_ONCE = 500
"""Below the number of parameters that SQLite takes."""


def _copy_into_history(
    model: type[models.Model], keys: Sequence[Any], noted: dict[str, Any]
) -> None:
    record: Any = history_of(model).model
    connection = connections[DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    own = {record._meta.get_field(name): value for name, value in noted.items()}
    tracked = record.tracked_fields
    into = [*(record._meta.get_field(field.name) for field in tracked), *own]
    taken = [*(quote(field.column) for field in tracked), *["%s"] * len(own)]
    key = quote(str(model._meta.pk.column))
    statement = (
        f"INSERT INTO {quote(record._meta.db_table)} "
        f"({', '.join(quote(field.column) for field in into)}) "
        f"SELECT {', '.join(taken)} FROM {quote(model._meta.db_table)} "
        f"WHERE {key} IN ({', '.join(['%s'] * len(keys))}) ORDER BY {key}"
    )
    values = [field.get_db_prep_save(value, connection) for field, value in own.items()]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *keys])


def _clean_record(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    if hasattr(sender._meta, "simple_history_manager_attribute"):
        clean_texts(instance)


def connect() -> None:
    """Connect the signals that clean a record's texts and complete its history row."""
    models.signals.pre_save.connect(_clean_record, dispatch_uid="trail.clean_record")
    pre_create_historical_record.connect(_complete_record, dispatch_uid="trail.change_record")
