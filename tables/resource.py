"""The base of bulk tables: what django-import-export does with our rows, and what it may not.

A resource names its columns and finds its objects by a natural key. `run` reads a whole table:
either every row is right and all are written, or nothing is and each wrong row is named. A
rehearsal does the same and takes it back.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import Result, RowResult

from tables.columns import EMPTY, Column, Part, save_waiting
from tables.sheets import MAX_COLUMNS, Cell, Fault, Row, Table

logger = logging.getLogger(__name__)

UNEXPECTED = (
    "予期しない理由で取り込めません。"
    "もう一度試し、同じなら、この画面を添えてシステムの管理者に連絡してください。"
)


@dataclass(frozen=True)
class CellChange:
    """One cell that an import changes; `old` is "" for new objects."""

    header: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    """One row that changes something."""

    row: int
    label: str
    is_new: bool
    cells: tuple[CellChange, ...]


class TableRowResult(RowResult):
    """What came of one row."""

    change: RowChange | None = None

    def add_instance_info(self, instance: Any) -> None:
        """Leave out the names for Django's log of the admin: each would cost a query."""


class TableResult(Result):
    """What an import did or, in a rehearsal, would do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.faults: list[Fault] = []
        self.reason_faults: list[str] = []
        self.is_outdated = False

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong: the rows can be, or have been, written."""
        return not (
            self.faults or self.reason_faults or self.has_errors() or self.has_validation_errors()
        )

    @property
    def changes(self) -> list[RowChange]:
        changes = (row.change for row in self.rows if row.change)
        return sorted(changes, key=lambda change: change.row)

    @property
    def added(self) -> list[RowChange]:
        return [change for change in self.changes if change.is_new]

    @property
    def changed(self) -> list[RowChange]:
        return [change for change in self.changes if not change.is_new]

    @property
    def unchanged_count(self) -> int:
        return self.totals[RowResult.IMPORT_TYPE_SKIP]

    @property
    def digest(self) -> str:
        """Return a fingerprint of the changes: what was confirmed is what may be written."""
        return hashlib.sha256(repr(self.changes).encode()).hexdigest()

    @property
    def summary(self) -> str:
        """Return the counts in words."""
        return (
            f"新しく登録する行{len(self.added)}、変更する行{len(self.changed)}、"
            f"変わらない行{self.unchanged_count}"
        )


class NoLoader(BaseInstanceLoader):
    """Objects are found by `TableResource.get_or_init_instance`."""


class TableResource(Resource):
    """A table whose rows are objects of `Meta.model`, found by the columns that are keys."""

    class Meta:
        instance_loader_class = NoLoader
        skip_diff = True  # ours is simpler and needs no copies
        skip_unchanged = True

    locks = True
    """Whether the rows are locked while they are written, so that nobody's change is lost."""

    @classmethod
    def get_result_class(cls) -> type[Result]:
        return TableResult

    @classmethod
    def get_row_result_class(cls) -> type[RowResult]:
        return TableRowResult

    def __init__(self, *, user: Any = None, reason: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user
        self.reason = reason
        self.table = Table([])
        self.stored: dict[tuple[Any, ...], Any] = {}
        self._known: dict[int, dict[str, str]] = {}
        self._change: RowChange | None = None

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
        """Do what is due once, before the rows are read; `table` and `stored` are there."""

    def label_of(self, instance: Any) -> str:
        """Return how the preview calls an object."""
        return str(instance)

    def complete(self, instance: Any, changes: list[CellChange], *, is_new: bool) -> None:
        """Set what follows from what a row changed."""

    def check(self, instance: Any, *, is_new: bool) -> None:
        """Raise ValidationError where the object breaks a rule."""
        instance.full_clean()

    def saved(self, instance: Any, *, is_new: bool) -> None:
        """Do what is due once an object has been written."""

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
            yield [column.written(instance) for column in self.columns]

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

    def run(self, table: Table, *, apply: bool, confirmed: str | None = None) -> TableResult:
        """Import a table, or rehearse it. With `confirmed`, the digest of a rehearsal, nothing is
        written where the changes are no longer the same.
        """
        self.table = table
        faults = list(self._header_faults())
        if not table.rows and not faults:
            faults.append(Fault("取り込む行がありません。見出しの下に行を入力してください。"))
        if faults:
            result = TableResult()
            result.faults = faults
            return result
        objects = self.get_queryset()
        if apply and self.locks:
            objects = objects.select_for_update(of=("self",))
        self.stored = {self.key_of_instance(one): one for one in objects}
        self._known = self._faults_known_before()
        self.prepare()
        dataset = tablib.Dataset(headers=table.headers)
        for row in table.rows:
            dataset.append([row.cells.get(header, "") for header in table.headers])
        result = self.import_data(
            dataset,
            dry_run=not apply,
            use_transactions=True,
            rollback_on_validation_errors=True,
            confirmed=confirmed,
        )
        result.faults = sorted(self._faults_of(result), key=lambda fault: fault.row or 0)
        return result

    def _header_faults(self) -> Iterator[Fault]:
        headers = self.table.headers
        known = [column.header for column in self.columns]
        if len(headers) >= MAX_COLUMNS:
            yield Fault(f"列が多すぎます。{MAX_COLUMNS}列より少なくしてください。")
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

    def _faults_known_before(self) -> dict[int, dict[str, str]]:
        """Return, by spreadsheet row, what is wrong without looking at any object."""
        known: dict[int, dict[str, str]] = {}
        for fault in self.table.faults:
            known.setdefault(fault.row, {})[fault.header or NON_FIELD_ERRORS] = fault.message
        rows_of_key: dict[tuple[Any, ...], list[int]] = {}
        for row in self.table.rows:
            try:
                rows_of_key.setdefault(self.key_of_row(row.cells), []).append(row.number)
            except ValidationError:
                continue  # named when the row itself is read
        for numbers in rows_of_key.values():
            for number in numbers if len(numbers) > 1 else []:
                others = "、".join(f"{other}行目" for other in numbers if other != number)
                known.setdefault(number, {})[NON_FIELD_ERRORS] = (
                    f"{others}と同じものを指しています。一つにしてください。"
                )
        return known

    def _faults_of(self, result: TableResult) -> Iterator[Fault]:
        for error in result.base_errors:
            if isinstance(error.error, ValidationError):
                yield from (Fault(message) for message in error.error.messages)
            else:
                logger.error("Bulk import failed", exc_info=error.error)
                yield Fault(UNEXPECTED)
        for failed in result.error_rows:
            for error in failed.errors:
                logger.error("Bulk import of a row failed", exc_info=error.error)
            yield Fault(UNEXPECTED, self.table.rows[failed.number - 1].number)
        for invalid in result.invalid_rows:
            row = self.table.rows[invalid.number - 1]
            for name, messages in invalid.error_dict.items():
                header = self._header_of(name)
                for message in messages:
                    yield Fault(message, row.number, header, row.cells.get(header, ""))

    def _header_of(self, name: str) -> str:
        """Return the header of a column by itself or by the field that it fills; "" for none."""
        for declared, column in self.fields.items():
            if name in (declared, column.header, column.attribute):
                return column.header
        return ""

    # One row; called by Resource.import_row

    def _check_import_id_fields(self, headers: Any) -> None:
        """`_header_faults` has looked."""

    def row(self, number: int) -> Row:
        return self.table.rows[number - 1]

    def before_import_row(self, row: dict[str, str], **kwargs: Any) -> None:
        self._change = None
        known = self._known.get(self.row(kwargs["row_number"]).number)
        if known:
            raise ValidationError(known)

    def get_or_init_instance(self, instance_loader: Any, row: dict[str, str]) -> tuple[Any, bool]:
        key = self.key_of_row(row)
        if key in self.stored:
            return self.stored[key], False
        return self.start(key), True

    def import_instance(self, instance: Any, row: dict[str, str], **kwargs: Any) -> None:
        is_new = self._is_new(instance)
        before = {column.header: column.text_of(instance) for column in self.columns}
        # What is as an export wrote it stays as it is, to the last blank.
        said = [
            (column, row[column.header])
            for column in self.columns
            if column.header in row and (is_new or row[column.header] != before[column.header])
        ]
        self._take(instance, [(c, cell) for c, cell in said if c.part != Part.COMPARED])
        self._take(instance, [(c, cell) for c, cell in said if c.part == Part.COMPARED])
        self.complete(instance, self._changes(instance, before, is_new), is_new=is_new)
        self._change = RowChange(
            row=self.row(kwargs["row_number"]).number,
            label=self.label_of(instance),
            is_new=is_new,
            cells=tuple(self._changes(instance, before, is_new)),
        )

    def _take(self, instance: Any, said: list[tuple[Column, str]]) -> None:
        errors: dict[str, str] = {}
        for column, cell in said:
            try:
                column.take(instance, cell)
            except ValueError as error:
                errors[column.header] = str(error)
        if errors:
            raise ValidationError(errors)

    def _is_new(self, instance: Any) -> bool:
        return instance.pk is None

    def _changes(self, instance: Any, before: dict[str, str], is_new: bool) -> list[CellChange]:
        changes = []
        for column in self.columns:
            old, new = before[column.header], column.text_of(instance)
            if is_new and new and column.part in (Part.KEY, Part.TAKEN):
                changes.append(CellChange(column.header, "", new))
            elif not is_new and old != new:
                changes.append(CellChange(column.header, old, new))
        return changes

    def skip_row(
        self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        return not import_validation_errors and self._change is not None and not self._change.cells

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        if import_validation_errors:
            raise ValidationError(import_validation_errors)
        try:
            self.check(instance, is_new=self._is_new(instance))
        except ValidationError as error:
            raise ValidationError(self._in_our_words(error)) from error

    def _in_our_words(self, error: ValidationError) -> dict[str, list[Any]]:
        """Return the errors of a model by header; an empty field is an empty cell here."""
        if not hasattr(error, "error_dict"):
            return {NON_FIELD_ERRORS: error.error_list}
        worded: dict[str, list[Any]] = {}
        for name, errors in error.error_dict.items():
            header = self._header_of(name)
            for one in errors:
                if header and one.code in ("blank", "null"):
                    is_there = header in self.table.headers
                    one = EMPTY if is_there else f"新しい行には、見出し「{header}」の列が必要です。"
                worded.setdefault(header or NON_FIELD_ERRORS, []).append(one)
        return worded

    def save_m2m(self, instance: Any, row: Any, **kwargs: Any) -> None:
        save_waiting(instance)
        self.saved(instance, is_new=self._change.is_new)

    def after_save_instance(self, instance: Any, row: dict[str, str], **kwargs: Any) -> None:
        self.stored[self.key_of_instance(instance)] = instance

    def after_import_row(self, row: Any, row_result: TableRowResult, **kwargs: Any) -> None:
        if row_result.import_type != RowResult.IMPORT_TYPE_SKIP:
            row_result.change = self._change

    def after_import(self, dataset: Any, result: TableResult, **kwargs: Any) -> None:
        confirmed = kwargs.get("confirmed")
        wrong = result.has_errors() or result.has_validation_errors()
        if confirmed is not None and not wrong and result.digest != confirmed:
            result.is_outdated = True
            raise ValidationError(
                "確かめてから取り込むまでの間に、登録されている内容が変わりました。"
                "何も取り込んでいません。下の内容をもう一度確かめてから取り込んでください。"
            )


class ChildResource(TableResource):
    """A table whose rows have a place: the key of their parent, and a position below it."""

    parent = ""
    """The field that leads to the parent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        place_first = sorted(
            self.fields.items(), key=lambda item: (item[1].part != Part.KEY, item[0] == "position")
        )
        self.fields = dict(place_first)

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
