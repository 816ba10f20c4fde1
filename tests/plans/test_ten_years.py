"""第2期 made from 根室市's plan: one indicator's series over ten years, with both targets."""

import re

import pytest
from django.urls import reverse

from accounts.roles import Role
from goals.models import BasicGoal, NumericTarget, Strategy
from indicators.recording import move
from kpis.models import KPI
from measures.models import MeasureGroup
from plans.next_plan import key_of
from tests.factories import load_city, make_actual, make_fiscal_year, make_user
from tests.html import form_data
from tests.pages import text_of
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

INDICATOR = "移住相談ワンストップ窓口への相談件数"
SENTENCE = "５年で年間相談件数８０件とし年間２０件増加"


def sent(client, url, **typed):
    """Send the form of a page as it is shown, with some fields typed; return the answer."""
    data = form_data(client.get(url).content.decode()) | typed
    return client.post(url, data, follow=True)


def listings_of(model, plan):
    return model.objects.filter(**{model.plan_path: plan}).order_by("pk")


def make_from(client, before, *unticked):
    """Make 第2期 of 令和2 to 6年度 by the form without these parts; return it."""
    url = f"/strategies/{before.code}/next/"
    keys = re.findall(r'name="keep"\s+value="([\w-]+)"', client.get(url).content.decode())
    keep = sorted(set(keys) - {key_of(part) for part in unticked})
    preview = sent(client, url, keep=keep).content.decode()
    made = client.post(url, form_data(preview) | {"keep": keep, "confirm": ""}, follow=True)
    assert "作成中の計画として作りました" in text_of(made)
    return Strategy.objects.get(code="nemuro-2020")


def type_target(client, listing, sentence, **typed):
    app, model = listing._meta.app_label, listing._meta.model_name
    url = reverse(f"admin:{app}_{model}_change", args=[listing.pk])
    sent(client, url, sentence=sentence, reading_confirmed="on", **typed)
    listing.refresh_from_db()
    assert listing.is_confirmed, listing


def begin(client, plan):
    url = reverse("admin:goals_strategy_change", args=[plan.pk])
    answer = sent(client, url, state="running").content.decode()
    plan.refresh_from_db()
    return answer


def test_a_second_plan_shows_ten_years_of_one_indicator_with_both_targets(client):
    client.force_login(make_user(Role.PLANNING))
    before = load_city()
    old = KPI.objects.get(name=INDICATOR)
    values = [
        make_actual(old.indicator, year, 40 + 5 * (year - 2015)) for year in before.period
    ]  # up to 60 in 令和元年度
    move({one.pk: one.version for one in values}, "confirmed", Change(by=make_user(Role.PLANNING)))
    plan = make_from(
        client,
        before,
        *BasicGoal.objects.exclude(position=2),
        MeasureGroup.objects.get(goal__position=2, symbol="ア"),
    )
    new = listings_of(KPI, plan).get(name=INDICATOR)
    assert (new.indicator, new.baseline, new.baseline_year) == (old.indicator, 60, 2019)
    page = f"/strategies/{plan.code}/kpis/{new.place_label.removeprefix('KPI')}/"
    assert "判定なし（目標値未入力）" in text_of(client.get(page))

    for kind in (NumericTarget, KPI):
        for one in listings_of(kind, plan).exclude(pk=new.pk):
            earlier = kind.objects.get(name=one.name, **{kind.plan_path: before})
            typed = {"target": str(earlier.target), "kind": earlier.kind}
            type_target(client, one, earlier.sentence, doubts=earlier.doubts, **typed)
    assert f"「{new}」" in begin(client, plan)
    assert plan.is_draft
    type_target(client, new, SENTENCE)
    assert (new.target, new.kind) == (80, "level")
    begin(client, plan)
    assert plan.state == "running"

    for year in plan.period:
        make_fiscal_year(year)
        typed = {f"r{new.indicator_id}-value": str(62 + 4 * (year - 2020)), "save": "1"}
        assert "1件の値を保存しました" in text_of(sent(client, f"/entry/{year}/", **typed))
    text = text_of(client.get(page))
    assert "基準値60件から目標値80件に向け、最終年度の令和6年度の実績は78件" in text
    for year in before.period:
        assert f"（{year}） － {40 + 5 * (year - 2015)}件 － － － {before.title} 確認済み" in text
    for year in plan.period:
        shown = f"（{year}） {64 + 4 * (year - 2020)}件 {62 + 4 * (year - 2020)}件"
        assert shown in text
    drawn = "目標値は80件、基準値（現状値）は60件。平成27年度は40件"
    assert drawn in text
    assert f"{before.title}の目標値は50件（令和元年度）。" in text
    earlier = text_of(client.get(f"/strategies/{before.code}/kpis/2-イ-1-2/?year=2019"))
    assert f"{plan.title}の目標値は80件（令和6年度）。" in earlier
    assert "（2024） － 78件" in earlier
