"""The columns of the machine-readable files of changes: a row per changed field of a change."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from changes.field_changes import FieldChange
from changes.history_register import IndicatorFacts
from changes.history_rows import HistoryKind
from changes.past_changes import TAKEN_BACK, PastChange
from changes.unexplained_moves import UnexplainedMove
from indicators.entries import WITHDRAWN_LABEL
from indicators.models import Actual
from indicators.rules.moves import LARGE_MULTIPLE, LARGE_SHARE
from japanese.fiscal_years import era_label, fiscal_year_of
from tables.cells import Cell
from tables.table_files import DAY, INTEGER, NUMBER, TEXT, TIME, DataColumn, in_one_line
from trail.history import Door


class ChangedField(NamedTuple):
    """A row of the file: a change and one of its fields, or None if nothing differs."""

    change: PastChange
    field: FieldChange | None


def changed_fields(changes: Iterable[PastChange]) -> Iterator[ChangedField]:
    """Yield a row for each field of each change, and one row for a change without fields."""
    for change in changes:
        for field in change.fields or (None,):
            yield ChangedField(change, field)


def _of_change(read: Callable[[PastChange], Cell]) -> Callable[[ChangedField], Cell]:
    return lambda row: read(row.change)


def _of_field(read: Callable[[FieldChange], Cell]) -> Callable[[ChangedField], Cell]:
    return lambda row: None if row.field is None else read(row.field)


def _of_indicator(read: Callable[[IndicatorFacts], Cell]) -> Callable[[ChangedField], Cell]:
    return lambda row: None if row.change.indicator is None else read(row.change.indicator)


def _of_confirmation(read: Callable[[Any], Cell]) -> Callable[[ChangedField], Cell]:
    return lambda row: None if row.change.confirmation is None else read(row.change.confirmation)


def _unit(row: ChangedField) -> Cell:
    numbers = row.field and (row.field.number_before, row.field.number_after)
    if not numbers or numbers == (None, None) or row.change.indicator is None:
        return None
    return row.change.indicator.unit


CHANGE_COLUMNS = (
    DataColumn(
        "change_id", "変更番号", TEXT, "一つの変更を表す番号。", _of_change(lambda c: c.number)
    ),
    DataColumn(
        "changed_on", "変更日", DAY, "変更した日。日本時間。", _of_change(lambda c: f"{c.day}")
    ),
    DataColumn(
        "changed_at",
        "変更時刻",
        TIME,
        "変更した時刻。日本時間。",
        _of_change(lambda c: f"{c.local_time:%H:%M:%S}"),
    ),
    DataColumn(
        "changed_fiscal_year",
        "変更した年度（西暦）",
        INTEGER,
        "変更日が属する年度。",
        _of_change(lambda c: fiscal_year_of(c.day)),
    ),
    DataColumn(
        "changed_fiscal_year_era",
        "変更した年度（和暦）",
        TEXT,
        "変更日が属する年度。",
        _of_change(lambda c: era_label(fiscal_year_of(c.day))),
    ),
    DataColumn(
        "person_number",
        "変更した人の職員番号",
        TEXT,
        "コマンドによる変更など、人の記録がないときは空欄です。",
        _of_change(lambda c: c.by.number),
    ),
    DataColumn(
        "person",
        "変更した人",
        TEXT,
        "異動、退職した人の氏名も残ります。",
        _of_change(lambda c: c.by.name),
    ),
    DataColumn("kind_code", "種類コード", TEXT, "履歴の種類。", _of_change(lambda c: c.kind.value)),
    DataColumn("kind", "種類", TEXT, "種類コードの名称。", _of_change(lambda c: c.kind.label)),
    DataColumn(
        "action",
        "操作",
        TEXT,
        f"登録、変更、削除、又は{TAKEN_BACK}（{WITHDRAWN_LABEL}こと）。",
        _of_change(lambda c: c.action),
    ),
    DataColumn(
        "correction_code",
        "変更の種類コード",
        TEXT,
        "受付を終えた年度の登録済みの値を変えたとき、その種類。",
        _of_change(lambda c: c.correction),
    ),
    DataColumn(
        "correction",
        "変更の種類",
        TEXT,
        "変更の種類コードの名称。",
        _of_change(lambda c: c.correction_label),
    ),
    DataColumn("door_code", "入力経路コード", TEXT, "変更の入口。", _of_change(lambda c: c.door)),
    DataColumn(
        "door", "入力経路", TEXT, "入力経路コードの名称。", _of_change(lambda c: c.door_label)
    ),
    DataColumn(
        "object_type",
        "対象の区分",
        TEXT,
        "実績値、指標など、変更されたもの。",
        _of_change(lambda c: c.model_name),
    ),
    DataColumn("object", "対象", TEXT, "変更されたものの名称。", _of_change(lambda c: c.subject)),
    DataColumn(
        "indicator_code",
        "指標コード",
        TEXT,
        "変更が指標に関わるとき、その符号。",
        _of_indicator(lambda i: i.code),
    ),
    DataColumn(
        "indicator",
        "指標名",
        TEXT,
        "変更が指標に関わるとき、その名称。",
        _of_indicator(lambda i: i.name),
    ),
    DataColumn(
        "section",
        "担当課",
        TEXT,
        "指標に責任を持つ課。年度のある変更では、その年度の課、ほかは現在の課。課の変更では、その課。",
        _of_change(lambda c: c.section),
    ),
    DataColumn(
        "entering_section",
        "入力課",
        TEXT,
        "指標の実績値を入力する課。年度のある変更では、その年度の課、ほかは現在の課。",
        _of_indicator(lambda i: i.entered_by),
    ),
    DataColumn(
        "fiscal_year",
        "値の年度（西暦）",
        INTEGER,
        "変更された値の年度。",
        _of_change(lambda c: c.fiscal_year),
    ),
    DataColumn(
        "fiscal_year_era",
        "値の年度（和暦）",
        TEXT,
        "変更された値の年度。",
        _of_change(lambda c: era_label(c.fiscal_year) if c.fiscal_year else None),
    ),
    DataColumn("field", "項目", TEXT, "変更された項目。", _of_field(lambda f: f.name)),
    DataColumn("before", "変更前", TEXT, "画面での表し方。", _of_field(lambda f: f.before)),
    DataColumn("after", "変更後", TEXT, "画面での表し方。", _of_field(lambda f: f.after)),
    DataColumn(
        "number_before",
        "変更前の数値",
        NUMBER,
        "項目が数値のとき、単位の列の単位による値。",
        _of_field(lambda f: f.number_before),
    ),
    DataColumn(
        "number_after",
        "変更後の数値",
        NUMBER,
        "項目が数値のとき、単位の列の単位による値。",
        _of_field(lambda f: f.number_after),
    ),
    DataColumn("unit", "単位", TEXT, "指標の単位。", _unit),
    DataColumn(
        "reason",
        "理由",
        TEXT,
        "変更の理由。差戻しの理由を含みます。",
        _of_change(lambda c: c.reason),
    ),
    DataColumn(
        "confirmed_value",
        "確認された値",
        TEXT,
        "確認済みになったことのある値の変更で、その前に確認された値。",
        _of_confirmation(lambda c: c.value),
    ),
    DataColumn(
        "confirmed_by",
        "確認した人",
        TEXT,
        "その値を確認した人。",
        _of_confirmation(lambda c: c.by.name),
    ),
    DataColumn(
        "confirmed_on",
        "確認日",
        DAY,
        "その値を確認した日。日本時間。",
        _of_confirmation(lambda c: f"{c.day}"),
    ),
)

MOVE_COLUMNS = (
    DataColumn(
        "indicator_code", "指標コード", TEXT, "指標を表す符号。", lambda m: m.indicator_code
    ),
    DataColumn("indicator", "指標名", TEXT, "指標の名称。", lambda m: m.indicator),
    DataColumn("section", "担当課", TEXT, "指標に責任を持つ課。", lambda m: m.section),
    DataColumn(
        "entering_section", "入力課", TEXT, "実績値を入力する課。", lambda m: m.entering_section
    ),
    DataColumn("fiscal_year", "年度（西暦）", INTEGER, "値の年度。", lambda m: m.fiscal_year),
    DataColumn(
        "fiscal_year_era", "年度（和暦）", TEXT, "値の年度。", lambda m: era_label(m.fiscal_year)
    ),
    DataColumn("value", "実績値", NUMBER, "値の年度の値。", lambda m: m.move.value),
    DataColumn(
        "before_fiscal_year",
        "前の値の年度（西暦）",
        INTEGER,
        "その前に値がある年度。",
        lambda m: m.move.before_year,
    ),
    DataColumn("before", "前の値", NUMBER, "前の値の年度の値。", lambda m: m.move.before),
    DataColumn("difference", "増減", NUMBER, "実績値と前の値の差。", lambda m: m.move.difference),
    DataColumn(
        "percent",
        "増減率（％）",
        NUMBER,
        "増減を前の値で割ったもの。前の値が0のときは空欄です。",
        lambda m: m.percent,
    ),
    DataColumn(
        "usual",
        "いつもの動き",
        NUMBER,
        "その指標のほかの年度の増減の大きさの中央値。年度が少ないときは空欄です。",
        lambda m: m.move.usual,
    ),
    DataColumn(
        "unit", "単位", TEXT, "実績値、前の値、増減といつもの動きの単位。", lambda m: m.unit
    ),
    DataColumn("state", "状態", TEXT, "実績値の状態。", lambda m: m.state),
    DataColumn(
        "person_number", "入力した人の職員番号", TEXT, "実績値を入力した人。", lambda m: m.by.number
    ),
    DataColumn("person", "入力した人", TEXT, "実績値を入力した人。", lambda m: m.by.name),
    DataColumn("entered_on", "入力日", DAY, "実績値を入力した日。日本時間。", lambda m: f"{m.day}"),
)
"""The columns for changes/unexplained_moves.py: one value per row."""


def invented_column(invented: bool) -> DataColumn:
    """Return a column that says whether this installation's values are invented."""
    definition = "この環境の実績値が架空のもの（試用）なら1、実際の値なら0。"
    return DataColumn("invented", "架空の値", INTEGER, definition, lambda _: int(invented))


def change_code_rows(columns: Iterable[DataColumn]) -> list[tuple[str, str, str, str]]:
    """Return (name, header, code, label) for every code of the coded columns."""
    tables = {
        "kind_code": HistoryKind.choices,
        "correction_code": Actual.ChangeKind.choices,
        "door_code": Door.choices,
    }
    return [
        (column.name, column.header, code, str(label))
        for column in columns
        for code, label in tables.get(column.name, ())
    ]


MOVES_RULE = (
    f"前の値から{LARGE_SHARE:.0%}以上動いた値（いつもその大きさで動く指標を除く）と、"
    f"いつもの動きの{LARGE_MULTIPLE}倍以上動いた値のうち、備考のないものです。"
).replace("%", "％")


def cells(columns: Iterable[DataColumn], row: ChangedField | UnexplainedMove) -> list[Cell]:
    """Return the cells of a row; line breaks are removed, so that one record is one line."""
    return in_one_line(column.read(row) for column in columns)
