"""Formulas for auditors to recalculate: they give the judged result."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings

from indicators.rules.cases import percentage
from indicators.rules.judgement import assess, not_judged
from indicators.rules.targets import Period, Plan, TargetSpec
from indicators.rules.written_formulas import written_formulas
from tests.indicators.rules.test_judgement_properties import scales, situations

PERIOD = Period(2015, 2019)
NAMES = {"計画比": "pace", "進捗率": "completion", "達成率": "attainment"}


def write(number, least):
    text = f"{number:,.{max(least, -number.normalize().as_tuple().exponent)}f}"
    return text.replace("-", "▲")


def number_in(text):
    return Fraction(text.replace(",", "").replace("▲", "-").removesuffix("％"))


def calculate(text):
    """Return the exact result of a printed formula."""
    plain = text.replace(",", "").replace("▲", "-")
    for sign, python in zip("（）＋−×÷", "()+-*/", strict=True):
        plain = plain.replace(sign, python)
    assert re.fullmatch(r"[-0-9.()+*/]+", plain), text
    return eval(re.sub(r"\d+(\.\d+)?", r"Fraction('\g<0>')", plain))  # noqa: S307  (our own formula)


def written(actuals, fiscal_year=2017, yearly_targets=None, missing=None, **spec):
    actuals = {year: Decimal(value) for year, value in actuals.items()}
    yearly_targets = {year: Decimal(value) for year, value in (yearly_targets or {}).items()}
    for name in ("target", "baseline", "tolerance"):
        if name in spec:
            spec[name] = Decimal(spec[name])
    spec = {"kind": "level", "direction": "up", "yearly_targets": yearly_targets} | spec
    target = TargetSpec(**spec)
    found = assess(target, actuals, Plan(PERIOD), fiscal_year, missing)
    return [
        (formula.name, formula.words, formula.numbers, formula.result)
        for formula in written_formulas(target, actuals, PERIOD, found, write)
    ]


def test_a_level_by_its_pace():
    fertility = {"target": "1.49", "baseline": "1.37", "decimals": 2}
    assert written({2017: "1.43"}, **fertility) == [
        ("計画比", "（実績値−基準値）÷（目安値−基準値）", "（1.43−1.37）÷（1.442−1.37）", "83.3％"),
        (
            "目安値",
            "基準値＋（目標値−基準値）×経過年数÷計画の年数",
            "1.37＋（1.49−1.37）×3÷5",
            "1.442",
        ),
        ("進捗率", "（実績値−基準値）÷（目標値−基準値）", "（1.43−1.37）÷（1.49−1.37）", "50.0％"),
        ("達成率", "実績値÷目標値", "1.43÷1.49", "96.0％"),
    ]


def test_the_path_ends_in_a_target_year_of_its_own():
    earlier = {"target": "1.49", "baseline": "1.37", "decimals": 2, "target_year": 2018}
    words = {name: (text, numbers) for name, text, numbers, _ in written({2017: "1.43"}, **earlier)}
    assert words["目安値"] == (
        "基準値＋（目標値−基準値）×経過年数÷目標年度までの年数",
        "1.37＋（1.49−1.37）×3÷4",
    )
    formulas = written({2018: "1.43"}, 2018, **earlier)
    assert ("目安値", "目標年度のため、目標値", "", "1.49") in formulas
    formulas = written({2019: "1.43"}, 2019, **earlier)
    assert ("目安値", "目標年度を過ぎたため、目標値", "", "1.49") in formulas


def test_where_less_is_better_the_attainment_is_inverted():
    formula = written({2018: "500"}, 2018, target="473", baseline="580", direction="down")[-1]
    assert formula == ("達成率", "目標値÷実績値", "473÷500", "94.6％")


def test_a_total_writes_its_sum_out():
    pace, total, expected, *_ = written(
        {2015: "30", 2016: "45", 2017: "50"}, kind="total", target="200"
    )
    assert pace == ("計画比", "累計÷目安値", "125÷120", "104.2％")
    assert total == ("累計", "平成27年度から平成29年度までの実績値の合計", "30＋45＋50", "125")
    assert expected == ("目安値", "目標値×経過年数÷計画の年数", "200×3÷5", "120")


def test_a_running_total_is_not_added_up():
    formulas_ = written({2016: "45", 2017: "125"}, kind="total", target="200", running_total=True)
    assert formulas_[1] == (
        "累計", "平成29年度の実績値（前年度までの分を含む値で入力）", "", "125",
    )  # fmt: skip


def test_an_expected_value_that_was_typed_in_is_not_calculated():
    found = written({2017: "130"}, kind="total", target="200", yearly_targets={2017: "100"})
    assert found[2] == ("目安値", "平成29年度の年度別目標値", "", "100")


@pytest.mark.parametrize(
    ("actuals", "spec", "comparison"),
    [
        ({2017: "47000"}, {"kind": "every_year", "target": "46000"},
         ("実績値と目標値を比べる", "47,000＞46,000", "目標値を満たす")),
        ({2017: "2"}, {"kind": "every_year", "target": "0", "direction": "down"},
         ("実績値と目標値を比べる", "2＞0", "目標値を満たさない")),
        ({2017: "2370"}, {"kind": "restraint", "target": "2357", "baseline": "2389"},
         ("実績値と目安値を比べる", "2,370＞2,369.8", "目安値を満たす")),
        ({2017: "2350"}, {"kind": "restraint", "target": "2357", "baseline": "2389"},
         ("実績値と目標値を比べる", "2,350＜2,357", "目標値を満たさない")),
        ({2017: "0"}, {"kind": "milestone", "target": "1"},
         ("実績値と目標値を比べる", "0＜1", "目標値を満たさない")),
        ({2017: "76.0"}, {"target": "85.0", "baseline": "79.4", "tolerance": "2.0", "decimals": 1},
         ("実績値と基準値を比べる（許容幅を超えて悪いか）", "76.0＜79.4−2.0", "基準値より悪い")),
    ],
)  # fmt: skip
def test_a_comparison_is_said_in_words_and_numbers(actuals, spec, comparison):
    assert written(actuals, **spec)[0] == ("比較", *comparison)


def test_a_carried_value_is_calculated_with_the_years_of_its_own():
    formulas_ = written(
        {2016: "62.0"}, 2017, missing={2017: "not_surveyed"}, target="70.0", baseline="60.0",
        decimals=1, carry_years=1,
    )  # fmt: skip
    assert formulas_[1][2] == "60.0＋（70.0−60.0）×2÷5"


def test_what_is_just_below_100_says_why_it_stays_there():
    target = TargetSpec("total", "up", Decimal(100000))
    actuals = {2019: Decimal(99999)}
    found = assess(target, actuals, Plan(PERIOD), 2019)
    [completion] = [f for f in written_formulas(target, actuals, PERIOD, found, write) if f.decides]
    assert completion.result == "99.9％"
    assert "届いていないため99.9％とします。" in completion.note


def test_an_expected_value_that_was_rounded_says_so():
    target = TargetSpec("level", "up", Decimal(100), baseline=Decimal(0))
    period = Period(2015, 2021)
    actuals = {2015: Decimal(10)}
    found = assess(target, actuals, Plan(period), 2015)
    printed = written_formulas(target, actuals, period, found, write)
    [expected] = [formula for formula in printed if formula.name == "目安値"]
    assert (expected.numbers, expected.result) == ("0＋（100−0）×1÷7", "14.3")
    assert expected.note == "小数第2位を四捨五入しています。"


def test_without_a_value_only_the_expected_value_is_calculated():
    assert [f[0] for f in written({}, target="70", baseline="60")] == ["目安値"]
    assert written({}, kind="milestone", target="1") == []


def test_of_a_reading_that_is_not_confirmed_nothing_but_the_sum_is_calculated():
    target = TargetSpec("total", "up", Decimal(100))
    actuals = {2015: Decimal(3), 2016: Decimal(4)}
    found = not_judged(target, actuals, Plan(PERIOD), 2016)
    assert [f.numbers for f in written_formulas(target, actuals, PERIOD, found, write)] == ["3＋4"]


SIGNS = {"＝": lambda a, b: a == b, "＞": lambda a, b: a > b, "＜": lambda a, b: a < b}


def check(target, found, formula):
    """Fail if a printed formula does not give the judged result."""
    if not formula.numbers:
        return
    if formula.name in NAMES:
        exact = calculate(formula.numbers)
        assert percentage(exact) == getattr(found, NAMES[formula.name])
        assert number_in(formula.result) == Fraction(getattr(found, NAMES[formula.name]))
    elif formula.name == "累計":
        assert calculate(formula.numbers) == found.value == number_in(formula.result)
    elif formula.name == "目安値":
        exact = calculate(formula.numbers)
        half = Fraction(1, 2) / 10 ** (target.decimals + 1)
        assert abs(exact - Fraction(found.expected)) <= half
        assert number_in(formula.result) == Fraction(found.expected)
        assert bool(formula.note) == (exact != Fraction(found.expected))
    else:
        [sign] = set(formula.numbers) & set(SIGNS)
        left, right = formula.numbers.split(sign)
        assert SIGNS[sign](calculate(left), calculate(right))


@settings(max_examples=3 * settings.default.max_examples)
@given(situations(), scales())
def test_calculating_what_is_printed_gives_the_judged_figures(situation, scale):
    target, period = situation["target"], situation["plan"].period
    plan = Plan(period, scale)
    found = assess(**situation | {"plan": plan})
    target = plan.taken(target)
    printed = written_formulas(target, situation["actuals"], period, found, write)
    for formula in printed:
        check(target, found, formula)
    if found.judged_by:
        assert printed[0].decides
    names = {formula.name for formula in printed}
    for name, figure in NAMES.items():
        if getattr(found, figure) is not None and name != "計画比":
            assert name in names
    if found.pace is not None:
        assert names & {"計画比", "達成率"}
