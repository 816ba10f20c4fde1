"""The content of 計画様式.xlsx for the screen and the command."""

from io import BytesIO

from plans.list_text.reading import read_plan_list
from plans.nodes import PlainTree
from plans.workbook.form import write_plan_workbook
from plans.workbook.rows import PlanRows, rows_of
from reports.strategy_json import strategy_as_json


def workbook_content(rows: PlanRows, title: str = "") -> bytes:
    """Return the workbook with these rows."""
    file = BytesIO()
    write_plan_workbook(file, rows, title)
    return file.getvalue()


def rows_of_tree(tree: PlainTree) -> PlanRows:
    """Return the rows of a registered plan as it is now."""
    return rows_of(strategy_as_json(tree))


def rows_from_text(text: str) -> PlanRows:
    """Return the rows of a plan's list, as copied from a PDF, with what could not be placed."""
    found = read_plan_list(text)
    rows = rows_of(found.plan)
    rows.unplaced = [
        {"line": one.line, "text": one.text, "why": one.reason} for one in found.unplaced
    ]
    rows.unplaced += [
        {"line": one.line, "text": str(one.place), "why": one.text} for one in found.doubts
    ]
    rows.unplaced += [
        {"line": one.line, "text": f"{one.place}：{one.text}", "why": f"「{one.column}」の列。"}
        for one in found.extras
    ]
    rows.unplaced.sort(key=lambda row: int(str(row["line"])))
    return rows


def text_of(content: bytes) -> str:
    """Return the text of a file that people saved as UTF-8 or, by older programs, as Shift_JIS."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932", errors="replace")
