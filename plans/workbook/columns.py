"""The sheets and columns of 計画様式.xlsx.

form.py writes them. reading.py finds them again, even if they were moved or called by another of
their usual names. A column's `key` is the name under which a row has the text of its cell.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from indicators.models import Indicator
from indicators.plan_words import STANDARD_WORDS, WORD_NAMES, Words
from indicators.rules.scales import FLAGS, NAMES, TERMS
from indicators.rules.terms import Band, BaselineKind, Direction, Kind, Relation, Status, choices_of
from tables.cells import NO, YES

EXAMPLE_MARK = "例"
"""The word in the first column of a row that only shows how to fill in the sheet."""

CONFIRMED, UNCONFIRMED = "確認済み", "未確認"


@dataclass(frozen=True)
class PlanColumn:
    """A column: its header, other headers that are read as this one, and its width.

    `choices` fill the drop-down list. `is_detail`: a column that planning may leave empty; they
    stand together at the right. `is_text`: the cell keeps what is typed, so that 1-1 does not
    become a date. `is_inherited`: an empty cell means the same as the one above it.
    """

    key: str
    header: str
    width: float
    help: str = ""
    also: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    is_detail: bool = False
    is_text: bool = True
    is_inherited: bool = False
    is_number: bool = False


@dataclass(frozen=True)
class SheetPlan:
    """A sheet with a row for each object; `required` are the columns that every row fills."""

    key: str
    title: str
    columns: tuple[PlanColumn, ...]
    required: tuple[str, ...]
    also: tuple[str, ...] = ()
    help: str = ""
    by_year: bool = False
    """Whether a column for each fiscal year follows."""

    def column(self, key: str) -> PlanColumn:
        return next(column for column in self.columns if column.key == key)


def labels_of(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(label for _, label in pairs)


KIND_CODES = {label: code for code, label in choices_of(Kind)}
DIRECTIONS = {label: code for code, label in choices_of(Direction)}
BASELINE_KINDS = {label: code for code, label in choices_of(BaselineKind)}
RELATIONS = {label: code for code, label in choices_of(Relation)}
MOMENTS = {str(label): code for code, label in Indicator.Moment.choices}
STANDARD_CATEGORIES = (STANDARD_WORDS.uncategorised, *STANDARD_WORDS.category_names)

_YES_NO = (YES, NO)

_GOAL = PlanColumn(
    "goal", "基本目標", 12, "基本目標の番号か名称。空欄なら、上の行と同じです。", is_inherited=True
)
_MEASURE = PlanColumn(
    "measure",
    "具体的施策",
    14,
    "「1-ア-①」のような番号か、施策の名称。基本目標の直下のKPIは「基本目標1」。"
    "空欄なら、上の行と同じです。",
    also=("施策", "具体的な施策", "施策名"),
    is_inherited=True,
)
_NUMBER = PlanColumn(
    "position", "番号", 4.5, "①、1など。空欄なら、上から順に付けます。", also=("No", "No.", "№")
)

_LISTING = (
    PlanColumn(
        "name",
        "指標名",
        24,
        "計画に書かれているとおりの名称。",
        also=(
            "指標",
            "KPI",
            "記載名",
            "数値目標",
            "重要業績評価指標",
            "重要業績評価指標(KPI)",
            "成果指標",
            "項目",
        ),
    ),
    PlanColumn(
        "sentence",
        "目標の文言",
        26,
        "計画に書かれているとおりの文言。基準値・目標値の欄だけで書くときは空欄。",
        also=("目標", "文言"),
    ),
    PlanColumn("unit", "単位", 6, "人、件、％、千円など。"),
    PlanColumn(
        "baseline",
        "基準値",
        8,
        "単位の欄の単位で。文言に書かれていれば空欄でもかまいません。",
        also=("現状値", "基準", "現状"),
        is_number=True,
    ),
    PlanColumn(
        "baseline_year",
        "基準年度",
        8,
        "R6、令和6年度、2024など。",
        also=("基準値の年度", "現状値の年度", "現状年度"),
    ),
    PlanColumn(
        "target",
        "目標値",
        8,
        "単位の欄の単位で。文言に書かれていれば空欄でもかまいません。",
        is_number=True,
    ),
    PlanColumn("target_year", "目標年度", 8, "計画の最後の年度なら空欄。"),
    PlanColumn(
        "kind",
        "種類",
        9,
        "空欄なら、文言か数から読み取ります（読み方未確認）。",
        choices=tuple(KIND_CODES),
    ),
    PlanColumn(
        "direction",
        "方向",
        11,
        "空欄なら、文言か数から読み取ります（読み方未確認）。",
        also=("改善の方向",),
        choices=tuple(DIRECTIONS),
    ),
    PlanColumn("section", "担当課", 12, "この指標に責任を持つ課。", also=("所管課", "担当")),
    PlanColumn("entered_by", "入力する課", 12, "空欄なら、担当課と同じです。", is_detail=True),
    PlanColumn(
        "moment",
        "値の時点",
        9,
        "空欄なら、期末水準は年度末、ほかは年度計とします。",
        choices=tuple(MOMENTS),
        is_detail=True,
    ),
    PlanColumn(
        "decimals",
        "小数点以下の桁数",
        7,
        "0から4まで。空欄なら、文言と数から決めます。",
        is_detail=True,
        is_number=True,
    ),
    PlanColumn("display_unit", "表示単位", 7, "円を千円で表示するときなど。", is_detail=True),
    PlanColumn("method", "算出方法", 20, is_detail=True),
    PlanColumn("source", "出典", 16, is_detail=True),
    PlanColumn(
        "baseline_kind",
        "基準値の種類",
        14,
        "空欄なら現状値です。",
        choices=tuple(BASELINE_KINDS),
        is_detail=True,
    ),
    PlanColumn(
        "tolerance", "許容幅", 7, "後退とみなさない悪化の幅。", is_detail=True, is_number=True
    ),
    PlanColumn(
        "upper",
        "目標値の上限",
        8,
        "「20～30」のような範囲の目標だけ。",
        is_detail=True,
        is_number=True,
    ),
    PlanColumn(
        "relation",
        "比べる値",
        14,
        "「前年度以上」のように数のない目標だけ。",
        choices=tuple(RELATIONS),
        is_detail=True,
    ),
    PlanColumn("reference", "比べる指標", 14, "比べる指標の指標コード。", is_detail=True),
    PlanColumn("part", "番号の枝", 5, "一つの文言に数が二つあるときの a、b。", is_detail=True),
    PlanColumn("ratio", "分子と分母で入力", 7, choices=_YES_NO, is_detail=True),
    PlanColumn("running_total", "累計で入力", 7, choices=_YES_NO, is_detail=True),
    PlanColumn(
        "carry_years",
        "前の値で代えられる年数",
        7,
        "調査のない年度を、何年前までの値で代えるか。",
        is_detail=True,
        is_number=True,
    ),
    PlanColumn("minimum", "入力できる最小値", 8, is_detail=True, is_number=True),
    PlanColumn("maximum", "入力できる最大値", 8, is_detail=True, is_number=True),
    PlanColumn(
        "indicator_name", "指標の一覧での名称", 20, "空欄なら、指標名と同じです。", is_detail=True
    ),
    PlanColumn(
        "confirmed",
        "読み方の確認",
        9,
        "確かめた読み方だけ「確認済み」とします。",
        choices=(CONFIRMED, UNCONFIRMED),
        is_detail=True,
    ),
    PlanColumn("doubts", "読み方の疑問点", 24, "一行に一つ。", is_detail=True),
    PlanColumn(
        "indicator",
        "指標コード",
        16,
        "同じ指標には同じ文字。空欄なら、こちらで付けます。",
        is_detail=True,
    ),
)

_CARRIED = (
    PlanColumn(
        "sdgs", "SDGs", 8, "1から17までの番号。例：3、11", is_detail=True, also=("SDGsの番号",)
    ),
    PlanColumn("grants", "交付金", 14, "シート「交付金」の番号か名称。例：1、2", is_detail=True),
    PlanColumn("general_plan_code", "総合計画コード", 10, is_detail=True, also=("総合計画",)),
)

GOALS = SheetPlan(
    "goals",
    "基本目標",
    (
        _NUMBER,
        PlanColumn("title", "名称", 50, "計画に書かれているとおりの名称。", also=("基本目標",)),
        PlanColumn(
            "cross", "横断的目標", 8, "ほかの目標すべてに関わるものは「はい」。", choices=_YES_NO
        ),
    ),
    ("title",),
    help="基本目標を一行に一つ書きます。",
)
TARGETS = SheetPlan(
    "targets",
    "数値目標",
    (_GOAL, _NUMBER, *_LISTING),
    ("goal", "name"),
    help="基本目標ごとの数値目標を一行に一つ書きます。なければ、空のままにします。",
)
GROUPS = SheetPlan(
    "groups",
    "施策の区分",
    (
        _GOAL,
        PlanColumn("symbol", "記号", 6, "ア、Aなど。かっこは付けません。", also=("区分",)),
        PlanColumn("title", "名称", 50, "計画に書かれているとおりの名称。", also=("施策の区分",)),
    ),
    ("goal", "symbol"),
    also=("区分", "施策区分"),
    help="（ア）（イ）のような区分のない計画では、空のままにします。",
)
MEASURES = SheetPlan(
    "measures",
    "具体的施策",
    (
        _GOAL,
        PlanColumn(
            "group",
            "区分",
            7,
            "施策の区分の記号。区分のない計画では空欄。結合していない空欄は、上の行と同じです。",
            also=("施策の区分", "記号"),
            is_inherited=True,
        ),
        _NUMBER,
        PlanColumn(
            "title",
            "名称",
            50,
            "計画に書かれているとおりの名称。",
            also=("具体的施策", "施策", "施策名"),
        ),
        *_CARRIED,
    ),
    ("goal", "title"),
    also=("施策", "具体的な施策"),
    help="具体的施策を一行に一つ書きます。",
)
KPIS = SheetPlan(
    "kpis",
    "KPI",
    (_MEASURE, _NUMBER, *_LISTING, *_CARRIED),
    ("measure", "name"),
    also=("重要業績評価指標", "重要業績評価指標(KPI)", "成果指標"),
    help="施策ごとの重要業績評価指標を一行に一つ書きます。",
)
PROJECTS = SheetPlan(
    "projects",
    "具体的事業",
    (
        _MEASURE,
        _NUMBER,
        PlanColumn("category", "区分", 7, "空欄は継続です。", choices=STANDARD_CATEGORIES),
        PlanColumn(
            "name",
            "事業名",
            30,
            "再掲の事業には「（再掲）」を付けます。",
            also=("名称", "具体的事業", "事業", "事務事業名"),
        ),
        PlanColumn(
            "content",
            "内容",
            36,
            "「内容／実施主体」の形でもかまいません。",
            also=("事業内容", "事業概要", "概要"),
        ),
        PlanColumn("implementer", "実施主体", 18, "市の事業は空欄。"),
        PlanColumn(
            "home",
            "再掲元",
            14,
            "同じ名称の事業がいくつもあるとき、最初に掲げた事業の施策（1-ア-①）か、その番号まで（1-ア-①-2）。",
        ),
        PlanColumn(
            "section", "担当課", 12, "事業を担当する課。", is_detail=True, also=("所管課", "担当")
        ),
        PlanColumn("budget_item", "予算科目", 16, is_detail=True),
        *_CARRIED,
    ),
    ("measure", "name"),
    also=("事業", "主な事業", "主な取組", "事務事業"),
    help="施策ごとの事業を一行に一つ書きます。",
)

GRANTS = SheetPlan(
    "grants",
    "交付金",
    (
        _NUMBER,
        PlanColumn("name", "名称", 30, "交付金の名称。", also=("交付金",)),
        PlanColumn("type", "種類", 20, "例：推進タイプ"),
        PlanColumn("first_year", "最初の年度", 9),
        PlanColumn("last_year", "最後の年度", 9),
    ),
    ("name",),
    help="施策、KPI、事業の「交付金」の欄で使う交付金。なければ、空のままにします。",
)

_LISTED = PlanColumn("listing", "指標", 16, "「数値目標1-①」「KPI1-ア-①-2」などの番号か、指標名。")
_ITS_NAME = PlanColumn("name", "指標名", 30, "番号を書いたときは、その指標の名称か空欄。")

YEARLY = SheetPlan(
    "yearly",
    "年度別目標値",
    (_LISTED, _ITS_NAME),
    ("listing",),
    help="年度ごとの目標値を計画が定めている指標だけ。期間累計の目標では、その年度までの累計を書きます。",
    by_year=True,
)
SECTION_SHEET = SheetPlan(
    "sections",
    "担当課",
    (
        PlanColumn("name", "担当課", 20, "課の名称。", also=("名称", "課名", "課")),
        PlanColumn("department", "部", 20, "分かれば。"),
    ),
    ("name",),
    help="新しく登録する課。登録してある課は、書かなくてもかまいません。",
)
ACTUALS = SheetPlan(
    "actuals",
    "実績値",
    (_LISTED, _ITS_NAME),
    ("listing",),
    help="これまでの年度の実績値が分かれば書きます。単位は、KPIや数値目標のシートの単位です。",
    by_year=True,
)

SHEETS = (GOALS, TARGETS, GROUPS, MEASURES, KPIS, PROJECTS, YEARLY, SECTION_SHEET, GRANTS, ACTUALS)
"""The sheets with a row for each object, in the order of the workbook; 計画 comes first."""


def sheets_in(words: Words) -> tuple[SheetPlan, ...]:
    """Return the sheets with titles and headers in the words of a plan.

    The standard words are read as well.
    """
    if words == STANDARD_WORDS:
        return SHEETS
    titles = {
        "goals": words.goal,
        "targets": words.numeric_target,
        "groups": words.group,
        "measures": words.measure,
        "kpis": words.kpi_short,
        "projects": words.project,
    }
    headers = {
        "基本目標": words.goal,
        "横断的目標": words.cross_goal,
        "具体的施策": words.measure,
        "事業名": f"{words.project_short}名",
    }

    def column_in(sheet: SheetPlan, column: PlanColumn) -> PlanColumn:
        own = headers.get(column.header, column.header)
        if column.header == "区分":
            own = words.group if sheet.key == "measures" else words.category
        choices = column.choices
        if column.key == "category":
            choices = categories_of(words)
        return replace(
            column,
            header=own,
            also=(column.header, *column.also),
            choices=choices,
            help=_in_words(column.help, words),
        )

    return tuple(
        replace(
            sheet,
            title=titles.get(sheet.key, sheet.title),
            also=(sheet.title, *sheet.also),
            columns=tuple(column_in(sheet, column) for column in sheet.columns),
            help=_in_words(sheet.help, words),
        )
        for sheet in SHEETS
    )


def _in_words(text: str, words: Words) -> str:
    """Return a text with the plan's words instead of the standard ones, the longest first."""
    for name in ("goal", "numeric_target", "group", "measure", "project", "kpi_short"):
        text = text.replace(getattr(STANDARD_WORDS, name), getattr(words, name))
    return text


def categories_of(words: Words) -> tuple[str, ...]:
    """Return the words for 区分 of projects as people choose them; an empty one comes first."""
    return (*filter(None, (words.uncategorised,)), *words.category_names)


class Item(NamedTuple):
    """A line of the sheet 計画: a name on the left, its content beside it."""

    key: str
    name: str
    help: str = ""
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    is_number: bool = False


PLAN_TITLE = "計画"
ITEM, CONTENT, EXPLANATION = "項目", "内容", "説明"

BASICS = (
    Item("title", "名称", "計画の名称。", also=("計画名", "計画の名称")),
    Item("city", "市町村名", "例：○○市", also=("自治体名", "市区町村名")),
    Item("city_code", "団体コード", "6桁の数字（全国地方公共団体コード）。"),
    Item("first", "最初の年度", "R7、令和7年度、2025など。"),
    Item("last", "最後の年度", "R11、令和11年度、2029など。"),
    Item(
        "code",
        "計画のコード",
        "画面のアドレスになる半角英数字。空欄なら、こちらで付けます。",
        also=("コード",),
    ),
    Item(
        "default_section",
        "担当課が空欄の指標の課",
        "担当課が決まっていない指標を、仮に置く課。空欄なら「担当課未定」とします。",
    ),
    Item("note", "注記", "登録に当たって仮に定めたことなど。"),
    Item("invented", "架空の値を含む", "試用のための計画なら「はい」。", _YES_NO),
)


AT_TARGET = "目標値以上（以下）"
"""The status whose word depends on the direction and the kind."""


def _scale_items() -> Iterator[Item]:
    for key, name in NAMES.items():
        if key in ("labels", "marks"):
            continue
        if key in TERMS:
            yield Item(
                f"scale.{key}", name, "空欄なら標準のもの。", labels_of(choices_of(TERMS[key]))
            )
        elif key in FLAGS:
            yield Item(f"scale.{key}", name, "空欄なら標準のもの。", _YES_NO)
        else:
            yield Item(f"scale.{key}", f"{name}（％）", "空欄なら標準のもの。", is_number=True)
    for status in Status:
        name = status.word or AT_TARGET
        yield Item(f"labels.{status.value}", f"呼び方：{name}", "違う呼び方をするときだけ。")
    for band in Band:
        yield Item(f"marks.{band.value}", f"印：{band.label}", "違う印を使うときだけ。")
    for status in Status:
        name = status.word or AT_TARGET
        yield Item(f"marks.{status.value}", f"印：{name}", "この判定だけ違う印を使うとき。")


SCALE_ITEMS = tuple(_scale_items())

NOT_OF_THE_CITY_MARK = "（市以外）"
"""Stands behind a 区分 whose projects are not the city's."""

_WORD_HELP = {
    "categories": f"例：新規、拡充、民間等{NOT_OF_THE_CITY_MARK}。「、」で区切ります。",
    "uncategorised": "区分が空欄の事業の意味。",
}
WORD_ITEMS = tuple(
    Item(f"words.{key}", name, _WORD_HELP.get(key, "違う呼び方をするときだけ。"))
    for key, name in WORD_NAMES.items()
)

ITEM_PARTS: tuple[tuple[str, tuple[Item, ...]], ...] = (
    ("計画", BASICS),
    ("階層などの呼び方", WORD_ITEMS),
    ("判定の決め方", SCALE_ITEMS),
)
"""The lines of the sheet 計画 under their headings."""


# Cached because hundreds of rows name the same goals, measures and headers.
@lru_cache(maxsize=20_000)
def same(text: str) -> str:
    """Return a text for comparison: without spaces, widths, cases and forms of brackets."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s・:：()（）「」【】\[\]]", "", folded)
