"""The log of events: log-ins, changes of roles and accounts, files that come in and leave.

`accounts/account_events.py` connects what happens around accounts; whoever hands out a file or
takes one in calls `log()`.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from trail.history import Door, current_change


class EventQuerySet(models.QuerySet):
    def about(self, user: Any) -> "EventQuerySet":
        """Events of an account, failed log-ins under its name included."""
        named = Q(subject__endswith=f"（{user.username}）") | Q(subject=user.username)
        return self.filter(named)


class Event(models.Model):
    """Something around accounts that an auditor asks for and that no model's history holds."""

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
    # Log-ins and log-outs have none.
    door = models.CharField("入力経路", max_length=10, choices=Door, default=Door.ADMIN, blank=True)
    address = models.GenericIPAddressField("接続元", null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        # Table, permissions and address in the admin are those of the first release.
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
    """Return the event just written; by whom and how, unless given, the current change says."""
    change = current_change()
    return Event.objects.create(
        kind=kind,
        subject=subject[:200],
        detail=detail,
        by=by or change.by,
        door=change.door if door is None else door,
        address=change.address,
        occurred_at=change.at or timezone.now(),
    )
