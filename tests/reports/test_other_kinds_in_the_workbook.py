"""Listings without a number of their own in 検証報告書: formulas compute what pages show."""

from decimal import Decimal
from typing import Any

import pytest

from indicators.rules.targets import Period
from indicators.rules.terms import Scale
from tests.formula_evaluation import evaluated
from tests.recalculation import recalculated
from tests.reports.listings_in_memory import Listed, Plan, tree_of
from tests.reports.test_recalculation import (
    assert_as_on_the_page,
    assert_as_stored,
    assert_same_results,
    judged_workbook,
)

pytestmark = [pytest.mark.one_database]

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

GROUPS = {"monitors": MONITORS}


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
