"""The target beside a value in grid, Excel form, letters and answers: all of it, also as words."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from entry.excel.columns import Header
from tests.entry.excel_forms import Paper, form_for
from tests.factories import (
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

RANGE = {"kind": "level", "target": Decimal(20), "upper": Decimal(30)}
DESCRIBED = {"kind": "described", "target": None, "sentence": "空き家条例を定める"}
ABOVE = {"kind": "every_year", "target": None, "relation": "previous_year"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (RANGE, "20.0～30.0％"),
        (DESCRIBED, "空き家条例を定める"),
        (ABOVE, "前年度の値以上"),
    ],
)
def test_every_entry_page_shows_the_whole_target(client, fields, said):
    make_fiscal_year(2017)
    section = make_section()
    indicator = make_indicator(section, name="指標", unit="％", decimals=1)
    make_kpi(make_measure(make_goal(make_strategy())), indicator, **fields)
    clerk, head = make_user(Role.CLERK, section), make_user(Role.HEAD, section)
    paper = Paper(form_for(clerk))
    cell = paper.sheet.cell(paper.header_row() + 1, paper.column(Header.TARGET))
    assert cell.value == said
    client.force_login(clerk)
    assert f"目標 {said} " in text_of(client.get("/entry/2017/"))
    assert said in text_of(client.get("/entry/2017/report/"))
    client.force_login(head)
    assert said in text_of(client.get("/entry/2017/answer/?state=all"))
    client.force_login(make_user(Role.PLANNING))
    assert said in text_of(client.get("/entry/2017/inquiry/"))
