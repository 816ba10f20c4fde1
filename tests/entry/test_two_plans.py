"""A year in which two plans run names both where its values are asked for."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from accounts.roles import Role
from entry.reminding import due_reminders, message_for
from measures.models import Measure
from tests.factories import (
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_section,
    make_strategy,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OLD, NEW = "第一期総合戦略", "第二期総合戦略"


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def plans(section):
    """Two plans of 2019: one indicator is in both, each has one of its own."""
    shared = make_indicator(section, name="共通の指標")
    for first, title in ((2015, OLD), (2019, NEW)):
        plan = make_strategy(title=title, first_fiscal_year=first, last_fiscal_year=first + 4)
        group = make_goal(plan).measure_groups.create(position=1, symbol="ア", title="区分")
        measure = Measure.objects.create(group=group, position=1, title="施策")
        make_kpi(measure, shared)
        make_kpi(measure, make_indicator(section, name=f"{title}だけの指標"))
    for year in (2018, 2019):
        make_fiscal_year(year, due_date=timezone.localdate() + timedelta(days=1))


@pytest.fixture
def clerk(client, section):
    client.force_login(make_user(Role.CLERK, section, email="kani@example.jp"))
    return client


def test_the_grid_names_the_plans_of_each_row_and_of_each_target(clerk, plans):
    html = clerk.get("/entry/2019/").content.decode()
    assert f"<small>{NEW}、{OLD}</small>" in html
    for title in (OLD, NEW):
        assert f"<small>{title}</small>" in html
        assert f"（{title}）</dd>" in html
    assert f"<small>{OLD}" not in clerk.get("/entry/2018/").content.decode()


@pytest.mark.parametrize("paper", ["inquiry", "report"])
def test_letters_name_the_plans_of_each_row(clerk, plans, paper):
    html = clerk.get(f"/entry/2019/{paper}/").content.decode()
    assert f"<small>{NEW}、{OLD}</small>" in html
    assert f"<small>{OLD}</small>" in html
    assert f"<small>{OLD}" not in clerk.get(f"/entry/2018/{paper}/").content.decode()


def form_text(client, year):
    response = client.get(f"/entry/{year}/form.xlsx")
    sheet = load_workbook(BytesIO(b"".join(response))).worksheets[0]
    return "\n".join(str(cell.value) for row in sheet for cell in row if cell.value)


def test_the_excel_form_names_both_plans_in_title_and_lines(clerk, plans):
    text = form_text(clerk, 2019)
    assert f"{NEW}、{OLD}" in text
    assert f"KPI1-ア-1-1（{NEW}）\nKPI1-ア-1-1（{OLD}）" in text
    assert f"KPI1-ア-1-2（{OLD}）" in text
    assert f"（{OLD}）" not in form_text(clerk, 2018)


def test_reminders_name_both_plans(clerk, plans):
    bodies = [message_for(due).body for due in due_reminders(timezone.localdate())]
    assert len(bodies) == 2
    assert [f"　対象の計画：{NEW}、{OLD}\n" in body for body in bodies] == [False, True]
