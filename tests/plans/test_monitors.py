"""参考指標: listings without a target, shown with their values, never judged, counted apart."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from kpis.models import KPI
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
from tests.html import form_data
from tests.importing import confirm, exported_rows, upload
from tests.pages import text_of
from tests.plans.plan_files import kpi, read, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

MONITOR = {"kind": "monitor", "target": None, "sentence": ""}


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy(code="plan")))


@pytest.fixture
def planning(client):
    client.force_login(make_user(Role.PLANNING))


def typed(measure, **fields):
    indicator = make_indicator()
    data = {
        "measure": measure.pk, "position": "1", "name": indicator.name, "sentence": "",
        "indicator": indicator.pk, "tolerance": "0", "kind": "monitor",
        "yearly_targets-TOTAL_FORMS": "0", "yearly_targets-INITIAL_FORMS": "0",
    }  # fmt: skip
    return data | fields


def test_a_monitor_needs_neither_sentence_nor_target(client, planning, measure):
    client.post(reverse("admin:kpis_kpi_add"), typed(measure, reading_confirmed="on"))
    stored = KPI.objects.get()
    assert (stored.kind, stored.target, stored.sentence) == ("monitor", None, "")
    assert stored.is_confirmed


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"target": "20"},
            "種類「参考指標」には目標値がありません。目標値を空欄にするか、種類を選び直してください"
            "（入力値：20）。",
        ),
        ({"target_year": "R2"}, "種類「参考指標」には目標年度がありません。"),
        (
            {"kind": "level", "direction": "up", "target": ""},
            "目標値を入力してください。目標値のない指標は、種類で「参考指標」を選んでください。",
        ),
        ({"kind": "level", "direction": "up", "target": "3"}, "目標の文言を入力してください。"),
        (
            {
                "yearly_targets-TOTAL_FORMS": "1",
                "yearly_targets-0-fiscal_year": "2016",
                "yearly_targets-0-value": "3",
            },
            "種類「参考指標」には年度別目標値がありません。",
        ),
    ],
)
def test_what_does_not_fit_is_named_and_kept(client, planning, measure, fields, said):
    data = typed(measure, **fields)
    html = client.post(reverse("admin:kpis_kpi_add"), data).content.decode()
    assert said in html
    assert not KPI.objects.exists()
    assert form_data(html)["name"] == data["name"]


def test_its_values_are_shown_and_it_is_counted_apart(client, planning, measure):
    judged, shown = make_kpi(measure), make_kpi(measure, **MONITOR)
    make_actual(judged.indicator, 2017, 80)
    make_actual(shown.indicator, 2017, 7)
    tree = read_tree("plan", 2017)
    page = text_of(client.get(f"/strategies/plan/kpis/{tree.listings[1].place}/?year=2017"))
    assert "判定なし（参考指標）" in page
    assert "実績は7人です。目標値のない参考指標のため、判定しません。" in page
    overview = text_of(client.get("/strategies/plan/?year=2017"))
    assert "1指標のうち" in overview
    assert "ほかに、判定しない参考指標が1件あります。" in overview
    assert "判定していないもの" not in overview
    found = text_of(client.get("/strategies/plan/listings/?year=2017&kind=monitor"))
    assert "条件に合う参考指標は1件です。" in found
    none = text_of(client.get("/strategies/plan/listings/?year=2017&judgement=open"))
    assert "条件に合う指標はありません。" in none


def test_no_outlook_and_no_expected_value(measure):
    shown = make_kpi(measure, **MONITOR)
    for year in (2015, 2016):
        make_actual(shown.indicator, year, year)
    [listing] = read_tree("plan", 2016).listings
    assert listing.outlook.state == "over"
    assert listing.expected_by_year == {}


def test_a_file_gives_back_what_it_was_loaded_from():
    data = read()
    kpi(data).update({**MONITOR, "yearly_targets": {}, "baseline": None, "target_year": None})
    load_strategy(data)
    again = strategy_as_json(read_plain_tree(data["strategy"]["code"]))
    assert kpi(again)["target"] is None
    assert json.dumps(load_strategy(again).changed) == "0"
    kpi(data)["target"] = "20"
    assert any("種類「参考指標」には目標値がありません。" in line for line in refusal(data))


def test_it_is_imported_and_exported(client, planning, measure):
    stored = make_kpi(measure)
    header, row = exported_rows(client, KPI)
    row[header.index("種類")] = "参考指標"
    row[header.index("改善の方向")] = row[header.index("目標値")] = ""
    against = importing.text_of(upload(client, KPI, [header, row], reason="目標値がないため"))
    assert (
        "種類「参考指標」は、目標の文言「５年で２００人」から読み取れる「期間累計」と違い"
        in against
    )
    assert "目標値「空欄」は、" in against
    row[header.index("目標の文言")] = ""
    confirm(client, KPI, upload(client, KPI, [header, row], reason="目標値がないため"))
    stored.refresh_from_db()
    assert (stored.kind, stored.target, stored.direction) == ("monitor", None, "up")
    row[header.index("目標値")] = "5"
    refused = importing.text_of(upload(client, KPI, [header, row], reason="試す"))
    assert "種類「参考指標」には目標値がありません。" in refused
    assert Decimal(0) == stored.tolerance
