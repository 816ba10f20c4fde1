"""What an 内部評価 needs before a head sees it: what is empty, and what to do."""

from collections.abc import Iterator

from reviews.lacking import Lacking
from reviews.models import MeasureReview


def lacking_evaluation(row: MeasureReview, proposed: str) -> Iterator[Lacking]:
    """Yield what an evaluation lacks; it may be stored without it, as 入力中.

    `proposed` is the grade that the KPIs suggest now, "" where none of them is judged: then there
    may be nothing to grade. Values may have changed since the grade was chosen, so that it needs a
    reason only now.
    """
    if not row.results.strip():
        yield Lacking("results", "取組と成果", "取組と成果を入力してください。")
    if proposed and not row.grade:
        remedy = f"評価を選んでください（指標の判定による案は「{proposed}」です）。"
        yield Lacking("grade", "評価", remedy)
    if row.grade and proposed not in ("", row.grade) and not row.grade_reason.strip():
        remedy = (
            f"評価「{row.grade}」は、今の実績値による案「{proposed}」と違います。"
            "その理由を入力するか、評価を選び直してください。"
        )
        yield Lacking("grade_reason", "案と違う評価にした理由", remedy)
    if not row.policy:
        yield Lacking("policy", "次年度の方針", "次年度の方針を選んでください。")
