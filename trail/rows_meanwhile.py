"""Rows below a form, of which others have deleted or added some while the page was open.

What was sent is put in order before it is read, so that each row is compared with the one that is
stored now. A row that somebody deleted comes back as a new one, with what was typed. A row that
somebody added meanwhile is compared with the new one for the same thing.
"""

import re
from typing import Any, cast

from django import forms
from django.db import models
from django.forms.models import BaseInlineFormSet, model_to_dict
from django.utils.datastructures import MultiValueDict

from japanese.row_numbers import row_number
from trail.history import DELETED
from trail.meanwhile import SOMEBODY, TICK_TO_DELETE, one_line_break, when_and_who


class SentRow:
    """The texts of one row by field: those that were sent, and those that its page showed."""

    def __init__(self) -> None:
        self.typed: MultiValueDict[str, str] = MultiValueDict()
        self.seen: MultiValueDict[str, str] = MultiValueDict()


class ArrangedRows(BaseInlineFormSet):
    """The rows of a page, in the order of `arrange`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_order: list[Any] | None = None
        if self.is_bound and self.instance.pk is not None and self.management_form.is_valid():
            self._arrange_all()

    def get_queryset(self) -> Any:
        """Return the stored rows; those of the page, in its order, once it was sent."""
        return super().get_queryset() if self._in_order is None else self._in_order

    def arrange(self, sent: list[tuple[SentRow, bool]]) -> tuple[dict[Any, SentRow], list[SentRow]]:
        """Return the rows that are stored, by primary key, and then the new ones.

        Each row comes with whether it was stored when the page was made.
        """
        raise NotImplementedError

    def _arrange_all(self) -> None:
        rows = self._sent_rows()
        was_stored = self.initial_form_count()
        numbers = range(self.total_form_count())
        sent = [(rows.get(number, SentRow()), number < was_stored) for number in numbers]
        stored = {row.pk: row for row in super().get_queryset()}
        kept, new = self.arrange(sent)
        self._in_order = [stored[pk] for pk in kept]
        for pk, row in kept.items():
            row.typed[self.model._meta.pk.name] = str(pk)
        for row in new:
            row.typed[self.model._meta.pk.name] = ""
        self._send([*kept.values(), *new], len(kept))

    def _sent_rows(self) -> dict[int, SentRow]:
        sent: Any = self.data
        rows: dict[int, SentRow] = {}
        for name in sent:
            if found := self._name_in_row(name):
                row = rows.setdefault(int(found["number"]), SentRow())
                texts = row.seen if found["initial"] else row.typed
                texts.setlist(found["field"], sent.getlist(name))
        return rows

    def _name_in_row(self, name: str) -> re.Match[str] | None:
        prefix = re.escape(str(self.prefix))
        pattern = rf"(?P<initial>initial-)?{prefix}-(?P<number>[0-9]+)-(?P<field>.+)"
        return re.fullmatch(pattern, name)

    def _send(self, rows: list[SentRow], stored: int) -> None:
        """Go on as if these rows had been sent, of which the first `stored` ones are stored."""
        data: Any = cast(Any, self.data).copy()
        for name in self.data:
            if self._name_in_row(name):
                del data[name]
        for number, row in enumerate(rows):
            prefix = self.add_prefix(number)
            for field, texts in row.typed.lists():
                data.setlist(f"{prefix}-{field}", texts)
            for field, texts in row.seen.lists():
                data.setlist(f"initial-{prefix}-{field}", texts)
        data[f"{self.prefix}-TOTAL_FORMS"] = str(len(rows))
        data[f"{self.prefix}-INITIAL_FORMS"] = str(stored)
        self.data = data
        self.__dict__.pop("management_form", None)


class RowsMeanwhile(ArrangedRows):
    """Rows that are added, changed and deleted on the page of what they belong to."""

    same_row_by: tuple[str, ...] = ()
    """Fields by which two rows mean the same; without any, all their fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._gone: list[tuple[SentRow, str]] = []
        self._messages: dict[int, str] = {}
        self._unique_texts: dict[Any, dict[str, Any]] = {}
        self._dropped: list[str] = []
        super().__init__(*args, **kwargs)

    @property
    def left_alone_message(self) -> str:
        """The message about rows that somebody else deleted; "" without any."""
        return "".join(f"画面を開いた後に、{deletion}。" for deletion in self._dropped)

    def arrange(self, sent: list[tuple[SentRow, bool]]) -> tuple[dict[Any, SentRow], list[SentRow]]:
        stored = {row.pk: model_to_dict(row) for row in super().get_queryset()}
        self._unique_texts = stored
        by_text = {str(pk): pk for pk in stored}
        name_of_key = self.model._meta.pk.name
        kept: dict[Any, SentRow] = {}
        new: list[SentRow] = []
        for row, was_stored in sent:
            key = row.typed.get(name_of_key, "")
            if was_stored and key in by_text:
                kept[by_text[key]] = row
            elif not was_stored or not key:
                new.append(row)
            elif message := self._gone_message(key, row):
                new.append(row)
                self._gone.append((row, message))
        for row in list(new):
            others = {pk: fields for pk, fields in stored.items() if pk not in kept}
            if (pk := self._same_row(row, others)) is not None:
                new.remove(row)
                row.seen = MultiValueDict({name: [text] for name, text in self._blank().items()})
                kept[pk] = row
        self._messages = {
            len(kept) + new.index(row): message for row, message in self._gone if row in new
        }
        return kept, new

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form: Any = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # not in the stubs
        if i in self._messages:
            form.overtake(self._messages[i])
        return form

    def clean(self) -> None:
        super().clean()
        staying, deleted = [], set()
        for form in self.forms:
            if self.can_delete and form.cleaned_data.get(TICK_TO_DELETE):
                deleted.add(form.instance.pk)
            elif form.has_changed() and not form.errors:
                staying.append(form)
        for form in staying:
            self._refuse_a_second(form, deleted)

    def _refuse_a_second(self, form: Any, deleted: set[Any]) -> None:
        """Refuse a value that must be unique and that another stored row already has.

        Django leaves such constraints to the database where they name what the rows belong to.
        """
        for constraint in self.model._meta.constraints:
            if not isinstance(constraint, models.UniqueConstraint):
                continue
            names = [name for name in constraint.fields if name != self.fk.name]
            if self.fk.name not in constraint.fields or not set(names) <= set(form.cleaned_data):
                continue
            wanted = {name: form.cleaned_data[name] for name in names}
            for pk, fields in self._unique_texts.items():
                has_it = all(fields.get(name) == value for name, value in wanted.items())
                if has_it and pk != form.instance.pk and pk not in deleted:
                    label = form.fields[names[0]].label
                    form.add_error(
                        names[0],
                        f"{label}「{wanted[names[0]]}」の行は、もう登録してあります。"
                        f"その行を直すか、別の{label}にしてください。",
                    )

    def _gone_message(self, key: str, row: SentRow) -> str:
        """Return what to say of a row that was deleted; "" if nothing was typed in it."""
        deletion = self._deletion(key)
        if row.typed.get(TICK_TO_DELETE):
            return ""
        if all(self._is_same(name, row.typed, row.seen) for name in self._names()):
            self._dropped.append(deletion)
            return ""
        return (
            f"この画面を開いた後に、{deletion}。入力した内容は、新しい行として残してあります。"
            "入れ直すときは、もう一度保存してください。やめるときは、この行を空欄にして保存してください。"
        )

    def _deletion(self, key: str) -> str:
        """Return who deleted a row and when, and how it was called."""
        history: Any = getattr(self.model, "history", None)
        found = None
        number = row_number(key)
        if history is not None and number is not None:
            rows = history.filter(id=number, history_type=DELETED).select_related("history_user")
            found = rows.order_by("-history_id").first()
        if found is None:
            return f"{SOMEBODY}がこの行を削除しました"
        who = when_and_who(found.history_date, found.history_user)
        return f"{who}が「{found.instance}」の行を削除しました"

    def _same_row(self, row: SentRow, others: dict[Any, dict[str, Any]]) -> Any:
        """Return the primary key of the stored row that a new one means; None if there is none."""
        names = self._names()
        for pk, fields in others.items():
            stored = MultiValueDict({name: [self._text(name, fields.get(name))] for name in names})
            same = {name for name in names if self._is_same(name, row.typed, stored)}
            if same == set(names) or (self.same_row_by and same.issuperset(self.same_row_by)):
                return pk
        return None

    def _names(self) -> list[str]:
        fields: Any = self.form.base_fields
        return [name for name, field in fields.items() if not field.widget.is_hidden]

    def _field(self, name: str) -> Any:
        return self.form.base_fields[name]

    def _text(self, name: str, value: Any) -> str:
        prepared = self._field(name).prepare_value(value)
        return "" if prepared is None else str(prepared)

    def _blank(self) -> dict[str, str]:
        """Return the texts of a new row that nobody has touched."""
        blank = model_to_dict(self.model())
        return {name: self._text(name, blank.get(name)) for name in self._names()}

    def _is_same(self, name: str, typed: Any, other: Any) -> bool:
        return bool(self._meant(name, typed.get(name)) == self._meant(name, other.get(name)))

    def _meant(self, name: str, text: str | None) -> Any:
        try:
            return self._field(name).clean(text)
        except forms.ValidationError:
            return one_line_break(text or "")
