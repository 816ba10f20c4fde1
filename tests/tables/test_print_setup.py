"""Scale and page breaks: never under eight points, nothing beyond the page, blocks whole."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables.print_setup import (
    A3,
    A4,
    LEAST_POINTS,
    LEAST_SCALE,
    Paper,
    Printed,
    arranged,
    narrowed,
    pages_of_rows,
)
from tables.sheet_cells import FONT_SIZE, width_in_points

PAPERS = st.builds(Paper, st.sampled_from([A3, A4]), st.booleans())
WIDTHS = st.lists(st.floats(20, 250), min_size=1, max_size=60)


def test_the_least_scale_prints_our_font_in_eight_points():
    assert FONT_SIZE * LEAST_SCALE / 100 >= LEAST_POINTS > FONT_SIZE * (LEAST_SCALE - 1) / 100


@given(PAPERS, WIDTHS, st.integers(0, 4))
def test_whatever_is_printed_is_readable_and_on_the_page(paper, widths, repeated):
    found = arranged(Printed(paper=paper, widths=widths, repeated_columns=repeated))
    assert LEAST_SCALE <= found.scale <= 100
    first = sum(widths[: found.repeated_columns])
    edges = [0, *found.columns, len(widths)]
    for start, end in pairwise(edges):
        page = sum(widths[start:end]) + (first if start else 0)
        # A single column beside the repeated ones may be as wide as it likes.
        assert page * found.scale / 100 <= paper.across * 1.01 or end - max(start, repeated) <= 1


@given(PAPERS, st.lists(st.floats(8, 400), min_size=1, max_size=60))
def test_a_sheet_is_fitted_to_one_page_only_where_it_stays_readable(paper, heights):
    found = arranged(Printed(paper=paper, widths=[100], heights=heights))
    assert found.on_one_page == (sum(heights) <= paper.tallest)


def test_pages_side_by_side_have_about_as_many_columns_each():
    found = arranged(Printed(paper=Paper(A4), widths=[50] * 20, repeated_columns=1))
    assert found.columns == (11,)
    assert found.scale == 100


def test_columns_are_narrowed_only_if_that_puts_them_on_one_page():
    paper = Paper(A4)
    wide = [(60.0, 30.0), (60.0, 30.0)]
    found = narrowed(wide, paper)
    assert sum(map(width_in_points, found)) == pytest.approx(paper.widest)
    assert narrowed([(10.0, 5.0)], paper) == [10.0]
    too_wide = [(100.0, 90.0), (100.0, 90.0)]
    assert narrowed(too_wide, paper) == [100.0, 100.0]


def test_blocks_are_not_cut_and_repeated_rows_take_their_room():
    heights = [10.0, 10, 40, 40, 40, 40]
    assert pages_of_rows(heights, [2, 4], 100) == [4]
    assert pages_of_rows(heights, [2, 3, 4, 5], 100) == [4]
    assert pages_of_rows(heights, [2, 3, 4, 5], 100, repeated=25) == [4, 5]
    assert pages_of_rows([300.0], [], 100) == []


def test_notes_are_never_alone_on_a_page():
    paper = Paper(A4)
    room = paper.tallest
    lines = Printed(paper=paper, widths=[800], heights=[room / 2, room / 2, 30], together_from=1)
    assert arranged(lines).rows == (1,)
