"""Forms that notice what somebody else saved while they were open.

Each field has a hidden copy of what was stored when the page was made. A field that this
person did not edit takes what is stored now. A field that both edited gets an error that names the
other person and the value; what was typed stays, and saving again overwrites the other value.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from japanese.calendar_days import era_day
from trail.history import DELETED, current_change

SOMEBODY = "ほかの人"
TICK_TO_DELETE = "DELETE"


class _FieldWithWhatWasSeen(forms.BoundField):
    """A field with a hidden copy of what is stored, if its form compares it."""

    def __str__(self) -> SafeString:
        shown = super().__str__()
        form: Any = self.form
        if self.name not in form.compared:
            return shown
        text = form.seen_text(self.name)
        return shown + format_html(
            '<input type="hidden" name="{}" value="{}">', self.html_initial_name, text
        )

    __html__ = __str__


class NoticesChanges(forms.ModelForm):
    """A form of a stored object, whose instance must be current.

    `left_alone` has, as label, value and person, the fields that only somebody else changed.
    `changed_meanwhile` has their names and those of the fields that both changed.
    """

    bound_field_class = _FieldWithWhatWasSeen

    about_the_change: frozenset[str] = frozenset()
    """Fields that say something about the change and are not a change by themselves."""

    stored_initial: Mapping[str, Any] | None = None
    """What is stored, where `initial` proposes something else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left_alone: dict[str, str] = {}
        self.changed_meanwhile: set[str] = set()
        self._overtaken: dict[str | None, str] = {}
        self._is_compared = False

    @property
    def compared(self) -> set[str]:
        """The fields that are compared with what is stored: none of a new object."""
        if self.instance._state.adding:
            return set()
        return {
            name
            for name, field in self.fields.items()
            if name not in self.about_the_change
            and name != TICK_TO_DELETE
            and not (field.disabled or field.widget.is_hidden)
        }

    def stored_text(self, name: str) -> str:
        """Return what is stored, as the text of a hidden field; several choices with commas."""
        value = self.fields[name].prepare_value(self._stored(name))
        return ",".join(_texts(value))

    def seen_text(self, name: str) -> str:
        """Return what the page was made with, as the text of a hidden field."""
        return self.stored_text(name)

    def full_clean(self) -> None:
        if self.is_bound and not self._is_compared:
            self._is_compared = True
            for name in self.fields:
                if name in self.compared:
                    self._compare(name)
            self.__dict__.pop("changed_data", None)  # it was read before the comparison
        super().full_clean()
        if self.errors and self.left_alone_message:
            self.add_error(None, self.left_alone_message)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, message in self._overtaken.items():
            self.add_error(name, message)
        return data

    @property
    def left_alone_message(self) -> str:
        """The message about changes by others that stay; "" without any."""
        return message_of_left_alone(self.left_alone.values())

    def overtake(self, message: str) -> None:
        """Refuse the form with a message about what somebody else did meanwhile."""
        self._overtaken[None] = message

    def who_changed(self, name: str) -> str:
        """Return when and by whom a field got the value that is stored."""
        return who_changed(self.instance, name)

    def _stored(self, name: str) -> Any:
        if self.stored_initial is not None:
            return self.stored_initial.get(name)
        return self.get_initial_for_field(self.fields[name], name)

    def _compare(self, name: str) -> None:
        """Compare what was seen and what was typed with what is stored."""
        shown = self[name]
        sent: Any = self.data
        stored_text = self.stored_text(name)
        seen_text = sent.get(shown.html_initial_name, stored_text)
        if one_line_break(seen_text) == one_line_break(stored_text):
            return
        stored, seen = (self._meant(name, text) for text in (stored_text, seen_text))
        typed = self._meant(name, shown.data)
        if stored == seen:
            return
        self.changed_meanwhile.add(name)
        deletes = bool(self.data.get(self.add_prefix(TICK_TO_DELETE)))
        value = self._in_words(name)
        who = self.who_changed(name)
        if deletes:
            self._send(TICK_TO_DELETE, "")
            self._overtaken[None] = (
                f"「{self.instance}」の{shown.label}は、この画面を開いた後に、{who}が「{value}」に"
                "変更しました。削除する場合は、もう一度印を付けて保存してください。"
            )
        if typed == seen:
            self._send(name, stored_text)
            row = f"「{self.instance}」の" if self.prefix else ""
            self.left_alone[name] = f"{row}{shown.label}「{value}」（{who}）"
        elif typed != stored:
            self._overtaken[name] = overtaken_message(str(shown.label), who, value)

    def _send(self, name: str, text: str) -> None:
        """Go on as if a field had been sent with this text."""
        sent: Any = cast(Any, self.data).copy()
        field = self.fields.get(name)
        if isinstance(field, forms.ModelMultipleChoiceField | forms.MultipleChoiceField):
            sent.setlist(self.add_prefix(name), _choices(text))
        elif field is not None and isinstance(field.widget, forms.widgets.Input | forms.Textarea):
            is_box = isinstance(field.widget, forms.CheckboxInput)
            value = field.prepare_value(self._stored(name))
            sent[self.add_prefix(name)] = text if is_box else field.widget.format_value(value) or ""
        else:
            sent[self.add_prefix(name)] = text
        self.data = sent

    def _meant(self, name: str, sent: Any) -> Any:
        """Return the value of what was sent, to be compared; as it was sent if it is invalid."""
        field: Any = self.fields[name]
        if isinstance(field, forms.ModelMultipleChoiceField | forms.MultipleChoiceField):
            return set(_choices(sent) if isinstance(sent, str) else map(str, sent or ()))
        if isinstance(field, forms.ChoiceField):
            return "" if sent is None else str(sent)
        try:
            return field.clean(sent)
        except forms.ValidationError:
            return one_line_break(sent)

    def _in_words(self, name: str) -> str:
        """Return what is stored as people read it."""
        field: Any = self.fields[name]
        value = self._stored(name)
        if hasattr(field, "queryset"):
            pks = _texts(field.prepare_value(value))
            found = field.queryset.model._base_manager.filter(pk__in=pks)
            return "、".join(map(str, found)) or "空欄"
        if hasattr(field, "choices"):
            labels = {str(key): str(label) for key, label in field.choices}
            return "、".join(labels.get(one, one) for one in _texts(value)) or "空欄"
        return _shown(value if isinstance(value, date | bool) else field.prepare_value(value))


def sign_of_shown(shown: Iterable[forms.BaseForm]) -> str:
    """Return a digest of the data shown in forms, to tell their page from a later one."""
    texts = [
        (field.html_name, str(field.initial), str(getattr(form, "stored_initial", "")))
        for form in shown
        for field in form
    ]
    return sha256(repr(texts).encode()).hexdigest()[:16]


def overtaken_message(label: str, who: str, value: str) -> str:
    """Return the message about a field that somebody else changed, too."""
    return (
        f"{label}は、この画面を開いた後に、{who}が「{value}」に変更しました。"
        "残す方を入力して、もう一度保存してください。やめるときは、保存せずに画面を離れてください。"
    )


def message_of_left_alone(changes: Collection[str]) -> str:
    """Return the message about these changes by others that stay; "" without any."""
    if not changes:
        return ""
    return f"画面を開いた後に変更された{'、'.join(changes)}は、そのまま残しました。"


def left_alone_in(forms_saved: Iterable[Any]) -> str:
    """Return the messages of forms about changes by others that stay; "" without any."""
    return "".join(getattr(form, "left_alone_message", "") for form in forms_saved)


def who_changed(row: models.Model, *fields: str) -> str:
    """Return when and by whom fields of a row got their values: 6月18日14時05分に見本 花子.

    For what is not a column of its own, that is the newest change of the row.
    """
    history: Any = getattr(row, "history", None)
    if history is None:
        return SOMEBODY
    rows = history.exclude(history_type=DELETED).select_related("history_user")
    records = list(rows.order_by("-history_id"))
    if not records:
        return SOMEBODY
    columns = {column.name: column.attname for column in row._meta.concrete_fields}
    changed = records[0]
    wanted = [columns[field] for field in fields if field in columns]
    for record in records if wanted else ():
        if any(getattr(record, column) != getattr(records[0], column) for column in wanted):
            break
        changed = record
    return when_and_who(changed.history_date, changed.history_user)


def when_and_who(at: Any, by: Any) -> str:
    """Return a time and a person in words; the person who sends the form is named as such."""
    when = date_format(timezone.localtime(at), "n月j日G時i分")
    if by is not None and by == current_change().by:
        return f"{when}に{by}（別の画面の自分）"
    return f"{when}に{by or SOMEBODY}"


def _texts(value: Any) -> list[str]:
    """Return a value as texts: none for an empty one, one for each of several choices."""
    if value is None or value == "":
        return []
    if isinstance(value, list | tuple | set | models.QuerySet):
        return sorted(str(getattr(one, "pk", one)) for one in value)
    return [str(value)]


def _choices(text: str) -> list[str]:
    return [one for one in text.split(",") if one]


def one_line_break(text: Any) -> Any:
    """Return a text with the line breaks of a stored one; a browser sends others."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, date):
        return era_day(value)
    return "空欄" if value is None or value == "" else str(value)
