"""The hand-over in April: indicators change sections in bulk, memos stay in sight."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from indicators.duties import Duties
from indicators.handover import move_indicators
from tests.factories import make_fiscal_year, make_indicator, make_section, make_user
from trail.history import Door, changing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LIST = "admin:indicators_indicator_changelist"


def test_indicators_move_with_history(django_assert_max_num_queries):
    old, new, planning = make_section("水産課"), make_section("農林課"), make_user(Role.PLANNING)
    indicators = [make_indicator(old) for _ in range(20)]
    with (
        changing(by=planning, door=Door.ADMIN, reason="機構改革"),
        django_assert_max_num_queries(6),
    ):
        moved = move_indicators([i.pk for i in indicators], entered_by=new)
    assert len(moved) == 20
    indicators[0].refresh_from_db()
    assert (indicators[0].section, indicators[0].entered_by) == (old, new)
    row = indicators[0].history.first()
    assert (row.history_user, row.door, row.history_change_reason, row.entered_by) == (
        planning,
        "admin",
        "機構改革",
        new,
    )


def test_what_is_there_already_gets_no_history():
    section = make_section()
    indicator = make_indicator(section)
    assert move_indicators([indicator.pk], section=section, entered_by=section) == []
    assert indicator.history.count() == 1


def select(client, indicators, **typed):
    data = {"action": "move_to_section", "_selected_action": [i.pk for i in indicators]}
    return client.post(reverse(LIST), data | typed, follow=True).content.decode()


def test_planning_moves_them_on_a_page_between(client):
    old, new = make_section("水産課"), make_section("農林課")
    indicators = [make_indicator(old) for _ in range(3)]
    client.force_login(make_user(Role.PLANNING))
    html = select(client, indicators)
    assert "次の3件の指標を移します" in html
    html = select(client, indicators, move="移す", reason="機構改革")
    assert "少なくとも一方を選んでください" in html
    html = select(client, indicators, move="移す", section=new.pk)
    assert "このフィールドは必須です" in html
    html = select(client, indicators, move="移す", section=new.pk, reason="機構改革")
    assert "3件の指標を移しました" in html
    indicators[0].refresh_from_db()
    assert (indicators[0].section, indicators[0].entered_by) == (new, old)
    assert indicators[0].history.first().history_change_reason == "機構改革"


def test_earlier_years_keep_the_sections_that_they_had(client):
    old, new = make_section("水産課"), make_section("農林課")
    indicator = make_indicator(old)
    client.force_login(make_user(Role.PLANNING))
    typed = {"move": "移す", "section": new.pk, "entered_by": new.pk, "reason": "機構改革"}
    select(client, [indicator], first_fiscal_year="平成30", **typed)
    duties = Duties([indicator.pk])
    indicator.refresh_from_db()
    assert duties.of(indicator, 2017).section_id == old.pk
    assert duties.of(indicator, 2018).section_id == new.pk
    html = select(client, [indicator], first_fiscal_year="2017", **(typed | {"section": old.pk}))
    assert "平成30年度（2018）に課が変わっています" in html
    assert 'value="2017"' in html
    indicator.refresh_from_db()
    assert indicator.section == new


def test_nobody_else_moves_indicators(client):
    section = make_section()
    indicator = make_indicator(section)
    for role in (Role.CLERK, Role.HEAD, Role.AUDITOR):
        client.force_login(make_user(role, section))
        select(client, [indicator], move="移す", section=make_section().pk, reason="なし")
    indicator.refresh_from_db()
    assert indicator.section == section


def test_the_memo_stands_where_values_are_entered(client):
    section = make_section()
    make_fiscal_year(2017)
    indicator = make_indicator(section, handover_memo="漁協に<電話>する", contact="漁協 内線12")
    client.force_login(make_user(Role.CLERK, section))
    for url in (
        reverse("admin:indicators_fiscalyear_change", args=[2017]),
        reverse("admin:indicators_indicator_change", args=[indicator.pk]),
    ):
        html = client.get(url).content.decode()
        assert "漁協に&lt;電話&gt;する" in html
        assert "漁協 内線12" in html
