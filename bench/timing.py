"""Compares what two calls cost: processor time, which other load on the machine changes little."""

import gc
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from statistics import median

from bench.processes import database_server, processor_time
from bench.upkeep import keep_up

ROUNDS = 60
WARM_UPS = 5
AT_REST = 0.001
"""Seconds after an answer in which a server ends what it does beside it, such as its log."""

Clock = Callable[[], float]


class ProcessorClock:
    """Counts the processor seconds of programs and of the database, once all are idle.

    Without `pids`, the program is this process, with those that it has started and that have ended.
    """

    def __init__(self, *pids: int) -> None:
        self._pids = pids

    @cached_property
    def _watched(self) -> tuple[int, ...]:
        return (*self._pids, *database_server())

    def __call__(self) -> float:
        """Return the seconds up to now."""
        watched = self._watched
        time.sleep(AT_REST)
        own = 0.0 if self._pids else _own_seconds()
        return own + processor_time(*watched)


def _own_seconds() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _nothing() -> None:
    pass


def time_ratio(
    measured: Callable[[], object],
    yardstick: Callable[[], object],
    *,
    rounds: int = ROUNDS,
    warm_ups: int = WARM_UPS,
    clock: Clock | None = None,
    before: Callable[[], object] = _nothing,
) -> float:
    """Return the cost of the measured call as a multiple of the yardstick's.

    The two alternate, so that other load on the machine slows both; medians are compared. `before`
    precedes each call and costs nothing.
    """
    clock = clock or ProcessorClock()
    pair = (measured, yardstick)
    for call in pair * warm_ups:
        before()
        call()
    keep_up()
    with _only_own_garbage():
        costs = [[_cost(call, clock, before) for call in pair] for _ in range(rounds)]
    first, second = map(median, zip(*costs, strict=True))
    return first / second


def _cost(call: Callable[[], object], clock: Clock, before: Callable[[], object]) -> float:
    before()
    gc.collect()  # what the call before this one left
    started = clock()
    call()
    return clock() - started


@contextmanager
def _only_own_garbage() -> Iterator[None]:
    """Let the collector of garbage search what is made in the block, and nothing older.

    A full search of this process takes as long as many a call does, and the more has been measured
    before, the longer. It would fall on one of the two calls, round after round on the same one.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
