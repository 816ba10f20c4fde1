"""A reading of a target sentence in Japanese words, for the person who confirms it."""

from indicators.rules.sentences import Reading
from indicators.rules.terms import Direction, Kind
from japanese.fiscal_years import era_label
from japanese.numerals import plain


def in_words(reading: Reading) -> str:
    """Return a reading in one line, with its doubts behind ※."""
    return "　※".join((_what_is_read(reading), *reading.doubts))


def _what_is_read(reading: Reading) -> str:
    parts = [Kind(reading.kind).label if reading.kind else "種類は読み取れません"]
    if reading.special:
        parts.append(f"文言の形は「{reading.special.form.label}」")
    if reading.direction:
        parts.append(Direction(reading.direction).label)
    unit = reading.unit or ""
    if reading.target is not None:
        parts.append(f"目標値{plain(reading.target)}{unit}{_year(reading.target_year)}")
    if reading.baseline is not None:
        parts.append(f"基準値{plain(reading.baseline)}{unit}{_year(reading.baseline_year)}")
    return "、".join(parts)


def _year(year: int | None) -> str:
    return f"（{era_label(year)}）" if year else ""
