"""Every year shows the sections that it had; open values go to sections that still exist."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Section, SectionSuccession
from accounts.roles import Role
from entry.answer_status import year_status
from entry.letters import section_parts
from entry.reminding import due_reminders
from entry.year_rows import year_rows
from indicators.duties import Duties
from indicators.entries import Entry
from indicators.models import FiscalYear, PastDuty
from indicators.recording import RecordingError, record
from plans.tree import read_plain_tree, read_tree
from plans.value_addresses import value_address
from tests.factories import (
    make_actual,
    make_evidence,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_section,
    make_user,
)
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def moved():
    """A KPI whose indicator went from 水産課 to 港湾課 in 2018, with a value of 2016."""
    old, new = make_section("水産課"), make_section("港湾課")
    kpi = make_kpi(indicator=make_indicator(new, code="fish"))
    PastDuty.objects.create(
        indicator=kpi.indicator, last_fiscal_year=2017, section=old, entered_by=old
    )
    make_actual(kpi.indicator, 2016)
    make_fiscal_year(2017)
    return kpi


def section(name):
    return Section.objects.get(name=name)


def abolish(name):
    Section.objects.filter(name=name).update(is_active=False)


def shown(tree):
    [listing] = tree.listings
    return listing.indicator.section, listing.indicator.entered_by


def test_a_tree_shows_the_sections_of_its_year_or_the_current_ones(moved):
    code = moved.strategy.code
    assert shown(read_tree(code, 2017)) == ("水産課", "水産課")
    assert shown(read_tree(code, 2018)) == ("港湾課", "港湾課")
    assert shown(read_plain_tree(code)) == ("港湾課", "港湾課")


def test_several_changes_each_hold_up_to_their_year(moved):
    first = make_section("漁政課")
    PastDuty.objects.create(
        indicator=moved.indicator, last_fiscal_year=2015, section=first, entered_by=first
    )
    code = moved.strategy.code
    assert [shown(read_tree(code, year))[0] for year in (2015, 2016, 2018)] == [
        "漁政課",
        "水産課",
        "港湾課",
    ]


def test_a_section_that_still_exists_enters_its_own_years(moved):
    old = make_user(Role.CLERK, section("水産課"))
    new = make_user(Role.CLERK, section("港湾課"))
    assert len(year_rows(2017, old)) == 1
    assert year_rows(2017, new) == []
    entry = Entry(indicator_id=moved.indicator.pk, fiscal_year=2017, value=Decimal(5))
    with pytest.raises(RecordingError, match="入力できるのは、水産課です"):
        record([entry], Change(by=new))
    record([entry], Change(by=old))


def test_open_years_of_an_ended_section_go_to_its_successor(moved):
    abolish("水産課")
    new = make_user(Role.CLERK, section("港湾課"))
    [row] = year_rows(2017, new)
    assert row.indicator.entered_by == "水産課"
    record(
        [Entry(indicator_id=moved.indicator.pk, fiscal_year=2017, value=Decimal(5))], Change(by=new)
    )


def test_a_successor_that_has_ended_too_is_skipped(moved):
    middle = make_section("中間課", is_active=False)
    PastDuty.objects.filter(indicator=moved.indicator).update(last_fiscal_year=2016)
    PastDuty.objects.create(
        indicator=moved.indicator, last_fiscal_year=2017, section=middle, entered_by=middle
    )
    abolish("水産課")
    duty = Duties([moved.indicator.pk]).of(moved.indicator, 2016)
    assert duty.entered_by_id == section("水産課").pk
    assert duty.entering_id == section("港湾課").pk


def test_status_and_letters_name_the_section_of_the_year_and_mail_reaches_the_current_one(moved):
    abolish("水産課")
    new = make_user(Role.CLERK, section("港湾課"), email="new@city.example")
    year = FiscalYear.objects.get(pk=2017)
    year.due_date = year.entry_opened_on
    year.save()
    [status] = year_status(year, year.due_date, section_ids=[section("港湾課").pk]).sections
    assert (status.name, status.counts.total) == ("水産課", 1)
    [part] = section_parts(2017, [section("港湾課").pk])
    assert part.head == "水産課長"
    [due] = due_reminders(year.due_date + timedelta(days=1))
    assert (due.section.name, due.recipients) == ("水産課", (new.email,))


def test_the_page_of_a_value_names_the_section_of_its_year(client, moved):
    make_actual(moved.indicator, 2018)
    client.force_login(make_user(Role.READER))
    place = read_tree(moved.strategy.code).listings[0].url
    pages = [client.get(value_address(place, year)).content.decode() for year in (2016, 2018)]
    assert ["<dt>担当課</dt><dd>水産課" in page for page in pages] == [True, False]
    assert ["<dt>担当課</dt><dd>港湾課" in page for page in pages] == [False, True]


def test_the_register_of_changes_names_the_section_of_the_year(client, moved):
    make_actual(moved.indicator, 2018)
    client.force_login(make_user(Role.AUDITOR))
    text = b"".join(client.get(reverse("changes_csv")).streaming_content).decode("utf-8-sig")
    of_year = {
        "2016": next(line for line in text.splitlines() if "実績値" in line and ",2016," in line),
        "2018": next(line for line in text.splitlines() if "実績値" in line and ",2018," in line),
    }
    assert "水産課" in of_year["2016"]
    assert "水産課" not in of_year["2018"]


def test_files_are_visible_to_the_sections_of_the_year_and_of_today(client, moved):
    make_evidence(moved.indicator, 2016)
    address = reverse("entry_evidence", args=[2016, "fish"])
    answers = []
    for name in ("水産課", "港湾課", "別の課"):
        client.force_login(make_user(Role.CLERK, make_section(name)))
        answers.append(client.get(address).status_code)
    assert answers == [200, 200, 403]


def test_the_database_keeps_one_row_for_a_year_and_sound_years():
    old, new = make_section("水産課"), make_section("港湾課")
    indicator = make_indicator(new)
    row = {"indicator": indicator, "last_fiscal_year": 2017, "section": old, "entered_by": old}
    PastDuty.objects.create(**row)
    SectionSuccession.objects.create(section=old, successor=new)
    for wrong in (
        lambda: PastDuty.objects.create(**row),
        lambda: SectionSuccession.objects.create(section=old, successor=new),
        lambda: SectionSuccession.objects.create(section=old, successor=old),
        lambda: Section.objects.create(
            name="逆", is_active=False, first_fiscal_year=2018, last_fiscal_year=2017
        ),
        lambda: Section.objects.create(name="使用中", last_fiscal_year=2017),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
