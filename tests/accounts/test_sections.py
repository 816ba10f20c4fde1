"""A section's name can change from a year on; earlier years keep the old one."""

import pytest
from django.urls import reverse

from accounts.models import Section
from accounts.roles import Role
from accounts.sections import names_in, rename
from plans.tree import read_tree
from tests.factories import make_indicator, make_kpi, make_section, make_user
from tests.html import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def names_of(section, *years):
    return [names_in(year)[section.pk] for year in years]


def test_earlier_years_keep_the_name_they_had():
    section = make_section("水産課")
    rename(section, "水産港湾課", 2018)
    assert names_of(section, 2016, 2017, 2018) == ["水産課", "水産課", "水産港湾課"]
    rename(section, "海のみらい課", 2020)
    assert names_of(section, 2017, 2018, 2019, 2020) == [
        "水産課",
        "水産港湾課",
        "水産港湾課",
        "海のみらい課",
    ]


def test_renaming_again_for_the_same_year_corrects_the_new_name():
    section = make_section("水産課")
    rename(section, "水産巷湾課", 2018)
    rename(section, "水産港湾課", 2018)
    assert names_of(section, 2017, 2018) == ["水産課", "水産港湾課"]


def test_the_tree_of_a_year_names_sections_as_they_were():
    section = make_section("水産課")
    kpi = make_kpi(indicator=make_indicator(section))
    rename(section, "水産港湾課", 2018)

    def shown(year):
        [listing] = read_tree(kpi.strategy.code, year).listings
        return listing.indicator.section, listing.indicator.entered_by

    assert shown(2017) == ("水産課", "水産課")
    assert shown(2018) == ("水産港湾課", "水産港湾課")


def post(client, section, **typed):
    url = reverse("admin:accounts_section_change", args=[section.pk])
    data = form_data(client.get(url).content.decode())
    return client.post(url, data | typed)


def test_a_typing_error_is_corrected_for_all_years(client):
    section = make_section("水産果")
    client.force_login(make_user(Role.PLANNING))
    asked = post(client, section, name="水産課").content.decode()
    assert "これまでの年度の画面と帳票にも及びます。訂正の理由を入力してください。" in asked
    assert form_data(asked)["name"] == "水産課"
    assert names_of(section, 2017, 2018) == ["水産果", "水産果"]
    post(client, section, name="水産課", change_reason="誤字")
    assert names_of(section, 2017, 2018) == ["水産課", "水産課"]
    assert section.history.first().history_change_reason == "誤字"


def test_a_section_without_indicators_is_closed_without_a_question(client):
    section = make_section("水産課")
    client.force_login(make_user(Role.PLANNING))
    url = reverse("admin:accounts_section_change", args=[section.pk])
    data = form_data(client.get(url).content.decode())
    data.pop("is_active")
    client.post(url, data)
    section.refresh_from_db()
    assert not section.is_active


def test_a_section_that_is_new_may_be_closed_from_the_start(client):
    client.force_login(make_user(Role.PLANNING))
    data = form_data(client.get("/admin/accounts/section/add/").content.decode())
    del data["is_active"]
    client.post("/admin/accounts/section/add/", data | {"name": "廃止予定課"})
    assert not Section.objects.get(name="廃止予定課").is_active


def test_names_that_differ_only_in_width_or_case_are_refused_with_the_known_one(client):
    make_section("ＩＴ推進課")
    client.force_login(make_user(Role.PLANNING))
    url = reverse("admin:accounts_section_add")
    data = form_data(client.get(url).content.decode())
    page = client.post(url, data | {"name": "it推進課"}).content.decode()
    assert (
        "「it推進課」は、登録されている「ＩＴ推進課」と、全角・半角などの違いしかありません" in page
    )
    assert 'value="it推進課"' in page
    assert Section.objects.count() == 1
