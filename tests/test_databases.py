"""No test that uses the database forgets to say on which databases it runs."""

import pytest

from tests.databases import problem_of


class Item:
    """A collected test as far as `problem_of` looks at it."""

    def __init__(self, *marks: str, fixturenames: tuple[str, ...] = ()) -> None:
        self.marks = [getattr(pytest.mark, mark).mark for mark in marks]
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
    ],
)
def test_a_choice_is_right(item):
    assert problem_of(item) == ""


@pytest.mark.parametrize(
    "item", [Item("django_db"), *(Item(fixturenames=(name,)) for name in ("db", "live_server"))]
)
def test_a_missing_choice_is_found(item):
    assert "uses the database" in problem_of(item)


def test_two_choices_are_found():
    assert "choose one" in problem_of(Item("both_databases", "one_database"))
