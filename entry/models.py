"""What entering a year needs beside the values: 根拠資料, kept input, reminders that were sent."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.history import tracked
from accounts.models import Section
from indicators.models import FiscalYear, Indicator


class EvidenceQuerySet(models.QuerySet):
    def present(self) -> "EvidenceQuerySet":
        """Files that count: those nobody has taken back."""
        return self.filter(removed_at__isnull=True)


class Evidence(models.Model):
    """根拠資料: a file that shows where the value of an indicator and year comes from.

    It belongs to indicator and year, not to the value's row: that comes and goes. A file that is
    taken back stays, marked, for auditors.
    """

    indicator = models.ForeignKey(
        Indicator, verbose_name="指標", on_delete=models.PROTECT, related_name="evidence"
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, verbose_name="年度", on_delete=models.PROTECT, related_name="evidence"
    )
    name = models.CharField("ファイル名", max_length=255)
    stored_as = models.CharField("保存名", max_length=80, unique=True, editable=False)
    size = models.PositiveBigIntegerField("大きさ（バイト）")
    sha256 = models.CharField(
        "SHA-256", max_length=64, validators=[RegexValidator(r"^[0-9a-f]{64}$")]
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="添付した人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    added_at = models.DateTimeField("添付日時", default=timezone.now)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="取り下げた人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    removed_at = models.DateTimeField("取り下げた日時", null=True, blank=True)
    history = tracked()
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "根拠資料"
        verbose_name_plural = "根拠資料"
        ordering = ["indicator_id", "fiscal_year_id", "added_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False),
                name="evidence_removed_by_somebody_at_some_time",
            )
        ]

    def __str__(self) -> str:
        return self.name


class KeptInput(models.Model):
    """What a person has typed for a year and not saved yet, so that no expired session loses it.

    `typed` has the fields of the grid's form as they were sent.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="kept_inputs"
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, on_delete=models.CASCADE, related_name="kept_inputs"
    )
    typed = models.JSONField("入力した内容", default=dict)
    kept_at = models.DateTimeField("保管日時", default=timezone.now)

    class Meta:
        verbose_name = "保管中の入力"
        verbose_name_plural = "保管中の入力"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "fiscal_year"], name="kept_input_once_per_person_and_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.fiscal_year}"


class Reminder(models.Model):
    """That a section was reminded on a day: once a day at most."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="reminders")
    fiscal_year = models.ForeignKey(FiscalYear, on_delete=models.CASCADE, related_name="reminders")
    sent_on = models.DateField("送った日")
    recipients = models.TextField("宛先", help_text="一行に一つ。")

    class Meta:
        verbose_name = "督促の記録"
        verbose_name_plural = "督促の記録"
        ordering = ["-sent_on", "section"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "fiscal_year", "sent_on"], name="reminder_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.section} {self.fiscal_year} {self.sent_on}"
