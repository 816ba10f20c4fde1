"""The tables that papers of the year's end share: indicators, results and money of projects."""

from collections.abc import Iterator, Sequence
from datetime import date

from indicators.rules.narrowing_types import given
from japanese.calendar_days import day_label
from japanese.fiscal_years import full_label
from reports.sheets.page import NONE
from reports.year_end.blocks import (
    Block,
    Note,
    PaperCell,
    PaperColumn,
    PaperFacts,
    PaperFigure,
    PaperHeading,
    PaperRow,
    PaperTable,
    said,
    totals,
)
from reports.year_end.frozen_plan import FrozenJson, FrozenListing, FrozenPlan, FrozenProject
from reviews.editions.public_data import grade_label
from reviews.models import FUNDS, KPIReview

MONEY = ("budget", "settlement", *FUNDS)
_HEADERS = ("予算額", "決算額", "国", "道", "地方債", "その他", "一般財源")
MONEY_COLUMNS = tuple(PaperColumn(header, 2, "right") for header in _HEADERS)

NOT_CONFIRMED = "確認していないため、載せていません。"

_OUTLOOKS = dict(KPIReview.Outlook.choices)


def listing_table(
    caption: str, listings: Sequence[FrozenListing], comments: dict[str, FrozenJson], nothing: str
) -> PaperTable:
    """Return the table of some 数値目標 or KPIs, with the evaluation's comment on each."""
    columns = (
        PaperColumn("指標", 6),
        PaperColumn("基準値", 3, "right"),
        PaperColumn("実績値", 3, "right"),
        PaperColumn("目安値", 3, "right"),
        PaperColumn("目標値", 3, "right"),
        PaperColumn("判定", 3, "center"),
    )
    rows = []
    for one in listings:
        comment = comments.get(one.place, {})
        outlook = _OUTLOOKS.get(comment.get("outlook", ""), "")
        below = said(
            ("目標", one.data["sentence"]),
            ("説明", one.explanation),
            ("担当課の見方", "　".join(filter(None, (comment.get("comment"), outlook)))),
        )
        cells = (one.name, one.baseline, one.actual, one.expected, one.target, one.judgement)
        rows.append(PaperRow(cells, below=below))
    return PaperTable(caption, columns, tuple(rows), nothing)


def comments_of(review: FrozenJson | None) -> dict[str, FrozenJson]:
    """Return the comment of an evaluation on each KPI, by the place of the KPI."""
    return {one["kpi"]: one for one in (review or {}).get("kpis", [])}


def project_blocks(
    plan: FrozenPlan, projects: Sequence[FrozenProject], key: str
) -> Iterator[Block]:
    """Yield the money of some projects with its sum, then what each of them did.

    The keys of the sums are `key` with the number of the column.
    """
    words = plan.words
    if not projects:
        yield Note(f"{words.project}は登録されていません。")
        return
    rows = [money_row(one) for one in projects]
    sums = PaperRow(
        (f"計（{words.project_short}{len(rows)}件）", *totals(rows, 1, key)), is_total=True
    )
    caption = f"{words.project}の予算額、決算額と財源内訳（千円）"
    yield PaperTable(
        caption, (PaperColumn(f"{words.project_short}名", 6), *MONEY_COLUMNS), (*rows, sums)
    )
    if without := [one for one in projects if _lacks_funds(one)]:
        amount = PaperFigure(sum(one.record["settlement"] for one in without if one.record)).text
        names = "、".join(one.data["name"] for one in without)
        yield Note(
            f"財源内訳を入力していない{words.project_short}があるため、内訳の合計は決算額より"
            f"{amount}千円少なくなります：{names}"
        )
    confirmed = [one for one in projects if one.record]
    if unread := len(projects) - len(confirmed):
        yield Note(f"（未確認）の{unread}件は、実績を{NOT_CONFIRMED}")
    if not confirmed:
        return
    listed = [one.name for one in projects]
    # Projects of the same name are distinguished by their number in the measure.
    yield PaperFacts(
        tuple(
            (f"{one.data['position']} {one.name}" if listed.count(one.name) > 1 else one.name,
             results_of(one))
            for one in confirmed
        )
    )  # fmt: skip


def money_row(project: FrozenProject) -> PaperRow:
    """Return the row of a project with its money; NONE where it has none here."""
    record, name = project.record, project.name
    if not record:
        return PaperRow((f"{name}（未確認）", *(NONE for _ in MONEY)))
    cells: list[PaperCell] = []
    for field in MONEY:
        amount = record[field] if project.has_money else None
        cells.append(NONE if amount is None else PaperFigure(amount, f"{project.place}/{field}"))
    return PaperRow((name, *cells))


def _lacks_funds(project: FrozenProject) -> bool:
    record = project.record
    return bool(
        record
        and project.has_money
        and record["settlement"]
        and all(record[field] is None for field in FUNDS)
    )


def results_of(project: FrozenProject) -> str:
    """Return what a confirmed project did and what comes next, each on a line of its own."""
    record = given(project.record)
    ends = record["ends_in"]
    lines = said(
        ("担当課", record["section"] or project.data.get("section")),
        ("交付金", record["grant"]),
        ("実施内容", record["done"]),
        ("活動実績", record["output"]),
        ("成果", record["outcome"]),
        ("課題", record["issues"]),
        ("今後の方針", record["policy"]),
        ("終了年度", full_label(ends) if ends else ""),
    )
    return "\n".join(f"{name}：{text}" for name, text in lines) or "記載はありません。"


def review_blocks(review: FrozenJson | None) -> Iterator[Block]:
    """Yield 内部評価 of a measure, or that there is none that is confirmed."""
    yield PaperHeading("内部評価", 4)
    if review is None:
        yield Note(f"内部評価は、{NOT_CONFIRMED}")
        return
    grade = grade_label(review)
    if review["grade_reason"]:
        # The public does not see what the judgements propose, which may rest on withheld values.
        proposed = review.get("proposed_grade")
        grade += f"\n指標の判定による案は「{proposed}」。" if proposed else "\n"
        grade += f"違う評価にした理由：{review['grade_reason']}"
    rows = said(
        ("評価", grade),
        ("取組と成果", review["results"]),
        ("要因", review["causes"]),
        ("課題", review["issues"]),
        ("次年度の方針", "\n".join(filter(None, (review["policy"], review["policy_reason"])))),
        ("予算への反映", review["budget"]),
        ("推進本部の決定", review["decision"]),
        ("決定の日", day_of(review["decided_on"])),
    )
    yield PaperFacts(rows) if rows else Note("記載はありません。")


def day_of(text: str | None) -> str:
    """Return a day of the data as people read it; "" without one."""
    return day_label(date.fromisoformat(text)) if text else ""
