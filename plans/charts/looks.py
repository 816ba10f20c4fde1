"""How the parts of a chart look in a file of its own: attributes instead of a style sheet.

Word, LibreOffice and drawing programs read attributes; rules, variables and selectors of
static/charts.css they do not. A test compares both, so that a file looks as the page does. Colours
are names of static/tokens.css.
"""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-fA-F]{3,8});")


class Look(NamedTuple):
    """The attributes of elements with a tag ("" for any) and all of these classes.

    Values that begin with -- are colours.
    """

    tag: str
    classes: frozenset[str]
    attributes: Mapping[str, str]


def _look(selector: str, **attributes: str) -> Look:
    tag, *classes = selector.split(".")
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return Look(tag, frozenset(classes), named)


_EMPTY = "--chart-ground"

LOOKS = (
    # What a file has for the ground of the page
    _look("rect.sheet", fill=_EMPTY),
    # Lines
    _look(".grid", stroke="--chart-grid"),
    _look(".ground", stroke="--chart-axis"),
    _look(".hatch", fill="none", stroke="--chart-axis"),
    _look(".path", fill="none", stroke="--chart-line-weak", stroke_width="2.5",
          stroke_dasharray="1 6", stroke_linecap="round"),
    _look("line.values", fill="none", stroke="--key", stroke_width="3"),
    _look("polyline.values", fill="none", stroke="--key", stroke_width="3"),
    _look("line.ahead", stroke="--key", stroke_width="2", stroke_dasharray="7 4"),
    _look("polyline.ahead", fill="none", stroke="--key", stroke_width="2", stroke_dasharray="7 4"),
    _look("line.target", stroke="--chart-target", stroke_width="2", stroke_dasharray="10 5"),
    _look("line.other", stroke="--chart-target", stroke_width="2", stroke_dasharray="3 3"),
    _look("line.carried", stroke="--chart-line-weak", stroke_width="2", stroke_dasharray="4 4"),
    _look("line.outside", fill="none", stroke="--chart-axis", stroke_width="2"),
    _look("polyline.outside", fill="none", stroke="--chart-axis", stroke_width="2"),
    _look(".border", fill="none", stroke="--chart-axis", stroke_width="1.5"),
    _look("path.revision", fill="none", stroke="--chart-line", stroke_width="1.5",
          stroke_dasharray="2 4"),
    _look(".due", stroke="--chart-target", stroke_width="4"),
    _look(".other-due", fill="none", stroke="--chart-target", stroke_width="3"),
    _look(".limit", stroke="--chart-line", stroke_width="2"),
    _look(".break", fill="none", stroke="--chart-line", stroke_width="2"),
    _look(".break-ground", fill="none", stroke=_EMPTY, stroke_width="7"),
    _look(".no-step", fill="none", stroke="--chart-line", stroke_width="2"),
    # Bars, points and marks
    _look(".sum", fill="--chart-sum", stroke="--chart-sum-line"),
    _look(".sum.hollow", fill=_EMPTY, stroke_dasharray="4 3"),
    _look("circle.value", fill="--key", stroke="--key", stroke_width="2.5"),
    _look("circle.value.hollow", fill=_EMPTY),
    _look("circle.outside", fill="--chart-axis", stroke="--chart-axis", stroke_width="2"),
    _look("circle.outside.hollow", fill=_EMPTY),
    _look(".typed", fill=_EMPTY, stroke="--chart-line-weak", stroke_width="2"),
    _look("rect.carried", fill=_EMPTY, stroke="--chart-line-weak", stroke_width="2.5"),
    _look("path.start", fill=_EMPTY, stroke="--chart-line-weak", stroke_width="2.5"),
    _look(".step", fill=_EMPTY, stroke="--key", stroke_width="2.5"),
    _look(".step.done", fill="--key"),
    _look(".step.hollow", stroke_dasharray="4 3"),
    _look(".step.done.hollow", fill="--chart-step"),
    _look(".check", fill="none", stroke=_EMPTY, stroke_width="3"),
    # Texts
    _look("text", fill="--text"),
    _look("text.value", fill="--text-strong", font_weight="700"),
    _look("text.target", fill="--chart-target-dark", font_weight="700"),
    _look("text.other", fill="--chart-target-dark"),
)  # fmt: skip


def tokens_in(css: str) -> dict[str, str]:
    """Return the colours that a style sheet names: {"--key": "#0017c1", …}."""
    return {f"--{name}": colour for name, colour in TOKEN.findall(css)}


def attributes_of(tag: str, classes: Collection[str], colours: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of an element; {} if it has no look. Raises KeyError for a colour."""
    found: dict[str, str] = {}
    for look in LOOKS:
        if look.tag in ("", tag) and look.classes <= set(classes):
            found |= look.attributes
    return {name: colours[value] if value[:2] == "--" else value for name, value in found.items()}
