"""Versions of a row from several pages of one person: none replaces what it has not shown.

Each page of a grid has a name of its own, which every row of its form sends as `page`. A page that
was filled with kept input names the page that had kept it as well: 5f0e.a91c has shown what a91c
kept, and takes its place. Input from any other page is kept beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from secrets import token_hex
from typing import Any, TypeVar

from entry.grid import PAGE, field_id
from japanese.row_numbers import row_number

Fields = Mapping[str, str]
"""The fields of one row as a form sends them: its texts, `seen` and `page`."""

Versions = dict[int, list[Fields]]
"""What is kept of each row, the newest version last."""

MOST = 10
"""How many versions of a row are kept: more windows than anybody opens on the same row."""

_LONGEST_NAME = 40
_NOT_TYPED = ("seen", PAGE)

AnyRow = TypeVar("AnyRow", bound=Any)


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


def versions(kept: Any) -> Versions:
    """Return what is kept, by row; `kept` is a KeptInput or None."""
    found: Versions = {}
    if kept is not None:
        for fields in (*kept.earlier, kept.typed):
            for pk, row in by_row(fields).items():
                found.setdefault(pk, []).append(row)
    return found


def by_row(fields: Fields) -> dict[int, Fields]:
    """Return the fields of a form by row."""
    found: dict[int, dict[str, str]] = {}
    for name, text in fields.items():
        pk = row_number(name[1:].partition("-")[0])
        if pk is not None:
            found.setdefault(pk, {})[name] = text
    return {**found}


def newest(found: Versions) -> dict[str, str]:
    """Return the fields of the newest version of each row."""
    return {name: text for rows in found.values() for name, text in rows[-1].items()}


def earlier(found: Versions) -> list[Fields]:
    """Return the other versions, each with the fields of one row."""
    return [row for rows in found.values() for row in rows[:-1]]


def put(found: Versions, pk: int, fields: Fields) -> None:
    """Add a version of a row; drop equal versions and those whose page it has shown."""
    own = field_id(pk, PAGE)
    drop(found, pk, fields)
    row = {**fields, own: pages_in(fields.get(own, ""))[0]}
    found[pk] = [*found.get(pk, ()), row][-MOST:]


def drop(found: Versions, pk: int, fields: Fields) -> None:
    """Drop the versions of a row that a page had shown or that say the same as its `fields`."""
    own = field_id(pk, PAGE)
    shown = pages_in(fields.get(own, ""))
    left = [
        row
        for row in found.pop(pk, [])
        if row.get(own, "") not in shown and _texts(pk, row) != _texts(pk, fields)
    ]
    if left:
        found[pk] = left


def drop_page(found: Versions, pk: int, page: str) -> None:
    """Drop what one page keeps of a row."""
    left = [row for row in found.pop(pk, []) if row.get(field_id(pk, PAGE), "") != page]
    if left:
        found[pk] = left


def _texts(pk: int, fields: Fields) -> dict[str, str]:
    apart: Sequence[str] = [field_id(pk, name) for name in _NOT_TYPED]
    texts = {name: text.replace("\r\n", "\n").strip() for name, text in fields.items()}
    return {name: text for name, text in texts.items() if text and name not in apart}
