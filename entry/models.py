"""Data for entry other than the values: kept input, and reminders that were sent."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Section
from indicators.models import FiscalYear


class KeptInput(models.Model):
    """Unsaved input of a user for a year, so that an expired session does not lose it.

    `typed` has the fields of the form as submitted; `grid` names the grid, "" for that of values.
    `earlier` has the fields of rows as another page sent them before (entry/kept_inputs.py).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="kept_inputs"
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, on_delete=models.CASCADE, related_name="kept_inputs"
    )
    grid = models.CharField("画面", max_length=80, blank=True, default="")
    typed = models.JSONField("入力した内容", default=dict)
    earlier = models.JSONField("先に入力した内容", default=list)
    kept_at = models.DateTimeField("保管日時", default=timezone.now)

    class Meta:
        verbose_name = "保管中の入力"
        verbose_name_plural = "保管中の入力"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "fiscal_year", "grid"], name="kept_input_once_per_person_and_grid"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.fiscal_year}"

    @property
    def count(self) -> int:
        """The number of rows that have something typed into them."""
        return sum(name.endswith("-seen") for name in self.typed)


class Reminder(models.Model):
    """A reminder sent to a section on a day; at most one a day."""

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
