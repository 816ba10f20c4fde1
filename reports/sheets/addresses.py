"""The layout of 検証報告書.xlsx: names of sheets, rows of listings, columns, cell references."""

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from indicators.plan_words import Words
from indicators.rules.terms import Status
from japanese.numerals import half_width
from plans.nodes import NUMERIC_TARGET, ListingNode, StrategyTree
from reports.sheets.cell_formulas import (
    STEPS,
    STEPS_OF_OTHER_KINDS,
    STEPS_OF_THE_YEAR,
    ComputedColumn,
)
from reports.sheets.names import sheet_names

COVER = "表紙"
SUMMARY = "総括表"
CONDITIONS = "条件"
CALCULATION = "計算"
YEAR_BEFORE = "前年度の計算"
CHART = "グラフ"
DATA = "データ"
CODES = "コード表"
METADATA = "メタデータ"
CHANGES = "変更履歴"
OPEN_POINTS = "未確認の点"
EVIDENCE = "根拠資料"

EVALUATIONS = "内部評価"
PROJECT_YEARS = "事業の実績"
COUNCIL = "有識者会議"
OPINIONS = "意見と市の考え方"
GRANTS = "交付金の検証"
OF_AN_EDITION = (EVALUATIONS, PROJECT_YEARS, COUNCIL, OPINIONS, GRANTS)
"""The sheets that only the workbooks of an edition have."""

FIXED_SHEETS = (
    COVER, SUMMARY, CONDITIONS, CALCULATION, YEAR_BEFORE, CHART, DATA, CODES, METADATA, CHANGES,
    OPEN_POINTS, EVIDENCE, *OF_AN_EDITION,
)  # fmt: skip
"""The sheets that are called the same in every plan; the others have the plan's words."""


@dataclass(frozen=True)
class LevelSheets:
    """The names of the sheets that are called like levels of the plan."""

    targets: str
    kpis: str
    projects: str


@lru_cache(maxsize=100)
def sheets_of(words: Words) -> LevelSheets:
    """Return these names in the words of a plan, different from those of the other sheets."""
    levels = [words.numeric_target, words.kpi_short, words.project]
    return LevelSheets(*sheet_names(levels, FIXED_SHEETS))


HEADER_ROW = 2
"""The header row of printed sheets; it and the rows above are repeated on every page."""

FIRST_CONDITION = 3
FIRST_STATUS = 22
"""Rows of 条件: the first of cell_formulas.CONDITIONS, and the first of the statuses."""

CALCULATION_HEADER = 4
"""The header row of 計算, above its first listing."""


_OF_THE_YEAR = (
    *STEPS_OF_THE_YEAR,
    *(step for step in STEPS_OF_OTHER_KINDS if step.key in ("aim", "side")),
)
COLUMNS_BEFORE = {step.key: column for column, step in enumerate(_OF_THE_YEAR, 1)}
"""The columns of 前年度の計算 by step. Its rows are those of 計算."""


def cell(sheet: str, row: int, column: int) -> str:
    """Return an absolute reference to a cell: '計算'!$A$1."""
    return f"'{sheet}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


def block(sheet: str, first_row: int, first: int, last_row: int, last: int) -> str:
    """Return an absolute reference to a rectangle of cells."""
    return f"'{sheet}'!{xl_range_abs(first_row, first, last_row, last)}"


@dataclass(frozen=True)
class InputColumn:
    """An input column of 計算, which people may change; with `per_year`, one column per year."""

    key: str
    header: str
    meaning: str
    per_year: bool = False


def about_columns(words: Words) -> tuple[InputColumn, ...]:
    """Return the columns that say what a row of 計算 is about, in the words of a plan."""
    target = words.numeric_target
    return (
        InputColumn("goal_number", words.goal, "番号。"),
        InputColumn("place", words.measure_short, f"{target}は「{target}」。"),
        InputColumn("listing", "指標", "番号と名称。"),
        InputColumn("relisted", "再掲", "前に掲げた指標を再び掲げたものは1。"),
    )


def place_in_formulas(words: Words, place: str) -> str:
    """Return the text for the place of a measure in 計算 and in the criteria of 総括表.

    COUNTIFS takes a criterion such as 1-1, of a plan without groups, for a day in January; words
    around the numbers prevent that.
    """
    if not re.fullmatch(r"[0-9-]+", half_width(place)):
        return place
    goal, _, rest = place.partition("-")
    return f"{words.goal}{goal}の{rest}"


INPUTS = (
    InputColumn("direction", "改善の方向", "大きいほどよいか、小さいほどよいか。"),
    InputColumn("baseline_kind", "基準値の種類", "「現状値」だけを起点とする。"),
    InputColumn("tolerance", "許容幅", "基準値からこの幅までの悪化は、後退としない。"),
    InputColumn("target_year", "目標年度", "西暦。空欄なら、計画の最終年度。"),
    InputColumn("listed_from", "載せた年度", "西暦。空欄なら、計画の初めから。"),
    InputColumn("decimals", "小数点以下の桁数", "指標の桁数。目安値は1桁多い。"),
    InputColumn("recorded", "記録の桁数", "登録された数値のうち、最も多い小数点以下の桁数。"),
    InputColumn("factor", "表示の倍率", "紙面の単位がいくつ分か。百万円なら1000000。"),
    InputColumn("carry", "代えてよい年数", "値のない年度を、何年前までの値で代えてよいか。"),
    InputColumn("running", "累計で入力", "実績が初めから累計なら「はい」。"),
    InputColumn("minimum", "最小値", "入力できる最小値。見込みに使う。紙面の単位。"),
    InputColumn("maximum", "最大値", "入力できる最大値。見込みに使う。紙面の単位。"),
    InputColumn("confirmed", "読み方", "「未確認」の指標は判定しない。"),
    InputColumn("typed", "年度別目標値", "入力されたものだけ。紙面の単位。", per_year=True),
)
INPUTS_OF_OTHER_KINDS = (
    InputColumn("upper", "目標値の上限", "範囲の目標だけ。紙面の単位。"),
    InputColumn("relation", "比べる値", "前年度や別の指標の値と比べる目標だけ。"),
    InputColumn("before", "計画の前の年度の値", "初年度の値と比べる。紙面の単位。"),
)
"""The inputs of a plan with 参考指標, ranges or relative targets, which stand after the others."""

INPUTS_OF_REFERENCES = (
    InputColumn("referred_name", "比べる指標", "別の指標の値と比べる目標だけ。指標の名称。"),
    InputColumn(
        "reference_fits",
        "比べられるか",
        "比べる指標が、単位の同じ別の指標で、累計で入力するものでなければ「はい」。",
    ),
    InputColumn(
        "referred",
        "比べる指標の値",
        "その年度の値。計画にある指標は、その実績の欄による。紙面の単位。",
        per_year=True,
    ),
)
"""The inputs of a plan that compares with other indicators."""

INPUTS_BEFORE_REVISIONS = (
    InputColumn(
        "held_path",
        "改訂前の目安値",
        "その年度に定められていたもの。グラフに使う。紙面の単位。",
        per_year=True,
    ),
    InputColumn("held_goal", "改訂前の目標値", "同じく。範囲の目標では小さい方。", per_year=True),
)
"""The inputs of a plan with listings that a revision changed: other steps have no versions."""


@dataclass(frozen=True)
class Places:
    """The rows and columns of a tree's listings in the workbook."""

    tree: StrategyTree
    printed: dict[tuple[str, int], tuple[str, int, int, int, int, int]] = field(
        default_factory=dict
    )

    @cached_property
    def columns(self) -> dict[str, int]:
        """The first column of each part of 計算, by key."""
        found, column = {}, 0
        for part in self.parts:
            found[part.key] = column
            column += self.width(part)
        return found

    def width(self, part: InputColumn | ComputedColumn) -> int:
        """Return the number of columns of a part of 計算."""
        return len(self.tree.years) if part.per_year else 1

    @cached_property
    def all_kinds(self) -> bool:
        """Whether the plan has kinds of listings beside the usual ones."""
        return any(x.is_monitor or x.upper is not None or x.relation for x in self.tree.listings)

    @cached_property
    def about(self) -> tuple[InputColumn, ...]:
        """The columns that say what a row of 計算 is about."""
        return about_columns(self.tree.words)

    @property
    def inputs(self) -> tuple[InputColumn, ...]:
        """The input columns of 計算; some only where the plan has what they are for."""
        others = (*INPUTS_OF_OTHER_KINDS, *INPUTS_OF_REFERENCES) if self.all_kinds else ()
        before = INPUTS_BEFORE_REVISIONS if self.is_revised else ()
        return (*INPUTS, *others, *before)

    @cached_property
    def is_revised(self) -> bool:
        """Whether a listing said something else in an earlier year of the plan."""
        return any(x.in_year(year) is not x for x in self.tree.listings for year in x.period)

    @property
    def steps(self) -> tuple[ComputedColumn, ...]:
        """The computed columns of 計算."""
        return (*STEPS, *STEPS_OF_OTHER_KINDS) if self.all_kinds else STEPS

    @property
    def steps_of_the_year(self) -> tuple[ComputedColumn, ...]:
        """The computed columns of 前年度の計算."""
        return _OF_THE_YEAR if self.all_kinds else STEPS_OF_THE_YEAR

    @property
    def parts(self) -> tuple[InputColumn | ComputedColumn, ...]:
        """All parts of 計算, in the order of their columns."""
        return (*self.about, *self.inputs, *self.steps)

    @cached_property
    def first_listings(self) -> dict[int, ListingNode]:
        """The first listing of each indicator: only its row has the values themselves."""
        return {one.indicator.pk: one for one in reversed(self.tree.listings)}

    @cached_property
    def rows(self) -> dict[tuple[str, int], int]:
        """The row of each listing in 計算."""
        first = CALCULATION_HEADER + 1
        return {(x.model, x.pk): first + i for i, x in enumerate(self.tree.listings)}

    def row(self, listing: ListingNode) -> int:
        """Return the row of a listing in 計算, counted from 1."""
        return self.rows[listing.model, listing.pk]

    @property
    def last_row(self) -> int:
        """The last row of 計算; without listings, the empty row below the header."""
        return CALCULATION_HEADER + max(1, len(self.rows))

    def of_listing(self, listing: ListingNode, key: str) -> str:
        """Return the reference by which other sheets refer to a step or input of a listing."""
        return cell(CALCULATION, self.row(listing), self.columns[key])

    def column(self, key: str, year: int | None = None) -> str:
        """Return a reference to a whole column of 計算; for yearly ones, to that of a year."""
        column = self.columns[key] + (0 if year is None else year - self.tree.period.first)
        return block(CALCULATION, CALCULATION_HEADER + 1, column, self.last_row, column)

    def columns_of_years(self, key: str) -> str:
        """Return a reference to all columns and rows of a yearly part of 計算."""
        first, last = self.columns[key], self.columns[key] + len(self.tree.years) - 1
        return block(CALCULATION, CALCULATION_HEADER + 1, first, self.last_row, last)

    def years(self, key: str) -> str:
        """Return a reference to the years in the header of a yearly part of 計算."""
        first, last = self.columns[key], self.columns[key] + len(self.tree.years) - 1
        return block(CALCULATION, CALCULATION_HEADER, first, CALCULATION_HEADER, last)

    def print_at(self, listing: ListingNode, sheet: str, row: int, columns: dict[str, int]) -> None:
        """Note where the printed sheet shows the inputs of a listing."""
        self.printed[listing.model, listing.pk] = (
            sheet, row, columns["kind"], columns["baseline"], columns["target"],
            columns["actuals"],
        )  # fmt: skip

    def actual_at(self, listing: ListingNode, year: int) -> str:
        """Return a reference to the cell of the printed sheet with the value of a year."""
        sheet, row, *_, actuals = self.printed[listing.model, listing.pk]
        return cell(sheet, row, actuals + year - self.tree.period.first)

    def addresses(self, listing: ListingNode) -> dict[str, str]:
        """Return references for the names in a listing's formulas, except those of single years."""
        sheet, row, kind, baseline, target, actuals = self.printed[listing.model, listing.pk]
        own, count = self.row(listing), len(self.tree.years)
        first = self.columns
        here = {key: xl_rowcol_to_cell(own, column, col_abs=True) for key, column in first.items()}
        return here | {
            "listed_kind": cell(sheet, row, kind),
            "baseline": cell(sheet, row, baseline),
            "target": cell(sheet, row, target),
            "actuals": block(sheet, row, actuals, row, actuals + count - 1),
            "wholes": xl_range_abs(own, first["whole"], own, first["whole"] + count - 1),
            "typed": xl_range_abs(own, first["typed"], own, first["typed"] + count - 1),
            "years": self.years("whole").split("!")[1],
            "typed_years": self.years("typed").split("!")[1],
            **self._of_other_kinds(own, count),
            **words_table(),
        }

    def _of_other_kinds(self, row: int, count: int) -> dict[str, str]:
        if not self.all_kinds:
            return {}
        first = self.columns["against"]
        return {"againsts": xl_range_abs(row, first, row, first + count - 1)}


def words_table() -> dict[str, str]:
    """Return references to the columns of the status table in 条件."""
    last = FIRST_STATUS + len(Status) - 1
    return {
        key: block(CONDITIONS, FIRST_STATUS, column, last, column)
        for column, key in enumerate(("statuses", "bands", "words", "marks"))
    }


def sheet_of(listing: ListingNode) -> str:
    """Return the name of the printed sheet that shows a listing."""
    names = sheets_of(listing.words)
    return names.targets if listing.model == NUMERIC_TARGET else names.kpis
