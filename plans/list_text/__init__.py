"""Reads the list of a plan, as copied from a PDF or from a table of Word, into the plan's parts.

No Django and no database. `reading.read_plan_list` is the way in, `result` what comes out.

The steps: lines and what surrounds them (`lines.py`); signs at the head of a line (`markers.py`);
words of levels and columns (`words.py`, `columns.py`); headings (`headings.py`); the tree of
headings with the lines below each (`outline.py`); names and sentences (`listings.py`); rows of
projects (`projects.py`) and their homes (`relistings.py`).
"""
