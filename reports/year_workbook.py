"""The workbook of a year: what people print, and the same values for machines."""

from datetime import UTC, datetime
from io import BytesIO

from xlsxwriter import Workbook

from indicators.fiscal_years import era_label
from kpis.nodes import StrategyTree
from reports.data_sheets import write_codes, write_data, write_metadata
from reports.observations import newest_change
from reports.printed_sheets import write_listings, write_projects
from reports.sheet_cells import FONT, FONT_SIZE


def year_workbook(tree: StrategyTree) -> bytes:
    """Return the workbook of a tree that was read for a year; of the same tree the same bytes."""
    output = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        # Column widths are counted in digits of this font: 7 pixels, as XlsxWriter assumes.
        "default_format_properties": {"font_name": FONT, "font_size": FONT_SIZE},
    }
    with Workbook(output, options) as workbook:
        workbook.set_properties(
            {
                "title": f"{tree.title} {era_label(tree.fiscal_year)}実績",
                "author": tree.city,
                "created": _created(tree),
            }
        )
        write_listings(workbook, tree)
        write_projects(workbook, tree)
        write_data(workbook, tree)
        write_codes(workbook, tree)
        write_metadata(workbook, tree)
    return output.getvalue()


def _created(tree: StrategyTree) -> datetime:
    """Return the date of the newest value: a file of the same data has the same bytes."""
    newest = newest_change(tree) or datetime(tree.fiscal_year, 4, 1, tzinfo=UTC)
    return newest.astimezone(UTC).replace(microsecond=0, tzinfo=None)
