"""The sheet 条件 for all formulas: the year, and the plan's period, thresholds and words."""

from decimal import Decimal

from xlsxwriter import Workbook

from indicators.rules.terms import (
    LateValues,
    LevelFigure,
    RestraintRule,
    Scale,
    Status,
    band_of,
    mark_of_status,
    status_word,
)
from japanese.fiscal_years import full_label
from plans.counting import band_name
from plans.nodes import StrategyTree
from reports.sheets.addresses import CONDITIONS as SHEET
from reports.sheets.addresses import FIRST_CONDITION, FIRST_STATUS, cell
from reports.sheets.cell_formulas import (
    ACHIEVED,
    ATTAINMENT_ON_TRACK,
    CONDITION_NAMES,
    FAR_ABOVE,
    LATE_VALUES,
    LATE_YEARS,
    LEVEL_FIGURE,
    LEVEL_FIGURES,
    MOSTLY_ACHIEVED,
    MOSTLY_ON_TRACK,
    NO,
    PARTLY_ACHIEVED,
    RESTRAINT,
    RESTRAINTS,
    WITHOUT,
    WORSENED_FIRST,
    YES,
)
from reports.sheets.page import INPUT_FILL, Live, Page, PrintedColumn, Shown
from tables.print_setup import A4

_COLUMNS = (
    PrintedColumn("名前", 12),
    PrintedColumn("値", 12, "center"),
    PrintedColumn("意味", 32),
    PrintedColumn("", 8, "center"),
)
_WORDS = (
    PrintedColumn("判定コード", 12),
    PrintedColumn("段階コード", 12),
    PrintedColumn("名称", 32),
    PrintedColumn("印", 8, "center"),
)


_REFUSED = {"error_title": "読み取れない値"}
_YEAR = _REFUSED | {
    "validate": "integer", "criteria": "between", "minimum": 1926, "maximum": 2200,
    "error_message": "年度は、西暦4桁の整数です（令和6年度なら2024）。",
}  # fmt: skip
_PERCENTAGE = _REFUSED | {
    "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 200,
    "error_message": "境の割合は、0から200までの数です（80％なら80）。",
}  # fmt: skip


def write_conditions(workbook: Workbook, tree: StrategyTree) -> None:
    """Add the sheet 条件 and name its cells, so that formulas are readable."""
    page = Page(workbook, tree, SHEET, A4)
    page.title("判定の条件　「値」を書き換えると、すべての判定が計算し直されます。", _COLUMNS)
    page.header(FIRST_CONDITION - 1, _COLUMNS[:3])
    for offset, (name, number, decimals, meaning) in enumerate(_conditions(tree)):
        row = FIRST_CONDITION + offset
        look = {
            "border": 1,
            "align": "center",
            "num_format": "0.0" if decimals else "0",
            "bg_color": INPUT_FILL,
        }
        page.line(row, _COLUMNS[:3], [name, Shown(number, decimals), meaning])
        page.cells.number(row, 1, number, **look)
        page.sheet.data_validation(row, 1, row, 1, _PERCENTAGE if decimals else _YEAR)
        workbook.define_name(name, f"={cell(SHEET, row, 1)}")
    _write_choices(page, workbook, tree)
    page.header(FIRST_STATUS - 1, _WORDS)
    for offset, status in enumerate(Status):
        band = band_of(status)
        word = status_word(status, scale=tree.scale)
        if status == Status.AT_TARGET and status not in tree.scale.labels:
            word = ""
        page.line(
            FIRST_STATUS + offset,
            _WORDS,
            [status.value, band.value, word, mark_of_status(status, tree.scale)],
        )
    last = FIRST_STATUS + len(Status)
    page.notes(
        last + 1,
        _COLUMNS,
        (
            "at_target の名称が空欄なら、「目標値以上」「目標値以下」「実現」のどれかになります。",
            "段階は "
            + "、".join(f"{b}：{band_name(b, tree.scale)}など" for b in _bands())
            + "です。",
        ),
    )
    page.set_columns(_COLUMNS)
    page.set_up(_COLUMNS, 2)


def _bands() -> list[str]:
    return list(dict.fromkeys(band_of(status).value for status in Status))


def _conditions(tree: StrategyTree) -> list[tuple[str, Decimal | int, int, str]]:
    """Return (name, value, decimals, meaning) in the order of CONDITION_NAMES."""
    year, period, scale = tree.fiscal_year, tree.period, tree.scale
    meanings: tuple[tuple[Decimal | int, int, str], ...] = (
        (year, 0, f"判定する年度（西暦）。作成時は{full_label(year)}。"),
        (period.first, 0, f"計画の最初の年度。作成時は{full_label(period.first)}。"),
        (period.last, 0, f"計画の最後の年度。作成時は{full_label(period.last)}。"),
        (scale.on_track, 1, "計画比がこの割合（％）以上なら「順調」。"),
        (scale.mostly_on_track, 1, "率がこの割合（％）以上なら「おおむね順調」「おおむね達成」。"),
        (scale.slightly_behind, 1, "率がこの割合（％）以上なら「やや遅れ」、下回れば「遅れ」。"),
    )
    return [(name, *rest) for name, rest in zip(CONDITION_NAMES, meanings, strict=False)]


def _write_choices(page: Page, workbook: Workbook, tree: StrategyTree) -> None:
    """Write how the plan judges below the thresholds: a named cell for each choice."""
    choices = _choices(tree.scale)
    first = FIRST_CONDITION + len(CONDITION_NAMES) - len(choices)
    for row, (name, value, meaning, words) in enumerate(choices, first):
        page.line(row, _COLUMNS[:3], [name, "", meaning])
        look = {"border": 1, "align": "center", "bg_color": INPUT_FILL}
        if isinstance(value, Decimal):
            page.cells.number(row, 1, value, num_format="0.0", **look)
        elif value.startswith("="):
            page.line(
                row, _COLUMNS[:3], [name, Live(value, tree.scale.mostly_on_track, 1), meaning]
            )
        else:
            page.cells.text(row, 1, value, **look)
        if words:
            page.sheet.data_validation(
                row, 1, row, 1, _REFUSED | {
                    "validate": "list", "source": list(words),
                    "error_message": f"{'、'.join(words)}のどれかです。",
                },
            )  # fmt: skip
        workbook.define_name(name, f"={cell(SHEET, row, 1)}")


def _choices(scale: Scale) -> list[tuple[str, Decimal | str, str, tuple[str, ...]]]:
    """Return (name, value, meaning, words to choose from) of each choice."""

    def threshold(number: Decimal | None) -> Decimal | str:
        return WITHOUT if number is None else Decimal(number)

    def flag(is_on: bool) -> str:
        return YES if is_on else NO

    mostly: Decimal | str = f"={MOSTLY_ON_TRACK}"
    if scale.mostly_achieved is not None:
        mostly = Decimal(scale.mostly_achieved)
    figures, restraints = tuple(LEVEL_FIGURES.values()), tuple(RESTRAINTS.values())
    return [
        (FAR_ABOVE, threshold(scale.far_above),
         f"率がこの割合（％）以上なら「大きく上回る」。{WITHOUT}なら分けない。", ()),
        (ACHIEVED, Decimal(scale.achieved), "最終年度の率がこの割合（％）以上なら「達成」。", ()),
        (MOSTLY_ACHIEVED, mostly, "最終年度の率がこの割合（％）以上なら「おおむね達成」。", ()),
        (PARTLY_ACHIEVED, threshold(scale.partly_achieved),
         f"最終年度の率がこの割合（％）以上なら「一部達成」。{WITHOUT}なら分けない。", ()),
        (LEVEL_FIGURE, LEVEL_FIGURES[LevelFigure(scale.level_figure)],
         "途中年度の期末水準を判定する率。", figures),
        (WORSENED_FIRST, flag(scale.worsened_first),
         "率より先に「基準値より後退」を判定するか。", (YES, NO)),
        (ATTAINMENT_ON_TRACK, flag(scale.attainment_on_track),
         "達成率が順調の境以上なら「順調」とするか。", (YES, NO)),
        (RESTRAINT, RESTRAINTS[RestraintRule(scale.restraint)], "抑制を何で判定するか。",
         restraints),
        (LATE_VALUES, LATE_YEARS[LateValues(scale.late_values)],
         "前の年度の値で代えるとき、どの年度の目安値と比べるか。", tuple(LATE_YEARS.values())),
    ]  # fmt: skip
