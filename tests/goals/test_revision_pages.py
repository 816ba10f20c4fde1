"""The page that adds a 計画の改訂."""

import pytest

from accounts.roles import Role
from goals.models import Revision
from tests.admin_addresses import add_page
from tests.factories import make_actual, make_kpi, make_strategy, make_user
from tests.html import form_data
from tests.plans.revising import act

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def planning(client):
    client.force_login(make_user(Role.PLANNING))
    return client


def test_a_plan_of_one_year_says_which_revision_it_may_have(planning):
    plan = make_strategy(first_fiscal_year=2020, last_fiscal_year=2020)
    fields = {"strategy": plan.pk, "from_fiscal_year": "2017"}
    html = act(planning, add_page(Revision), **fields)
    assert (
        "1年度だけの計画のため、計画を延ばす改訂だけができます。令和3年度（2021）を入力してください。"
        in html
    )


def test_the_running_plan_is_proposed_for_a_revision(planning):
    kpi = make_kpi()
    make_actual(kpi.indicator, 2017, 5)
    make_strategy(code="next", first_fiscal_year=2020, last_fiscal_year=2024)
    make_strategy(code="draft", state="draft", first_fiscal_year=2016, last_fiscal_year=2024)
    shown = form_data(planning.get(add_page(Revision)).content.decode())
    assert shown["strategy"] == str(kpi.strategy.pk)
