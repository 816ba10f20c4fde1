"""The files of changes: what is in them, that nothing in them runs, and that they are logged."""

import csv
import io
from hashlib import sha256
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from changes.change_columns import CHANGE_COLUMNS, MOVE_COLUMNS
from indicators.recording import move
from tests.changes.test_changes_page import enter
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_section,
    make_strategy,
    make_user,
)
from trail.events import Event
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.files]


@pytest.fixture
def auditor(client):
    user = make_user(Role.AUDITOR, full_name="監査 正")
    client.force_login(user)
    return user


@pytest.fixture
def indicator():
    make_fiscal_year(2017)
    return make_indicator(
        make_section("水産課"), name="ふるさと納税", unit="円", display_unit="千円"
    )


@pytest.fixture
def corrected(indicator):
    """A value that was confirmed and then changed."""
    first, second = make_user(Role.PLANNING, full_name="確認 太郎"), make_user(Role.PLANNING)
    actual = enter(indicator, 1_000_000, by=second)
    move({actual.pk: 1}, "confirmed", Change(by=first, door=Door.GRID))
    enter(indicator, 1_500_000, by=second, reason="=1+1\n訂正", door=Door.ADMIN)
    return indicator


def content(response) -> bytes:
    return b"".join(response.streaming_content)


def csv_rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheet_rows(data: bytes, name: str = "データ") -> list[dict]:
    sheet = openpyxl.load_workbook(io.BytesIO(data))[name]
    headers, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(headers, row, strict=True)) for row in rows]


def test_csv_is_as_excel_opens_it(client, auditor, corrected):
    response = client.get("/changes/csv")
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    data = content(response)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == len(csv_rows(data)) + 1


def test_one_field_of_one_change_is_one_row(client, auditor, corrected):
    row, state = csv_rows(content(client.get("/changes/csv?after_confirmation=on")))
    assert row["変更番号"] == state["変更番号"]
    expected = {
        "種類コード": "corrected",
        "種類": "実績値の変更",
        "操作": "変更",
        "入力経路": "管理画面",
        "対象の区分": "実績値",
        "指標名": "ふるさと納税",
        "担当課": "水産課",
        "値の年度（西暦）": "2017",
        "値の年度（和暦）": "平成29年度",
        "項目": "実績値",
        "変更前": "1,000千円",
        "変更後": "1,500千円",
        "変更前の数値": "1000000",
        "変更後の数値": "1500000",
        "単位": "円",
        "確認された値": "1,000千円",
        "確認した人": "確認 太郎",
        "架空の値": "0",
    }
    assert {name: row[name] for name in expected} == expected
    assert (state["項目"], state["変更前の数値"], state["単位"]) == ("状態", "", "")
    assert row["変更日"] == row["確認日"]
    assert len(row["変更時刻"]) == 8


def test_both_files_hold_the_same(client, auditor, corrected):
    rows = csv_rows(content(client.get("/changes/csv")))
    of_sheet = sheet_rows(content(client.get("/changes/xlsx")))
    assert [row["変更番号"] for row in rows] == [row["変更番号"] for row in of_sheet]
    for row, other in zip(rows, of_sheet, strict=True):
        assert {name: text.removeprefix("'") for name, text in row.items()} == {
            name: "" if cell is None else str(cell) for name, cell in other.items()
        }


def test_text_that_looks_like_a_formula_stays_text(client, auditor, corrected):
    query = "?after_confirmation=on"
    row = csv_rows(content(client.get(f"/changes/csv{query}")))[0]
    assert row["理由"] == "'=1+1 訂正"
    book = openpyxl.load_workbook(io.BytesIO(content(client.get(f"/changes/xlsx{query}"))))
    [cell] = [c for c in book["データ"][2] if c.value == "=1+1 訂正"]
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_the_workbook_is_for_machines(client, auditor, corrected):
    data = content(client.get("/changes/xlsx?kind=corrected"))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["データ", "コード表", "メタデータ"]
    for sheet in book:
        headers = [cell.value for cell in sheet[1]]
        assert len(set(headers)) == len(headers)
        assert not sheet.merged_cells.ranges
        assert all(cell.data_type != "f" for row in sheet for cell in row)
    assert sheet_rows(data)[0]["変更後の数値"] == 1_500_000
    about = {row["項目名"]: row["内容"] for row in sheet_rows(data, "メタデータ")}
    assert about["条件"] == "履歴の種類：実績値の変更"
    assert about["出力した人"] == "監査 正"
    assert {column.header for column in CHANGE_COLUMNS} <= set(about)
    codes = {(row["物理名"], row["コード"]) for row in sheet_rows(data, "コード表")}
    assert {("kind_code", "taken_back"), ("door_code", "import")} <= codes


def test_values_that_moved_much_leave_as_files_too(client, auditor, indicator):
    make_strategy(invented=True)
    make_actual(indicator, 2016, 1_000_000)
    make_actual(indicator, 2017, 2_500_000)
    [row] = sheet_rows(content(client.get("/changes/moves/xlsx")))
    expected = {
        "年度（西暦）": 2017,
        "実績値": 2_500_000,
        "前の値": 1_000_000,
        "増減率（％）": 150,
        "いつもの動き": None,
        "単位": "円",
        "架空の値": 1,
    }
    assert {name: row[name] for name in expected} == expected
    [row] = csv_rows(content(client.get("/changes/moves/csv")))
    assert (row["増減"], row["増減率（％）"]) == ("1500000", "150")
    assert list(row) == [*(column.header for column in MOVE_COLUMNS), "架空の値"]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_each_file_is_logged_with_conditions_and_digest(client, auditor, corrected, ending):
    response = client.get(f"/changes/{ending}?kind=corrected&indicator=納税")
    [event] = Event.objects.filter(kind=Event.Kind.EXPORT)
    name = unquote(response["Content-Disposition"].partition("''")[2])
    assert (event.by, event.subject) == (auditor, name)
    assert name.startswith("変更履歴_20")
    assert name.endswith(f".{ending}")
    assert "名称：納税、履歴の種類：実績値の変更、2行" in event.detail
    assert sha256(content(response)).hexdigest() in event.detail


def test_a_file_that_was_not_sent_is_not_logged(client, auditor, corrected):
    client.head("/changes/csv")
    client.get("/changes/csv?since=abc")
    client.force_login(make_user(Role.READER))
    client.get("/changes/csv")
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()


def test_without_changes_there_are_headers_only(client, auditor):
    assert csv_rows(content(client.get("/changes/csv?kind=moved"))) == []
    assert sheet_rows(content(client.get("/changes/xlsx?kind=moved"))) == []


def test_nothing_is_written_but_the_log(client, auditor, corrected):
    for path in ("/changes/csv", "/changes/xlsx"):
        with CaptureQueriesContext(connection) as captured:
            content(client.get(path))
        written = [
            q["sql"] for q in captured if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
        ]
        assert len(written) == 1
        assert "accounts_event" in written[0]


def test_more_changes_than_are_read_at_a_time_all_leave_once(
    client, auditor, indicator, monkeypatch
):
    monkeypatch.setattr("changes.past_changes.AT_A_TIME", 2)
    planning = make_user(Role.PLANNING)
    for value in range(5):
        enter(indicator, value, by=planning)
    rows = csv_rows(content(client.get("/changes/csv?fiscal_year=2017")))
    values = [row["変更後の数値"] for row in rows if row["項目"] == "実績値"]
    assert values == ["4", "3", "2", "1", "0"]
