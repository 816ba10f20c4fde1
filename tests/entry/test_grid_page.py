"""The entry grid as a plain form: who sees what, what is saved, what is refused and how."""

import re
from decimal import Decimal

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from entry.models import KeptInput
from indicators.models import Actual
from japanese.fiscal_years import era_label
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.html import form_data
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

GRID = "/entry/2017/"


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy()))


@pytest.fixture
def visitors(section, measure):
    """An indicator of whole 人 that the section enters; the year is open."""
    make_fiscal_year(2017)
    indicator = make_indicator(section, name="来館者数")
    make_kpi(measure, indicator, kind="level")
    return indicator


@pytest.fixture
def share(section, measure, visitors):
    indicator = make_indicator(
        section, name="男性の割合", unit="％", decimals=1, ratio=True, maximum=Decimal(100)
    )
    make_kpi(measure, indicator, kind="level")
    return indicator


@pytest.fixture
def clerk(client, section, visitors):
    user = make_user(Role.CLERK, section, full_name="見本 花子")
    client.force_login(user)
    return user


def sent(client, typed, *, button="save", url=GRID, **more):
    """Send the form unchanged except for other texts in some fields: {(indicator, field): text}."""
    data = form_data(client.get(url).content.decode())
    for (indicator, field), text in typed.items():
        data[f"r{indicator.pk}-{field}"] = text
    return client.post(url, data | {button: "1"} | more)


def stored(indicator):
    return Actual.objects.get(indicator=indicator, fiscal_year=2017)


class TestWhoSeesWhat:
    def test_a_section_sees_its_own_indicators(self, client, clerk, measure):
        make_kpi(measure, make_indicator(make_section("農林課"), name="農家の数"))
        text = text_of(client.get(GRID))
        assert "来館者数" in text
        assert "農家の数" not in text

    def test_planning_sees_all_and_chooses_a_section(self, client, clerk, measure):
        other = make_section("農林課")
        make_kpi(measure, make_indicator(other, name="農家の数"))
        client.force_login(make_user(Role.PLANNING))
        page = read_page(client.get(GRID))
        assert "すべての課（2）" in page.main
        assert f"?section={other.pk}" in page.links
        text = text_of(client.get(f"{GRID}?section={other.pk}"))
        assert "農家の数" in text
        assert "来館者数" not in text

    def test_a_person_of_two_sections_chooses_one_of_them(self, client, section, measure, clerk):
        other = make_section("農林課")
        make_kpi(measure, make_indicator(other, name="農家の数"))
        client.force_login(make_user(Role.CLERK, section, other))
        assert f"?section={other.pk}" in read_page(client.get(GRID)).links

    @pytest.mark.parametrize("role", [Role.READER, Role.AUDITOR, None])
    @pytest.mark.parametrize("path", ["", "kept/", "kept/discard/"])
    def test_users_who_enter_nothing_are_refused(self, client, section, visitors, role, path):
        client.force_login(make_user(role, section))
        assert client.post(GRID + path).status_code == 403

    def test_another_sections_row_cannot_be_sent_in(self, client, clerk, measure):
        other = make_indicator(make_section("農林課"))
        make_kpi(measure, other)
        client.post(GRID, {f"r{other.pk}-seen": ":x", f"r{other.pk}-value": "5"})
        assert not Actual.objects.exists()

    def test_only_what_is_missing_is_shown_on_demand(self, client, clerk, measure, section):
        make_kpi(measure, done := make_indicator(section, name="済んだもの"), kind="level")
        make_actual(done, by=clerk)
        assert "済んだもの" in text_of(client.get(GRID))
        text = text_of(client.get(f"{GRID}?only=missing"))
        assert "済んだもの" not in text
        assert "未入力・差戻しだけ（1）" in text

    @pytest.mark.both_databases
    def test_a_name_finds_its_rows_and_the_progress_counts_all(self, client, clerk, share):
        make_actual(share, 2017, 5, by=clerk)
        text = text_of(client.get(f"{GRID}?name=男性 の"))
        assert "男性の割合" in text
        assert "来館者数" not in text
        assert "2件のうち1件入力済み" in text

    def test_without_rows_it_says_why(self, client, clerk):
        client.force_login(make_user(Role.CLERK, make_section("会計課")))
        assert "入力が必要な指標はありません。" in text_of(client.get(GRID))
        client.force_login(clerk)
        sent(client, {(clerk.sections.get().indicators.get(), "value"): "5"})
        assert "条件に合う指標はありません。" in text_of(client.get(f"{GRID}?only=missing"))

    @pytest.mark.parametrize("year", [1949, 2201, 9999])
    def test_an_impossible_year_is_not_found(self, client, clerk, year):
        assert client.get(f"/entry/{year}/").status_code == 404

    def test_it_shows_what_a_clerk_needs_to_know(self, client, section, measure, clerk):
        indicator = make_indicator(
            section, name="相談件数", unit="件", method="窓口の記録", source="業務日報",
            contact="内線123", handover_memo="4月に集計表を受け取る",
        )  # fmt: skip
        make_kpi(measure, indicator, sentence="５年で２００件")
        make_actual(indicator, 2015, 30)
        make_actual(indicator, 2016, 45)
        text = text_of(client.get(GRID))
        told = (
            "200件", "期間累計", "H28 45", "H27 30", "前年度までの累計 75件", "窓口の記録",
            "業務日報", "内線123", "4月に集計表を受け取る", "年度計", "５年で２００件",
        )  # fmt: skip
        for words in told:
            assert words in text.replace("　", " ")

    def test_absences_are_called_as_in_the_excel_form(self, client, clerk, measure):
        choices = re.findall(r"<option[^>]*>([^<]+)</option>", client.get(GRID).content.decode())
        assert {str(label) for label in Actual.Availability.labels} <= set(choices)

    def test_the_due_date_is_shown(self, client, clerk):
        make_fiscal_year(2017, due_date="2018-06-30")
        assert "回答期限：平成30年6月30日（" in text_of(client.get(GRID))

    def test_invented_values_are_called_so(self, client, clerk, measure):
        assert "試用環境" not in client.get(GRID).content.decode()
        plan = measure.group.goal.strategy
        plan.invented = True
        plan.save()
        assert "試用環境です" in client.get(GRID).content.decode()


@pytest.mark.parametrize("address", [GRID, f"{GRID}answer/", f"{GRID}report/", f"{GRID}inquiry/"])
def test_an_impossible_section_is_ignored(client, clerk, address):
    asked = ("x", "٣", "-1", "9" * 19, "9" * 5000)
    answers = {text: client.get(address, {"section": text}).status_code for text in asked}
    assert answers == dict.fromkeys(asked, 200)


class TestClosedYears:
    def test_a_year_not_begun_says_who_will_tell(self, client, clerk, settings):
        settings.PLANNING_OFFICE = "総合政策室"
        year = timezone.localdate().year
        make_fiscal_year(year, is_open=False)
        text = text_of(client.get(f"/entry/{year}/"))
        assert (
            f"{era_label(year)}の入力は、まだ始まっていません。"
            "受付の開始は総合政策室がお知らせします。"
        ) in text
        assert "一時保存する" not in text

    def test_a_year_that_passed_unopened_says_so(self, client, clerk):
        make_fiscal_year(2017, is_open=False, entry_opened_on=None)
        text = text_of(client.get(GRID))
        assert "平成29年度の入力は、受付を開始しないまま時期を過ぎました。" in text
        assert "まだ始まっていません" not in text
        assert "一時保存する" not in text

    def test_a_year_that_nobody_made_says_so_once_and_leads_to_the_others(self, client, clerk):
        page = read_page(client.get("/entry/2031/"))
        assert "令和13年度の入力は、まだ始まっていません。" in page.main
        assert "入力が必要な指標はありません。" not in page.main
        assert "/entry/" in page.links

    def test_the_page_leads_to_the_other_pages_of_its_year(self, client, clerk):
        links = read_page(client.get(GRID)).links
        assert {"/entry/2017/answer/", "/entry/2017/status/", "/entry/2017/import/"} <= set(links)

    def test_planning_reads_first_that_an_ended_year_asks_for_a_reason(self, client, visitors):
        make_fiscal_year(2017, is_open=False)
        client.force_login(make_user(Role.PLANNING))
        html = client.get(GRID).content.decode()
        assert '<a href="#explains">理由</a>も入力してください。' in html
        assert '<fieldset id="explains"' in html
        assert 'name="change_kind"' not in html  # nothing is stored that could be corrected
        assert "autofocus" not in html

    def test_a_year_that_has_ended_shows_values_without_fields(self, client, clerk, visitors):
        make_actual(visitors, 2017, 45)
        make_fiscal_year(2017, is_open=False)
        text = text_of(client.get(GRID))
        assert "平成29年度の入力の受付は終わりました。" in text
        assert "45人" in text
        assert "一時保存する" not in text

    def test_what_was_typed_stays_if_entry_ended_in_the_meantime(self, client, clerk, visitors):
        data = form_data(client.get(GRID).content.decode())
        make_fiscal_year(2017, is_open=False)
        response = client.post(GRID, data | {f"r{visitors.pk}-value": "45"})
        assert "入力の受付期間ではありません" in text_of(response)
        assert form_data(response.content.decode())[f"r{visitors.pk}-value"] == "45"

    def test_planning_changes_an_ended_year_with_kind_and_reason(self, client, clerk, visitors):
        make_actual(visitors, 2017, 45)
        make_fiscal_year(2017, is_open=False)
        client.force_login(make_user(Role.PLANNING))
        response = sent(client, {(visitors, "value"): "46"})
        page = read_page(response)
        assert "変更の種類（確定値への更新、遡及改定、訂正）を選んでください。" in page.main
        assert {"#change_kind", "#reason"} <= set(page.links)
        sent(client, {(visitors, "value"): "46"}, change_kind="corrected", reason="数え直した")
        assert (stored(visitors).value, stored(visitors).change_kind) == (46, "corrected")
        assert Actual.history.first().history_change_reason == "数え直した"

    def test_a_confirmed_value_has_no_fields_for_its_section(self, client, clerk, visitors):
        actual = make_actual(visitors, 2017, 45)
        Actual.objects.filter(pk=actual.pk).update(state="confirmed")
        page = read_page(client.get(GRID))
        assert f"r{visitors.pk}-value" not in form_data(page.html)
        assert "「確認済み」の1件は、変えられません。" in page.main


class TestSaving:
    @pytest.mark.both_databases
    def test_values_are_saved_and_counted(self, client, clerk, visitors, share):
        response = sent(
            client,
            {(visitors, "value"): "１，２３４", (visitors, "remarks"): "速報の\r\n集計",
             (visitors, "provisional"): "on", (share, "numerator"): "31",
             (share, "denominator"): "112"},
        )  # fmt: skip
        assert response.url == GRID
        text = text_of(client.get(GRID))
        assert "2件の値を保存しました。未入力はありません。" in text
        assert "＝ 27.7％（31÷112）" in text
        actual = stored(visitors)
        assert (actual.value, actual.provisional, actual.state) == (1234, True, "draft")
        assert actual.remarks == "速報の\n集計"
        assert actual.history.get().door == "grid"
        assert stored(share).value == Decimal("27.7")

    def test_what_was_saved_can_be_sent_again_without_a_change(self, client, clerk, visitors):
        sent(client, {(visitors, "value"): "1234", (visitors, "remarks"): "a\r\nb"})
        sent(client, {})
        assert stored(visitors).version == 1
        assert "変更した値はありません。" in text_of(client.get(GRID))

    def test_a_reason_for_no_value_is_saved(self, client, clerk, visitors):
        sent(client, {(visitors, "availability"): "unpublished",
                      (visitors, "expected_month"): "令和8年9月"})  # fmt: skip
        assert (stored(visitors).availability, stored(visitors).expected_month) == (
            "unpublished",
            "2026-09",
        )

    def test_a_pasted_word_that_is_not_a_reason_stays_to_be_corrected(
        self, client, clerk, visitors
    ):
        page = read_page(sent(client, {(visitors, "availability"): "そのうち"}))
        assert "値がない理由「そのうち」は使えません。" in page.main
        assert form_data(page.html)[f"r{visitors.pk}-availability"] == "そのうち"

    def test_a_value_is_taken_back_on_demand_only(self, client, clerk, visitors):
        sent(client, {(visitors, "value"): "5"})
        response = sent(client, {(visitors, "value"): ""})
        assert "「未入力に戻す」を選んでください" in text_of(response)
        sent(client, {(visitors, "availability"): "withdraw"})
        assert not Actual.objects.exists()
        assert "1件を未入力に戻しました。未入力は、あと1件です。" in text_of(client.get(GRID))

    def test_the_filter_stays(self, client, clerk, visitors):
        url = f"{GRID}?only=missing"
        assert sent(client, {(visitors, "value"): "5"}, url=url).url == url

    def test_a_clerk_saves_and_asks_the_head_in_one_step(self, client, clerk, visitors, share):
        sent(client, {(visitors, "value"): "5"}, button="step")
        assert stored(visitors).state == "submitted"
        text = text_of(client.get(GRID))
        assert (
            "1件の値を保存しました。1件の確認を課長に依頼しました。未入力は、あと1件です。" in text
        )
        assert "課長確認待ち" in text

    def test_a_head_answers_and_planning_has_nothing_to_ask(self, client, clerk, section, visitors):
        sent(client, {(visitors, "value"): "5"})
        client.force_login(make_user(Role.HEAD, section))
        assert "課長に確認を依頼する" not in text_of(client.get(GRID))
        sent(client, {}, button="step")
        assert stored(visitors).state == "answered"
        assert "1件を回答しました。" in text_of(client.get(GRID))
        client.force_login(make_user(Role.PLANNING))
        text = text_of(client.get(GRID))
        assert "保存する" in text
        assert "回答する" not in text

    def test_values_that_cannot_move_on_keep_their_state(self, client, clerk, visitors):
        sent(client, {(visitors, "value"): "5"}, button="step")
        sent(client, {}, button="step")
        assert stored(visitors).version == 2
        assert "変更した値はありません。" in text_of(client.get(GRID))


class TestErrors:
    def test_remarks_that_are_too_long_stay_whole(self, client, clerk, visitors):
        remarks = "あ" * 5_012
        response = sent(client, {(visitors, "value"): "5", (visitors, "remarks"): remarks})
        assert "備考は5,000字までです（入力した備考は5,012字）。" in text_of(response)
        assert form_data(response.content.decode())[f"r{visitors.pk}-remarks"] == remarks
        assert not Actual.objects.exists()

    def test_a_share_typed_over_its_parts_is_asked_about(self, client, clerk, share):
        parts = {"numerator": Decimal(2617), "denominator": Decimal(25010)}
        make_actual(share, 2017, Decimal("10.5"), by=clerk, **parts)
        response = sent(client, {(share, "value"): "11.2"})
        assert "割合だけにするときは、分子と分母を空欄にしてください。" in text_of(response)
        assert stored(share).denominator == 25010
        alone = {(share, "value"): "11.2", (share, "numerator"): "", (share, "denominator"): ""}
        sent(client, alone)
        assert (stored(share).value, stored(share).denominator) == (Decimal("11.2"), None)

    def test_with_one_error_nothing_goes_to_the_head_and_everything_stays(
        self, client, clerk, visitors, share
    ):
        response = sent(
            client,
            {(visitors, "value"): "12..3", (share, "numerator"): "3", (share, "denominator"): "9",
             (share, "remarks"): "そのまま"},
            button="step",
        )  # fmt: skip
        page = read_page(response)
        assert page.title.startswith("エラー：")
        message = "実績値「12..3」は数として読めません。「12.3」のように入力してください。"
        assert page.main.count(message) == 2  # in the summary and at the field
        assert f"#r{visitors.pk}-value" in page.links
        ids = " ".join(f"r{visitors.pk}-{name}" for name in ("reading", "notes", "value-wrong"))
        assert f'aria-describedby="{ids}"' in page.html
        assert page.html.count('aria-invalid="true"') == 1
        data = form_data(page.html)
        assert data[f"r{visitors.pk}-value"] == "12..3"
        assert data[f"r{share.pk}-numerator"] == "3"
        assert data[f"r{share.pk}-remarks"] == "そのまま"
        assert not Actual.objects.exists()
        assert "まだ保存していません（1か所）" in page.main

    def test_saving_takes_the_right_rows_and_keeps_the_faulty_ones_as_typed(
        self, client, clerk, section, measure, visitors, share
    ):
        make_kpi(measure, doubtful := make_indicator(section, name="相談件数"), kind="level")
        make_actual(doubtful, 2016, 12)
        typed = {
            (visitors, "value"): "12..3", (visitors, "remarks"): "途中", (doubtful, "value"): "120",
            (share, "numerator"): "3", (share, "denominator"): "9",
        }  # fmt: skip
        response = sent(client, typed)
        page = read_page(response)
        assert "1件を保存し、2件は保存していません" in page.main
        assert "1件の値を保存しました。未入力は、あと2件です。" in page.main
        assert "来館者数：実績値「12..3」は数として読めません。" in page.main
        assert "相談件数：前年度（12人）の約10倍です。" in page.main
        assert [actual.indicator for actual in Actual.objects.filter(fiscal_year=2017)] == [share]
        data = form_data(page.html)
        assert data[f"r{visitors.pk}-value"] == "12..3"
        assert data[f"r{doubtful.pk}-value"] == "120"
        assert page.html.count('class="faulty"') == 2
        # Somebody who comes back finds them as typed and marked.
        assert "入力した内容（2件）を保管しています。" in text_of(client.get(GRID))
        kept = read_page(client.get(f"{GRID}?kept=1"))
        assert form_data(kept.html)[f"r{visitors.pk}-remarks"] == "途中"
        assert "実績値「12..3」は数として読めません。" in kept.main
        assert "前年度（12人）の約10倍です。" in kept.main
        assert "まだ保存していません（2か所）" in text_of(client.post(GRID, data | {"save": "1"}))
        corrected = data | {f"r{visitors.pk}-value": "12", f"r{doubtful.pk}-remarks": "大会の年"}
        assert client.post(GRID, corrected | {"save": "1"}).url == GRID
        assert Actual.objects.filter(fiscal_year=2017).count() == 3
        assert not KeptInput.objects.exists()

    def test_the_progress_counts_what_is_stored_or_can_be_saved_and_nothing_else(
        self, client, clerk, visitors, share
    ):
        make_actual(share, 2017, 5, by=clerk)
        typed = {(visitors, "value"): "20x", (share, "value"): "1,8.1"}
        refused = sent(client, typed, button="step")
        for response in (refused, client.get(f"{GRID}?kept=1")):
            text = text_of(response)
            assert "2件のうち1件入力済み" in text
            assert "（うち未入力・差戻し1件）" in text
        refused = sent(client, typed | {(visitors, "value"): "20"}, button="step")
        assert "2件のうち2件入力済み" in text_of(refused)

    def test_planning_without_a_reason_saves_no_row(self, client, clerk, visitors, share):
        make_fiscal_year(2017, is_open=False)
        client.force_login(make_user(Role.PLANNING))
        response = sent(client, {(visitors, "value"): "x", (share, "value"): "5"})
        assert "まだ保存していません" in text_of(response)
        assert not Actual.objects.exists()

    def test_all_errors_are_shown_at_once(self, client, clerk, visitors, share):
        response = sent(
            client,
            {(visitors, "value"): "-5", (share, "numerator"): "120", (share, "denominator"): "100",
             (share, "expected_month"): "秋"},
        )  # fmt: skip
        links = read_page(response).links
        assert {f"#r{visitors.pk}-value", f"#r{share.pk}-expected_month"} <= set(links)

    def test_errors_of_the_rule_are_shown_with_errors_of_reading(
        self, client, clerk, visitors, share
    ):
        make_actual(visitors, 2016, 12)
        make_fiscal_year(2017)
        response = sent(client, {(visitors, "value"): "120", (share, "value"): "x"})
        text = text_of(response)
        assert "前年度（12人）の約10倍です。" in text
        assert "実績値「x」は数として読めません。" in text

    def test_an_impossible_share_is_an_error_at_its_parts(self, client, clerk, share):
        response = sent(client, {(share, "numerator"): "120", (share, "denominator"): "100"})
        assert f"#r{share.pk}-numerator" in read_page(response).links
        assert "割合は0から100までの値を入力してください（入力値：120）。" in text_of(response)

    def test_remarks_overrule_a_doubt(self, client, clerk, visitors):
        make_actual(visitors, 2016, 12)
        make_fiscal_year(2017)
        response = sent(client, {(visitors, "value"): "120"})
        assert (
            "前年度（12人）の約10倍です。正しければ、備考に理由を記入して保存してください。"
            in text_of(response)
        )
        assert f"#r{visitors.pk}-remarks" in read_page(response).links
        sent(client, {(visitors, "value"): "120", (visitors, "remarks"): "新しい館が開いた"})
        assert stored(visitors).value == 120

    @pytest.mark.both_databases
    def test_what_was_typed_stays_if_the_database_cannot_be_written(
        self, client, clerk, visitors, monkeypatch
    ):
        def locked(*args, **kwargs):
            raise OperationalError("database is locked")

        monkeypatch.setattr("entry.views.grid.save", locked)
        response = sent(client, {(visitors, "value"): "45"})
        assert (
            "現在、保存できません。入力した内容は画面に残っています。"
            "数分後にもう一度「一時保存する」を押してください。" in text_of(response)
        )
        assert form_data(response.content.decode())[f"r{visitors.pk}-value"] == "45"
        assert "locked" not in response.content.decode()

    def test_what_is_typed_is_never_taken_for_html(self, client, clerk, visitors):
        response = sent(client, {(visitors, "value"): "<b>", (visitors, "remarks"): "</textarea>"})
        read_page(response)


class TestQueries:
    @staticmethod
    def typed(section, measure, count):
        indicators = [make_indicator(section) for _ in range(count)]
        for indicator in indicators:
            make_kpi(measure, indicator, kind="level")
        return {(indicator, "value"): "12" for indicator in indicators}

    @pytest.mark.both_databases
    @pytest.mark.parametrize("button", ["save", "step"])
    def test_saving_fifty_values_takes_at_most_33(self, client, clerk, section, measure, button):
        data = form_data(client.get(GRID).content.decode())
        typed = self.typed(section, measure, 50)
        data = form_data(client.get(GRID).content.decode())
        data |= {f"r{indicator.pk}-{field}": text for (indicator, field), text in typed.items()}
        with CaptureQueriesContext(connection) as captured:
            response = client.post(GRID, data | {button: "1"})
        assert response.status_code == 302
        assert Actual.objects.count() == 50
        assert len(captured) <= 33, "\n".join(query["sql"][:90] for query in captured)

    @pytest.mark.both_databases
    def test_the_page_takes_as_many_queries_for_any_number_of_rows(
        self, client, clerk, section, measure
    ):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                client.get(GRID)
            return len(captured)

        queries()
        few = queries()
        self.typed(section, measure, 30)
        assert queries() == few <= 16


def test_every_field_has_a_label_that_names_its_indicator(client, clerk, visitors):
    html = client.get(GRID).content.decode()
    for field in ("value", "provisional", "availability", "expected_month", "remarks"):
        [label] = re.findall(rf'(?s)<label[^>]*for="r{visitors.pk}-{field}".*?</label>', html)
        assert "来館者数" in label
