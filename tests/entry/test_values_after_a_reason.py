"""A value that is typed later replaces 未公表 at every door, without another step."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from indicators.models import Actual
from tests.factories import make_actual, make_indicator, make_kpi, make_section, make_user
from tests.html import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_a_number_typed_into_the_grid_takes_the_place_of_a_stored_reason(client):
    section = make_section()
    clerk = make_user(Role.CLERK, section)
    indicator = make_kpi(indicator=make_indicator(section)).indicator
    make_actual(
        indicator, 2017, None, by=clerk, availability="unpublished", expected_month="2018-09"
    )
    client.force_login(clerk)
    url = reverse("entry_grid", args=[2017])
    data = form_data(client.get(url).content.decode())
    data[f"r{indicator.pk}-value"] = "5"
    page = client.post(url, data, follow=True).content.decode()
    assert "1件の値を保存しました。" in page
    stored = Actual.objects.get()
    assert (stored.value, stored.availability, stored.expected_month) == (5, "reported", "")
