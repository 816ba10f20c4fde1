"""The 内部評価 of all measures of a plan's year: what is stored, and who may write it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from accounts import access
from accounts.models import Section
from plans import counting
from plans.nodes import MeasureNode, StrategyTree
from reviews.duties import Responsible, duties_of_measures, measure_ids
from reviews.lacking import labels_of
from reviews.last_steps import Mover, decision_recorders_of, movers_of
from reviews.measures.complete import lacking_evaluation
from reviews.measures.grade_proposals import proposed_grade
from reviews.models import MeasureReview, ReviewChoices, State
from reviews.written_rows import NOT_WRITTEN, STATE_LABELS, ReviewRow


@dataclass(frozen=True)
class MeasureRow(ReviewRow):
    """A measure in the list. `stored` is None while nobody has written anything.

    `moved` says who brought it into its state, `decided` who recorded what 推進本部 decided.
    `proposed` is the grade that the KPIs suggest now, "" without one.
    """

    pk: int
    node: MeasureNode
    stored: MeasureReview | None
    sections: tuple[str, ...]
    proposed: str
    may_write: bool
    bands: tuple[counting.BandCount, ...]
    moved: Mover | None = None
    decided: Mover | None = None

    @property
    def lacks(self) -> str:
        """The empty fields to fill in before the evaluation can be sent on; "" for none.

        A confirmed grade may lack its reason, too, once a value has been corrected.
        """
        return labels_of(lacking_evaluation(self.stored, self.proposed)) if self.stored else ""

    @property
    def is_outdated(self) -> bool:
        """Whether the KPIs suggest another grade today than when the evaluation was written."""
        stored = self.stored
        return stored is not None and bool(stored.grade) and stored.proposed_grade != self.proposed


@dataclass(frozen=True)
class YearOfMeasures:
    """All measures of a plan's year, and who answers for each."""

    rows: tuple[MeasureRow, ...]
    duties: Responsible
    choices: ReviewChoices

    def row(self, place: str) -> MeasureRow | None:
        """Return the row of the measure at a place; None if the plan has none there."""
        return next((row for row in self.rows if row.node.place == place), None)

    def in_state(self, *states: str) -> list[MeasureRow]:
        """Return the rows in one of these states."""
        return [row for row in self.rows if row.state in states]


def year_of_measures(tree: StrategyTree, user: Any) -> YearOfMeasures:
    """Return the measures of a tree's year, as `user` sees them; a constant number of queries."""
    ids = measure_ids(tree.code)
    duties = duties_of_measures(tree, ids)
    stored = {
        row.measure_id: row
        for row in MeasureReview.objects.filter(
            measure__in=duties.by_id, fiscal_year=tree.fiscal_year
        ).select_related("entered_by", "confirmed_by").prefetch_related("kpi_reviews__kpi")
    }  # fmt: skip
    movers = movers_of(MeasureReview, stored.values())
    moved = {about: movers[row.pk] for about, row in stored.items()}
    recorders = decision_recorders_of(stored.values())
    decided = {about: recorders.get(row.pk) for about, row in stored.items()}
    names = dict(Section.objects.values_list("pk", "name"))
    choices = choices_of_plan(duties.strategy_id)
    grades = choices.grade_labels
    proposals = {ids[node.place]: proposed_grade(node.kpis, grades) for node in tree.measures}
    return YearOfMeasures(
        tuple(
            MeasureRow(
                pk := ids[node.place],
                node,
                stored.get(pk),
                tuple(names[one] for one in duties.sections(pk)),
                proposals[pk],
                access.may_write_review(user, duties.sections(pk)),
                counting.count_by_band(node.kpis, tree.scale),
                moved.get(pk),
                decided.get(pk),
            )
            for node in tree.measures
        ),
        replace(duties, proposals=proposals),
        choices,
    )


def choices_of_plan(strategy_id: int) -> ReviewChoices:
    """Return the lists that a plan chooses from; the standard ones if it has none of its own."""
    found = ReviewChoices.objects.filter(strategy=strategy_id).first()
    return found or ReviewChoices(strategy_id=strategy_id)


def sentence_of(rows: Sequence[MeasureRow]) -> str:
    """Return how many evaluations are written, answered and confirmed."""
    written = [row for row in rows if row.stored]
    if not written:
        return f"内部評価（{len(rows)}件）は、まだ入力されていません。"
    counts = {
        state: sum(row.state == state for row in rows) for state in (NOT_WRITTEN, *State.values)
    }
    parts = [f"{STATE_LABELS[state]}{count}件" for state, count in counts.items() if count]
    return f"内部評価{len(rows)}件のうち、{'、'.join(parts)}です。"


def texts_of(review: MeasureReview) -> list[tuple[str, str]]:
    """Return what a section says in an evaluation, as labels with texts, without what is empty."""
    names = (
        "results", "causes", "issues", "grade", "grade_reason", "policy", "policy_reason",
        "budget",
    )  # fmt: skip
    label = MeasureReview._meta.get_field
    texts = [(str(label(name).verbose_name), getattr(review, name)) for name in names]  # type: ignore[union-attr]
    for one in review.kpi_reviews.all():
        outlook = f"（{one.get_outlook_display()}）" if one.outlook else ""
        texts.append((str(one.kpi.name), f"{one.comment}{outlook}"))
    return [(name, text) for name, text in texts if text]
