"""How a listing was judged, written out for its page."""

from decimal import Decimal

import pytest

from plans.tree import read_tree
from plans.written_calculation import EXPECTED_RULE, FIGURES_RULE, calculation_of
from tests.factories import load_city, make_actual, make_indicator, make_kpi, make_values
from tests.indicators.rules.test_written_formulas import NAMES, calculate, number_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def calculated(kpi, year=2017):
    return calculation_of(read_tree(kpi.strategy.code, year).listings[0])


@pytest.mark.parametrize("city", ["nemuro_2015", "shiraho_2020"])
def test_all_figures_of_a_real_plan_can_be_calculated_again(city):
    strategy = load_city(city)
    make_values(strategy)
    count = 0
    for year in strategy.period:
        for listing in read_tree(strategy.code, year).listings:
            found, calculation = listing.assessment, calculation_of(listing)
            for formula in calculation.formulas:
                if formula.name in NAMES and formula.numbers:
                    figure = getattr(found, NAMES[formula.name])
                    exact = calculate(formula.numbers) * 100
                    assert abs(exact - number_in(formula.result)) <= Decimal("0.05")
                    assert number_in(formula.result) == figure
                    count += 1
            if found.judged_by:
                assert calculation.formulas[0].decides
                assert [row.word for row in calculation.boundaries if row.is_current]
    assert count > 50


def test_a_total_names_the_values_that_went_in_with_their_pages():
    kpi = make_kpi()
    for year, value in ((2015, 30), (2016, 45), (2017, 50)):
        make_actual(kpi.indicator, year, value)
    calculation = calculated(kpi)
    assert [(year, value) for year, value, _ in calculation.used] == [
        ("平成27年度", "30人"), ("平成28年度", "45人"), ("平成29年度", "50人"),
    ]  # fmt: skip
    assert calculation.used[0][2].endswith("/kpis/1-ア-1-1/values/2015/")
    assert calculation.formulas[1].numbers == "30＋45＋50"
    assert calculation.rules == (FIGURES_RULE, EXPECTED_RULE)


def test_a_carried_value_is_calculated_as_that_of_its_year():
    measured = {"baseline": Decimal(50), "baseline_kind": "measured"}
    kpi = make_kpi(
        indicator=make_indicator(carry_years=1), kind="level", target=Decimal(100), **measured
    )
    make_actual(kpi.indicator, 2016, 75)
    make_actual(kpi.indicator, 2017, None, availability="not_surveyed")
    calculation = calculated(kpi)
    assert calculation.year == "平成28年度"
    assert [year for year, *_ in calculation.used] == ["平成28年度"]
    assert calculation.formulas[1].numbers == "50＋（100−50）×2÷5"


def test_amounts_are_calculated_in_the_display_unit_with_all_decimals():
    yen = make_indicator(unit="円", display_unit="百万円")
    kpi = make_kpi(indicator=yen, target=10_000_000_000)
    make_actual(yen, 2017, 5_127_123_456)
    pace, *_ = calculated(kpi).formulas
    assert (pace.numbers, pace.result) == ("5,127.123456÷6,000", "85.5％")


def test_nothing_is_calculated_from_an_unconfirmed_reading():
    kpi = make_kpi(confirmed_at=None)
    make_actual(kpi.indicator, 2017, 10)
    calculation = calculated(kpi)
    assert [formula.name for formula in calculation.formulas] == ["累計"]
    assert calculation.boundaries == ()


def test_a_page_is_shown_for_a_target_that_breaks_a_rule():
    kpi = make_kpi()
    make_actual(kpi.indicator, 2017, 50)
    kpi.yearly_targets.create(fiscal_year=2019, value=150)  # T is 200
    assert calculated(kpi).boundaries == ()
