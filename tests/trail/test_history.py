"""Every change is kept with person, door, reason and time; changes of accounts are logged."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from accounts.models import Section, User
from accounts.roles import Role
from tests.factories import make_section, make_user
from tests.html import form_data
from trail.events import Event
from trail.history import Door, changing, current_change

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_change_is_kept_with_what_is_known_of_it():
    user = make_user(Role.PLANNING)
    then = datetime(2016, 4, 1, tzinfo=UTC)
    with changing(by=user, door=Door.IMPORT, reason="機構改革", at=then):
        section = Section.objects.create(name="新設課")
    row = section.history.get()
    assert (row.history_user, row.door, row.history_change_reason, row.history_date) == (
        user,
        "import",
        "機構改革",
        then,
    )


def test_outside_of_a_named_change_it_is_a_command_of_nobody():
    row = Section.objects.create(name="新設課").history.get()
    assert (row.history_user, row.door, row.history_change_reason) == (None, "command", "")


def test_an_inner_change_keeps_what_the_outer_one_said():
    user = make_user()
    with changing(by=user, reason="外"):
        with changing(reason="中"):
            assert (current_change().by, current_change().reason) == (user, "中")
        assert current_change().reason == "外"
    assert current_change().by is None


def test_a_change_in_the_admin_has_its_person_and_its_reason(client):
    planning, section = make_user(Role.PLANNING), make_section("水産課")
    client.force_login(planning)
    url = reverse("admin:accounts_section_change", args=[section.pk])
    data = form_data(client.get(url).content.decode())
    client.post(url, data | {"name": "水産港湾課", "change_reason": "名称変更"})
    row = section.history.first()
    assert (row.name, row.history_user, row.door, row.history_change_reason) == (
        "水産港湾課",
        planning,
        "admin",
        "名称変更",
    )
    html = client.get(reverse("admin:accounts_section_history", args=[section.pk])).content.decode()
    assert "水産課 → 水産港湾課" in html
    assert "名称変更" in html


def events(kind):
    return [event.detail for event in Event.objects.filter(kind=kind).order_by("pk")]


def test_given_and_taken_roles_are_logged():
    user = make_user(Role.CLERK)
    assert events("roles") == ["追加：担当者"]
    user.groups.clear()
    assert events("roles") == ["追加：担当者", "すべて解除：担当者"]


def test_joined_and_left_sections_are_logged_from_both_ends():
    section = make_section("水産課")
    user = make_user(Role.CLERK, section)
    section.users.remove(user)
    assert events("sections") == ["追加：水産課", "解除：水産課"]


def test_changed_accounts_are_logged_and_log_ins_are_not(client):
    user = make_user(Role.CLERK, full_name="見本 花子")
    client.force_login(user)
    assert events("account") == []
    user.is_active = False
    user.save()
    user.set_password("a-new-password")
    user.save()
    assert events("account") == ["有効：はい → いいえ"]
    assert len(events("password")) == 1


def test_an_event_names_who_did_it(client):
    planning, user = make_user(Role.PLANNING), make_user(None)
    client.force_login(planning)
    url = reverse("admin:accounts_user_change", args=[user.pk])
    data = form_data(client.get(url).content.decode())
    response = client.post(url, data | {"full_name": "別名", "email": ""})
    assert response.status_code == 302
    assert User.objects.get(pk=user.pk).full_name == "別名"
    assert Event.objects.filter(kind="account").get().by == planning
