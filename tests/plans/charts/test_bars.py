"""Stacked bars."""

from itertools import pairwise

import pytest

from plans.charts.bars import stacked_bar


def test_a_stacked_bar_fills_its_width_in_proportion():
    parts = stacked_bar([("good", 3), ("fair", 0), ("bad", 1)], 200)
    assert [(part.name, part.x, part.width) for part in parts] == [
        ("good", 0.0, 150.0),
        ("bad", 150.0, 50.0),
    ]


def test_parts_leave_no_gap():
    parts = stacked_bar([("good", 1), ("fair", 1), ("caution", 1), ("bad", 4)], 200)
    for before, after in pairwise(parts):
        assert before.x + before.width == pytest.approx(after.x)
    assert parts[-1].x + parts[-1].width == pytest.approx(200)


def test_nothing_to_count_is_no_bar():
    assert stacked_bar([("good", 0)], 200) == ()
    assert stacked_bar([], 200) == ()
