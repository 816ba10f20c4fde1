"""Remarks of a year without a value: saved by themselves, never taken for a value."""

from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from accounts.roles import Role
from goals.models import Strategy
from indicators.models import Actual, EarlyRemarks
from tests.entry.city import City, make_city
from tests.entry.excel_forms import Paper, form_for
from tests.factories import make_actual, make_user
from tests.html import form_data
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]

GRID = "/entry/2017/"
WAITS = "数字は県に照会中"


@pytest.fixture
def city(db) -> City:
    return make_city()


@pytest.fixture
def as_clerk(client, city):
    client.force_login(city.clerk)
    return client


def field(indicator, name="value"):
    return f"r{indicator.pk}-{name}"


def opened(client):
    return form_data(client.get(GRID).content.decode())


def said(client, response):
    """Return what the page says after a form was sent."""
    return text_of(client.get(response.url)) if response.status_code == 302 else text_of(response)


@pytest.fixture
def remarked(as_clerk, city):
    data = opened(as_clerk) | {field(city.visitors, "remarks"): WAITS, "save": "1"}
    return as_clerk.post(GRID, data)


def test_they_are_saved_and_the_row_stays_without_a_value(as_clerk, city, remarked):
    text = said(as_clerk, remarked)
    assert "1件は、備考だけを保存しました（未入力のままです）。未入力は、あと3件です。" in text
    assert "未入力（備考のみ）" in text
    assert "3件のうち0件入力済み" in text
    assert opened(as_clerk)[field(city.visitors, "remarks")] == WAITS
    assert not Actual.objects.exists()
    assert "未入力（備考のみ）" in text_of(as_clerk.get("/"))
    [change] = EarlyRemarks.history.all()
    assert (change.history_user, change.door, change.remarks) == (city.clerk, "grid", WAITS)


def test_auditors_find_them_in_the_register_and_the_report_has_them(client, city, remarked):
    client.force_login(make_user(Role.AUDITOR))
    text = text_of(client.get("/changes/?kind=remarks"))
    assert f"{city.visitors.name}未入力の備考平成29年度（2017）水産課" in text
    assert f"備考{WAITS}" in text
    for address in ("/changes/csv", "/changes/xlsx"):
        assert client.get(address).status_code == 200
    plan = Strategy.objects.get().code
    assert client.get(f"/strategies/{plan}/workbook/?year=2017").status_code == 200


def test_the_same_form_again_changes_nothing_and_they_can_be_emptied(as_clerk, city, remarked):
    empty = {
        name: "" if name.endswith("remarks") else text for name, text in opened(as_clerk).items()
    }
    assert as_clerk.post(GRID, opened(as_clerk) | {"save": "1"}).status_code == 302
    assert EarlyRemarks.history.count() == 1
    as_clerk.post(GRID, empty | {"save": "1"})
    assert not EarlyRemarks.objects.exists()


def test_they_do_not_go_to_the_head_but_the_head_sees_them(as_clerk, city, remarked):
    response = as_clerk.post(GRID, opened(as_clerk) | {field(city.sales): "5", "step": "1"})
    text = said(as_clerk, response)
    assert "1件の確認を課長に依頼しました。未入力は、あと2件です。" in text
    as_clerk.force_login(city.head)
    assert WAITS not in text_of(as_clerk.get(f"{GRID}answer/?state=submitted"))
    text = text_of(as_clerk.get(f"{GRID}answer/?state=none"))
    assert "備考だけがあります。" in text
    assert WAITS in text
    assert "未回答 2件" in text


def test_a_value_takes_them_along(as_clerk, city, remarked):
    as_clerk.post(GRID, opened(as_clerk) | {field(city.visitors): "45", "save": "1"})
    actual = city.stored(city.visitors)
    assert (actual.value, actual.remarks) == (45, WAITS)
    assert not EarlyRemarks.objects.exists()


def test_what_was_written_before_the_value_does_not_explain_it(as_clerk, city, remarked):
    make_actual(city.visitors, 2016, 12)
    data = opened(as_clerk) | {field(city.visitors): "120"}
    response = as_clerk.post(GRID, data | {"save": "1"})
    assert "備考は、前に保存したときのままです。" in text_of(response)
    explained = {field(city.visitors, "remarks"): f"{WAITS}。大会の年"}
    assert as_clerk.post(GRID, data | explained | {"save": "1"}).status_code == 302


def test_doors_that_do_not_show_them_keep_them(city, as_clerk, remarked):
    call_command("record_value", "visitors", "2017", "45", by=city.clerk.username, verbosity=0)
    assert city.stored(city.visitors).remarks == WAITS


def test_two_people_who_change_them_are_asked(as_clerk, city):
    page = opened(as_clerk)
    as_clerk.post(GRID, page | {field(city.visitors, "remarks"): WAITS, "save": "1"})
    as_clerk.force_login(city.head)
    response = as_clerk.post(GRID, page | {field(city.visitors, "remarks"): "別", "save": "1"})
    text = text_of(response)
    assert "に水産 太郎が変更しました。" in text
    assert f"今の登録「{WAITS}」を残す" in text
    # A value without a remark of its own joins it.
    response = as_clerk.post(GRID, page | {field(city.visitors): "45", "save": "1"})
    assert response.status_code == 302
    assert city.stored(city.visitors).remarks == WAITS


def test_going_back_and_choosing_the_other_remarks_restores_them(as_clerk, city):
    mine = opened(as_clerk) | {field(city.visitors, "remarks"): WAITS, "save": "1"}
    as_clerk.force_login(city.head)
    theirs = opened(as_clerk) | {field(city.visitors, "remarks"): "来月公表", "save": "1"}
    as_clerk.post(GRID, theirs)
    as_clerk.force_login(city.clerk)
    questions = form_data(as_clerk.post(GRID, mine).content.decode()) | {"save": "1"}
    choice = field(city.visitors, "choice-remarks")
    as_clerk.post(GRID, questions | {choice: "mine:"})
    assert EarlyRemarks.objects.get().remarks == WAITS
    as_clerk.post(GRID, questions | {choice: "theirs:"})
    assert EarlyRemarks.objects.get().remarks == "来月公表"
    as_clerk.post(GRID, questions | {choice: "mine:"})
    assert EarlyRemarks.objects.get().remarks == WAITS


def test_the_excel_form_has_them_and_brings_them(as_clerk, city, remarked):
    paper = Paper(form_for(city.clerk))
    assert paper.cell("来館者数", "備考").value == WAITS
    paper.fill("来館者数", VALUE="45").fill("水揚げ額", REMARKS="決算の後")
    file = SimpleUploadedFile("様式.xlsx", paper.saved())
    page = read_page(as_clerk.post(f"{GRID}import/", {"file": file}))
    assert "新しく登録する値1、変更する値1" in page.main
    data = form_data(page.html) | {"confirm": "1"}
    as_clerk.post(f"{GRID}import/apply/", urlencode(data), "application/x-www-form-urlencoded")
    assert city.stored(city.visitors).remarks == WAITS
    assert EarlyRemarks.objects.get().remarks == "決算の後"
    assert EarlyRemarks.objects.get().indicator == city.sales
