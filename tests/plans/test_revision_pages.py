"""The pages of a plan's revisions: the list, 新旧対照表, and the page of a revised listing."""

import io
import re
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client

from accounts.roles import Role
from indicators import revising
from kpis.models import KPI
from plans.differences import told_apart
from plans.tree import read_tree
from reports.observations import observations
from tests.factories import (
    make_actual,
    make_indicator,
    make_kpi,
    make_measure,
    make_project,
    make_revision,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def measure():
    """A measure of which a revision from 2018 changed a KPI, ended one and added one."""
    measure = make_measure()
    share = make_indicator(name="就職した割合", unit="％", decimals=1)
    changed = make_kpi(measure, share, name="就職率", sentence="５年で９０％", kind="level",
                       target=Decimal(90))  # fmt: skip
    ended = make_kpi(measure, name="窓口の数")
    revision = make_revision(2018, changed, reason="実績が目標を上回ったため。")
    changed.sentence, changed.target = "５年で９５％", Decimal(95)
    changed.save()
    new = make_kpi(measure, name="相談の数", first_fiscal_year=2018)
    ended.replaced_by = new
    revising.end(ended, 2017, "統計がなくなったため。")
    make_project(measure, name="新しい事業", first_fiscal_year=2018)
    strategy = measure.strategy
    revision.previous_last_fiscal_year = 2018
    revision.save()
    return strategy, measure


@pytest.fixture
def reader():
    client = Client()
    client.force_login(make_user(Role.READER))
    return client


def text_of(client, address):
    return client.get(address).content.decode()


def test_old_and_new_are_side_by_side_with_the_differences_marked(reader, measure):
    strategy, _ = measure
    html = text_of(reader, f"/strategies/{strategy.code}/revisions/1/")
    assert "５年で９<del>０</del>％" in html
    assert "５年で９<ins>５</ins>％" in html
    assert "統計がなくなったため。（代わりの指標：1-ア-1-3 相談の数）" in html
    assert "実績が目標を上回ったため。" in html
    assert "新しい事業" in html
    assert "平成27年度～" in html
    assert html.count('<span class="tag">追加</span>') == 2
    assert "平成30年3月24日（2018年3月24日）" in html
    assert "平成30年3月24日（2018年3月24日）" in text_of(
        reader, f"/strategies/{strategy.code}/revisions/"
    )


def test_the_workbook_says_what_the_page_says(reader, measure):
    strategy, _ = measure
    response = reader.get(f"/strategies/{strategy.code}/revisions/1.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response))).active
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert "５年で９０％" in texts
    assert "５年で９５％" in texts
    assert any("統計がなくなったため。" in text for text in texts)
    assert any(text.startswith("平成30年3月24日（2018年3月24日）") for text in texts)


def test_the_revisions_are_listed_and_planning_adds_one(reader, measure, client):
    strategy, _ = measure
    address = f"/strategies/{strategy.code}/revisions/"
    html = text_of(reader, address)
    assert "第1回改訂（平成30年度から）" in html
    assert "改訂を登録する" not in html
    client.force_login(make_user(Role.PLANNING))
    assert "改訂を登録する" in text_of(client, address)
    assert "第2回の改訂はありません。" in text_of(reader, f"{address}2/")


def test_a_plan_without_revisions_says_so(reader):
    strategy = make_kpi().strategy
    html = text_of(reader, f"/strategies/{strategy.code}/revisions/")
    assert "この計画は、改訂されていません。" in html


def test_the_page_of_a_listing_tells_its_revisions(reader, measure):
    strategy, _ = measure
    address = f"/strategies/{strategy.code}/kpis/1-ア-1-1/"
    html = text_of(reader, f"{address}?year=2018")
    assert "目標値「90.0％」→「95.0％」" in html
    html = text_of(reader, f"{address}?year=2017")
    assert "目標値「90.0％」→「95.0％」" not in html
    assert "この画面の目安値と目標値は、改訂前のものです。" in html


def test_an_ended_listing_opens_in_its_last_year(reader, measure):
    strategy, _ = measure
    address = f"/strategies/{strategy.code}/kpis/1-ア-1-2/"
    html = text_of(reader, address)
    assert "統計がなくなったため。" in html
    response = reader.get(f"{address}?year=2018")
    assert response.status_code == 404
    assert "「窓口の数」が計画に載っているのは、平成29年度までです。" in response.content.decode()
    page = text_of(reader, f"/strategies/{strategy.code}/kpis/1-ア-1-3/?year=2018")
    assert "この指標を追加しました。" in page


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("５年で９０％", "５年で９５％", [("５年で９", False), ("５", True), ("％", False)]),
        ("", "100人", [("100人", True)]),
        ("同じ", "同じ", [("同じ", False)]),
        ("相談件数", "住宅の戸数", [("住宅の戸数", True)]),
    ],
)
def test_only_what_differs_is_marked(old, new, pieces):
    assert list(map(tuple, told_apart(old, new)[1])) == pieces


def test_a_year_later_than_that_of_the_page_is_not_judged_there(reader, measure):
    strategy, changed = measure[0], KPI.objects.get(name="就職率")
    for year in (2017, 2018):
        make_actual(changed.indicator, year, Decimal(88))
    address = f"/strategies/{strategy.code}/kpis/1-ア-1-1/"
    before = judgements_on(reader, f"{address}?year=2017")
    assert before[2018] == "－" != before[2017]
    after = judgements_on(reader, f"{address}?year=2018")
    assert after[2017] == before[2017]
    assert after[2018] != "－"
    note = "平成29年度（2017）より後の年度の判定は、その年度の画面にあります。"
    assert note in text_of(reader, f"{address}?year=2017")
    rows = list(observations(read_tree(strategy.code, 2017)))
    assert {row.fiscal_year for row in rows if row.assessment} == {2015, 2016, 2017}


def judgements_on(client, address):
    """Return what the table of a listing's page says in its column of judgements, by year."""
    html = text_of(client, address)
    table = html[html.index('<caption id="values">') :]
    found = re.findall(
        r'values/(\d{4})/.*?data-label="判定">(.*?)</td>', table[: table.index("</table>")], re.S
    )
    return {int(year): re.sub("<.*?>", "", word).strip() for year, word in found}
