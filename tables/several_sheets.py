"""Import several sheets of one workbook, each as a bulk table: all of them or nothing.

A sheet may refer to what a sheet before it brings. Errors name sheet and cell.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from tables.importing import Comparison, Document, Fault, Importer, RowNote, rows_counted
from tables.resource import TableResource
from tables.sheets import Sheet, read_sheets
from tables.table import Table, table_of
from tables.uploads import Format, Upload, UploadError
from trail.history import Door


@dataclass(frozen=True)
class SheetFault(Fault):
    """An error in one place of a sheet."""

    table: Table | None = field(default=None, repr=False, compare=False)


@dataclass
class SheetsDocument(Document):
    """A workbook: the tables of the sheets that are read, in the order in which they are taken."""

    tables: list[Table] = field(default_factory=list)

    def place_of(self, fault: Fault) -> str:
        table = getattr(fault, "table", None)
        return table.place_of(fault) if table else super().place_of(fault)


@dataclass
class SheetsComparison(Comparison):
    """What the workbook would change; `parts` has the comparison of each table."""

    parts: list[Comparison] = field(default_factory=list)

    @property
    def faulty_rows(self) -> int:
        return sum(part.faulty_rows for part in self.parts)


class SheetsImporter(Importer[SheetsDocument]):
    """Imports workbooks; subclasses say which sheets, by their resources."""

    resources: Sequence[type[TableResource]]
    """A sheet has the name of its table (`TableResource.subject`)."""

    others: frozenset[str] = frozenset()
    """Sheets that are there to be read by people."""

    door = Door.IMPORT

    def __init__(self, *, user: object = None, reason: str = "") -> None:
        self.user = user
        self.reason = reason

    def read(self, upload: Upload) -> SheetsDocument:
        if upload.kind != Format.XLSX:
            raise UploadError(
                f"ファイル「{upload.name}」は、Excelブック（.xlsx）ではありません。"
                "この画面で受け取った様式に入力し、そのまま選んでください。"
            )
        document = SheetsDocument(upload.name)
        sheets = {sheet.title.strip(): sheet for sheet in read_sheets(upload)}
        names = [resource().subject for resource in self.resources]
        document.tables = [
            table for table in self._tables(document, names, sheets) if table.rows or table.faults
        ]
        there = [name for name in names if name in sheets]
        if not there and not document.faults:
            named = "」も「".join(names)
            document.faults.append(
                Fault(
                    f"シート「{named}」もありません。"
                    "この画面で受け取った様式に入力し、シートを残したまま選んでください。"
                )
            )
        elif there and not document.tables:
            named = "」と「".join(there)
            document.faults.append(
                Fault(f"シート「{named}」に行がありません。見出しの下に行を入力してください。")
            )
        return document

    def _tables(
        self, document: SheetsDocument, names: Sequence[str], sheets: dict[str, Sheet]
    ) -> Iterator[Table]:
        for name in names:
            if name in sheets:
                yield table_of(document.name, sheets[name])
        unread = [title for title in sheets if title not in {*names, *self.others}]
        missing = [name for name in names if name not in sheets]
        if unread and missing:
            document.faults.append(
                Fault(
                    f"シート「{'」「'.join(missing)}」がありません。シート「{'」「'.join(unread)}」が"
                    "それであれば、シートの名前を直してください。"
                )
            )
        elif unread:
            document.notes.append(f"シート「{'」「'.join(unread)}」は読みません。")

    def compare(
        self, documents: Sequence[SheetsDocument], *, writing: bool = False
    ) -> list[Comparison]:
        with transaction.atomic():
            comparisons: list[Comparison] = [
                self._compared(document, writing=writing) for document in documents
            ]
            if not writing:
                transaction.set_rollback(True)
        return comparisons

    def _compared(self, document: SheetsDocument, *, writing: bool) -> SheetsComparison:
        by_name = {resource().subject: resource for resource in self.resources}
        whole = SheetsComparison(document)
        for table in document.tables:
            resource = by_name[table.sheet.strip()](user=self.user, reason=self.reason)
            self.set_up(resource)
            # Written, so that the next sheet can refer to it; `compare` takes it back.
            is_last = table is document.tables[-1]
            [part] = resource.compare([table], writing=writing or not is_last)
            part.faults = [
                SheetFault(**vars(fault), table=table)
                for fault in part.faults
                if not self.follows(fault, whole.parts)
            ]
            whole.parts.append(part)
            whole.faults += part.faults
            whole.changes += part.changes
            whole.notes += [*part.notes, *self.notes_on(part)]
            whole.unchanged += part.unchanged
        return whole

    def set_up(self, resource: TableResource) -> None:
        """Have the table of a sheet speak of this workbook."""
        resource.header_source = "この画面で受け取った様式"

    def follows(self, fault: Fault, earlier: Sequence[Comparison]) -> bool:
        """Return whether a fault is there only because of faults of the sheets before it."""
        return False

    def notes_on(self, part: Comparison) -> list[RowNote]:
        """Return what the user should look at again in a table without errors."""
        return []

    def summary(self, comparisons: Sequence[Comparison]) -> str:
        parts = [part for one in comparisons for part in getattr(one, "parts", ())]
        return "、".join(
            f"{part.document.sheet}："
            f"{rows_counted(len(part.added), len(part.changed), part.unchanged)}"
            for part in parts
        )
