"""Compares the times of two calls."""

import gc
from collections.abc import Callable
from statistics import median
from time import perf_counter

ROUNDS = 60
WARM_UPS = 5


def time_ratio(
    measured: Callable[[], object],
    yardstick: Callable[[], object],
    *,
    rounds: int = ROUNDS,
    warm_ups: int = WARM_UPS,
    clock: Callable[[], float] = perf_counter,
) -> float:
    """Return the time of the measured call as a multiple of the yardstick's time.

    The two alternate, so that other load on the machine slows both; medians are compared.
    """
    for _ in range(warm_ups):
        measured()
        yardstick()
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for _ in range(rounds):
        for call, seconds in zip((measured, yardstick), times, strict=True):
            started = clock()
            call()
            seconds.append(clock() - started)
    return median(times[0]) / median(times[1])
