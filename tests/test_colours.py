"""The colours of judgements and charts: distinguishable with every vision, and on a grey copy.

Where colours alone are not enough, marks, words or dashes are needed, and the tests here say where.
"""

import re
from itertools import combinations

import pytest
from django.conf import settings

from indicators.rules.terms import Band
from tests.colour_vision import SIGHTS, ciede2000, contrast, distance, seen

STATIC = settings.BASE_DIR / "static"
TOKENS = (STATIC / "tokens.css").read_text()
PRINTED = (STATIC / "paper.css").read_text().partition("@media print")[2]
CHARTS = "".join((STATIC / name).read_text() for name in ("charts.css", "timeline.css"))

APART = 10
"""CIEDE2000 between colours that a reader must not mistake for each other, some lines apart."""

ON_A_COPY = 1.5
"""Contrast of greys that stay apart on a copy; of greys that touch, 1.1 would be just seen."""

READABLE = 4.5
"""Contrast of text that WCAG 2 asks for (AA)."""


def colours_of(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})", css))


SCREEN = colours_of(TOKENS)
PAPER = SCREEN | colours_of(PRINTED)
SIGHTS_AND_PAIRS = [(sight, *pair) for sight in SIGHTS for pair in combinations(Band, 2)]


@pytest.mark.parametrize(("sight", "one", "other"), SIGHTS_AND_PAIRS)
def test_bars_of_judgements_are_distinguishable_with_colour_blindness(sight, one, other):
    # Any two may touch: a goal need not have all five.
    assert distance(SCREEN[f"bar-{one}"], SCREEN[f"bar-{other}"], sight) >= 15


@pytest.mark.parametrize(("one", "other"), list(combinations(Band, 2)))
@pytest.mark.parametrize("colours", [SCREEN, PAPER], ids=["screen", "paper"])
def test_bars_of_judgements_are_distinguishable_on_a_grey_copy(colours, one, other):
    assert contrast(colours[f"bar-{one}"], colours[f"bar-{other}"]) >= ON_A_COPY


@pytest.mark.parametrize("band", Band)
def test_the_text_on_a_bar_is_readable(band):
    assert ".stack text:is(.good, .bad) {\n  fill: var(--bar-text-light);" in CHARTS
    text = "light" if band in (Band.GOOD, Band.BAD) else "dark"
    assert contrast(SCREEN[f"bar-text-{text}"], SCREEN[f"bar-{band}"]) >= READABLE


@pytest.mark.parametrize("band", Band)
def test_the_text_of_a_judgement_is_readable_on_its_ground(band):
    assert contrast(SCREEN[band], SCREEN[f"{band}-tint"]) >= READABLE
    assert contrast(SCREEN[band], SCREEN["ground"]) >= READABLE


NEED_THEIR_MARKS = {(Band.CAUTION, Band.BAD), (Band.GOOD, Band.BAD)}
"""Bands whose texts look alike to some: both are dark, or they could not be read on white."""


def test_where_the_colours_of_two_judgements_look_alike_their_marks_differ():
    alike = {
        (one, other)
        for one, other in combinations(Band, 2)
        if min(distance(SCREEN[one], SCREEN[other], sight) for sight in SIGHTS) < APART
    }
    assert alike == NEED_THEIR_MARKS
    assert len({band.label for band in Band}) == len(Band)


def test_no_judgement_is_shown_without_its_mark_or_word():
    found, without = 0, []
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        for tag in re.findall(
            r'<(?:span|b)\s+class="status \{\{[^<]*</', path.read_text().replace("\n", " ")
        ):
            found += 1
            if not re.search(r"\.(mark|label|name|word) \}\}", tag):
                without.append((path.name, tag))
    assert found > 10
    assert without == []


STAND_TOGETHER = {
    "values": "key",
    "path": "chart-line-weak",
    "target": "chart-target",
    "sum": "chart-sum",
    "limit": "chart-line",
}
"""What one chart may have in one place, and its colour."""


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_parts_of_a_chart_are_distinguishable_with_every_sight(sight):
    near = {
        (one, other): distance(SCREEN[STAND_TOGETHER[one]], SCREEN[STAND_TOGETHER[other]], sight)
        for one, other in combinations(STAND_TOGETHER, 2)
    }
    assert {pair: found for pair, found in near.items() if found < APART} == {}


@pytest.mark.parametrize(
    "token",
    ["key", "chart-line-weak", "chart-target", "chart-line", "chart-axis", "chart-sum-line"],
)
def test_the_lines_of_a_chart_stand_out_from_its_ground(token):
    # WCAG 2, 1.4.11: 3 to 1 for what is needed to understand a drawing.
    assert contrast(SCREEN[token], SCREEN["chart-ground"]) >= 3


LINES = {
    "values": r"\.values:is\(line, polyline\) \{[^}]*\}",
    "path": r":is\(\.chart, \.multiples\) \.path \{[^}]*\}",
    "ahead": r"\.chart \.ahead:is\(line, polyline\) \{[^}]*\}",
    "target": r"\nline\.target \{[^}]*\}",
    "other": r"\.chart \.other \{[^}]*\}",
    "carried": r"\.chart line\.carried \{[^}]*\}",
    "revision": r"\.chart \.revision:is\(path\) \{[^}]*\}",
}


def test_each_line_of_a_chart_has_its_own_dashes_for_a_grey_copy():
    # In grey, the colours of values and path, or of both targets, are nearly one.
    dashes = {}
    for name, pattern in LINES.items():
        rules = re.findall(pattern, CHARTS)
        assert rules, name
        found = re.findall(r"stroke-dasharray: ([\d ]+)", "".join(rules))
        dashes[name] = found[-1] if found else "solid"
    assert len(set(dashes.values())) == len(dashes), dashes


# The instruments themselves


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Sharma, Wu and Dalal, table 1
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1, 2), (50, 0, 0), 2.3669),
        ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_distances_are_those_of_the_paper(one, other, expected):
    assert round(ciede2000(one, other), 4) == expected


def test_the_simulation_leaves_greys_and_confuses_what_it_should():
    for sight in SIGHTS:
        assert max(abs(part - 1) for part in seen("#fff", sight)) < 0.001
    # Red and a brown of its darkness: far apart, but not for those who lack red.
    assert distance("#ce0000", "#6e5600", "normal") > 30
    assert distance("#ce0000", "#6e5600", "protan") < 5
    assert contrast("#000", "#fff") == pytest.approx(21)
