"""The contents of the Excel form of 事業の実績, made from the rows of the grid."""

from collections.abc import Sequence

from django.utils import timezone

from entry.excel.form_sheet import FormTexts
from japanese.calendar_days import era_day
from japanese.fiscal_years import era_label
from plans.nodes import StrategyTree
from plans.pages import review_label
from reviews.projects.form import PROJECT_AMOUNTS
from reviews.projects.grid import ProjectGridRow
from reviews.projects.sheet import (
    NO_MONEY,
    PROJECTS_FORM,
    PROJECTS_GUIDE,
    ProjectKey,
    ProjectLine,
    ProjectResultsForm,
    in_thousands,
)
from tables.cells import Cell
from trail.downloads import file_name

MOST_SECTIONS = 3


def form_of_projects(tree: StrategyTree, rows: Sequence[ProjectGridRow]) -> ProjectResultsForm:
    """Return the form for these projects of a tree's year; there is at least one."""
    choices = rows[0].choices
    facts = [_of(rows), f"{len(rows)}事業", f"作成日：{era_day(timezone.localdate())}"]
    title = f"{PROJECTS_FORM.name}　{review_label(tree.fiscal_year)}　{tree.title}"
    lines = ("　".join(facts), PROJECTS_GUIDE)
    return ProjectResultsForm(
        texts=FormTexts(title=title, lines=lines, is_invented=tree.invented),
        lines=[_line(tree, row) for row in rows],
        policies=choices.of_plan.policy_labels,
        grants=tuple(choices.by_label),
    )


def project_form_name(year: int, rows: Sequence[ProjectGridRow]) -> str:
    """Return the name of the file, e.g. 事業の実績様式_平成29年度_水産課.xlsx."""
    sections = list(dict.fromkeys(row.section[1] for row in rows))
    of = sections[0] if len(sections) == 1 else f"{len(sections)}課"
    return file_name(f"{PROJECTS_FORM.name}_{era_label(year)}_{of}") + ".xlsx"


def _of(rows: Sequence[ProjectGridRow]) -> str:
    sections = list(dict.fromkeys(row.section[1] for row in rows))
    return "、".join(sections) if len(sections) <= MOST_SECTIONS else f"{len(sections)}課"


def _line(tree: StrategyTree, row: ProjectGridRow) -> ProjectLine:
    filled: dict[str, Cell] = dict(row.stored_texts)
    for name in PROJECT_AMOUNTS:
        filled[name] = in_thousands(getattr(row.row.stored, name, None))
    no_money = NO_MONEY[row.row.project.relisted_from_id is not None] if row.row.no_money else ""
    return ProjectLine(
        key=ProjectKey(tree.code, tree.fiscal_year, row.pk, row.stored_version),
        name=row.name,
        place=row.row.node.place,
        section=row.row.writers,
        state=row.row.state_label,
        no_money=no_money,
        filled=filled,
    )
