"""秘匿: what the public may see of a tree does not depend on what a withheld value is."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest

from indicators.rules.terms import Status
from plans.charting import chart_of
from plans.comparison import Trend, compare
from reports.review_workbook import write_judged_sheets
from reports.strategy_json import strategy_as_json
from reviews.editions.confirmed import confirmed_only
from reviews.editions.withholding import public_tree
from tables.sheet_cells import printed_workbook
from tests.formula_evaluation import evaluated
from tests.nodes import actual_node, indicator_node, listing_node, tree_of
from tests.recalculation import formulas
from tests.reports.listings_in_memory import PLANS, drawn_for
from tests.reports.listings_in_memory import tree_of as tree_of_listings

LABEL = "秘匿（人数が少ないため公表しません）"
YEAR = 2017


def withheld(year, value, **fields):
    return actual_node(year, value, withheld=True, **fields)


def plan(few, *, year=YEAR):
    """Return a plan with listings that rest on the value of 2016, which is `few`."""
    marked = withheld(2016, few, numerator=Decimal(few), denominator=Decimal(100), remarks="少数。")
    level = indicator_node({2015: 9, 2016: marked, 2017: actual_node(2017, 8, remarks="前年比増")})
    adding = indicator_node({2015: 10, 2016: withheld(2016, few), 2017: 20})
    running = indicator_node(
        {2015: 10, 2016: withheld(2016, 10 + few), 2017: 30 + few}, running_total=True
    )
    carried = indicator_node({2016: withheld(2016, few), 2017: "unpublished"}, carry_years=1)
    named = {
        "level": {"indicator": level, "kind": "level"},
        "again": {"indicator": level, "first_listing": False},
        "adding": {"indicator": adding, "kind": "total"},
        "running": {"indicator": running, "kind": "total"},
        "carried": {"indicator": carried},
        "after": {
            "indicator": indicator_node({2016: withheld(2016, few), 2017: 5}),
            "relation": "previous_year",
            "target": None,
        },
        "against": {
            "indicator": indicator_node({2016: 7, 2017: 7}),
            "relation": "reference",
            "reference": level,
            "target": None,
        },
        "other": {"indicator": indicator_node({2016: 111, 2017: 112})},
    }
    return tree_of(
        *(listing_node(name=name, year=year, **fields) for name, fields in named.items()),
        fiscal_year=year,
    )


def steady(tree):
    """Return what a tree says in every year, without the numbers by which tests tell nodes."""
    said = [json.dumps(strategy_as_json(tree), ensure_ascii=False)]
    for listing in tree.listings:
        for year in listing.period:
            said += [repr(listing.assess(year)), repr(listing.look_ahead(year))]
        said.append(repr(listing.expected_by_year))
    return said


def by_name(tree):
    return {listing.name: listing for listing in tree.listings}


@pytest.mark.parametrize("year", [2016, 2017, 2019])
def test_nothing_public_depends_on_a_withheld_value(year):
    few = plan(3, year=year)
    many = _with_values_of(few, plan(77, year=year))
    assert steady(few) != steady(many), "inside, the value is seen"
    assert steady(public_tree(few)) == steady(public_tree(many))


def _with_values_of(tree, other):
    """Return the tree with the values of another, and everything else as it is."""
    values = {name: listing.indicator for name, listing in by_name(other).items()}

    def changed(listing):
        indicator = replace(listing.indicator, actuals=values[listing.name].actuals)
        reference = listing.reference and replace(
            listing.reference, actuals=values["level"].actuals
        )
        return replace(listing, indicator=indicator, reference=reference)

    [goal] = tree.goals
    [group] = goal.groups
    [measure] = group.measures
    measure = replace(measure, kpis=tuple(map(changed, measure.kpis)))
    group = replace(group, measures=(measure,))
    return replace(tree, goals=(replace(goal, groups=(group,)),))


def test_what_rests_on_a_withheld_value_says_so():
    public = by_name(public_tree(plan(3)))
    actual = public["level"].indicator.actuals[2016]
    assert (actual.value, actual.numerator, actual.availability_label) == (None, None, LABEL)
    assert public["level"].indicator.actuals[2017].remarks == ""
    hidden = {
        name: [year for year in range(2015, 2018) if listing.assess(year).label == LABEL]
        for name, listing in public.items()
    }
    assert hidden == {
        "level": [2016],
        "again": [2016],
        "adding": [2016, 2017],
        "running": [2016, 2017],
        "carried": [2016, 2017],
        "after": [2016, 2017],
        "against": [2016],
        "other": [],
    }
    assert public["running"].indicator.actuals[2017].value is None, "a difference reveals 2016"
    assert public["adding"].indicator.actuals[2017].value == 20
    assert public["adding"].assessment.status == Status.NO_JUDGEMENT
    assert compare(public["level"]).trend == Trend.NONE
    assert "公表しません" in public["adding"].outlook.explanation


def test_a_last_year_does_not_tell_whether_a_withheld_year_missed_its_target():
    values = {2015: 200, 2016: withheld(2016, 3), 2017: 200, 2018: 200, 2019: 200}
    listing = listing_node(values, year=2019)
    assert listing.assessment.note == "途中年度に未達成あり"
    [public] = public_tree(tree_of(listing)).listings
    assert public.assessment.label == LABEL
    assert public.assess(2018).status == Status.ON_TRACK


def test_a_confirmed_tree_compares_with_confirmed_values_only():
    draft = indicator_node({2016: 5, 2017: actual_node(2017, 6, state="draft")})
    listing = listing_node({2017: 7}, relation="reference", reference=draft, target=None)
    assert listing.assessment.status == Status.ON_TRACK
    [confirmed] = confirmed_only(tree_of(listing)).listings
    assert confirmed.assessment.note == "比べる値がない"
    assert list(confirmed.reference.actuals) == [2016]


def test_without_withheld_values_all_is_public_but_what_comes_later():
    [public] = public_tree(tree_of(listing_node({2016: 111, 2017: 112, 2018: 113}))).listings
    assert list(public.indicator.actuals) == [2016, 2017]
    assert public.assessment == listing_node({2016: 111, 2017: 112}).assessment


@pytest.mark.parametrize("plan_number", [3, 5])
def test_the_public_sheets_of_listings_of_all_sorts_are_the_same_whatever_is_withheld(plan_number):
    """Each second listing has a withheld value; every other one has a number of any size there."""
    drawn = PLANS[plan_number]
    tree = tree_of_listings(drawn, drawn_for(drawn, 40))
    content, other = (judged_sheets(public_tree(_marked(tree, few))) for few in (3, 70_000))
    assert content == other
    stored, computed = formulas(content), evaluated(content)
    differing = {
        at: (one.formula, one.result, computed[at].result)
        for at, one in stored.items()
        if one.result != computed[at].result
    }
    assert differing == {}


def _marked(tree, few):
    """Return a tree in which a year of every second listing has a withheld value."""

    def marked(listing):
        if listing.position % 2:
            return listing
        period = listing.period
        year = period.first + listing.position % (period.last - period.first + 1)
        actuals = {**listing.indicator.actuals, year: withheld(year, few, pk=1)}
        return replace(listing, indicator=replace(listing.indicator, actuals=actuals))

    [goal] = tree.goals
    [group] = goal.groups
    [measure] = group.measures
    measure = replace(measure, kpis=tuple(map(marked, measure.kpis)))
    group = replace(group, measures=(measure,))
    return replace(tree, goals=(replace(goal, groups=(group,)),))


def judged_sheets(tree):
    output = BytesIO()
    with printed_workbook(output) as workbook:
        workbook.set_properties({"created": datetime(2019, 1, 20, tzinfo=UTC).replace(tzinfo=None)})
        write_judged_sheets(workbook, tree)
    return output.getvalue()


def test_the_text_of_a_chart_says_why_a_value_is_in_no_sum():
    adding = by_name(public_tree(plan(3)))["adding"]
    text = chart_of(adding).description
    assert "平成27年度は累計10人（その年度は10人、" in text
    assert "平成29年度は20人（累計は秘匿、" in text
    assert "目標年度の後" not in text
