"""Which tests note their lines for coverage.

Noting lines nearly doubles the time of a test. Slow tests therefore go without, unless they are
marked `noted`, and so do those listed in noted_by_others.txt, whose lines other tests note as
well. A new test notes its lines until the list is made anew: make choose-noted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("noted_by_others.txt")

CHOOSING = "tests.choosing_noted"
"""The plugin that makes the list; all quick tests note their lines then."""


def without_case(test: str) -> str:
    """Return the id of a test function for that of one of its cases."""
    return test.partition("[")[0]


@cache
def noted_by_others() -> frozenset[str]:
    return frozenset(LIST.read_text(encoding="utf-8").split())


def is_noted(item: pytest.Item) -> bool:
    """Whether coverage notes the lines that a test runs."""
    if item.get_closest_marker("slow"):
        return item.get_closest_marker("noted") is not None
    is_choosing = item.config.pluginmanager.hasplugin(CHOOSING)
    return is_choosing or without_case(item.nodeid) not in noted_by_others()


@contextmanager
def no_lines_noted(config: pytest.Config) -> Iterator[None]:
    """Pause the noting of lines, where it goes on."""
    plugin = config.pluginmanager.get_plugin("_cov")
    controller = getattr(plugin, "cov_controller", None)
    if controller is None or not controller.started:
        yield
        return
    controller.pause()
    try:
        yield
    finally:
        controller.resume()
