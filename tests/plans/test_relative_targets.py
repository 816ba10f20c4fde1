"""Targets relative to the year before: each year has the value before it as its target."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from indicators.rules.judgement import assess
from indicators.rules.targets import Period, Plan, TargetSpec
from kpis.models import KPI
from plans.charting import chart_data
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

ABOVE = {
    "kind": "every_year",
    "target": None,
    "relation": "beyond_previous_year",
    "sentence": "前年度を上回る",
}
PLAN = Plan(Period(2015, 2019))
VALUES = {2014: 10, 2015: 12, 2016: 12, 2017: 11, 2019: 21}


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy(code="plan")))


@pytest.fixture
def planning(client):
    client.force_login(make_user(Role.PLANNING))


def judged(year, relation="beyond_previous_year", direction="up", values=VALUES):
    actuals = {y: Decimal(value) for y, value in values.items()}
    targets = {y + 1: value for y, value in actuals.items()}
    more = {"targets": targets, "relation": relation, "unit": "件"}
    target = TargetSpec("every_year", direction, Decimal(0), **more)
    return assess(target, actuals, PLAN, year)


@pytest.mark.parametrize(
    ("year", "expected", "attainment", "label"),
    [
        (2015, "10", "120.0", "順調"),
        (2016, "12", "100.0", "おおむね順調"),
        (2017, "12", "91.7", "おおむね順調"),
        (2018, "11", None, "未入力"),
        (2019, None, None, "判定なし（比べる値がない）"),
    ],
)
def test_each_year_is_compared_with_the_year_before(year, expected, attainment, label):
    found = judged(year)
    said = (found.expected and f"{found.expected:f}".rstrip("0").rstrip("."), found.label)
    assert said == (expected, label)
    assert (found.attainment and str(found.attainment)) == attainment


def test_an_equal_value_meets_only_a_target_that_says_so():
    assert judged(2016, "previous_year").label == "順調"
    assert judged(2016, "previous_year", "down").label == "順調"
    assert judged(2016, direction="down").label == "おおむね順調"
    flat = dict.fromkeys(range(2014, 2020), 5)
    assert judged(2019, values=flat).label == "おおむね達成"
    assert judged(2019, "previous_year", values=flat).label == "達成"


def test_earlier_misses_are_counted_with_the_target_of_each_year():
    found = judged(2019, values={2014: 1, 2015: 3, 2016: 2, 2017: 4, 2018: 5, 2019: 6})
    assert found.label == "達成（途中年度に未達成あり）"
    assert found.explanation == (
        "前年度の5件を上回る目標に対し、最終年度の令和元年度の実績は6件で、達成しました。"
        "ただし、平成28年度は前年度の値と比べた目標を満たしていません。"
    )


def test_numbers_of_single_years_replace_the_target_of_any_every_year_target():
    target = TargetSpec("every_year", "up", Decimal(10), targets={2015: Decimal(5)})
    actuals = {2015: Decimal(6), 2019: Decimal(10)}
    assert assess(target, actuals, PLAN, 2015).label == "順調"
    assert assess(target, actuals, PLAN, 2019).label == "達成"
    assert assess(target, actuals | {2016: Decimal(6)}, PLAN, 2016).label == "やや遅れ"


def test_the_page_and_the_chart_show_the_value_before(client, planning, measure):
    stored = make_kpi(measure, **ABOVE)
    for year, value in ((2014, 10), (2015, 12), (2016, 11)):
        make_actual(stored.indicator, year, value)
    page = text_of(client.get("/strategies/plan/kpis/1-ア-1-1/?year=2016"))
    assert (
        "前年度の12人を上回る目標に対し、平成28年度の実績は11人、達成率91.7％で、おおむね順調"
        in page
    )
    assert "前年度の値を上回る（12人）" in page
    assert "どの年度も、値が前年度の値を上回ることをめざします。" in page
    assert "実績値が前年度の値12人より大きい" in page
    assert "実績値÷前年度の値" in page
    [listing] = read_tree("plan", 2016).listings
    data = chart_data(listing)
    assert data.target is None
    assert {year: int(value) for year, value in data.expected.items()} == {
        2015: 10, 2016: 12, 2017: 11,
    }  # fmt: skip


def typed(measure, **fields):
    indicator = make_indicator()
    data = {
        "measure": measure.pk, "position": "1", "name": indicator.name,
        "sentence": "前年度を上回る", "indicator": indicator.pk, "tolerance": "0",
        "yearly_targets-TOTAL_FORMS": "0", "yearly_targets-INITIAL_FORMS": "0",
    }  # fmt: skip
    return data | fields


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("前年度を上回る", ("beyond_previous_year", "up")),
        ("前年度を下回る", ("beyond_previous_year", "down")),
        ("前年度以上", ("previous_year", "up")),
    ],
)
def test_it_is_read_from_the_sentence(client, planning, measure, sentence, said):
    client.post(reverse("admin:kpis_kpi_add"), typed(measure, sentence=sentence))
    stored = KPI.objects.get()
    assert (stored.relation, stored.direction) == said
    assert (stored.kind, stored.target) == ("every_year", None)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"kind": "level", "relation": "previous_year"},
            "前年度の値と比べる目標の種類は、「毎年度」です（入力値：期末水準）。",
        ),
        (
            {"kind": "every_year", "relation": "previous_year", "target": "5"},
            "前年度の値と比べる目標には、目標値がありません。目標値か「比べる値」を空欄にして"
            "ください（入力値：5）。",
        ),
        ({"kind": "monitor", "relation": "previous_year"}, "には目標がありません。"),
    ],
)
def test_what_does_not_fit_is_refused(client, planning, measure, fields, said):
    data = typed(measure, **({"direction": "up"} | fields))
    html = client.post(reverse("admin:kpis_kpi_add"), data).content.decode()
    assert said in html
    assert not KPI.objects.exists()


def test_a_file_gives_back_what_it_was_loaded_from():
    data = read()
    kpi(data).update(ABOVE | {"direction": "up", "baseline": None, "yearly_targets": {}})
    kpi(data)["target_year"] = None
    load_strategy(data)
    again = strategy_as_json(read_plain_tree(data["strategy"]["code"]))
    assert kpi(again)["relation"] == "beyond_previous_year"
    assert load_strategy(again).changed == 0
    kpi(data)["relation"] = "someday"
    assert refusal(data)


def test_it_is_imported_and_exported(client, planning, measure):
    stored = make_kpi(measure, **ABOVE, direction="up")
    header, row = exported_rows(client, KPI)
    at = header.index("比べる値")
    assert (row[at], row[header.index("目標値")]) == ("前年度の値を上回る（下回る）", "")
    row[header.index("目標値")] = "5"
    refused = importing.text_of(upload(client, KPI, [header, row], reason="試す"))
    assert "目標値がありません。" in refused
    row[header.index("目標値")], row[at] = "", "前年度の値以上（以下）"
    confirm(client, KPI, upload(client, KPI, [header, row], reason="本文による"))
    stored.refresh_from_db()
    assert stored.relation == "previous_year"
