"""Targets that are a range: met inside, judged by the nearer end, entered as two numbers."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from indicators.rules.judgement import assess
from indicators.rules.targets import Period, Plan, TargetSpec
from kpis.models import KPI
from plans.charting import chart_of
from plans.loading import load_strategy
from plans.tree import read_plain_tree, read_tree
from reports.strategy_json import strategy_as_json
from tests import importing
from tests.factories import (
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_strategy,
    make_user,
)
from tests.importing import confirm, exported_rows, upload
from tests.pages import text_of
from tests.plans.plan_files import kpi, read, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

RANGE = {
    "kind": "level",
    "target": Decimal(20),
    "upper": Decimal(30),
    "sentence": "年間２０～３０件",
}
PLAN = Plan(Period(2015, 2019))


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy(code="plan")))


@pytest.fixture
def planning(client):
    client.force_login(make_user(Role.PLANNING))


@pytest.mark.parametrize("kind", ["level", "every_year"])
@pytest.mark.parametrize(
    ("value", "attainment", "before", "last"),
    [
        (25, "100.0", "順調", "達成"),
        (20, "100.0", "順調", "達成"),
        (30, "100.0", "順調", "達成"),
        (19, "95.0", "おおむね順調", "おおむね達成"),
        (38, "78.9", "やや遅れ", "未達成"),
        (61, "49.2", "遅れ", "未達成"),
    ],
)
def test_a_value_is_judged_by_the_nearer_end(kind, value, attainment, before, last):
    ends = {"lower": Decimal(20), "upper": Decimal(30)}
    target = TargetSpec(kind, "up", Decimal(20), unit="件", **ends)
    found = assess(target, {2017: Decimal(value)}, PLAN, 2017)
    assert (found.label, str(found.attainment), found.expected) == (before, attainment, None)
    assert "目標の範囲20件～30件に対し" in found.explanation
    assert assess(target, {2019: Decimal(value)}, PLAN, 2019).label == last


def test_only_an_every_year_range_names_earlier_misses():
    actuals = {2016: Decimal(31), 2019: Decimal(25)}
    ends = {"lower": Decimal(20), "upper": Decimal(30)}
    found = {
        kind: assess(TargetSpec(kind, "up", Decimal(20), **ends), actuals, PLAN, 2019)
        for kind in ("level", "every_year")
    }
    assert found["level"].label == "達成"
    assert found["every_year"].label == "達成（途中年度に未達成あり）"
    assert "平成28年度は目標の範囲に入っていません。" in found["every_year"].explanation


def test_the_page_shows_both_ends_and_how_it_was_judged(client, planning, measure):
    stored = make_kpi(measure, **RANGE)
    make_actual(stored.indicator, 2016, 38)
    make_actual(stored.indicator, 2017, 25)
    page = text_of(client.get("/strategies/plan/kpis/1-ア-1-1/?year=2017"))
    assert "20～30人" in page
    assert "範囲の中がよい" in page
    assert "令和元年度までに、値が目標の範囲に入ることをめざします。" in page
    assert "実績値が目標の範囲20人～30人の中" in page
    before = text_of(client.get("/strategies/plan/kpis/1-ア-1-1/?year=2016"))
    assert "目標の上限÷実績値" in before
    assert "30÷38" in before
    [listing] = read_tree("plan", 2017).listings
    chart = chart_of(listing)
    assert chart.charts[0].upper_y < chart.charts[0].target_y
    assert "目標の範囲は20～30人。" in chart.description


def typed(measure, **fields):
    indicator = make_indicator()
    data = {
        "measure": measure.pk, "position": "1", "name": indicator.name,
        "sentence": RANGE["sentence"], "indicator": indicator.pk, "tolerance": "0",
        "yearly_targets-TOTAL_FORMS": "0", "yearly_targets-INITIAL_FORMS": "0",
    }  # fmt: skip
    return data | fields


def test_the_ends_are_read_from_the_sentence(client, planning, measure):
    client.post(reverse("admin:kpis_kpi_add"), typed(measure))
    stored = KPI.objects.get()
    assert (stored.target, stored.upper, stored.direction) == (20, 30, "up")
    assert not stored.is_confirmed


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"target": "30", "upper": "20"},
            "目標値の上限（20人）が、目標値（下限、30人）より大きくありません。"
            "目標値に範囲の小さい方、上限に大きい方を入力してください。",
        ),
        ({"kind": "total", "target": "20", "upper": "30"}, "の目標は、範囲にできません。"),
    ],
)
def test_an_invalid_range_is_refused(client, planning, measure, fields, said):
    data = typed(measure, **({"kind": "level", "direction": "up"} | fields))
    html = client.post(reverse("admin:kpis_kpi_add"), data).content.decode()
    assert said in html
    assert not KPI.objects.exists()


def test_a_file_gives_back_what_it_was_loaded_from():
    data = read()
    new = {"kind": "level", "direction": "up", "target": "20", "upper": "30", "baseline": None}
    kpi(data).update(new | {"yearly_targets": {}, "target_year": None})
    load_strategy(data)
    again = strategy_as_json(read_plain_tree(data["strategy"]["code"]))
    assert Decimal(kpi(again)["upper"]) == 30
    assert load_strategy(again).changed == 0
    kpi(data)["upper"] = "10"
    assert any("より大きくありません。" in line for line in refusal(data))


def test_it_is_imported_and_exported(client, planning, measure):
    stored = make_kpi(measure, **RANGE)
    header, row = exported_rows(client, KPI)
    assert row[header.index("目標値の上限")] == "30"
    row[header.index("目標値の上限")] = "15"
    refused = importing.text_of(upload(client, KPI, [header, row], reason="試す"))
    assert "より大きくありません。" in refused
    row[header.index("目標値の上限")] = "35"
    row[header.index("読み方の疑問点")] = "上限は計画の本文による。"
    confirm(client, KPI, upload(client, KPI, [header, row], reason="本文による"))
    stored.refresh_from_db()
    assert stored.upper == 35
