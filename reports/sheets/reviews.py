"""The sheets of an edition (A3) with what was written of the year: 内部評価, 事業の実績 and others.

They are written from the data of the edition (reviews/editions/freezing.py), and of the public ones
from its public data (reviews/editions/public_data.py), which name no members of the council.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook

from japanese.calendar_days import era_day
from japanese.fiscal_years import era_label
from japanese.numerals import needed_decimals
from plans.nodes import MeasureNode, ProjectNode, StrategyTree
from reports.sheets.addresses import COUNCIL, EVALUATIONS, GRANTS, OPINIONS, PROJECT_YEARS
from reports.sheets.page import NONE, Line, Page, PlainCell, PrintedColumn, Shown
from reports.sheets.value_cells import measure_name
from reviews.choices import Effect, MemberField, Response
from reviews.editions.public_data import grade_label
from reviews.models import KPIReview
from tables.print_setup import A3

Row = Mapping[str, Any]

REVIEW_SHEETS = (
    (EVALUATIONS, "{words.measure_short}ごとの、取組と成果、要因、課題、評価、次年度の方針。"),
    (
        PROJECT_YEARS,
        "{words.project_short}ごとの、実施内容、成果、予算額、決算額と財源、今後の方針。",
    ),
    (COUNCIL, "会議の開催と、{words.goal}ごとの評価区分、総括意見。"),
    (OPINIONS, "有識者会議の意見と、市の考え方、対応。"),
    (GRANTS, "交付金ごとの、交付額、効果、今後の方針、外部有識者の意見。"),
)
"""The sheets with what each is for, in the words of the plan."""


@dataclass(frozen=True)
class _Column:
    """A column, and how a row of the data fills it."""

    printed: PrintedColumn
    read: Callable[[Row], PlainCell]


def _text(header: str, key: str, width: float, *, narrow: bool = False) -> _Column:
    least = width if narrow else width * 0.6
    return _Column(PrintedColumn(header, width, least=least), lambda row: str(row[key] or ""))


def _yen(header: str, key: str) -> _Column:
    return _Column(
        PrintedColumn(f"{header}\n（千円）", 6, "right"), lambda row: _thousands(row[key])
    )


def _thousands(yen: int | None) -> PlainCell:
    if yen is None:
        return NONE
    shown = Decimal(yen) / 1000
    return Shown(shown, needed_decimals(shown))


def _day(day: str | None) -> str:
    return era_day(date.fromisoformat(day)) if day else ""


def write_reviews(workbook: Workbook, tree: StrategyTree, data: Row) -> None:
    """Add the sheets; one without rows has its header only."""
    words = tree.words
    measures = {measure.place: measure for measure in tree.parts}
    projects = {
        project.place: (measure, project) for measure in tree.parts for project in measure.projects
    }
    _write(workbook, tree, EVALUATIONS, _evaluations(tree, measures), data["measure_reviews"])
    _write(workbook, tree, PROJECT_YEARS, _projects(tree, projects), data["project_years"])
    labels = {goal.position: f"{goal.label} {goal.title}" for goal in tree.goals}
    verdicts = [
        {"title": labels.get(one["goal"], ""), "verdict": one["verdict"], "text": one["summary"]}
        for one in data["goal_reviews"]
    ]
    _write(
        workbook,
        tree,
        COUNCIL,
        [
            _text(f"会議又は{words.goal}", "title", 30),
            _text("評価区分", "verdict", 12),
            _text("内容", "text", 70),
        ],
        [*map(_meeting, data["councils"]), *verdicts],
    )
    _write(workbook, tree, OPINIONS, _opinions(), _of_councils(data["councils"]))
    _write(workbook, tree, GRANTS, _grants(), data["grant_reviews"])


def _write(
    workbook: Workbook,
    tree: StrategyTree,
    name: str,
    columns: Sequence[_Column],
    rows: Iterable[Row],
) -> None:
    lines: list[Line] = [[column.read(row) for column in columns] for row in rows]
    page = Page(workbook, tree, name, A3)
    page.write(
        [column.printed for column in columns], lines, subtitle=f"{name}　{len(lines)}件", frozen=1
    )


def _evaluations(tree: StrategyTree, measures: Mapping[str, MeasureNode]) -> list[_Column]:
    names = {listing.place: listing.name for listing in tree.listings}

    def title(row: Row) -> str:
        measure = measures.get(row["measure"])
        return measure_name(measure, tree.words) if measure else row["measure"]

    def of_kpis(row: Row) -> str:
        said = []
        for one in row["kpis"]:
            expected = KPIReview.Outlook(one["outlook"]).label if one["outlook"] else ""
            outlook = f"（見込み：{expected}）" if expected else ""
            if one["comment"] or outlook:
                said.append(f"{names.get(one['kpi'], '')}：{one['comment']}{outlook}")
        return "\n".join(said)

    return [
        _Column(PrintedColumn(tree.words.measure_short, 16, least=12), title),
        _text("取組と成果", "results", 26),
        _text("要因", "causes", 18),
        _text("課題", "issues", 18),
        _Column(PrintedColumn("指標ごとの所見", 22, least=12), of_kpis),
        _Column(PrintedColumn("評価", 8, least=8), grade_label),
        _text("評価の理由", "grade_reason", 12),
        _text("次年度の\n方針", "policy", 7, narrow=True),
        _text("方針の理由", "policy_reason", 18),
        _text("予算への反映", "budget", 14),
        _text("推進本部の決定", "decision", 14),
    ]


def _projects(
    tree: StrategyTree, projects: Mapping[str, tuple[MeasureNode, ProjectNode]]
) -> list[_Column]:
    def measure(row: Row) -> str:
        found = projects.get(row["project"])
        return measure_name(found[0], tree.words) if found else ""

    def name(row: Row) -> str:
        found = projects.get(row["project"])
        return found[1].name if found else row["project"]

    return [
        _Column(PrintedColumn(f"{tree.words.project_short}名", 16, least=11), name),
        _Column(PrintedColumn(tree.words.measure_short, 14, least=9), measure),
        _text("担当課", "section", 8),
        _text("実施内容", "done", 18),
        _text("活動実績", "output", 12),
        _text("成果", "outcome", 16),
        _text("課題", "issues", 14),
        _yen("予算額", "budget"),
        _yen("決算額", "settlement"),
        _yen("国", "national"),
        _yen("道", "prefectural"),
        _yen("起債", "bonds"),
        _yen("その他", "other_funds"),
        _yen("一般財源", "general"),
        _text("交付金", "grant", 10),
        _text("今後の\n方針", "policy", 6, narrow=True),
        _Column(
            PrintedColumn("終了年度", 5),
            lambda row: era_label(row["ends_in"]) if row["ends_in"] else "",
        ),
    ]


def _meeting(held: Row) -> Row:
    """Return a row about a meeting: when and where, and who was there, by field or by name."""
    lines = ["　".join(filter(None, (_day(held["held_on"]), held["place"] or "")))]
    lines += [
        f"{_field(one['field'])}：{one['members']}人（出席{one['attended']}人）"
        for one in held.get("fields", ())
    ]
    lines += [
        f"{'出席' if one['attended'] else '欠席'}：{one['name']} {one['post']}".strip()
        for one in held.get("members", ())
    ]
    return {"title": held["name"], "verdict": "", "text": "\n".join(filter(None, lines))}


def _field(code: str) -> str:
    return str(MemberField(code).label) if code else "分野の記載なし"


def _of_councils(councils: Iterable[Row]) -> list[Row]:
    return [
        {**opinion, "council": held["name"]} for held in councils for opinion in held["opinions"]
    ]


def _opinions() -> list[_Column]:
    return [
        _Column(PrintedColumn("番号", 4, "right"), lambda row: Shown(row["number"])),
        _text("会議", "council", 14),
        _Column(
            PrintedColumn("委員の分野", 9),
            lambda row: _field(row["field"]) if row["field"] else "",
        ),
        _text("対象", "about", 16),
        _text("意見", "text", 34),
        _text("市の考え方", "answer", 34),
        _Column(
            PrintedColumn("対応", 8),
            lambda row: str(Response(row["response"]).label) if row["response"] else "",
        ),
        _text("担当課", "section", 9),
        _Column(PrintedColumn("期限", 9), lambda row: _day(row["due_on"])),
        _text("その後の状況", "outcome", 18),
    ]


def _grants() -> list[_Column]:
    return [
        _text("交付金", "grant", 20),
        _text("種類", "kind", 12),
        _yen("交付額", "amount"),
        _Column(
            PrintedColumn("効果", 12),
            lambda row: str(Effect(row["effect"]).label) if row["effect"] else "",
        ),
        _text("効果の理由", "effect_reason", 30),
        _text("今後の方針", "policy", 8),
        _text("方針の理由", "policy_reason", 24),
        _text("外部有識者の意見", "opinion", 30),
        _Column(PrintedColumn("意見の日", 9), lambda row: _day(row["opinion_on"])),
    ]
