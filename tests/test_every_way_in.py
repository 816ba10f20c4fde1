"""Every way in refuses a stale version and names the person who was faster."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.roles import Role
from indicators.entries import Entry
from indicators.models import Actual
from indicators.recording import RecordingError, record
from tests.factories import make_actual, make_fiscal_year, make_indicator, make_section, make_user
from tests.html import form_data, told
from tests.importing import exported_rows, text_of, upload
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FASTER = "見本 花子が「8"


@pytest.fixture
def value():
    """A value of version 1 that is on the pages of both users."""
    section = make_section("水産課")
    make_fiscal_year(2017)
    return make_actual(make_indicator(section, code="catch"), 2017, 7, by=make_user(Role.PLANNING))


@pytest.fixture
def slower(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


def be_faster(value):
    """Change the value to 8 as a colleague."""
    colleague = make_user(Role.CLERK, value.indicator.section, full_name="見本 花子")
    make_actual(value.indicator, 2017, 8, by=colleague, version=1)


def through_page(client, value, url):
    """Open a page of the admin, let somebody be faster, then save 9."""
    data = form_data(client.get(url).content.decode())
    be_faster(value)
    response = client.post(url, data | {"actuals-0-value": "9"})
    return told(response)


def through_indicator(client, slower, value):
    url = reverse("admin:indicators_indicator_change", args=[value.indicator_id])
    return through_page(client, value, url)


def through_year(client, slower, value):
    return through_page(client, value, reverse("admin:indicators_fiscalyear_change", args=[2017]))


def through_import(client, slower, value):
    header, row = exported_rows(client, Actual)
    row[header.index("実績値")] = "9"
    be_faster(value)
    return text_of(upload(client, Actual, [header, row]))


def through_command(client, slower, value):
    be_faster(value)
    with pytest.raises(CommandError) as error:
        call_command("record_value", "catch", "2017", "9", by=slower.username, seen_version=1)
    return str(error.value)


def through_shell(client, slower, value):
    be_faster(value)
    entry = Entry(indicator_id=value.indicator_id, fiscal_year=2017, version=1, value=9)
    with pytest.raises(RecordingError) as error:
        record([entry], Change(by=slower, door=Door.COMMAND))
    return str(error.value)


WAYS = [through_indicator, through_year, through_import, through_command, through_shell]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.removeprefix("through_"))
def test_a_stale_version_is_refused_and_the_other_person_named(client, slower, value, way):
    assert FASTER in way(client, slower, value)
    value.refresh_from_db()
    assert (value.value, value.version) == (8, 2)
    assert Actual.history.count() == 2
