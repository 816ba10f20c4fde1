"""The results of all projects of a plan's year: what is stored, and who may write it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from accounts import access
from accounts.sections import read_names
from measures.models import Project
from plans.nodes import MeasureNode, ProjectNode, StrategyTree
from reviews.duties import Responsible, duties_of_projects
from reviews.lacking import labels_of
from reviews.last_steps import Mover, movers_of
from reviews.models import (
    FUNDS,
    ProjectYear,
    State,
    without_money,
    without_money_fields,
    yen_label,
)
from reviews.projects.complete import lacking_results
from reviews.written_rows import NOT_WRITTEN, STATE_LABELS, ReviewRow

NO_SECTION = (0, "担当課なし")
"""The section of a project for which nobody answers."""


@dataclass(frozen=True)
class ProjectYearRow(ReviewRow):
    """A project in the list. `stored` is None while nobody has written anything.

    `no_money` says why the project has no money here, "" if it has. `moved` says who brought
    it into its state. `sections` has id and name of those that answer for it; `lead` is the one
    that it is sorted under, the reader's own before the others.
    """

    node: ProjectNode
    measure: MeasureNode
    stored: ProjectYear | None
    no_money: str
    may_write: bool
    project: Project
    moved: Mover | None = None
    sections: tuple[tuple[int, str], ...] = ()
    lead: tuple[int, str] = NO_SECTION

    @property
    def name(self) -> str:
        """What the project is called."""
        return self.node.name

    @property
    def section(self) -> str:
        """担当課 of the year, with the name it has now; "" where none is known."""
        stored = self.stored.section if self.stored else None
        return str(stored) if stored else self.writers

    @property
    def writers(self) -> str:
        """The sections that answer for it now: its own, or those of its measure's indicators."""
        return "、".join(name for _, name in self.sections)

    @property
    def budget(self) -> str:
        """予算額 in thousands of yen, without unit; "" if there is none."""
        return _thousands(self.stored.budget if self.stored else None)

    @property
    def settlement(self) -> str:
        """決算額 in thousands of yen, without unit; "" if there is none."""
        return _thousands(self.stored.settlement if self.stored else None)

    @property
    def money_note(self) -> str:
        """What the page says instead of the fields for money; "" where it has them."""
        return without_money_fields(self.project)

    @property
    def kept_money(self) -> str:
        """The money and 交付金 stored though the project has none here; "" without any."""
        if self.stored is None or not self.no_money:
            return ""
        return "、".join(texts_of_money(self.stored))

    @property
    def lacks(self) -> str:
        """The empty fields to fill in before the head sees it; "" for none."""
        return labels_of(lacking_results(self.stored)) if self.stored else ""


def texts_of_money(stored: ProjectYear) -> list[str]:
    """Return the amounts and the 交付金 of a row in words, without what is empty."""
    label = ProjectYear._meta.get_field
    found = [
        f"{str(label(name).verbose_name).removesuffix('（円）')}{yen_label(yen)}"  # type: ignore[union-attr]
        for name in ("budget", "settlement", *FUNDS)
        if (yen := getattr(stored, name)) is not None
    ]
    return [*found, f"交付金「{stored.grant}」"] if stored.grant else found


def _thousands(yen: int | None) -> str:
    return "" if yen is None else yen_label(yen).removesuffix("千円")


@dataclass(frozen=True)
class YearOfProjects:
    """All projects of a plan's year, and who answers for each."""

    rows: tuple[ProjectYearRow, ...]
    duties: Responsible

    def row(self, pk: int) -> ProjectYearRow | None:
        """Return the row of a project; None if the plan has none with this id in the year."""
        return next((row for row in self.rows if row.node.pk == pk), None)


def year_of_projects(tree: StrategyTree, user: Any) -> YearOfProjects:
    """Return the projects of a tree's year, as `user` sees them; a constant number of queries."""
    duties = duties_of_projects(tree)
    stored = {
        row.project_id: row
        for row in ProjectYear.objects.filter(
            project__in=duties.by_id, fiscal_year=tree.fiscal_year
        ).select_related("entered_by", "confirmed_by", "grant", "section")
    }
    projects = Project.objects.select_related("relisted_from__measure__group__goal").in_bulk(
        duties.by_id
    )
    for pk, row in stored.items():
        row.project = projects[pk]
    movers = movers_of(ProjectYear, stored.values())
    moved = {about: movers[row.pk] for about, row in stored.items()}
    names, own = read_names().current, access.sections_of(user)
    sections = {pk: tuple((one, names[one]) for one in duties.sections(pk)) for pk in duties.by_id}
    return YearOfProjects(
        tuple(
            ProjectYearRow(
                node,
                measure,
                stored.get(node.pk),
                without_money(projects[node.pk]),
                access.may_write_review(user, duties.sections(node.pk)),
                projects[node.pk],
                moved.get(node.pk),
                sections[node.pk],
                _lead(sections[node.pk], own),
            )
            for measure in tree.parts
            for node in measure.projects
        ),
        duties,
    )


def _lead(sections: Sequence[tuple[int, str]], own: Collection[int]) -> tuple[int, str]:
    """Return the section under which a reader of the sections `own` finds a project."""
    mine = [one for one in sections if one[0] in own]
    return next(iter([*mine, *sections]), NO_SECTION)


def sentence_of_projects(rows: Sequence[ProjectYearRow]) -> str:
    """Return how many results are written, answered and confirmed."""
    if not any(row.stored for row in rows):
        return f"実績（{len(rows)}件）は、まだ入力されていません。"
    counts = {state: sum(row.state == state for row in rows) for state in (NOT_WRITTEN, *State)}
    parts = [f"{STATE_LABELS[state]}{count}件" for state, count in counts.items() if count]
    return f"実績{len(rows)}件のうち、{'、'.join(parts)}です。"
