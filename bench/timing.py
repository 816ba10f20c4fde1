"""Compares what two calls cost: processor time, which other load on the machine changes little."""

import gc
import resource
import time
from collections.abc import Callable
from functools import cached_property
from statistics import median

from bench.processes import database_server, processor_time

ROUNDS = 60
WARM_UPS = 5
AT_REST = 0.001
"""Seconds after an answer in which a server ends what it does beside it, such as its log."""

Clock = Callable[[], float]


class ProcessorClock:
    """Counts the seconds of processor of programs and of the database, once all are at rest.

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
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(warm_ups + rounds):
        if number == warm_ups:
            gc.collect()
        for call, seconds in zip((measured, yardstick), times, strict=True):
            before()
            started = clock()
            call()
            seconds.append(clock() - started)
    first, second = (median(seconds[warm_ups:]) for seconds in times)
    return first / second
