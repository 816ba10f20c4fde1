"""Times two things against each other."""

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
    """Return how many times as long as the yardstick the measured call takes.

    The two take turns, so that whatever else the machine does slows both; medians are compared.
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
