"""What was typed into a row that is no longer the user's is reported, not dropped."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from entry.models import KeptInput
from indicators.models import Actual
from kpis.models import KPI
from tests.factories import make_fiscal_year, make_indicator, make_kpi, make_section, make_user
from tests.html import form_data
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


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


def test_an_indicator_that_moved_to_another_section_in_the_meantime(grid):
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


def test_an_untouched_row_that_is_gone_is_not_mentioned(grid):
    first, _, save = grid
    first.indicator.entered_by = make_section("別の課")
    first.indicator.save()
    assert "保存していません" not in save(法人数="", 店舗数="3")


def test_a_listing_that_a_revision_ended_is_reported_as_such_and_kept(grid, client):
    first, second, save = grid
    KPI.objects.filter(pk=first.pk).update(last_fiscal_year=2016)
    text = save(法人数="28", 店舗数="3")
    assert "「法人数」に入力した実績値「28」は、保存していません。" in text
    assert "計画の改訂などで、平成29年度（2017）の値を入力する指標ではなくなった" in text
    assert "入力する課" not in text.partition("保存していません。")[2].partition("ため、")[0]
    assert "保管しています。" in text
    assert "（1件）を保管しています。" in text
    assert [actual.indicator for actual in Actual.objects.all()] == [second.indicator]
    # It is reported as long as it is kept, and is in its row again when the row comes back.
    url = reverse("entry_grid", args=[2017])
    page = client.get(f"{url}?kept=1")
    assert "<dt>実績値</dt><dd>28</dd>" in page.content.decode()
    text = text_of(page)
    assert "計画の改訂などで、平成29年度（2017）の値を入力する指標ではなくなったため" in text
    KPI.objects.filter(pk=first.pk).update(last_fiscal_year=None)
    data = form_data(client.get(f"{url}?kept=1").content.decode())
    assert data[f"r{first.indicator.pk}-value"] == "28"
    client.post(reverse("entry_kept_discard", args=[2017]))
    assert not KeptInput.objects.exists()


def test_the_section_that_enters_it_now_is_named(grid):
    first, _, save = grid
    first.indicator.entered_by = make_section("別の課")
    first.indicator.save()
    assert "入力する課が別の課に変わったため、" in save(法人数="28", 店舗数="3")


def test_what_is_kept_while_somebody_types_includes_them(grid, client):
    first, _, _ = grid
    url = reverse("entry_grid", args=[2017])
    typed = form_data(client.get(url).content.decode()) | {f"r{first.indicator.pk}-value": "28"}
    KPI.objects.filter(pk=first.pk).update(last_fiscal_year=2016)
    answer = client.post(reverse("entry_kept", args=[2017]), typed).json()
    # The server keeps it, so the browser need not: else it would come back after it was dropped.
    assert first.indicator.pk in answer["confirmed"]
    assert first.indicator.pk in answer["kept"]
    assert KeptInput.objects.get().typed[f"r{first.indicator.pk}-value"] == "28"


def test_they_are_kept_where_no_row_is_left(grid):
    _, _, save = grid
    KPI.objects.update(last_fiscal_year=2016)
    assert "（2件）を保管しています。" in save(法人数="28", 店舗数="3")


def test_an_indicator_that_does_not_exist_is_not_kept(grid, client):
    url = reverse("entry_grid", args=[2017])
    client.post(url, {"r999999-seen": "::", "r999999-value": "28", "save": "1"})
    assert not KeptInput.objects.exists()


def test_each_save_asks_once_which_rows_of_the_form_exist(grid):
    first, _, save = grid
    KPI.objects.filter(pk=first.pk).update(last_fiscal_year=2016)
    with CaptureQueriesContext(connection) as queries:
        save(法人数="28", 店舗数="3")
    told = [query["sql"].partition(" FROM ")[2] for query in queries]
    one = first.indicator.pk
    is_known = f'"indicators_indicator" WHERE "indicators_indicator"."id" IN ({one})'
    was_own = f'"indicators_historicalindicator"."id" IN ({one})'
    # Once for saving, and once for what the page after it shows of kept input.
    assert sum(sql.startswith(is_known) for sql in told) == 2
    assert sum(was_own in sql for sql in told) == 1
