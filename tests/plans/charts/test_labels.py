"""Texts are placed where they cover nothing."""

from plans.charts.labels import TEXT_SIZE, Board, Box, Label, drawn_width


def label(x, y=50.0, text="125", **more):
    return Label(text, "value", x, y, **more)


def test_japanese_takes_more_room_than_digits_and_points_take_less():
    assert drawn_width("未公表") == 3 * TEXT_SIZE
    assert drawn_width("1.2") < drawn_width("152") < drawn_width("一五二")


def test_the_box_follows_the_anchor():
    middle, start, end = (label(100, anchor=anchor).box for anchor in ("middle", "start", "end"))
    assert start.left == 100 == end.right
    assert (middle.left + middle.right) / 2 == 100


def test_an_upright_text_is_one_character_wide_and_begins_at_its_place():
    box = label(100, 20, "把握できない", vertical=True).box
    assert box.right - box.left == TEXT_SIZE
    assert (box.top, box.bottom) == (20, 20 + 6 * TEXT_SIZE)


def test_boxes_that_touch_do_not_overlap():
    assert not Box(0, 0, 10, 10).overlaps(Box(10, 0, 20, 10))
    assert Box(0, 0, 10, 10).overlaps(Box(9, 9, 20, 20))


def board(*taken, lines=()):
    return Board(Box(0, 0, 200, 100), taken, lines)


def test_the_first_free_place_is_taken():
    drawn = board()
    assert drawn.put([label(50), label(150)])
    assert drawn.put([label(50), label(150)])
    assert [found.x for found in drawn.labels] == [50, 150]


def test_a_text_that_finds_no_place_is_left_out():
    drawn = board(Box(0, 0, 200, 100))
    assert not drawn.put([label(50), label(150)])
    assert drawn.labels == []


def test_no_text_leaves_the_drawing():
    assert not board().put([label(5), label(198), label(100, 5), label(100, 99)])


def test_a_place_on_a_line_is_the_second_choice():
    drawn = board(lines=[[(0, 46), (90, 46)]])
    drawn.put([label(50), label(150)])
    assert drawn.labels[0].x == 150
