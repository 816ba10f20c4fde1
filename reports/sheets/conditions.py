"""The sheet 条件 for all formulas: the year, and the plan's period, thresholds and words."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from xlsxwriter import Workbook

from indicators.rules.scales import HIGHEST
from indicators.rules.terms import (
    LateValues,
    LevelFigure,
    RestraintRule,
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
    CONDITION_NAMES,
    LATE_YEARS,
    LEVEL_FIGURES,
    MOSTLY_ON_TRACK,
    NO,
    RESTRAINTS,
    WITHOUT,
    YES,
)
from reports.sheets.input_rules import CELL, restrict
from reports.sheets.page import Live, Page, PrintedColumn
from tables.print_setup import A4
from tables.sheet_cells import INPUT_FILL

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


_Rule = tuple[dict[str, Any], str]
"""What may be typed into a cell, and the message for anything else."""

_YEAR: _Rule = (
    {"validate": "integer", "criteria": "between", "minimum": 1926, "maximum": 2200},
    "年度は、西暦4桁の整数です（令和6年度なら2024）。",
)
_PERCENTAGE: _Rule = (
    {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100},
    "境の割合は、0から100までの数です（80％なら80）。",
)


def write_conditions(workbook: Workbook, tree: StrategyTree) -> None:
    """Add the sheet 条件 and name its cells, so that formulas are readable."""
    page = Page(workbook, tree, SHEET, A4)
    page.title("判定の条件　「値」を書き換えると、すべての判定が計算し直されます。", _COLUMNS)
    page.header(FIRST_CONDITION - 1, _COLUMNS[:3])
    for row, condition in enumerate(_conditions(tree), FIRST_CONDITION):
        _write_condition(page, row, condition)
        workbook.define_name(condition.name, f"={cell(SHEET, row, 1)}")
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


class _Condition(NamedTuple):
    """A named cell: year (int), percentage, word or formula, and what may be typed there."""

    name: str
    value: Decimal | int | str | Live
    meaning: str
    rule: _Rule


def _write_condition(page: Page, row: int, condition: _Condition) -> None:
    name, value, meaning, rule = condition
    page.line(row, _COLUMNS[:3], [name, value if isinstance(value, Live) else "", meaning])
    look = {"border": 1, "align": "center", "bg_color": INPUT_FILL}
    if isinstance(value, str):
        page.cells.text(row, 1, value, **look)
    elif not isinstance(value, Live):
        look["num_format"] = "0.0" if isinstance(value, Decimal) else "0"
        page.cells.number(row, 1, value, **look)
    restrict(page, (row, 1, row, 1), *rule)


def _conditions(tree: StrategyTree) -> list[_Condition]:
    """Return the conditions in the order of CONDITION_NAMES."""
    year, period, scale = tree.fiscal_year, tree.period, tree.scale
    mostly_achieved: Decimal | Live = Live(f"={MOSTLY_ON_TRACK}", scale.mostly_on_track, 1)
    if scale.mostly_achieved is not None:
        mostly_achieved = Decimal(scale.mostly_achieved)
    described: tuple[tuple[Decimal | int | str | Live, str, _Rule], ...] = (
        (year, f"判定する年度（西暦）。作成時は{full_label(year)}。", _YEAR),
        (period.first, f"計画の最初の年度。作成時は{full_label(period.first)}。", _YEAR),
        (period.last, f"計画の最後の年度。作成時は{full_label(period.last)}。", _YEAR),
        (Decimal(scale.on_track), "計画比がこの割合（％）以上なら「順調」。", _PERCENTAGE),
        (
            Decimal(scale.mostly_on_track),
            "率がこの割合（％）以上なら「おおむね順調」「おおむね達成」。",
            _PERCENTAGE,
        ),
        (
            Decimal(scale.slightly_behind),
            "率がこの割合（％）以上なら「やや遅れ」、下回れば「遅れ」。",
            _PERCENTAGE,
        ),
        (
            _threshold(scale.far_above),
            f"率がこの割合（％）以上なら「大きく上回る」。{WITHOUT}なら分けない。",
            _percentage_or_without(f"{CELL}>100,{CELL}<={HIGHEST}", f"100より大きく{HIGHEST}以下"),
        ),
        (Decimal(scale.achieved), "最終年度の率がこの割合（％）以上なら「達成」。", _PERCENTAGE),
        (mostly_achieved, "最終年度の率がこの割合（％）以上なら「おおむね達成」。", _PERCENTAGE),
        (
            _threshold(scale.partly_achieved),
            f"最終年度の率がこの割合（％）以上なら「一部達成」。{WITHOUT}なら分けない。",
            _percentage_or_without(f"{CELL}>=0,{CELL}<=100", "0から100まで"),
        ),
        (
            LEVEL_FIGURES[LevelFigure(scale.level_figure)],
            "途中年度の期末水準を判定する率。",
            _one_of(LEVEL_FIGURES.values()),
        ),
        (
            _flag(scale.worsened_first),
            "率より先に「基準値より後退」を判定するか。",
            _one_of((YES, NO)),
        ),
        (
            _flag(scale.attainment_on_track),
            "達成率が順調の境以上なら「順調」とするか。",
            _one_of((YES, NO)),
        ),
        (
            RESTRAINTS[RestraintRule(scale.restraint)],
            "抑制を何で判定するか。",
            _one_of(RESTRAINTS.values()),
        ),
        (
            LATE_YEARS[LateValues(scale.late_values)],
            "前の年度の値で代えるとき、どの年度の目安値と比べるか。",
            _one_of(LATE_YEARS.values()),
        ),
    )
    return [_Condition(name, *rest) for name, rest in zip(CONDITION_NAMES, described, strict=True)]


def _threshold(number: Decimal | None) -> Decimal | str:
    return WITHOUT if number is None else Decimal(number)


def _flag(is_on: bool) -> str:
    return YES if is_on else NO


def _percentage_or_without(bounds: str, in_words: str) -> _Rule:
    """Return the rule of a threshold that may be absent. `bounds` are Excel's comparisons."""
    value = f'IF(ISNUMBER({CELL}),AND({bounds}),{CELL}="{WITHOUT}")'
    message = f"境の割合は、{in_words}の数か、「{WITHOUT}」です。"
    return {"validate": "custom", "value": value}, message


def _one_of(words: Iterable[str]) -> _Rule:
    """Return the rule of a cell with one of these words."""
    known = list(words)
    message = f"{'、'.join(known)}のどれかです。"
    return {"validate": "list", "source": known}, message
