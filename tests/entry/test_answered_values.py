"""Changing what was answered or submitted already, and steps on a page that shows a part only."""

import pytest

from entry.models import KeptInput
from indicators.models import Actual
from indicators.recording import move
from tests.entry.city import City, make_city
from tests.factories import make_indicator, make_kpi
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]

GRID = "/entry/2017/"


@pytest.fixture
def city(client) -> City:
    city = make_city()
    client.force_login(city.clerk)
    return city


def moved(actual: Actual, *states: str, by, reason: str = "") -> Actual:
    for state in states:
        [actual] = move({actual.pk: actual.version}, state, Change(by=by, reason=reason))
    return actual


@pytest.fixture
def answered(city) -> Actual:
    actual = moved(city.store(city.visitors, 45), "submitted", by=city.clerk)
    return moved(actual, "answered", by=city.head)


def save(client, city, url=GRID, button="save", **texts):
    data = form_data(client.get(url).content.decode())
    data |= {f"r{city.visitors.pk}-{name}": text for name, text in texts.items()}
    return client.post(url, data | {button: "1"})


class TestAnsweredValues:
    def test_a_changed_remark_is_asked_about_before_it_undoes_the_answer(
        self, client, city, answered
    ):
        response = save(client, city, remarks="確かめた。")
        text = text_of(response)
        assert "回答済みの値を変更します" in text
        assert "来館者数（登録されている値：45人）" in text
        assert city.stored(city.visitors).state == "answered"
        data = form_data(response.content.decode())
        text = text_of(client.post(GRID, data | {"save": "1"}, follow=True))
        assert "回答済みか課長確認待ちだった1件は、「入力中」に戻りました。" in text
        actual = city.stored(city.visitors)
        assert (actual.state, actual.remarks) == ("draft", "確かめた。")

    def test_one_can_go_back_without_saving(self, client, city, answered):
        response = save(client, city, value="46")
        assert f"{GRID}?kept=1" in read_page(response).links
        assert KeptInput.objects.get().typed[f"r{city.visitors.pk}-value"] == "46"

    def test_consent_to_change_an_older_answer_does_not_count(self, client, city, answered):
        response = save(client, city, value="46")
        returned = moved(answered, "returned", by=city.planning, reason="確かめて")
        moved(returned, "answered", by=city.head)
        data = form_data(response.content.decode())
        assert "回答済みの値を変更します" in text_of(client.post(GRID, data | {"save": "1"}))

    def test_the_head_who_answers_at_once_is_not_asked(self, client, city, answered):
        client.force_login(city.head)
        assert save(client, city, button="step", value="46").status_code == 302
        assert city.stored(city.visitors).state == "answered"

    def test_a_submitted_value_that_becomes_a_draft_again_is_reported(self, client, city):
        moved(city.store(city.visitors, 45), "submitted", by=city.clerk)
        save(client, city, value="46")
        text = text_of(client.get(GRID))
        assert "1件の値を保存しました。" in text
        assert "1件は、「入力中」に戻りました。" in text

    def test_saving_what_is_stored_asks_nothing_and_changes_nothing(self, client, city, answered):
        assert save(client, city, value="４５").status_code == 302
        assert city.stored(city.visitors).state == "answered"


class TestReturnedValues:
    def test_an_untouched_one_is_not_resubmitted_and_the_page_says_so(self, client, city):
        actual = moved(city.store(city.visitors, 45), "submitted", by=city.clerk)
        moved(actual, "returned", by=city.head, reason="確かめて")
        city.store(city.sales, 1000)
        save(client, city, button="step")
        text = text_of(client.get(GRID))
        assert "1件の確認を課長に依頼しました。" in text
        assert "差戻しの1件は、直していないので依頼していません。" in text
        assert city.stored(city.visitors).state == "returned"


class TestPartsOfTheRows:
    def test_a_step_says_what_the_filter_hid(self, client, city):
        city.store(city.sales, 1000)
        save(client, city, url=f"{GRID}?only=missing", button="step", value="45")
        text = text_of(client.get(GRID))
        assert "1件の確認を課長に依頼しました。" in text
        assert "絞り込みのため表示していない1件は、依頼していません。" in text
        assert city.stored(city.sales).state == "draft"

    def test_a_head_is_told_of_hidden_values_that_wait_for_an_answer(self, client, city):
        moved(city.store(city.sales, 1000), "submitted", by=city.clerk)
        client.force_login(city.head)
        url = f"{GRID}?only=missing"
        data = form_data(client.get(url).content.decode())
        client.post(url, data | {f"r{city.visitors.pk}-value": "45", "step": "1"})
        text = text_of(client.get(GRID))
        assert "1件を回答しました。" in text
        assert "絞り込みのため表示していない1件は、回答していません。" in text

    def test_missing_values_are_counted_over_all_rows(self, client, city):
        other = make_indicator(city.section, name="漁船数")
        make_kpi(indicator=other, kind="level")
        city.clerk.sections.add(city.other_section)
        save(client, city, url=f"{GRID}?section={city.section.pk}", button="step", value="45")
        text = text_of(client.get(GRID))
        assert "未入力は、あと" in text
        assert "未入力はありません。" not in text

    def test_the_page_says_beforehand_that_it_sends_a_part(self, client, city):
        city.store(city.visitors, 45)
        text = text_of(client.get(f"{GRID}?only=missing"))
        assert "表示していない1件は、保存も依頼もしません。" in text
        assert "表示していない" not in text_of(client.get(GRID))
