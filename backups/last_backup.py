"""How old the last good backup is, from the log of events.

A file in DATA_DIR would be seen by one of several web servers only. The log is in the database that
all of them share; that a copy of all data was made belongs there anyway; and a restored copy
ignores the backups of its original: only backups since the last restore count.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from japanese.calendar_days import era_day
from trail import events
from trail.events import Event
from trail.history import Door


def log_backup(name: str, detail: str) -> None:
    """Log that a good backup was made."""
    events.log(Event.Kind.BACKUP, name, detail, door=Door.COMMAND)


def log_restore(name: str, detail: str) -> None:
    """Log that this installation was filled from a backup."""
    events.log(Event.Kind.RESTORE, name, detail, door=Door.COMMAND)


REMEDY = "サーバーの担当に、毎日の実行（manage.py backup）を確かめるよう伝えてください。"


@dataclass(frozen=True)
class BackupState:
    """What planning's first page says about backups."""

    sentence: str
    is_warning: bool


def backup_state() -> BackupState | None:
    """Return what to say of the last good backup; None if the settings ask for nothing."""
    if not settings.BACKUP_WARN_DAYS:
        return None
    last = _last_backup()
    if last is None:
        return BackupState(f"バックアップがまだ作られていません。{REMEDY}", is_warning=True)
    moment = timezone.localtime(last)
    when = f"{era_day(moment.date())}{moment.hour}時{moment:%M}分"
    age = timezone.now() - last
    if age <= timedelta(days=settings.BACKUP_WARN_DAYS):
        return BackupState(f"最後のバックアップは、{when}です。", is_warning=False)
    late = f"最後のバックアップから{age.days}日たっています（{when}）。{REMEDY}"
    return BackupState(late, is_warning=True)


def _last_backup() -> datetime | None:
    logged = Event.objects.filter(kind__in=[Event.Kind.BACKUP, Event.Kind.RESTORE])
    last = logged.order_by("-pk").values_list("kind", "occurred_at").first()
    return last[1] if last and last[0] == Event.Kind.BACKUP else None
