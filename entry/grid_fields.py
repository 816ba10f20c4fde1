"""The form of a grid, whatever its rows are about: fields, typed rows, and the page of each row.

A field in the row of indicator 12 is named r12-value. Each page of a grid has a name of its own,
which every row of its form sends as `page`. A page that was filled with kept input names the page
that had kept it as well: 5f0e.a91c has shown what a91c kept, and takes its place.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from secrets import token_hex
from typing import Any, Protocol, TypeVar

from entry.seen import read_seen
from indicators.merging import Texts
from indicators.typed_values import LABELS
from japanese.row_numbers import row_number

PAGE = "page"
"""The field of a row that names the page that it was typed into."""

_LONGEST_NAME = 40

AnyRow = TypeVar("AnyRow", bound=Any)


@dataclass(frozen=True)
class GridField:
    """A field of a row: its text, and what is wrong with it."""

    row: int
    name: str
    text: str
    messages: tuple[str, ...] = ()
    hint: str = ""
    of_row: str = ""
    """The label, unless it is a field of a value."""

    @property
    def id(self) -> str:
        """The field's name in the form and its id on the page."""
        return field_id(self.row, self.name)

    @property
    def label(self) -> str:
        """The field's label within its row."""
        return self.of_row or LABELS[self.name]

    @property
    def described_by(self) -> str:
        """The ids for aria-describedby; "" if nothing describes the field."""
        ids = [self.hint] if self.hint else []
        return " ".join([*ids, f"{self.id}-wrong"] if self.messages else ids)


def field_id(pk: int, name: str) -> str:
    """Return the name of a field, which is its HTML id as well; `pk` is the indicator's."""
    return f"r{pk}-{name}"


def row_in(name: str) -> int | None:
    """Return the row that a field belongs to; None for other fields of the form."""
    return row_number(name[1:].partition("-")[0])


def choice_id(pk: int, part: str) -> str:
    """Return the name of the field that decides between two contents of a part of a value."""
    return field_id(pk, f"choice-{part}")


def is_decision(name: str) -> bool:
    """Return whether a field of a submitted form has a decision about a row, not its content."""
    return name.partition("-")[2].startswith(("choice-", "reopen"))


def digest_of(texts: Texts, fields: Iterable[str]) -> str:
    """Return a short digest of texts that does not depend on the browser's line endings."""
    parts = (texts.get(name, "").replace("\r\n", "\n").strip() for name in fields)
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


def page_in(pk: int, data: Mapping[str, str]) -> str:
    """Return the page that a form names for a row."""
    return str(data.get(field_id(pk, PAGE), ""))


def pages_in(text: str) -> list[str]:
    """Return the pages that a row names: its own, then the one whose input it has shown."""
    return text[:_LONGEST_NAME].split(".")[:2]


def with_pages(rows: Iterable[AnyRow], *, is_answer: bool) -> list[AnyRow]:
    """Return the rows of a new page with its name.

    In the answer to a form, rows as they were typed stay those of the page that sent them.
    """
    name = token_hex(4)
    return [
        row
        if is_answer and row.page
        else replace(row, page=f"{name}.{pages_in(row.page)[0]}" if row.page else name)
        for row in rows
    ]


class TypedRow(Protocol):
    """A row of a grid with what was typed into it, whatever it is about."""

    @property
    def pk(self) -> int: ...
    @property
    def texts(self) -> Texts: ...
    @property
    def seen(self) -> str: ...
    @property
    def page(self) -> str: ...
    @property
    def is_unsaved(self) -> bool: ...


def fields_of(rows: Iterable[TypedRow]) -> dict[str, str]:
    """Return the fields of rows as the form would submit them."""
    return {
        field_id(row.pk, name): text
        for row in rows
        for name, text in (*row.texts.items(), ("seen", row.seen), (PAGE, row.page))
    }


@dataclass(frozen=True)
class LostRow:
    """A row that was typed into and is no longer among those that the user may write."""

    pk: int
    texts: Texts
    seen: str
    page: str
    is_unsaved: bool = True


def lost_rows(
    known: Iterable[TypedRow],
    data: Mapping[str, str],
    texts_in: Callable[[int, Mapping[str, str]], Texts],
) -> list[LostRow]:
    """Return the rows of a form that were typed into and are not `known`.

    `texts_in` reads the texts of a row from the form.
    """
    ids = {row.pk for row in known}
    found = []
    for name, seen in data.items():
        pk = row_in(name) if name.endswith("-seen") else None
        if pk is None or pk in ids or name != field_id(pk, "seen"):
            continue
        texts = texts_in(pk, data)
        if digest_of(texts, texts) != read_seen(str(seen)).digest:
            found.append(LostRow(pk, texts, str(seen), page_in(pk, data)))
    return found
