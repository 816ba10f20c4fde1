"""What has run is counted, and its marks are taken out wherever a function is kept."""

import ast
import gc
from types import CodeType
from typing import Any

import pytest
from slipcover import Slipcover, probe
from slipcover.branch import preinstrument

from tests.quick_coverage import MarksTaker

FILE = "/nowhere/example.py"
SOURCE = """\
import functools

def kept(function):
    @functools.wraps(function)
    def call(number):
        return function(number)
    return call

def plain(number):
    if number > 1:
        return "many"
    return "one"

decorated = kept(plain)

class Example:
    @property
    def text(self):
        return "text"
    by_name = {
        "unnamed": lambda number:
            number
    }

del plain
"""


class Case:
    """A module that slipcover watches, and what takes its marks out."""

    def __init__(self) -> None:
        self.slipcover: Any = Slipcover(branch=True)
        self.taker = MarksTaker(self.slipcover)
        code = compile(preinstrument(ast.parse(SOURCE)), FILE, "exec")
        self.names: dict[str, Any] = {}
        exec(self.slipcover.instrument(code), self.names)  # noqa: S102  (the text above)

    def run(self, number: int) -> None:
        self.names["decorated"](number)
        example = self.names["Example"]()
        assert example.text == "text"
        assert example.by_name["unnamed"](number) == number

    def codes(self) -> list[CodeType]:
        """Return the code of all that `run` calls."""
        decorated, example = self.names["decorated"], self.names["Example"]
        functions = (decorated, decorated.__wrapped__, example.text.fget, *example.by_name.values())
        return [function.__code__ for function in functions]

    def lines(self) -> set[Any]:
        """Return the lines and branches that were seen."""
        return self.slipcover.all_seen[FILE] | self.slipcover.newly_seen[FILE]


@pytest.fixture
def case() -> Case:
    return Case()


def marks_left(code: CodeType) -> int:
    """Return how many marks of a function would still call slipcover."""
    marks = [one for one in code.co_consts if type(one).__name__ == "PyCapsule"]
    assert marks
    return sum(not probe.was_removed(mark) for mark in marks)


def test_marks_of_what_has_run_are_taken_out_of_every_kind_of_function(case):
    before = case.codes()
    case.run(2)
    assert [marks_left(code) for code in before].count(0) == 0
    case.taker.take_out()
    assert not any(new is old for new, old in zip(case.codes(), before, strict=True))
    # In the second, the branch that did not run and its line have theirs.
    assert [marks_left(code) for code in case.codes()] == [0, 2, 0, 0]
    case.run(2)
    assert case.slipcover.newly_seen == {}


def test_functions_that_are_left_out_of_the_search_for_garbage_are_found_too(case):
    case.taker.pytest_collection_finish()
    gc.freeze()
    case.run(2)
    case.taker.take_out()
    gc.unfreeze()
    assert [marks_left(code) for code in case.codes()] == [0, 2, 0, 0]


def test_all_that_runs_is_counted_before_and_after(case):
    case.run(2)
    case.taker.take_out()
    assert {10, 11, (10, 11), 6, 19, 22} <= case.lines()
    assert {12, (10, 12)}.isdisjoint(case.lines())
    case.run(1)
    assert {12, (10, 12)} <= case.lines()
    case.taker._not_before = 0
    case.taker.take_out()
    case.run(1)
    assert marks_left(case.codes()[1]) == 0


def test_it_is_not_done_again_at_once(case):
    case.run(2)
    case.taker.take_out()
    case.run(1)
    first = case.codes()
    case.taker.take_out()
    assert all(new is old for new, old in zip(case.codes(), first, strict=True))


def test_slipcover_has_no_other_way_to_take_marks_out_that_it_would_use():
    """The marks call this method; tests/quick_coverage.py puts its own in its place."""
    case = Case()
    calls: list[None] = []
    case.slipcover.deinstrument_seen = lambda: calls.append(None)
    for _ in range(case.slipcover.d_miss_threshold + 1):
        case.run(2)
    assert calls
