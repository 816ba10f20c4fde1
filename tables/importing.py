"""The one way in which a file is imported: compared, shown, confirmed, and written all or nothing.

An `Importer` says how a kind of file is read, compared with what is stored, and written. What all
of them share is here: what a comparison says, the digest by which a confirmed change is known
again, and the transaction. tables/import_pages.py asks for the file and shows the comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Generic, TypeVar

from django.db import transaction
from openpyxl.utils import get_column_letter

from tables.uploads import Upload
from trail import events
from trail.events import Event
from trail.history import Change, Door, changing


@dataclass(frozen=True)
class Fault:
    """What is wrong in one place of a file; without `row`, with the file as a whole."""

    message: str
    row: int | None = None
    header: str = ""
    cell: str = ""


@dataclass(frozen=True)
class CellChange:
    """One cell that changes something: its header, what was there ("" for nothing), what comes."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """One row that changes something, and what of it stays because its cell is empty."""

    row: int
    label: str
    is_new: bool
    fields: tuple[CellChange, ...]
    section: str = ""
    is_withdrawn: bool = False
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowNote:
    """A row that changes nothing although one may think so, and why."""

    row: int
    label: str
    text: str


@dataclass
class Document:
    """What was read of a file: where its columns are, and what is wrong with the file itself.

    `columns` has the number of the column, counted from 1, by header; `sheet` is "" for CSV.
    """

    name: str
    sheet: str = ""
    columns: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def cell_of(self, fault: Fault) -> str:
        """Return the cell that a fault is in, as spreadsheets call it: F12; "" without one."""
        column = self.columns.get(fault.header)
        if fault.row is None or column is None:
            return ""
        return f"{get_column_letter(column)}{fault.row}"

    def place_of(self, fault: Fault) -> str:
        """Return where a fault is: シート「実績入力」のF12, 12行目, or the file as a whole."""
        if fault.row is None:
            return f"シート「{self.sheet}」" if self.sheet else "ファイル全体"
        cell = self.cell_of(fault) or f"{fault.row}行目"
        return f"シート「{self.sheet}」の{cell}" if self.sheet else cell

    def subject_of(self, fault: Fault) -> str:
        """Return what the row of a fault is about; "" where nobody can tell."""
        return ""


@dataclass
class Comparison:
    """What importing a document would do, or has done, and all that is wrong with it."""

    document: Document
    faults: list[Fault] = field(default_factory=list)
    reason_faults: list[tuple[str, str]] = field(default_factory=list)
    """Field (reason or change_kind) and message, where the form asks for more than the file."""

    changes: list[RowChange] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)
    unchanged: int = 0
    empty: int = 0
    entries: list[Any] = field(default_factory=list)
    """What is to be written, where the changes do not say all of it."""

    ticket: str = ""
    """By which the file is confirmed; "" where it does not wait for that."""

    def __post_init__(self) -> None:
        self.faults = [*self.document.faults, *self.faults]

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong: the rows can be, or have been, written."""
        return not self.faults and not self.reason_faults

    @property
    def added(self) -> list[RowChange]:
        return [change for change in self.changes if change.is_new]

    @property
    def changed(self) -> list[RowChange]:
        return [change for change in self.changes if not change.is_new]

    @property
    def places(self) -> list[tuple[str, str, Fault]]:
        """Where each fault is, what its row is about, and the fault."""
        of = self.document
        return [(of.place_of(fault), of.subject_of(fault), fault) for fault in self.faults]

    @property
    def faulty_rows(self) -> int:
        return len({fault.row for fault in self.faults if fault.row})

    @property
    def digest(self) -> str:
        """Return a fingerprint of the changes: what was confirmed is what may be written."""
        return sha256(repr((self.changes, self.entries)).encode()).hexdigest()

    def refuse(self, field_name: str, message: str) -> None:
        """Note, once, what the form lacks."""
        if (field_name, message) not in self.reason_faults:
            self.reason_faults.append((field_name, message))

    def leave_out_refused(self) -> None:
        """Put faults and changes in the order of the rows; rows with a fault are no changes."""
        self.faults.sort(key=lambda fault: fault.row or 0)
        refused = {fault.row for fault in self.faults}
        self.changes = sorted(
            (change for change in self.changes if change.row not in refused),
            key=lambda change: change.row,
        )


ReadDocument = TypeVar("ReadDocument", bound=Document)


class Importer(Generic[ReadDocument]):
    """A kind of file that somebody imports, and why: subclasses say how."""

    user: Any
    reason: str
    door: Door

    subject: str
    """What the log of events calls it."""

    table: str
    """For which table a ticket is."""

    @property
    def change(self) -> Change:
        """Who changes something, why, and through which door."""
        return Change(by=self.user, door=self.door, reason=self.reason)

    def read(self, upload: Upload) -> ReadDocument:
        """Return what a file holds. Raises UploadError where it cannot be read."""
        raise NotImplementedError

    def compare(
        self, documents: Sequence[ReadDocument], *, writing: bool = False
    ) -> list[Comparison]:
        """Return what the documents would change, one comparison each.

        What is written in order to find out is taken back, except when `writing`. Then `write`
        follows, and what it would refuse need not be looked for.
        """
        raise NotImplementedError

    def write(self, comparisons: Sequence[Comparison]) -> None:
        """Write what `compare` has not written; add a fault where that is refused."""

    def summary(self, comparisons: Sequence[Comparison]) -> str:
        """Return the counts of all comparisons in words."""
        raise NotImplementedError


def rehearse(
    importer: Importer[ReadDocument], documents: Sequence[ReadDocument]
) -> list[Comparison]:
    """Return what an import would do; nothing is written."""
    with changing(by=importer.user, door=importer.door, reason=importer.reason):
        return importer.compare(documents)


def carry_out(
    importer: Importer[ReadDocument], documents: Sequence[ReadDocument], digests: Sequence[str]
) -> tuple[list[Comparison], bool]:
    """Write and log what was confirmed; return what was found, and whether it was written.

    Nothing is written where anything is wrong, or is not what the digests were made of.
    """
    with (
        transaction.atomic(),
        changing(by=importer.user, door=importer.door, reason=importer.reason),
    ):
        comparisons = importer.compare(documents, writing=True)
        if _are_right(comparisons) and [one.digest for one in comparisons] == list(digests):
            importer.write(comparisons)
            if _are_right(comparisons):
                _log(importer, documents, comparisons)
                return comparisons, True
        transaction.set_rollback(True)
    return comparisons, False


def _are_right(comparisons: Sequence[Comparison]) -> bool:
    return all(comparison.is_right for comparison in comparisons)


def _log(
    importer: Importer, documents: Sequence[Document], comparisons: Sequence[Comparison]
) -> None:
    names = "、".join(document.name for document in documents)
    reason = f"。理由：{importer.reason}" if importer.reason else ""
    detail = f"{names}：{importer.summary(comparisons)}{reason}"
    events.log(Event.Kind.IMPORT, importer.subject, detail)
