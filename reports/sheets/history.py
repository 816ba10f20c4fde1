"""The sheets 変更履歴 (A3) and 未確認の点 (A4): who changed what, and points for auditors."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from xlsxwriter import Workbook

from changes.change_columns import MOVES_RULE, changed_fields
from changes.field_changes import FieldChange
from changes.past_changes import PastChange
from changes.value_records import Key, ValueRecord
from indicators.models import Actual
from indicators.plan_words import Words
from indicators.rules.moves import is_large, moves
from japanese.fiscal_years import era_label, full_label
from japanese.numerals import format_number, round_to
from plans.nodes import ListingNode, StrategyTree
from reports.sheets.addresses import CHANGES, HEADER_ROW, OPEN_POINTS
from reports.sheets.page import Line, Page, PrintedColumn
from tables.print_setup import A3, A4

_CHANGE_COLUMNS = (
    PrintedColumn("日時", 12),
    PrintedColumn("変更した人", 11, least=8),
    PrintedColumn("担当課", 9, least=6),
    PrintedColumn("種類", 9, least=7),
    PrintedColumn("操作", 4, "center"),
    PrintedColumn("変更の種類", 7, least=5),
    PrintedColumn("対象の区分", 9, least=7),
    PrintedColumn("対象", 22, least=16),
    PrintedColumn("値の年度", 6),
    PrintedColumn("項目", 9),
    PrintedColumn("変更前", 18, least=14),
    PrintedColumn("変更後", 18, least=14),
    PrintedColumn("理由", 17, least=12),
    PrintedColumn("入力経路", 6),
)
_POINT_COLUMNS = (
    PrintedColumn("点", 12),
    PrintedColumn("指標", 22, least=16),
    PrintedColumn("年度", 6.5),
    PrintedColumn("担当課", 8),
    PrintedColumn("内容", 34, least=26),
    PrintedColumn("だれが", 8),
    PrintedColumn("いつ", 7),
)
UNCONFIRMED_READING = "読み方未確認"
NO_EVIDENCE = "根拠資料のない値"
CHANGED_AFTER_CONFIRMATION = "確認後に変更された値"
UNEXPLAINED_MOVE = "備考がなく大きく動いた値"


def write_changes_sheet(
    workbook: Workbook, tree: StrategyTree, changes: Sequence[PastChange]
) -> None:
    """Add the sheet 変更履歴: one row per changed field, newest first."""
    lines = [_change_line(tree.words, row.change, row.field) for row in changed_fields(changes)]
    page = Page(workbook, tree, CHANGES, A3, whole_texts=True)
    page.write(
        _CHANGE_COLUMNS,
        lines,
        subtitle=f"変更履歴　{len(changes):,}件の変更（新しい順）",
        notes=(
            "一つの変更で複数の項目が変わったときは、項目ごとに一行です。"
            f"担当課は、値の年度の課です。年度のない行では、{era_label(tree.fiscal_year)}の課です。",
        ),
        frozen=1,
    )
    page.print_header_only(_CHANGE_COLUMNS, HEADER_ROW + 1)


def _change_line(words: Words, change: PastChange, field: FieldChange | None) -> Line:
    return [
        f"{change.local_time:%Y-%m-%d %H:%M:%S}",
        f"{change.by.name} {change.by.number}".strip(),
        change.section,
        change.kind.label,
        change.action,
        change.correction_label,
        words.of_standard(change.model_name),
        change.subject,
        era_label(change.fiscal_year) if change.fiscal_year else "",
        words.of_standard(field.name) if field else "",
        field.before if field else "",
        field.after if field else "",
        change.reason,
        change.door_label,
    ]


def write_open_points(
    workbook: Workbook,
    tree: StrategyTree,
    changes: Iterable[PastChange],
    records: Mapping[Key, ValueRecord],
) -> None:
    """Add the sheet 未確認の点."""
    firsts = [listing for listing in tree.listings if listing.first_listing]
    groups = (
        _unconfirmed_readings(tree),
        _changed_after_confirmation(changes),
        _unexplained_moves(tree, firsts, records),
        _without_evidence(tree, firsts, records),
    )
    lines = [line for group in groups for line in group]
    counts = "、".join(
        f"{name}{sum(line[0] == name for line in lines)}件"
        for name in (UNCONFIRMED_READING, CHANGED_AFTER_CONFIRMATION, UNEXPLAINED_MOVE, NO_EVIDENCE)
    )
    page = Page(workbook, tree, OPEN_POINTS, A4)
    page.write(
        _POINT_COLUMNS,
        lines,
        subtitle=f"未確認の点　{counts}",
        notes=(
            f"{UNEXPLAINED_MOVE}：{MOVES_RULE}",
            f"{NO_EVIDENCE}：計画期間の実績値のうち、根拠資料のファイルが添付されていないものです。",
            "ここに挙がることは、誤りを意味しません。担当課に尋ねるための一覧です。",
        ),
        frozen=2,
    )


def _unconfirmed_readings(tree: StrategyTree) -> Iterable[Line]:
    for listing in tree.listings:
        if not listing.is_confirmed:
            doubts = "\n".join(listing.doubts) or "目標の読み方を、企画担当がまだ確認していません。"
            yield [
                UNCONFIRMED_READING, _name(listing), "", listing.indicator.section, doubts, "", "",
            ]  # fmt: skip


def _why(change: PastChange) -> str:
    facts = (("変更の種類", change.correction_label), ("理由", change.reason))
    return "\n".join(f"{name}：{text}" for name, text in facts if text)


def _changed_after_confirmation(changes: Iterable[PastChange]) -> Iterable[Line]:
    for change in changes:
        confirmed = change.confirmation
        if confirmed is None:
            continue
        what = "、".join(
            f"{f.name}：{f.before or '空欄'}→{f.after or '空欄'}" for f in change.fields
        )
        yield [
            CHANGED_AFTER_CONFIRMATION,
            change.subject,
            era_label(change.fiscal_year) if change.fiscal_year else "",
            change.section,
            f"{what or change.action}\n（確認された値：{confirmed.value}。{confirmed.day}に"
            f"{confirmed.by.name}が確認）\n{_why(change)}".strip(),
            change.by.name,
            f"{change.local_time:%Y-%m-%d\n%H:%M}",
        ]


def _unexplained_moves(
    tree: StrategyTree, firsts: Iterable[ListingNode], records: Mapping[Key, ValueRecord]
) -> Iterable[Line]:
    for listing in firsts:
        indicator = listing.indicator
        for move in moves(indicator.values):
            actual = indicator.actuals[move.year]
            explained = bool(actual.remarks.strip())
            if explained or not is_large(move, running_total=indicator.running_total):
                continue
            share = (
                ""
                if move.share is None
                else f"（{format_number(round_to(move.share * 100, 1), 1)}％）"
            )
            content = (
                f"{full_label(move.before_year)}の{_amount(listing, move.before)}から"
                f"{_amount(listing, move.value)}へ{share}"
            )
            yield _of_value(UNEXPLAINED_MOVE, listing, move.year, content, records)


def _without_evidence(
    tree: StrategyTree, firsts: Iterable[ListingNode], records: Mapping[Key, ValueRecord]
) -> Iterable[Line]:
    for listing in firsts:
        for year, value in sorted(listing.indicator.values.items()):
            record = records.get((listing.indicator.pk, year))
            if year in tree.period and not (record and record.has_evidence):
                state = Actual.State(listing.indicator.actuals[year].state).label
                content = f"{_amount(listing, value)}（{state}）"
                yield _of_value(NO_EVIDENCE, listing, year, content, records)


def _of_value(
    point: str,
    listing: ListingNode,
    year: int,
    content: str,
    records: Mapping[Key, ValueRecord],
) -> Line:
    record = records.get((listing.indicator.pk, year))
    return [
        point,
        _name(listing),
        era_label(year),
        listing.indicator.section,
        content,
        record.entered_by.name if record else "",
        f"{record.local_time:%Y-%m-%d\n%H:%M}" if record else "",
    ]


def _name(listing: ListingNode) -> str:
    return f"{listing.place} {listing.name}"


def _amount(listing: ListingNode, value: Decimal) -> str:
    return f"{listing.indicator.format(value)}{listing.indicator.shown_unit}"
