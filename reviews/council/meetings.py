"""有識者会議 of a plan's year: meetings, verdicts on goals, opinions, and those of last year."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q

from accounts import access
from goals.models import BasicGoal
from plans.nodes import StrategyTree
from reviews.duties import measure_ids
from reviews.models import OPINION_SUBJECTS, Council, GoalReview, Opinion


class OpinionSubject(NamedTuple):
    """Something that an opinion can be about: the key in a form, its name, its heading."""

    key: str
    name: str
    heading: str


def subjects_of(
    tree: StrategyTree, measures: Mapping[str, int] | None = None
) -> Iterator[OpinionSubject]:
    """Yield what an opinion may be about, in the plan's order; two queries, one with `measures`.

    Those are the ids of measure_ids().
    """
    goals = goal_ids(tree.code)
    measures = measure_ids(tree.code) if measures is None else measures
    for goal in tree.goals:
        heading = f"{goal.label} {goal.title}"
        yield OpinionSubject(f"goal-{goals[goal.position]}", heading, heading)
        for target in goal.numeric_targets:
            name = f"{tree.words.numeric_target}{target.mark} {target.name}"
            yield OpinionSubject(f"numeric_target-{target.pk}", name, heading)
        for part in goal.parts:
            if not part.is_direct:
                name = f"{part.label_in_plan} {part.title}"
                yield OpinionSubject(f"measure-{measures[part.place]}", name, heading)
            for kpi in part.kpis:
                yield OpinionSubject(f"kpi-{kpi.pk}", f"{tree.words.kpi_short} {kpi.name}", heading)
            for project in part.projects:
                name = f"{tree.words.project_short} {project.name}"
                yield OpinionSubject(f"project-{project.pk}", name, heading)


def goal_ids(code: str) -> dict[int, int]:
    """Return the ids of the goals of a plan by their number; one query."""
    rows = BasicGoal.objects.filter(strategy__code=code).values_list("position", "pk")
    return dict(rows)


def last_meeting(meeting: Council) -> Council | None:
    """Return the meeting of the plan before another one, which may be of an earlier year."""
    earlier = Q(fiscal_year__lt=meeting.fiscal_year_id) | Q(
        fiscal_year=meeting.fiscal_year_id, number__lt=meeting.number
    )
    meetings = Council.objects.filter(earlier, strategy=meeting.strategy_id)
    return meetings.order_by("fiscal_year_id", "number").prefetch_related("members").last()


def subject_key(opinion: Opinion) -> str:
    """Return the key of what an opinion is about; "" while that is open."""
    for name in OPINION_SUBJECTS:
        if pk := getattr(opinion, f"{name}_id"):
            return f"{name}-{pk}"
    return ""


@dataclass(frozen=True)
class OpinionRow:
    """An opinion in a list, with what it is about in words."""

    opinion: Opinion
    about: str
    may_answer: bool


@dataclass(frozen=True)
class YearOfCouncil:
    """What is recorded of 有識者会議 for a plan's year.

    `before` are the opinions about the year before, which come first in this year's meeting.
    """

    meetings: tuple[Council, ...]
    verdicts: tuple[tuple[str, GoalReview | None], ...]
    opinions: tuple[OpinionRow, ...]
    before: tuple[OpinionRow, ...]

    @property
    def open_answers(self) -> int:
        """The number of this year's opinions that have no answer yet."""
        return sum(not row.opinion.answer or not row.opinion.response for row in self.opinions)


def year_of_council(tree: StrategyTree, strategy_id: int, user: Any) -> YearOfCouncil:
    """Return what is recorded of a tree's year; a constant number of queries."""
    year = tree.fiscal_year
    names = {subject.key: subject.name for subject in subjects_of(tree)}
    found = (
        Opinion.objects.filter(
            council__strategy=strategy_id, council__fiscal_year__in=(year - 1, year)
        )
        .select_related("council", "section", *OPINION_SUBJECTS)
        .order_by("council__fiscal_year_id", "council__number", "number")
    )
    rows = [
        OpinionRow(
            one,
            names.get(subject_key(one)) or str(one.about),
            access.may_answer_opinion(user, one.section_id),
        )
        for one in found
    ]
    ids = goal_ids(tree.code)
    said = {
        one.goal_id: one
        for one in GoalReview.objects.filter(goal__in=ids.values(), fiscal_year=year)
    }
    meetings = Council.objects.filter(strategy=strategy_id, fiscal_year=year)
    return YearOfCouncil(
        tuple(meetings.prefetch_related("members")),
        tuple((f"{goal.label} {goal.title}", said.get(ids[goal.position])) for goal in tree.goals),
        tuple(row for row in rows if row.opinion.council.fiscal_year_id == year),
        tuple(row for row in rows if row.opinion.council.fiscal_year_id != year),
    )
