"""Geometry of the charts: pure functions from numbers to places in a drawing.

Markup is in templates/components/; a template only writes down what is computed here. Places are
floats rounded to 0.1: they are for the eye, no figure is read from them. Nothing here knows of
listings or of the database; plans/charting.py makes the data of a listing's chart.
"""
