"""Asking the head, answering, deciding on paper, handing back, confirming: on 回答と確認."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from entry.answer_rows import answer_rows
from indicators.entries import Entry
from indicators.models import Actual
from indicators.recording import move, record
from japanese.calendar_days import era_day
from tests.factories import (
    make_actual,
    make_evidence,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_section,
    make_user,
)
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

URL = "/entry/2017/answer/"


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def clerk(section):
    return make_user(Role.CLERK, section, full_name="見本 渚")


@pytest.fixture
def head(section):
    return make_user(Role.HEAD, section, full_name="見本 良子")


@pytest.fixture
def planning():
    return make_user(Role.PLANNING, make_section("総合政策室"))


@pytest.fixture
def values(section, clerk):
    """Three values of one section, entered by its clerk: 入力中."""
    make_fiscal_year(2017)
    first = make_kpi(indicator=make_indicator(section, name="漁獲量"))
    kpis = [first, *(make_kpi(first.measure, make_indicator(section, name=n)) for n in "乙丙")]
    return [make_actual(kpi.indicator, 2017, 30, by=clerk) for kpi in kpis]


def keys(actuals):
    return [f"{actual.pk}:{actual.version}" for actual in actuals]


def send(client, step, actuals, state, **fields):
    data = {"step": step, "value": keys(actuals)} | fields
    return client.post(f"{URL}?state={state}", data)


def moved(actuals, to, by, **fields):
    versions = {actual.pk: actual.version for actual in actuals}
    change = Change(by=by, door="grid", reason=fields.pop("reason", ""))
    return move(versions, to, change, **fields)


def states():
    return list(Actual.objects.order_by("pk").values_list("state", flat=True))


class TestClerk:
    @pytest.mark.both_databases
    def test_a_clerk_asks_the_head_for_all_values_at_once(self, client, values, clerk):
        client.force_login(clerk)
        response = client.get(f"{URL}?all=on")
        inputs = [one for one in read_page(response).inputs if one != "search-head"]
        assert len(inputs) == 3 + 2
        assert response.content.decode().count(" checked") == 3
        response = send(client, "ask", values, "draft")
        assert response.url == f"{URL}?state=draft"
        assert states() == ["submitted"] * 3
        assert "3件を「課長確認待ち」にしました。" in text_of(client.get(response.url))
        row = Actual.history.first()
        assert (row.history_user, row.door) == (clerk, "grid")

    def test_a_clerk_records_a_decision_on_paper_with_day_and_number(self, client, values, clerk):
        client.force_login(clerk)
        today = era_day(timezone.localdate())
        fields = {"decided_on": today, "document": "水第12号"}
        assert send(client, "paper", values[:2], "draft", **fields).status_code == 302
        assert states() == ["answered", "answered", "draft"]
        row = values[0].history.first()
        assert row.history_change_reason == (
            f"決裁済みとして記録（決裁日：{today}、文書番号：水第12号）"
        )
        assert row.history_user == clerk

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"document": "水第12号"}, "決裁日を入力してください。"),
            ({"decided_on": "きのう", "document": "1"}, "決裁日「きのう」は日付として読めません。"),
            ({"decided_on": "2199-01-01", "document": "1"}, "は、まだ来ていない日です。"),
            ({"decided_on": "2019-06-20"}, "文書番号を入力してください。"),
        ],
    )
    def test_without_day_or_number_nothing_is_recorded_and_what_was_typed_stays(
        self, client, values, clerk, fields, message
    ):
        client.force_login(clerk)
        response = send(client, "paper", values, "draft", **fields)
        page = read_page(response)
        assert message in page.main
        assert page.title.startswith("エラー：回答と確認")
        sent = form_data(page.html)
        assert {name: sent[name] for name in fields} == fields
        assert page.html.count(" checked") == 3
        assert '<details class="card" open>' in page.html
        assert states() == ["draft"] * 3

    def test_a_decision_before_the_last_change_of_a_value_is_refused(self, client, values, clerk):
        client.force_login(clerk)
        yesterday = era_day(timezone.localdate() - timedelta(days=1))
        response = send(client, "paper", values, "draft", decided_on=yesterday, document="水第12号")
        assert f"「漁獲量」は、決裁日（{yesterday}）の後の" in text_of(response)
        assert form_data(response.content.decode())["document"] == "水第12号"
        assert states() == ["draft"] * 3

    def test_a_decision_before_the_last_return_of_a_value_is_refused(
        self, client, values, clerk, head
    ):
        today = timezone.localdate()
        long_ago = timezone.now() - timedelta(days=9)
        Actual.objects.update(entered_at=long_ago)
        first, *others = moved(values, "submitted", clerk)
        [first] = moved([first], "returned", head, reason="数え直してください")
        client.force_login(clerk)
        sent = {"document": "水第12号", "decided_on": era_day(today - timedelta(days=1))}
        response = send(client, "paper", [first], "returned", **sent)
        assert f"の後の{era_day(today)}に差し戻されています。" in text_of(response)
        assert states()[0] == "returned"
        assert send(client, "paper", others, "submitted", **sent).status_code == 302
        sent["decided_on"] = era_day(today)
        assert send(client, "paper", [first], "returned", **sent).status_code == 302
        assert states() == ["answered"] * 3

    def test_a_decision_before_an_indicator_was_renamed_is_refused(self, client, values, clerk):
        today = timezone.localdate()
        Actual.objects.update(entered_at=timezone.now() - timedelta(days=9))
        indicator = values[0].indicator
        indicator.contact = "漁協"
        indicator.save()
        client.force_login(clerk)
        sent = {"document": "水第12号", "decided_on": era_day(today - timedelta(days=1))}
        indicator.name = "漁獲量（沿岸）"
        indicator.save()
        response = send(client, "paper", values, "draft", **sent)
        assert f"の後の{era_day(today)}に指標名が変更されています。" in text_of(response)
        assert states() == ["draft"] * 3
        assert send(client, "paper", values[1:], "draft", **sent).status_code == 302

    @pytest.mark.parametrize(
        ("field", "label"),
        [("reason", "差し戻す理由"), ("decided_on", "決裁日"), ("document", "文書番号")],
    )
    def test_what_was_typed_for_another_button_is_not_thrown_away(
        self, client, values, clerk, field, label
    ):
        client.force_login(clerk)
        response = send(client, "ask", values, "draft", **{field: "令和元年6月20日"})
        message = f"{label}が入力されていますが、「課長に確認を依頼する」が押されました。"
        assert message in text_of(response)
        assert states() == ["draft"] * 3

    def test_ticking_all_or_none_keeps_what_was_typed_and_does_nothing(
        self, client, values, clerk, head
    ):
        moved(values, "submitted", clerk)
        client.force_login(head)
        data = form_data(client.get("/").content.decode())
        typed = {"reason": "確かめて\n二行目", f"reason-{values[0].pk}": "分母は？"}
        paper = {"decided_on": "令和元年6月20日", "document": "第12号"}
        page = client.post(f"{URL}?state=submitted", data | typed | paper | {"tick": "all"})
        text = page.content.decode()
        again = form_data(text)
        assert {name: again[name].replace("\r\n", "\n") for name in typed} == typed
        assert {name: again[name] for name in paper} == paper
        assert text.count('name="value"') == len(re.findall(r'name="value"[^>]*checked', text)) == 3
        page = client.post(f"{URL}?state=submitted", again | {"tick": "none"})
        text = page.content.decode()
        assert not re.findall(r'name="value"[^>]*checked', text)
        assert form_data(text)["reason"].replace("\r\n", "\n") == typed["reason"]
        assert states() == ["submitted"] * 3

    def test_a_returned_value_is_not_sent_again_untouched(self, client, values, clerk, head):
        returned = moved(moved(values, "submitted", clerk), "returned", head, reason="確かめて")
        client.force_login(clerk)
        text = text_of(send(client, "ask", returned, "returned"))
        assert "「漁獲量」は差し戻されてから、まだ直していません。" in text
        assert states() == ["returned"] * 3
        make_evidence(values[0].indicator, by=clerk)
        send(client, "ask", returned[:1], "returned")
        assert states() == ["submitted", "returned", "returned"]

    def test_the_reason_of_a_return_stays_beside_the_corrected_value(
        self, client, values, clerk, head
    ):
        [returned] = moved(
            moved(values[:1], "submitted", clerk), "returned", head, reason="分母を確かめて"
        )
        corrected = make_actual(returned.indicator, 2017, 31, by=clerk, version=returned.version)
        again = moved([corrected], "submitted", clerk)
        client.force_login(head)
        assert "理由：分母を確かめて" in text_of(client.get(f"{URL}?state=submitted"))
        moved(again, "answered", head)
        assert "分母を確かめて" not in text_of(client.get(f"{URL}?state=answered"))

    def test_the_head_learns_of_a_value_that_changed_after_the_answer(
        self, client, values, clerk, head
    ):
        [answered] = moved(moved(values[:1], "submitted", clerk), "answered", head)
        changed = make_actual(answered.indicator, 2017, 31, by=clerk, version=answered.version)
        moved([changed], "submitted", clerk)
        client.force_login(head)
        text = text_of(client.get(f"{URL}?state=submitted"))
        assert text.count("回答の後に変更されました。") == 1

    def test_ticking_nothing_is_an_error(self, client, values, clerk):
        client.force_login(clerk)
        text = text_of(send(client, "ask", [], "draft"))
        assert "値が選ばれていません。左の欄に印を付けてください。" in text

    def test_a_clerk_finds_no_button_to_answer_and_cannot_send_one(self, client, values, clerk):
        moved(values, "submitted", clerk)
        client.force_login(clerk)
        html = client.get(f"{URL}?state=submitted").content.decode()
        assert "回答する</button>" not in html
        assert "決裁済みとして記録する</button>" in html
        text = text_of(send(client, "answer", values, "submitted"))
        assert "この一覧では、その操作はできません。" in text
        assert states() == ["submitted"] * 3

    def test_values_of_another_section_are_neither_shown_nor_moved(self, client, values):
        make_kpi(indicator=make_indicator(make_section("農林課"), name="収穫量"))
        client.force_login(make_user(Role.CLERK, make_section("農林課")))
        text = text_of(client.get(f"{URL}?state=all"))
        assert "収穫量" in text
        assert "漁獲量" not in text
        assert "権限がありません" in text_of(send(client, "ask", values, "draft"))
        assert states() == ["draft"] * 3


class TestHead:
    @pytest.fixture
    def waiting(self, values, clerk):
        return moved(values, "submitted", clerk)

    def test_a_head_sees_what_waits_and_answers(self, client, waiting, head):
        client.force_login(head)
        assert "課長確認待ち 3件" in text_of(client.get(URL))
        send(client, "answer", waiting, "submitted")
        assert states() == ["answered"] * 3

    def test_a_head_hands_back_several_values_with_one_reason(self, client, waiting, head):
        client.force_login(head)
        text = text_of(send(client, "return", waiting[:2], "submitted"))
        assert "差し戻す理由を入力してください。" in text
        assert states() == ["submitted"] * 3
        send(client, "return", waiting[:2], "submitted", reason="分母を確かめて")
        assert states() == ["returned", "returned", "submitted"]
        assert Actual.objects.first().return_reason == "分母を確かめて"

    def test_each_value_may_have_its_own_reason(self, client, waiting, head, clerk):
        client.force_login(head)
        first, second, third = waiting
        own = {f"reason-{first.pk}": "3月分を足して"}
        response = send(client, "return", [first, second], "submitted", **own)
        page = read_page(response)
        assert "この値を差し戻す理由を入力してください。" in page.main
        assert f"#reason-{second.pk}" in page.links
        assert form_data(page.html)[f"reason-{first.pk}"] == "3月分を足して"
        own |= {f"reason-{third.pk}": "選び忘れ"}
        common = {"reason": "確かめて"}
        page = read_page(send(client, "return", [first, second], "submitted", **own, **common))
        assert "丙：差し戻す理由が入力されていますが、値が選ばれていません。" in page.main
        assert "「回答する」が押されました。" in text_of(
            send(client, "answer", [third], "submitted", **own)
        )
        assert states() == ["submitted"] * 3
        send(client, "return", waiting, "submitted", **own, **common)
        # The same form again, e.g. after a double click, is not a conflict.
        again = send(client, "return", waiting, "submitted", **own, **common)
        assert again.status_code == 302
        reasons = list(Actual.objects.order_by("pk").values_list("return_reason", flat=True))
        assert reasons == ["確かめて\n3月分を足して", "確かめて", "確かめて\n選び忘れ"]
        assert first.history.first().history_change_reason == "確かめて\n3月分を足して"
        client.force_login(clerk)
        assert "差戻しの理由：確かめて3月分を足して" in text_of(client.get("/entry/2017/"))

    def test_what_was_handed_back_is_corrected_and_answered(self, client, waiting, head, clerk):
        [actual] = moved(waiting[:1], "returned", head, reason="3月分を足して")
        client.force_login(clerk)
        assert "理由：3月分を足して" in text_of(client.get(f"{URL}?state=returned"))
        entry = Entry(
            indicator_id=actual.indicator_id,
            fiscal_year=2017,
            value=Decimal(31),
            version=actual.version,
        )
        [actual] = record([entry], Change(by=clerk, door="grid"))
        send(client, "ask", [actual], "draft")
        actual.refresh_from_db()
        client.force_login(head)
        send(client, "answer", [actual], "submitted")
        actual.refresh_from_db()
        assert (actual.state, actual.return_reason) == ("answered", "")

    @pytest.mark.both_databases
    def test_one_value_that_somebody_changed_keeps_all_and_is_named(
        self, client, waiting, head, clerk
    ):
        entry = Entry(
            indicator_id=waiting[1].indicator_id, fiscal_year=2017, value=Decimal(99), version=2
        )
        record([entry], Change(by=clerk, door="command"))
        client.force_login(head)
        response = send(client, "answer", waiting, "submitted")
        page = read_page(response)
        assert "何も変更していません" in page.main
        assert "「乙」この値は、" in page.main
        assert "見本 渚が「99人」に変更しました。" in page.main
        assert f'href="#value-{waiting[1].pk}"' in page.html
        assert states() == ["submitted", "draft", "submitted"]

    def test_a_reason_typed_before_answering_is_kept_and_asked_about(self, client, waiting, head):
        client.force_login(head)
        response = send(client, "answer", waiting, "submitted", reason="分母を確かめて")
        assert "「回答する」が押されました。" in text_of(response)
        assert form_data(response.content.decode())["reason"] == "分母を確かめて"
        assert states() == ["submitted"] * 3

    @pytest.mark.both_databases
    def test_the_user_who_answered_first_is_named(self, client, waiting, section):
        other = make_user(Role.HEAD, section, full_name="見本 豊")
        moved(waiting, "answered", other)
        client.force_login(make_user(Role.HEAD, section))
        text = text_of(send(client, "answer", waiting, "submitted"))
        assert "見本 豊が「回答済み」にしました。" in text

    @pytest.mark.both_databases
    def test_refusing_several_asks_no_more_often_than_refusing_one(
        self, client, waiting, section, django_assert_num_queries
    ):
        moved(waiting[:1], "answered", make_user(Role.HEAD, section))
        for actual in waiting[1:]:
            by = make_user(Role.CLERK, section)
            make_actual(actual.indicator, 2017, 99, by=by, version=actual.version)
        client.force_login(make_user(Role.HEAD, section))
        send(client, "answer", waiting, "submitted")
        with CaptureQueriesContext(connection) as one:
            send(client, "answer", waiting[1:2], "submitted")
        with django_assert_num_queries(len(one)):
            text = text_of(send(client, "answer", waiting, "submitted"))
        assert text.count("「99人」に変更しました。") == 2
        assert "が「回答済み」にしました。" in text


class TestPlanning:
    @pytest.fixture
    def answered(self, values, clerk, head):
        return moved(moved(values, "submitted", clerk), "answered", head)

    @pytest.mark.both_databases
    def test_planning_confirms_in_bulk(self, client, answered, planning):
        client.force_login(planning)
        send(client, "confirm", answered, "answered")
        assert states() == ["confirmed"] * 3
        assert Actual.objects.first().confirmed_by == planning

    def test_planning_hands_back_what_was_answered(self, client, answered, planning):
        client.force_login(planning)
        send(client, "return", answered[:1], "answered", reason="出典を確かめて")
        assert states() == ["returned", "answered", "answered"]

    def test_own_values_are_left_out_and_the_page_says_so(
        self, client, answered, planning, section
    ):
        own = make_kpi(indicator=make_indicator(section, name="企画の値")).indicator
        actual = make_actual(own, 2017, by=planning)
        client.force_login(planning)
        text = text_of(client.get(URL))
        assert "自分で入力した値です。企画担当のほかの人が確認します。" in text
        response = send(client, "confirm", [*answered, actual], "answered")
        text = text_of(client.get(response.url))
        assert "3件を「確認済み」にしました。" in text
        assert "自分で入力した1件は、確認していません。" in text
        assert states() == ["confirmed"] * 3 + ["answered"]
        other = make_user(Role.PLANNING)
        client.force_login(other)
        send(client, "confirm", [actual], "answered")
        assert states() == ["confirmed"] * 4

    def test_of_own_values_alone_nothing_is_confirmed(self, client, planning, section):
        actual = make_actual(make_kpi(indicator=make_indicator(section)).indicator, by=planning)
        client.force_login(planning)
        response = send(client, "confirm", [actual], "answered")
        assert "自分で入力した1件は、確認していません。" in text_of(client.get(response.url))
        assert states() == ["answered"]

    def test_the_list_is_narrowed_to_a_section(self, client, answered, planning, section):
        make_kpi(indicator=make_indicator(make_section("農林課"), name="収穫量"))
        client.force_login(planning)
        assert "収穫量" in text_of(client.get(f"{URL}?state=all"))
        text = text_of(client.get(f"{URL}?state=all&section={section.pk}"))
        assert "収穫量" not in text
        assert "漁獲量" in text
        text = text_of(client.get(f"{URL}?state=confirmed&section={section.pk}"))
        assert "条件に合う指標はありません。条件を変えるか、解除してください。" in text

    def test_in_an_ended_year_answered_values_are_still_confirmed(self, client, answered, planning):
        make_fiscal_year(2017, is_open=False)
        client.force_login(planning)
        send(client, "confirm", answered, "answered")
        assert states() == ["confirmed"] * 3


class TestWhatIsUnusual:
    def test_doubts_come_first_then_remarks_then_missing_evidence(self, section, planning):
        def value(name, now, **entry):
            indicator = make_indicator(section, name=name)
            make_kpi(indicator=indicator)
            make_actual(indicator, 2016, 30)
            make_actual(indicator, 2017, now, **entry)
            return indicator

        make_evidence(value("いつも", 31))
        value("資料なし", 31)
        make_evidence(value("備考", 31, remarks="台風のため"))
        make_evidence(value("十倍", 300))
        rows = answer_rows(2017, planning)
        assert [row.row.name for row in rows] == ["十倍", "備考", "資料なし", "いつも"]
        assert [row.is_unusual for row in rows] == [True, True, True, False]
        assert rows[0].doubts == ("前年度（30人）の約10倍です。",)
        assert rows[1].notes == ("備考があります。",)
        assert rows[2].notes == ("根拠資料がありません。",)

    def test_a_missing_value_needs_no_evidence_but_a_look(self, section, planning):
        indicator = make_indicator(section)
        make_kpi(indicator=indicator)
        make_actual(indicator, 2017, None, availability="not_surveyed")
        [row] = answer_rows(2017, planning)
        assert row.notes == ("値がありません。理由を確かめてください。",)
        assert (row.value, row.state_label) == ("調査未実施", "回答済み")


class TestAccess:
    def test_auditors_look_at_all_values_and_move_none(self, client, values):
        client.force_login(make_user(Role.AUDITOR))
        response = client.get(f"{URL}?state=draft")
        assert "漁獲量" in text_of(response)
        assert "checkbox" not in response.content.decode()
        assert send(client, "ask", values, "draft").status_code == 403

    @pytest.mark.parametrize("path", ["answer", "status", "report", "inquiry"])
    def test_readers_and_strangers_have_no_business_here(self, client, values, path):
        url = f"/entry/2017/{path}/"
        assert client.get(url).url == f"/login/?next={url}"
        client.force_login(make_user(Role.READER))
        assert client.get(url).status_code == 403

    def test_a_section_without_indicators_reads_so(self, client, values):
        client.force_login(make_user(Role.CLERK, make_section("農林課")))
        assert "入力が必要な指標はありません。" in text_of(client.get(URL))


class TestStatus:
    @pytest.mark.both_databases
    def test_counts_lead_to_the_lists_behind_them(self, client, values, clerk, planning, section):
        section.department = "産業部"
        section.save()
        make_kpi(indicator=make_indicator(section))
        moved(values[:1], "submitted", clerk)
        make_fiscal_year(2017, due_date=timezone.localdate())
        client.force_login(planning)
        response = client.get("/entry/2017/status/")
        text, page = text_of(response), read_page(response)
        assert "産業部" in text
        assert "（本日まで）" in text
        for state, count in (("none", 1), ("draft", 2), ("submitted", 1)):
            address = f"{URL}?state={state}&section={section.pk}"
            assert address in page.links
            assert f"（{count}件）" in text_of(client.get(address))
        assert "期限超過" not in text

    def test_after_the_due_date_what_is_not_answered_is_overdue(self, client, values, planning):
        make_fiscal_year(2017, due_date=timezone.localdate() - timedelta(days=3))
        moved(values[:1], "answered", planning)
        client.force_login(planning)
        text = text_of(client.get("/entry/2017/status/"))
        assert "（3日超過）" in text
        assert "期限超過 2件" in text

    def test_sections_see_their_own_line_and_the_state_of_the_year(self, client, values, clerk):
        make_kpi(indicator=make_indicator(make_section("農林課")))
        client.force_login(clerk)
        text = text_of(client.get("/entry/2017/status/"))
        assert "水産課" in text
        assert "農林課" not in text
        client.force_login(make_user(Role.AUDITOR))
        assert "農林課" in text_of(client.get("/entry/2017/status/"))
