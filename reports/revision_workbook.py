"""新旧対照表.xlsx: what a revision changed, old beside new, to be printed on A4."""

from collections.abc import Sequence

from xlsxwriter import Workbook

from plans.differences import Piece
from plans.nodes import RevisionNode, StrategyTree
from plans.revision_table import NOTHING, RevisedField, RevisedPart
from reports.form_sheet import HEADER, FormSheet
from reports.paper_workbook import conditions, paper_workbook
from tables.sheet_cells import HEADER_FILL

_FIELD, _OLD, _NEW = range(3)
_WIDTHS = (10.0, 24.0, 24.0)


def revision_workbook(
    tree: StrategyTree, revision: RevisionNode, parts: Sequence[RevisedPart]
) -> bytes:
    """Return the workbook of one revision; `parts` as revised_parts returns them."""

    def write(workbook: Workbook, tree: StrategyTree) -> None:
        _RevisionSheet(workbook, tree, "新旧対照表", _WIDTHS).write(revision, parts)

    return paper_workbook(tree, f"第{revision.number}回改訂 新旧対照表", write)


class _RevisionSheet(FormSheet[StrategyTree]):
    """The sheet, written from top to bottom."""

    def write(self, revision: RevisionNode, parts: Sequence[RevisedPart]) -> None:
        tree = self.tree
        self.text_row(f"新旧対照表　{revision.label}", bold=True, font_size=14)
        self.text_row("　".join([*conditions(tree), tree.title]), font_size=10)
        decided = f"{revision.decided_on_label}　{revision.decided_by_label}"
        facts = [("決定", f"{decided}　{revision.document_number}".strip())]
        for name, text in [*facts, ("改訂の理由", revision.reason)]:
            self.long_text(_OLD, text, name=name)
        self.end_row([], 8)
        for column, name in enumerate(("項目", "改訂前", "改訂後")):
            self.cell(column, name, **HEADER)
        self.end_row([("項目", _WIDTHS[_FIELD])])
        for part in parts:
            self._part(part)
        if not parts:
            self.note("この改訂で変えたものは、まだありません。")
        self.note("違うところに下線を付けています。")
        self.finish()

    def _part(self, part: RevisedPart) -> None:
        self.may_begin_a_page()
        name = f"{part.kind}{part.place}　{part.name}（{part.act}）"
        self.merged(_FIELD, _NEW, name, bold=True, bg_color=HEADER_FILL)
        self.end_row([(name, self.width(_FIELD, _NEW))])
        for field in part.fields:
            self._field(field)
        if part.note:
            self.long_text(_OLD, part.note, name="終了の理由")

    def _field(self, field: RevisedField) -> None:
        self.cell(_FIELD, field.name)
        texts = []
        for column, pieces in ((_OLD, field.old), (_NEW, field.new)):
            text = "".join(piece.text for piece in pieces)
            self._pieces(column, pieces, text)
            texts.append((text, self.widths[column]))
        self.end_row([(field.name, self.widths[_FIELD]), *texts])

    def _pieces(self, column: int, pieces: Sequence[Piece], text: str) -> None:
        """Write a text with its marked pieces underlined."""
        look = {"border": 1, "text_wrap": True}
        if not text:
            self.cell(column, NOTHING)
        elif all(piece.differs for piece in pieces):
            self.cells.text(self.row, column, text, underline=1, **look)
        elif any(piece.differs for piece in pieces):
            marked = [(piece.text, {"underline": 1} if piece.differs else {}) for piece in pieces]
            self.cells.rich_text(self.row, column, marked, **look)
        else:
            self.cells.text(self.row, column, text, **look)
