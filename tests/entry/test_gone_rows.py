"""What was typed into a row that is not the user's any more is told, not dropped."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from indicators.models import Actual
from tests.factories import make_fiscal_year, make_indicator, make_kpi, make_section, make_user
from tests.html import form_data
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def grid(client):
    """Return two KPIs of a clerk's section and a function that saves the grid as it was opened."""
    make_fiscal_year(2017)
    section = make_section()
    first, second = (
        make_kpi(indicator=make_indicator(section), name=name) for name in ("法人数", "店舗数")
    )
    client.force_login(make_user(Role.CLERK, section))
    url = reverse("entry_grid", args=[2017])
    opened = form_data(client.get(url).content.decode())

    def save(**typed):
        texts = {f"r{kpi.indicator.pk}-value": typed[kpi.name] for kpi in (first, second)}
        return text_of(client.post(url, opened | texts | {"save": "1"}, follow=True))

    return first, second, save


def test_an_indicator_that_moved_to_another_section_meanwhile(grid):
    first, second, save = grid
    first.indicator.entered_by = make_section("別の課")
    first.indicator.save()
    text = save(法人数="28", 店舗数="3")
    assert "「法人数」に入力した実績値「28」は、保存していません。" in text
    assert "1件の値を保存しました。" in text
    assert [actual.indicator for actual in Actual.objects.all()] == [second.indicator]


def test_a_plan_that_is_a_draft_again_is_not_named(grid):
    *kpis, save = grid
    for plan in {kpi.strategy for kpi in kpis}:
        plan.state = "draft"
        plan.save()
    text = save(法人数="28", 店舗数="")
    assert "この画面にない指標に入力した実績値「28」は、保存していません。" in text
    assert "変更した値はありません" not in text
    assert "法人数" not in text
    assert not Actual.objects.exists()


def test_an_untouched_row_that_is_gone_is_not_worth_a_word(grid):
    first, _, save = grid
    first.indicator.entered_by = make_section("別の課")
    first.indicator.save()
    assert "保存していません" not in save(法人数="", 店舗数="3")
