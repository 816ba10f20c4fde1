"""What people may type into a cell: Excel refuses anything else, and marks wrong pasted content."""

from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from reports.sheets.page import WRONG_FILL, Page

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column."""

CELL = "{cell}"
"""In the formula of a rule: the cell itself."""


def restrict(page: Page, area: Area, rule: dict[str, Any], message: str) -> None:
    """Let the cells of an area hold only what a rule of XlsxWriter's data validation allows.

    Other references in its formula are those of the area's first cell. Excel validates only what
    is typed, so a wrong content is marked as well.
    """
    sheet, cell = page.sheet, xl_rowcol_to_cell(*area[:2])
    if rule["validate"] == "custom":
        rule = rule | {"value": f"={rule['value'].replace(CELL, cell)}"}
    sheet.data_validation(*area, rule | {"error_title": "読み取れない値", "error_message": message})
    wrong = page.cells.workbook.add_format({"bg_color": WRONG_FILL})
    criteria = f'=AND({cell}<>"",NOT({_allows(rule, cell)}))'
    sheet.conditional_format(*area, {"type": "formula", "criteria": criteria, "format": wrong})


def _allows(rule: dict[str, Any], cell: str) -> str:
    """Return the formula for whether a rule allows what a cell holds. Raises ValueError."""
    match rule:
        case {"validate": "custom", "value": str(formula)}:
            return formula.removeprefix("=")
        case {"validate": "list", "source": list(words)}:
            equals = ",".join(f'{cell}="{word}"' for word in words)
            return f"OR({equals})"
        case {"validate": "integer" | "decimal" as kind, "minimum": least, "maximum": most}:
            whole = f"INT({cell})={cell}," if kind == "integer" else ""
            return f"IF(ISNUMBER({cell}),AND({whole}{cell}>={least},{cell}<={most}),FALSE)"
        case {"validate": "decimal", "criteria": ">=", "value": least}:
            return f"IF(ISNUMBER({cell}),{cell}>={least},FALSE)"
    raise ValueError(f"No formula is known for the rule {rule}.")
