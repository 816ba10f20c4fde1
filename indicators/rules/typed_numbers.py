"""Parse a number typed into a field of an indicator, in its display unit. No Django.

numerals.read_number parses the number; this module checks the unit.
"""

import re
from decimal import Decimal

from japanese.numerals import half_width, plain, read_number, shown

_WORDS_FOR_SIZES = "十百千万億兆"

# Invisible characters that come with a number copied from a web page or a document.
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")


def read_typed_number(
    text: str, label: str = "", *, unit: str = "", shown_unit: str = "", factor: int = 1
) -> Decimal:
    """Return the number in the indicator's unit: 1,234 typed as 千円 (factor 1000) is 1,234,000.

    Raises ValueError with a message that begins with the field's label if the text is not a
    number, if it has ％ but the unit is another one, if it is 〇 alone (which may mean yes or
    zero), or if it has 億 or the like while the display unit is 千円 or the like: 2億 may count 円
    or 千円. A number may have the unit behind it in which it is shown; with another one it is
    refused, and the message says what to type.
    """
    text = _INVISIBLE.sub("", text)
    typed = half_width(text).strip()
    if typed.endswith("%") and unit != "％":
        its_unit = f"が、この指標の単位は「{shown_unit}」です" if shown_unit else ""
        raise ValueError(
            f"{label}「{shown(text)}」に％が付いています{its_unit}。％を付けずに入力してください。"
        )
    if typed and not typed.strip("〇"):
        raise ValueError(
            f"{label}「{shown(text)}」は、零か丸印か区別できません。"
            "零のときは「0」と入力してください。"
        )
    number = _before_unit(typed, shown_unit)
    if factor != 1 and number == typed:
        if remedy := _with_unit(typed, unit, shown_unit, factor):
            raise ValueError(f"{label}「{shown(text)}」は{remedy}")
        if any(word in typed for word in _WORDS_FOR_SIZES):
            raise ValueError(
                f"{label}「{shown(text)}」は、{unit}の数か{shown_unit}の数か区別できません。"
                f"{shown_unit}の数を「12000」のように算用数字だけで入力してください。"
            )
    try:
        return read_number(text if number == typed else number) * factor
    except ValueError as error:
        if (
            shown_unit
            and (other := _OTHER_UNIT.fullmatch(typed))
            and (other["unit"] or "円") != unit
        ):
            raise ValueError(
                f"{label}「{shown(text)}」の単位が、この指標の「{shown_unit}」と違います。"
                f"{shown_unit}の数だけを入力してください。"
            ) from error
        raise ValueError(f"{label}{error}") from error


_OTHER_UNIT = re.compile(
    r"(?:[¥￥][0-9,.]+|[0-9,.]+\s*(?P<unit>[千百万億]*円|件|人|名|社|戸|店|回|世帯|団体|箇所|か所|日|泊|台|頭))"
)


def _before_unit(typed: str, unit: str) -> str:
    """Return 1,234 for 1,234人 where the unit is 人; any other text as it is."""
    number = typed.removesuffix(unit).rstrip() if unit else typed
    return number if number and number[-1].isascii() and number[-1].isdigit() else typed


def _with_unit(typed: str, unit: str, shown_unit: str, factor: int) -> str:
    """Return what to type instead of 5,000円 or ¥5,000 in a field for 千円; "" otherwise."""
    number = typed.lstrip("¥￥").removesuffix(unit)
    value = _number(number) if number != typed else None
    if value is None:
        return ""
    return f"、{unit}の数です。{shown_unit}の数で「{plain(value / factor)}」と入力してください。"


def _number(text: str) -> Decimal | None:
    try:
        return read_number(text)
    except ValueError:
        return None
