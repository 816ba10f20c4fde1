"""Files are left out only where -m would leave out each of their tests."""

import pytest

from tests.left_out import all_left_out

SLOW = "pytestmark = [pytest.mark.one_database, pytest.mark.slow]\n"
ONE_SLOW = "pytestmark = pytest.mark.both_databases\n\n@pytest.mark.slow\ndef test_it(): ...\n"


@pytest.mark.parametrize("text", [SLOW, ONE_SLOW])
def test_without_an_expression_every_file_is_read(text):
    assert not all_left_out(text, "")


def test_a_mark_that_the_file_does_not_name_leaves_it_out():
    assert all_left_out(SLOW, "both_databases")
    assert not all_left_out(ONE_SLOW, "both_databases")


@pytest.mark.parametrize(
    "expression", ["not slow", "not slow and not files and not stories", "not files and not slow"]
)
def test_a_mark_of_the_whole_file_leaves_it_out_and_one_of_a_test_does_not(expression):
    assert all_left_out(SLOW, expression)
    assert not all_left_out(ONE_SLOW, expression)
    assert not all_left_out("pytestmark = pytest.mark.slowest", expression)


@pytest.mark.parametrize("expression", ["slow or files", "not slow or files", "not (slow)"])
def test_a_file_is_read_where_the_expression_is_not_understood(expression):
    assert not all_left_out(SLOW, expression)
