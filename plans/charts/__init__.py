"""Geometry of the charts: pure functions from numbers to coordinates in a drawing.

Templates in templates/components/ hold the markup and only print what is computed here.
Coordinates are floats rounded to 0.1: they are for display, nobody reads figures off them. This
package knows nothing of listings or the database; plans/charting.py builds the data of a chart.
"""
