"""A plugin of pytest that writes noted_by_others.txt; see tests/noting.py and make choose-noted.

It needs --cov-context=test. Test functions are chosen by what they add, lines and branches, in
proportion to their time, until the rest adds too little.
"""

import sqlite3
from collections import defaultdict
from contextlib import closing

from coverage import Coverage

from tests.noting import LIST, without_case

LEAST_SECONDS = 0.05
"""What a test must take to be listed: the list is kept short."""

LEAST_ADDED_PER_SECOND = 1
"""Steps from line to line that a second of a test must add, not to be listed."""

Step = tuple[int, int, int]
"""A file and two lines of it that were run one after the other."""

seconds: dict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report):
    seconds[without_case(report.nodeid)] += report.duration


def pytest_unconfigure(config):
    """Write the list when all workers are done and their data are combined."""
    if not hasattr(config, "workerinput") and seconds:
        steps = steps_by_test(Coverage().config.data_file)
        listed = seconds.keys() - chosen(steps, seconds)
        listed = sorted(test for test in listed if seconds[test] >= LEAST_SECONDS)
        LIST.write_text("".join(f"{test}\n" for test in listed), encoding="utf-8")


def steps_by_test(data_file: str) -> dict[str, set[Step]]:
    """Read from the data of coverage what each test function runs beside imports."""
    steps: dict[str, set[Step]] = defaultdict(set)
    query = "SELECT context, file_id, fromno, tono FROM arc JOIN context ON context_id = context.id"
    with closing(sqlite3.connect(data_file)) as data:
        for context, *step in data.execute(query):
            steps[without_case(context.partition("|")[0])].add(tuple(step))
    at_import = steps.pop("", set())
    return {test: found - at_import for test, found in steps.items()}


def chosen(steps: dict[str, set[Step]], seconds: dict[str, float]) -> set[str]:
    """Return the tests that shall note their lines."""
    left, found = dict(steps), set()
    while left:
        for test in left:
            left[test] = left[test] - found
        added = {test: len(left[test]) / (seconds[test] + 0.01) for test in left}
        best = max(left, key=added.__getitem__)
        if added[best] < LEAST_ADDED_PER_SECOND:
            break
        found = left.pop(best)
    return steps.keys() - left.keys()
