"""What is stored again for the live server is what was stored first, and no page of it is stale."""

import pytest

from goals.models import Strategy
from tests import stored_again
from tests.factories import make_strategy
from trail.data_version import data_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database, pytest.mark.files]


def test_a_copy_has_the_same_rows_and_a_version_of_its_own(monkeypatch):
    monkeypatch.setattr(stored_again, "_copies", {})
    made, versions = [], []

    def store() -> None:
        made.append(make_strategy(code="plan", title="計画"))

    for title in ("一つ目", "二つ目", "三つ目"):
        stored_again.stored_again("a plan", store)
        plan = Strategy.objects.get()
        assert (plan.pk, plan.title, len(made)) == (made[0].pk, "計画", 1)
        plan.title = title
        plan.save()
        versions.append(data_version())
    assert len(set(versions)) == 3
