"""統合, 分割, 改称 and 廃止 of sections: a form, a preview, one confirmation."""

import re

import pytest
from django.urls import reverse

from accounts.models import Section
from accounts.roles import Role
from accounts.sections import names_in
from entry.year_rows import year_rows
from indicators.models import FiscalYear, Indicator, PastDuty
from indicators.recording import move
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_section,
    make_user,
)
from tests.html import form_data, sent_untouched
from trail.events import Event
from trail.history import Change, changing

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture(autouse=True)
def in_2018(settings, monkeypatch):
    """It is the autumn of 2018: fiscal year 2018 runs, 2017 is entered."""
    from datetime import date

    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: date(2018, 10, 1))


@pytest.fixture
def city():
    """Two sections with an indicator and a clerk each; 2016 has ended, 2017 is open."""
    for name, code in (("水産課", "fish"), ("港湾課", "port")):
        section = make_section(name, department="経済部")
        make_kpi(indicator=make_indicator(section, code=code, name=f"{name}の指標"))
        make_user(Role.CLERK, section, full_name=f"{name}の担当者")
        make_actual(Indicator.objects.get(code=code), 2016, 10)
    make_fiscal_year(2016, is_open=False, entry_ended_on="2017-09-01")
    make_fiscal_year(2017)


@pytest.fixture
def planning(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


def address(kind):
    return reverse("admin:accounts_section_reorganise", args=[kind])


def section(name):
    return Section.objects.get(name=name)


def ids(*names):
    return [str(section(name).pk) for name in names]


def ask(client, kind, **typed):
    """Send the first form; return the page that comes."""
    typed = {"first_fiscal_year": "平成30", "reason": "機構改革", "preview": "1"} | typed
    return client.post(address(kind), typed).content.decode()


def confirm(client, kind, page, **chosen):
    """Press 実行する on a preview."""
    return client.post(address(kind), sent_untouched(page) | chosen | {"confirm": "1"}, follow=True)


def fish():
    return Indicator.objects.get(code="fish")


class TestMerging:
    def merge(self, client, **typed):
        typed = {"sections": ids("水産課", "港湾課"), "name": "水産港湾課"} | typed
        return ask(client, "merge", **typed)

    def test_a_preview_says_what_changes_and_writes_nothing(self, client, city, planning):
        page = self.merge(client)
        for text in (
            "水産課の指標",
            "港湾課の担当者",
            "指標2件",
            "利用者2人",
            "平成30年度（2018）から",
        ):
            assert text in page
        assert "受付中の平成29年度（2017）：まだ確認済みでない2件" in page
        assert not Section.objects.filter(name="水産港湾課").exists()

    def test_two_sections_become_one_from_a_year_on(self, client, city, planning):
        done = confirm(client, "merge", self.merge(client))
        assert "を実行しました" in done.content.decode()
        new = section("水産港湾課")
        assert (new.first_fiscal_year, new.department) == (2018, "経済部")
        assert {one.section for one in Indicator.objects.all()} == {new}
        assert {duty.section.name for duty in PastDuty.objects.all()} == {"水産課", "港湾課"}
        for name in ("水産課", "港湾課"):
            old = section(name)
            assert (old.is_active, old.last_fiscal_year) == (False, 2017)
            assert list(old.succeeded_by.all()) == [new]
            assert not old.users.exists()
        assert new.users.count() == 2

    def test_the_history_says_who_and_why(self, client, city, planning):
        confirm(client, "merge", self.merge(client))
        for row in (fish().history.first(), fish().past_duties.get().history.first()):
            assert row.history_user == planning
            assert row.history_change_reason == (
                "課の統合（水産課、港湾課 → 水産港湾課、平成30年度（2018）から）：機構改革"
            )
        assert (
            Event.objects.filter(kind=Event.Kind.SECTIONS, detail="追加：水産港湾課").count() == 2
        )

    def test_people_of_the_new_section_enter_what_was_left_open(self, client, city, planning):
        clerk = make_user(Role.CLERK, section("水産課"))
        confirm(client, "merge", self.merge(client))
        clerk = type(clerk).objects.get(pk=clerk.pk)
        rows = year_rows(2017, clerk)
        assert [row.indicator.entered_by for row in rows] == ["水産課", "港湾課"]

    def test_a_section_joins_one_that_exists(self, client, city, planning):
        page = ask(client, "merge", sections=ids("水産課", "港湾課"), into=ids("港湾課")[0])
        confirm(client, "merge", page)
        assert (section("水産課").is_active, section("港湾課").is_active) == (False, True)
        assert fish().section.name == "港湾課"
        assert section("港湾課").users.count() == 2

    def test_a_double_click_does_it_once(self, client, city, planning):
        page = self.merge(client)
        confirm(client, "merge", page)
        rows = PastDuty.history.count()
        again = confirm(client, "merge", page).content.decode()
        assert "この統合は、すでに実行してあります" in again
        assert PastDuty.history.count() == rows

    def test_what_changed_since_the_preview_is_shown_first(self, client, city, planning):
        page = self.merge(client)
        other = make_user(Role.PLANNING, full_name="企画 花子")
        with changing(by=other):
            make_indicator(section("水産課"), name="あとからの指標")
        again = confirm(client, "merge", page).content.decode()
        assert re.search(
            r"確かめている間に、\d+月\d+日\d+時\d+分に企画 花子が指標「あとからの指標」を"
            "登録しました。まだ実行していません。",
            again,
        )
        assert not Section.objects.filter(name="水産港湾課").exists()
        confirm(client, "merge", again)
        assert section("水産港湾課").indicators.count() == 3

    @pytest.mark.parametrize("act", ["moves", "enters", "leaves"])
    def test_the_author_of_each_change_since_the_preview_is_named(
        self, client, city, planning, act
    ):
        page = self.merge(client)
        other = make_user(Role.PLANNING, full_name="企画 花子")
        clerk = section("水産課").users.get()
        with changing(by=other):
            if act == "moves":
                moved = fish()
                moved.section = moved.entered_by = make_section("総務課")
                moved.save()
            elif act == "enters":
                answered = make_actual(fish(), 2017, 5, by=clerk)
                move({answered.pk: 1}, "submitted", Change(by=clerk))
                move({answered.pk: 2}, "answered", Change(by=other))
                move({answered.pk: 3}, "confirmed", Change(by=other))
            else:
                clerk.sections.remove(section("水産課"))
        told = {
            "moves": "企画 花子が指標「水産課の指標」を変更しました。",
            "enters": "企画 花子が「水産課の指標」の値を変更しました。",
            "leaves": f"企画 花子が{clerk}（{clerk.username}）の所属を変更しました。",
        }
        assert told[act] in confirm(client, "merge", page).content.decode()
        assert not Section.objects.filter(name="水産港湾課").exists()

    def test_a_section_ended_in_the_meantime_is_named_with_the_user(self, client, city, planning):
        page = self.merge(client)
        ended = section("港湾課")
        with changing(by=make_user(Role.PLANNING, full_name="企画 花子")):
            ended.is_active, ended.last_fiscal_year = False, 2017
            ended.save()
        again = confirm(client, "merge", page).content.decode()
        assert re.search(r"「港湾課」は、使用中でない課です（.+に企画 花子が変更）。", again)

    def test_back_keeps_what_was_typed(self, client, city, planning):
        page = self.merge(client)
        data = sent_untouched(page) | {"back": "1"}
        back = sent_untouched(client.post(address("merge"), data).content.decode())
        assert back["name"] == ["水産港湾課"]
        assert back["first_fiscal_year"] == ["平成30"]
        assert set(back["sections"]) == set(ids("水産課", "港湾課"))

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ({"first_fiscal_year": "来年"}, "来年"),
            ({"first_fiscal_year": "2016"}, "平成29年度（2017）以後の年度にしてください"),
            ({"first_fiscal_year": "2020"}, "令和元年度（2019）までの年度にしてください"),
            ({"name": "総務課"}, "「総務課」は、登録されています"),
            ({"name": "ＩＴ課"}, "全角・半角などの違いしかありません"),
            ({"name": "あ" * 61}, "61文字です。60文字以下にしてください"),
            ({"name": ""}, "どちらか一方だけを入力してください"),
            ({"reason": ""}, "この欄は必ず入力してください。"),
        ],
    )
    def test_what_is_wrong_is_named_and_what_was_typed_stays(
        self, client, city, planning, typed, message
    ):
        make_section("総務課")
        make_section("IT課")
        page = self.merge(client, **typed)
        assert message in page
        [(name, text)] = typed.items()
        assert form_data(page)[name] == text
        assert section("水産課").is_active

    def test_a_merger_needs_more_than_one_section(self, client, city, planning):
        assert "二つ以上選んでください" in self.merge(client, sections=ids("水産課"))

    def test_a_section_that_began_later_is_named(self, client, city, planning):
        Section.objects.filter(name="水産課").update(first_fiscal_year=2018)
        assert "「水産課」の最初の年度（平成30年度（2018））" in self.merge(client)

    def test_a_published_year_is_refused(self, client, city, planning):
        make_actual(fish(), 2018, 5)
        FiscalYear.objects.filter(pk=2018).update(published_on="2018-09-30")
        assert "平成30年度（2018）は、公表していて" in self.merge(client)


class TestSplitting:
    def split(self, client, names="漁業課\n加工課", **typed):
        return ask(client, "split", section=ids("水産課")[0], names=names, **typed)

    def test_each_indicator_and_person_is_given_to_a_section(self, client, city, planning):
        second = make_indicator(section("水産課"), name="加工品の出荷額")
        clerk = section("水産課").users.get()
        page = self.split(client)
        done = confirm(
            client,
            "split",
            page,
            **{
                f"indicator-{fish().pk}": "漁業課",
                f"indicator-{second.pk}": "加工課",
                f"user-{clerk.pk}": ["漁業課", "加工課"],
            },
        )
        assert "を実行しました" in done.content.decode()
        second.refresh_from_db()
        assert (fish().section.name, second.section.name) == ("漁業課", "加工課")
        assert {one.name for one in clerk.sections.all()} == {"漁業課", "加工課"}
        assert {one.name for one in section("水産課").succeeded_by.all()} == {"漁業課", "加工課"}

    def test_the_section_may_continue_alongside_a_new_one(self, client, city, planning):
        clerk = section("水産課").users.get()
        page = self.split(client, "水産課\n加工課")
        confirm(
            client,
            "split",
            page,
            **{f"indicator-{fish().pk}": "加工課", f"user-{clerk.pk}": ids("水産課")},
        )
        assert section("水産課").is_active
        assert list(section("水産課").users.all()) == [clerk]
        assert fish().section.name == "加工課"
        assert fish().past_duties.get().section.name == "水産課"

    def test_without_a_destination_nothing_happens_and_choices_stay(self, client, city, planning):
        clerk = section("水産課").users.get()
        page = confirm(
            client, "split", self.split(client), **{f"user-{clerk.pk}": ["加工課"]}
        ).content.decode()
        assert "「水産課の指標」を引き継ぐ課を選んでください" in page
        assert sent_untouched(page)[f"user-{clerk.pk}"] == ["加工課"]
        assert not Section.objects.filter(name="漁業課").exists()

    def test_one_name_is_too_few(self, client, city, planning):
        assert "二つ以上入力してください" in self.split(client, "漁業課")

    def test_names_that_are_alike_are_refused(self, client, city, planning):
        assert "ほかの行にあります" in self.split(client, "ＩＴ課\nit課")


class TestRenaming:
    def rename(self, client, **typed):
        return ask(client, "rename", section=ids("水産課")[0], **({"name": "海の課"} | typed))

    def test_the_new_name_holds_from_a_year_on(self, client, city, planning):
        pk = section("水産課").pk
        confirm(client, "rename", self.rename(client))
        assert [names_in(year)[pk] for year in (2017, 2018)] == ["水産課", "海の課"]
        assert "この改称は、すでに" in self.rename_again(client, pk)

    def rename_again(self, client, pk):
        return client.post(
            address("rename"),
            {"section": pk, "name": "海の課", "first_fiscal_year": "2018", "reason": "x",
             "preview": "1"},
            follow=True,
        ).content.decode()  # fmt: skip

    def test_the_same_name_is_refused_as_a_new_one(self, client, city, planning):
        assert "「水産課」は、今の名称です" in self.rename(client, name="水産課")

    def test_the_name_of_another_section_is_refused(self, client, city, planning):
        assert "「港湾課」は、登録されています" in self.rename(client, name="港湾課")

    def test_an_ended_year_keeps_its_name(self, client, city, planning):
        page = self.rename(client, first_fiscal_year="2016")
        assert "平成28年度（2016）は、入力の受付を終えていて" in page


class TestAbolishing:
    def test_indicators_and_people_go_where_it_was_said(self, client, city, planning):
        clerk = section("水産課").users.get()
        page = ask(client, "abolish", section=ids("水産課")[0], into=ids("港湾課")[0])
        assert form_data(page)[f"indicator-{fish().pk}"] == ids("港湾課")[0]
        confirm(client, "abolish", page, **{f"user-{clerk.pk}": "none"})
        assert (fish().section.name, fish().entered_by.name) == ("港湾課", "港湾課")
        assert not clerk.sections.exists()
        assert section("水産課").last_fiscal_year == 2017
        assert list(section("水産課").succeeded_by.all()) == [section("港湾課")]

    def test_an_indicator_that_it_only_enters_keeps_who_answers(self, client, city, planning):
        other = make_indicator(section("港湾課"), entered_by=section("水産課"))
        page = ask(client, "abolish", section=ids("水産課")[0], into=ids("港湾課")[0])
        confirm(client, "abolish", page)
        other.refresh_from_db()
        assert (other.section.name, other.entered_by.name) == ("港湾課", "港湾課")
        past = other.past_duties.get()
        assert (past.section.name, past.entered_by.name) == ("港湾課", "水産課")


class TestClosingByHand:
    def close(self, client, name):
        url = reverse("admin:accounts_section_change", args=[section(name).pk])
        data = form_data(client.get(url).content.decode())
        data.pop("is_active")
        return client.post(url, data | {"last_fiscal_year": "2017"}).content.decode()

    def test_what_a_section_still_has_is_named_with_the_way_out(self, client, city, planning):
        page = self.close(client, "水産課")
        assert "担当するか入力する指標が1件（水産課の指標）" in page
        assert "所属する人が1人" in page
        assert "受付中の平成29年度（2017）に、確認済みでない値が1件" in page
        assert "「統合」「分割」「廃止」" in page
        assert section("水産課").is_active

    def test_open_rows_of_an_indicator_that_went_elsewhere_keep_it(self, client, city, planning):
        old = section("水産課")
        old.users.clear()
        PastDuty.objects.create(
            indicator=fish(), last_fiscal_year=2017, section=old, entered_by=old
        )
        Indicator.objects.filter(code="fish").update(
            section=section("港湾課"), entered_by=section("港湾課")
        )
        assert "受付中の平成29年度（2017）" in self.close(client, "水産課")

    def test_an_empty_section_is_closed(self, client, city, planning):
        make_section("空の課")
        self.close(client, "空の課")
        empty = section("空の課")
        assert (empty.is_active, empty.last_fiscal_year) == (False, 2017)


@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD, Role.AUDITOR, Role.READER])
def test_only_planning_reorganises(client, city, role):
    client.force_login(make_user(role, section("水産課")))
    assert client.get(address("merge")).status_code == 403
    page = client.get(reverse("admin:accounts_section_changelist"))
    assert "reorganise" not in page.content.decode()


def test_the_list_of_sections_leads_to_the_four_acts(client, planning):
    page = client.get(reverse("admin:accounts_section_changelist")).content.decode()
    assert all(address(kind) in page for kind in ("merge", "split", "rename", "abolish"))
    assert client.get("/admin/accounts/section/reorganise/undo/").status_code == 404
