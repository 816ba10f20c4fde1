"""Geometry of the charts: pure functions from numbers to places in a drawing.

Markup is in templates/components/; a template only writes down what is computed here. Places are
floats rounded to 0.1: they are for the eye, no figure is read from them. Nothing here knows of
listings or of the database; plans/charting.py makes the data of a listing's chart.
"""

from plans.charts.bars import Part, stacked_bar
from plans.charts.data import ChartData
from plans.charts.drawing import NARROW, WIDE, Chart, Size, draw
from plans.charts.small import SmallChart, draw_small, small_steps
from plans.charts.steps import Steps, draw_steps

__all__ = [
    "NARROW",
    "WIDE",
    "Chart",
    "ChartData",
    "Part",
    "Size",
    "SmallChart",
    "Steps",
    "draw",
    "draw_small",
    "draw_steps",
    "small_steps",
    "stacked_bar",
]
