"""Numbers as people write them in Japanese: parse one, find all in a text, format one.

`read_number` parses a typed value: it reads the whole text as one number or raises ValueError
with a message for the user. It never guesses. `find_numbers` applies the same rules to each
number in running text. Standard library only; exact decimals, never `float`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

#: No quantity of a city needs more digits. More are a typing error or a pasted page.
MAX_DIGITS = 28

_LONGEST_SHOWN = 30

# Maps one character to one character, so that positions do not shift. NFKC would change too much:
# it turns 5² into 52.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}

_KANJI_DIGITS = "〇零一二三四五六七八九"
_AS_ARABIC = str.maketrans(_KANJI_DIGITS, "00123456789")
_SMALL_UNITS = {"千": 3, "百": 2, "十": 1}
_LARGE_UNITS = {"兆": 12, "億": 8, "万": 4, "": 0}
_NUMERAL = f"[0-9{_KANJI_DIGITS}{''.join(_SMALL_UNITS)}{''.join(_LARGE_UNITS)}]"
_MINUS = "−▲△-"

# Characters that look like a minus but are not: the long vowel mark, hyphens, dashes, box lines.
_LIKE_MINUS = "ーｰ‐‑‒–—―─━"

# Commas may only group by three: 1,23 and 0,123 might be meant as a decimal comma.
_PLAIN = re.compile(r"(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?")

#: Units that may follow a number of any size, as powers of ten: 1.5万, 1,234千, 25百万.
_MULTIPLIERS = {
    "千": 3,
    "万": 4,
    "百万": 6,
    "千万": 7,
    "億": 8,
    "十億": 9,
    "百億": 10,
    "千億": 11,
    "兆": 12,
}
_MULTIPLIED = re.compile(
    rf"(?P<coefficient>[0-9,.]+|[{_KANJI_DIGITS},.]+)(?P<multiplier>{'|'.join(_MULTIPLIERS)})?"
)
_LARGE_PARTS = re.compile(r"(?:([^兆億万]+)兆)?(?:([^兆億万]+)億)?(?:([^兆億万]+)万)?([^兆億万]+)?")
_SMALL_PARTS = re.compile(r"(?:(.?)千)?(?:(.?)百)?(?:(.?)十)?([^千百十]*)")

# 二三 before a unit means "two or three": 二三万人.
_TWO_OR_THREE = tuple(a + b for a, b in zip("一二三四五六七八", "二三四五六七八九", strict=True))

_VALUE_CELL = re.compile(rf"(?P<sign>[+{_MINUS}]?)(?P<core>.+?)%?")

# Words that begin with a numeral and may follow a digit: ３百貨店 is three department stores.
_GLUED_WORD = r"百貨|百姓|千歳|千葉|千島|十勝|十分|万全"
_IN_TEXT = re.compile(
    rf"(?:(?<![0-9A-Za-z)])[+{_MINUS}])?"
    rf"{_NUMERAL}(?:(?!{_GLUED_WORD}){_NUMERAL}|[.,・]+(?={_NUMERAL}))*"
)
_ENDS_WITH_ONE = re.compile(r"(?:唯|統|均|随|世界|日本|全国|道内|県内)$")
_ENDS_A_COUNT = (
    r"とし|とする|以[上下内]|未満|程度|増|減|向上|改善|上昇|低下|維持|確保|達成|[、。)→]|$"
)
_COUNTER = (
    r"[人名件社者戸店個所棟校園円回泊台頭匹羽隻本組品種点位倍割冊枚基機便年月日歳法箇]"
    r"|[カかヵヶケ][所国年月]|世帯|事業|団体|地区|施設|時間|分(?!な)|企業|集落|町内|自治会|路線"
    r"|[%‰]|ポイント|キロ|トン"
)
_COUNTED = re.compile(rf"{_COUNTER}|{_ENDS_A_COUNT}|から|→|/年")
_ONE_COUNTED = re.compile(
    rf"(?:{_COUNTER}){{1,2}}(?:[をにへがの]|{_ENDS_A_COUNT})|年[間で後]|%|ポイント"
)

# 38.5 percent is 三割八分五厘, 3割8分5厘 or 3.85割.
_SHARE = "[0-9一二三四五六七八九]"
_RATIO = re.compile(
    rf"(?<![0-9.{_KANJI_DIGITS}十百])([0-9]+(?:\.[0-9]+)?|[一二三四五六七八九]|十)割"
    rf"(?:({_SHARE})分(?:({_SHARE})厘)?)?"
)
_SHARES = (Decimal(10), Decimal(1), Decimal("0.1"))

# Words that belong in the remarks, not in the value: 約50, 50程度.
EXAMPLE = "「12.3」"
"""How a number is typed, in messages about a text that shows no number."""

_VAGUE = re.compile(
    r"(?P<before>約|およそ|おおよそ|おおむね|概ね|ほぼ)?(?P<rest>.+?)"
    r"(?P<after>程度|くらい|ぐらい|前後|以上|以下|未満|超|余り?|弱|強)?"
)
_WITH_UNIT = re.compile(rf"[¥￥]?(?P<number>.*{_NUMERAL})[ぁ-んァ-ヶー々一-龠A-Za-z%‰]{{0,6}}")


# Python's default context raises an error when it rounds a number of more than 28 digits.
_WIDE = Context(prec=100)


@dataclass(frozen=True)
class FoundNumber:
    """A number in a text, `text[start:end]`; `value` is None if it is malformed or ambiguous."""

    start: int
    end: int
    value: Decimal | None


def half_width(text: str) -> str:
    """Return `text` with full-width letters, digits, signs and spaces in half width.

    The length does not change; kana and kanji stay as they are.
    """
    return text.translate(_HALF_WIDTH)


def shown(text: str) -> str:
    """Return `text` shortened for an error message: a pasted page must not fill the screen."""
    text = text.strip()
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def read_number(text: str) -> Decimal:
    """Parse `text` as one number and return it with the decimals as written (30.0 has one).

    Accepts full-width and half-width digits, commas that group by three, a leading + or one of
    - − ▲ △, 千, 万, 億, 兆 (2億4千万, 1.5万), kanji numerals (二十三, 二三), surrounding spaces and
    one trailing ％, which is ignored: 30％ is 30. Never returns −0.

    Raises ValueError for anything else, with a Japanese message that quotes the text and says
    what to type instead.
    """
    cell = _VALUE_CELL.fullmatch(half_width(text).strip())
    value = _unsigned(cell["core"]) if cell else None
    if cell is None or value is None:
        raise ValueError(_refusal(text))
    return _signed(cell["sign"], value)


def find_numbers(text: str) -> list[FoundNumber]:
    """Return the numbers in running text, in order.

    A malformed or ambiguous number (12..3, 1,23, 二三万) is returned with the value None. Kanji
    numerals are numbers only if they count something: 三人 has a number, 一部 and 統一 do not.
    """
    plain = half_width(text)
    found = []
    for run in _IN_TEXT.finditer(plain):
        core = run[0].lstrip("+" + _MINUS)
        if not _has_arabic(core) and not _counts(plain, run.end() - len(core), run.end()):
            continue
        value = _unsigned(core)
        if value is not None:
            value = _signed(run[0][: -len(core)], value)
        found.append(FoundNumber(run.start(), run.end(), value))
    return found


def find_ratios(text: str) -> list[FoundNumber]:
    """Return the ratios in 割, 分 and 厘 in running text as percentages: 38.5 for 三割八分五厘."""
    plain = half_width(text)
    return [
        FoundNumber(
            ratio.start(),
            ratio.end(),
            sum(
                (
                    Decimal(part.translate(_AS_ARABIC).replace("十", "10")) * share
                    for part, share in zip(ratio.groups(), _SHARES, strict=True)
                    if part
                ),
                start=Decimal(0),
            ),
        )
        for ratio in _RATIO.finditer(plain)
    ]


def decimals_of(value: Decimal) -> int:
    """Return the number of decimals with which `value` is written: 4 for 1.4300."""
    return max(0, -_exponent(value))


def _exponent(value: Decimal) -> int:
    """Return the power of ten of the last digit; 0 if `value` is not finite."""
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def needed_decimals(value: Decimal) -> int:
    """Return the number of decimals without trailing zeros: 2 for 1.4300."""
    return decimals_of(value.normalize())


def plain(value: Decimal, least: int = 0) -> str:
    """Return a number for machines, without exponent and never rounded: 1.43 for 1.4300.

    It has at least `least` decimals.
    """
    return f"{value:.{max(least, needed_decimals(value))}f}"


def in_percent(number: Decimal | int) -> str:
    """Return a percentage without trailing zeros: 80％ for 80.0."""
    return f"{plain(Decimal(number))}％"


def round_to(value: Decimal, decimals: int) -> Decimal:
    """Return `value` with exactly `decimals` decimals, rounded half away from zero, never −0."""
    unit = Decimal((0, (1,), -decimals))
    rounded = value.quantize(unit, rounding=ROUND_HALF_UP, context=_WIDE)
    return rounded if rounded else abs(rounded)


def telling_decimals(number: Decimal, others: Iterable[Decimal]) -> int:
    """Return the fewest decimals with which a number can be shown beside others.

    Rounded so, it is still above, below or equal to each of the others as it is itself, and not
    zero. One decimal is always allowed, and no trailing zero counts.
    """
    others = list(others)
    for decimals in range(1, needed_decimals(number)):
        rounded = round_to(number, decimals)
        if rounded and all(_sign(rounded - o) == _sign(number - o) for o in others):
            return needed_decimals(rounded)
    return needed_decimals(number)


def _sign(number: Decimal) -> int:
    return (number > 0) - (number < 0)


def format_number(value: Decimal, decimals: int, minus: str = "▲") -> str:
    """Return `value` formatted for display, such as 1,234.5, rounded half away from zero.

    A negative number begins with `minus`; a number that rounds to zero has no sign.
    """
    rounded = round_to(value, decimals)
    return f"{minus if rounded < 0 else ''}{rounded.copy_abs():,.{decimals}f}"


def format_exact(value: Decimal, least: int = 0) -> str:
    """Return `value` formatted for display with all its decimals, and at least `least`."""
    return format_number(value, max(least, needed_decimals(value)))


def _signed(sign: str, value: Decimal) -> Decimal:
    return value.copy_negate() if sign and sign in _MINUS and value else value


def _unsigned(core: str) -> Decimal | None:
    """Parse a half-width number without sign or %. Return None if it is malformed or ambiguous."""
    if len(core) > 2 * MAX_DIGITS:
        return None
    multiplied = _MULTIPLIED.fullmatch(core)
    value = _multiplied(**multiplied.groupdict()) if multiplied else _summed(core)
    if value is None or len(value.as_tuple().digits) > MAX_DIGITS:
        return None
    return value


def _multiplied(coefficient: str, multiplier: str | None) -> Decimal | None:
    """Parse 1,234.5, 二三, 1.5万 and 25百万: a row of digits and an optional multiplier."""
    digits = coefficient.translate(_AS_ARABIC)
    if not _PLAIN.fullmatch(digits):
        return None
    is_kanji_row = len(coefficient) > 1 and not _has_arabic(coefficient)
    # 二五万 is 250,000; nobody writes 二五百万.
    if multiplier and is_kanji_row and not _can_multiply(coefficient, multiplier):
        return None
    power = _MULTIPLIERS[multiplier] if multiplier else 0
    value = Decimal(f"{digits.replace(',', '')}E{power}")
    return value if _exponent(value) <= 0 else Decimal(int(value))


def _can_multiply(kanji_row: str, multiplier: str) -> bool:
    return multiplier[0] in _LARGE_UNITS and kanji_row not in _TWO_OR_THREE


def _summed(core: str) -> Decimal | None:
    """Parse 2億4千万, 4千500 and 二千三十五: the sum of parts in descending order."""
    parts = _LARGE_PARTS.fullmatch(core)
    if parts is None:
        return None
    total = 0
    below = None
    for part, power in zip(parts.groups(), _LARGE_UNITS.values(), strict=True):
        if part is None:
            continue
        value = _below_ten_thousand(part) if below or _has_small_unit(part) else _row(part)
        if value is None or (below and value * 10**power >= below):
            return None
        # ２万５ is ambiguous: in speech it is 25,000.
        if below and not power and len(part) == 1 and _has_arabic(core):
            return None
        total += value * 10**power
        below = 10**power
    return Decimal(total)


def _below_ten_thousand(part: str) -> int | None:
    if not _has_small_unit(part):
        return _row(part)
    pieces = _SMALL_PARTS.fullmatch(part)
    if pieces is None:
        return None
    *coefficients, rest = pieces.groups()
    total = 0
    smallest = 0
    for coefficient, power in zip(coefficients, _SMALL_UNITS.values(), strict=True):
        if coefficient is None:
            continue
        value = _row(coefficient) if coefficient else 1
        if not value:
            return None
        total += value * 10**power
        smallest = power
    if not rest:
        return total
    # ４千５ may be 4,500, and 二千三四 means "2003 or 2004"; ４千５００ and 二千三 are clear.
    clear = 1 < len(rest) <= smallest if _has_arabic(part) else len(rest) == 1
    value = _row(rest) if clear else None
    return None if value is None else total + value


def _row(text: str) -> int | None:
    """Parse a row of digits within a longer number as an integer. Return None if it is none."""
    if text in _TWO_OR_THREE or not (text.isascii() or not _has_arabic(text)):
        return None
    digits = text.translate(_AS_ARABIC)
    if "." in digits or not _PLAIN.fullmatch(digits):
        return None
    return int(digits.replace(",", ""))


def _has_arabic(text: str) -> bool:
    return any("0" <= character <= "9" for character in text)


def _has_small_unit(text: str) -> bool:
    return any(unit in text for unit in _SMALL_UNITS)


def _counts(text: str, start: int, end: int) -> bool:
    """Return whether the kanji numerals text[start:end] count something, not part of a word."""
    if text[start:end] == "一":
        # 一 is part of more words than any other numeral: 統一, 日本一, 一人ひとり, 一本化.
        return not _ENDS_WITH_ONE.search(text, 0, start) and bool(_ONE_COUNTED.match(text, end))
    return not text.endswith("第", 0, start) and bool(_COUNTED.match(text, end))


def _refusal(text: str) -> str:
    typed = half_width(text).strip()
    if not typed:
        return f"数が入力されていません。{EXAMPLE}のように入力してください。"
    return f"「{shown(text)}」は数として読めません。{_remedy(typed)}"


def _remedy(typed: str) -> str:
    """Return what to type instead: the number itself if it is clear which one was meant."""
    if remedy := _remedy_of_words(typed):
        return remedy
    if remedy := _remedy_of_number(typed):
        return remedy
    if sum(character.isdigit() for character in typed) > MAX_DIGITS:
        return "桁が多すぎます。桁数を確かめて入力してください。"
    if re.fullmatch(r"[-+−▲△]?[0-9.]*(?:[,、'’ ][0-9.]*)+", typed):
        return "カンマは「1,234」のように3桁ごとに入れるか、付けずに入力してください。"
    if any(character.isnumeric() and not character.isascii() for character in typed):
        return "「12000」のように、算用数字だけで入力してください。"
    return f"{EXAMPLE}のように入力してください。"


def _remedy_of_words(typed: str) -> str:
    """Return the remedy for 約50 and for words that mean zero; "" for all else."""
    vague = _VAGUE.fullmatch(typed)
    if vague and (vague["before"] or vague["after"]):
        number = _inner_number(vague["rest"])
        words = "」「".join(word for word in (vague["before"], vague["after"]) if word)
        if number:
            return f"「{number}」と入力し、「{words}」は備考に書いてください。"
    if typed == "ゼロ":
        return "「0」と入力してください。"
    if typed in ("なし", "無し"):
        return "零のときは「0」と入力してください。"
    return ""


def _remedy_of_number(typed: str) -> str:
    """Return the remedy where one number can be read in the text; "" where none can."""
    if typed[0] in _LIKE_MINUS and (number := _inner_number(f"-{typed[1:]}")):
        return f"「{number}」と入力してください。"
    if typed[0] == "(" and typed[-1] == ")" and (number := _inner_number(typed[1:-1])):
        return (
            f"負の数なら「-{number.lstrip('-')}」、そうでなければ「{number}」と入力してください。"
        )
    if number := _inner_number(typed):
        return f"「{number}」とだけ入力してください。"
    if number := _inner_number(_with_one_point(typed)):
        return f"「{number}」のように入力してください。"
    return ""


def _with_one_point(typed: str) -> str:
    """Return 12..3, 12。3 and 12・3 as 12.3, .5 as 0.5 and 5. as 5."""
    return re.sub(r"^(\D?)\.", r"\g<1>0.", re.sub(r"[.。・]+", ".", typed)).rstrip(".")


def _inner_number(typed: str) -> str | None:
    """Return the number in 50人, ¥1,000 or ▲ 5 as it should be typed, or None."""
    inner = _WITH_UNIT.fullmatch(re.sub(r"(?<![0-9])\s+|\s+(?![0-9])", "", typed))
    cell = _VALUE_CELL.fullmatch(inner["number"]) if inner else None
    value = _unsigned(cell["core"]) if cell else None
    return None if cell is None or value is None else f"{_signed(cell['sign'], value):f}"
