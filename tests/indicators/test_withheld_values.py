"""秘匿 of a value: who sets the mark and why, and where it stays."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from indicators.entries import WITHDRAWN, Entry
from indicators.models import Actual
from indicators.recording import RecordingError, record, withhold
from plans.value_addresses import listing_addresses, value_address
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_section,
    make_user,
)
from tests.importing import confirm, exported_rows, text_of, upload
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

YEAR = 2017


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def clerk(section):
    return make_user(Role.CLERK, section)


@pytest.fixture
def planning():
    return make_user(Role.PLANNING, make_section("総合政策室"))


@pytest.fixture
def value(section, clerk) -> Actual:
    return make_actual(make_indicator(section, code="visitors"), YEAR, 3, by=clerk)


def because(by, reason="3人だけのため。"):
    return Change(by=by, door=Door.PAGE, reason=reason)


def refusal(value, change, *, version=None):
    version = value.version if version is None else version
    with pytest.raises(RecordingError) as refused:
        withhold(value.pk, version, change, withheld=True)
    return str(refused.value)


@pytest.mark.both_databases
def test_a_mark_leaves_value_and_state_and_has_a_history(value, planning):
    Actual.objects.filter(pk=value.pk).update(state="confirmed")
    withhold(value.pk, value.version, because(planning), withheld=True)
    now = Actual.objects.get()
    assert (now.withheld, now.value, now.state) == (True, 3, "confirmed")
    assert now.version == value.version + 1
    row = Actual.history.latest("history_id")
    assert (row.withheld, row.history_user, row.history_change_reason) == (
        True, planning, "3人だけのため。",
    )  # fmt: skip


def test_a_mark_needs_a_reason_the_right_and_the_version_that_was_seen(value, clerk):
    assert "理由を入力してください" in refusal(value, because(clerk, " "))
    stranger = make_user(Role.CLERK, make_section("別の課"))
    assert "水産課です" in refusal(value, because(stranger))
    assert "変更しました" in refusal(value, because(clerk), version=9)
    Actual.objects.filter(pk=value.pk).update(state="confirmed")
    assert "確認済みです" in refusal(value, because(clerk))
    Actual.objects.filter(pk=value.pk).update(state="draft")
    make_fiscal_year(YEAR, is_open=False)
    assert "受付期間ではありません" in refusal(value, because(clerk))
    assert not Actual.objects.get().withheld


def test_what_has_no_value_cannot_be_withheld(value, clerk):
    Actual.objects.filter(pk=value.pk).update(value=None, availability="unpublished")
    assert "値がない年度は" in refusal(value, because(clerk))


def test_a_mark_stays_when_the_value_changes_or_is_entered_again(value, clerk):
    marked = withhold(value.pk, value.version, because(clerk), withheld=True)
    entry = {"indicator_id": value.indicator_id, "fiscal_year": YEAR}
    [changed] = record([Entry(**entry, version=marked.version, value=Decimal(4))], because(clerk))
    assert changed.withheld
    gone = Entry(**entry, version=changed.version, availability=WITHDRAWN)
    record([gone], because(clerk))
    record([Entry(**entry, value=Decimal(5))], because(clerk))
    assert Actual.objects.get().withheld


def test_a_section_marks_its_value_on_the_page_of_the_value(value, clerk, client):
    kpi = make_kpi(indicator=value.indicator)
    client.force_login(clerk)
    address_of_listing = listing_addresses([kpi.indicator_id])[kpi.indicator_id]
    page = value_address(address_of_listing, YEAR)
    address = f"/entry/{YEAR}/visitors/withheld/"
    assert f'href="{address}"' in client.get(page).content.decode()
    sent = {"mark": "set", "version": value.version}
    refused = client.post(address, sent).content.decode()
    assert "理由を入力してください" in refused
    done = client.post(address, sent | {"reason": "3人だけのため。"}, follow=True)
    said = done.content.decode()
    assert done.redirect_chain[0][0] == page
    assert '<span class="tag warn">秘匿</span>' in said
    assert "3人だけのため。" in said, "the history has the reason"


@pytest.mark.files
def test_exports_and_imports_carry_the_mark(value, planning, client):
    client.force_login(planning)
    withhold(value.pk, value.version, because(planning), withheld=True)
    header, *rows = exported_rows(client, Actual)
    assert [row[header.index("秘匿")] for row in rows] == ["はい"]
    version = rows[0][header.index("版")]
    rows = [["指標コード", "年度", "秘匿", "版"], ["visitors", str(YEAR), "いいえ", version]]
    assert "理由を入力してください" in text_of(upload(client, Actual, rows))
    confirm(client, Actual, upload(client, Actual, rows, reason="公表してよいと確かめた。"))
    assert not Actual.objects.get().withheld
