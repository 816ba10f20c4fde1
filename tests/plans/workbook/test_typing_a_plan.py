"""A city types its plan into the empty form and gets as far as judged values."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from goals.models import NumericTarget, Strategy
from indicators.models import Actual, FiscalYear, Indicator
from indicators.plan_states import PlanState
from kpis.models import KPI
from measures.models import Project
from plans.tree import read_tree
from tests.factories import make_actual, make_user
from tests.plans.workbook.books import compared, doubts_of, taken_in
from tests.plans.workbook.green_city import CODE, green_city
from tests.recalculation import converted

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


@pytest.fixture(scope="module")
def content() -> bytes:
    return green_city()


def test_the_plan_is_there_as_it_was_typed(content):
    taken_in(content)
    plan = Strategy.objects.get()
    assert (plan.code, plan.state, plan.period.first, plan.period.last) == (
        CODE, PlanState.DRAFT, 2024, 2030,
    )  # fmt: skip
    assert [goal.is_cross_cutting for goal in plan.goals.all()] == [False, False, True]
    workers = NumericTarget.objects.get(name="従業者数")
    assert (workers.kind, workers.direction, workers.target) == ("level", "up", 10500)
    assert (workers.baseline, workers.baseline_year, workers.target_year) == (9800, 2022, 2028)
    assert workers.sentence == "9800人（R4）→10500人（R10）"
    assert not workers.is_confirmed
    founded = KPI.objects.get(name="起業の件数")
    assert (founded.kind, founded.target) == ("total", 70)
    assert founded.yearly_targets.count() == 7
    online = KPI.objects.get(name="電子申請の割合")
    assert (online.measure.title, online.measure.group.symbol) == ("", "")
    assert (online.baseline, online.indicator.decimals) == (Decimal("20.5"), 1)
    again = Project.objects.get(name="創業支援事業", relisted_from__isnull=False)
    assert again.measure.title == "移住を進める"
    trial = Project.objects.get(name="お試し移住")
    assert (trial.content, trial.implementer, trial.category) == ("体験宿泊", "移住者の会", "地域")
    assert Actual.objects.filter(indicator__name="就農者数").count() == 2
    assert Indicator.objects.get(name="就農者数").section.name == "農林課"


def test_what_the_form_leaves_open_is_reported(content):
    found = compared(content)
    said = " ".join(message for _, message in doubts_of(found))
    assert "目標の文言が空欄の指標が3件あります" in said
    assert "内容「体験宿泊」と実施主体「移住者の会」に分けました" in said


def test_the_plan_reaches_a_judged_overview(content):
    taken_in(content)
    FiscalYear.objects.create(year=2024, entry_is_open=True)
    for model in (NumericTarget, KPI):
        for listing in model.objects.all():
            listing.confirmed_at = "2024-06-01T00:00+09:00"
            listing.save()
    Strategy.objects.update(state=PlanState.RUNNING)
    make_actual(Indicator.objects.get(name="就農者数"), 2024, value=15)
    tree = read_tree(CODE, 2024)
    newcomers = next(one for one in tree.listings if one.name == "就農者数")
    assert newcomers.assessment.status == "on_track"
    client = Client()
    client.force_login(make_user(Role.READER))
    page = client.get(reverse("overview", args=[CODE]), {"year": "2024"})
    assert page.status_code == 200
    assert "就農者数" in page.text
    assert "デジタルで支える" in page.text


@pytest.mark.slow
def test_the_form_may_have_been_saved_by_libreoffice(content):
    saved = compared(converted({"様式": content}, "xlsx", "xlsx")["様式"])
    typed = compared(content)
    assert saved.faults == []
    assert saved.described is not None
    assert typed.described is not None
    assert saved.described.plan == typed.described.plan
    assert [one[:3] for one in saved.described.actuals] == [
        one[:3] for one in typed.described.actuals
    ]
