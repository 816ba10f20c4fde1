"""The command that records a value uses recording.py like every other entry point."""

import pytest
from django.core.management import CommandError, call_command

from accounts.roles import Role
from indicators.models import Actual
from tests.factories import make_fiscal_year, make_indicator, make_section, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def clerk():
    make_fiscal_year(2017)
    return make_user(Role.CLERK, make_section("水産課"))


@pytest.fixture
def indicator(clerk):
    return make_indicator(make_section("水産課"), code="catch", unit="円", display_unit="千円")


def run(capsys, *arguments, by, **options):
    call_command("record_value", *arguments, by=by.username, **options)
    return capsys.readouterr().out


def test_a_value_is_recorded_in_the_display_unit(capsys, indicator, clerk):
    out = run(capsys, "catch", "平成29", "1,234", by=clerk, remarks="漁協の資料")
    assert "平成29年度（2017）、1,234千円（版1）" in out
    actual = Actual.objects.get()
    assert (actual.value, actual.remarks) == (1_234_000, "漁協の資料")
    assert (actual.history.get().door, actual.history.get().history_user) == ("command", clerk)


def test_an_absence_is_recorded(capsys, indicator, clerk):
    assert "未公表（版1）" in run(capsys, "catch", "2017", by=clerk, availability="unpublished")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cod", "2017", "1"), "コード「cod」の指標はありません"),
        (("catch", "来年", "1"), "来年"),
        (("catch", "2017", "12..3"), "「12..3」は数として読めません"),
        (("catch", "2017", "-5"), "0以上の値を入力してください"),
        (("catch", "2018", "5"), "まだ作られていません"),
        (("catch", "2017"), "実績値を入力するか"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_recorded(
    capsys, indicator, clerk, arguments, message
):
    with pytest.raises(CommandError, match="。") as error:
        run(capsys, *arguments, by=clerk)
    assert message in str(error.value)
    assert not Actual.objects.exists()


def test_a_stranger_is_refused(capsys, indicator):
    with pytest.raises(CommandError, match="入力できるのは、水産課です"):
        run(capsys, "catch", "2017", "5", by=make_user(Role.CLERK, make_section()))
