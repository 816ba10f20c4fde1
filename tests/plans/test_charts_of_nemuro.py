"""The charts of 根室市, whose indicators are in one plan only, byte for byte.

What is added to charts for other plans or years changes nothing in them. After changing the look of
all charts on purpose, look at them, then copy the digest that the failed test shows. The sentences
for screen readers are left out: they have tests of their own.
"""

import re
from hashlib import sha256

import pytest
from django.template.loader import render_to_string

from indicators.models import Actual
from plans.charting import chart_of
from plans.tree import read_tree
from tests.factories import load_city, make_values

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

DIGEST = "da2f0da9ac678afa31de536d666db49595dcc63f4e0ef8056d557c0e07508de0"


def test_charts_of_a_plan_alone_are_unchanged():
    strategy = load_city("nemuro_2015")
    make_values(strategy)
    Actual.objects.exclude(fiscal_year_id__in=strategy.period).delete()
    charts = [
        render_to_string("components/chart.html", {"chart": chart_of(listing)})
        for listing in read_tree(strategy.code, 2018).listings
    ]
    assert len(charts) > 40
    drawn = re.sub(r"<desc.*?</desc>", "", "".join(charts))
    assert sha256(drawn.encode()).hexdigest() == DIGEST
