"""The sheet 根拠資料 (A4): the files attached to the values, with their SHA-256."""

from collections.abc import Iterable

from xlsxwriter import Workbook

from changes.value_records import EvidenceRecord
from japanese.fiscal_years import era_label
from plans.nodes import StrategyTree
from reports.sheets.addresses import EVIDENCE
from reports.sheets.cover import Facts
from reports.sheets.page import Line, Page, PrintedColumn, Shown
from tables.print_setup import A4

_COLUMNS = (
    PrintedColumn("指標", 18),
    PrintedColumn("年度", 6),
    PrintedColumn("担当課", 8),
    PrintedColumn("ファイル名", 16),
    PrintedColumn("大きさ\n（バイト）", 6, "right"),
    PrintedColumn("添付した日時", 6.5),
    PrintedColumn("添付した人", 8),
    PrintedColumn("SHA-256", 17),
)


def write_evidence(
    workbook: Workbook, tree: StrategyTree, facts: Facts, records: Iterable[EvidenceRecord]
) -> None:
    """Add the sheet, with the files that the person who exports the workbook may see."""
    shown = [
        one
        for one in records
        if facts.may_see_evidence(one.listing.indicator.in_time, one.fiscal_year)
    ]
    page = Page(workbook, tree, EVIDENCE, A4)
    page.write(
        _COLUMNS,
        [_line(record) for record in shown],
        subtitle=f"根拠資料　{len(shown):,}件",
        notes=(
            "指標と年度ごとに、添付されているファイルの一覧です。取り下げたファイルは載せません。",
            "企画担当と監査担当が受け取るとすべてのファイルが、担当課の人が受け取るとその課が担当し、"
            "又は入力する指標のファイルだけが載ります。",
            "ファイルのSHA-256は、コマンド certutil -hashfile ファイル名 SHA256 で確かめられます。",
        ),
        frozen=2,
    )


def _line(record: EvidenceRecord) -> Line:
    listing = record.listing
    return [
        f"{listing.place} {listing.name}",
        era_label(record.fiscal_year),
        listing.indicator.section,
        record.name,
        Shown(record.size),
        f"{record.local_time:%Y-%m-%d\n%H:%M}",
        record.added_by.name,
        record.sha256,
    ]
