"""Columns of bulk tables: convert cells to values and values to cells.

A widget parses the text of a cell (tables.table) or raises ValueError with a message for the user;
it renders a value as a text, a number or None.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from import_export.fields import Field
from import_export.widgets import Widget

from japanese.characters import as_listed
from tables.cells import NO, YES, Cell, cell_text
from trail.clean_records import cleaned_field

SEPARATOR = "、"
_OTHER_SEPARATORS = re.compile(r"[・･/／;；，．\s]+|及び|および|と")
_LONGEST_CHOICE = 12
EMPTY_CELL = "空欄にはできません。値を入力してください。"


class Part(StrEnum):
    """The role of a column in an import."""

    KEY = "行を見分けるための列（必須）"
    TAKEN = "取り込む列"
    COMPARED = "照らし合わせるだけの列（空欄か、登録どおりの内容）"
    SHOWN = "参考の列（取り込まない）"


class Column(Field):
    """One column: its header, its part, and a note for the user.

    The attribute name in the resource is the stable key of a column; `header` is what users see.
    If a file lacks a column, the stored values stay, unless the column is `needed`: then the file
    is refused.
    """

    may_be_empty = False
    """Whether a cell of a key may be empty: an empty one then names something, too."""

    def __init__(
        self,
        header: str,
        attribute: str | None = None,
        widget: Widget | None = None,
        *,
        part: Part = Part.TAKEN,
        needed: bool = False,
        note: str = "",
    ) -> None:
        super().__init__(attribute=attribute, column_name=header, widget=widget or Text())
        self.part = part
        self.needed = needed or part == Part.KEY
        self.note = note

    @property
    def header(self) -> str:
        return self.column_name

    def written(self, instance: Any) -> Cell:
        """Return the cell that an export writes for an object."""
        return self.widget.render(self.get_value(instance))

    def text_of(self, instance: Any) -> str:
        """Return the text that a reader gets from an exported cell."""
        return cell_text(self.written(instance))

    def take(self, instance: Any, cell: str) -> None:
        """Set the value of a cell on an object. Raises ValueError with a message for the user.

        A column that is only compared sets nothing; a different value raises.
        """
        if self.part == Part.COMPARED:
            stored = self.text_of(instance)
            if cell not in ("", stored):
                raise ValueError(
                    f"登録されている{self.header}は「{stored or '（空欄）'}」です。"
                    "この列は取込みでは変えられません。行がずれていないか確かめてください。"
                )
        elif self.part == Part.TAKEN:
            value = cleaned_field(
                instance._meta.get_field(self.attribute), self.read(instance, cell)
            )
            if value in (None, "") and not instance._meta.get_field(self.attribute).blank:
                raise ValueError(EMPTY_CELL)
            setattr(instance, self.attribute, value)

    def read(self, instance: Any, cell: str) -> Any:
        """Return the value of a cell. Raises ValueError with a message for the user."""
        return self.widget.clean(cell)


class SeveralColumn(Column):
    """A column of names of related objects (many to many).

    Many-to-many relations need a saved object, so the value of a cell stays in `_waiting` until
    `save_waiting` writes it.
    """

    def get_value(self, instance: Any) -> list[Any]:
        waiting = getattr(instance, "_waiting", {})
        if self.attribute in waiting:
            return waiting[self.attribute]
        return list(getattr(instance, self.attribute).all()) if instance.pk else []

    def take(self, instance: Any, cell: str) -> None:
        waiting = instance.__dict__.setdefault("_waiting", {})
        waiting[self.attribute] = self.read(instance, cell)


def save_waiting(instance: Any) -> None:
    """Write the relations that SeveralColumn kept back; the object must be saved."""
    for attribute, objects in getattr(instance, "_waiting", {}).items():
        getattr(instance, attribute).set(objects)


class Text(Widget):
    """A text, unchanged."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        return value

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Cell:
        return "" if value is None else str(value)


class Number(Widget):
    """A number as people type it; an empty cell is `empty`, by default None."""

    def __init__(self, read: Callable[[str], Decimal], *, empty: Decimal | None = None) -> None:
        super().__init__()
        self.read = read
        self.empty = empty

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Decimal | int | None:
        return self.read(value) if value else self.empty

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Cell:
        return None if value is None else Decimal(value)


class WholeNumber(Number):
    """An integer from 0 to 32,767 (PositiveSmallIntegerField), such as a position."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> int | None:
        number = super().clean(value, row)
        if number is None:
            return None
        if number != int(number) or not 0 <= number < 32_768:
            raise ValueError(f"「{value}」は使えません。「1」のような整数を入力してください。")
        return int(number)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Cell:
        return None if value is None else int(value)


class Year(Widget):
    """A fiscal year as people write it; written as the western year."""

    def __init__(self, read: Callable[[str], int]) -> None:
        super().__init__()
        self.read = read

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> int | None:
        return self.read(value) if value else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Cell:
        return None if value is None else int(value)


class YesNo(Widget):
    """はい or いいえ; an empty cell is いいえ."""

    YES = frozenset({YES, "○", "〇", "TRUE", "true", "True", "1"})
    NO = frozenset({NO, "×", "", "FALSE", "false", "False", "0"})

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> bool:
        if value not in self.YES | self.NO:
            raise ValueError(f"「{value}」は使えません。「{YES}」か「{NO}」と入力してください。")
        return value in self.YES

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Cell:
        return YES if value else NO


class Choice(Widget):
    """One of the labels of a field's choices; an empty cell is the empty choice."""

    def __init__(self, choices: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self.labels = {**dict(choices), "": ""}

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        word = as_listed(value, self.labels.values())
        for choice, label in self.labels.items():
            if word == label:
                return choice
        raise ValueError(not_among(value, filter(None, self.labels.values())))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Cell:
        return self.labels.get(value or "", str(value))


class Named(Widget):
    """An object by its name; `objects` is called once per import, `label` returns a name."""

    def __init__(
        self,
        what: str,
        objects: Callable[[], Mapping[str, Any]],
        *,
        label: Callable[[Any], str] = str,
    ) -> None:
        super().__init__()
        self.what = what
        self.objects = objects
        self.label = label
        self._found: Mapping[str, Any] | None = None

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        return self.find(value) if value else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Cell:
        return "" if value is None else self.label(value)

    def find(self, name: str) -> Any:
        """Return the object of this name. Raises ValueError with a message for the user."""
        if self._found is None:
            self._found = self.objects()
        if name not in self._found:
            raise ValueError(f"{self.what}{not_among(name, self._found)}")
        return self._found[name]


class NamedSeveral(Named):
    """Objects by their names, separated by 、."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> list[Any]:
        return [self._one_of(name) for name in names_in_cell(value)]

    def _one_of(self, name: str) -> Any:
        try:
            return self.find(name)
        except ValueError as error:
            parts = [part for part in _OTHER_SEPARATORS.split(name) if part]
            example = SEPARATOR.join(parts) if self._has_all(parts) else ""
            how = f"「{example}」のように「{SEPARATOR}」" if example else f"「{SEPARATOR}」"
            raise ValueError(f"{error}二つ以上は{how}で区切ってください。") from error

    def _has_all(self, names: Sequence[str]) -> bool:
        return len(names) > 1 and all(name in (self._found or {}) for name in names)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Cell:
        return SEPARATOR.join(sorted(map(self.label, value)))


def names_in_cell(cell: str) -> list[str]:
    """Return the names in a cell of NamedSeveral."""
    names = cell.replace(",", SEPARATOR).replace("\n", SEPARATOR).split(SEPARATOR)
    return [name.strip() for name in names if name.strip()]


def not_among(text: str, known: Iterable[str]) -> str:
    """Return the message for a text that is not one of the known ones."""
    names = [f"「{name}」" for name in known]
    if len(names) <= _LONGEST_CHOICE:
        remedy = f"{''.join(names)}のどれかを入力してください。" if names else ""
    else:
        remedy = "登録されているとおりの名称を入力してください。"
    return f"「{text}」はありません。{remedy}"
