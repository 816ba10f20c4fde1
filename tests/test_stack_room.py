"""What calls cost, however deep in the stack a loop stands."""

from resource import RUSAGE_SELF, getrusage
from threading import Thread

import pytest

from nemuro_strategy.stack_room import SLOTS, with_room

DEPTHS = range(80, 160)
TURNS = 300


def leaf() -> None:
    """Takes more of the stack than each call of `loop_at`: at some depth it is beyond a chunk."""


leaf.__code__ = leaf.__code__.replace(co_stacksize=100)


def loop_at(depth: int) -> int:
    """Call a function again and again, deep in the stack; return how many pages that took."""
    if depth:
        return loop_at(depth - 1)
    before = getrusage(RUSAGE_SELF).ru_minflt
    for _ in range(TURNS):
        leaf()
    return getrusage(RUSAGE_SELF).ru_minflt - before


def most_pages(call) -> int:
    """Return the most that a loop took at any depth, in a thread whose stack is empty."""
    found = []
    thread = Thread(target=lambda: found.extend(call(depth) for depth in DEPTHS))
    thread.start()
    thread.join()
    return max(found)


def test_a_loop_takes_no_memory_from_the_system_at_any_depth():
    assert most_pages(with_room(loop_at)) < TURNS / 10


def test_within_a_call_that_has_room_another_one_has_it_too():
    """A test has it, and in the test each request."""
    assert most_pages(with_room(with_room(loop_at))) < TURNS / 10


def test_without_room_it_would():
    """Where CPython keeps a chunk for the next call, nemuro_strategy/stack_room.py may go."""
    assert most_pages(loop_at) > TURNS / 2


def test_the_function_is_the_same_to_its_callers():
    @with_room
    def halved(number: int, *, by: int = 2) -> float:
        """Return a part of a number."""
        return number / by

    assert halved(9, by=3) == 3
    assert halved.__name__ == "halved"
    assert halved.__doc__ == "Return a part of a number."
    assert halved.__code__.co_stacksize == SLOTS
    with pytest.raises(ZeroDivisionError):
        halved(1, by=0)


def test_every_request_has_it(settings):
    assert settings.MIDDLEWARE[0] == "nemuro_strategy.stack_room.stack_room_middleware"
