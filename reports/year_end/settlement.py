"""主要な施策の成果を説明する書類 (地方自治法233条5項): money, projects and results by measure.

It has only what planning confirmed, and names the rest. It is for readers outside: values marked
秘匿 are left out. Money is counted at the home of a project (not where it is 再掲), so that no yen
is counted twice; what is not the city's has none.
"""

from collections.abc import Iterator

from xlsxwriter import Workbook

from plans.nodes import StrategyTree, circled
from reports.paper_workbook import paper_workbook
from reports.sheets.page import NONE
from reports.year_end.block_sheets import write_parts
from reports.year_end.blocks import (
    ROUNDED,
    Block,
    Note,
    PaperCell,
    PaperColumn,
    PaperContents,
    PaperFigure,
    PaperHeading,
    PaperPart,
    PaperRow,
    PaperTable,
    totals,
)
from reports.year_end.frozen_plan import FrozenGoal, FrozenMeasure, FrozenPlan
from reports.year_end.tables import (
    MONEY_COLUMNS,
    comments_of,
    listing_table,
    money_row,
    project_blocks,
    review_blocks,
)
from reports.year_end.year_data import public_year_data

TITLE = "主要な施策の成果を説明する書類"


def settlement_workbook(tree: StrategyTree) -> bytes:
    """Return the paper as a workbook: 総括, then a sheet for each goal."""

    def write(workbook: Workbook, tree: StrategyTree) -> None:
        write_parts(workbook, tree, TITLE, settlement_parts(FrozenPlan(public_year_data(tree))))

    return paper_workbook(tree, TITLE, write)


def settlement_parts(plan: FrozenPlan) -> list[PaperPart]:
    """Return the parts of the paper: 総括, then each goal."""
    return [_summary(plan), *(_goal(plan, goal) for goal in plan.goals)]


def _summary(plan: FrozenPlan) -> PaperPart:
    words, rows = plan.words, []
    of_goals: list[PaperRow] = []
    for goal in plan.goals:
        of_measures = [_measure_row(one) for one in goal.measures if one.projects]
        if not of_measures:
            continue
        sums = totals(of_measures, 1, f"goal/{goal.position}")
        of_goals.append(PaperRow((f"{goal.label}　{goal.title}", *sums), is_total=True))
        rows += [*of_measures, of_goals[-1]]
    if of_goals:
        rows.append(PaperRow(("合計", *totals(of_goals, 1, "whole")), is_total=True))
    blocks: list[Block] = [
        PaperTable(
            f"{words.measure}ごとの予算額、決算額と財源内訳（千円）",
            (PaperColumn(words.measure, 6), *MONEY_COLUMNS),
            tuple(rows),
            f"{words.project}は登録されていません。",
        ),
        Note(ROUNDED),
        Note(
            f"再掲の{words.project_short}の金額は、最初に掲げた{words.measure_short}だけに載せ、"
            "二重に数えません。市が実施しないものの金額は載せません。"
        ),
    ]
    if missing := _missing(plan):
        blocks.append(
            Note(
                f"まだ確認していないため載せていないものは、{missing}です。"
                f"それぞれの{words.measure_short}のところに示します。"
            )
        )
    blocks += [PaperHeading("目次"), PaperContents()]
    return PaperPart("総括", "総括", "summary", tuple(blocks))


def _measure_row(measure: FrozenMeasure) -> PaperRow:
    """Return the row of a measure; its sums are those below its projects."""
    cells: list[PaperCell] = []
    rows = [money_row(one) for one in measure.projects]
    for index, cell in enumerate(totals(rows, 1, f"measure/{measure.place}")):
        key = f"summary/{measure.place}/{index}"
        is_figure = isinstance(cell, PaperFigure)
        cells.append(PaperFigure(cell.value, key, (cell.key,)) if is_figure else NONE)  # type: ignore[union-attr]
    return PaperRow((f"{measure.label} {measure.data['title']}".strip(), *cells))


def _missing(plan: FrozenPlan) -> str:
    """Return how much is not confirmed: 内部評価12件と具体的事業76件; "" for nothing."""
    measures = [measure for _, measure in plan.measures]
    reviews = sum(not one.is_direct and one.place not in plan.reviews for one in measures)
    projects = sum(not project.record for one in measures for project in one.projects)
    counts = (("内部評価", reviews), (plan.words.project, projects))
    return "と".join(f"{name}{count}件" for name, count in counts if count)


def _goal(plan: FrozenPlan, goal: FrozenGoal) -> PaperPart:
    blocks: list[Block] = []
    for measure in goal.measures:
        if measure.is_direct and not measure.projects and not measure.kpis:
            continue
        blocks += measure_blocks(plan, measure)
    if not blocks:
        blocks.append(Note(f"{plan.words.measure}は登録されていません。"))
    title = f"{goal.label}　{goal.title}"
    return PaperPart(goal.label, title, f"goal-{goal.position}", tuple(blocks))


def measure_blocks(plan: FrozenPlan, measure: FrozenMeasure) -> Iterator[Block]:
    """Yield what a paper says about a measure: its KPIs, its evaluation, its projects."""
    words, review = plan.words, plan.reviews.get(measure.place)
    yield PaperHeading(measure_title(plan, measure))
    yield listing_table(
        f"{words.kpi}の状況",
        measure.kpis,
        comments_of(review),
        f"{words.kpi}は登録されていません。",
    )
    if not measure.is_direct:
        yield from review_blocks(review)
    if measure.projects or not measure.is_direct:
        yield PaperHeading(words.project, 4)
        yield from project_blocks(plan, measure.projects, f"measure/{measure.place}")


def measure_title(plan: FrozenPlan, measure: FrozenMeasure) -> str:
    """Return （ア）暮らしを支える　①相談の充実; 重要業績評価指標（KPI） directly under a goal."""
    if measure.is_direct:
        return plan.words.kpi
    title = f"{circled(measure.data['position'])}{measure.data['title']}"
    return f"{measure.group}　{title}" if measure.group else title
