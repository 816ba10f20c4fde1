"""Fixing a year of the real plan, and what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from indicators.models import Actual
from reviews.models import Edition
from tests.factories import load_city, make_fiscal_year, make_user, make_values

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

SENT = {"decided_on": "2019-10-01", "document_number": "根総政第1号", "reason": "待たない。"}


def test_fixing_a_year_needs_at_most_80_queries_also_beside_an_earlier_edition(client):
    plan = load_city()
    make_values(plan)
    client.force_login(make_user(Role.PLANNING))
    for year in (2016, 2017):
        make_fiscal_year(year)
        Actual.objects.filter(fiscal_year__lte=year).update(state="confirmed")
        url = f"/strategies/{plan.code}/reviews/editions/fix/?year={year}"
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(url, SENT)
        assert answer.status_code == 302
        assert len(queries) <= 80
    assert Edition.objects.count() == 2
