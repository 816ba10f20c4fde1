"""What a filled-in row says: its cells, with what stays as it was where they are empty.

An empty cell never takes a stored value away. It stands for "as it was", unless another cell of the
row says otherwise: who chooses 未公表 and empties the value means just that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from entry.excel.columns import FILLED, Header
from indicators.entries import WITHDRAWN_LABEL
from indicators.models import Actual
from indicators.typed_values import NUMBERS, Typed
from japanese.months import read_month
from tables.sheets import ShownCell

REPORTED = Actual.Availability.REPORTED.label
UNPUBLISHED = Actual.Availability.UNPUBLISHED.label


@dataclass(frozen=True)
class Filled:
    """The texts of a row by field of Entry, complete; `kept` names what stayed.

    `availability` is a label, WITHDRAWN_LABEL included, or "".
    """

    texts: dict[str, str]
    kept: tuple[Header, ...] = ()

    @property
    def typed(self) -> Typed:
        """The same as indicators/typed_values.py reads it."""
        return Typed(**self.texts)


def fill_up(cells: Mapping[str, ShownCell], base: Mapping[str, str]) -> Filled:
    """Return what a row says; `base` are the texts that its cells had, all "" for a new value."""
    texts = {field: _text(field, cell) for field, cell in cells.items()}
    if texts["availability"] == WITHDRAWN_LABEL:
        left_as_they_were = {field for field in texts if texts[field] == base[field]}
        return Filled(texts | dict.fromkeys(left_as_they_were, ""))
    kept = []
    typed_numbers = any(texts[field] for field in NUMBERS)
    if not texts["availability"]:
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
    """Return the text of a cell; a date that Excel made of a month as that month."""
    return f"{cell.day:%Y-%m}" if field == "expected_month" and cell.day else cell.text


def _keep_numbers(texts: dict[str, str], base: Mapping[str, str]) -> list[str]:
    """Fill in what was emptied of value, numerator and denominator; return which fields."""
    parts = ("numerator", "denominator")
    emptied: tuple[str, ...]
    if not any(texts[field] for field in NUMBERS):
        emptied = NUMBERS
    elif any(texts[field] for field in parts) or texts["value"] == base["value"]:
        emptied = tuple(field for field in parts if not texts[field])
    else:
        emptied = ()  # another value: what it was computed from no longer counts
    kept = [field for field in emptied if base[field]]
    texts.update({field: base[field] for field in kept})
    return kept


def _keep_month(texts: dict[str, str], base: Mapping[str, str]) -> list[str]:
    """Let the month go where the value is no longer 未公表, and stay where its cell is empty."""
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
