"""Which tests run on both databases and which on SQLite only.

A test that uses the database is marked with one of `CHOICES`, mostly by the `pytestmark` of its
module. `both_databases`: what differs between SQLite and PostgreSQL, or could: constraints, locks,
transactions, types, sorting, queries of our own, migrations. `one_database`: what lies above a
query that is tested on both, such as the looks of a page and the cells of a workbook. A test that
uses no database needs no mark and runs once.

In a module that runs once, a test that saves, waits for others or asks queries of its own may be
marked with `both_databases` itself. Every address of the site is asked for on both databases
(tests/accounts/test_access_table.py), so that no query of a page is left to SQLite alone.
"""

import pytest

CHOICES = frozenset({"both_databases", "one_database"})
FIXTURES = frozenset({"db", "transactional_db", "live_server", "django_db_setup"})


def uses_database(item: pytest.Item) -> bool:
    """Whether a collected test asks pytest-django for the database."""
    fixtures = FIXTURES.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


def problem_of(item: pytest.Item) -> str:
    """Return what is wrong with the choice of a collected test; "" for nothing."""
    of_all = [mark.name for mark in item.iter_markers() if mark.name in CHOICES]
    of_test = {mark.name for mark in item.own_markers} & CHOICES
    chosen = sorted(of_test if of_test == {"both_databases"} else set(of_all))
    if len(chosen) > 1:
        return f"Marked with both {' and '.join(chosen)}: choose one (see tests/databases.py)."
    if not chosen and uses_database(item):
        return (
            "This test uses the database. Say in the `pytestmark` of its module whether it runs "
            f"on both: pytest.mark.{' or pytest.mark.'.join(sorted(CHOICES))} "
            "(see tests/databases.py)."
        )
    return ""
