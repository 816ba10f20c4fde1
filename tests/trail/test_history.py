"""Every change is kept with person, door, reason and time; changes of accounts are logged."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Section, User
from accounts.roles import Role
from indicators.entries import Entry
from indicators.models import Actual
from indicators.recording import record
from tests.factories import (
    give_role,
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_section,
    make_user,
)
from tests.html import form_data
from trail.events import Event
from trail.history import (
    ADDED,
    Change,
    Door,
    add_history,
    as_it_stood,
    changing,
    create_with_history,
    current_change,
    delete_with_history,
    update_with_history,
)

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


def test_a_whole_change_keeps_only_the_time_and_address_that_it_lacks():
    then = datetime(2018, 6, 1, tzinfo=UTC)
    with changing(by=make_user(), reason="外", at=then, address="192.0.2.1"):
        with changing(Change(door=Door.FORM)):
            assert current_change() == Change(door=Door.FORM, at=then, address="192.0.2.1")
        with changing(Change(at=then + timedelta(days=1), address="192.0.2.2"), reason="中"):
            assert current_change().at == then + timedelta(days=1)
            assert (current_change().address, current_change().reason) == ("192.0.2.2", "中")


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
    user = make_user(None)
    give_role(user, Role.CLERK)
    assert events("roles") == ["追加：担当者"]
    user.groups.clear()
    assert events("roles") == ["追加：担当者", "すべて解除：担当者"]


def test_joined_and_left_sections_are_logged_from_both_ends():
    section = make_section("水産課")
    user = make_user(Role.CLERK)
    user.sections.add(section)
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


class TestClockSetBack:
    """The row written last is the one that counts, whatever the clock of the server said."""

    @pytest.fixture
    def value(self):
        """97.0 was stored last, but a day before 67.0 by the clock."""
        actual = make_actual(make_indicator(), 2017, "67.0")
        actual.value = Decimal("97.0")
        with changing(at=timezone.now() - timedelta(days=1)):
            actual.save()
        return actual

    def test_today_is_what_is_stored(self, value):
        assert as_it_stood(Actual, timezone.localdate()).get().value == Decimal("97.0")

    def test_what_was_dated_in_the_future_counts_today(self, value):
        value.value = Decimal("98.0")
        with changing(at=timezone.now() + timedelta(days=40)):
            value.save()
        assert as_it_stood(Actual, timezone.localdate()).get().value == Decimal("98.0")

    def test_the_log_says_that_the_clock_ran_backwards(self, value, monkeypatch, caplog):
        value.save()
        hour_ago = timezone.now() - timedelta(hours=1)
        monkeypatch.setattr(timezone, "now", lambda: hour_ago)
        value.save()
        assert "サーバーの時計が戻りました。" in caplog.text

    def test_so_it_does_for_a_value_after_a_restart(self, caplog):
        make_fiscal_year(2017)
        indicator, user = make_indicator(), make_user(Role.PLANNING)
        for number, days in enumerate((0, 1)):
            entry = Entry(
                indicator_id=indicator.pk,
                fiscal_year=2017,
                version=number or None,
                value=Decimal(number),
            )
            at = timezone.now() - timedelta(days=days)
            record([entry], Change(by=user, at=at, reason="訂正"))
        assert "サーバーの時計が戻りました。" in caplog.text


class TestInBulk:
    """The database copies what was written in bulk into the history."""

    def rows(self, **found):
        own = {"id", "history_id", "name"}
        fields = [one.attname for one in Section.history.model._meta.fields]
        return list(
            Section.history.filter(**found)
            .order_by("history_id")
            .values_list(*(one for one in fields if one not in own))
        )

    def test_it_says_what_a_save_says(self):
        then = datetime(2016, 4, 1, 3, 2, 1, 5, tzinfo=UTC)
        with changing(by=make_user(), door=Door.IMPORT, reason="機構改革'%s'", at=then):
            alone = Section.objects.create(name="一", position=7)
            together = Section(name="二", position=7)
            create_with_history(Section, [together])
            for section in (alone, together):
                section.position = 8
            alone.save()
            update_with_history(Section, [together])
            delete_with_history(Section, [together])
            pk = alone.pk
            alone.delete()
        assert self.rows(id=together.pk) == self.rows(id=pk)
        assert len(self.rows(id=pk)) == 3

    def test_only_the_fields_that_are_named_are_written(self):
        section = make_section("一")
        section.name, section.position = "二", 8
        update_with_history(Section, [section], ["position"])
        section.refresh_from_db()
        assert (section.name, section.position) == ("一", 8)
        newest = section.history.latest("history_id")
        assert (newest.name, newest.position, newest.history_type) == ("一", 8, "~")

    def test_each_object_may_have_its_own_reason(self):
        sections = [make_section("一"), make_section("二")]
        sections[0]._change_reason = "一だけの理由"
        with changing(reason="みなの理由"):
            update_with_history(Section, sections)
        reasons = [one.history.latest("history_id").history_change_reason for one in sections]
        assert reasons == ["一だけの理由", "みなの理由"]

    def test_any_number_of_objects_takes_the_same_queries(self, django_assert_num_queries):
        sections = [Section(name=f"第{number}課") for number in range(400)]
        Section.objects.bulk_create(sections)
        with django_assert_num_queries(1):
            add_history(Section, sections, ADDED)
        assert Section.history.count() == 400
        with django_assert_num_queries(0):
            add_history(Section, [], ADDED)

    def test_more_than_a_query_takes_are_copied_in_several(self, monkeypatch):
        monkeypatch.setattr("trail.history._COPIED_AT_ONCE", 2)
        create_with_history(Section, [Section(name=f"第{number}課") for number in range(5)])
        assert Section.history.count() == 5
