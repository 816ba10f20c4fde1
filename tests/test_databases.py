"""No test that uses the database forgets to say on which databases it runs."""

import pytest

from tests.databases import problem_of


class Item:
    """A collected test as far as `problem_of` looks at it."""

    def __init__(
        self, *marks: str, own: tuple[str, ...] = (), fixturenames: tuple[str, ...] = ()
    ) -> None:
        """`own`: marks of the test itself, `marks`: those of its module."""
        self.own_markers = [getattr(pytest.mark, mark).mark for mark in own]
        self.marks = [*self.own_markers, *(getattr(pytest.mark, mark).mark for mark in marks)]
        self.fixturenames = fixturenames

    def iter_markers(self):
        return iter(self.marks)

    def get_closest_marker(self, name):
        return next((mark for mark in self.marks if mark.name == name), None)


@pytest.mark.parametrize(
    "item",
    [
        Item(),
        Item("one_database"),
        Item("django_db", "both_databases"),
        Item("one_database", "one_database", fixturenames=("live_server",)),
        Item("one_database", own=("both_databases",), fixturenames=("db",)),
    ],
)
def test_a_choice_is_right(item):
    assert problem_of(item) == ""


@pytest.mark.parametrize(
    "item", [Item("django_db"), *(Item(fixturenames=(name,)) for name in ("db", "live_server"))]
)
def test_a_missing_choice_is_found(item):
    assert "uses the database" in problem_of(item)


@pytest.mark.parametrize(
    "item",
    [
        Item("both_databases", "one_database"),
        Item(own=("both_databases", "one_database")),
        # It would still run on both: -m looks for any mark.
        Item("both_databases", own=("one_database",)),
    ],
)
def test_two_choices_are_found(item):
    assert "choose one" in problem_of(item)
