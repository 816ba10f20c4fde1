"""The sheet 表紙 (A4): what the file is, its date and author, how to read it, and its digest."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from xlsxwriter import Workbook

from goals.models import period_label
from indicators.duties import SectionsInTime
from japanese.calendar_days import day_label
from japanese.fiscal_years import full_label
from plans.counting import count_listings, count_projects, project_sentence
from plans.nodes import StrategyTree
from reports.data_description import INVENTED_NOTE
from reports.sheets.addresses import (
    CALCULATION,
    CHANGES,
    CHART,
    CODES,
    CONDITIONS,
    COVER,
    DATA,
    EVIDENCE,
    METADATA,
    OPEN_POINTS,
    SUMMARY,
    YEAR_BEFORE,
    sheets_of,
)
from reports.sheets.page import Page, PrintedColumn
from tables.print_setup import A4
from tables.sheet_cells import HEADER_FILL, in_rows, row_height

_NAME_WIDTH, _TEXT_WIDTH = 16, 76
_COLUMNS = (PrintedColumn("", _NAME_WIDTH), PrintedColumn("", _TEXT_WIDTH))

_TARGETS_AND_KPIS, _PROJECTS = "{names.targets}、{names.kpis}", "{names.projects}"
_READING = (
    (
        SUMMARY,
        "{words.goal}と{words.measure_short}ごとの、判定の件数。「計算」の判定を数える数式です。",
    ),
    (
        _TARGETS_AND_KPIS,
        "計画の順に、目標、実績、目安値、率、判定。印刷用。目安値から判定までは数式です。",
    ),
    (CONDITIONS, "対象年度、計画期間、判定の境の割合、判定の名称。すべての数式がここを見ます。"),
    (
        CALCULATION,
        "一つの指標が一行。入力から判定まで、一段ごとに一列。列の意味は見出しの上にあります。",
    ),
    (
        YEAR_BEFORE,
        "「前年度の判定」の計算。年度による段だけを、対象年度の前の年度でもう一度。ほかは「計算」にあります。"
        "改訂で内容が変わった指標は、前年度の内容による判定を、数式ではなく文字で示します。",
    ),
    (CHART, "一覧から選んだ指標の、実績、目安値、目標値の推移。"),
    (
        _PROJECTS,
        "計画の順に、{words.category}、{words.project_short}名、再掲元、内容、実施主体。",
    ),
    (
        DATA,
        "機械で読むためのデータ。一つの指標の、一つの年度の、一つの値が一行。数式はありません。",
    ),
    (f"{CODES}、{METADATA}", "「データ」のコードの名称と、列と指標の定義、算出方法、出典。"),
    (CHANGES, "この計画に関わるすべての変更。いつ、だれが、何を、何から何に、なぜ変えたか。"),
    (
        OPEN_POINTS,
        "根拠資料のない値、確認後に変更された値、大きく動いた値、読み方の確認されていない指標。",
    ),
    (
        EVIDENCE,
        "添付されている根拠資料のファイル。どの指標のどの年度の値か、大きさ、添付した人、SHA-256。",
    ),
)


@dataclass(frozen=True)
class Facts:
    """Facts about a file that are not in the tree: who exports it, and when (timezone-aware).

    `may_see_evidence` says of which indicators and years that person may see the 根拠資料.
    """

    by: str
    at: datetime
    may_see_evidence: Callable[[SectionsInTime, int], bool] = lambda in_time, fiscal_year: True


@dataclass(frozen=True)
class CoverKind:
    """What a cover says of its workbook: the title, facts before the usual ones, the sheets that it
    has not and those that it has besides, with what each is for.
    """

    title: str = "検証報告書"
    facts: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()
    sheets: tuple[tuple[str, str], ...] = ()


REPORT = CoverKind()


def write_cover(
    workbook: Workbook, tree: StrategyTree, facts: Facts, digest: str, kind: CoverKind = REPORT
) -> None:
    """Add the sheet; `digest` is the SHA-256 of the rows of データ."""
    page = Page(workbook, tree, COVER, A4)
    page.title(kind.title, _COLUMNS)
    page.set_columns(_COLUMNS)
    about = (*kind.facts, *_about(tree, facts, digest))
    row = _write_table(page, 3, f"この{kind.title}", about)
    row = _write_table(page, row + 1, "シート", _reading(tree, kind))
    _write_table(page, row + 1, "読み方", _guide(tree, kind))
    page.set_up(_COLUMNS, 2)


def _reading(tree: StrategyTree, kind: CoverKind) -> tuple[tuple[str, str], ...]:
    """Return what each sheet is for, in the words of the plan."""
    about = {"words": tree.words, "names": sheets_of(tree.words)}
    told = [(name, text) for name, text in _READING if name not in kind.without]
    return tuple(
        (name.format(**about), text.format(**about)) for name, text in (*told, *kind.sheets)
    )


def _write_table(page: Page, row: int, title: str, rows: tuple[tuple[str, str], ...]) -> int:
    """Write names with their texts under a title; return the next free row."""
    page.cells.text(row, 0, title, bold=True, font_size=11)
    page.set_row(row, 18)
    pieces = [(name, piece) for name, text in rows for piece in in_rows(text, _TEXT_WIDTH)]
    for name, text in pieces:
        row += 1
        look = {"border": 1, "text_wrap": True}
        page.cells.text(row, 0, name, bold=True, bg_color=HEADER_FILL, **look)
        page.cells.text(row, 1, text, **look)
        page.set_row(row, row_height([(name, _NAME_WIDTH), (text, _TEXT_WIDTH)]))
    return row + 1


def _about(tree: StrategyTree, facts: Facts, digest: str) -> tuple[tuple[str, str], ...]:
    year, count = tree.fiscal_year, count_listings(tree.listings)
    confirmed = sum(listing.is_confirmed for listing in tree.listings)
    exported = timezone.localtime(facts.at)
    return (
        ("計画", f"{tree.title}（{tree.city}、団体コード {tree.city_code}、{tree.code}）"),
        ("計画期間", period_label(tree.period.first, tree.period.last)),
        *(
            [("計画の改訂", "、".join(revision.label for revision in tree.revisions))]
            if tree.revisions
            else []
        ),
        ("実施年度", full_label(year + 1)),
        ("対象年度", f"{full_label(year)}の実績"),
        (
            "データの時点",
            f"{day_label(tree.as_of)}の終了時点" if tree.as_of else "出力した時点",
        ),
        ("出力", f"{exported:%Y-%m-%d %H:%M:%S}　{facts.by}"),
        ("出力の範囲", tree.part or "計画の全体"),
        ("指標", f"{count.total}指標{count.note}{count.apart}。読み方を確認済み{confirmed}件"),
        (
            tree.words.project_short,
            project_sentence(count_projects(tree.projects), tree.words),
        ),
        (
            "値",
            INVENTED_NOTE if tree.invented else "実績値は、担当課が入力した実際の値です。",
        ),
        ("データのSHA-256", digest),
    )


def _guide(tree: StrategyTree, kind: CoverKind) -> tuple[tuple[str, str], ...]:
    names = sheets_of(tree.words)
    long_sheets = (CALCULATION, YEAR_BEFORE, DATA, CODES, METADATA, CHANGES)
    header_only = "".join(f"「{name}」" for name in long_sheets if name not in kind.without)
    listings = f"「{names.targets}」「{names.kpis}」"
    return (
        (
            "数式をたどる",
            f"{listings}の判定のセルを選び、数式タブの「参照元のトレース」を押すと、"
            f"「{CALCULATION}」の段を経て、目標値と実績に着きます。",
        ),
        (
            "値を変えてみる",
            "次のセルを書き換えると、判定、件数、グラフが計算し直されます。"
            "薄い黄色の欄がそれです。貼り付けた文字のように判定に使えない値は、赤くなります。"
            f"{listings}の種類、基準値、目標値、実績。「{CONDITIONS}」の値。"
            f"「{CALCULATION}」の「入力」の列。「{CHART}」の指標。再掲の指標の実績は、先に掲げた行で変えます。"
            "システムの値は変わりません。",
        ),
        (
            "印刷する",
            f"ブック全体を印刷すると、{header_only}は見出しだけを印刷します（画面で見るための、枚数の多い表です）。"
            "すべてを印刷するときは、そのシートを開き、"
            "「ページ レイアウト」の「印刷範囲」で「印刷範囲のクリア」を選びます。"
            f"「{CALCULATION}」と年度の多い表は、横に並ぶ何枚かの紙に分かれ、どの紙にも左端の列があります。"
            "文字は8ポイント以上です。",
        ),
        (
            "大きな数",
            "Excelは、数を15桁までしか正しく表せません。16桁以上の数は、下の桁が0になり、判定も変わる"
            f"ことがあります。正しい値は「{DATA}」のCSVファイルにあります。",
        ),
        (
            "SHA-256を確かめる",
            "同じ条件で受け取った「データ」のCSVファイルのSHA-256です。"
            f'CSVは「{DATA}」の全行を、UTF-8（BOM付き）、改行CRLF、必要な欄だけを"で囲み、'
            "=、+、-、@（全角を含む）、タブで始まる文字の前に'を付けて書いたものです。"
            f"「{DATA}」のシートを「CSV UTF-8（コンマ区切り）」で保存したものとも、"
            "'を除いて同じです。"
            "コマンド certutil -hashfile ファイル名 SHA256 の結果と比べます。",
        ),
        *((("注記", tree.note),) if tree.note else ()),
    )
