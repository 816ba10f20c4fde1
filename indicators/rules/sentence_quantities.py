"""The quantities of a target sentence: each number with its unit, its context and its role."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, auto
from itertools import pairwise

from indicators.rules.narrowing_types import given
from japanese.numerals import FoundNumber, find_numbers

RISES = r"増加|増員|増や[しす]|増|拡大|拡充|上昇|引き?上げ|アップ|伸[長ば]し?|延伸"
FALLS = r"減少|減ら[しす]|削減|縮減|低減|軽減|減|低下|短縮|縮小|引き?下げ|ダウン"
IMPROVES = r"向上|改善"
VERB = rf"{RISES}|{FALLS}|{IMPROVES}"
AT_LEAST = ("以上", "超", "を超え", "を上回")
AT_MOST = ("以下", "以内", "未満", "を下回")
STRICT = ("超", "を超え", "を上回", "未満", "を下回")
ABOUT = ("程度", "前後", "ほど", "くらい", "台")
_LIMIT = "|".join((*AT_LEAST, *AT_MOST, *(word for word in ABOUT if word != "台")))
PERCENT = ("％", "‰", "割", "ポイント")
LEVEL_UNITS = (*PERCENT, "倍", "位", "点", "歳", "年", "分")
#: Units of continuous amounts: 1 of them is not a single thing, so no milestone.
AMOUNTS = (
    *("円", "日", "日間", "泊", "時間", "トン", "t", "kg", "g", "ha", "ヘクタール"),
    *("km", "キロ", "m", "㎡", "kW", "kWh", "MW", "MWh"),
)
EVENTS = ("件", "回", "人日", "人泊", "日", "日間", "泊")
PEOPLE = ("人", "名", "世帯", "家族")
TIMES = "倍"
#: Needed only if something other than a verb follows the unit: 名受入, 件実施.
_KNOWN_UNITS = re.compile(
    r"人[日泊]?|名|世帯|家族|件|回|社|戸|店舗?|[カかヵヶケ箇]所|団体|地区|施設|事業[者所]|棟|校|園|台|頭|隻|本"
    r"|組|品目?|種類|企業|法人|経営体|路線|集落|円|日間?|泊|時間|歳|年|点|位|倍|割|[%‰]|ポイント|トン|ha|km|㎡"
)
_UNIT_ENDS = re.compile(
    rf"とし|とす|と|に|へ|を|から|まで|より|の|が|は|も|で|し|{_LIMIT}|{VERB}|維持|確保|達成|目指"
    r"|/年|ずつ|→|[、。:;()~!?\s「」『』]|[0-9+−▲△-]|[一-龠]{2}(?=する|さ[せれ])|$"
)
_LONGEST_UNIT = 8
_ABOUT_A_TEN = re.compile(r"(?:[位%‰人件円点歳])台")

# ２０～３９歳, ６次産業化, １号認定, 人口１，０００人当たり: these numbers are parts of names.
_NAMES_SOMETHING = re.compile(
    r"(?:歳|才)(?!とし|とす|[、。にへを]|以上とし|$|"
    rf"{VERB})|次|号|条|級|年生|学年|世代|番|丁目|月|(?:人1日|[^0-9、。とにを]{{0,4}})(?:当たり|あたり|当り|につき)"
)
_BEFORE_A_NAME = re.compile(r"[第A-Za-z]")
VAGUE_BEFORE = re.compile(r"(?:約|およそ|おおよそ|おおむね|概ね|ほぼ)$")
_BASELINE_BEFORE = re.compile(r"(?:現状|現在|基準|実績|従来|当初)値?(?:は|の|:|=)?$")
_EACH_YEAR_BEFORE = re.compile(r"(?:毎年度?|各年度?|年度?(?:ごと|毎)に?)[^0-9。→]{0,8}$")
_COMPARED_BEFORE = re.compile(
    r"(?:前年(?:度|同[期月])?(?:の?実績値?|の?値)?|平均値?|水準|過去最[高低多少大小](?:値|記録)?)"
    r"(?P<than>(?:比で?|より|から|[にと]比べて?|に対して?)、?[^0-9、。→]{0,3})?$"
)
_COUNTED_FROM_BEFORE = re.compile(r"(?:から|比で?|[にと]比べて?|に対して?|より)、?$")
_SIGNS = "+−▲△-"


class NumberRole(Enum):
    """What a number is in its sentence."""

    TARGET = auto()
    CHANGE = auto()
    BASELINE = auto()
    YEARLY_STEP = auto()
    """毎年20件ずつ増やす, 30億円/年の増加."""
    FACTOR = auto()
    """現状値の２倍."""
    COMPARED = auto()
    """前年比105％."""
    ASIDE = auto()


@dataclass(frozen=True)
class Quantity:
    """A number of a sentence with its context; `text[start:end]` of the text without frame."""

    start: int
    end: int
    written: str
    value: Decimal | None
    """None if the number is malformed or an end of a range."""
    end_of_range: Decimal | None
    unit: str
    before: str
    """The text between the previous number and this one."""
    after: str
    """The text between its unit and the next number."""
    limit: str
    """以上, 未満, 程度 …"""
    verb: str
    """増加, 向上 …"""
    role: NumberRole

    @property
    def is_yearly(self) -> bool:
        """Whether it is written as N件/年."""
        return self.after.startswith("/年")


def find_quantities(
    text: str, *, is_ratio_of_times: bool = False, is_difference: bool = False
) -> list[Quantity]:
    """Return the quantities of a text without its frame, in order.

    In 有効求人倍率 (`is_ratio_of_times`) 1.5倍 is a value, elsewhere a multiple of something; in
    全国平均との差 (`is_difference`) -3.2ポイント is a value, elsewhere a change.
    """
    numbers = find_numbers(text)
    names = {number for number in numbers if _is_part_of_a_name(text, number)}
    ranges = list(_ranges(text, numbers))
    # In ２０～３９歳 the first number belongs to the name as well.
    names |= {first for first, second in ranges if second in names}
    ranged = {number for pair in ranges for number in pair}
    counted = [number for number in numbers if number not in names]
    starts = [0, *(number.end for number in counted)]
    ends = [*(number.start for number in counted[1:]), len(text)]
    quantities = [
        _quantity(text, start, number, end, number in ranged)
        for start, number, end in zip(starts, counted, ends, strict=False)
    ]
    return [
        replace(quantity, role=_role(text, quantity, is_ratio_of_times, is_difference))
        for quantity in quantities
    ]


def _quantity(text: str, start: int, number: FoundNumber, end: int, is_in_range: bool) -> Quantity:
    """Return the quantity of `number`, still without role; text[start:end] is its context."""
    written, after = text[number.start : number.end], text[number.end : end]
    unit, rest = _unit_at(after), after[len(_unit_at(after)) :]
    if _ABOUT_A_TEN.fullmatch(unit):
        unit, rest = unit[:-1], f"台{rest}"
    said = given(re.match(rf"(?:/年[間度]?)?(?P<limit>台|{_LIMIT})?", rest))
    becomes = _BECOMES.match(rest)
    verb = becomes["verb"] if becomes else ""
    if not verb and written[0] in _SIGNS and re.search(r"とし|とす", text[start : number.start]):
        verb = "増加" if written[0] == "+" else "減少"
    return Quantity(
        start=number.start,
        end=number.end,
        written=written,
        value=None if is_in_range else number.value,
        end_of_range=number.value if is_in_range else None,
        unit=unit.replace("%", "％"),
        before=text[start : number.start],
        after=rest,
        limit=said["limit"] or "",
        verb=verb,
        role=NumberRole.TARGET,
    )


_BECOMES = re.compile(
    rf"(?P<yearly>/年[間度]?)?(?:台|{_LIMIT})?(?P<flow>/年[間度]?)?(?P<each>ずつ)?"
    rf"[のをが分、]?(?P<to>に|へ|まで)?(?P<verb>{VERB})"
)
_LEADS_TO = re.compile(
    rf"(?:/年[間度]?)?(?:台|{_LIMIT})?(?:\([^()0-9]*\))?(?:から|より(?!上|下|多|少|高|低)|\)?→)"
)


def _role(
    text: str, quantity: Quantity, is_ratio_of_times: bool, is_difference: bool
) -> NumberRole:
    before, sign = quantity.before, quantity.written[0]
    becomes = _BECOMES.match(quantity.after)
    is_signed = sign in _SIGNS and "→" not in before
    is_growth = is_signed and quantity.is_yearly and not is_difference
    changes = becomes is not None and not becomes["to"]
    if quantity.unit == TIMES and not is_ratio_of_times:
        return NumberRole.FACTOR
    compared = _COMPARED_BEFORE.search(before)
    if compared and (is_signed or (compared["than"] and (changes or quantity.unit in PERCENT))):
        return NumberRole.COMPARED
    if _LEADS_TO.match(quantity.after) or _BASELINE_BEFORE.search(before):
        return NumberRole.BASELINE
    if is_growth:
        return NumberRole.YEARLY_STEP
    if is_signed and (
        re.search(r"とし|とす", before)
        or (quantity.unit in PERCENT and _COUNTED_FROM_BEFORE.search(before))
        or (quantity.unit == "ポイント" and not is_difference)
    ):
        return NumberRole.CHANGE
    if becomes and changes:
        is_step = becomes["yearly"] or becomes["flow"] or becomes["each"]
        return (
            NumberRole.YEARLY_STEP
            if is_step or _EACH_YEAR_BEFORE.search(before)
            else NumberRole.CHANGE
        )
    opened, closed = (text.count(bracket, 0, quantity.start) for bracket in "()")
    return NumberRole.ASIDE if opened > closed else NumberRole.TARGET


def _is_part_of_a_name(text: str, number: FoundNumber) -> bool:
    before = text[max(0, number.start - 1) : number.start]
    is_rank = before == "第" and text.startswith("位", number.end)
    return bool(
        _NAMES_SOMETHING.match(text, number.end)
        or (_BEFORE_A_NAME.fullmatch(before) and not is_rank)
    )


def _ranges(text: str, numbers: list[FoundNumber]) -> Iterable[tuple[FoundNumber, FoundNumber]]:
    """Yield the two ends of each range: 10～20, 10人～20人, 10-20."""
    for first, second in pairwise(numbers):
        between = text[first.end : second.start]
        if re.fullmatch(r"[^0-9、。]{0,4}~|[-−]", between):
            yield first, second


def _unit_at(text: str) -> str:
    """Return the unit at the beginning of `text`; "" if it is too long for a unit."""
    unit = text[: given(_UNIT_ENDS.search(text)).start()]
    known = _KNOWN_UNITS.match(unit)
    # 事業所 and 団体・地区 are units; in 名受入 the unit is 名.
    if known and len(unit) - known.end() >= 2 and unit[known.end()] not in "・/":
        unit = known[0]
    return unit if len(unit) <= _LONGEST_UNIT else ""
