"""The page on which planning chooses how a plan judges."""

import io
import json
from decimal import Decimal

import jsonschema
import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.roles import Role
from goals.models import Strategy
from indicators.rules.presets import PRESETS
from indicators.rules.scales import check_scale
from indicators.rules.terms import STANDARD_SCALE
from plans.loading import load_strategy
from reports.json_schema import strategy_schema
from tests.factories import make_strategy, make_user

pytestmark = pytest.mark.one_database

STANDARD = {
    "on_track": "100.0", "mostly_on_track": "80.0", "slightly_behind": "50.0",
    "achieved": "100.0", "level_figure": "pace", "restraint": "path",
    "late_values": "own_year", "worsened_first": "on",
}  # fmt: skip


@pytest.fixture
def page(client, db):
    client.force_login(make_user(Role.PLANNING))
    return reverse("admin:goals_strategy_judging", args=[make_strategy().pk])


def send(client, page, button, **fields):
    return client.post(page, STANDARD | fields | {button: "on"})


def test_a_new_plan_judges_by_the_standard_rules(db):
    assert Strategy.objects.get(pk=make_strategy().pk).scale == STANDARD_SCALE


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_fills_the_form_and_saves_as_it_was_filled(client, page, preset):
    assert check_scale(preset.scale) == []
    filled = client.post(page, {"preset": preset.key, "take": "on"})
    assert "まだ保存していません" in filled.content.decode()
    assert Strategy.objects.get().scale == STANDARD_SCALE
    form = filled.context["form"]
    typed = {
        field.html_name: field.value() for field in form if field.value() not in (None, "", False)
    }
    client.post(page, typed | {"save": "on"})
    assert Strategy.objects.get().scale == preset.scale


def test_examples_follow_what_was_typed_and_nothing_is_saved(client, page):
    shown = send(client, page, "try", partly_achieved="60", word_partly_achieved="もう一歩")
    assert "もう一歩" in {example.judged.label for example in shown.context["examples"]}
    assert Strategy.objects.get().scale == STANDARD_SCALE


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"far_above": "90"}, "100％より大きく999.9％以下の数を入力するか、空欄にしてください"),
        ({"on_track": "120"}, "目標を大きく超えた値を分けるときは、大きく上回るとする割合に"),
        ({"slightly_behind": "85"}, "おおむね順調とする割合（80％）以下の数を入力してください"),
        ({"partly_achieved": "90"}, "最終年度におおむね達成とする割合（80％）以下の数"),
    ],
)
def test_bad_rules_are_refused_and_what_was_typed_is_kept(client, page, fields, message):
    shown = send(client, page, "save", **fields)
    text = shown.content.decode()
    assert message in text
    assert f'value="{next(iter(fields.values()))}"' in text
    assert Strategy.objects.get().scale == STANDARD_SCALE


def test_saving_leaves_a_reason_in_the_history(client, page):
    send(client, page, "save", far_above="120", mark_at_target="◇", change_reason="会議で決定")
    strategy = Strategy.objects.get()
    assert strategy.far_above == Decimal(120)
    assert strategy.marks == {"at_target": "◇"}
    assert strategy.history.first().history_change_reason == "会議で決定"


def test_choices_leave_in_the_plan_file_and_come_back(client, page):
    send(
        client, page, "save", far_above="120", level_figure="share", late_values="asked_year",
        mark_on_track="◇",
    )  # fmt: skip
    printed = io.StringIO()
    call_command("export_strategy", Strategy.objects.get().code, stdout=printed)
    content = json.loads(printed.getvalue())
    assert content["strategy"]["scale"] == {
        "on_track": "100.0", "mostly_on_track": "80.0", "slightly_behind": "50.0",
        "labels": {}, "marks": {"on_track": "◇"},
        "far_above": "120.0", "level_figure": "share", "late_values": "asked_year",
    }  # fmt: skip
    jsonschema.validate(content, strategy_schema())
    chosen = Strategy.objects.get().scale
    Strategy.objects.all().delete()
    load_strategy(content)
    assert Strategy.objects.get().scale == chosen


def test_the_page_of_the_plan_leads_to_its_rules(client, page):
    plan = client.get(reverse("admin:goals_strategy_change", args=[Strategy.objects.get().pk]))
    assert page in plan.content.decode()


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR])
def test_users_with_read_access_see_the_rules_but_no_link_to_a_closed_page(client, page, role):
    plan = Strategy.objects.get()
    plan.mostly_on_track, plan.far_above = Decimal("72.5"), Decimal("117.5")
    plan.save()
    client.force_login(make_user(role))
    text = client.get(reverse("admin:goals_strategy_change", args=[plan.pk])).content.decode()
    assert page not in text
    assert "72.5" in text
    assert "117.5" in text


def test_saving_nothing_new_leaves_the_history_alone(client, page):
    before = Strategy.history.count()
    send(client, page, "save")
    assert Strategy.history.count() == before


@pytest.mark.parametrize("role", [Role.READER, Role.CLERK, Role.AUDITOR])
def test_others_than_planning_may_not_choose(client, page, role):
    client.force_login(make_user(role))
    assert client.get(page).status_code == 403
    assert send(client, page, "save", far_above="120").status_code == 403
    assert Strategy.objects.get().far_above is None
