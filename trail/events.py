"""The event log: log-ins, changes of roles and accounts, imported and downloaded files.

`accounts/account_events.py` logs account events from Django's signals. Code that sends or imports
a file calls `log()`.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from trail.history import Door, current_change

logger = logging.getLogger("events")


class EventQuerySet(models.QuerySet):
    def about(self, user: Any) -> "EventQuerySet":
        """Return the events of an account, including failed log-ins with its name."""
        named = Q(subject__endswith=f"（{user.username}）") | Q(subject=user.username)
        return self.filter(named)


class Event(models.Model):
    """An event that auditors ask for and that is not in the history of any model."""

    class Kind(models.TextChoices):
        LOG_IN = "login", "ログイン"
        LOG_OUT = "logout", "ログアウト"
        LOG_IN_FAILED = "failure", "ログインの失敗"
        LOCKED = "locked", "ログインのロック"
        UNLOCKED = "unlocked", "ロックの解除"
        PASSWORD = "password", "パスワードの変更"
        ROLES = "roles", "役割の変更"
        SECTIONS = "sections", "所属の変更"
        ACCOUNT = "account", "利用者の変更"
        EXPORT = "export", "ファイルの出力"
        IMPORT = "import", "ファイルの取込み"
        SETTING = "setting", "設定の変更"
        BACKUP = "backup", "バックアップ"
        RESTORE = "restore", "バックアップからの復元"
        SECOND_FACTOR = "factor", "二段階認証"

    kind = models.CharField("種類", max_length=10, choices=Kind)
    occurred_at = models.DateTimeField("日時", default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="操作した人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    subject = models.CharField("対象", max_length=200)
    detail = models.TextField("内容", blank=True)
    # "" for log-ins and log-outs.
    door = models.CharField("入力経路", max_length=10, choices=Door, default=Door.ADMIN, blank=True)
    address = models.GenericIPAddressField("接続元", null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        # The model moved here from accounts: the label keeps its table, permissions and admin URL.
        app_label = "accounts"
        verbose_name = "操作の記録"
        verbose_name_plural = "操作の記録"
        ordering = ["-occurred_at", "-pk"]
        indexes = [models.Index(fields=["kind", "occurred_at"], name="event_kind_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"


def log(
    kind: str, subject: str, detail: str = "", *, by: Any = None, door: str | None = None
) -> Event:
    """Write an event and return it. `by` and `door` default to those of the current change."""
    change = current_change()
    event = Event.objects.create(
        kind=kind,
        subject=subject[:200],
        detail=detail,
        by=by or change.by,
        door=change.door if door is None else door,
        address=change.address,
        occurred_at=change.at or timezone.now(),
    )
    transaction.on_commit(lambda: _send_to_log_server(event))
    return event


def _send_to_log_server(event: Event) -> None:
    """Hand a stored event to the logger `events`, which sends it where the settings say."""
    said = {
        "event_id": event.pk,
        "kind": event.kind,
        "occurred_at": timezone.localtime(event.occurred_at).isoformat(),
        "user_id": event.by_id,
        "subject": event.subject,
        "detail": event.detail,
        "door": event.door,
        "address": event.address,
    }
    logger.info(str(event), extra=said)


def delete_old_events(days: int) -> int:
    """Delete the events that are older than `days`, and return their number.

    The deletion is logged too, with the day before which nothing is left.
    """
    until = timezone.now() - timedelta(days=days)
    with transaction.atomic():
        number, _ = Event.objects.filter(occurred_at__lt=until).delete()
        if number:
            day = timezone.localdate(until)
            detail = f"{day:%Y-%m-%d}より前の{number}件"
            log(Event.Kind.SETTING, "操作の記録の削除", detail, door=Door.COMMAND)
    return number
