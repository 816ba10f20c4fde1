"""The base class of bulk tables: converts rows to objects and objects to rows.

A resource declares its columns and finds its objects by a natural key. Only the declaration of
columns comes from django-import-export; the import itself is run by tables/importing.py.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from types import MappingProxyType
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import SlugField
from import_export.resources import Resource

from japanese.numerals import half_width
from tables.cells import Cell, tidied
from tables.columns import EMPTY_CELL, Column, Part, save_waiting
from tables.importing import (
    CellChange,
    Comparison,
    Fault,
    Importer,
    RowChange,
    rows_counted,
    rows_named,
)
from tables.sheets import LAST_COLUMN
from tables.table import Row, Table, read_table
from tables.uploads import MAX_ROWS, Upload
from trail.history import Door

logger = logging.getLogger(__name__)

UNEXPECTED = (
    "予期しない理由で取り込めません。"
    "もう一度試し、同じなら、この画面を添えてシステムの管理者に連絡してください。"
)


class TableResource(Importer[Table], Resource):
    """A table whose rows are objects of `Meta.model`, identified by its key columns."""

    door = Door.IMPORT

    saves_rows = True
    """Whether `compare` locks the stored rows and writes each row as it reads it.

    False for a resource that collects its rows and writes them itself.
    """

    tries_new_rows = True
    """Whether a preview writes new rows, too, and takes them back: later ones may refer to them."""

    most_rows = MAX_ROWS
    """The most rows of a file: fewer where a row takes long."""

    header_source = "一括出力したファイル"
    """The file that shows people the headers."""

    offered_headers: Collection[str] = ()
    """The headers that a message proposes; all, if none are named."""

    rules: Mapping[str, str] = MappingProxyType({})
    """What fields may contain, by name, for those whose own messages are not about cells."""

    def __init__(self, *, user: Any = None, reason: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user
        self.reason = reason
        self.subject = str(self._meta.model._meta.verbose_name_plural)
        self.table = self._meta.model._meta.label_lower
        self.rows: list[Row] = []
        self.stored: dict[tuple[Any, ...], Any] = {}
        self._writing = False

    # What subclasses override

    def get_queryset(self) -> Any:
        """Return all objects of the table, with the relations that the columns need."""
        return self._meta.model._default_manager.all()

    def start(self, key: tuple[Any, ...]) -> Any:
        """Return a new, unsaved object for a key. Raises ValidationError, by header."""
        return self._meta.model(
            **{c.attribute: part for c, part in zip(self.key_columns, key, strict=True)}
        )

    def prepare(self) -> None:
        """Run once before the rows are read; `rows` and `stored` are set."""

    def propose(self, cells: dict[str, str]) -> None:
        """Fill in empty cells that follow from the other cells of the row."""

    def label_of(self, instance: Any) -> str:
        """Return the name of an object in the preview."""
        return str(instance)

    def complete(self, instance: Any, changes: list[CellChange], *, is_new: bool) -> None:
        """Set fields that depend on the changes of a row."""

    def is_unchanged(self, instance: Any, changes: Sequence[CellChange]) -> bool:
        """Return whether nothing needs to be written for a row."""
        return not changes

    def check(self, instance: Any, *, is_new: bool) -> None:
        """Raise ValidationError if the object is invalid."""
        instance.full_clean()

    def save(self, instance: Any, row: Row) -> None:
        instance.save()

    def saved(self, instance: Any, *, is_new: bool) -> None:
        """Run after an object has been written."""

    def finish(self, comparison: Comparison, *, writing: bool) -> None:
        """Run once after all rows have been read."""

    # Columns

    @property
    def columns(self) -> list[Column]:
        return list(self.fields.values())

    @property
    def key_columns(self) -> list[Column]:
        return [column for column in self.columns if column.part == Part.KEY]

    def notes(self) -> list[list[str]]:
        """Return the notes on all columns, as a table with a header row."""
        return [
            ["見出し", "項目名", "取込みでの扱い", "説明"],
            *([c.header, name, c.part.value, c.note] for name, c in self.fields.items()),
        ]

    def written(self, objects: Iterable[Any]) -> Iterator[list[Cell]]:
        """Yield the rows of an export as lists of cells."""
        for instance in objects:
            yield [tidied(column.written(instance)) for column in self.columns]

    def key_of_instance(self, instance: Any) -> tuple[Any, ...]:
        """Return the natural key of an object."""
        return tuple(column.get_value(instance) for column in self.key_columns)

    def key_of_row(self, cells: dict[str, str]) -> tuple[Any, ...]:
        """Return the key of a row. Raises ValidationError, by header, if a cell is unusable."""
        key, errors = [], {}
        for column in self.key_columns:
            cell = cells.get(column.header, "")
            try:
                key.append(column.widget.clean(cell))
            except ValueError as error:
                errors[column.header] = str(error)
            else:
                if key[-1] in (None, "") and not column.may_be_empty:
                    errors[column.header] = "空欄です。どの行のことか分かるように入力してください。"
        if errors:
            raise ValidationError(errors)
        return tuple(key)

    # The whole table

    def read(self, upload: Upload) -> Table:
        return read_table(upload)

    def compare(self, documents: Sequence[Table], *, writing: bool = False) -> list[Comparison]:
        with transaction.atomic():
            comparisons = [self._compared(table, writing=writing) for table in documents]
            if not writing:
                transaction.set_rollback(True)
        return comparisons

    def summary(self, comparisons: Sequence[Comparison]) -> str:
        added, changed, unchanged = (
            sum(counts)
            for counts in zip(
                *((len(one.added), len(one.changed), one.unchanged) for one in comparisons),
                strict=True,
            )
        )
        return rows_counted(added, changed, unchanged)

    def _compared(self, table: Table, *, writing: bool) -> Comparison:
        wrong = list(self._header_faults(table.headers))
        if not table.rows and not wrong:
            wrong.append(Fault("取り込む行がありません。見出しの下に行を入力してください。"))
        if len(table.rows) > self.most_rows:
            wrong.append(
                Fault(
                    f"{len(table.rows):,}行あります。{self.subject}は、一度に{self.most_rows:,}行まで"
                    "です。行を分けて、複数のファイルにしてください。"
                )
            )
        if wrong:
            comparison = Comparison(table)
            comparison.faults = wrong
            return comparison
        objects = self.get_queryset()
        if writing and self.saves_rows:
            # Others may still refer to them: whoever logs in or saves refers to a person.
            objects = objects.select_for_update(of=("self",), no_key=True)
        self.stored = {self.key_of_instance(one): one for one in objects}
        self.rows = list(table.rows)
        self._writing = writing
        comparison = Comparison(table, [*self._rows_of_one_key(table)])
        faulty = {fault.row for fault in comparison.faults}
        self.prepare()
        for row in self.rows:
            if row.number not in faulty:
                self._take_row(row, comparison)
        self.finish(comparison, writing=writing)
        comparison.leave_out_refused()
        return comparison

    def _header_faults(self, headers: Sequence[str]) -> Iterator[Fault]:
        known = [column.header for column in self.columns]
        proposed = [header for header in known if header in (self.offered_headers or known)]
        if len(headers) >= LAST_COLUMN:
            yield Fault(f"列が多すぎます。{LAST_COLUMN}列より少なくしてください。")
        for header in dict.fromkeys(filter(None, headers)):
            if headers.count(header) > 1:
                yield Fault(f"見出し「{header}」の列が二つあります。一つにしてください。")
            if header not in known:
                yield Fault(
                    f"見出し「{header}」の列はありません。列を削除するか、見出しを"
                    f"{''.join(f'「{name}」' for name in proposed)}のどれかに直してください。"
                )
        for column in self.columns:
            if column.needed and column.header not in headers:
                yield Fault(
                    f"見出し「{column.header}」の列がありません。1行目に見出しがあるか確かめ、"
                    f"{self.header_source}と同じ見出しにしてください。"
                )

    def _rows_of_one_key(self, table: Table) -> Iterator[Fault]:
        rows_of_key: dict[tuple[Any, ...], list[Row]] = {}
        header = self.key_columns[0].header if len(self.key_columns) == 1 else ""
        for row in table.rows:
            try:
                key = self.key_of_row(row.cells)
            except ValidationError:
                continue  # reported when the row itself is read
            # Models store some keys in half width: keys that differ in it only may be one object.
            alike = tuple(half_width(one) if isinstance(one, str) else one for one in key)
            rows_of_key.setdefault(alike, []).append(row)
        for rows in rows_of_key.values():
            numbers = [row.number for row in rows]
            for row in rows if len(rows) > 1 else []:
                others = rows_named(numbers, row.number)
                message = f"{others}と同じものを指しています。一つにしてください。"
                yield Fault(message, row.number, header, row.cells.get(header, ""))

    # One row

    def _take_row(self, row: Row, comparison: Comparison) -> None:
        """Write a row; add its change or its faults to the comparison."""
        try:
            # A savepoint, so that a database error does not break the transaction of other rows.
            with transaction.atomic() if self.saves_rows else nullcontext():
                change = self._written_change(row)
        except ValidationError as error:
            comparison.faults += self.faults_of(error, row)
        except Exception as error:
            logger.error("Import of a row failed", exc_info=error)
            comparison.faults.append(Fault(UNEXPECTED, row.number))
        else:
            if change is None:
                comparison.unchanged += 1
            else:
                comparison.changes.append(change)

    def _written_change(self, row: Row) -> RowChange | None:
        cells = dict(row.cells)
        self.propose(cells)
        instance = self.find(self.key_of_row(cells))
        is_new = instance.pk is None
        written = () if is_new else self.columns
        before = {column.header: column.text_of(instance) for column in written}
        try:
            self._take(instance, cells, before)
        except ValidationError as error:
            others = self._other_faults(instance, cells, error.message_dict)
            raise ValidationError({**others, **error.error_dict}) from error
        self.complete(instance, self._changes(instance, before), is_new=is_new)
        changes = self._changes(instance, before)
        change = RowChange(row.number, self.label_of(instance), is_new, tuple(changes))
        if self.is_unchanged(instance, changes):
            return None
        try:
            self.check(instance, is_new=is_new)
        except ValidationError as error:
            raise ValidationError(self._in_our_words(error, cells)) from error
        if self._writing or self.tries_new_rows or not is_new:
            self.save(instance, row)
            save_waiting(instance)
            self.saved(instance, is_new=is_new)
        self.stored[self.key_of_instance(instance)] = instance
        return change

    def find(self, key: tuple[Any, ...]) -> Any:
        """Return the stored object of a key, or a new one.

        Raises ValidationError, by header, if a new one is not allowed.
        """
        return self.stored[key] if key in self.stored else self.start(key)

    def _take(self, instance: Any, cells: dict[str, str], before: dict[str, str]) -> None:
        """Set the values of the cells on an object. Columns that are only compared come last.

        Skips cells that equal what an export writes, so that stored text stays the same, including
        whitespace that the export tidies.
        """
        said = [
            (column, cells[column.header])
            for column in self.columns
            if column.header in cells and cells[column.header] != before.get(column.header)
        ]
        for is_compared in (False, True):
            errors: dict[str, str] = {}
            for column, cell in said:
                if (column.part == Part.COMPARED) == is_compared:
                    try:
                        column.take(instance, cell)
                    except ValueError as error:
                        errors[column.header] = str(error)
            if errors:
                raise ValidationError(errors)

    def _changes(self, instance: Any, before: dict[str, str]) -> list[CellChange]:
        """Return what a row changes; `before` has the stored texts, and none for a new object."""
        if not before:
            return [
                CellChange(column.header, "", new)
                for column in self.columns
                if column.part in (Part.KEY, Part.TAKEN) and (new := column.text_of(instance))
            ]
        return [
            CellChange(column.header, before[column.header], new)
            for column in self.columns
            if before[column.header] != (new := column.text_of(instance))
        ]

    # Faults

    def faults_of(self, error: ValidationError, row: Row) -> Iterator[Fault]:
        """Yield the faults of a row, each with the header of its column."""
        by_name = (
            error.message_dict
            if hasattr(error, "error_dict")
            else {NON_FIELD_ERRORS: error.messages}
        )
        for name, messages in by_name.items():
            header = self._header_of(name)
            for message in messages:
                yield Fault(message, row.number, header, row.cells.get(header, ""))

    def _header_of(self, name: str) -> str:
        """Return the header for a column name, a header or a model field; "" if there is none."""
        for declared, column in self.fields.items():
            if name in (declared, column.header, column.attribute):
                return column.header
        return ""

    def _other_faults(
        self, instance: Any, cells: dict[str, str], known: Collection[str]
    ) -> dict[str, list[Any]]:
        """Return what is wrong in the cells of a row beside those `known` to be wrong, by header.

        All faults of a row are reported at once, as far as they are those of single cells.
        """
        fine = {c.attribute for c in self.columns if c.header in cells and c.header not in known}
        try:
            instance.clean_fields({f.name for f in instance._meta.fields if f.name not in fine})
        except ValidationError as error:
            return self._in_our_words(error, cells)
        return {}

    def _in_our_words(self, error: ValidationError, cells: dict[str, str]) -> dict[str, list[Any]]:
        """Return the errors of a model by header; reword those about empty fields for cells."""
        if not hasattr(error, "error_dict"):
            return {NON_FIELD_ERRORS: error.error_list}
        worded: dict[str, list[Any]] = {}
        for name, errors in error.error_dict.items():
            header = self._header_of(name)
            for one in errors:
                text: str | ValidationError = one
                if header and one.code in ("blank", "null"):
                    text = _of_empty_cell(header, cells)
                elif header and one.code == "invalid" and (rule := self._rule_of(name)):
                    text = f"「{cells.get(header, '')}」は使えません。{rule}"
                worded.setdefault(header or NON_FIELD_ERRORS, []).append(text)
        return worded

    def _rule_of(self, name: str) -> str:
        """Return what a field may contain; "" if its own message says so."""
        is_code = isinstance(self._meta.model._meta.get_field(name), SlugField)
        return self.rules.get(name, _CODE_RULE if is_code else "")


_CODE_RULE = "半角の英数字と「-」「_」だけで入力してください。"


def _of_empty_cell(header: str, cells: dict[str, str]) -> str:
    return EMPTY_CELL if header in cells else f"新しい行には、見出し「{header}」の列が必要です。"


class ChildResource(TableResource):
    """A table of child objects, identified by the key of their parent and a position."""

    parent = ""
    """The foreign key to the parent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        place_first = sorted(
            self.fields.items(), key=lambda item: (item[1].part != Part.KEY, item[0] == "position")
        )
        self.fields: dict[str, Any] = dict(place_first)

    def parents(self) -> dict[tuple[Any, ...], Any]:
        """Return all possible parents by key."""
        raise NotImplementedError

    def start(self, key: tuple[Any, ...]) -> Any:
        *place, position = key
        if not hasattr(self, "_parents"):
            self._parents = self.parents()
        if tuple(place) not in self._parents:
            what = self._meta.model._meta.get_field(self.parent).verbose_name
            headers = [column.header for column in self.key_columns[:-1]]
            named = "、".join(f"{h}「{part}」" for h, part in zip(headers, place, strict=True))
            message = f"{named}の{what}は登録されていません。先に管理画面で登録してください。"
            raise ValidationError({headers[-1]: message})
        return self._meta.model(**{self.parent: self._parents[tuple(place)], "position": position})
