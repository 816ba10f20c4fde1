"""What the offices of the trial write at a year's end; everything is invented.

It is written through the modules that the pages use: who writes, answers and confirms is in the
history as after real work. Import it only when Django is set up (docs/screenshots/trial.py).
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from accounts.models import User
from goals.models import BasicGoal, Grant, Strategy
from indicators.entries import Entry
from indicators.models import Actual, FiscalYear
from indicators.recording import move, record, withhold
from measures.models import Project
from plans.nodes import StrategyTree
from plans.pages import READERS_WORDS
from plans.tree import read_tree
from reviews.duties import Responsible, duties_of_projects
from reviews.measures.evaluations import MeasureRow, YearOfMeasures, year_of_measures
from reviews.models import (
    Answered,
    Council,
    CouncilMember,
    GoalReview,
    GrantReview,
    MeasureReview,
    Opinion,
    ProjectYear,
    State,
    without_money,
)
from reviews.recording import (
    HeadquartersDecision,
    ReviewEntry,
    move_reviews,
    record_decisions,
    record_reviews,
)
from trail.history import Change, Door, changing

CODE = "nemuro-2015"
REASON = "試用のための架空の内容"
PLANNING, CHECKING = "900001", "900002"
GRANT = ("地方創生推進交付金（架空の例）", 12_480_000)

OUTPUTS = ("講座{0}回、参加{1}人", "相談{1}件", "助成{0}件", "開催{0}回、来場{1}人")
OUTCOMES = (
    "参加した人の8割が「続けたい」と答えました。",
    "相談が前年度より増え、早い時期の支援につながりました。",
    "市内の事業者と連携し、取組の範囲を広げました。",
)
ISSUES = (
    "周知の方法を見直し、利用のない地区に届ける必要があります。",
    "担い手が限られているため、関係団体との役割の分担が課題です。",
    "申込みが一時期に偏るため、受付の期間を広げる必要があります。",
)
CAUSES = (
    "関係団体と早い時期に日程を調整できたため、計画どおりに進みました。",
    "対象となる人の数が想定より少なく、実績が伸びませんでした。",
    "前年度に見直した周知の方法に効果があり、利用が増えました。",
)
POLICIES = ("継続", "拡充", "継続", "見直し")
BUDGETS = ("現在の予算を維持します。", "周知の経費を増やします。", "対象を絞り、経費を見直します。")
DECISION = "評価のとおり決定する。課題への対応を、次年度の予算の要求で明らかにすること。"
MINUTES = "1 平成30年度の実績について\n2 内部評価について\n3 意見の交換"
MEMBERS = (
    ("仮名 一郎", "商工会（架空）会長", "industry"),
    ("仮名 京子", "大学（架空）教授", "science"),
    ("仮名 三郎", "銀行（架空）支店長", "finance"),
    ("仮名 史子", "労働団体（架空）代表", "labour"),
    ("仮名 五郎", "新聞社（架空）記者", "media"),
)
OPINIONS = (
    (
        "1-ア-1",
        "science",
        "子育て世帯が使える制度が増えたので、一つの窓口で案内できるとよい。",
        "制度をまとめて案内する冊子を作り、相談所の窓口で配ります。",
        "next_year",
    ),
    (
        "2-イ-2",
        "industry",
        "冬の観光の取組に、市内の飲食店がもっと加われるようにしてほしい。",
        "飲食店の組合と協議し、催しの案内に店の一覧を載せました。",
        "done",
    ),
    (
        "2-ア-2",
        "finance",
        "創業した人が3年後も続けているかどうかを、数で示してほしい。",
        "調べる方法と負担を確かめ、次の計画の指標とするかを検討します。",
        "considered",
    ),
)
VERDICTS = ("有効であった", "おおむね有効であった", "おおむね有効であった", "有効であった")


class YearEnd:
    """A year of the trial's plan in which somebody writes."""

    def __init__(self, fiscal_year: int) -> None:
        self.strategy = Strategy.objects.get(code=CODE)
        self.year = FiscalYear.objects.get(pk=fiscal_year)
        self.planning = User.objects.get(username=PLANNING)
        self.checking = User.objects.get(username=CHECKING)

    @property
    def tree(self) -> StrategyTree:
        """The plan as it is now."""
        return read_tree(CODE, self.year.pk, words=READERS_WORDS)

    @property
    def measures(self) -> YearOfMeasures:
        """The measures with what is written of them now."""
        return year_of_measures(self.tree, self.planning)

    def change(self, by: User) -> Change:
        """Return a change by somebody."""
        return Change(by, Door.PAGE, REASON)

    def grant(self) -> Grant:
        """Return the plan's 交付金."""
        with changing(by=self.planning, door=Door.PAGE, reason=REASON):
            return Grant.objects.get_or_create(
                strategy=self.strategy, number=1, defaults={"name": GRANT[0]}
            )[0]

    def write_projects(
        self, among: slice = slice(None), without: Collection[int] = ()
    ) -> list[ProjectYear]:
        """Write what the projects did, some or all of them."""
        duties, grant = duties_of_projects(self.tree), self.grant()
        projects = Project.objects.filter(pk__in=duties.by_id).select_related("relisted_from")
        entries = [
            ReviewEntry(project.pk, _project_fields(number, project, grant), 0)
            for number, project in list(enumerate(projects))[among]
            if project.pk not in without
        ]
        return record_reviews(ProjectYear, self.year, entries, duties, self.change(self.planning))

    def write_measures(self) -> list[MeasureReview]:
        """Write the evaluations of measures."""
        found = self.measures
        entries = [
            ReviewEntry(row.pk, _measure_fields(number, row), 0, _kpi_fields(row))
            for number, row in enumerate(found.rows)
        ]
        return record_reviews(
            MeasureReview, self.year, entries, found.duties, self.change(self.planning)
        )

    def confirm(self, model: type[Answered], duties: Responsible) -> None:
        """Let the second person of planning confirm what the first one wrote."""
        rows = model._default_manager.filter(fiscal_year=self.year)
        versions = {row.pk: row.version for row in rows}
        move_reviews(model, versions, State.CONFIRMED, duties, self.change(self.checking))

    def decide(self, day: date) -> None:
        """Record what 推進本部 decided on all evaluations."""
        rows = self.measures.rows
        decisions = [
            HeadquartersDecision(row.stored.pk, row.stored.version, DECISION)
            for row in rows
            if row.stored
        ]
        record_decisions(decisions, day, self.measures.duties, self.change(self.planning))

    def hold_council(self, day: date, outcomes: Mapping[int, str]) -> None:
        """Record a meeting with opinions and answers, and the council's verdicts on the goals.

        `outcomes` says by the number of an opinion what became of it.
        """
        with changing(by=self.planning, door=Door.PAGE, reason=REASON):
            held = Council.objects.create(
                strategy=self.strategy,
                fiscal_year=self.year,
                number=1,
                name="創生総合戦略推進会議",
                held_on=day,
                place="市役所（架空の例）",
                minutes=MINUTES,
            )
            for number, (name, post, field) in enumerate(MEMBERS, 1):
                CouncilMember.objects.create(
                    council=held, position=number, name=name, post=post, field=field,
                    attended=number != 4,
                )  # fmt: skip
            found = self.measures
            for number, (place, field, text, answer, response) in enumerate(OPINIONS, 1):
                row = found.row(place)
                assert row is not None
                Opinion.objects.create(
                    council=held,
                    number=number,
                    field=field,
                    text=text,
                    answer=answer,
                    response=response,
                    outcome=outcomes.get(number, ""),
                    measure_id=row.pk,
                    section_id=found.duties.sections(row.pk)[0],
                )
            goals = BasicGoal.objects.filter(strategy=self.strategy).order_by("position")
            for goal, verdict in zip(goals, VERDICTS, strict=False):
                GoalReview.objects.create(
                    goal=goal,
                    fiscal_year=self.year,
                    verdict=verdict,
                    summary="事業が計画的に行われ、成果が見られる。数の少ない取組を広げてほしい。",
                )

    def write_grant(self, day: date) -> None:
        """Record what the 交付金 brought about."""
        with changing(by=self.planning, door=Door.PAGE, reason=REASON):
            GrantReview.objects.create(
                grant=self.grant(),
                fiscal_year=self.year,
                amount=GRANT[1],
                effect="considerable",
                effect_reason="指標の半数が目標に達し、利用が広がりました。",
                policy="継続",
                policy_reason="効果が続いているため。",
                opinion="事業の効果が認められる。",
                opinion_on=day,
            )

    def write_everything(self) -> None:
        """Write of all projects and measures what is not written yet."""
        written = set(
            ProjectYear.objects.filter(fiscal_year=self.year).values_list("project", flat=True)
        )
        self.write_projects(without=written)
        self.write_measures()

    def confirm_everything(self) -> None:
        """Confirm all that is written of projects and measures."""
        self.confirm(ProjectYear, duties_of_projects(self.tree))
        self.confirm(MeasureReview, self.measures.duties)

    def correct_value(self, code: str, by: int, reason: str) -> None:
        """Correct a confirmed value of the year and confirm it again."""
        stored = Actual.objects.select_related("indicator").get(
            indicator__code=code, fiscal_year=self.year
        )
        assert stored.value is not None
        entry = Entry(
            indicator_id=stored.indicator_id,
            fiscal_year=self.year.pk,
            version=stored.version,
            value=stored.value + by,
            remarks=stored.remarks,
            change_kind="corrected",
        )
        [row] = record([entry], Change(self.planning, Door.PAGE, reason))
        assert row is not None
        move({row.pk: row.version}, State.CONFIRMED, self.change(self.checking))

    def withhold(self, code: str) -> None:
        """Mark a value of the year as 秘匿."""
        actual = Actual.objects.get(indicator__code=code, fiscal_year=self.year)
        withhold(actual.pk, actual.version, self.change(self.planning), withheld=True)


def _project_fields(number: int, project: Project, grant: Grant) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "done": f"{project.name}を、4月から翌年3月まで実施しました。",
        "output": OUTPUTS[number % 4].format(number % 9 + 3, number * 7 % 90 + 12),
        "outcome": OUTCOMES[number % 3],
        "issues": ISSUES[number % 3],
        "policy": POLICIES[number % 4],
    }
    if without_money(project):
        return fields
    spent = (number * 137 % 900 + 60) * 1000
    national = spent // 2000 * 1000 if number % 3 == 0 else None
    fields |= {"budget": spent + 45_000, "settlement": spent, "national": national}
    fields |= {"general": spent - (national or 0), "grant": grant if national else None}
    return fields


def _measure_fields(number: int, row: MeasureRow) -> dict[str, Any]:
    names = "」「".join(project.name for project in row.node.projects[:2])
    return {
        "results": f"「{names}」などに取り組みました。{OUTCOMES[number % 3]}",
        "causes": CAUSES[number % 3],
        "issues": ISSUES[number % 3],
        "grade": row.proposed or "Ｂ おおむね順調",
        "proposed_grade": row.proposed,
        "policy": POLICIES[number % 4],
        "policy_reason": "課題に対応しながら続けるため。",
        "budget": BUDGETS[number % 3],
    }


def _kpi_fields(row: MeasureRow) -> dict[int, dict[str, str]]:
    return {
        kpi.pk: {"comment": "利用が続いています。", "outlook": "will_meet"}
        for kpi in row.node.kpis[:1]
    }
