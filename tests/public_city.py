"""根室市 with two published editions and everything that one may say, for the checkers of pages."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.test import Client, override_settings

from accounts.roles import Role
from goals.models import Grant, Strategy
from indicators.models import Actual
from kpis.models import KPI
from measures.models import Measure
from plans.tree import read_tree
from reviews.editions.freezing import Decision, fix
from reviews.models import (
    Council,
    CouncilMember,
    Edition,
    Erratum,
    GoalReview,
    GrantReview,
    KPIReview,
    MeasureReview,
    Opinion,
    ProjectYear,
    Publication,
)
from reviews.public_site.exporting import site_files
from reviews.public_site.pages import all_pages
from reviews.public_site.published import read_shelf
from tests.access_table import Person
from tests.every_page import Visit
from tests.factories import load_city, make_fiscal_year, make_user, make_values

YEARS = (2016, 2017)


def publish_city() -> Strategy:
    """Return the plan of 根室市 with two published editions, the second with a 正誤."""
    plan = load_city()
    make_values(plan)
    Actual.objects.update(state="confirmed")
    kpis = KPI.objects.filter(measure__group__goal__strategy=plan)
    marked = kpis[3].indicator
    Actual.objects.filter(indicator=marked, fiscal_year=2016).update(withheld=True)
    planning = make_user(Role.PLANNING, full_name="企画 花子")
    editions = []
    for year in YEARS:
        make_fiscal_year(year)
        if year == YEARS[-1]:
            changed = Actual.objects.filter(fiscal_year=2015, value__isnull=False).first()
            Actual.objects.filter(pk=changed.pk).update(value=changed.value + 1)
            _write_reviews(plan, year, planning)
        decision = Decision(date(year + 2, 1, 10), f"根総政第{year}号", planning)
        editions.append(fix(read_tree(plan.code, year), make_fiscal_year(year), decision))
        Publication.objects.create(edition=editions[-1], published_on=date(year + 2, 2, 1))
    _correct(editions[-1], kpis[5].name)
    return plan


def _write_reviews(plan: Strategy, year: int, by) -> None:
    measures = Measure.objects.filter(group__goal__strategy=plan)
    about = {"fiscal_year_id": year, "state": "confirmed", "entered_by": by}
    texts = {
        "causes": "漁獲が減った。",
        "issues": "担い手。",
        "budget": "同額。",
        "decision": "継続。",
    }
    review = MeasureReview.objects.create(
        measure=measures[0], results="催事を開いた。\n来場が増えた。", grade="Ｂ", policy="継続",
        grade_reason="理由。", policy_reason="効果。", **texts, **about,
    )  # fmt: skip
    kpi = measures[0].kpis.first()
    KPIReview.objects.create(review=review, kpi=kpi, comment="増加。", outlook="will_meet")
    ProjectYear.objects.create(
        project=measures[0].projects.first(), done="交付した。", output="12件", outcome="3％増。",
        issues="周知。", budget=5_000_000, settlement=4_321_500, national=4_321_500, policy="継続",
        ends_in=2019, **about,
    )  # fmt: skip
    council = Council.objects.create(
        strategy=plan, fiscal_year_id=year, number=1, name="推進会議", held_on=date(2018, 10, 20)
    )
    CouncilMember.objects.create(council=council, position=1, name="委員 太郎", field="science")
    Opinion.objects.create(
        council=council, number=1, measure=measures[1], field="science", text="知らせて。",
        answer="月2回、\n知らせる。", response="next_year", due_on=date(2019, 3, 31),
        section=kpi.indicator.section, outcome="知らせた。",
    )  # fmt: skip
    goal = plan.goals.first()
    GoalReview.objects.create(goal=goal, fiscal_year_id=year, verdict="有効", summary="よい。")
    grant = Grant.objects.create(strategy=plan, number=1, name="港の交付金", kind="推進")
    GrantReview.objects.create(
        grant=grant, fiscal_year_id=year, amount=1_000_000, effect="some", effect_reason="増。",
        policy="継続", policy_reason="要る。", opinion="続けて。", opinion_on=date(2018, 11, 1),
    )  # fmt: skip


def _correct(edition: Edition, name: str) -> None:
    Erratum.objects.create(
        edition=edition, number=1, place=f"3ページ {name}の実績値", wrong="45件", right="54件",
        entered_on=date(2019, 5, 1), reason="書き間違えたため。",
    )  # fmt: skip


def public_visits() -> Iterator[Visit]:
    """Yield the public pages as the server answers them, and what is said of those not there."""
    client = Client()
    with override_settings(PUBLIC_PAGES=True):
        for address in [*(page.address for page in all_pages(read_shelf())), "nowhere/"]:
            path = f"/public/{address}"
            yield Visit(Person.STRANGER, None, path, client.get(path).content.decode())


def pages_in_a_folder(folder: Path) -> Iterator[Visit]:
    """Write the public pages as files into a folder; yield them with their addresses there."""
    for name, content in site_files(read_shelf()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if path.suffix == ".html":
            yield Visit(Person.STRANGER, None, path.as_uri(), content.decode())
