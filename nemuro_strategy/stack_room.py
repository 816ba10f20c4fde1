"""Room on Python's stack for all calls of a request.

CPython keeps the frames of a thread in chunks of 16 KB. It asks the system for the next chunk when
a call needs it, and gives it back when that call returns. Where a loop deep in a template calls
across the end of a chunk, each turn costs two system calls and a cleared page of memory: up to a
third of the time of a page (github.com/python/cpython/issues/142183; not corrected in 3.11).

A frame that requests a large stack gets a sufficiently large chunk of its own, and what it calls
has the rest of it. Its own part is never touched, so that it costs addresses but no memory.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

P = ParamSpec("P")
R = TypeVar("R")

SLOTS = 33_000
"""A little over 256 KB: the chunk has 512 KB, and calls have nearly half of it.

With less than 256 KB, a request within another call that has room, as in each test, would find room
for its first frame in the rest of that chunk, and leave a few KB to all that it calls.
"""


def with_room(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function, which calls others from a large chunk of the stack."""

    def roomy(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    roomy.__code__ = roomy.__code__.replace(co_stacksize=SLOTS)
    return wraps(function)(roomy)


def stack_room_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer each request with room on the stack; the first middleware, so that all have it."""
    return with_room(get_response)
