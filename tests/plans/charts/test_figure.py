"""A chart as a figure of its own: its layout, and how its parts look without a style sheet."""

import re

import pytest
from django.conf import settings

from plans.charts.figure import LINE, MARGIN, WIDTH, broken, figure_of
from plans.charts.labels import drawn_width
from plans.charts.looks import LOOKS, attributes_of, tokens_in

COLOURS = tokens_in((settings.BASE_DIR / "static" / "tokens.css").read_text())
LEGEND = [("values", "実績値"), ("target", "目標値 200件"), ("", "単位：件")]
SOURCE = ["見本市　見本市総合戦略　平成30年度 効果検証（平成29年度実績）"]


def test_title_drawing_legend_and_source_follow_one_another():
    figure = figure_of("相談件数の推移", "目標：５年で２００件", 300, LEGEND, SOURCE)
    places = [
        figure.title[-1].y,
        figure.sentence[-1].y,
        figure.drawing_y,
        figure.drawing_y + 300,
        figure.legend[0].lines[0].y,
        figure.source[0].y,
        figure.height,
    ]
    assert places == sorted(places)
    assert figure.height - figure.source[-1].y >= MARGIN
    assert figure.mm == (150, round(150 * figure.height / figure.width, 1))


def test_what_is_not_there_takes_no_room():
    with_sentence = figure_of("相談件数の推移", "目標：２００件", 300, LEGEND, SOURCE)
    without = figure_of("相談件数の推移", "", 300, LEGEND, SOURCE)
    assert with_sentence.height - without.height == LINE
    assert without.sentence == ()


def test_a_legend_wraps_where_it_does_not_fit():
    figure = figure_of("図", "", 300, [*LEGEND, ("path", "目" * 40), ("due", "年" * 60)], SOURCE)
    for item in figure.legend:
        for line in item.lines:
            assert item.x + drawn_width(line.text) <= MARGIN + WIDTH
    rows = {}
    for item in figure.legend:
        rows.setdefault(item.lines[0].y, []).append(item)
    assert [len(items) for items in rows.values()] == [3, 1, 1]
    ends = [items[-1].lines[-1].y for items in rows.values()]
    assert ends == sorted(ends)


def test_a_long_text_is_broken_but_not_before_a_sign_that_closes():
    text = "あいうえお、かきくけこ（さしす）。たち"
    for width in range(28, 200, 7):
        lines = broken(text, width)
        assert "".join(lines) == text
        if width >= 56:
            assert all(line[0] not in "、）。" for line in lines)
            assert all(drawn_width(line) <= width for line in lines)


@pytest.mark.parametrize("text", ["", "長", "、、、、"])
def test_texts_that_cannot_be_broken_stay_whole(text):
    assert "".join(broken(text, 14)) == text


def test_every_part_of_a_drawing_has_a_look():
    templates = settings.BASE_DIR / "templates" / "components"
    drawn = "".join(
        (templates / f"{name}.html").read_text()
        for name in ("drawing", "drawn_steps", "chart_sign")
    )
    plain = re.sub(r"\{[%{].*?[%}]\}", " ", drawn)
    parts = re.findall(r'<(line|polyline|rect|circle|path)\s+class="([^"]+)"', plain)
    assert len(parts) > 20
    for tag, classes in parts:
        look = attributes_of(tag, classes.split(), COLOURS)
        assert {"stroke", "fill"} & set(look), (tag, classes)
        assert tag in ("line", "rect", "circle", "path") or look["fill"] == "none", (tag, classes)


def test_every_colour_of_a_look_is_a_token():
    named = {value for look in LOOKS for value in look.attributes.values() if value[:2] == "--"}
    assert named <= set(COLOURS)
