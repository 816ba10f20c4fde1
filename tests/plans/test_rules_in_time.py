"""判定の決め方 that a revision of the plan changes: earlier years keep theirs."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import jsonschema
import pytest
from django.urls import reverse

from accounts.roles import Role
from goals.models import Strategy
from plans.loading import load_strategy
from plans.revision_table import revised_parts
from plans.tree import read_plain_tree, read_tree
from reports.json_schema import strategy_schema
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from reports.strategy_json import strategy_as_json
from tests.factories import make_actual, make_fiscal_year, make_indicator, make_kpi, make_user
from tests.formula_evaluation import evaluated
from tests.html import value_of_box
from tests.plans.revising import act, decide
from tests.reports.test_recalculation import assert_as_on_the_page

FACTS = Facts("監査 花子", datetime(2026, 10, 1, 9, 30, tzinfo=UTC))

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def planning(client):
    client.force_login(make_user(Role.PLANNING))
    return client


@pytest.fixture
def kpi():
    """A level that is to rise from 0 to 100, at 85 % of its path in each year."""
    kpi = make_kpi(
        indicator=make_indicator(decimals=0), kind="level", target=100, baseline=0,
        baseline_kind="measured",
    )  # fmt: skip
    for year, value in ((2015, 17), (2016, 34), (2017, 51), (2018, 68)):
        make_actual(kpi.indicator, year, value)
    return kpi


@pytest.fixture
def plan(kpi):
    return kpi.strategy


@pytest.fixture
def revision(planning, plan):
    return decide(planning, plan, 2017)


def rules(client, plan, **typed):
    address = reverse("admin:goals_strategy_judging", args=[plan.pk])
    return act(client, address, save="1", **typed)


def words(plan):
    return {
        year: read_tree(plan.code, year).listings[0].assessment.label for year in (2016, 2017, 2018)
    }


def as_text(plan, year):
    return json.dumps(strategy_as_json(read_tree(plan.code, year)), ensure_ascii=False)


@pytest.mark.both_databases
def test_rules_changed_by_a_revision_judge_from_its_year_on(planning, plan, revision):
    before = {year: as_text(plan, year) for year in (2015, 2016)}
    html = rules(
        planning, plan, as_revision=revision.pk, mostly_on_track="90", word_behind="要努力"
    )
    assert "平成28年度までの判定は、改訂前の決め方のままです。" in html
    assert {year: as_text(plan, year) for year in (2015, 2016)} == before
    assert list(words(plan).values()) == ["おおむね順調", "やや遅れ", "やや遅れ"]
    tree = read_tree(plan.code, 2018)
    assert tree.listings[0].assess(2016).label == "おおむね順調"
    assert tree.scale.mostly_on_track == 90
    [part] = revised_parts(read_plain_tree(plan.code), tree.revisions[0])
    said = {
        one.name: tuple("".join(text for text, _ in side) for side in (one.old, one.new))
        for one in part.fields
    }
    assert said == {
        "おおむね順調とする割合": ("80％", "90％"),
        "「遅れ」の呼び方": ("遅れ", "要努力"),
    }


@pytest.mark.parametrize("year", [2016, 2017, 2018])
def test_the_workbook_judges_by_the_rules_of_its_year(planning, plan, revision, year):
    rules(planning, plan, as_revision=revision.pk, mostly_on_track="90", mark_fair="◇")
    tree = read_tree(plan.code, year)
    assert_as_on_the_page(tree, evaluated(review_workbook(tree, facts=FACTS)))


def test_a_correction_lists_what_changes_and_leaves_years_before_the_revision(
    planning, plan, revision
):
    rules(planning, plan, as_revision=revision.pk, mostly_on_track="90")
    html = rules(planning, plan, mostly_on_track="70")
    assert "次の2件の判定が変わります。" in html
    assert "平成28年度（2016）" not in html
    assert list(words(plan).values()) == ["おおむね順調", "やや遅れ", "やや遅れ"]
    seen = value_of_box(html, "changes_seen")
    rules(planning, plan, mostly_on_track="70", changes_seen=seen, change_reason="転記の誤り")
    assert set(words(plan).values()) == {"おおむね順調"}


def test_rules_that_change_no_judgement_need_a_reason_once_years_are_known(planning, plan):
    html = rules(planning, plan, slightly_behind="45")
    assert "の画面に出ている内容が変わります。変更の理由を入力してください。" in html
    assert Strategy.objects.get().slightly_behind == 50
    rules(planning, plan, slightly_behind="45", change_reason="会議で決定")
    assert Strategy.objects.get().slightly_behind == 45


def test_a_revision_of_the_rules_is_taken_back_by_those_before_it(planning, plan, revision):
    rules(planning, plan, as_revision=revision.pk, mostly_on_track="90")
    address = reverse("admin:goals_strategy_judging", args=[plan.pk])
    filled = planning.post(address, {"preset": "before", "take": "on"}).content.decode()
    assert 'name="mostly_on_track" value="80.0"' in filled
    told = rules(planning, plan, mostly_on_track="80")
    seen = value_of_box(told, "changes_seen")
    rules(planning, plan, mostly_on_track="80", changes_seen=seen, change_reason="取りやめ")
    revision.refresh_from_db()
    assert revision.previous_rules is None
    assert set(words(plan).values()) == {"おおむね順調"}


def test_an_earlier_revision_and_a_published_year_are_not_overwritten(planning, plan, revision):
    later = decide(planning, plan, 2018)
    rules(planning, plan, as_revision=later.pk, mostly_on_track="90")
    html = rules(planning, plan, as_revision=revision.pk, mostly_on_track="70")
    assert "判定の決め方は、第2回改訂（平成30年度から）で変えています。" in html
    year = make_fiscal_year(2018)
    year.published_on = "2019-08-01"
    year.save()
    html = rules(planning, plan, as_revision=later.pk, mostly_on_track="70")
    assert "次の1件の判定が変わります。" in html
    assert Strategy.objects.get().mostly_on_track == Decimal(90)


@pytest.mark.both_databases
def test_a_plan_with_rules_in_time_is_loaded_as_it_was_exported(planning, plan, revision):
    rules(planning, plan, as_revision=revision.pk, mostly_on_track="90", far_above="120")
    file = strategy_as_json(read_plain_tree(plan.code))
    jsonschema.validate(file, strategy_schema())
    assert file["strategy"]["revisions"][0]["previous_scale"]["mostly_on_track"] == "80.0"
    assert load_strategy(file).changed == 0
    texts = {year: as_text(plan, year) for year in (2016, 2017)}
    plan.delete()
    load_strategy(file)
    assert {year: as_text(plan, year) for year in (2016, 2017)} == texts
