"""The address of a year's workbook: who gets it, under which name, and what is logged."""

import io
import pickle
from functools import partial
from hashlib import sha256
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.roles import Role
from accounts.sections import read_names
from indicators.duties import SectionsInTime
from indicators.evidence.lists import may_see_of
from indicators.models import Evidence
from reports.sheets.cover import Facts
from tests.factories import (
    load_city,
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def url(code: str, year: object = None) -> str:
    address = reverse("year_workbook", args=[code])
    return address if year is None else f"{address}?year={year}"


@pytest.fixture
def reader(client):
    user = make_user(Role.READER)
    client.force_login(user)
    return user


def heading(response) -> str:
    return openpyxl.load_workbook(io.BytesIO(response.getvalue()))["KPI"]["A1"].value


def test_the_address_is_below_that_of_the_strategy():
    assert url("nemuro-2015") == "/strategies/nemuro-2015/workbook/"


def test_anonymous_people_are_asked_to_log_in(client):
    strategy = make_strategy()
    response = client.get(url(strategy.code, 2015))
    assert response.status_code == 302
    assert response.url.startswith(reverse("login"))
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()


@pytest.mark.parametrize("role", list(Role))
def test_everybody_with_a_role_gets_it(client, role):
    strategy = make_strategy()
    client.force_login(make_user(role))
    response = client.get(url(strategy.code, 2015))
    assert response.status_code == 200
    assert response["Content-Type"] == XLSX


@pytest.mark.parametrize(
    ("role", "section", "seen"),
    [
        (Role.PLANNING, "", ["森.pdf", "海.pdf"]),
        (Role.AUDITOR, "", ["森.pdf", "海.pdf"]),
        (Role.CLERK, "水産課", ["海.pdf"]),
        (Role.HEAD, "農林課", ["森.pdf"]),
        (Role.READER, "水産課", []),
    ],
)
def test_it_lists_the_evidence_that_the_person_may_see(client, role, section, seen):
    measure = make_measure()
    for number, (name, office) in enumerate((("森", "農林課"), ("海", "水産課"))):
        kpi = make_kpi(measure, make_indicator(make_section(office)))
        Evidence.objects.create(
            indicator=kpi.indicator, fiscal_year=make_fiscal_year(2015), name=f"{name}.pdf",
            stored_as=name, size=1, sha256=f"{number}" * 64,
        )  # fmt: skip
    client.force_login(make_user(role, *[make_section(section)] * bool(section)))
    response = client.get(url(kpi.strategy.code, 2015))
    workbook = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    sheet = workbook["根拠資料"]
    assert [row[3] for row in sheet.values if row[3] and row[3].endswith(".pdf")] == seen
    changes = [str(text) for row in workbook["変更履歴"].values for text in row if text]
    named = {name for name in ("森.pdf", "海.pdf") if any(name in text for text in changes)}
    assert named == set(seen)


def test_the_question_who_may_see_evidence_can_be_put_in_another_process():
    clerk = make_user(Role.CLERK, make_section("水産課"))
    asked = partial(may_see_of, SimpleLazyObject(lambda: clerk))
    there = pickle.loads(pickle.dumps(Facts("書記", timezone.now(), asked)))
    sea, wood = (make_section(name).pk for name in ("水産課", "農林課"))
    names = read_names()
    assert there.may_see_evidence(SectionsInTime((), sea, sea, names), 2017)
    assert not there.may_see_evidence(SectionsInTime((), wood, wood, names), 2017)


def test_without_a_role_nobody_gets_it(client):
    strategy = make_strategy()
    client.force_login(make_user(None))
    assert client.get(url(strategy.code, 2015)).status_code == 403
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()


def test_an_export_arrives_under_its_japanese_name_and_is_logged(client, reader):
    """With who, what and digest. The city's workbook takes seconds, so it is made once."""
    response = client.get(url(load_city().code, 2017))
    disposition = response["Content-Disposition"]
    assert disposition.isascii()
    kind, old, name = disposition.split("; ")
    assert kind == "attachment"
    assert old == 'filename="nemuro-2015_2017_workbook.xlsx"'
    assert unquote(name) == "filename*=UTF-8''根室市創生総合戦略_平成29年度実績_検証報告書.xlsx"
    (event,) = Event.objects.filter(kind=Event.Kind.EXPORT)
    assert event.by == reader
    assert event.subject == "根室市創生総合戦略_平成29年度実績_検証報告書.xlsx"
    assert sha256(response.getvalue()).hexdigest() in event.detail
    for part in ("nemuro-2015", "平成29年度（2017）", "49指標", "96事業"):
        assert part in event.detail
    client.get(url(make_strategy(code="small").code, 2018))
    assert Event.objects.filter(kind=Event.Kind.EXPORT).count() == 2


def test_without_a_year_it_is_the_newest_one_with_values(client, reader):
    kpi = make_kpi()
    make_actual(kpi.indicator, 2016)
    assert "平成29年度 効果検証（平成28年度実績）" in heading(client.get(url(kpi.strategy.code)))


def test_the_year_may_be_written_in_either_calendar(client, reader):
    strategy = make_strategy()
    for year in (2018, "H30", "平成30"):
        assert "（平成30年度実績）" in heading(client.get(url(strategy.code, year)))


@pytest.mark.parametrize("year", ["2014", "2020", "abc", "9" * 5000, "-1", "2017.5"])
def test_an_unknown_year_is_not_found(client, reader, year):
    strategy = make_strategy()
    assert client.get(url(strategy.code, year)).status_code == 404
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()


def test_an_unknown_strategy_is_not_found(client, reader):
    assert client.get(url("atlantis-2015", 2017)).status_code == 404


def test_only_a_real_download_is_logged(client, reader):
    strategy = make_strategy()
    for method in (client.head, client.post):
        assert method(url(strategy.code, 2015)).status_code == 405
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()


def test_readers_see_their_word_and_those_who_enter_see_the_other(client):
    kpi = make_kpi()
    words = []
    for role in (Role.READER, Role.CLERK):
        client.force_login(make_user(role))
        content = client.get(url(kpi.strategy.code, 2015)).getvalue()
        sheet = openpyxl.load_workbook(io.BytesIO(content))["KPI"]
        texts = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
        words.append(("実績未把握" in texts, "未入力" in texts))
    assert words == [(True, False), (False, True)]


def test_the_number_of_queries_does_not_grow_with_the_plan(client, reader):
    kpi = make_kpi()
    for year in (2015, 2016, 2017):
        make_actual(kpi.indicator, year)
        make_fiscal_year(year)  # every model has a change from now on
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(kpi.strategy.code, 2015)).status_code == 200
        counts.append(len(queries))
        for _ in range(3):
            more = make_kpi(kpi.measure)
            make_actual(more.indicator, 2015)
            make_actual(more.indicator, 2016)
    assert counts[0] == counts[1]
