"""Indicators through bulk import: rules, sections by name, history."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from indicators.models import Indicator
from tests.factories import make_indicator, make_section, make_user
from tests.html import form_data
from tests.importing import confirm, exported_rows, text_of, upload

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def planning(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


def refusal(client, rows) -> str:
    response = upload(client, Indicator, rows)
    assert 'name="ticket"' not in response.content.decode()
    return text_of(response)


@pytest.mark.both_databases
def test_a_new_indicator_and_a_changed_one(client):
    section = make_section("水産課")
    old = make_indicator(section=section, code="visitors", name="来訪者数", minimum=None)
    header, row = exported_rows(client, Indicator)
    new = dict.fromkeys(header, "") | {
        "指標コード": "sales",
        "指標名": "売上高",
        "単位": "円",
        "表示単位": "千円",
        "入力できる最小値": "1億",
        "値の時点": "暦年",
        "担当課": "水産課",
        "入力する課": "水産課",
        "累計で入力": "○",
    }
    row[header.index("値の時点")] = "年度末"
    preview = upload(client, Indicator, [header, row, list(new.values())])
    assert "値の時点 年度計 年度末" in text_of(preview)
    confirm(client, Indicator, preview)
    old.refresh_from_db()
    assert old.moment == "fiscal_year_end"
    made = Indicator.objects.get(code="sales")
    assert (made.minimum, made.moment, made.running_total, made.ratio) == (
        Decimal(100_000_000),
        "calendar_year",
        True,
        False,
    )
    assert made.entered_by == section


def test_indicators_are_not_handed_to_a_closed_section(client):
    closed = make_section("統計課", is_active=False)
    kept = make_indicator(section=closed, code="births")
    moved = make_indicator(section=make_section("水産課"), code="visitors")
    rows = [
        ["指標コード", "指標名", "入力する課"],
        ["births", "出生数", "統計課"],
        ["visitors", moved.name, "統計課"],
    ]
    page = refusal(client, rows)
    message = "「統計課」は、使用中でない課です。指標を引き継いだ課にしてください。"
    assert page.count(message) == 1  # a section may keep what it had when it was closed
    assert "2行のうち1行に誤りがある" in page
    confirm(client, Indicator, upload(client, Indicator, rows[:2]))
    kept.refresh_from_db()
    assert (kept.name, kept.entered_by) == ("出生数", closed)


def test_the_page_of_an_indicator_does_not_hand_it_to_a_closed_section(client):
    indicator = make_indicator(section=make_section("水産課"))
    closed = make_section("統計課", is_active=False)
    address = reverse("admin:indicators_indicator_change", args=[indicator.pk])
    data = form_data(client.get(address).content.decode())
    response = client.post(address, data | {"section": closed.pk})
    assert "「統計課」は、使用中でない課です。" in response.content.decode()
    indicator.refresh_from_db()
    assert indicator.section.name == "水産課"


def test_violated_rules_of_the_model_are_reported_at_their_column(client):
    make_indicator(code="visitors")
    header, row = exported_rows(client, Indicator)

    def with_cells(**cells) -> list:
        return [header, [cells.get(name, cell) for name, cell in zip(header, row, strict=True)]]

    page = refusal(client, with_cells(表示単位="千円"))
    assert "2行目 表示単位 千円 単位「人」を表示単位「千円」で表すことはできません。" in page
    page = refusal(client, with_cells(入力できる最小値="5", 入力できる最大値="1"))
    assert "2行目 （行全体） 入力できる最小値は、最大値以下にしてください。" in page
    page = refusal(client, with_cells(指標名=""))
    assert "2行目 指標名 （空欄） 空欄にはできません。値を入力してください。" in page
    page = refusal(client, with_cells(値の時点="いつか"))
    assert "「いつか」はありません。「年度計」「年度末」" in page
    page = refusal(client, with_cells(分子と分母で入力="たぶん"))
    assert "「たぶん」は使えません。「はい」か「いいえ」と入力してください。" in page
    page = refusal(client, with_cells(小数点以下の桁数="1.5"))
    assert "「1.5」は使えません。「1」のような整数を入力してください。" in page
    page = refusal(client, with_cells(小数点以下の桁数="9"))
    assert "2行目 小数点以下の桁数 9" in page


def test_a_new_row_needs_the_columns_of_a_new_row(client):
    page = refusal(client, [["指標コード", "指標名"], ["sales", "売上高"]])
    assert "新しい行には、見出し「担当課」の列が必要です。" in page


def test_an_invalid_code_is_refused(client):
    make_section("水産課")
    rows = [
        ["指標コード", "指標名", "担当課", "入力する課"],
        ["売 上", "売上高", "水産課", "水産課"],
    ]
    assert "2行目 指標コード 売 上" in refusal(client, rows)


def test_what_a_code_may_contain_is_said_in_the_words_of_its_column(client):
    make_indicator(section=make_section("水産課"), code="visitors")
    header, row = exported_rows(client, Indicator)
    row[header.index("指標コード")] = "ｎｅｗ－ｏｎｅ"
    row[header.index("値の時点")] = "いつか"
    page = refusal(client, [header, row])
    assert (
        "「ｎｅｗ－ｏｎｅ」は使えません。半角の英数字と「-」「_」だけで入力してください。" in page
    )
    assert "「いつか」はありません。" in page
    assert "slug" not in page
