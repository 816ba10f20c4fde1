"""An indicator with a display unit is shown in that unit, on every page and paper and in charts."""

import io
import re
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from accounts.roles import Role
from goals.models import NumericTargetYear
from tests.factories import (
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_strategy,
    make_user,
)

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

OTHER_UNIT = re.compile(r"(?:[\d兆億]|\d万)(?:\s|</?[^>]*>)*[人円]")
"""A number of 人 or 円, where 千人 and 百万円 are shown."""


PATHS = (
    *("", "list/", "goals/1/", "measures/1-ア-1/", "targets/1-1/", "print/"),
    *(f"kpis/1-ア-1-{number}/" for number in range(1, 6)),
    *("papers/council/", "papers/assembly/"),
)
FILES = ("papers/council.xlsx", "papers/assembly.xlsx", "papers/measures.xlsx", "workbook/")


@pytest.fixture
def plan(db) -> None:
    strategy = make_strategy(code="plan")
    goal = make_goal(strategy)
    measure = make_measure(goal)
    people = {"unit": "人", "display_unit": "千人"}
    yen = {"unit": "円", "display_unit": "百万円"}
    measured = {"baseline_kind": "measured", "baseline_year": 2014}
    plain = {"sentence": "計画のとおり"}
    listings = [
        make_kpi(measure, make_indicator(**people), kind="level", direction="down",
                 baseline=27_000, target=24_001, **measured, **plain),
        make_numeric_target(goal, make_indicator(**people), kind="restraint", direction="up",
                            baseline=26_500, target=22_331, **measured, **plain),
        make_kpi(measure, make_indicator(**people), kind="every_year", direction="up",
                 target=30_000, **plain),
        make_kpi(measure, make_indicator(**yen), kind="total", target=10_000_000_000, **plain),
        make_kpi(measure, make_indicator(**yen), kind="level", direction="up",
                 target=10**9, **plain),
        make_kpi(measure, make_indicator(**yen), kind="total", target=10**9,
                 confirmed_at=None, **plain),
    ]  # fmt: skip
    NumericTargetYear.objects.create(listing=listings[1], fiscal_year=2016, value=25_555)
    for number, listing in enumerate(listings):
        for year in (2015, 2016, 2017):
            value = 25_999 + number * 17 + year
            make_actual(listing.indicator, year, value * (50_001 if number > 2 else 1))


@pytest.fixture
def reader(plan, client):
    client.force_login(make_user(Role.READER))
    return client


def test_no_page_and_no_paper_mixes_two_units(reader):
    texts = [(path, reader.get(f"/strategies/plan/{path}").content.decode()) for path in PATHS]
    texts += [(path, text) for path in FILES for text in texts_of_file(reader, path)]
    mixed = [
        (path, text[max(0, found.start() - 60) : found.end() + 20])
        for path, text in texts
        for found in OTHER_UNIT.finditer(text)
    ]
    assert len(texts) > 100
    assert mixed == []


def test_every_number_of_a_row_of_the_council_is_in_one_unit(reader):
    *_, sheet = book_of(reader, "papers/council.xlsx")  # behind opinions and evaluations
    by_unit: dict[str, list[float]] = {"千人": [], "百万円": []}
    for row in sheet.iter_rows(min_row=4, values_only=True):
        unit = next((cell for cell in row if cell in by_unit), None)
        if unit:
            by_unit[unit] += [cell for cell in row if isinstance(cell, int | float)]
    assert len(by_unit["千人"]) > 15
    assert all(20 < number < 40 for number in by_unit["千人"])
    assert len(by_unit["百万円"]) > 10
    assert all(900 < number <= 10_000 for number in by_unit["百万円"])


def test_every_label_of_a_chart_is_in_one_unit(reader):
    for path in ("targets/1-1/", "kpis/1-ア-1-1/", "kpis/1-ア-1-2/"):
        page = reader.get(f"/strategies/plan/{path}").content.decode()
        labels = re.findall(r"<text[^>]*>(?:<[^>]*>)*([\d,.]+)<", page)
        assert len(labels) > 5
        assert all(float(label.replace(",", "")) < 40 for label in labels), labels


def texts_of_file(client, path: str) -> Iterator[str]:
    for sheet in book_of(client, path):
        for row in sheet.iter_rows():
            yield from (cell.value for cell in row if isinstance(cell.value, str))


def book_of(client, path: str):
    content = b"".join(client.get(f"/strategies/plan/{path}"))
    return load_workbook(io.BytesIO(content), data_only=True)
