"""A share that was entered as numerator and denominator has both wherever its value leaves."""

import csv
import io
import json
from decimal import Decimal

import openpyxl
import pytest

from accounts.roles import Role
from tests.factories import (
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_strategy,
    make_user,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

PLAN = "/strategies/plan/"


@pytest.fixture
def kpi(client):
    """A share of 1,710 of 1,980.5, and another without parts."""
    client.force_login(make_user(Role.READER))
    measure = make_measure(make_goal(make_strategy(code="plan")))
    share = make_indicator(unit="％", decimals=1, ratio=True, code="share")
    fields = {"kind": "level", "direction": "up", "target": 80}
    made = make_kpi(measure, share, **fields)
    make_actual(share, 2017, None, numerator=Decimal(1710), denominator=Decimal("1980.5"))
    other = make_indicator(unit="％", decimals=1, ratio=True, code="other")
    make_kpi(measure, other, **fields)
    make_actual(other, 2017, 50)
    return made


def cells(content: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [str(c) for sheet in book for row in sheet.values for c in row if c is not None]


@pytest.mark.parametrize("file", ["data/2017.csv", "data/actuals.csv"])
def test_csv_has_a_column_for_each(client, kpi, file):
    text = b"".join(client.get(f"{PLAN}{file}")).decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["年度（西暦）"] == "2017"]
    found = {row["指標コード"]: (row["分子"], row["分母"]) for row in rows if row["値"] != "80"}
    assert found == {"share": ("1710", "1980.5"), "other": ("", "")}


@pytest.mark.parametrize("file", ["data/2017.xlsx", "data/actuals.xlsx"])
def test_the_workbook_has_it_too(client, kpi, file):
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(f"{PLAN}{file}"))))
    header, *rows = book["データ"].values
    places = [header.index(name) for name in ("分子", "分母")]
    assert (1710, 1980.5) in {tuple(row[place] for place in places) for row in rows}


def test_json_has_it_too(client, kpi):
    data = json.loads(client.get(f"{PLAN}data/2017.json").content)
    measure = data["goals"][0]["measure_groups"][0]["measures"][0]
    share, other = (one["actuals"]["2017"] for one in measure["kpis"])
    assert (share["value"], share["numerator"], share["denominator"]) == ("86.3", "1710", "1980.5")
    assert (other["numerator"], other["denominator"]) == (None, None)


@pytest.mark.parametrize(
    "page", ["kpis/1-ア-1-1/?year=2017", "print/", "papers/council/", "papers/assembly/"]
)
def test_pages_show_both(client, kpi, page):
    text = text_of(client.get(PLAN + page))
    assert text.count("1,710÷1,980.5") == 1


@pytest.mark.parametrize(
    "file", ["workbook/", "papers/council.xlsx", "papers/assembly.xlsx", "papers/measures.xlsx"]
)
def test_papers_show_both(client, kpi, file):
    content = client.get(f"{PLAN}{file}?year=2017").getvalue()
    assert any("1,710÷1,980.5" in cell for cell in cells(content))
