"""Old and new values in the history of an object, in words: はい, not True."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from simple_history.models import DeletedObject
from simple_history.template_utils import HistoricalRecordContextHelper

from japanese.calendar_days import day_label
from japanese.numerals import plain


class ValuesInWords(HistoricalRecordContextHelper):
    """What changed from one row of the history to the next, as the admin shows it."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        """Return a value in words; a choice by its label."""
        field: Any = self.model._meta.get_field(change.field)
        if field.flatchoices and not isinstance(value, list):
            value = dict(field.flatchoices).get(value, value)
        return shown_in_words(super().prepare_delta_change_value(change, value))


def shown_in_words(value: Any) -> str:
    """Return a stored value as people would write it."""
    if value is None or value == "":
        return "（なし）"
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, DeletedObject):
        return f"削除された{value.model._meta.verbose_name}"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return day_label(value)
    if isinstance(value, list):
        return "、".join(map(shown_in_words, value)) or "（なし）"
    return str(value)
