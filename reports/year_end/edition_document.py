"""検証調書 as a printed document, drawn from the data of an edition alone.

Before a year is fixed it is drawn from what an edition would have, and marked as 案. For the public
it is drawn from the edition's public data (reviews/editions/public_data.py), which have no names of
members, no minutes and nothing 秘匿.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils import timezone
from xlsxwriter import Workbook

from goals.models import period_label
from japanese.calendar_days import day_label
from japanese.fiscal_years import era_label, full_label
from reports.paper_workbook import dated_workbook
from reports.sheets.page import NONE
from reports.year_end.block_sheets import write_parts
from reports.year_end.blocks import (
    ROUNDED,
    Block,
    Note,
    PaperCell,
    PaperColumn,
    PaperContents,
    PaperFacts,
    PaperFigure,
    PaperHeading,
    PaperPart,
    PaperRow,
    PaperTable,
    paper_facts,
    said,
    total,
    totals,
)
from reports.year_end.frozen_plan import FrozenGoal, FrozenJson, FrozenListing, FrozenPlan
from reports.year_end.grants import grant_blocks
from reports.year_end.settlement import measure_blocks
from reports.year_end.tables import MONEY, MONEY_COLUMNS, day_of, listing_table, money_row
from reviews.choices import MemberField, Response
from reviews.editions.differences import differences_in
from reviews.editions.open_matters import groups_left_open
from reviews.editions.public_data import grade_label
from reviews.models import Erratum

EDITION_TITLE = "検証調書"
DRAFT = "案（決裁用。まだ確定していません）"
INSIDE, PUBLIC = "庁内用", "公表用"

_HANDLING = {
    INSIDE: "庁内用です。秘匿の値があります。市の外には、確定した号の公表用を出してください。",
    PUBLIC: "公表用です。個人の氏名、秘匿の値と、それが分かる値は載せません。",
}


@dataclass(frozen=True)
class Imprint:
    """The text about an edition on its cover; `number` is None before the year is fixed.

    `use` is INSIDE for a paper with values marked 秘匿, PUBLIC for one that the public gets.
    """

    number: int | None = None
    decided_on: date | None = None
    document_number: str = ""
    sha256: str = ""
    fixed_at: datetime | None = None
    state: str = ""
    use: str = ""

    @property
    def title(self) -> str:
        """検証調書 第2号; 検証調書 第2号（公表用）; 検証調書（案、庁内用）"""
        number = "" if self.number is None else f" 第{self.number}号"
        marks = "、".join(filter(None, ("" if number else "案", self.use)))
        return f"{EDITION_TITLE}{number}" + (f"（{marks}）" if marks else "")


@dataclass(frozen=True)
class Beside:
    """What goes with the data: 正誤, and whether there is an earlier edition to compare with."""

    has_earlier: bool = False
    errata: Sequence[Erratum] = ()


def printed_edition_workbook(plan: FrozenPlan, imprint: Imprint, beside: Beside) -> bytes:
    """Return the document as a workbook: the same edition and 正誤 give the same bytes."""
    parts = edition_parts(plan, imprint, beside)
    created = imprint.fixed_at or datetime(plan.fiscal_year + 1, 4, 1, tzinfo=UTC)
    created = created.astimezone(UTC).replace(microsecond=0, tzinfo=None)

    def write(workbook: Workbook) -> None:
        write_parts(workbook, plan, imprint.title, parts)

    return dated_workbook(plan, imprint.title, created, write)


def edition_parts(plan: FrozenPlan, imprint: Imprint, beside: Beside) -> list[PaperPart]:
    """Return the parts of the document: the cover first, with the 目次 of the others."""
    others = [
        *([_errata(beside.errata)] if beside.errata else []),
        _overview(plan),
        *(_goal(plan, goal) for goal in plan.goals),
        *_grants(plan),
        _council(plan),
        _differences(plan, imprint, beside),
    ]
    return [_cover(plan, imprint), *others]


def _cover(plan: FrozenPlan, imprint: Imprint) -> PaperPart:
    fixed, left = imprint.fixed_at, plan.data.get("left_open", {})
    groups = groups_left_open(left) if left else []
    blocks: list[Block] = [
        PaperFacts(
            said(
                ("計画", f"{plan.city}　{plan.title}"),
                ("計画期間", _period(plan)),
                ("対象", f"{full_label(plan.fiscal_year)}の実績"),
                ("号", f"第{imprint.number}号" if imprint.number else DRAFT),
                ("取扱い", _HANDLING.get(imprint.use)),
                ("状態", imprint.state),
                ("決裁日", day_label(imprint.decided_on) if imprint.decided_on else ""),
                ("文書番号", imprint.document_number),
                ("確定した日", day_label(timezone.localdate(fixed)) if fixed else ""),
                ("SHA-256", imprint.sha256),
            )
        ),
        PaperHeading("目次"),
        PaperContents(),
    ]
    if groups:
        heading = "終わっていないまま確定したもの" if imprint.number else "終わっていないもの"
        blocks += [PaperHeading(heading), *paper_facts(("理由", left.get("reason")))]
        blocks += [
            PaperTable(
                f"{kind}（{len(names)}件）",
                (PaperColumn("内容", 1),),
                tuple(PaperRow((one,)) for one in names),
            )
            for kind, names in groups
        ]
    blocks.append(Note("確認した値と実績、評価だけを載せています。"))
    return PaperPart("表紙", "この検証調書について", "cover", tuple(blocks))


def _period(plan: FrozenPlan) -> str:
    strategy = plan.data["plan"]["strategy"]
    return period_label(strategy["first_fiscal_year"], strategy["last_fiscal_year"])


def _errata(errata: Sequence[Erratum]) -> PaperPart:
    rows = [
        PaperRow(
            (str(one.number), one.place, one.wrong, one.right, day_label(one.entered_on)),
            below=said(("理由", one.reason)),
        )
        for one in errata
    ]
    columns = (
        PaperColumn("番号", 1, "center"),
        PaperColumn("箇所", 4),
        PaperColumn("誤", 6),
        PaperColumn("正", 6),
        PaperColumn("日付", 4),
    )
    note = Note("本文は、確定したときのまま変えていません。正誤を次のとおり示します。")
    return PaperPart(
        "正誤表",
        "正誤表",
        "errata",
        (note, PaperTable(f"正誤（{len(rows)}件）", columns, tuple(rows))),
        continues=True,
    )


def _overview(plan: FrozenPlan) -> PaperPart:
    words = plan.words
    every = [one for goal in plan.goals for one in goal.listings]
    statuses = plan.statuses(every)
    rows = [_counts(goal, [status for status, _ in statuses]) for goal in plan.goals]
    whole = PaperRow(("合計", *totals(rows, 1, "count")), is_total=True)
    columns = [PaperColumn(words.goal, 6), PaperColumn("指標", 2, "right")]
    columns += [PaperColumn(label, 2, "right") for _, label in statuses]
    repeated = sum(one.relisted for one in every if not one.is_monitor)
    monitors = sum(one.is_monitor for one in every)
    notes = [
        f"件数は、再掲（{repeated}件）を含みます。" if repeated else "",
        f"ほかに、判定しない参考指標が{monitors}件あります。" if monitors else "",
    ]
    blocks: list[Block] = [
        PaperTable(
            f"{words.goal}ごとの件数",
            tuple(columns),
            (*rows, whole) if rows else (),
            f"{words.goal}は登録されていません。",
        ),
        *(Note(note) for note in notes if note),
        *_evaluations(plan),
        *_money(plan),
    ]
    return PaperPart("概要", "概要", "overview", tuple(blocks))


def _counts(goal: FrozenGoal, statuses: Sequence[str]) -> PaperRow:
    listed = [one for one in goal.listings if not one.is_monitor]
    numbers = [len(listed), *(sum(one.status == status for one in listed) for status in statuses)]
    figures = (
        PaperFigure(number, f"count/{goal.position}/{index}", is_yen=False)
        for index, number in enumerate(numbers)
    )
    return PaperRow((f"{goal.label}　{goal.title}", *figures))


def _evaluations(plan: FrozenPlan) -> Iterator[Block]:
    words = plan.words
    yield PaperHeading("評価の一覧")
    rows = []
    for goal in plan.goals:
        verdict = plan.verdicts.get(goal.position, {}).get("verdict") or NONE
        name = f"{goal.label}　{goal.title}"
        rows.append(PaperRow((name, f"有識者会議：{verdict}", ""), is_total=True))
        for measure in goal.measures:
            if measure.is_direct:
                continue
            review = plan.reviews.get(measure.place)
            said_of_it = (
                (grade_label(review) or NONE, review["policy"] or NONE)
                if review
                else ("（未確認）", NONE)
            )
            rows.append(PaperRow((f"{measure.label} {measure.data['title']}", *said_of_it)))
    columns = (PaperColumn(f"{words.goal}、{words.measure}", 11), PaperColumn("評価", 5),
               PaperColumn("次年度の方針", 4))  # fmt: skip
    yield PaperTable(
        "評価と次年度の方針", columns, tuple(rows), f"{words.measure}は登録されていません。"
    )


def _money(plan: FrozenPlan) -> Iterator[Block]:
    yield PaperHeading("決算額と財源内訳")
    rows = []
    for goal in plan.goals:
        cells: list[PaperCell] = []
        of_projects = [
            money_row(one).cells[1:] for measure in goal.measures for one in measure.projects
        ]
        for index in range(len(MONEY)):
            cells.append(
                total((one[index] for one in of_projects), f"money/{goal.position}/{index}")
            )
        rows.append(PaperRow((f"{goal.label}　{goal.title}", *cells)))
    whole = PaperRow(("合計", *totals(rows, 1, "money")), is_total=True)
    columns = (PaperColumn(plan.words.goal, 6), *MONEY_COLUMNS)
    nothing = f"{plan.words.goal}は登録されていません。"
    yield PaperTable("単位：千円", columns, (*rows, whole) if rows else (), nothing)
    yield Note(ROUNDED)


def _goal(plan: FrozenPlan, goal: FrozenGoal) -> PaperPart:
    words, verdict = plan.words, plan.verdicts.get(goal.position, {})
    blocks: list[Block] = [PaperHeading("有識者会議の評価")]
    facts = paper_facts(("評価", verdict.get("verdict")), ("総括意見", verdict.get("summary")))
    blocks += facts or [Note("有識者会議の評価は、まだありません。")]
    opinions = [one for one in _opinions(plan.data) if one[1].get("goal") == goal.position]
    if opinions:
        blocks.append(_opinion_table("意見と市の考え方", opinions))
    blocks.append(PaperHeading(words.numeric_target))
    blocks.append(_targets(plan, goal.targets))
    for measure in goal.measures:
        if not measure.is_direct or measure.kpis or measure.projects:
            blocks += measure_blocks(plan, measure)
    title = f"{goal.label}　{goal.title}"
    return PaperPart(goal.label, title, f"goal-{goal.position}", tuple(blocks))


def _targets(plan: FrozenPlan, targets: Sequence[FrozenListing]) -> PaperTable:
    word = plan.words.numeric_target
    return listing_table(f"{word}の状況", targets, {}, f"{word}は登録されていません。")


def _grants(plan: FrozenPlan) -> Iterator[PaperPart]:
    blocks = list(grant_blocks(plan))
    if blocks:
        yield PaperPart("交付金の検証", "交付金の検証", "grants", tuple(blocks))


def _opinions(data: FrozenJson) -> Iterator[tuple[str, FrozenJson]]:
    """Yield the opinions of a year, each with its number in full."""
    for held in data["councils"]:
        for one in held["opinions"]:
            yield f"第{held['number']}回の{one['number']}", one


def _opinion_table(caption: str, opinions: Sequence[tuple[str, FrozenJson]]) -> PaperTable:
    rows = []
    for number, one in opinions:
        response = dict(Response.choices).get(one["response"], NONE)
        due = f"\n期限：{day_of(one['due_on'])}" if one["due_on"] else ""
        member = dict(MemberField.choices).get(one["field"], "")
        rows.append(
            PaperRow(
                (" ".join(filter(None, (number, member))), one["about"], f"{response}{due}"),
                below=said(
                    ("意見", one["text"]),
                    ("市の考え方", one["answer"] or "（未回答）"),
                    ("担当課", one["section"]),
                    ("その後の状況", one["outcome"]),
                ),
            )
        )
    columns = (PaperColumn("番号", 4), PaperColumn("対象", 10), PaperColumn("対応", 6))
    return PaperTable(caption, columns, tuple(rows))


def _council(plan: FrozenPlan) -> PaperPart:
    blocks: list[Block] = []
    for held in plan.data["councils"]:
        blocks.append(PaperHeading(f"{held['name']}（第{held['number']}回）"))
        blocks += paper_facts(
            ("開催日", day_of(held["held_on"])),
            ("場所", held["place"]),
            *_present(held),
            ("議事", held.get("minutes")),
        )
    if not blocks:
        blocks.append(Note("有識者会議の記録は、まだありません。"))
    positions = {goal.position for goal in plan.goals}
    others = [one for one in _opinions(plan.data) if one[1].get("goal") not in positions]
    if others:
        blocks += [_opinion_table("意見と市の考え方", others)]
    return PaperPart("有識者会議", "有識者会議", "council", tuple(blocks))


def _present(held: FrozenJson) -> Iterator[tuple[str, str]]:
    """Yield who attended a meeting and who did not; for the public how many of each field."""
    if "fields" in held:
        labels = dict(MemberField.choices)
        yield (
            "出席",
            "\n".join(
                f"{labels.get(one['field']) or '分野なし'}　"
                f"{one['attended']}人（委員{one['members']}人）"
                for one in held["fields"]
            ),
        )
        return
    members = held["members"]
    yield "出席", "\n".join(_member(one) for one in members if one["attended"])
    yield "欠席", "\n".join(_member(one) for one in members if not one["attended"])


def _member(member: FrozenJson) -> str:
    field = dict(MemberField.choices).get(member["field"], "")
    return "　".join(filter(None, (member["name"], member["post"], field)))


def _differences(plan: FrozenPlan, imprint: Imprint, beside: Beside) -> PaperPart:
    blocks: list[Block] = []
    differences, is_draft = differences_in(plan.data), imprint.number is None
    if is_draft and differences:
        blocks.append(Note("種類と理由は案です。年度を確定するときに、企画担当が決めます。"))
    if not differences and not beside.has_earlier:
        blocks.append(Note("比べる前の号は、ありません。"))
    else:
        columns = (PaperColumn("指標", 6), PaperColumn("違うもの", 3), PaperColumn("年度", 3),
                   PaperColumn("前に示したもの", 4), PaperColumn("この号", 4),
                   PaperColumn("種類（案）" if is_draft else "種類", 3))  # fmt: skip
        reason = "理由（案）" if is_draft else "理由"
        rows = tuple(
            PaperRow(
                (
                    one["name"],
                    one["what"],
                    era_label(one["fiscal_year"]),
                    one["before"] or NONE,
                    one["now"] or NONE,
                    one["kind"] or NONE,
                ),
                below=said((reason, one["reason"])),
            )
            for one in differences
        )
        caption = f"以前の年度について、前の検証調書と違うもの（{len(rows)}件）"
        nothing = "以前の年度について、前の検証調書と違うものは、ありません。"
        if imprint.use == PUBLIC:
            blocks.append(Note("秘匿の値がある指標の差は、載せません。"))
        blocks.append(PaperTable(caption, columns, rows, nothing))
    return PaperPart("前回との差", "前回公表値との差", "differences", tuple(blocks), continues=True)
