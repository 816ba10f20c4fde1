"""The reason for changing a value of a closed year is shown wherever the change is shown."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pytest

from accounts.roles import Role
from indicators.entries import WITHDRAWN, Entry
from indicators.recording import move, record
from plans.tree import read_tree
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from tests.factories import make_fiscal_year, make_kpi, make_user
from tests.pages import text_of
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


@pytest.fixture
def corrected():
    """A KPI whose confirmed value of a closed year was revised, confirmed and taken back."""
    kpi = make_kpi()
    make_fiscal_year(2017)
    make_fiscal_year(2017, is_open=False)
    planning, second = make_user(Role.PLANNING), make_user(Role.PLANNING)
    why = Change(by=planning, door=Door.ADMIN, reason="後から届いた")
    entry = Entry(indicator_id=kpi.indicator.pk, fiscal_year=2017, value=Decimal(40))
    [actual] = record([entry], why)
    move({actual.pk: 1}, "confirmed", replace(why, by=second))
    entry = replace(entry, value=Decimal(41), version=2, change_kind="revised")
    [actual] = record([entry], why)
    move({actual.pk: 3}, "confirmed", replace(why, by=second))
    gone = replace(entry, value=None, availability=WITHDRAWN, version=4, change_kind="corrected")
    record([gone], why)
    return kpi


@pytest.fixture(autouse=True)
def auditor(client):
    client.force_login(make_user(Role.AUDITOR))


def test_the_register_and_the_page_of_the_value_tell_it_at_the_change_alone(client, corrected):
    [listing] = read_tree(corrected.strategy.code, 2017).listings
    page = f"{listing.url}values/2017/"
    for address in ("/changes/", page):
        text = text_of(client.get(address, follow=True))
        assert "実績値の変更遡及改定" in text.replace(" ", "")
        assert "実績値の取消し訂正" in text.replace(" ", "")
        assert text.count("遡及改定") == 1
    assert "遡及改定：" in text_of(client.get("/", follow=True))


def test_the_filter_of_the_register_has_a_name_of_its_own(client):
    text = text_of(client.get("/changes/"))
    assert "履歴の種類" in text
    assert "変更の種類" not in text


def test_the_files_of_changes_have_its_code_and_its_name(client, corrected):
    sent = b"".join(client.get("/changes/csv").streaming_content).decode("utf-8-sig")
    found = {
        (row["種類"], row["変更の種類コード"], row["変更の種類"])
        for row in csv.DictReader(io.StringIO(sent))
        if row["対象の区分"] == "実績値"
    }
    assert ("実績値の変更", "revised", "遡及改定") in found
    assert ("実績値の取消し", "corrected", "訂正") in found
    assert ("状態の変更", "", "") in found
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.get("/changes/xlsx").streaming_content))
    )
    cells = {str(cell) for sheet in book for row in sheet.values for cell in row}
    assert {"revised", "遡及改定", "確定値への更新"} <= cells


def test_the_review_workbook_tells_it(corrected):
    facts = Facts("監査 花子", datetime(2026, 10, 1, tzinfo=UTC))
    content = review_workbook(read_tree(corrected.strategy.code, 2017), facts=facts)
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = list(book["変更履歴"].values)
    at, kind = rows[2].index("変更の種類"), rows[2].index("種類")
    found = {(row[kind], row[at]) for row in rows[3:] if row[at]}
    assert found == {("実績値の変更", "遡及改定"), ("実績値の取消し", "訂正")}
    assert "変更の種類：遡及改定" in str(list(book["未確認の点"].values))
