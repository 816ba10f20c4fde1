"""A plan goes out as 計画様式.xlsx and comes in again as the same plan."""

import io
import json
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from goals.models import Strategy
from plans.workbook.importing import PlanImporter
from tables.importing import carry_out, rehearse
from tables.uploads import accept
from tests.factories import FIXTURES, make_user
from tests.plan_of_other_levels import other_levels
from tests.plans.workbook.books import as_json, compared, faults_of, taken_in, written
from tests.plans.workbook.green_city import green_city

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

IN_TIME = {
    "versions", "revisions", "first_year", "last_year", "ending_reason", "former_titles",
    "replaced_by",
}  # fmt: skip
"""What a plan has of its revisions; a workbook has the plan as it is now."""


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def without_time(data: Any) -> Any:
    if isinstance(data, dict):
        grants = {"grants"} & data.keys()
        return {
            key: value if key in grants else without_time(value)
            for key, value in data.items()
            if key not in IN_TIME
        }
    return [without_time(one) for one in data] if isinstance(data, list) else data


@pytest.mark.parametrize(
    "plan",
    [
        fixture("nemuro_2015"),
        without_time(fixture("shiraho_2020")),
        without_time(other_levels()),
    ],
    ids=["nemuro", "shiraho", "other levels"],
)  # fmt: skip
def test_a_plan_goes_out_and_comes_in_the_same(plan):
    code = plan["strategy"]["code"]
    content = written(plan)
    assert faults_of(compared(content)) == []
    assert not Strategy.objects.exists()
    found = taken_in(content)
    assert found.is_new
    assert as_json(code) == plan
    assert Strategy.objects.get().is_draft
    again = compared(written(as_json(code)))
    assert (again.changes, again.gone, again.is_new) == ([], [], False)


@pytest.mark.parametrize(
    "make_content",
    [
        lambda: written(fixture("nemuro_2015")),
        lambda: written(without_time(other_levels())),
        green_city,
    ],
    ids=["nemuro", "grants", "values"],
)
def test_a_workbook_is_compared_and_taken_in_with_few_queries(make_content):
    importer = PlanImporter(make_user(Role.PLANNING))
    book = importer.read(accept("計画様式.xlsx", make_content()))
    with CaptureQueriesContext(connection) as queries:
        [found] = rehearse(importer, [book])
    assert len(queries) <= 60
    with CaptureQueriesContext(connection) as queries:
        carry_out(importer, [book], [found.digest])
    assert len(queries) <= 62  # the log of the import
    with CaptureQueriesContext(connection) as queries:
        rehearse(importer, [book])
    assert len(queries) <= 60


def test_a_form_speaks_the_words_of_its_plan():
    """Also in its headers and help; the standard words are still read."""
    book = openpyxl.load_workbook(io.BytesIO(written(other_levels())))
    assert book.sheetnames[1:5] == ["政策の柱", "柱のめやす", "たば", "取組"]
    assert [cell.value for cell in book["取組"][3]][1:3] == ["政策の柱", "たば"]
    assert "施策" not in book["取組"]["B2"].value
