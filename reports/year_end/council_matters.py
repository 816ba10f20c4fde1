"""What 有識者会議 and 議会 learn about evaluations: last year's opinions, this year's 内部評価.

Both are for readers outside: an unconfirmed evaluation is named, but its content is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from indicators.rules.terms import WITHHELD_LABEL
from japanese.calendar_days import day_label
from japanese.characters import one_line
from japanese.fiscal_years import era_label
from plans.nodes import MeasureNode, StrategyTree
from reports.sheets.page import NONE
from reviews.council.meetings import subject_key, subjects_of
from reviews.duties import measure_ids
from reviews.editions.public_data import hides_grade
from reviews.models import MeasureReview, Opinion, State

NUMBER = "番号"
UNCONFIRMED = "（未確認）"


@dataclass(frozen=True)
class Matters:
    """A list as texts, with heading and headers. `name` is short, `nothing` for an empty one."""

    heading: str
    name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    nothing: str

    @property
    def told(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The rows one below the other: each with its title and what it says, by name.

        What is not confirmed comes last, together.
        """
        open_ones = [row[0] for row in self.rows if row[1] == UNCONFIRMED]
        together = [
            (f"確認していないもの（{len(open_ones)}件）", [(self.headers[0], "\n".join(open_ones))])
        ]
        return [
            (
                one_line(row[0]) if self.headers[0] != NUMBER else f"意見　{one_line(row[0])}",
                [one for one in zip(self.headers[1:], row[1:], strict=True) if one[1] != NONE],
            )
            for row in self.rows
            if row[1] != UNCONFIRMED
        ] + (together if open_ones else [])


def council_matters(tree: StrategyTree) -> tuple[Matters, ...]:
    """Return the lists for the year of a public tree, the opinions first; a constant number of
    queries.

    For an earlier day there are none: what was written then is not known any more.
    """
    if tree.as_of is not None:
        return ()
    ids = measure_ids(tree.code)
    return _opinions(tree, ids), _evaluations(tree, ids)


_ABOUT = (
    "goal__strategy",
    "measure__group__goal__strategy",
    "numeric_target__goal__strategy",
    "kpi__measure__group__goal__strategy",
    "project__measure__group__goal__strategy",
)


def _opinions(tree: StrategyTree, ids: Mapping[str, int]) -> Matters:
    names = {subject.key: subject.name for subject in subjects_of(tree, ids)}
    found = (
        Opinion.objects.filter(
            council__strategy__code=tree.code, council__fiscal_year=tree.fiscal_year - 1
        )
        .select_related("council", "section", *_ABOUT)
        .order_by("council__number", "number")
    )
    rows = tuple(
        _opinion(one, names.get(subject_key(one), ""))
        for one in found
        if not tree.part or subject_key(one) in names
    )
    year = era_label(tree.fiscal_year - 1)
    return Matters(
        f"前年度（{year}実績）の意見と、市の対応",
        "前年度の意見",
        (NUMBER, "対象", "意見", "市の考え方", "対応", "その後の状況", "担当課"),
        rows,
        f"前年度（{year}実績）の有識者会議の意見は、登録されていません。",
    )


def _opinion(one: Opinion, about: str) -> tuple[str, ...]:
    due = f"期限：{day_label(one.due_on)}" if one.due_on else ""
    return (
        "\n".join(
            filter(None, (f"第{one.council.number}回の{one.number}", one.get_field_display()))
        ),
        about or str(one.about),
        one.text,
        one.answer or "（未回答）",
        "\n".join(filter(None, (one.get_response_display() or NONE, due))),
        one.outcome or NONE,
        one.section.name if one.section else NONE,
    )


def _evaluations(tree: StrategyTree, ids: Mapping[str, int]) -> Matters:
    reviews = {
        one.measure_id: one
        for one in MeasureReview.objects.filter(
            measure__in=ids.values(), fiscal_year=tree.fiscal_year, state=State.CONFIRMED
        )
    }
    words = tree.words
    return Matters(
        f"内部評価（{era_label(tree.fiscal_year)}実績）",
        "内部評価",
        (words.measure, "評価", "取組と成果", "課題", "次年度の方針", "推進本部の決定"),
        tuple(_evaluation(measure, reviews.get(ids[measure.place])) for measure in tree.measures),
        f"{words.measure}は登録されていません。",
    )


def _evaluation(measure: MeasureNode, review: MeasureReview | None) -> tuple[str, ...]:
    name = f"{measure.label_in_plan} {measure.title}"
    if review is None:
        return (name, UNCONFIRMED, *[NONE] * 4)
    policy = "\n".join(filter(None, (review.policy, review.policy_reason)))
    decided = f"（{day_label(review.decided_on)}）" if review.decided_on else ""
    grade = WITHHELD_LABEL if hides_grade(measure) else review.grade
    texts = (grade, review.results, review.issues, policy, review.decision + decided)
    return (name, *(text or NONE for text in texts))
