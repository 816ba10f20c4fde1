"""A number that somebody typed into the field of an indicator, in the unit shown there. No Django.

What a number is decides numerals.read_number; here the unit is held against it.
"""

from decimal import Decimal

from indicators.numerals import half_width, read_number, shown

_WORDS_FOR_SIZES = "十百千万億兆"


def read_typed_number(
    text: str, label: str = "", *, unit: str = "", shown_unit: str = "", factor: int = 1
) -> Decimal:
    """Return the number in the indicator's unit: 1,234 typed as 千円 (factor 1000) is 1,234,000.

    Raises ValueError with a message that begins with the field's label: for what is no number, for
    ％ behind a value of another unit, and for 2億 where the unit itself is 千円 or the like: nobody
    can tell whether that counts 円 or 千円.
    """
    plain = half_width(text).strip()
    if plain.endswith("%") and unit != "％":
        its_unit = f"が、この指標の単位は「{shown_unit}」です" if shown_unit else ""
        raise ValueError(
            f"{label}「{shown(text)}」に％が付いています{its_unit}。％を付けずに入力してください。"
        )
    if factor != 1 and any(word in plain for word in _WORDS_FOR_SIZES):
        raise ValueError(
            f"{label}「{shown(text)}」は、{unit}の数か{shown_unit}の数か区別できません。"
            f"{shown_unit}の数を「12000」のように算用数字だけで入力してください。"
        )
    try:
        return read_number(text) * factor
    except ValueError as error:
        raise ValueError(f"{label}{error}") from error
