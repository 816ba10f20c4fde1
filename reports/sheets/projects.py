"""The sheet 具体的事業 (A4): all projects in the plan's order, re-listings with their home."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from xlsxwriter import Workbook

from indicators.plan_words import Words, in_two_lines
from plans.counting import count_projects, project_sentence
from plans.nodes import GoalNode, MeasureNode, ProjectNode, StrategyTree
from reports.sheets.addresses import sheets_of
from reports.sheets.page import Heading, Line, Page, PrintedColumn, Shown
from reports.sheets.value_cells import measure_name
from tables.print_setup import A4

_CARRIED: tuple[tuple[PrintedColumn, Callable[[ProjectNode], str]], ...] = (
    (PrintedColumn("担当課", 8, least=5), lambda project: project.section),
    (PrintedColumn("SDGs", 4, "center", least=3), lambda project: project.carried.sdgs_label),
    (PrintedColumn("交付金", 10, least=6), lambda project: project.carried.grants_label),
    (
        PrintedColumn("総合計画\nコード", 5, least=4),
        lambda project: project.carried.general_plan_code,
    ),
    (PrintedColumn("予算科目", 10, least=6), lambda project: project.budget_item),
)
"""Columns that stand only where a project has something in them."""


def _columns(words: Words) -> tuple[PrintedColumn, ...]:
    return (
        PrintedColumn(in_two_lines(words.goal), 2.5, "center"),
        PrintedColumn(words.measure_short, 22, least=17),
        PrintedColumn("番号", 2.5, "right"),
        PrintedColumn(words.category, 3.5, "center"),
        PrintedColumn(f"{words.project_short}名", 21, least=17),
        PrintedColumn("再掲元", 12, least=9),
        PrintedColumn("内容", 22, least=17),
        PrintedColumn("実施主体", 12, least=9),
    )


def write_projects(workbook: Workbook, tree: StrategyTree) -> None:
    """Add the sheet. If the tree is a part and lacks a home, only the home's numbers are given."""
    titles = {measure.place: measure.title for measure in tree.measures}
    words = tree.words
    carried = [one for one in _CARRIED if any(one[1](project) for project in tree.projects)]
    lines: list[Line | Heading] = []
    for goal in tree.goals:
        lines.append(Heading(goal.position, goal.title))
        lines += [
            [
                *_line(goal, measure, project, titles, words),
                *(read(project) for _, read in carried),
            ]
            for measure in goal.parts
            for project in measure.projects
        ]
    page = Page(workbook, tree, sheets_of(words).projects, A4)
    page.write(
        [*_columns(words), *(column for column, _ in carried)],
        lines,
        subtitle=f"{words.project}　{project_sentence(count_projects(tree.projects), words)}",
        notes=tuple(filter(None, [words.note_on_categories])),
        frozen=2,
    )


def _line(
    goal: GoalNode,
    measure: MeasureNode,
    project: ProjectNode,
    titles: Mapping[str, str],
    words: Words,
) -> Line:
    name, home = project.name, ""
    if project.relisted_from:
        name += "（再掲）"
        home = f"{project.home_label} {titles.get(project.home, '')}"
    return [
        Shown(Decimal(goal.position)),
        "" if measure.is_direct else measure_name(measure, words),
        Shown(Decimal(project.position)),
        project.category,
        name,
        home.strip(),
        project.content,
        project.implementer,
    ]
