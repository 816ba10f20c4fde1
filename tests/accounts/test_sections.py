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


def test_planning_renames_a_section_from_a_year_on_in_the_admin(client):
    section = make_section("水産課")
    client.force_login(make_user(Role.PLANNING))
    post(client, section, name="水産港湾課", renamed_from="平成30", change_reason="機構改革")
    assert names_of(section, 2017, 2018) == ["水産課", "水産港湾課"]
    assert section.history.first().history_change_reason == "機構改革"


def test_a_slip_of_the_pen_is_corrected_for_all_years(client):
    section = make_section("水産果")
    client.force_login(make_user(Role.PLANNING))
    post(client, section, name="水産課")
    assert names_of(section, 2017, 2018) == ["水産課", "水産課"]


def test_a_year_that_is_none_is_named_and_nothing_is_saved(client):
    section = make_section("水産課")
    client.force_login(make_user(Role.PLANNING))
    html = post(client, section, name="水産港湾課", renamed_from="来年").content.decode()
    assert "来年" in html
    assert "入力してください" in html
    assert Section.objects.get(pk=section.pk).name == "水産課"


def test_a_year_for_a_name_that_stays_is_asked_about(client):
    section = make_section("水産課")
    client.force_login(make_user(Role.PLANNING))
    html = post(client, section, renamed_from="平成30", department="水産経済部").content.decode()
    assert "名称が「水産課」のままです" in html
    assert form_data(html)["renamed_from"] == "平成30"
    section.refresh_from_db()
    assert (section.department, section.former_names.count()) == ("", 0)


def test_a_section_with_indicators_is_closed_only_when_that_is_meant(client):
    section = make_section("水産課")
    make_indicator(section, name="漁獲量")
    make_indicator(section, name="新規就業者数", entered_by=make_section())
    client.force_login(make_user(Role.PLANNING))
    url = reverse("admin:accounts_section_change", args=[section.pk])
    data = form_data(client.get(url).content.decode())
    data.pop("is_active")
    html = client.post(url, data).content.decode()
    assert "この課が担当するか入力する指標が、2件あります（新規就業者数、漁獲量）" in html
    assert "「担当課・入力する課を移す」" in html
    section.refresh_from_db()
    assert section.is_active
    client.post(url, data | {"keeps_indicators": "on"})
    section.refresh_from_db()
    assert not section.is_active


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
