"""Forms that notice what somebody else changed while they were open.

Each field carries along what its page showed. What the person left alone takes what is stored by
now; what both changed is an error at its field that says who was faster, and saving once more
decides.
"""

from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format

from japanese.calendar_days import era_day
from trail.history import DELETED


class _FieldWithWhatWasSeen(forms.BoundField):
    """A field with a hidden one beside it; what is hidden has no description in HTML."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        if widget is not None and widget.is_hidden:
            built.pop("aria-describedby", None)
        return built


class NoticesChanges(forms.ModelForm):
    """A form of texts, days and switches of a tracked model; its row is as it is stored by now.

    `left_alone` has the labels and values that somebody else changed and the person did not.
    """

    bound_field_class = _FieldWithWhatWasSeen

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left_alone: list[str] = []
        self._overtaken: dict[str, str] = {}
        if self.instance._state.adding:
            return
        stored = {field.name for field in self.instance._meta.concrete_fields}
        names = [name for name in self.fields if name in stored]
        for name in names:
            self.fields[name].show_hidden_initial = True
        if self.is_bound:
            self.data = cast(QueryDict, self.data).copy()
            for name in names:
                self._compare(name)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, message in self._overtaken.items():
            if name not in self.errors:
                self.add_error(name, message)
        return data

    def _compare(self, name: str) -> None:
        """Hold what was seen and what was typed against what is stored."""
        shown = self[name]
        seen_in, typed_in = shown.html_initial_name, shown.html_name
        if seen_in not in self.data:
            return
        stored = getattr(self.instance, name)
        seen, typed = (self._meant(name, self.data.get(key, "")) for key in (seen_in, typed_in))
        if stored == seen:
            return
        data = cast(QueryDict, self.data)
        data[seen_in] = as_typed = "" if stored is None else str(stored)
        if typed == seen:
            data[typed_in] = as_typed
            self.left_alone.append(f"{shown.label}「{_shown(stored)}」")
        elif typed != stored:
            who = who_changed(self.instance, name)
            self._overtaken[name] = (
                f"{shown.label}は、この画面を開いた後に、{who}が「{_shown(stored)}」に変更しました。"
                "残す方を入力して、もう一度保存してください。"
            )

    @property
    def left_alone_message(self) -> str:
        """What to tell after saving of what somebody else changed; "" where nobody did."""
        if not self.left_alone:
            return ""
        others = "、".join(self.left_alone)
        return f"画面を開いた後にほかの人が変更した{others}は、そのまま残しました。"

    def _meant(self, name: str, text: str) -> Any:
        """Return the value that a text stands for; the text itself where it stands for none."""
        try:
            return self.fields[name].clean(text)
        except forms.ValidationError:
            return text


def who_changed(row: Any, field: str) -> str:
    """Return when and by whom a field of a tracked row was changed: 6月18日14時05分に見本 花子."""
    changed = None
    rows = row.history.exclude(history_type=DELETED).select_related("history_user")
    for record in rows.order_by("-history_date", "-history_id"):
        if getattr(record, field) != getattr(row, field):
            break
        changed = record
    if changed is None:
        return "ほかの人"
    when = date_format(timezone.localtime(changed.history_date), "n月j日G時i分")
    return f"{when}に{changed.history_user or 'ほかの人'}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return era_day(value) if isinstance(value, date) else str(value or "空欄")
