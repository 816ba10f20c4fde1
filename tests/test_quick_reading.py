"""Trees are kept within the transaction of a test as outside; see tests/quick_reading.py."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from goals.models import Strategy
from plans.tree import read_tree
from tests.factories import make_strategy

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def plan():
    make_strategy(code="plan", title="見本市総合戦略")


def rename(title: str) -> None:
    Strategy.objects.filter(code="plan").update(title=title)


def test_a_tree_is_kept_until_anything_is_written():
    before = read_tree("plan")
    assert read_tree("plan") is before
    rename("見本市第2期総合戦略")
    assert read_tree("plan").title == "見本市第2期総合戦略"


def test_what_was_rolled_back_is_forgotten():
    before = read_tree("plan")
    with transaction.atomic():
        rename("書きかけの総合戦略")
        assert read_tree("plan").title == "書きかけの総合戦略"
        transaction.set_rollback(True)
    rename(before.title)
    assert read_tree("plan").title == before.title


def test_queries_are_counted_without_what_was_read_before():
    read_tree("plan")
    with CaptureQueriesContext(connection) as first:
        read_tree("plan")
    with CaptureQueriesContext(connection) as second:
        read_tree("plan")
    assert len(first) == len(second) > 1
