"""Ranks: a target in 位 is better when smaller, from the sentence to the page."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from kpis.models import KPI
from tests.factories import (
    make_actual,
    make_goal,
    make_indicator,
    make_measure,
    make_strategy,
    make_user,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.parametrize(
    ("sentence", "kind", "target", "judged"),
    [
        ("令和元年度に３位以内", "level", 3, {2: "目標値以下", 3: "目標値以下", 4: "やや遅れ"}),
        ("世界１位を維持", "every_year", 1, {1: "順調", 2: "やや遅れ", 3: "遅れ"}),
    ],
)
def test_a_rank_is_read_confirmed_and_judged(client, sentence, kind, target, judged):
    client.force_login(make_user(Role.PLANNING))
    measure = make_measure(make_goal(make_strategy(code="plan")))
    indicator = make_indicator(unit="位", name="魅力度の順位", minimum=1)
    data = {
        "measure": measure.pk, "position": "1", "name": indicator.name, "sentence": sentence,
        "indicator": indicator.pk, "tolerance": "0", "reading_confirmed": "on",
        "yearly_targets-TOTAL_FORMS": "0", "yearly_targets-INITIAL_FORMS": "0",
    }  # fmt: skip
    client.post(reverse("admin:kpis_kpi_add"), data)
    stored = KPI.objects.get()
    assert (stored.kind, stored.direction, stored.target) == (kind, "down", target)
    assert stored.is_confirmed
    for year, (value, label) in enumerate(judged.items(), 2015):
        make_actual(indicator, year, value)
        page = text_of(client.get(f"/strategies/plan/kpis/1-ア-1-1/?year={year}"))
        assert f"{value}位" in page
        assert f"{label} " in page.partition("年度ごとの値")[0]
