"""The public pages of published editions: a table of pages, for the server and for a folder.

Everything is drawn from what was frozen with an edition (reviews/editions/public_data.py) and from
what was published beside it (正誤); no page reads a table of the plan.
"""
