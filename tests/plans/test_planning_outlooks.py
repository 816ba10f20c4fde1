"""企画の見込み: what planning itself expects, beside the extrapolation."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.roles import Role
from goals.models import NumericTargetOutlook
from kpis.models import KPIOutlook
from plans.tree import read_tree
from tests.factories import make_actual, make_kpi, make_numeric_target, make_user
from tests.pages import read_page
from trail.history import changing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def write(kpi, year=2017, **fields):
    with changing(by=make_user(Role.PLANNING, full_name="企画 花子")):
        return KPIOutlook.objects.create(listing=kpi, fiscal_year=year, **fields)


def test_the_newest_one_up_to_the_asked_year_counts():
    kpi = make_kpi()
    for year in (2015, 2017):
        write(kpi, year, text=f"{year}年度の話")
    found = {
        year: read_tree(kpi.strategy.code, year).listings[0].planning_outlook
        for year in (2015, 2016, 2017, 2018)
    }
    assert [one.fiscal_year for one in found.values()] == [2015, 2015, 2017, 2017]
    assert (found[2017].value, found[2017].text) == (None, "2017年度の話")


def test_it_judges_nothing_and_leaves_the_extrapolation_alone():
    kpi = make_kpi(kind="total", target=Decimal(200))
    for year, value in ((2015, 30), (2016, 45)):
        make_actual(kpi.indicator, year, value)
    (before,) = read_tree(kpi.strategy.code, 2016).listings
    write(kpi, 2016, value=Decimal(900))
    (after,) = read_tree(kpi.strategy.code, 2016).listings
    assert (after.assessment, after.outlook) == (before.assessment, before.outlook)


def test_the_page_shows_it_beside_with_writer_and_day(client):
    target = make_numeric_target()
    with changing(by=make_user(Role.PLANNING, full_name="企画 花子")):
        NumericTargetOutlook.objects.create(
            listing=target, fiscal_year=2017, value=Decimal(210), text="工場の開業を見込む。"
        )
    client.force_login(make_user(Role.READER))
    (listing,) = read_tree(target.strategy.code, 2017).listings
    page = read_page(client.get(f"{listing.url}?year=2017"))
    assert "企画の見込み（平成29年度（2017）時点）" in page.main
    assert "210" in page.main
    assert "工場の開業を見込む。" in page.main
    assert "判定には用いません。（企画 花子、" in page.main
    for year in (2016, 2019):
        assert "企画の見込み" not in read_page(client.get(f"{listing.url}?year={year}")).main


def test_as_of_a_day_before_it_there_is_none():
    kpi = make_kpi()
    written = write(kpi, text="のちに書いた。")
    past = timezone.now() - timedelta(days=3)
    for model in (type(kpi.strategy), type(kpi), type(kpi.measure)):
        model.history.update(history_date=past - timedelta(days=9))
    assert written.history.count() == 1
    today = timezone.localdate()
    assert read_tree(kpi.strategy.code, 2017, as_of=today).listings[0].planning_outlook
    earlier = read_tree(kpi.strategy.code, 2017, as_of=past.date())
    assert not any(listing.planning_outlook for listing in earlier.listings)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fiscal_year": 2017}, "見込みの値か見込みの説明を入力してください"),
        ({"fiscal_year": 2017, "text": " "}, "見込みの値か見込みの説明を入力してください"),
        ({"fiscal_year": 2030, "text": "a"}, "時点の年度「2030」は、計画の期間"),
        ({"fiscal_year": 2017, "value": Decimal("1.25")}, "見込みの値「1.25」の小数点以下の桁数"),
    ],
)
def test_what_says_nothing_or_too_much_is_refused(fields, message):
    with pytest.raises(ValidationError) as error:
        KPIOutlook(listing=make_kpi(), **fields).full_clean()
    assert message in "".join(error.value.messages)


@pytest.mark.parametrize(("role", "answer"), [(Role.PLANNING, 302), (Role.AUDITOR, 403)])
def test_planning_alone_writes_it_on_the_page_of_the_listing(client, role, answer):
    kpi = make_kpi()
    client.force_login(make_user(role))
    url = f"/admin/kpis/kpi/{kpi.pk}/change/"
    typed = {
        name: getattr(kpi, name)
        for name in ("position", "name", "sentence", "kind", "direction", "target", "tolerance")
    }
    typed |= {"measure": kpi.measure_id, "indicator": kpi.indicator_id, "baseline_kind": ""}
    typed |= {
        "doubts": "年間の値と読む。",
        "reading_confirmed": "on",
        "change_reason": "見込みの記入",
    }
    for prefix in ("yearly_targets", "planning_outlooks"):
        typed |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    typed |= {
        "planning_outlooks-TOTAL_FORMS": 1,
        "planning_outlooks-0-listing": kpi.pk,
        "planning_outlooks-0-fiscal_year": 2017,
        "planning_outlooks-0-value": "120",
        "planning_outlooks-0-text": "増える見込み。",
    }
    response = client.post(url, typed)
    assert response.status_code == answer, response.content.decode()[:3000]
    assert KPIOutlook.objects.count() == (answer == 302)
    if answer == 302:
        (row,) = KPIOutlook.history.all()
        assert (row.history_change_reason, row.door) == ("見込みの記入", "admin")
