"""The city and the planning office of an installation."""

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError

from accounts.roles import Role
from tests.factories import (
    make_fiscal_year,
    make_goal,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.pages import text_of
from trail import installation as module
from trail.installation import (
    Installation,
    installation,
    planning_office,
    read_once,
    save_installation,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_the_stored_office_goes_before_the_setting(settings):
    settings.PLANNING_OFFICE = "総合政策室"
    assert planning_office() == "総合政策室"
    Installation.objects.create(city="○○市")
    assert planning_office() == "総合政策室"
    Installation.objects.update(planning_office="企画課")
    assert planning_office() == "企画課"


def test_pages_letters_and_messages_name_the_stored_office(client, settings):
    settings.PLANNING_OFFICE = "総合政策室"
    Installation.objects.create(planning_office="未来づくり課")
    for user, path in (
        (None, "/login/"),
        (make_user(Role.CLERK), "/"),
        (make_user(Role.READER), "/admin/"),
    ):
        make_strategy()
        if user:
            client.force_login(user)
        text = text_of(client.get(path, follow=True))
        assert "未来づくり課" in text
        assert "総合政策室" not in text


def test_it_is_read_once_in_a_request(client, django_assert_num_queries):
    Installation.objects.create(planning_office="企画課")
    with read_once(), django_assert_num_queries(1):
        assert {planning_office() for _ in range(5)} == {"企画課"}


def test_a_change_is_seen_in_the_same_request():
    with read_once():
        stored = installation()
        stored.planning_office = "企画課"
        save_installation(stored)
        assert planning_office() == "企画課"
    assert planning_office() == "企画課"


def test_pages_of_an_outage_get_the_office_of_the_settings(monkeypatch, settings):
    settings.PLANNING_OFFICE = "総合政策室"

    def fail() -> Installation:
        raise OperationalError

    monkeypatch.setattr(module, "installation", fail)
    assert planning_office() == "総合政策室"


@pytest.mark.parametrize("code", ["12345", "1234567", "０１２３４５", "abcdef"])
def test_a_wrong_code_is_refused(code):
    with pytest.raises(ValidationError, match="6桁の数字"):
        Installation(city="○○市", city_code=code).full_clean()


@pytest.mark.parametrize("code", ["012238", "011002", "131016", "473821"])
def test_codes_of_cities_are_right_and_a_mistyped_digit_is_found(code):
    Installation(city="○○市", city_code=code).full_clean()
    mistyped = code[:4] + str((int(code[4]) + 1) % 10) + code[5]
    with pytest.raises(ValidationError, match="検査数字"):
        Installation(city="○○市", city_code=mistyped).full_clean()


def test_letters_are_from_the_stored_office(client):
    Installation.objects.create(planning_office="未来づくり課")
    make_fiscal_year(2017)
    kpi = make_kpi(make_measure(make_goal(make_strategy())))
    assert kpi.indicator.section
    client.force_login(make_user(Role.PLANNING, make_section()))
    assert "未来づくり課長" in text_of(client.get("/entry/2017/inquiry/"))
