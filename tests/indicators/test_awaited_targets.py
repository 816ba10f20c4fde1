"""A listing of a plan that is 作成中 can wait for its target, and says so everywhere."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from goals.models import NumericTarget, Strategy
from indicators.listing_rows import awaiting_target
from indicators.listings import await_target
from kpis.models import KPI
from plans.loading import LoadError, load_strategy
from plans.tree import read_plain_tree
from reports.strategy_json import strategy_as_json
from tests.factories import (
    make_goal,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_strategy,
    make_user,
)
from tests.html import form_data
from tests.importing import confirm, exported_rows, text_of, upload

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def plan():
    return make_strategy(state="draft", title="見本市の次の総合戦略")


def waiting(listing, **fields):
    """Return a listing from which sentence and target are taken."""
    await_target(listing)
    for name, value in fields.items():
        setattr(listing, name, value)
    listing.full_clean()
    listing.save()
    return listing


@pytest.fixture
def kpi(plan):
    return waiting(make_kpi(make_measure(make_goal(plan)), name="相談件数"))


@pytest.fixture
def page(client):
    client.force_login(make_user(Role.PLANNING))
    return lambda address: client.get(address).content.decode()


def admin_address(part):
    return reverse(f"admin:{part._meta.label_lower.replace('.', '_')}_change", args=[part.pk])


def save(client, part, **fields):
    """Send the admin page of a part with some fields typed; return what the page then says."""
    address = admin_address(part)
    data = form_data(client.get(address).content.decode()) | fields
    answer = client.post(address, data, follow=True).content.decode()
    part.refresh_from_db()
    return answer


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", ["level", "total", "every_year", "milestone", "restraint"])
def test_a_listing_of_each_kind_can_wait_in_a_draft_and_keeps_kind_and_side(plan, kind):
    listing = waiting(make_kpi(make_measure(make_goal(plan))), kind=kind)
    listing.refresh_from_db()
    assert (listing.kind, listing.direction, listing.target) == (kind, "up", None)
    assert listing.awaits_target


@pytest.mark.both_databases
def test_a_described_target_waits_for_its_words_and_a_monitor_for_nothing(plan):
    goal = make_goal(plan)
    words = waiting(make_numeric_target(goal), kind="described", relation="")
    assert words.awaits_target
    assert awaiting_target(plan) == [words]
    words.kind = "monitor"
    words.save()
    assert not words.awaits_target
    assert awaiting_target(plan) == []


def test_in_a_plan_that_runs_a_listing_needs_its_target():
    listing = make_kpi()
    await_target(listing)
    with pytest.raises(ValidationError, match="作成中の計画にだけ"):
        listing.full_clean()


def test_the_pages_of_the_draft_say_that_the_target_is_missing(page, plan, kpi):
    for address in ("kpis/1-ア-1-1/", "measures/1-ア-1/", "goals/1/", "listings/"):
        text = page(f"/strategies/{plan.code}/{address}")
        assert "判定なし（目標値未入力）" in text, address
        assert "目標の文言未入力" in text, address
        assert "読み方の全体" not in text, address
    assert "目標の文言未入力" in page(f"/strategies/{plan.code}/list/")
    found = page(f"/strategies/{plan.code}/listings/?open=target")
    assert "相談件数" in found


def test_a_plan_that_runs_is_not_asked_for_missing_targets(page):
    plan = make_kpi().strategy
    assert "目標値未入力" not in page(f"/strategies/{plan.code}/")


def test_another_field_can_be_saved_while_the_target_is_missing(client, page, kpi):
    save(client, kpi, baseline="12", baseline_year="2019", baseline_kind="measured")
    assert (kpi.baseline, kpi.awaits_target) == (12, True)


def test_typing_sentence_and_target_ends_the_waiting(client, page, kpi):
    save(client, kpi, sentence="５年で３００人", reading_confirmed="on")
    assert (kpi.target, kpi.relation, kpi.is_confirmed) == (Decimal(300), "", True)


def test_a_sentence_alone_that_has_no_number_still_asks_for_the_target(client, page, kpi):
    answer = save(client, kpi, sentence="ふやす")
    assert "目標値を入力してください" in answer
    assert kpi.awaits_target


def test_nobody_confirms_what_nobody_has_typed(client, page, kpi):
    assert "読み方を確認できません" in save(client, kpi, reading_confirmed="on")
    data = {"action": "confirm_readings", "_selected_action": [kpi.pk]}
    answer = client.post(reverse("admin:kpis_kpi_changelist"), data, follow=True).content.decode()
    assert "確認済みにしていません" in answer
    kpi.refresh_from_db()
    assert not kpi.is_confirmed


def test_yearly_targets_come_with_the_target(client, page, kpi):
    rows = {"yearly_targets-TOTAL_FORMS": "1", "yearly_targets-0-fiscal_year": "2016"}
    answer = save(client, kpi, **rows, **{"yearly_targets-0-value": "10"})
    assert "年度別目標値を置けません" in answer


def test_the_list_in_the_admin_says_it(page, kpi):
    assert "目標値未入力" in page(reverse("admin:kpis_kpi_changelist"))


@pytest.mark.parametrize("state", ["running", "ended"])
def test_the_plan_cannot_begin_and_names_what_is_missing(client, page, plan, kpi, state):
    target = waiting(make_numeric_target(kpi.measure.group.goal, name="人口"))
    answer = save(client, plan, state=state)
    assert "未入力の指標が2件あるため" in answer
    assert "「数値目標1-1 人口」、「KPI1-ア-1-1 相談件数」" in answer
    assert "参考指標" in answer
    assert plan.is_draft
    NumericTarget.objects.filter(pk=target.pk).delete()
    KPI.objects.filter(pk=kpi.pk).update(kind="monitor", relation="")
    save(client, plan, state=state)
    assert plan.state == state


def test_the_message_names_twenty_at_most(client, page, plan, kpi):
    for _ in range(21):
        waiting(make_kpi(kpi.measure))
    answer = save(client, plan, state="running")
    assert "22件" in answer
    assert "、ほか2件。" in answer


def test_listings_without_a_target_are_found_in_one_query_for_each_kind(plan, kpi):
    waiting(make_kpi(kpi.measure))
    with CaptureQueriesContext(connection) as queries:
        assert str(awaiting_target(plan)[0]) == "KPI1-ア-1-1 相談件数"
    assert len(queries) == 2


def test_the_register_of_changes_says_it_in_words(client, page, kpi):
    save(client, kpi, sentence="５年で３００人")
    text = page("/changes/")
    assert "awaited" not in text
    assert "目標値未入力" in text


FILES = (
    "workbook/", "print/", "papers/measures.xlsx", "papers/council/", "papers/council.xlsx",
    "papers/assembly/", "data/2015.json", "data/2015.csv", "data/2015.zip",
    "data/datapackage.json", "list/", "reports/",
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.files
def test_every_file_and_paper_of_the_draft_is_made(client, page, plan, kpi, name):
    waiting(make_numeric_target(kpi.measure.group.goal), kind="described", relation="")
    answer = client.get(f"/strategies/{plan.code}/{name}", follow=True)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"awaited" not in content


@pytest.mark.both_databases
def test_the_plan_as_json_is_loaded_again_as_a_draft_and_in_no_other_state(plan, kpi):
    data = strategy_as_json(read_plain_tree(plan.code, drafts=True))
    assert load_strategy(data, as_draft=True).changed == 0
    data["strategy"]["code"] = "copy"
    with pytest.raises(LoadError, match="作成中の計画にだけ"):
        load_strategy(data)
    load_strategy(data, as_draft=True)
    assert awaiting_target(Strategy.objects.get(code="copy"))


def test_a_table_taken_in_again_changes_nothing_and_can_bring_the_target(client, page, kpi):
    headers, cells = exported_rows(client, KPI)
    assert "awaited" not in cells
    assert "登録されている内容と同じです" in text_of(upload(client, KPI, [headers, cells]))
    cells[headers.index("目標の文言")] = "５年で３００人"
    cells[headers.index("目標値")] = "300"
    confirm(client, KPI, upload(client, KPI, [headers, cells], reason="計画の決定"))
    kpi.refresh_from_db()
    assert (kpi.target, kpi.relation) == (300, "")
