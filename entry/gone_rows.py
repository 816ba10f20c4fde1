"""Rows of the grid that were typed into and can no longer be saved when the form arrives.

The section that enters them has changed meanwhile, a revision has ended their listing, or their
plan is 作成中 again: they are not shown in the grid, and what was typed is kept. Or planning has
confirmed the value: its row is closed. A message repeats what was typed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts import access
from accounts.sections import read_names
from entry.grid import FIELDS, GridRow, posted_rows, texts_in
from entry.grid_fields import LostRow, lost_rows
from entry.kept_offer import EMPTY, KeptTexts, reason_of_closed_row, worth_copying
from indicators.duties import entering_section
from indicators.entries import WITHDRAWN, WITHDRAWN_LABEL
from indicators.listing_rows import listing_rows
from indicators.models import FiscalYear, Indicator
from indicators.typed_values import ABSENCES, LABELS
from japanese.fiscal_years import full_label
from trail.installation import planning_office


@dataclass(frozen=True)
class Sent:
    """The rows of a form with what was typed into them, and what it holds of rows gone meanwhile.

    `rows` may be saved, `closed` have been confirmed since the form was opened. Of the `gone` ones,
    those in `kept` are kept for the user.
    """

    posted: list[GridRow]
    rows: list[GridRow]
    closed: list[GridRow]
    gone: list[LostRow]
    kept: list[LostRow]

    def on_page(self, shown: Iterable[GridRow], rows: Iterable[GridRow]) -> list[GridRow]:
        """Return `rows` with the closed ones as they are `shown`, in the order of the page."""
        found = {row.pk: row for row in rows}
        closed = {row.pk for row in self.closed}
        return [found.get(row.pk, row) for row in shown if row.pk in found or row.pk in closed]


def sent_rows(
    shown: Collection[GridRow], data: Mapping[str, str], year: FiscalYear | None, user: Any
) -> Sent:
    """Return what a submitted form holds; `shown` are the rows of the grid as stored.

    If the year ended while somebody was typing, all rows stay open, so that nothing is lost.
    Of a year that does not exist nothing is kept.
    """
    posted, gone = posted_rows(shown, data), _gone(shown, data)
    is_open = year is not None and year.entry_is_open
    closed = {row.pk for row in shown if is_open and not row.is_editable and row.is_confirmed}
    return Sent(
        posted,
        rows=[row for row in posted if row.pk not in closed],
        closed=[row for row in posted if row.pk in closed],
        gone=gone,
        kept=_entered_before(gone, user) if year else [],
    )


def _gone(rows: Collection[GridRow], data: Mapping[str, str]) -> list[LostRow]:
    gone = lost_rows(rows, data, texts_in)
    ids = [row.pk for row in gone]
    known = Indicator.objects.filter(pk__in=ids).values_list("pk", flat=True) if gone else ()
    return [row for row in gone if row.pk in known]


def _entered_before(gone: list[LostRow], user: Any) -> list[LostRow]:
    """Return the rows whose values the user enters, or did before their section changed.

    A form may name any.
    """
    if not gone or access.may_enter_for_every_section(user):
        return gone
    history: Any = Indicator.history
    own = access.sections_to_enter(user)
    found = history.filter(id__in=[row.pk for row in gone], entered_by__in=own).order_by()
    ids = {*found.values_list("id", flat=True)}
    return [row for row in gone if row.pk in ids]


def told_of_lost_rows(sent: Sent, fiscal_year: int) -> Iterator[str]:
    """Yield a message for each row of a form that can no longer be saved, with what was typed."""
    if sent.gone:
        yield from _told_of_gone_rows(sent, fiscal_year)
    for row in sent.closed:
        if row.is_unsaved:
            yield (
                f"「{row.name}」は、企画担当が確認したため、変えられません（登録されている値："
                f"{row.stored_value}）。入力した{_in_words(_differing(row))}は、保存していません。"
                f"変える必要がある場合は、内容を控えて、{planning_office()}に連絡してください。"
            )


def _told_of_gone_rows(sent: Sent, fiscal_year: int) -> Iterator[str]:
    names, reasons = _names_and_reasons(sent.gone, fiscal_year)
    for row in sent.gone:
        subject = f"「{names[row.pk]}」" if row.pk in names else "この画面にない指標"
        typed = _in_words({field: text for field, text in row.texts.items() if text})
        told_of_it = _KEPT if row in sent.kept else ""
        yield (
            f"{subject}に入力した{typed}は、保存していません。{reasons[row.pk]}ため、この画面の対象では"
            f"なくなりました。{told_of_it}登録が必要な場合は、内容を控えて、"
            f"{planning_office()}に連絡してください。"
        )


_KEPT = "入力した内容は、捨てるまで保管しています。"


def kept_texts(
    rows: Collection[GridRow], data: Mapping[str, str], fiscal_year: int
) -> list[KeptTexts]:
    """Return what `data` keeps, row by row; `rows` are those of the grid as stored."""
    open_rows = {row.pk for row in rows if row.is_editable}
    found = []
    for row in posted_rows(rows, data):
        if not row.is_unsaved:
            continue
        is_open = row.pk in open_rows
        reason = "" if is_open else reason_of_closed_row(is_confirmed=row.is_confirmed)
        labelled = _labelled(worth_copying(_differing(row)))
        found.append(KeptTexts(row.pk, row.name, labelled, reason, row.page))
    gone = _gone(rows, data)
    if gone:
        names, reasons = _names_and_reasons(gone, fiscal_year)
        for one in gone:
            reason = (
                f"{reasons[one.pk]}ため、この画面の対象ではなくなりました。"
                f"登録が必要な場合は、{planning_office()}に連絡してください。"
            )
            name = names.get(one.pk, "この画面にない指標")
            labelled = _labelled(worth_copying(one.texts))
            found.append(KeptTexts(one.pk, name, labelled, reason, one.page))
    return found


def _names_and_reasons(
    gone: Collection[LostRow], fiscal_year: int
) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """Return by indicator its name, unless only a draft lists it, and why its row is gone."""
    ids = [row.pk for row in gone]
    names = {pk: rows[0].name for pk, rows in listing_rows(indicator_ids=ids).items()}
    return names, _reasons(ids, names, fiscal_year)


def _reasons(gone: Sequence[int], listed: Collection[int], fiscal_year: int) -> Mapping[int, str]:
    """Return by indicator why its row is no longer in the grid of a year."""
    asked = listing_rows(indicator_ids=gone, fiscal_year=fiscal_year, compared=True)
    entering = entering_section(fiscal_year)
    sections = Indicator.objects.filter(pk__in=asked).values_list("pk", entering)
    names = read_names().current
    reasons = {pk: f"入力する課が{names[section]}に変わった" for pk, section in sections}
    for pk in gone:
        if pk not in reasons:
            reasons[pk] = (
                f"計画の改訂などで、{full_label(fiscal_year)}の値を入力する指標ではなくなった"
                if pk in listed
                else "計画が作成中に戻ったか、計画からこの指標がなくなった"
            )
    return reasons


def _differing(row: GridRow) -> dict[str, str]:
    """Return the typed texts that differ from what is stored."""
    stored = row.stored_texts
    typed = {name: row.texts.get(name, "") for name in FIELDS}
    return {name: text for name, text in typed.items() if text.strip() != stored[name]}


def _labelled(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return texts with the labels of their fields; words for the ticks and the choices."""
    found = []
    for field, text in texts.items():
        if field == "provisional":
            text = "印を付けた" if text else "印を外した"
        elif field == "availability":
            text = _ABSENCES.get(text, text)
        found.append((LABELS[field], text or EMPTY))
    return found


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
