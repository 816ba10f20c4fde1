"""The data at their fixed addresses: what they hold, how they leave, and what they need."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from hashlib import sha256
from itertools import islice
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from plans.tree import read_tree
from reports.data_files import ACTUAL_COLUMNS, DataSet, all_actuals, all_values, written
from reports.observation_columns import COLUMNS
from reports.observations import observations
from reports.strategy_json import strategy_as_json
from tests.endless import endless_observations
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
    make_values,
)
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

DATA = "/strategies/nemuro-2015/data/"
FILES = [
    "2017.csv",
    "2017.xlsx",
    "2017.json",
    "actuals.csv",
    "actuals.xlsx",
    "codes.csv",
    "metadata.csv",
    "2017.zip",
]


@pytest.fixture
def reader(client):
    user = make_user(Role.READER)
    client.force_login(user)
    return user


@pytest.fixture
def city(reader):
    strategy = load_city()
    make_values(strategy)
    return strategy


@pytest.fixture
def plan(reader):
    """A plan of the same name with one KPI: enough for how files leave."""
    strategy = make_strategy(code="nemuro-2015", title="根室市創生総合戦略")
    make_actual(make_kpi(make_measure(make_goal(strategy))).indicator, 2017)
    return strategy


def body(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_rows(content: bytes) -> list[dict]:
    headers, *rows = openpyxl.load_workbook(io.BytesIO(content))["データ"].values
    return [dict(zip(headers, row, strict=True)) for row in rows]


@pytest.mark.both_databases
def test_csv_and_workbook_hold_every_observation(client, city):
    rows = csv_rows(body(client.get(f"{DATA}2017.csv")))
    tree = read_tree(city.code, 2017)
    assert len(rows) == sum(1 for _ in observations(tree))
    assert list(rows[0]) == [column.header for column in COLUMNS]
    sheet = sheet_rows(body(client.get(f"{DATA}2017.xlsx")))
    assert len(sheet) == len(rows)
    for row, other in zip(rows, sheet, strict=True):
        for header, text in row.items():
            cell = other[header]
            if isinstance(cell, int | float):
                assert float(text) == cell
            else:
                assert text == (cell or "")


@pytest.mark.parametrize("file", FILES)
def test_the_same_data_give_the_same_bytes(client, plan, file):
    first, second = (client.get(f"{DATA}{file}") for _ in range(2))
    assert body(first) == body(second)
    assert first["ETag"] == second["ETag"]


def test_json_is_that_of_the_command(client, city):
    response = client.get(f"{DATA}2017.json")
    words = strategy_as_json(read_tree(city.code, 2017, words={"not_reported": "実績未把握"}))
    assert json.loads(body(response)) == json.loads(json.dumps(words))
    assert response["Content-Type"] == "application/json"


@pytest.mark.both_databases
def test_actuals_are_there_once_for_each_indicator_and_year(client, city):
    rows = csv_rows(body(client.get(f"{DATA}actuals.csv")))
    keys = [(row["指標コード"], row["年度（西暦）"]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert len({code for code, _ in keys}) == 48
    assert {year for _, year in keys} == {str(year) for year in range(2014, 2020)}
    assert list(rows[0]) == [column.header for column in ACTUAL_COLUMNS]


def test_csv_is_utf8_with_bom_and_crlf_and_a_record_is_a_line(client, plan):
    for file in FILES:
        if not file.endswith("csv"):
            continue
        content = body(client.get(f"{DATA}{file}"))
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\r\n") == content.count(b"\n") == len(csv_rows(content)) + 1


@pytest.mark.parametrize("file", FILES)
def test_every_file_is_logged_with_digest_and_named(client, plan, reader, file):
    response = client.get(f"{DATA}{file}")
    content = body(response)
    [event] = Event.objects.filter(kind=Event.Kind.EXPORT)
    assert event.by == reader
    assert event.subject.startswith("根室市創生総合戦略_平成")
    assert event.subject.endswith(file.rpartition(".")[2])
    assert f"SHA-256：{sha256(content).hexdigest()}" in event.detail
    assert response["Content-Disposition"].startswith('attachment; filename="nemuro-2015_20')
    assert response["ETag"] == f'"{sha256(content).hexdigest()}"'


@pytest.mark.parametrize("file", [file for file in FILES if "json" not in file])
def test_tables_are_sent_piece_by_piece(client, plan, file):
    assert client.get(f"{DATA}{file}").streaming


@pytest.mark.parametrize("file", FILES)
def test_only_a_real_download_is_logged(client, plan, file):
    assert client.head(f"{DATA}{file}").status_code == 405
    assert client.post(f"{DATA}{file}").status_code == 405
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()


@pytest.mark.parametrize(
    "path", ["2014.csv", "2020.json", "20170.xlsx", "0.csv", "99.json", "2017.csv?goal=9"]
)
def test_what_the_plan_does_not_have_is_not_found(client, plan, path):
    response = client.get(f"{DATA}{path}")
    assert response.status_code == 404
    assert "報告書" in response.content.decode()
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()


def test_the_year_of_the_path_counts_not_that_of_the_question(client, plan):
    rows = csv_rows(body(client.get(f"{DATA}2017.csv?year=2019")))
    assert {row["対象年度（西暦）"] for row in rows} == {"2017"}


def test_a_part_of_the_plan_is_a_part_of_the_data(client, reader):
    strategy = make_strategy(code="plan")
    for name in ("水産課", "農林課"):
        make_kpi(make_measure(make_goal(strategy)), make_indicator(make_section(name)))
    rows = csv_rows(body(client.get("/strategies/plan/data/2017.csv?section=水産課")))
    assert {row["担当課"] for row in rows} == {"水産課"}
    assert client.get("/strategies/plan/data/2017.csv?goal=2&section=水産課").status_code == 404


@pytest.mark.parametrize("text", ["=1+1", "+81-153", "-5人", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_text_that_begins_like_a_formula_stays_text(client, reader, text):
    kpi = make_kpi(make_measure(make_goal(make_strategy(code="plan"))), name=text)
    make_actual(kpi.indicator, 2017, 5, remarks=text)
    url = "/strategies/plan/data/2017"
    rows = csv_rows(body(client.get(f"{url}.csv")))
    assert {row["備考"] for row in rows} == {"", f"'{text}"}
    assert {row["記載名"] for row in rows} == {f"'{text}"}
    sheet = openpyxl.load_workbook(io.BytesIO(body(client.get(f"{url}.xlsx"))))["データ"]
    found = [cell for row in sheet for cell in row if cell.value == text]
    assert len(found) == len(rows) + 1
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)


@pytest.mark.both_databases
@pytest.mark.parametrize("file", ["2017.csv", "2017.xlsx", "2017.json", "actuals.xlsx"])
def test_the_number_of_queries_does_not_grow_with_the_plan(client, reader, file):
    kpi = make_kpi(make_measure(make_goal(make_strategy(code="plan"))))
    make_actual(kpi.indicator, 2015)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            body(client.get(f"/strategies/plan/data/{file}"))
        counts.append(len(queries))
        for _ in range(3):
            make_actual(make_kpi(kpi.measure).indicator, 2016)
    assert counts[0] == counts[1]


@pytest.mark.both_databases
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", [all_values, all_actuals])
def test_five_times_the_rows_need_no_more_memory(
    ending: str, kind: Callable[..., DataSet], monkeypatch
):
    monkeypatch.setattr("tables.table_files.FEW", 20)
    make_actual(make_kpi().indicator, 2017)
    tree = read_tree(make_kpi().strategy.code, 2017)
    columns = kind(tree).columns

    def peak(count: int) -> int:
        rows = islice(endless_observations(tree), count)
        tracemalloc.start()
        written(DataSet("データ", columns, rows), tree, ending).close()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)  # what is made only once
    assert peak(1_000) <= 1.5 * peak(200)


@pytest.mark.parametrize("file", ["actuals.csv", "actuals.xlsx", "codes.csv", "metadata.csv"])
def test_a_file_of_all_years_is_not_named_after_one(client, plan, file):
    named = client.get(f"{DATA}{file}?year=2017")["Content-Disposition"]
    assert f'filename="nemuro-2015_2015-2019_{file}"' in named
    assert "平成27年度～令和元年度" in unquote(named)
    assert "平成29年度" not in unquote(named)
