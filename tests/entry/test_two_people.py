"""Two people at once: the second saver sees both values, who and when, and chooses."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from indicators.models import Actual
from indicators.recording import move, record
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
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]

GRID = "/entry/2017/"


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def indicators(section):
    make_fiscal_year(2017)
    measure = make_measure(make_goal(make_strategy()))
    found = [make_indicator(section, name=name) for name in ("来館者数", "漁船数", "組合員数")]
    for indicator in found:
        make_kpi(measure, indicator, kind="level")
    return found


@pytest.fixture
def faster(section):
    return make_user(Role.CLERK, section, full_name="見本 花子")


@pytest.fixture
def old_page(client, section, indicators):
    """The fields of a page that was opened before somebody else saved."""
    client.force_login(make_user(Role.CLERK, section, full_name="試用 太郎"))
    return form_data(client.get(GRID).content.decode())


def field(indicator, name="value"):
    return f"r{indicator.pk}-{name}"


def values():
    return {actual.indicator.name: int(actual.value) for actual in Actual.objects.all()}


@pytest.fixture
def conflict(client, indicators, faster, old_page):
    """The response to the second saver, who has typed another value."""
    make_actual(indicators[0], 2017, 45, by=faster)
    typed = {field(indicators[0]): "50", field(indicators[1]): "7"}
    return client.post(GRID, old_page | typed | {"save": "1"})


def test_the_second_user_sees_both_values_with_who_and_when(conflict, indicators):
    text = text_of(conflict)
    assert re.search(
        r"この値は、\d+月\d+日\d+時\d+分に水産課の見本 花子が「45人」に変更しました。",
        text,
    )
    assert "残す内容を選んでください。" in text
    assert "今の登録「45人」を残す" in text
    assert "この画面で入力した「50人」にする" in text
    assert "ほかに入力した1件も" in text
    assert values() == {"来館者数": 45}


@pytest.mark.parametrize(("choice", "value"), [("theirs:1", 45), ("mine:1", 50)])
def test_what_is_chosen_stays_and_the_rest_is_saved_with_it(
    client, conflict, indicators, choice, value
):
    data = form_data(conflict.content.decode())
    data |= {field(indicators[0], "choice-value"): choice, "save": "1"}
    response = client.post(GRID, data)
    assert response.status_code == 302
    assert values() == {"来館者数": value, "漁船数": 7}


def chosen(client, indicators, data, **choices):
    """Answer the questions of a page; earlier choices there are dropped."""
    choices = {field(indicators[0], f"choice-{part}"): said for part, said in choices.items()}
    return client.post(GRID, data | choices | {"save": "1"})


def test_going_back_and_choosing_the_opposite_asks_again(client, conflict, indicators):
    questions = form_data(conflict.content.decode())
    chosen(client, indicators, questions, value="mine:1")
    assert values() == {"来館者数": 50, "漁船数": 7}
    again = chosen(client, indicators, questions, value="theirs:1")
    text = text_of(again)
    assert "まだ保存していません。" in text
    assert "今の登録「50人」を残す" in text
    assert "前に残すと選んだ「45人」にする" in text
    chosen(client, indicators, form_data(again.content.decode()), value="mine:2")
    assert values() == {"来館者数": 45, "漁船数": 7}


def test_after_choosing_the_stored_value_the_typed_one_can_still_be_chosen(
    client, conflict, indicators
):
    questions = form_data(conflict.content.decode())
    chosen(client, indicators, questions, value="theirs:1")
    chosen(client, indicators, questions, value="mine:1")
    assert values() == {"来館者数": 50, "漁船数": 7}


def test_one_of_two_choices_can_be_reversed(client, section, indicators, faster):
    make_actual(indicators[0], 2017, 45, by=faster)
    client.force_login(make_user(Role.CLERK, section))
    page = form_data(client.get(GRID).content.decode())
    make_actual(indicators[0], 2017, 46, by=faster, version=1, remarks="統計による。")
    typed = {field(indicators[0]): "47", field(indicators[0], "remarks"): "数えた。", "save": "1"}
    questions = form_data(client.post(GRID, page | typed).content.decode())
    chosen(client, indicators, questions, value="mine:2", remarks="theirs:2")
    again = chosen(client, indicators, questions, value="theirs:2", remarks="theirs:2")
    assert "前に残すと選んだ「46人」にする" in text_of(again)
    final = form_data(again.content.decode())
    chosen(client, indicators, final, value="mine:3", remarks="theirs:3")
    found = Actual.objects.get()
    assert (found.value, found.remarks) == (46, "統計による。")


def test_a_value_that_was_entered_again_can_be_withdrawn_after_all(
    client, section, indicators, faster
):
    make_actual(indicators[0], 2017, 45, by=faster)
    client.force_login(make_user(Role.CLERK, section))
    page = form_data(client.get(GRID).content.decode())
    make_actual(indicators[0], 2017, None, by=faster, availability="withdraw", version=1)
    response = client.post(GRID, page | {field(indicators[0]): "46", "save": "1"})
    questions = form_data(response.content.decode())
    chosen(client, indicators, questions, value="mine:")
    version = Actual.objects.get().version
    again = chosen(client, indicators, questions, value="theirs:")
    assert "今の登録「46人」を残す" in text_of(again)
    chosen(client, indicators, form_data(again.content.decode()), value=f"mine:{version}")
    assert values() == {}


def test_without_a_choice_it_asks_again(client, conflict, indicators):
    response = client.post(GRID, form_data(conflict.content.decode()) | {"save": "1"})
    page = read_page(response)
    assert page.title.startswith("エラー：")
    assert f"#{field(indicators[0], 'choice-value')}-theirs" in page.links
    assert values() == {"来館者数": 45}


def test_a_choice_made_on_a_stale_page_is_asked_again(client, conflict, indicators, faster):
    make_actual(indicators[0], 2017, 46, by=faster, version=1)
    data = form_data(conflict.content.decode())
    response = client.post(
        GRID, data | {field(indicators[0], "choice-value"): "mine:1", "save": "1"}
    )
    assert "「46人」に変更しました。" in text_of(response)
    assert values() == {"来館者数": 46}


def test_the_step_to_the_head_is_not_forgotten(client, indicators, faster, old_page):
    make_actual(indicators[0], 2017, 45, by=faster)
    response = client.post(GRID, old_page | {field(indicators[0]): "50", "step": "1"})
    html = response.content.decode()
    assert 'name="step"' in html
    data = form_data(html) | {field(indicators[0], "choice-value"): "theirs:1", "step": "1"}
    client.post(GRID, data)
    assert Actual.objects.get().state == "submitted"


def test_several_choices_ask_the_database_no_more_often_than_one(
    client, section, indicators, old_page, django_assert_num_queries
):
    for indicator in indicators:
        make_actual(indicator, 2017, 45, by=make_user(Role.CLERK, section))
    one = old_page | {field(indicators[0]): "50", "save": "1"}
    client.post(GRID, one)
    with CaptureQueriesContext(connection) as queries:
        assert text_of(client.post(GRID, one)).count("「45人」に変更しました。") == 1
    several = one | {field(indicator): "50" for indicator in indicators}
    with django_assert_num_queries(len(queries)):
        assert text_of(client.post(GRID, several)).count("「45人」に変更しました。") == 3


def test_an_untouched_row_keeps_what_the_other_user_saved(client, indicators, faster, old_page):
    make_actual(indicators[0], 2017, 45, by=faster)
    response = client.post(GRID, old_page | {field(indicators[1]): "7", "save": "1"})
    assert response.status_code == 302
    assert values() == {"来館者数": 45, "漁船数": 7}


def test_unseen_changes_are_not_submitted_to_the_head(client, indicators, faster, old_page):
    make_actual(indicators[0], 2017, 45, by=faster)
    client.post(GRID, old_page | {field(indicators[1]): "7", "step": "1"})
    states = dict(Actual.objects.values_list("indicator__name", "state"))
    assert states == {"来館者数": "draft", "漁船数": "submitted"}


def test_the_same_value_typed_twice_is_not_a_conflict(client, indicators, faster, old_page):
    make_actual(indicators[0], 2017, 45, by=faster)
    response = client.post(GRID, old_page | {field(indicators[0]): "45", "save": "1"})
    assert response.status_code == 302
    assert values() == {"来館者数": 45}


def test_a_remark_that_somebody_else_changed_is_not_called_the_value(
    client, section, indicators, faster
):
    make_actual(indicators[0], 2017, 45, by=faster, remarks="速報")
    client.force_login(make_user(Role.CLERK, section))
    page = form_data(client.get(GRID).content.decode())
    make_actual(indicators[0], 2017, 45, by=faster, remarks="確定した", version=1)
    typed = {field(indicators[0], "remarks"): "台風のため", "save": "1"}
    text = text_of(client.post(GRID, page | typed))
    assert re.search(rf"この指標の備考を、.+{faster}が変更しました。", text)
    assert "「45人」に変更" not in text


def test_a_concurrently_withdrawn_value_is_a_choice_too(client, section, indicators, faster):
    make_actual(indicators[0], 2017, 45, by=faster)
    client.force_login(make_user(Role.CLERK, section))
    page = form_data(client.get(GRID).content.decode())
    make_actual(indicators[0], 2017, None, by=faster, availability="withdraw", version=1)
    response = client.post(GRID, page | {field(indicators[0]): "46", "save": "1"})
    assert re.search(rf"この値は、.+{faster}が未入力に戻しました。", text_of(response))
    data = form_data(response.content.decode())
    client.post(GRID, data | {field(indicators[0], "choice-value"): "mine:", "save": "1"})
    assert values() == {"来館者数": 46}


def test_errors_are_corrected_before_the_choice(client, indicators, faster, old_page):
    make_actual(indicators[0], 2017, 45, by=faster)
    typed = {field(indicators[0]): "50", field(indicators[1]): "x"}
    response = client.post(GRID, old_page | typed | {"save": "1"})
    assert "実績値「x」は数として読めません。" in text_of(response)
    assert "「45人」に変更しました。この行は、ほかの行の誤りを直して" in text_of(response)
    assert values() == {"来館者数": 45}
    data = form_data(response.content.decode())
    assert data[field(indicators[0])] == "50"
    response = client.post(GRID, data | {field(indicators[1]): "7", "save": "1"})
    assert "残す内容を選んでください。" in text_of(response)


class TestMerging:
    """Both began with 2238; what only one of them changed is not asked about."""

    @pytest.fixture
    def me(self, section):
        return make_user(Role.CLERK, section, full_name="試用 太郎")

    @pytest.fixture
    def page(self, client, indicators, faster, me):
        make_actual(indicators[0], 2017, 2238, by=faster, remarks="速報による。")
        client.force_login(me)
        return form_data(client.get(GRID).content.decode())

    def save(self, client, indicators, page, **texts):
        typed = {field(indicators[0], name): text for name, text in texts.items()}
        return client.post(GRID, page | typed | {"save": "1"})

    def test_a_remark_joins_a_value_that_somebody_else_changed(
        self, client, indicators, faster, page
    ):
        make_actual(indicators[0], 2017, 2240, by=faster, version=1, remarks="速報による。")
        response = self.save(client, indicators, page, remarks="確かめた。")
        assert response.status_code == 302
        actual = Actual.objects.get()
        assert (actual.value, actual.remarks) == (2240, "確かめた。")

    def test_two_remarks_at_one_value_are_both_shown(self, client, indicators, faster, page):
        make_actual(indicators[0], 2017, 2238, by=faster, version=1, remarks="統計による。")
        response = self.save(client, indicators, page, remarks="確かめた。", value="2239")
        text = text_of(response)
        assert "今の登録「統計による。」を残す" in text
        assert "この画面で入力した「確かめた。」にする" in text
        assert "「2,239人」" not in text
        data = form_data(response.content.decode()) | {
            field(indicators[0], "choice-remarks"): "theirs:2",
            "save": "1",
        }
        client.post(GRID, data)
        actual = Actual.objects.get()
        assert (actual.value, actual.remarks) == (2239, "統計による。")

    def test_the_typed_value_can_be_chosen_again(self, client, indicators, faster, page):
        make_actual(indicators[0], 2017, 2240, by=faster, version=1)
        response = self.save(client, indicators, page, value="2239")
        assert f"{GRID}?kept=1" in read_page(response).links
        data = form_data(client.get(f"{GRID}?kept=1").content.decode())
        assert data[field(indicators[0])] == "2239"

    def test_a_second_window_of_the_same_user_is_not_another_user(
        self, client, indicators, page, me
    ):
        make_actual(indicators[0], 2017, 2240, by=me, version=1)
        text = text_of(self.save(client, indicators, page, value="2239"))
        assert "別の画面での変更と重なりました" in text
        assert "あなたが別の画面かExcel様式で「2,240人」に変更しました。" in text
        assert "ほかの人" not in text

    def test_a_change_of_the_state_alone_is_not_a_conflict(self, client, indicators, faster, page):
        actual = Actual.objects.get()
        move({actual.pk: 1}, "submitted", Change(by=faster))
        assert self.save(client, indicators, page, value="2239").status_code == 302
        assert Actual.objects.get().value == 2239

    def test_a_discarded_value_is_not_offered_again(self, client, indicators, faster, page):
        make_actual(indicators[0], 2017, 2240, by=faster, version=1)
        response = self.save(client, indicators, page, value="2239")
        data = form_data(response.content.decode())
        client.post(GRID, data | {field(indicators[0], "choice-value"): "theirs:2", "save": "1"})
        text = text_of(client.get(GRID))
        assert "変更した値はありません。" in text
        assert "この内容を使う" not in text

    def test_a_change_made_during_the_save_is_merged_too(
        self, client, indicators, faster, page, monkeypatch
    ):
        recorded = []

        def record_late(*args, **kwargs):
            if not recorded:
                recorded.append(
                    make_actual(indicators[0], 2017, 2240, by=faster, version=1, remarks="訂正")
                )
            return record(*args, **kwargs)

        monkeypatch.setattr("entry.saving.record", record_late)
        text = text_of(self.save(client, indicators, page, value="2239"))
        assert "今の登録「2,240人」を残す" in text
        assert "訂正" not in text


class TestConfirmedMeanwhile:
    """Planning has confirmed a value into which somebody has typed something else."""

    @pytest.fixture
    def answered(self, indicators, faster):
        actual = make_actual(indicators[0], 2017, 5, by=faster)
        planning = make_user(Role.PLANNING)
        move({actual.pk: 1}, "submitted", Change(by=faster))
        move({actual.pk: 2}, "answered", Change(by=planning))
        return actual

    @pytest.fixture
    def typed(self, client, answered, old_page, indicators):
        """A form in which a clerk agreed to change the answered value, sent after confirming."""
        page = form_data(client.get(GRID).content.decode())
        page |= {field(indicators[0]): "6", field(indicators[0], "remarks"): "数え直した"}
        page |= {field(indicators[0], "reopen"): "3"}
        move({answered.pk: 3}, "confirmed", Change(by=make_user(Role.PLANNING)))
        return page

    TOLD = (
        "「来館者数」は、企画担当が確認したため、変えられません（登録されている値：5人）。"
        "入力した実績値「6」、備考「数え直した」は、保存していません。"
    )

    @pytest.mark.parametrize("button", ["save", "step"])
    def test_the_other_rows_are_saved_and_what_was_typed_is_repeated(
        self, client, indicators, typed, button
    ):
        typed |= {field(indicators[1]): "7", button: "1"}
        response = client.post(GRID, typed, follow=True)
        assert self.TOLD in text_of(response)
        assert values() == {"来館者数": 5, "漁船数": 7}
        assert field(indicators[0]) not in form_data(response.content.decode())
        assert "保存していない入力が残っています" not in text_of(response)
        state = Actual.objects.get(indicator=indicators[1]).state
        assert state == ("draft" if button == "save" else "submitted")

    def test_it_is_shown_closed_with_its_value_where_another_row_is_refused(
        self, client, indicators, typed
    ):
        typed |= {field(indicators[1]): "x", "step": "1"}
        response = client.post(GRID, typed)
        text = text_of(response)
        assert self.TOLD in text
        assert "来館者数 確認済み" in text
        fields = form_data(response.content.decode())
        assert field(indicators[0]) not in fields
        assert fields[field(indicators[1])] == "x"

    def test_what_was_kept_of_it_is_named_when_it_is_asked_for(self, client, indicators, typed):
        client.post(f"{GRID}kept/", typed | {field(indicators[1]): "8"})
        response = client.get(f"{GRID}?kept=1")
        text = text_of(response)
        assert "企画担当が確認したため、もう入力できません。" in text
        for typed_text in ("実績値6", "備考数え直した"):
            assert typed_text in text
        assert form_data(response.content.decode())[field(indicators[1])] == "8"
