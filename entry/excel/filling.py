"""Completes a filled-in row: empty cells keep what is stored.

An empty cell never deletes a stored value. It means "unchanged", unless another cell of the row
says otherwise: somebody who chooses 未公表 and clears the value means that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from entry.excel.columns import FILLED, Header
from indicators.entries import WITHDRAWN_LABEL
from indicators.models import Actual
from indicators.typed_values import ABSENCES, NUMBERS, Typed, word_of
from japanese.months import read_month
from tables.sheets import ShownCell

REPORTED = Actual.Availability.REPORTED.label
UNPUBLISHED = Actual.Availability.UNPUBLISHED.label


@dataclass(frozen=True)
class Filled:
    """The completed texts of a row by field of Entry; `kept` names the fields left unchanged.

    `availability` is a label (possibly WITHDRAWN_LABEL) or "".
    """

    texts: dict[str, str]
    kept: tuple[Header, ...] = ()

    @property
    def typed(self) -> Typed:
        """The texts in the form that indicators/typed_values.py parses."""
        return Typed(**self.texts)


def fill_up(cells: Mapping[str, ShownCell], base: Mapping[str, str]) -> Filled:
    """Return the completed row; `base` are the stored texts, all "" for a new value."""
    texts = {field: _text(field, cell) for field, cell in cells.items()}
    if texts["availability"] == WITHDRAWN_LABEL:
        left_as_they_were = {field for field in texts if texts[field] == base[field]}
        return Filled(texts | dict.fromkeys(left_as_they_were, ""))
    kept = []
    typed_numbers = any(texts[field] for field in NUMBERS)
    if not texts["availability"]:
        if texts["value"] in ABSENCES:  # 未公表 in the cell of the value is enough
            texts["availability"] = texts["value"]
        else:
            texts["availability"] = REPORTED if typed_numbers else base["availability"]
    if texts["availability"] == REPORTED:
        kept += _keep_numbers(texts, base)
    kept += _keep_month(texts, base)
    if not texts["remarks"] and base["remarks"]:
        texts["remarks"] = base["remarks"]
        kept.append("remarks")
    texts["provisional"] = texts["provisional"] or base["provisional"]
    return Filled(texts, tuple(FILLED[field] for field in kept))


def _text(field: str, cell: ShownCell) -> str:
    """Return the text of a cell; a month that Excel turned into a date is turned back.

    A word of a list is returned as it is listed.
    """
    if field == "expected_month" and cell.day:
        return f"{cell.day:%Y-%m}"
    return word_of(field, cell.text)


def _keep_numbers(texts: dict[str, str], base: Mapping[str, str]) -> list[str]:
    """Restore cleared value, numerator and denominator; return the restored fields."""
    parts = ("numerator", "denominator")
    emptied: tuple[str, ...]
    if not any(texts[field] for field in NUMBERS):
        emptied = NUMBERS
    elif any(texts[field] for field in parts) or texts["value"] == base["value"]:
        emptied = tuple(field for field in parts if not texts[field])
    else:
        emptied = ()  # a new value: the old numerator and denominator do not apply to it
    kept = [field for field in emptied if base[field]]
    texts.update({field: base[field] for field in kept})
    return kept


def _keep_month(texts: dict[str, str], base: Mapping[str, str]) -> list[str]:
    """Drop the month if the value is no longer 未公表; keep it if only its cell is empty."""
    before = base["expected_month"]
    if texts["availability"] != UNPUBLISHED:
        if before and _is_month(texts["expected_month"], before):
            texts["expected_month"] = ""
        return []
    if before and not texts["expected_month"]:
        texts["expected_month"] = before
        return ["expected_month"]
    return []


def _is_month(text: str, month: str) -> bool:
    try:
        return read_month(text) == month
    except ValueError:
        return False
