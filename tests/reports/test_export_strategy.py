"""manage.py export_strategy: what it prints, and what it says when it cannot."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import FIXTURES, load_city, make_values

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


def export(*arguments: str) -> str:
    printed = StringIO()
    call_command("export_strategy", *arguments, stdout=printed)
    return printed.getvalue()


@pytest.mark.parametrize("name", ["nemuro_2015", "shiraho_2020"])
def test_it_prints_the_file_that_was_loaded(name):
    strategy = load_city(name)
    assert export(strategy.code) == (FIXTURES / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("year", ["2017", "平成29", "H29", "平成29年度（2017）"])
def test_a_fiscal_year_may_be_written_in_either_calendar(year):
    strategy = load_city()
    make_values(strategy)
    document = json.loads(export(strategy.code, "--fiscal-year", year))
    assert document["fiscal_year"] == 2017
    listing = document["goals"][0]["numeric_targets"][0]
    assert listing["assessment"]["fiscal_year"] == 2017


def test_without_a_year_nothing_is_judged_but_the_values_are_there():
    strategy = load_city()
    make_values(strategy)
    document = json.loads(export(strategy.code))
    listing = document["goals"][0]["numeric_targets"][0]
    assert document["fiscal_year"] is None
    assert listing["assessment"] is None
    assert listing["actuals"]


def test_an_unknown_code_is_answered_with_the_known_ones():
    load_city()
    with pytest.raises(CommandError) as error:
        export("nemuro-2020")
    assert "コード「nemuro-2020」の総合戦略はありません" in str(error.value)
    assert "nemuro-2015" in str(error.value)


def test_without_any_strategy_it_says_so():
    with pytest.raises(CommandError, match="登録されているコード：まだありません"):
        export("nemuro-2015")


def test_a_year_outside_the_plan_is_answered_with_its_years():
    load_city()
    with pytest.raises(CommandError) as error:
        export("nemuro-2015", "--fiscal-year", "2020")
    message = str(error.value)
    assert "令和2年度（2020）" in message
    assert "平成27年度～令和元年度" in message
    assert "指定してください" in message


def test_what_is_not_a_year_is_answered_with_how_to_write_one():
    load_city()
    with pytest.raises(CommandError) as error:
        export("nemuro-2015", "--fiscal-year", "来年")
    assert "「来年」は年度として読めません" in str(error.value)
    assert "2019" in str(error.value)


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("2018-02-30", "「2018-02-30」という日はありません"),
        ("来週", "「来週」は日付として読めません"),
        ("2199-01-01", "まだ来ていません。今日（"),
        ("2001-01-01", "「nemuro-2015」はまだ登録されていませんでした"),
    ],
)
def test_a_day_that_cannot_be_shown_is_answered_with_what_to_ask_for(day, message):
    load_city()
    with pytest.raises(CommandError, match=message):
        export("nemuro-2015", "--as-of", day)
