"""The import engine: compare a file, preview it, confirm it, and write all of it or nothing.

An `Importer` reads one kind of file, compares it with the database and writes it. This module has
what they share: the data classes of a comparison, the digest that identifies the confirmed changes,
and the transaction. tables/import_pages.py asks for the file and shows the comparison.
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
    """An error in one place of a file; if `row` is None, in the file as a whole."""

    message: str
    row: int | None = None
    header: str = ""
    cell: str = ""


SHOWN_FAULTS = 200
"""The most faults that a preview lists; the rest is only counted."""

NAMED_ROWS = 5
"""How many rows of the same object a message names."""


def rows_named(numbers: Sequence[int], but: int) -> str:
    """Return the other rows of the same object: 12行目、13行目 or 12行目、… ほか14,998行."""
    named = [f"{number}行目" for number in numbers[: NAMED_ROWS + 1] if number != but][:NAMED_ROWS]
    rest = len(numbers) - (but in numbers) - len(named)
    return "、".join(named) + (f"、ほか{rest:,}行" if rest else "")


def rows_counted(added: int, changed: int, unchanged: int) -> str:
    """Return the counts of a table in words that are true before the import and after it."""
    return f"新規{added}行、変更{changed}行、変更なし{unchanged}行"


@dataclass(frozen=True)
class CellChange:
    """A changed cell: its header, the old text ("" for none) and the new text."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """A changed row. `kept` has the fields whose stored value stays because the cell is empty."""

    row: int
    label: str
    is_new: bool
    fields: tuple[CellChange, ...]
    section: str = ""
    is_withdrawn: bool = False
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowNote:
    """Explains why a row changes nothing where a user might expect a change."""

    row: int
    label: str
    text: str


@dataclass
class Document:
    """A file that was read: the positions of its columns, and errors of the file itself.

    `columns` maps headers to column numbers, counted from 1; `sheet` is "" for CSV.
    """

    name: str
    sheet: str = ""
    columns: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def tell(self, note: str) -> None:
        """Add a note, once: a document is compared again and again, for each page."""
        if note not in self.notes:
            self.notes.append(note)

    def cell_of(self, fault: Fault) -> str:
        """Return the reference of a fault's cell, such as F12; "" if the fault has no cell."""
        column = self.columns.get(fault.header)
        if fault.row is None or column is None:
            return ""
        return f"{get_column_letter(column)}{fault.row}"

    def place_of(self, fault: Fault) -> str:
        """Return the place of a fault: シート「実績入力」のF12, 12行目, or the file as a whole."""
        if fault.row is None:
            return f"シート「{self.sheet}」" if self.sheet else "ファイル全体"
        cell = self.cell_of(fault) or f"{fault.row}行目"
        return f"シート「{self.sheet}」の{cell}" if self.sheet else cell

    def subject_of(self, fault: Fault) -> str:
        """Return the name of the object in a fault's row; "" if unknown."""
        return ""


@dataclass
class Comparison:
    """What an import of a document would change, or has changed, and all its errors."""

    document: Document
    faults: list[Fault] = field(default_factory=list)
    reason_faults: list[tuple[str, str]] = field(default_factory=list)
    """Pairs of a form field (reason or change_kind) and a message: input missing in the form."""

    questions: list[Any] = field(default_factory=list)
    """What only the user can decide, for the page of the import to ask."""

    changes: list[RowChange] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)
    unchanged: int = 0
    overtaken: int = 0
    """How many of the unchanged say what was stored when the file was made, not what is now."""

    empty: int = 0
    entries: list[Any] = field(default_factory=list)
    """What `Importer.write` writes, if `changes` does not hold all of it."""

    ticket: str = ""
    """The ticket for the confirmation; "" if the file cannot be confirmed."""

    consequences: list[str] = field(default_factory=list)
    """What else the import changes, a line each, for the user to see before the confirmation."""

    changed_years: list[str] = field(default_factory=list)
    """Which years that exist get other sections, a line each, to be seen in the same way."""

    def __post_init__(self) -> None:
        self.faults = [*self.document.faults, *self.faults]

    @property
    def is_right(self) -> bool:
        """Whether there are no errors, and nothing is left to decide."""
        return not (self.faults or self.reason_faults or self.questions)

    @property
    def added(self) -> list[RowChange]:
        return [change for change in self.changes if change.is_new]

    @property
    def changed(self) -> list[RowChange]:
        return [change for change in self.changes if not change.is_new]

    @property
    def same(self) -> int:
        """How many of the unchanged say what is stored."""
        return self.unchanged - self.overtaken

    @property
    def places(self) -> list[tuple[str, str, Fault]]:
        """For each fault its place, the name of the object in its row, and the fault.

        Of the first SHOWN_FAULTS only.
        """
        of = self.document
        shown = self.faults[:SHOWN_FAULTS]
        return [(of.place_of(fault), of.subject_of(fault), fault) for fault in shown]

    @property
    def faults_not_shown(self) -> int:
        """How many faults `places` leaves out."""
        return max(0, len(self.faults) - SHOWN_FAULTS)

    @property
    def faulty_rows(self) -> int:
        return len({fault.row for fault in self.faults if fault.row})

    @property
    def digest(self) -> str:
        """A SHA-256 of the changes: proves that what is written is what the user confirmed."""
        confirmed = (self.changes, self.entries, self.consequences, self.changed_years)
        return sha256(repr(confirmed).encode()).hexdigest()

    def refuse(self, field_name: str, message: str) -> None:
        """Add a message about missing form input, unless it is there already."""
        if (field_name, message) not in self.reason_faults:
            self.reason_faults.append((field_name, message))

    def leave_out_refused(self) -> None:
        """Sort faults and changes by row, and drop the changes of rows with faults."""
        self.faults.sort(key=lambda fault: fault.row or 0)
        refused = {fault.row for fault in self.faults}
        self.changes = sorted(
            (change for change in self.changes if change.row not in refused),
            key=lambda change: change.row,
        )


ReadDocument = TypeVar("ReadDocument", bound=Document)


class Importer(Generic[ReadDocument]):
    """Imports one kind of file for a user. Subclasses implement reading, comparing and writing."""

    user: Any
    reason: str
    door: Door

    subject: str
    """The subject in the event log."""

    table: str
    """Identifies the table, so that a ticket cannot be used for another one."""

    @property
    def change(self) -> Change:
        """Who makes the change, why, and through which door."""
        return Change(by=self.user, door=self.door, reason=self.reason)

    def read(self, upload: Upload) -> ReadDocument:
        """Return the contents of a file. Raises UploadError if it cannot be read."""
        raise NotImplementedError

    def compare(
        self, documents: Sequence[ReadDocument], *, writing: bool = False
    ) -> list[Comparison]:
        """Return what the documents would change, one comparison each.

        An implementation may write in order to find out; it must roll that back unless `writing`.
        With `writing`, a call of `write` follows, so errors that `write` finds can be left to it.
        """
        raise NotImplementedError

    def write(self, comparisons: Sequence[Comparison]) -> None:
        """Write what `compare` has not written yet; add a fault for whatever is refused."""

    def summary(self, comparisons: Sequence[Comparison]) -> str:
        """Return the total counts of all comparisons as a Japanese sentence."""
        raise NotImplementedError


def rehearse(
    importer: Importer[ReadDocument], documents: Sequence[ReadDocument]
) -> list[Comparison]:
    """Return what an import would change, without writing."""
    with changing(by=importer.user, door=importer.door, reason=importer.reason):
        return importer.compare(documents)


def carry_out(
    importer: Importer[ReadDocument], documents: Sequence[ReadDocument], digests: Sequence[str]
) -> tuple[list[Comparison], bool]:
    """Write and log the confirmed changes; return the comparisons and whether they were written.

    Nothing is written if there is an error, or if the changes differ from those in `digests`.
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
