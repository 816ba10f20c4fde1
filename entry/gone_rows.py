"""Rows of the grid that were typed into and cannot be saved any more when the form arrives.

The section that enters them has changed meanwhile, or their plan is 作成中 again: they are not
shown in the grid. Or planning has confirmed the value: its row is closed. A message repeats what
was typed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from entry.grid import FIELDS, GridRow, grid_texts, posted_rows, was_typed
from indicators.entries import WITHDRAWN, WITHDRAWN_LABEL
from indicators.listing_rows import listing_rows
from indicators.models import Actual, FiscalYear
from indicators.typed_values import ABSENCES, LABELS
from japanese.row_numbers import row_number


def told_of_gone_rows(rows: Collection[GridRow], data: Mapping[str, str]) -> Iterator[str]:
    """Yield a message for each row that a form holds with typed texts and `rows` does not."""
    known = {row.pk for row in rows}
    gone = {
        number: texts
        for name in data
        if name.endswith("-seen") and (number := row_number(name[1:].partition("-")[0]))
        if number not in known and (texts := was_typed(number, data))
    }
    if not gone:
        return
    # Not the names of indicators that only a draft lists.
    names = {pk: rows[0].name for pk, rows in listing_rows(indicator_ids=[*gone]).items()}
    for number, texts in gone.items():
        subject = f"「{names[number]}」" if number in names else "この画面にない指標"
        typed = _in_words({field: text for field, text in texts.items() if text})
        yield (
            f"{subject}に入力した{typed}は、保存していません。入力する課が変わったか、計画が作成中に"
            "戻ったため、この画面の対象ではなくなりました。必要な場合は、内容を控えて、"
            f"{settings.PLANNING_OFFICE}に連絡してください。"
        )


@dataclass(frozen=True)
class Sent:
    """The rows of a form: `rows` may be saved, `closed` have been confirmed since it was opened."""

    rows: list[GridRow]
    closed: list[GridRow]

    def on_page(self, shown: Iterable[GridRow], rows: Iterable[GridRow]) -> list[GridRow]:
        """Return `rows` with the closed ones as they are `shown`, in the order of the page."""
        found = {row.pk: row for row in rows}
        closed = {row.pk for row in self.closed}
        return [found.get(row.pk, row) for row in shown if row.pk in found or row.pk in closed]


def sent_rows(shown: Sequence[GridRow], data: Mapping[str, str], year: FiscalYear | None) -> Sent:
    """Return the rows of a submitted form, those apart that are closed because they are confirmed.

    If the year ended while somebody was typing, all rows stay open, so that nothing is lost.
    """
    posted = posted_rows(shown, data)
    is_open = year is not None and year.entry_is_open
    closed = {
        row.pk
        for row in shown
        if is_open
        and not row.is_editable
        and row.row.stored is not None
        and row.row.stored.state == Actual.State.CONFIRMED
    }
    return Sent(
        [row for row in posted if row.pk not in closed], [row for row in posted if row.pk in closed]
    )


def told_of_closed_rows(rows: Iterable[GridRow]) -> Iterator[str]:
    """Yield a message for each closed row into which something else was typed than is stored."""
    for row in rows:
        if not row.is_unsaved:
            continue
        stored = grid_texts(row.row)
        typed = {name: row.texts.get(name, "") for name in FIELDS}
        differs = {name: text for name, text in typed.items() if text.strip() != stored[name]}
        yield (
            f"「{row.row.name}」は、企画担当が確認したため、変えられません（登録されている値："
            f"{row.stored_value}）。入力した{_in_words(differs)}は、保存していません。変える必要が"
            f"ある場合は、内容を控えて、{settings.PLANNING_OFFICE}に連絡してください。"
        )


def _in_words(texts: Mapping[str, str]) -> str:
    """Return the texts of fields as people know them: 実績値「6」、備考「…」."""
    return "、".join(_field_in_words(field, text) for field, text in texts.items())


def _field_in_words(field: str, text: str) -> str:
    if field == "provisional":
        return "「速報値」の印" if text else "「速報値」の印を外すこと"
    if field == "availability":
        text = _ABSENCES.get(text, text)
    return f"{LABELS[field]}「{text or '（空欄）'}」"


_ABSENCES = {code: label for label, code in ABSENCES.items()} | {WITHDRAWN: WITHDRAWN_LABEL}
