"""A target with two numbers (45社、3,200人): two listings of one number, one sentence."""

import re
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.roles import Role
from kpis.models import KPI
from plans.loading import load_strategy
from plans.narrowing import narrow
from plans.tree import read_plain_tree, read_tree
from reports.sheets.value_cells import told_once
from reports.strategy_json import strategy_as_json
from tests import importing
from tests.entry.excel_forms import Paper, form_for
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.importing import confirm, exported_rows, upload
from tests.pages import text_of
from tests.plans.plan_files import kpi, measure, read, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

SENTENCE = "５年で４５社、３，２００人"


@pytest.fixture
def above():
    return make_measure(make_goal(make_strategy(code="plan")))


@pytest.fixture
def pair(above):
    """Firms and people, as KPI 1a and 1b; another KPI is 2."""
    firms = make_indicator(make_section("商工課"), name="進出した企業", unit="社")
    people = make_indicator(make_section("労政課"), name="雇用された人")
    fields = {"position": 1, "sentence": SENTENCE}
    found = (
        make_kpi(above, firms, part="a", target=Decimal(45), **fields),
        make_kpi(above, people, part="b", target=Decimal(3200), **fields),
    )
    make_kpi(above, make_indicator(name="来館者数"), position=2)
    return found


@pytest.fixture
def planning(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


def test_each_has_its_place_and_the_sentence_is_shown_once(client, planning, pair):
    make_actual(pair[0].indicator, 2017, 30)
    tree = read_tree("plan", 2017)
    assert [one.place for one in tree.listings] == ["1-ア-1-1a", "1-ア-1-1b", "1-ア-1-2"]
    assert [one.mark for one in tree.listings] == ["①a", "①b", "②"]
    assert [told_once(one) for one in tree.listings] == [SENTENCE, "（同上）", "５年で２００人"]
    for path in ("list/", "measures/1-ア-1/", "goals/1/", "listings/?kind=total&year=2017"):
        page = text_of(client.get(f"/strategies/plan/{path}"))
        assert page.count(SENTENCE) == 1, path
        assert "雇用された人" in page
    assert text_of(client.get("/strategies/plan/list/")).count("（同上）") == 1
    page = text_of(client.get("/strategies/plan/kpis/1-ア-1-1b/?year=2017"))
    assert SENTENCE in page
    assert "ほかの数の指標：①a 進出した企業" in page
    assert client.get("/strategies/plan/kpis/1-ア-1-1/").status_code == 404


def test_two_of_the_same_name_are_distinguished_where_the_name_is_alone(client, planning, pair):
    KPI.objects.filter(pk__in=[one.pk for one in pair]).update(name="進出と雇用")
    make_actual(pair[0].indicator, 2017, 30)
    make_actual(pair[1].indicator, 2017, 100)
    read = "/strategies/plan/"
    for path in (
        "search/?q=進出と雇用", "list/?year=2017", "measures/1-ア-1/?year=2017",
        "goals/1/?year=2017", "listings/?kind=total&year=2017",
    ):  # fmt: skip
        page = text_of(client.get(read + path))
        assert re.search(r"①a ?進出と雇用", page), path
        assert re.search(r"①b ?進出と雇用", page), path
    page = text_of(client.get(f"{read}kpis/1-ア-1-1b/?year=2017"))
    assert "①b 進出と雇用の推移" in page
    assert "ほかの数の指標：①a 進出と雇用" in page


def test_a_part_of_the_plan_tells_the_sentence_that_it_has(pair):
    [only] = narrow(read_tree("plan", 2017), section="労政課").listings
    assert told_once(only) == SENTENCE


def test_both_are_judged_apart(pair):
    make_actual(pair[0].indicator, 2017, 45)
    make_actual(pair[1].indicator, 2017, 100)
    first, second, _ = read_tree("plan", 2017).listings
    assert (first.assessment.status, second.assessment.status) == ("achieved", "behind")


def test_a_number_and_part_are_unique(above, pair):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_kpi(above, position=1, part="a")


def test_the_admin_refuses_what_does_not_fit(client, planning, above, pair):
    data = {
        "measure": above.pk, "position": "1", "part": "", "name": "別",
        "sentence": "５年で２００人",
        "indicator": make_indicator().pk, "tolerance": "0", "kind": "total", "direction": "up",
        "target": "200",
        "yearly_targets-TOTAL_FORMS": "0", "yearly_targets-INITIAL_FORMS": "0",
    }  # fmt: skip

    def said(**typed):
        return client.post(reverse("admin:kpis_kpi_add"), data | typed).content.decode()

    assert "番号1には「進出した企業」が枝「a」であります。" in said()
    assert "番号2には「来館者数」が枝なしであります。" in said(position="2", part="a")
    assert "番号の枝は、半角の「a」「b」のように入力してください。" in said(part="ア")
    assert KPI.objects.count() == 3
    said(part="c")
    assert KPI.objects.get(part="c").place_label == "KPI1-ア-1-1c"


def test_the_entry_form_names_both(pair):
    make_fiscal_year(2017)
    paper = Paper(form_for(make_user(Role.PLANNING)))
    places = {cell.value for row in paper.sheet.iter_rows() for cell in row}
    assert {"KPI1-ア-1-1a", "KPI1-ア-1-1b"} <= places


def test_they_are_exported_and_imported(client, planning, pair):
    header, *rows = exported_rows(client, KPI)
    number = header.index("番号")
    assert [row[number] for row in rows] == ["1a", "1b", "2"]
    rows[1][header.index("記載名")] = "雇用された人の数"
    confirm(client, KPI, upload(client, KPI, [header, *rows], reason="直すため"))
    pair[1].refresh_from_db()
    assert pair[1].name == "雇用された人の数"
    rows[1][number] = "1c"
    confirm(client, KPI, upload(client, KPI, [header, rows[1]], reason="加えるため"))
    assert KPI.objects.get(part="c").position == 1
    rows[1][number] = "1"
    refused = importing.text_of(upload(client, KPI, [header, rows[1]], reason="試す"))
    assert "番号1には" in refused


def test_a_file_gives_back_what_it_was_loaded_from():
    data = read()
    first = kpi(data)
    second = {**first, "part": "b", "indicator": {**first["indicator"], "code": "other-number"}}
    first["part"] = "a"
    measure(data)["kpis"].insert(1, second)
    load_strategy(data)
    again = strategy_as_json(read_plain_tree(data["strategy"]["code"]))
    assert [one.get("part") for one in measure(again)["kpis"]][:2] == ["a", "b"]
    assert load_strategy(again).changed == 0
    del kpi(data)["part"]
    assert any("part のある項目とない項目があります。" in line for line in refusal(data))
    second["part"] = ""
    assert any("前の項目と同じです。" in line for line in refusal(data))
