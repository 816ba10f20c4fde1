"""The sheet 具体的事業 (A4): all projects in the plan's order, re-listings with their home."""

from collections.abc import Mapping
from decimal import Decimal

from xlsxwriter import Workbook

from plans.counting import count_projects, project_sentence
from plans.nodes import GoalNode, MeasureNode, ProjectNode, StrategyTree, circled
from reports.sheets.addresses import PROJECTS
from reports.sheets.page import Heading, Line, Page, PrintedColumn, Shown
from reports.sheets.value_cells import measure_name
from tables.print_setup import A4

_COLUMNS = (
    PrintedColumn("基本\n目標", 2.5, "center"),
    PrintedColumn("施策", 22, least=17),
    PrintedColumn("番号", 2.5, "right"),
    PrintedColumn("区分", 3.5, "center"),
    PrintedColumn("事業名", 21, least=17),
    PrintedColumn("再掲元", 12, least=9),
    PrintedColumn("内容", 22, least=17),
    PrintedColumn("実施主体", 12, least=9),
)


def write_projects(workbook: Workbook, tree: StrategyTree) -> None:
    """Add the sheet. If the tree is a part and lacks a home, only the home's numbers are given."""
    titles = {measure.place: measure.title for measure in tree.measures}
    lines: list[Line | Heading] = []
    for goal in tree.goals:
        lines.append(Heading(goal.position, goal.title))
        lines += [
            _line(goal, measure, project, titles)
            for measure in goal.measures
            for project in measure.projects
        ]
    page = Page(workbook, tree, PROJECTS, A4)
    page.write(
        _COLUMNS,
        lines,
        subtitle=f"具体的事業　{project_sentence(count_projects(tree.projects))}",
        notes=("区分の空欄は、継続の事業です。",),
        frozen=2,
    )


def _line(
    goal: GoalNode, measure: MeasureNode, project: ProjectNode, titles: Mapping[str, str]
) -> Line:
    name, home = project.name, ""
    if project.relisted_from:
        number, symbol, position, _ = project.relisted_from
        name += "（再掲）"
        home = f"基本目標{number}（{symbol}）{circled(position)} {titles.get(project.home, '')}"
    return [
        Shown(Decimal(goal.position)),
        measure_name(measure),
        Shown(Decimal(project.position)),
        project.category,
        name,
        home.strip(),
        project.content,
        project.implementer,
    ]
