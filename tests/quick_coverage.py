"""Removes slipcover's marks from all code that has run, in little time.

slipcover marks each line and calls itself there, until it takes the mark out of what has run. For
that it looks through all modules whenever a line has run fifty times: a quarter of the time of the
tests. Functions behind decorators, in properties and in closures it does not find; their lines call
it to the end. Here all functions of the process are asked, now and then.
"""

import gc
from time import process_time
from types import CodeType, FunctionType
from typing import Any

import pytest

SHARE = 0.03
"""The most of the time that is spent on taking marks out."""


class MarksTaker:
    """Does the work of `Slipcover.deinstrument_seen`, which the marks call."""

    def __init__(self, slipcover: Any) -> None:
        self._slipcover = slipcover
        self._newer: dict[int, tuple[CodeType, CodeType]] = {}
        """The code with fewer marks that takes the place of another one, by its id; with that
        one itself, so that no other code gets the id.
        """
        self._frozen: list[FunctionType] = []
        """The functions that are left out of the search for garbage: the others can be found."""
        self._not_before = 0.0

    def take_out(self) -> None:
        """Take out the marks of what has run since the last time, if that is long enough ago."""
        began = process_time()
        slipcover = self._slipcover
        if began < self._not_before or not slipcover.newly_seen:
            return
        with slipcover.lock:
            self._make_newer_code()
            for function in [*self._frozen, *_functions()]:
                code = self._newest(function.__code__)
                if code is not function.__code__:  # else calls would have to be specialised again
                    function.__code__ = code
        ended = process_time()
        self._not_before = ended + (ended - began) / SHARE

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self) -> None:
        """Remember all functions before tests/conftest.py freezes them."""
        self._frozen = _functions()

    def pytest_runtest_logfinish(self) -> None:
        """Take them out after a test, too: many lines never run fifty times."""
        self.take_out()

    def _make_newer_code(self) -> None:
        slipcover = self._slipcover
        for file, lines in slipcover._get_newly_seen().items():
            for code in list(slipcover.instrumented[file]):
                slipcover.deinstrument(code, lines)
            slipcover.all_seen[file].update(lines)
        self._newer |= {id(old): (old, new) for old, new in slipcover.replace_map.items()}
        slipcover.replace_map.clear()

    def _newest(self, code: CodeType) -> CodeType:
        while id(code) in self._newer:
            code = self._newer[id(code)][1]
        return code


def _functions() -> list[FunctionType]:
    return [one for one in gc.get_objects() if type(one) is FunctionType]


def take_marks_quickly() -> MarksTaker | None:
    """Let slipcover, where it is at work, take its marks out in this way."""
    from slipcover import pytest_plugin

    slipcover: Any = pytest_plugin._slipcover_instance
    if slipcover is None:
        return None
    taker = MarksTaker(slipcover)
    slipcover.deinstrument_seen = taker.take_out
    return taker
