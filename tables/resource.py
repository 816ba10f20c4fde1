"""The base of bulk tables: how the rows of a table become objects, and objects rows.

A resource names its columns and finds its objects by a natural key. Of django-import-export it has
the declaration of columns; tables/importing.py says what an import does with what is found here.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from import_export.resources import Resource

from tables.cells import Cell, tidied
from tables.columns import EMPTY, Column, Part, save_waiting
from tables.importing import CellChange, Comparison, Fault, Importer, RowChange
from tables.sheets import LAST_COLUMN
from tables.table import Row, Table, read_table
from tables.uploads import Upload
from trail.history import Door

logger = logging.getLogger(__name__)

UNEXPECTED = (
    "予期しない理由で取り込めません。"
    "もう一度試し、同じなら、この画面を添えてシステムの管理者に連絡してください。"
)


class TableResource(Importer[Table], Resource):
    """A table whose rows are objects of `Meta.model`, found by the columns that are keys."""

    door = Door.IMPORT

    saves_rows = True
    """Whether the rows are locked, and each is written as soon as it is read."""

    def __init__(self, *, user: Any = None, reason: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user
        self.reason = reason
        self.subject = str(self._meta.model._meta.verbose_name_plural)
        self.table = self._meta.model._meta.label_lower
        self.rows: list[Row] = []
        self.stored: dict[tuple[Any, ...], Any] = {}

    # What subclasses say

    def get_queryset(self) -> Any:
        """Return all objects of the table, with what their columns need."""
        return self._meta.model._default_manager.all()

    def start(self, key: tuple[Any, ...]) -> Any:
        """Return a new object for a key. Raises ValidationError, by header."""
        return self._meta.model(
            **{c.attribute: part for c, part in zip(self.key_columns, key, strict=True)}
        )

    def prepare(self) -> None:
        """Do what is due once, before the rows are taken; `rows` and `stored` are there."""

    def propose(self, cells: dict[str, str]) -> None:
        """Fill in what a row leaves empty and the rest of it says."""

    def label_of(self, instance: Any) -> str:
        """Return how the preview calls an object."""
        return str(instance)

    def complete(self, instance: Any, changes: list[CellChange], *, is_new: bool) -> None:
        """Set what follows from what a row changed."""

    def is_unchanged(self, instance: Any, changes: Sequence[CellChange]) -> bool:
        """Return whether there is nothing to write."""
        return not changes

    def check(self, instance: Any, *, is_new: bool) -> None:
        """Raise ValidationError where the object breaks a rule."""
        instance.full_clean()

    def save(self, instance: Any, row: Row) -> None:
        """Write an object of which something changed."""
        instance.save()

    def saved(self, instance: Any, *, is_new: bool) -> None:
        """Do what is due once an object has been written."""

    def finish(self, comparison: Comparison, *, writing: bool) -> None:
        """Do what is due once, after the rows were taken."""

    # Columns

    @property
    def columns(self) -> list[Column]:
        return list(self.fields.values())

    @property
    def key_columns(self) -> list[Column]:
        return [column for column in self.columns if column.part == Part.KEY]

    def notes(self) -> list[list[str]]:
        """Return what the columns mean, as a table with a header."""
        return [
            ["見出し", "項目名", "取込みでの扱い", "説明"],
            *([c.header, name, c.part.value, c.note] for name, c in self.fields.items()),
        ]

    def written(self, objects: Iterable[Any]) -> Iterator[list[Cell]]:
        """Yield the cells of the rows of an export."""
        for instance in objects:
            yield [tidied(column.written(instance)) for column in self.columns]

    def key_of_instance(self, instance: Any) -> tuple[Any, ...]:
        """Return what tells an object from all others."""
        return tuple(column.get_value(instance) for column in self.key_columns)

    def key_of_row(self, cells: dict[str, str]) -> tuple[Any, ...]:
        """Return the key that a row names. Raises ValidationError, by header."""
        key, errors = [], {}
        for column in self.key_columns:
            cell = cells.get(column.header, "")
            try:
                key.append(column.widget.clean(cell))
            except ValueError as error:
                errors[column.header] = str(error)
            else:
                if key[-1] in (None, ""):
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
        return f"新しく登録する行{added}、変更する行{changed}、変わらない行{unchanged}"

    def _compared(self, table: Table, *, writing: bool) -> Comparison:
        wrong = list(self._header_faults(table.headers))
        if not table.rows and not wrong:
            wrong.append(Fault("取り込む行がありません。見出しの下に行を入力してください。"))
        if wrong:
            comparison = Comparison(table)
            comparison.faults = wrong
            return comparison
        objects = self.get_queryset()
        if writing and self.saves_rows:
            objects = objects.select_for_update(of=("self",))
        self.stored = {self.key_of_instance(one): one for one in objects}
        self.rows = list(table.rows)
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
        if len(headers) >= LAST_COLUMN:
            yield Fault(f"列が多すぎます。{LAST_COLUMN}列より少なくしてください。")
        for header in dict.fromkeys(filter(None, headers)):
            if headers.count(header) > 1:
                yield Fault(f"見出し「{header}」の列が二つあります。一つにしてください。")
            if header not in known:
                yield Fault(
                    f"見出し「{header}」の列はありません。列を削除するか、見出しを"
                    f"{''.join(f'「{name}」' for name in known)}のどれかに直してください。"
                )
        for column in self.columns:
            if column.needed and column.header not in headers:
                yield Fault(
                    f"見出し「{column.header}」の列がありません。1行目に見出しがあるか確かめ、"
                    "一括出力したファイルと同じ見出しにしてください。"
                )

    def _rows_of_one_key(self, table: Table) -> Iterator[Fault]:
        rows_of_key: dict[tuple[Any, ...], list[int]] = {}
        for row in table.rows:
            try:
                rows_of_key.setdefault(self.key_of_row(row.cells), []).append(row.number)
            except ValidationError:
                continue  # named when the row itself is taken
        for numbers in rows_of_key.values():
            for number in numbers if len(numbers) > 1 else []:
                others = "、".join(f"{other}行目" for other in numbers if other != number)
                message = f"{others}と同じものを指しています。一つにしてください。"
                yield Fault(message, number)

    # One row

    def _take_row(self, row: Row, comparison: Comparison) -> None:
        """Write a row and note what it changes, or what is wrong with it."""
        try:
            # So that an error of the database leaves the other rows as they are.
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
        before = {column.header: column.text_of(instance) for column in self.columns}
        self._take(instance, cells, {} if is_new else before)
        self.complete(instance, self._changes(instance, before, is_new), is_new=is_new)
        changes = self._changes(instance, before, is_new)
        change = RowChange(row.number, self.label_of(instance), is_new, tuple(changes))
        if self.is_unchanged(instance, changes):
            return None
        try:
            self.check(instance, is_new=is_new)
        except ValidationError as error:
            raise ValidationError(self._in_our_words(error, cells)) from error
        self.save(instance, row)
        save_waiting(instance)
        self.stored[self.key_of_instance(instance)] = instance
        self.saved(instance, is_new=is_new)
        return change

    def find(self, key: tuple[Any, ...]) -> Any:
        """Return the object that a key names, a new one where there is none.

        Raises ValidationError, by header.
        """
        return self.stored[key] if key in self.stored else self.start(key)

    def _take(self, instance: Any, cells: dict[str, str], before: dict[str, str]) -> None:
        """Set what the cells say. Columns that are only compared come last.

        What is as an export wrote it stays as it is, to the last blank.
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

    def _changes(self, instance: Any, before: dict[str, str], is_new: bool) -> list[CellChange]:
        changes = []
        for column in self.columns:
            old, new = before[column.header], column.text_of(instance)
            if is_new and new and column.part in (Part.KEY, Part.TAKEN):
                changes.append(CellChange(column.header, "", new))
            elif not is_new and old != new:
                changes.append(CellChange(column.header, old, new))
        return changes

    # What is wrong

    def faults_of(self, error: ValidationError, row: Row) -> Iterator[Fault]:
        """Yield what is wrong with a row, at the columns that it is about."""
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
        """Return the header of a column by itself or by the field that it fills; "" for none."""
        for declared, column in self.fields.items():
            if name in (declared, column.header, column.attribute):
                return column.header
        return ""

    def _in_our_words(self, error: ValidationError, cells: dict[str, str]) -> dict[str, list[Any]]:
        """Return the errors of a model by header; an empty field is an empty cell here."""
        if not hasattr(error, "error_dict"):
            return {NON_FIELD_ERRORS: error.error_list}
        worded: dict[str, list[Any]] = {}
        for name, errors in error.error_dict.items():
            header = self._header_of(name)
            for one in errors:
                worded.setdefault(header or NON_FIELD_ERRORS, []).append(
                    _of_empty_cell(header, cells)
                    if header and one.code in ("blank", "null")
                    else one
                )
        return worded


def _of_empty_cell(header: str, cells: dict[str, str]) -> str:
    return EMPTY if header in cells else f"新しい行には、見出し「{header}」の列が必要です。"


class ChildResource(TableResource):
    """A table whose rows have a place: the key of their parent, and a position below it."""

    parent = ""
    """The field that leads to the parent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        place_first = sorted(
            self.fields.items(), key=lambda item: (item[1].part != Part.KEY, item[0] == "position")
        )
        self.fields: dict[str, Any] = dict(place_first)

    def parents(self) -> dict[tuple[Any, ...], Any]:
        """Return all possible parents by their key."""
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
