"""After 統合, 分割, 改称 and 廃止, everything about the years before is unchanged."""

import re
from datetime import date
from io import BytesIO

import pytest
from django.db import transaction
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Section
from accounts.roles import Role
from goals.models import Strategy
from indicators.models import FiscalYear, Indicator
from plans.nodes import KPI_MODEL
from plans.tree import read_tree
from plans.value_addresses import value_address
from reports.sheets.addresses import CHANGES
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_section,
    make_user,
)
from tests.html import sent_untouched
from tests.quick_trees import plans_read_once

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

YEARS = (2016, 2017)
"""One year has ended, one is open. The acts apply from 2018 on."""

PAGES = (
    "overview", "plan_list", "projects", "year_document", "council_paper", "assembly_paper",
    "report_choice", "slides",
)  # fmt: skip
ENTRY_PAGES = ("entry_grid", "entry_status", "entry_answer", "entry_report", "entry_inquiry")
WORKBOOKS = ("year_workbook", "measures_xlsx", "council_xlsx", "assembly_xlsx")


@pytest.fixture
def city(client, monkeypatch):
    """A plan of 水産課 and 港湾課; 水産課 enters one indicator of the other. Autumn of 2018."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: date(2018, 10, 1))
    fish, port = make_section("水産課", department="経済部"), make_section("港湾課", position=1)
    goal = make_goal()
    measure = make_measure(goal)
    for section, enters in ((fish, fish), (port, port), (port, fish)):
        indicator = make_indicator(section, entered_by=enters)
        make_kpi(measure, indicator)
        make_actual(indicator, 2016, 10)
    make_numeric_target(goal, make_indicator(fish))
    make_user(Role.CLERK, fish)
    make_fiscal_year(2016, is_open=False, entry_ended_on=date(2017, 9, 1))
    make_fiscal_year(2017)
    client.force_login(make_user(Role.PLANNING))
    return goal.strategy


def pages(plan: Strategy, year: int) -> list[str]:
    tree = read_tree(plan.code, year)
    found = [f"{reverse(name, args=[plan.code])}?year={year}" for name in PAGES]
    found += [f"{one.url}?year={year}" for one in (*tree.goals, *tree.goals[0].measures)]
    found += [f"{one.url}?year={year}" for one in tree.listings]
    found += [f"{value_address(one.url, year)}?year={year}" for one in tree.listings]
    found += [f"{reverse('search', args=[plan.code])}?year={year}&q=水産課"]
    section = tree.listings[0].indicator.section_id
    found += [f"{reverse('listings', args=[plan.code])}?year={year}&section={section}"]
    return found + [reverse(name, args=[year]) for name in ENTRY_PAGES]


def text_of(response) -> str:
    """Return a page without what differs at each request."""
    html = response.content.decode()
    html = re.sub(r'(csrfmiddlewaretoken" value|nonce|csrf-token" content)="[^"]*"', "", html)
    html = re.sub(r'(name="r\d+-page" value)="[^"]*"', "", html)  # the name of each page
    return re.sub(r"\d{1,2}時\d\d分に印刷", "", html)


def content_of(response) -> bytes:
    return response.content if hasattr(response, "content") else b"".join(response)


def cells_of(response) -> dict[str, list[tuple]]:
    book = load_workbook(BytesIO(content_of(response)), read_only=True)
    return {
        sheet.title: [row for row in sheet.iter_rows(values_only=True) if row[:1] != ("出力",)]
        for sheet in book
    }


@plans_read_once()
def everything(client, plan: Strategy) -> dict[str, object]:
    """Return all pages and files of the years, by address."""
    found: dict[str, object] = {}
    for year in YEARS:
        for address in pages(plan, year):
            response = client.get(address)
            assert response.status_code == 200, address
            found[address] = text_of(response)
        for name in ("data_json", "data_csv"):
            address = reverse(name, args=[plan.code, year])
            found[address] = content_of(client.get(address))
    for name in WORKBOOKS:
        address = f"{reverse(name, args=[plan.code])}?year=2016"
        found[address] = cells_of(client.get(address))
    address = reverse("entry_form", args=[2017])
    found[address] = cells_of(client.get(address))
    return found


def act(client, kind: str, typed: dict) -> None:
    """Carry an act out through its pages; everything without a destination goes to 港湾課."""
    address = reverse("admin:accounts_section_reorganise", args=[kind])
    asked = {"first_fiscal_year": "2018", "reason": "機構改革", "preview": "1"} | typed
    sent = sent_untouched(client.post(address, asked).content.decode())
    if kind == "split":
        own = Indicator.objects.filter(entered_by__name="水産課")
        sent |= {f"indicator-{one.pk}": ["加工課"] for one in own}
        people = Section.objects.get(name="水産課").users.all()
        sent |= {f"user-{one.pk}": ["漁業課"] for one in people}
    page = client.post(address, sent | {"confirm": "1"}, follow=True).content.decode()
    assert "を実行しました" in page


def test_the_years_before_an_act_stay_as_they_were(client, city):
    fish, port = (Section.objects.get(name=name).pk for name in ("水産課", "港湾課"))
    acts = {
        "merge": {"sections": [fish, port], "name": "水産港湾課"},
        "split": {"section": fish, "names": "漁業課\n加工課"},
        "rename": {"section": fish, "name": "海の課"},
        "abolish": {"section": fish, "into": port},
    }
    before = everything(client, city)
    for kind, typed in acts.items():
        with transaction.atomic():
            act(client, kind, typed)
            assert_as_it_was(kind, before, everything(client, city))
            assert "水産課" not in sections_in_charge(city, 2018), kind
            assert FiscalYear.objects.get(pk=2016).has_ended
            transaction.set_rollback(True)
        assert "水産課" in sections_in_charge(city, 2018), "the act is taken back before the next"


def assert_as_it_was(kind: str, before: dict[str, object], after: dict[str, object]) -> None:
    assert before.keys() == after.keys()
    for address in before:
        old, new = before[address], after[address]
        if isinstance(old, dict):
            # The sheet of changes includes the act itself; its earlier rows are still there.
            log, newer = old.get(CHANGES, []), new.get(CHANGES, [])
            rows = set(newer)
            assert [row for row in log if str(row[0]).startswith("20") and row not in rows] == []
            assert old.keys() == new.keys()
            for sheet in old.keys() - {CHANGES}:
                changed = [p for p in zip(old[sheet], new[sheet], strict=True) if p[0] != p[1]]
                assert changed == [], f"{kind}: {address}: {sheet}"
        else:
            assert old == new, f"{kind}: {address}"


def sections_in_charge(plan: Strategy, year: int) -> set[str]:
    listings = read_tree(plan.code, year).listings
    return {one.indicator.section for one in listings if one.model == KPI_MODEL}
