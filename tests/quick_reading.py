"""Keeps trees within the transaction of a test, as the product does where there is none.

Inside a transaction the product keeps nothing, as it may have written what is rolled back. All that
a test does is inside one: it would read the plan anew for each page. What a test writes is noted
there as elsewhere, and nothing is kept from one test to another. A finished page is never kept:
tests ask for what it was made of.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.db import DEFAULT_DB_ALIAS, connections

from plans import kept_pages, rows, tree
from trail import data_version


def _in_transaction_of_its_own() -> bool:
    """Return whether a transaction has begun within that of the test.

    While queries are counted, that of the test is one, too: the count includes reading the plan.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if not connection.in_atomic_block:
        return False
    of_the_test = all(block._from_testcase for block in connection.atomic_blocks)
    return not of_the_test or connection.force_debug_cursor


class _NoPages:
    """Makes each page again, from cached trees, inside the transaction of a test."""

    kept = kept_pages._kept

    def get(self, key, make):
        if connections[DEFAULT_DB_ALIAS].in_atomic_block:
            return make()
        return self.kept.get(key, make)


@contextmanager
def trees_kept_in_tests() -> Iterator[None]:
    with (
        patch.object(data_version, "in_transaction", _in_transaction_of_its_own),
        patch.object(kept_pages, "_kept", _NoPages()),
    ):
        yield


def forget_trees() -> None:
    tree._kept_trees._values.clear()
    rows._kept._values.clear()
