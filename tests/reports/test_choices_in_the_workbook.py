"""The workbook follows what a plan chooses to judge by."""

import pytest

from indicators.rules.scales import read_scale
from indicators.rules.targets import Period
from indicators.rules.terms import Scale
from tests.formula_evaluation import evaluated
from tests.reports.listings_in_memory import Plan, drawn_for, tree_of
from tests.reports.test_recalculation import (
    assert_as_on_the_page,
    assert_as_stored,
    judged_workbook,
)

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

CHOICES = (
    {"far_above": "120", "level_figure": "share", "worsened_first": False, "on_track": "90",
     "attainment_on_track": True, "restraint": "attainment", "late_values": "asked_year",
     "marks": {"at_target": "☆"}},
    {"far_above": "110", "achieved": "90", "mostly_achieved": "70", "partly_achieved": "40",
     "level_figure": "completion", "restraint": "every_year", "late_values": "asked_year"},
    {"partly_achieved": "60", "worsened_first": False, "restraint": "attainment",
     "labels": {"achieved": "A", "partly_achieved": "C"}},
)  # fmt: skip


DRAWN = (70, 70, 120)
"""How many listings are drawn for each, so that some are judged otherwise than as usual."""


@pytest.mark.parametrize(("choices", "count"), [*zip(CHOICES, DRAWN, strict=True)])
@pytest.mark.parametrize("year", [2017, 2019])
def test_every_formula_follows_the_choices_of_the_plan(choices, count, year):
    plan = Plan(Period(2015, 2019), year, read_scale(choices))
    listed = drawn_for(plan, count)
    tree = tree_of(plan, listed)
    content = judged_workbook(tree)
    computed = evaluated(content)
    assert_as_on_the_page(tree, computed)
    assert_as_stored(content, computed)
    as_usual = Plan(plan.period, year, Scale())
    usual = tree_of(as_usual, listed)
    differing = [
        one
        for one, other in zip(tree.listings, usual.listings, strict=True)
        if one.assessment.status != other.assessment.status
    ]
    assert differing
