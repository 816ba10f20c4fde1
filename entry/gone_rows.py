"""Rows of the grid that were typed into and are not the user's any more when the form arrives.

The section that enters them has changed meanwhile, or their plan is 作成中 again. They cannot be
saved or shown in the grid, so a message repeats what was typed.
"""

from collections.abc import Collection, Iterator, Mapping

from django.conf import settings

from entry.grid import GridRow, was_typed
from indicators.listing_rows import listing_rows
from indicators.typed_values import LABELS
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
        typed = "、".join(f"{LABELS[field]}「{text}」" for field, text in texts.items() if text)
        yield (
            f"{subject}に入力した{typed}は、保存していません。入力する課が変わったか、計画が作成中に"
            "戻ったため、この画面の対象ではなくなりました。必要な場合は、内容を控えて、"
            f"{settings.PLANNING_OFFICE}に連絡してください。"
        )
