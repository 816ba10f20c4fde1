"""A plan's JSON read back as a tree: the same JSON, judgements and drawings come of it."""

import json
from decimal import Decimal

import pytest

from kpis.models import KPI
from plans.charting import chart_of
from plans.json_tree import tree_from_json
from plans.pages import READERS_WORDS
from plans.presentation import row_of
from plans.tree import read_tree
from reports.strategy_json import strategy_as_json
from tests.factories import load_city, make_revision, make_values
from tests.plan_of_other_levels import CODE, load_other_levels

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def assert_read_back(code: str, year: int) -> None:
    tree = read_tree(code, year, words=READERS_WORDS)
    data = json.loads(json.dumps(strategy_as_json(tree)))
    again = tree_from_json(data, READERS_WORDS)
    assert json.loads(json.dumps(strategy_as_json(again))) == data
    for before, now in zip(tree.listings, again.listings, strict=True):
        assert now.first_listing == before.first_listing
        assert chart_of(now) == chart_of(before), before.place
        assert now.assess(year - 1) == before.assess(year - 1)


def test_the_judgement_of_the_year_is_the_written_one():
    plan = load_city()
    make_values(plan)
    data = strategy_as_json(read_tree(plan.code, 2017, words=READERS_WORDS))
    written = data["goals"][0]["numeric_targets"][0]["assessment"]
    written |= {"label": "当時の判定", "status": "behind"}
    [listing, *_] = tree_from_json(data, READERS_WORDS).listings
    assert (listing.assessment.label, row_of(listing).band) == ("当時の判定", "bad")


def test_a_revised_plan_with_values_is_the_same_after_it_was_read_back():
    plan = load_city()
    make_values(plan)
    kpi = KPI.objects.filter(kind="level", target__isnull=False).first()
    make_revision(2016, kpi)
    KPI.objects.filter(pk=kpi.pk).update(target=kpi.target + Decimal(2))
    assert_read_back(plan.code, 2017)


def test_so_is_a_plan_with_words_and_levels_of_its_own():
    load_other_levels()
    assert_read_back(CODE, 2022)
