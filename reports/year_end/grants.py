"""交付金の検証 as the form that goes to the state: one line per KPI of each 交付金.

It is for readers outside: values marked 秘匿 are left out.
"""

from collections.abc import Iterator, Sequence

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range

from indicators.plan_words import Words
from plans.nodes import StrategyTree
from reports.paper_workbook import paper_workbook
from reports.sheets.addresses import HEADER_ROW
from reports.sheets.page import NONE, Line, Live, Page, PrintedColumn, Shown
from reports.sheets.page import Heading as PageHeading
from reports.year_end.blocks import (
    Block,
    Note,
    PaperFigure,
    PaperHeading,
    PaperPart,
    PaperRow,
    PaperTable,
    paper_facts,
)
from reports.year_end.blocks import PaperColumn as BlockColumn
from reports.year_end.frozen_plan import FrozenJson, FrozenListing, FrozenPlan, FrozenProject
from reports.year_end.tables import day_of, listing_table
from reports.year_end.year_data import public_year_data
from reviews.choices import Effect
from tables.print_setup import A3

TITLE = "交付金の検証"

_EFFECTS = dict(Effect.choices)


def grants_workbook(tree: StrategyTree) -> bytes:
    """Return the form as a workbook of one sheet, A3."""
    return paper_workbook(tree, TITLE, _write)


def grants_part(plan: FrozenPlan) -> PaperPart:
    """Return the same as the part of a page."""
    word = plan.words.project_short
    blocks = list(grant_blocks(plan)) or [Note(f"{word}に、交付金は登録されていません。")]
    return PaperPart(TITLE, TITLE, "grants", tuple(blocks))


def grant_blocks(plan: FrozenPlan) -> Iterator[Block]:
    """Yield the texts about each 交付金; nothing without any."""
    grants = grants_of(plan)
    if not grants:
        return
    rows = []
    amounts = []
    for number, (name, kind, review) in enumerate(grants, 1):
        amount = review.get("amount")
        figure = NONE if amount is None else PaperFigure(amount, f"grant/{number}")
        if isinstance(figure, PaperFigure):
            amounts.append(figure)
        effect = _EFFECTS.get(review.get("effect", ""), NONE)
        rows.append(PaperRow((name, kind or NONE, figure, effect, review.get("policy") or NONE)))
    if amounts:
        of = tuple(one.key for one in amounts)
        whole = PaperFigure(sum(one.value for one in amounts), "grant/whole", of)
        rows.append(PaperRow(("合計", "", whole, "", ""), is_total=True))
    columns = (BlockColumn("交付金", 6), BlockColumn("種類", 4), BlockColumn("交付額", 3, "right"),
               BlockColumn("効果", 4), BlockColumn("今後の方針", 3))  # fmt: skip
    yield PaperTable("交付金ごとの交付額（千円）、効果と今後の方針", columns, tuple(rows))
    for name, kind, review in grants:
        yield PaperHeading(name)
        projects = projects_of(plan, name)
        yield from paper_facts(
            ("種類", kind),
            (plan.words.project, "\n".join(one.data["name"] for one in projects)),
            ("効果", _EFFECTS.get(review.get("effect", ""))),
            ("効果の理由", review.get("effect_reason")),
            ("今後の方針", review.get("policy")),
            ("方針の理由", review.get("policy_reason")),
            ("外部有識者の意見", review.get("opinion")),
            ("意見の日", day_of(review.get("opinion_on"))),
        )
        yield listing_table(
            f"{plan.words.kpi}の目標と実績",
            kpis_of(plan, name),
            {},
            f"この交付金の{plan.words.kpi_short}は登録されていません。",
        )


def grants_of(plan: FrozenPlan) -> list[tuple[str, str, FrozenJson]]:
    """Return the 交付金 of the plan: name, type, and what was written of the year."""
    reviews = {one["grant"]: one for one in plan.data["grant_reviews"]}
    found = {one["name"]: one.get("type") or "" for one in plan.grants}
    found |= {name: one["kind"] or "" for name, one in reviews.items()}
    for one in plan.data["project_years"]:
        if one["grant"]:
            found.setdefault(one["grant"], "")
    return [(name, kind, reviews.get(name, {})) for name, kind in found.items()]


def kpis_of(plan: FrozenPlan, grant: str) -> list[FrozenListing]:
    """Return the KPIs and 数値目標 of a 交付金: those that name it, or whose measure does."""
    number = _number(plan, grant)
    found = []
    for goal in plan.goals:
        found += [one for one in goal.targets if number in one.data.get("grants", [])]
        for measure in goal.measures:
            found += [
                one
                for one in measure.kpis
                if number in one.data.get("grants", []) or number in measure.grants
            ]
    return found


def projects_of(plan: FrozenPlan, grant: str) -> list[FrozenProject]:
    """Return the projects of a 交付金: those that name it, or that it paid for in the year."""
    number = _number(plan, grant)
    return [
        one
        for _, measure in plan.measures
        for one in measure.projects
        if number in one.grants
        or number in measure.grants
        or (one.record and one.record["grant"] == grant)
    ]


def _number(plan: FrozenPlan, grant: str) -> int | None:
    return next((one["number"] for one in plan.grants if one["name"] == grant), None)


def _columns(words: Words) -> tuple[PrintedColumn, ...]:
    return (
        PrintedColumn("番号", 3, "center"),
        PrintedColumn("交付金の名称", 10, least=7),
        PrintedColumn("種類", 7, least=5),
        PrintedColumn(f"{words.project_short}の名称", 12, least=8),
        PrintedColumn("交付額（円）", 7, "right", least=6),
        PrintedColumn(words.kpi_short, 12, least=8),
        PrintedColumn("基準値", 6, "right", least=4.5),
        PrintedColumn("目標値", 6, "right", least=4.5),
        PrintedColumn("実績値", 6, "right", least=4.5),
        PrintedColumn("効果", 9, least=6),
        PrintedColumn("効果の理由", 18, least=12),
        PrintedColumn("今後の方針", 6, least=5),
        PrintedColumn("方針の理由", 18, least=12),
        PrintedColumn("外部有識者の意見", 20, least=13),
        PrintedColumn("意見の日", 7, least=6),
    )


def _write(workbook: Workbook, tree: StrategyTree) -> None:
    plan = FrozenPlan(public_year_data(tree))
    columns = _columns(plan.words)
    lines: list[Line | PageHeading] = []
    for number, (name, kind, review) in enumerate(grants_of(plan), 1):
        lines += _lines_of(plan, number, (name, kind, review))
    amounts = [line[4].number for line in lines if isinstance(line[4], Shown)]  # type: ignore[index]
    if lines:
        cells = xl_range(HEADER_ROW + 1, 4, HEADER_ROW + len(lines), 4)
        whole: Line = [""] * len(columns)
        whole[1], whole[4] = "合計", Live(f"=SUM({cells})", sum(amounts))
        lines.append(whole)
    notes = [
        f"一つの交付金に{plan.words.kpi_short}が二つ以上あるときは、"
        "二行目から交付金の欄を空けています。"
    ]
    if not lines:
        notes = ["この計画に、交付金は登録されていません。"]
    page = Page(workbook, tree, TITLE, A3)
    page.write(columns, lines, subtitle=f"{TITLE}（国に提出する様式）", notes=notes, frozen=2)


def _lines_of(plan: FrozenPlan, number: int, grant: tuple[str, str, FrozenJson]) -> Sequence[Line]:
    name, kind, review = grant
    amount = review.get("amount")
    projects = "\n".join(one.data["name"] for one in projects_of(plan, name))
    first: Line = [
        str(number),
        name,
        kind or NONE,
        projects or NONE,
        NONE if amount is None else Shown(amount),
    ]
    last: Line = [
        _EFFECTS.get(review.get("effect", ""), NONE),
        review.get("effect_reason") or NONE,
        review.get("policy") or NONE,
        review.get("policy_reason") or NONE,
        review.get("opinion") or NONE,
        day_of(review.get("opinion_on")) or NONE,
    ]
    kpis: list[Line] = [
        [one.name, one.baseline, one.target, one.actual] for one in kpis_of(plan, name)
    ] or [[NONE] * 4]
    blank: Line = [""]
    return [
        [*first, *kpis[0], *last],
        *([*(blank * 5), *kpi, *(blank * 6)] for kpi in kpis[1:]),
    ]
