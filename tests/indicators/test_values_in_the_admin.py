"""Values entered and corrected in the admin, by indicator and by year, through recording.py."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from indicators.models import Actual, FiscalYear, Indicator
from indicators.recording import move
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_section,
    make_user,
)
from tests.html import form_data
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def clerk(section):
    return make_user(Role.CLERK, section, full_name="見本 花子")


@pytest.fixture
def indicator(section):
    for year in (2015, 2016, 2017):
        make_fiscal_year(year)
    return make_indicator(section, name="新規漁業就業者数")


def page_of(indicator):
    return reverse("admin:indicators_indicator_change", args=[indicator.pk])


def page_of_year(year):
    return reverse("admin:indicators_fiscalyear_change", args=[year])


def fill(client, url, **cells):
    """Open a page, fill cells in (row__field=…) and return the data to be sent."""
    data = form_data(client.get(url).content.decode())
    for cell, text in cells.items():
        row, field = cell.split("__")
        data[f"actuals-{row.removeprefix('row')}-{field}"] = text
    return data


def test_all_years_of_an_indicator_are_rows_of_one_page(client, clerk, indicator):
    make_actual(indicator, 2016, 7)
    client.force_login(clerk)
    html = client.get(page_of(indicator)).content.decode()
    data = form_data(html)
    assert data["actuals-TOTAL_FORMS"] == "3"
    assert (data["actuals-0-key"], data["actuals-0-value"]) == ("2016", "7")
    assert [data["actuals-1-key"], data["actuals-2-key"]] == ["2015", "2017"]
    assert html.index("平成27年度") < html.index("平成28年度") < html.index("平成29年度")


@pytest.mark.both_databases
def test_values_are_saved_with_door_person_and_reason(client, clerk, indicator):
    client.force_login(clerk)
    data = fill(client, page_of(indicator), row0__value="１，２３４", row2__value="7")
    response = client.post(page_of(indicator), data | {"change_reason": "照会への回答"})
    assert response.status_code == 302
    assert list(Actual.objects.values_list("fiscal_year", "value")) == [(2015, 1234), (2017, 7)]
    row = Actual.history.first()
    assert (row.door, row.history_user, row.history_change_reason) == (
        "admin",
        clerk,
        "照会への回答",
    )


def test_one_wrong_cell_keeps_the_whole_page_back_and_what_was_typed(client, clerk, indicator):
    client.force_login(clerk)
    data = fill(client, page_of(indicator), row0__value="5", row1__value="12..3", row2__value="-1")
    html = client.post(page_of(indicator), data).content.decode()
    assert "実績値「12..3」は数として読めません。" in html
    assert not Actual.objects.exists()
    assert form_data(html)["actuals-1-value"] == "12..3"

    data["actuals-1-value"] = ""
    html = client.post(page_of(indicator), data).content.decode()
    assert "実績値は0以上の値を入力してください（入力値：-1）。" in html
    assert not Actual.objects.exists()


def test_values_are_typed_and_shown_in_the_display_unit(client, section, clerk):
    make_fiscal_year(2017)
    money = make_indicator(section, unit="円", display_unit="千円")
    client.force_login(clerk)
    client.post(page_of(money), fill(client, page_of(money), row0__value="1,234.5"))
    assert Actual.objects.get().value == Decimal("1234500")
    data = form_data(client.get(page_of(money)).content.decode())
    assert data["actuals-0-value"] == "1234.5"


def test_a_percent_sign_on_people_is_refused(client, clerk, indicator):
    client.force_login(clerk)
    data = fill(client, page_of(indicator), row0__value="30％")
    html = client.post(page_of(indicator), data).content.decode()
    assert "％が付いていますが" in html
    assert not Actual.objects.exists()


def test_a_share_is_computed_from_its_parts_and_again_when_they_change(client, section, clerk):
    make_fiscal_year(2017)
    share = make_indicator(section, unit="％", decimals=1, ratio=True, maximum=100)
    client.force_login(clerk)
    data = fill(client, page_of(share), row0__numerator="1", row0__denominator="3")
    client.post(page_of(share), data)
    assert Actual.objects.get().value == Decimal("33.3")
    data = fill(client, page_of(share), row0__numerator="2")
    client.post(page_of(share), data)
    assert Actual.objects.get().value == Decimal("66.7")
    data = fill(client, page_of(share), row0__value="70")
    response = client.post(page_of(share), data)
    assert "割合だけにするときは、分子と分母を空欄にしてください。" in response.content.decode()
    assert Actual.objects.get().value == Decimal("66.7")
    data |= {name: "" for name in data if name.endswith(("numerator", "denominator"))}
    client.post(page_of(share), data)
    assert Actual.objects.values_list("value", "numerator").get() == (Decimal(70), None)


def test_a_value_can_be_taken_back(client, clerk, indicator):
    make_actual(indicator, 2016, 7, by=clerk)
    client.force_login(clerk)
    data = fill(client, page_of(indicator), row0__value="", row0__availability="withdraw")
    assert client.post(page_of(indicator), data).status_code == 302
    assert not Actual.objects.exists()


def test_a_year_is_a_list_of_the_own_indicators_to_fill_in(client, clerk, indicator):
    make_indicator(make_section())
    make_actual(indicator, 2017, 7, by=clerk)
    second = make_indicator(indicator.entered_by)
    client.force_login(clerk)
    data = fill(client, page_of_year(2017), row0__value="8", row1__value="9")
    assert data["actuals-TOTAL_FORMS"] == "2"
    assert client.post(page_of_year(2017), data).status_code == 302
    assert dict(Actual.objects.values_list("indicator", "value")) == {indicator.pk: 8, second.pk: 9}


def test_a_row_smuggled_in_for_another_section_is_refused(client, clerk, indicator):
    foreign = make_indicator(make_section())
    client.force_login(clerk)
    data = fill(client, page_of_year(2017), row0__value="8", row0__key=str(foreign.pk))
    html = client.post(page_of_year(2017), data).content.decode()
    assert "実績値を入力できるのは" in html
    assert not Actual.objects.exists()


@pytest.mark.both_databases
@pytest.mark.parametrize("by_year", [False, True])
def test_a_stale_page_is_refused_and_names_the_other_person(client, section, indicator, by_year):
    first = make_user(Role.CLERK, section, full_name="見本 花子")
    second = make_user(Role.CLERK, section)
    make_actual(indicator, 2017, 7, by=second)
    url = page_of_year(2017) if by_year else page_of(indicator)
    client.force_login(second)
    stale = fill(client, url, row0__value="9")
    client.force_login(first)
    client.post(url, fill(client, url, row0__value="8", row0__remarks="数え直した。"))
    client.force_login(second)
    html = client.post(url, stale).content.decode()
    assert "に見本 花子が「8人」に変更しました" in html
    assert Actual.objects.get().value == 8
    assert client.post(url, form_data(html)).status_code == 302
    actual = Actual.objects.get()
    assert (actual.value, actual.remarks) == (9, "数え直した。")


def page_for(indicator, *, by_year):
    return page_of_year(2017) if by_year else page_of(indicator)


@pytest.fixture
def planner():
    return make_user(Role.PLANNING, full_name="見本 花子")


@pytest.mark.parametrize("by_year", [False, True])
def test_remarks_that_both_changed_are_asked_about_and_nothing_else(
    client, clerk, planner, indicator, by_year
):
    make_actual(indicator, 2017, 44, by=clerk)
    url = page_for(indicator, by_year=by_year)
    client.force_login(clerk)
    mine = fill(client, url, row0__remarks="担当の備考である。", row0__provisional="on")
    client.force_login(planner)
    client.post(url, fill(client, url, row0__remarks="企画の備考である。"))
    client.force_login(clerk)
    html = client.post(url, mine).content.decode()
    assert "備考は、この画面を開いた後に、" in html
    assert "に見本 花子が「企画の備考である。」に変更しました。" in html
    assert "「44人」" not in html
    assert Actual.objects.get().remarks == "企画の備考である。"
    shown = form_data(html)
    assert shown["actuals-0-remarks"] == "担当の備考である。"
    assert client.post(url, shown).status_code == 302
    actual = Actual.objects.get()
    assert (actual.value, actual.provisional, actual.remarks) == (44, True, "担当の備考である。")


@pytest.mark.parametrize("by_year", [False, True])
@pytest.mark.parametrize("by_planning", [False, True])
def test_what_only_the_other_person_changed_stays_and_is_named(
    client, clerk, planner, section, indicator, by_year, by_planning
):
    make_actual(indicator, 2017, 44, by=clerk)
    url = page_for(indicator, by_year=by_year)
    client.force_login(clerk)
    mine = fill(client, url, row0__provisional="on")
    client.force_login(planner if by_planning else make_user(Role.CLERK, section))
    client.post(url, fill(client, url, row0__remarks="別の人の備考である。"))
    client.force_login(clerk)
    response = client.post(url, mine, follow=True)
    html = response.content.decode()
    assert "の備考「別の人の備考である。」（" in html
    if by_planning:  # a value that planning saves is answered
        assert "この値は「回答済み」です（" in html
        response = client.post(url, form_data(html), follow=True)
    assert response.redirect_chain
    actual = Actual.objects.get()
    assert (actual.value, actual.provisional, actual.remarks) == (44, True, "別の人の備考である。")


@pytest.mark.parametrize("by_year", [False, True])
def test_a_concurrently_withdrawn_value_is_questioned_in_its_row(
    client, clerk, planner, section, indicator, by_year
):
    make_actual(indicator, 2017, 44, by=clerk)
    other = make_actual(make_indicator(section), 2017, 5, by=clerk).indicator
    url = page_for(indicator, by_year=by_year)
    client.force_login(clerk)
    untouched = fill(client, url)
    mine = untouched | {"actuals-0-value": "46", "actuals-1-value": "6"}
    client.force_login(planner)
    withdrawn = {"row0__value": "", "row0__availability": "withdraw"}
    client.post(url, fill(client, url, **withdrawn))
    assert not Actual.objects.filter(indicator=indicator).exists()

    client.force_login(clerk)
    assert client.post(url, untouched).status_code == 302
    html = client.post(url, mine).content.decode()
    assert "見本 花子が未入力に戻しました。" in html
    assert "この行の内容を確かめて、もう一度保存してください" in html
    shown = form_data(html)
    assert "46" in shown.values()
    assert client.post(url, shown).status_code == 302
    assert Actual.objects.get(indicator=indicator, fiscal_year=2017).value == 46
    changed = {"indicator": other} if by_year else {"indicator": indicator, "fiscal_year": 2015}
    assert Actual.objects.get(**changed).value == 6


@pytest.mark.both_databases
def test_of_two_people_who_enter_a_first_value_the_second_is_asked(
    client, clerk, planner, indicator
):
    url = page_of(indicator)
    client.force_login(clerk)
    mine = fill(client, url, row2__value="46")
    client.force_login(planner)
    theirs = fill(client, url, row0__value="45", row2__value="44")
    client.post(url, theirs)
    assert client.post(url, theirs).status_code == 302
    assert Actual.history.count() == 2

    client.force_login(clerk)
    html = client.post(url, mine).content.decode()
    assert "に見本 花子が「44人」に変更しました。" in html
    assert client.post(url, form_data(html)).status_code == 302
    values = dict(Actual.objects.values_list("fiscal_year", "value"))
    assert values == {2015: 45, 2017: 46}


def test_rows_left_alone_do_not_mind_what_others_changed(client, section, clerk, indicator):
    make_actual(indicator, 2015, 5, by=clerk)
    make_actual(indicator, 2016, 6, by=clerk)
    client.force_login(clerk)
    data = fill(client, page_of(indicator), row1__value="66")
    other = make_user(Role.CLERK, section)
    make_actual(indicator, 2015, 55, by=other, version=1)
    make_actual(indicator, 2017, 77, by=other)
    response = client.post(page_of(indicator), data)
    assert response.status_code == 302
    values = dict(Actual.objects.values_list("fiscal_year", "value"))
    assert values == {2015: 55, 2016: 66, 2017: 77}


def test_the_first_value_of_a_past_year_needs_planning_a_reason_only(client, indicator):
    make_fiscal_year(2017)
    make_fiscal_year(2017, is_open=False)
    client.force_login(make_user(Role.PLANNING))
    html = client.get(page_of(indicator)).content.decode()
    assert 'name="change_kind"' not in html
    data = fill(client, page_of(indicator), row2__value="7")
    assert "変更の種類" not in client.post(page_of(indicator), data).content.decode()
    assert client.post(page_of(indicator), data | {"change_reason": "転記"}).status_code == 302
    assert 'name="change_kind"' in client.get(page_of(indicator)).content.decode()


def test_a_year_that_has_ended_needs_planning_a_kind_and_a_reason(client, clerk, indicator):
    make_actual(indicator, 2017, 6)
    make_fiscal_year(2017, is_open=False)
    client.force_login(clerk)
    data = fill(client, page_of(indicator), row0__value="7")
    assert "受付期間ではありません" in client.post(page_of(indicator), data).content.decode()
    client.force_login(make_user(Role.PLANNING))
    data = fill(client, page_of(indicator), row0__value="7")
    html = client.post(page_of(indicator), data).content.decode()
    assert "変更の理由を入力してください" in html
    assert "変更の種類（確定値への更新、遡及改定、訂正）を選んでください" in html
    why = {"change_reason": "確定値の公表", "change_kind": "finalised"}
    response = client.post(page_of(indicator), data | why)
    assert response.status_code == 302
    change = Actual.history.first()
    assert (change.history_change_reason, change.change_kind) == ("確定値の公表", "finalised")


def test_a_clerk_only_reads_the_page_of_a_closed_year(client, section, clerk):
    make_actual(make_indicator(section, unit="円", display_unit="千円"), 2017, 1_234_000, by=clerk)
    make_fiscal_year(2017, is_open=False)
    client.force_login(clerk)
    html = client.get(page_of_year(2017)).content.decode()
    assert "1,234" in html
    assert "終了" in html
    assert 'name="actuals-0-value"' not in html


def test_a_clerk_sees_a_strangers_indicator_but_cannot_change_it(client, clerk):
    foreign = make_indicator(make_section())
    client.force_login(clerk)
    response = client.get(page_of(foreign))
    assert response.status_code == 200
    assert 'name="actuals-0-value"' not in response.content.decode()
    assert client.post(page_of(foreign), {"name": "別名"}).status_code == 403


def test_a_clerk_changes_memo_and_contact_of_an_own_indicator_and_nothing_else(
    client, clerk, indicator
):
    client.force_login(clerk)
    data = fill(client, page_of(indicator)) | {"handover_memo": "漁協に電話", "name": "別名"}
    client.post(page_of(indicator), data)
    indicator = Indicator.objects.get(pk=indicator.pk)
    assert (indicator.handover_memo, indicator.name) == ("漁協に電話", "新規漁業就業者数")


class TestAnsweredValues:
    """A change of an answered value makes it a draft again: the user is asked first."""

    ASKED = "この値は「回答済み」です（"

    @pytest.fixture
    def head(self, section):
        return make_user(Role.HEAD, section, full_name="水産 課長")

    def answer(self, actual, by):
        actual.refresh_from_db()
        move({actual.pk: actual.version}, "answered", Change(by=by))
        actual.refresh_from_db()

    @pytest.mark.parametrize("is_opened_first", [True, False])
    def test_a_clerk_is_asked_whoever_was_faster(
        self, client, clerk, head, indicator, is_opened_first
    ):
        actual = make_actual(indicator, 2017, 7, by=clerk)
        client.force_login(clerk)
        if not is_opened_first:
            self.answer(actual, head)
        data = fill(client, page_of(indicator), row0__value="8")
        if is_opened_first:
            self.answer(actual, head)
        html = client.post(page_of(indicator), data).content.decode()
        assert self.ASKED in html
        assert "に水産 課長が回答）" in html
        actual.refresh_from_db()
        assert (actual.value, actual.state) == (7, "answered")
        again = form_data(html)
        assert again["actuals-0-value"] == "8"
        assert client.post(page_of(indicator), again).status_code == 302
        actual.refresh_from_db()
        assert (actual.value, actual.state) == (8, "draft")

    def test_the_page_of_a_year_asks_too(self, client, clerk, head, indicator):
        actual = make_actual(indicator, 2017, 7, by=clerk)
        client.force_login(clerk)
        data = fill(client, page_of_year(2017), row0__remarks="確かめた。")
        self.answer(actual, head)
        assert self.ASKED in client.post(page_of_year(2017), data).content.decode()
        actual.refresh_from_db()
        assert (actual.remarks, actual.state) == ("", "answered")

    def test_consent_to_another_version_does_not_count(self, client, clerk, head, indicator):
        actual = make_actual(indicator, 2017, 7, by=clerk)
        self.answer(actual, head)
        client.force_login(clerk)
        data = fill(client, page_of(indicator), row0__value="8")
        agreed = form_data(client.post(page_of(indicator), data).content.decode())
        make_actual(indicator, 2017, 7, by=clerk, version=actual.version, remarks="訂正")
        self.answer(actual, head)
        assert self.ASKED in client.post(page_of(indicator), agreed).content.decode()
        actual.refresh_from_db()
        assert (actual.value, actual.state) == (7, "answered")

    def test_an_untouched_row_and_planning_are_not_asked(self, client, clerk, head, indicator):
        actual = make_actual(indicator, 2017, 7, by=clerk)
        self.answer(actual, head)
        client.force_login(clerk)
        other = fill(client, page_of(indicator), row1__value="6")
        assert client.post(page_of(indicator), other).status_code == 302
        client.force_login(make_user(Role.PLANNING))
        data = fill(client, page_of_year(2017), row0__value="8") | {"change_reason": "訂正"}
        assert client.post(page_of_year(2017), data).status_code == 302
        actual.refresh_from_db()
        assert (actual.value, actual.state) == (8, "answered")


def test_the_states_of_values_move_by_the_lists_actions(client, section, clerk, indicator):
    actual = make_actual(indicator, value=7, by=clerk)
    url = reverse("admin:indicators_actual_changelist")

    def act(user, action):
        client.force_login(user)
        data = {"action": action, "_selected_action": [actual.pk]}
        html = client.post(url, data, follow=True).content.decode()
        actual.refresh_from_db()
        return html

    assert "なので" in act(make_user(Role.PLANNING), "move_to_confirmed")
    act(make_user(Role.HEAD, section), "move_to_answered")
    assert actual.state == "answered"
    act(make_user(Role.PLANNING), "move_to_confirmed")
    assert actual.state == "confirmed"


@pytest.mark.both_databases
def test_the_page_of_a_year_needs_the_same_queries_for_three_times_the_rows(
    client, clerk, section, django_assert_max_num_queries
):
    make_fiscal_year(2017)
    client.force_login(clerk)
    for rows in (5, 15):
        for _ in range(rows):
            make_actual(make_indicator(section), 2017, 1)
        with django_assert_max_num_queries(15):
            client.get(page_of_year(2017))


def test_of_two_planners_with_a_year_open_the_second_overwrites_nothing_unseen(client, indicator):
    page = page_of_year(2017)
    FiscalYear.objects.filter(pk=2017).update(due_date=date(2018, 6, 29), entry_is_open=False)
    client.force_login(make_user(Role.PLANNING, full_name="見本 花子"))
    opened = form_data(client.get(page).content.decode()) | {"change_reason": "日程の変更"}
    client.force_login(make_user(Role.PLANNING, full_name="見本 太郎"))
    faster = opened | {"due_date": "2018-07-06", "entry_is_open": "on"}
    assert client.post(page, faster).status_code == 302

    client.force_login(make_user(Role.PLANNING, full_name="見本 花子"))
    response = client.post(page, opened | {"council_date": "2018-10-15"}, follow=True)
    year = FiscalYear.objects.get(pk=2017)
    assert (year.entry_is_open, year.due_date) == (True, date(2018, 7, 6))
    assert year.council_date == date(2018, 10, 15)
    html = response.content.decode()
    assert "画面を開いた後に変更された入力受付中「はい」（" in html
    assert "、回答期限「平成30年7月6日」（" in html
    assert "に見本 太郎）は、そのまま残しました。" in html

    response = client.post(page, opened | {"due_date": "2018-07-13"})
    assert "に見本 太郎が「平成30年7月6日」に変更しました。" in response.content.decode()
    assert client.post(page, form_data(response.content.decode())).status_code == 302
    assert FiscalYear.objects.get(pk=2017).due_date == date(2018, 7, 13)
