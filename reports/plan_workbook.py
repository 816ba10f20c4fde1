"""The content of 計画様式.xlsx for the screen and the command."""

from io import BytesIO

from plans.list_text.reading import read_plan_list
from plans.nodes import PlainTree
from plans.workbook.form import write_plan_workbook
from plans.workbook.rows import PlanRows, workbook_rows
from reports.strategy_json import strategy_as_json
from tables.file_contents import decoded
from trail.installation import installation

UTF_16_LE, UTF_16_BE = b"\xff\xfe", b"\xfe\xff"


def workbook_content(rows: PlanRows, title: str = "") -> bytes:
    """Return the workbook with these rows."""
    file = BytesIO()
    write_plan_workbook(file, rows, title)
    return file.getvalue()


def rows_of_tree(tree: PlainTree) -> PlanRows:
    """Return the rows of a registered plan as it is now."""
    return workbook_rows(strategy_as_json(tree))


def empty_rows() -> PlanRows:
    """Return the rows of an empty form: only the city of the installation."""
    return _with_city(PlanRows())


def _with_city(rows: PlanRows) -> PlanRows:
    here = installation()
    for key, text in (("city", here.city), ("city_code", here.city_code)):
        rows.items[key] = rows.items.get(key) or text
    return rows


def rows_from_text(text: str) -> PlanRows:
    """Return the rows of a plan's list, as copied from a PDF, with what could not be placed."""
    found = read_plan_list(text)
    rows = workbook_rows(found.plan)
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
    return _with_city(rows)


def text_of(content: bytes) -> str:
    """Return the text of a file that people saved as UTF-8, UTF-16 or Shift_JIS.

    Raises ValueError, in Japanese, for what is not text.
    """
    if content[:2] in (UTF_16_LE, UTF_16_BE):
        return content.decode("utf-16", errors="replace")
    if not content.strip():
        raise ValueError("ファイルが空です。一覧の文字のあるファイルを選んでください。")
    text = decoded(content)
    if text is None:
        raise ValueError(
            "文字のファイルではありません。一覧の文字だけを、メモ帳などで .txt に保存してください。"
        )
    return text
