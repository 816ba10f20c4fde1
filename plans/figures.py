"""The chart of a listing as a file of its own: SVG that needs nothing else."""

from copy import copy
from functools import cache
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from japanese.calendar_days import day_label
from japanese.characters import clean
from plans.charting import ListingChart
from plans.charts.drawing import Chart
from plans.charts.figure import figure_of
from plans.charts.labels import TEXT_SIZE
from plans.charts.looks import attributes_of, tokens_in
from plans.charts.steps import Steps
from plans.nodes import ListingNode, StrategyTree
from plans.pages import review_label

SVG_NAMESPACE = "http://www.w3.org/2000/svg"


def svg_of(tree: StrategyTree, listing: ListingNode, chart: ListingChart) -> str:
    """Return the wide drawing of a chart with title, legend and source, as an SVG document.

    It has no reference to anything outside and no style sheet: every element has its attributes.
    """
    drawn: Chart | Steps = chart.steps[0] if chart.steps else chart.charts[0]
    figure = figure_of(
        chart.title,
        f"目標：{listing.shown_sentence}" if listing.shown_sentence else "",
        drawn.size.height,
        [(item.sign, item.text) for item in chart.legend],
        [*source_of(tree), *withheld_in(tree, listing)],
    )
    context = {"chart": chart, "drawn": drawn, "figure": figure, "is_steps": bool(chart.steps)}
    markup = render_to_string("plans/figure.svg", context)
    root = ElementTree.fromstring(clean(markup))  # noqa: S314  (of our own template)
    colours = _colours()
    for parent in [*root.iter()]:
        _dress(parent, colours)
    ElementTree.register_namespace("", SVG_NAMESPACE)
    return ElementTree.tostring(root, encoding="unicode")


def source_of(tree: StrategyTree) -> list[str]:
    """Return the lines below a figure: whose it is, of which plan, year and day."""
    day = f"　{day_label(tree.as_of)}終了時点のデータ" if tree.as_of else ""
    lines = [f"{tree.city}　{tree.title}　{review_label(tree.fiscal_year)}{day}"]
    return [*lines, "試用環境です。実績値は架空のものです。"] if tree.invented else lines


def withheld_in(tree: StrategyTree, listing: ListingNode) -> list[str]:
    """Return the line below a figure that keeps it inside; none without a 秘匿 value in it."""
    drawn = (listing.indicator.actuals.get(year) for year in listing.period)
    shown = any(one.withheld and one.value is not None for one in drawn if one)
    return ["庁内用です。秘匿の値があります。市の外に出さないでください。"] if shown else []


@cache
def _colours() -> dict[str, str]:
    path = cast(str, finders.find("tokens.css"))
    return tokens_in(Path(path).read_text(encoding="utf-8"))


def _dress(parent: ElementTree.Element, colours: dict[str, str]) -> None:
    """Give the children of an element their attributes; a text also gets a light edge."""
    for child in [*parent]:
        tag = child.tag.removeprefix(f"{{{SVG_NAMESPACE}}}")
        classes = child.attrib.pop("class", "").split()
        child.attrib |= attributes_of(tag, classes, colours)
        if tag == "text" and classes:
            if "upright" in classes:
                _stack(child)
            # paint-order, which does this on a page, is not known to Word.
            edge = copy(child)
            edge.attrib = child.attrib | {
                "fill": colours["--chart-ground"],
                "stroke": colours["--chart-ground"],
                "stroke-width": "4",
                "stroke-linejoin": "round",
                "aria-hidden": "true",
            }
            parent.insert([*parent].index(child), edge)


def _stack(text: ElementTree.Element) -> None:
    """Write an upright text sign by sign: writing modes are not known to every program."""
    x, y = float(text.attrib["x"]), float(text.attrib["y"])
    signs, text.text = (text.text or "").strip(), ""
    text.attrib["text-anchor"] = "middle"
    for i, sign in enumerate(signs):
        at = {"x": f"{x}", "y": f"{round(y + TEXT_SIZE * (i + 0.86), 1)}"}
        span = ElementTree.SubElement(text, f"{{{SVG_NAMESPACE}}}tspan", at)
        span.text = sign
