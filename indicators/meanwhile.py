"""Forms that detect changes by other users while they were open.

Each field has a hidden copy of its initial value. A field that the user did not edit takes the
current stored value. A field that both edited gets an error that names the other user; saving again
overwrites.
"""

from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format

from japanese.calendar_days import era_day
from trail.history import DELETED, history_of
from trail.tracked_admin import ReasonForm


class _FieldWithWhatWasSeen(forms.BoundField):
    """A field with a hidden initial value; hidden inputs get no aria-describedby."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        if widget is not None and widget.is_hidden:
            built.pop("aria-describedby", None)
        return built


class NoticesChanges(forms.ModelForm):
    """A form for texts, dates and booleans of a tracked model. Its instance must be current.

    `left_alone` lists, as label and value, fields that only somebody else changed.
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
        """Compare the value seen and the value typed with the value stored."""
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
        """The message after saving about changes by others; "" without any."""
        if not self.left_alone:
            return ""
        others = "、".join(self.left_alone)
        return f"画面を開いた後にほかの人が変更した{others}は、そのまま残しました。"

    def _meant(self, name: str, text: str) -> Any:
        """Return the cleaned value of a text; the text itself if it is invalid."""
        try:
            return self.fields[name].clean(text)
        except forms.ValidationError:
            return text


OPENED_WITH = "opened_with"


class NoticesSaves(ReasonForm):
    """A form of a tracked model that somebody else may save while it is open.

    It remembers the newest row of history that it was opened with. What was saved since is named
    before it is overwritten. A form that is sent twice changes nothing and is not stopped.
    """

    about_the_change = ReasonForm.about_the_change | {OPENED_WITH}

    opened_with = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._newest: Any = None
        if OPENED_WITH in self.fields and not self.instance._state.adding:
            self._newest = self._history().first()
            self.initial[OPENED_WITH] = str(self._newest.history_id) if self._newest else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        seen = data.get(OPENED_WITH, "")
        if self._newest is None or seen in ("", str(self._newest.history_id)):
            return data
        before = self._history().filter(history_id=seen).first() if seen.isdecimal() else None
        if before is not None and self.changes_something and (names := self._changed_since(before)):
            self.data = cast(QueryDict, self.data).copy()
            self.data[OPENED_WITH] = str(self._newest.history_id)
            by = self._newest.history_user or "ほかの人"
            self.add_error(
                None,
                f"この画面を開いた後に、{by}が{'、'.join(names)}を変更しました。まだ保存していません。"
                "このまま保存すると、その変更を上書きします。上書きしてよければ、もう一度保存してください。"
                "そうでなければ、画面を開き直してください。",
            )
        return data

    def _history(self) -> Any:
        return history_of(type(self.instance)).filter(id=self.instance.pk).order_by("-history_id")

    def _changed_since(self, before: Any) -> list[str]:
        """Return the fields of the form that have changed since a row of history, as they are now.

        Others are not overwritten: they are read anew when the form comes in.
        """
        return [
            f"{field.verbose_name}「{_shown(getattr(self._newest, field.attname))}」"
            for field in self.instance._meta.concrete_fields
            if field.name in self.fields
            and getattr(before, field.attname) != getattr(self._newest, field.attname)
        ]


def who_changed(row: Any, field: str) -> str:
    """Return when and by whom a field of a row got its value: 6月18日14時05分に見本 花子."""
    changed = None
    rows = row.history.exclude(history_type=DELETED).select_related("history_user")
    for record in rows.order_by("-history_id"):
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
