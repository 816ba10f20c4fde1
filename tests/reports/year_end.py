"""A year of a plan with everything that a city writes at its end; money that is easy to add up."""

from datetime import date

from goals.models import Grant, Strategy
from indicators.models import Actual, FiscalYear
from japanese.fiscal_years import full_label
from kpis.models import KPI
from measures.models import Measure, Project
from reviews.models import (
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

LONG = "前年度に続いて窓口を開き、関係する団体と月に一度の打合せを重ねました。" * 15
"""More than 500 characters, as sections write them."""


DRAFT = "まだ課長も見ていない下書きです。"
"""The text in everything that is not confirmed."""


def written_year(
    plan: Strategy, year: int, *, every: int = 1, text: str = "実施しました。"
) -> None:
    """Write the year's end of a plan: everything, or of measures and projects each `every`-th.

    What is left out of those is written, but not confirmed.
    """
    of_year, _ = FiscalYear.objects.get_or_create(year=year)
    Actual.objects.filter(fiscal_year=of_year).update(state=State.CONFIRMED)
    grant = Grant.objects.create(
        strategy=plan, number=90, name="港のにぎわいをつくる事業", kind="地方創生推進交付金"
    )
    first = Measure.objects.filter(group__goal__strategy=plan, kpis__isnull=False).first()
    if first is not None:
        Measure.objects.filter(pk=first.pk).update(grants=[90])
    reviews = []
    for number, measure in enumerate(Measure.objects.filter(group__goal__strategy=plan)):
        reviews.append(
            MeasureReview(
                measure=measure,
                fiscal_year=of_year,
                results=DRAFT if number % every else text,
                issues=text,
                grade="Ｂ おおむね順調",
                policy="継続",
                policy_reason=text,
                state=State.DRAFT if number % every else State.CONFIRMED,
            )
        )
    MeasureReview.objects.bulk_create(reviews)
    years = []
    found = Project.objects.filter(measure__group__goal__strategy=plan)
    for number, project in enumerate(found.select_related("relisted_from__measure__group__goal")):
        has_money = not without_money(project)
        settlement = 1_000_499 + number if has_money else None
        years.append(
            ProjectYear(
                project=project,
                fiscal_year=of_year,
                done=DRAFT if number % every else text,
                outcome=text,
                budget=2_000_000 if has_money else None,
                settlement=settlement,
                national=499 if has_money else None,
                general=settlement and settlement - 499,
                grant=grant if has_money and not number % 5 else None,
                policy="継続",
                state=State.DRAFT if number % every else State.CONFIRMED,
            )
        )
    ProjectYear.objects.bulk_create(years)
    _council(plan, year - 1, text)
    _council(plan, year, text)
    GrantReview.objects.create(
        grant=grant,
        fiscal_year=of_year,
        amount=12_345_678,
        effect="considerable",
        effect_reason=text,
        policy="継続",
        opinion=text,
        opinion_on=date(year + 1, 9, 1),
    )


def _council(plan: Strategy, year: int, text: str) -> None:
    of_year, _ = FiscalYear.objects.get_or_create(year=year)
    council = Council.objects.create(
        strategy=plan,
        fiscal_year=of_year,
        number=1,
        name="創生有識者会議",
        held_on=date(year + 1, 10, 3),
        minutes=text,
    )
    for position, name in enumerate(("浜野 一郎", "岬 花子"), 1):
        CouncilMember.objects.create(
            council=council, position=position, name=name, field="industry", attended=position == 1
        )
    goal = plan.goals.order_by("position").first()
    kpi = KPI.objects.filter(measure__group__goal__strategy=plan).first()
    project = Project.objects.filter(measure__group__goal__strategy=plan).first()
    if goal is None:
        return
    GoalReview.objects.create(goal=goal, fiscal_year=of_year, verdict="有効であった", summary=text)
    abouts = [{"goal": goal}, {"kpi": kpi}, {"project": project}]
    for number, about in enumerate((one for one in abouts if all(one.values())), 1):
        Opinion.objects.create(
            council=council,
            number=number,
            text=f"{full_label(year)}の意見{number}：{text}",
            answer=f"{full_label(year)}の回答{number}：{text}",
            response="next_year",
            outcome=f"{full_label(year)}のその後{number}：{text}",
            **about,
        )
