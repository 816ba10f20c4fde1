"""Listings without a number of their own in 検証報告書: formulas compute what pages show."""

from decimal import Decimal
from typing import Any

import pytest

from indicators.rules.targets import Period
from indicators.rules.terms import Scale
from tests import nodes
from tests.formula_evaluation import evaluated
from tests.nodes import actual_node
from tests.recalculation import recalculated
from tests.reports.listings_in_memory import Listed, Plan, tree_of
from tests.reports.test_recalculation import (
    assert_as_on_the_page,
    assert_as_stored,
    assert_same_results,
    judged_workbook,
)

pytestmark = [pytest.mark.one_database, pytest.mark.files]

PERIOD = Period(2015, 2019)
USUAL: dict[str, Any] = {"kind": "total", "direction": "up", "target": Decimal(200)}


def listed(values: dict[int, Any], *, decimals: int = 0, **fields: Any) -> Listed:
    """Return a listing with these fields; a number is a value, a text the reason for none."""
    return Listed(
        fields=fields,
        indicator={"decimals": decimals},
        values={y: v if isinstance(v, str) else Decimal(str(v)) for y, v in values.items()},
    )


MONITORS = (
    listed({2015: 30, 2016: 45}, **USUAL),
    listed({2015: 12, 2016: 14, 2017: 15}, kind="monitor", target=None),
    listed({2016: 14, 2017: "unpublished"}, kind="monitor", target=None),
    listed({2015: 12}, kind="monitor", target=None, confirmed_at=None),
    listed({}, kind="monitor", target=None, baseline=Decimal(3), baseline_kind="measured"),
)

RANGE = {"target": Decimal(20), "upper": Decimal(30)}
RANGES = tuple(
    listed(values, **fields, **RANGE)
    for values in (
        {2015: 10, 2016: 25, 2017: 19, 2018: 30, 2019: 37},
        {2015: 20, 2016: 31, 2017: 38, 2018: 5, 2019: 24},
        {2015: 0, 2016: 25, 2017: 61, 2018: 25, 2019: 9},
        {2016: 22, 2017: "unpublished"},
    )
    for fields in (
        {"kind": "level"},
        {"kind": "every_year"},
        {"kind": "level", "baseline": Decimal(10), "baseline_kind": "measured"},
        {"kind": "level", "target_year": 2017},
        {"kind": "total"},
    )
)
TURNED = (
    listed({2015: 25}, kind="level", target=Decimal(30), upper=Decimal(20)),
    listed({2015: 0, 2017: 5}, kind="every_year", target=Decimal(0), upper=Decimal(3)),
    listed({2015: -4, 2017: -9, 2019: -2}, kind="level", target=Decimal("-5"), upper=Decimal("-1")),
    listed({2015: 25}, kind="every_year", yearly_targets={2016: Decimal(3)}, **RANGE),
)

RELATIVE = tuple(
    listed(values, kind="every_year", target=None, relation=relation, direction=direction)
    for values in (
        {2014: 10, 2015: 12, 2016: 12, 2017: 11, 2018: 20, 2019: 21},
        {2015: 12, 2016: 9, 2017: 9, 2018: 9, 2019: 9},
        {2016: 12, 2017: "unpublished", 2018: 5, 2019: 0},
        {2014: 0, 2015: 0, 2016: 4, 2017: 30},
    )
    for relation in ("previous_year", "beyond_previous_year")
    for direction in ("up", "down")
)
WRONG = (
    listed({2015: 3, 2016: 4}, kind="level", target=None, relation="previous_year"),
    listed(
        {2015: 3, 2016: 4},
        kind="every_year",
        target=None,
        relation="previous_year",
        yearly_targets={2016: Decimal(3)},
    ),
)


def graded(grades: dict[int, str], **fields: Any) -> Listed:
    """Return a 記述目標 with the grades that a person chose by year."""
    values = {
        year: actual_node(year, "reported", grade=grade, remarks="条例を定めた。")
        for year, grade in grades.items()
    }
    usual = {"kind": "described", "target": None}
    return Listed(fields=usual | fields, indicator={}, values=values)


DESCRIBED = (
    graded({2015: "on_track", 2016: "behind", 2017: "achieved", 2019: "not_achieved"}),
    graded({2015: "slightly_behind"}),
    graded({2017: "mostly_on_track"}, confirmed_at=None),
    listed({2015: 9, 2016: 14, 2017: "unpublished"}, kind="described", target=None),
    listed({2015: 3, 2017: 3, 2019: 4}, kind="described", target=None),
    listed({2015: 30, 2016: 45}, **USUAL),
)

NATIONAL = nodes.indicator_node(
    {year: Decimal(value) for year, value in {2015: 11, 2016: 9, 2017: 10, 2019: "8.25"}.items()}
)
ZERO = nodes.indicator_node(
    {2014: Decimal(7), 2015: Decimal(0), 2017: Decimal(0), 2018: "unpublished"}
)
IN_THOUSANDS = nodes.indicator_node(
    {2015: Decimal(12000), 2017: Decimal(8500), 2019: Decimal(9000)},
    unit="円",
    display_unit="千円",
)
REFERENCED = (
    listed({2015: 1, 2016: 2, 2017: 3}, kind="monitor", target=None, indicator=NATIONAL),
    listed({}, kind="monitor", target=None, indicator=IN_THOUSANDS),
    *(
        listed(
            values,
            kind="every_year",
            target=None,
            relation=relation,
            direction=direction,
            reference=reference,
        )
        for values in (
            {2014: 10, 2015: 12, 2016: 9, 2017: 10, 2018: 20, 2019: 9},
            {2015: 11, 2016: 8, 2017: 7, 2019: 8},
            {2015: 0, 2016: 30, 2017: "unpublished"},
        )
        for relation in ("reference", "beyond_reference")
        for direction in ("up", "down")
        for reference in (NATIONAL, ZERO)
    ),
    Listed(
        fields={
            "kind": "every_year", "target": None, "relation": "reference",
            "reference": IN_THOUSANDS,
        },
        indicator={"unit": "円", "display_unit": "百万円"},
        values={2015: Decimal(12000), 2017: Decimal(8499), 2019: Decimal(9001)},
    ),
)  # fmt: skip
UNFIT = tuple(
    listed(
        {2015: 3, 2017: 4, 2019: 5}, kind=kind, target=None, relation="reference",
        reference=reference, yearly_targets=typed,
    )
    for kind, reference, typed in (
        ("every_year", IN_THOUSANDS, {}),
        ("every_year", nodes.indicator_node({2017: Decimal(3)}, running_total=True), {}),
        ("level", ZERO, {}),
        ("every_year", ZERO, {2016: Decimal(3)}),
        ("every_year", None, {}),
    )
)  # fmt: skip

GROUPS = {
    "described": DESCRIBED,
    "mixed": (*DESCRIBED, *MONITORS, *RANGES[:5]),
    "referenced": (*REFERENCED, *UNFIT),
    "relative": (*RELATIVE, *WRONG),
    "monitors": MONITORS,
    "ranges": (*RANGES, *TURNED),
}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("year", [2015, 2017, 2019])
def test_every_formula_is_that_of_the_rules(group, year):
    tree = tree_of(Plan(PERIOD, year, Scale()), GROUPS[group])
    content = judged_workbook(tree)
    computed = evaluated(content)
    assert_as_on_the_page(tree, computed)
    assert_as_stored(content, computed)


@pytest.mark.slow
def test_libreoffice_computes_them_alike():
    every = [one for group in GROUPS.values() for one in group]
    tree = tree_of(Plan(PERIOD, 2017, Scale()), every)
    content = judged_workbook(tree)
    computed = recalculated({"kinds": content})["kinds"]
    assert_as_on_the_page(tree, computed)
    assert_as_stored(content, computed)
    assert_same_results(evaluated(content), computed)
