"""Names of report files, and their entries in the log."""

from datetime import date

import pytest

from plans.narrowing import narrow
from plans.tree import read_tree
from reports.report_files import ascii_name, contents_for_log, report_name
from tests.factories import load_city, make_strategy

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


def test_a_file_is_named_after_plan_year_part_and_day():
    tree = read_tree(load_city().code, 2017)
    name = "根室市創生総合戦略_平成29年度実績_評価シート.xlsx"
    assert report_name(tree, "評価シート", "xlsx") == name
    part = narrow(tree, goal=1)
    assert "実績_基本目標1_評価" in report_name(part, "評価シート", "xlsx")


def test_a_file_as_of_a_day_is_named_after_it():
    tree = read_tree(load_city().code, 2017, as_of=date(2999, 1, 1))
    assert report_name(tree, "データ", "csv").endswith("_2999-01-01時点_データ.csv")


def test_signs_that_windows_refuses_are_not_in_a_name():
    tree = read_tree(make_strategy(title='A/B:"戦略"\n').code, 2019)
    assert report_name(tree, "データ", "csv") == "A／B：”戦略”_令和元年度実績_データ.csv"


def test_old_programs_get_a_name_in_ascii():
    tree = read_tree(load_city().code, 2017)
    assert ascii_name(tree, "measures", "xlsx") == "nemuro-2015_2017_measures.xlsx"


def test_that_name_says_the_day_that_was_asked_for_and_that_it_is_a_part():
    tree = narrow(read_tree(load_city().code, 2017, as_of=date(2999, 1, 1)), goal=1)
    assert ascii_name(tree, "data", "csv") == "nemuro-2015_2017_part_2999-01-01_data.csv"


def test_the_log_says_plan_year_part_and_counts():
    tree = narrow(read_tree(load_city().code, 2017), goal=1)
    assert contents_for_log(tree) == (
        "根室市創生総合戦略（nemuro-2015）、平成29年度（2017）、基本目標1、15指標、延べ32事業"
    )
