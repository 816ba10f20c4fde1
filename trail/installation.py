"""Whose installation this is: the city and its planning office, for pages, letters and messages.

The model keeps the app label `accounts`, as that of `trail/events.py` does. What is stored here
takes precedence over the setting PLANNING_OFFICE. A plan has a city of its own; the one here is
used where there is no plan, and is proposed for a new one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import DatabaseError, models


def check_last_digit(code: str) -> None:
    """Raise ValidationError if the last digit does not follow from the others.

    It is that of 全国地方公共団体コード: 11 minus the weighted sum modulo 11.
    """
    if not re.fullmatch("[0-9]{6}", code):
        return  # reported by another validator
    weighted = sum(
        weight * int(digit) for weight, digit in zip((6, 5, 4, 3, 2), code, strict=False)
    )
    if int(code[5]) != (11 - weighted % 11) % 10:
        raise ValidationError(
            f"団体コード「{code}」は、最後の数字（検査数字）が合いません。"
            "6桁を確かめて、入力し直してください。"
        )


class Installation(models.Model):
    """The city of this installation: one row, which `claim` locks while the first user is made."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    city = models.CharField("市町村名", max_length=40, blank=True)
    city_code = models.CharField(
        "団体コード",
        max_length=6,
        blank=True,
        validators=[
            RegexValidator(r"^[0-9]{6}\Z", "団体コードは6桁の数字で入力してください。"),
            check_last_digit,
        ],
    )
    planning_office = models.CharField("企画担当の名称", max_length=40, blank=True)

    class Meta:
        app_label = "accounts"
        verbose_name = "市町村と企画担当"
        verbose_name_plural = "市町村と企画担当"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_installation"),
        ]

    def __str__(self) -> str:
        return self.city

    @property
    def is_filled(self) -> bool:
        """Whether city, code and office are all known."""
        return bool(self.city and self.city_code and self.planning_office)


_read: ContextVar[dict[str, Installation] | None] = ContextVar("installation", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Read the row at most once inside the block: messages name the office again and again."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def installation() -> Installation:
    """Return the stored row, or an empty one that is not stored yet."""
    read = _read.get()
    if read is None:
        return Installation.objects.first() or Installation()
    if "row" not in read:
        read["row"] = Installation.objects.first() or Installation()
    return read["row"]


def save_installation(changed: Installation) -> None:
    """Store the row, and let the rest of the request see it."""
    changed.save()
    read = _read.get()
    if read is not None:
        read["row"] = changed


def claim() -> None:
    """Wait for other requests that are about to make the first user; call it in a transaction.

    Two that come at the same moment insert or lock the same row, so that the second one sees the
    user of the first.
    """
    Installation.objects.get_or_create(pk=1)
    Installation.objects.select_for_update().get(pk=1)


def planning_office() -> str:
    """Return the name of the office that maintains the strategy.

    Pages for errors of the database name it, too: they get what the settings say.
    """
    try:
        stored = installation().planning_office
    except DatabaseError:
        stored = ""
    return stored or settings.PLANNING_OFFICE
