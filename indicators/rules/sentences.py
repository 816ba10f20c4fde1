"""Parse the official sentence of a target, such as ５年で１．４９とし０．１２ポイント向上.

The result is a proposal that a person confirms. `Reading.doubts` lists what a sentence leaves open;
nothing is guessed silently. The five kinds and the rules are those of the project's design
("Reading a target sentence"). Standard library only, no database.

The steps: normalise the text; remove the frame (dates, ５年で, 年間, 延べ …); find the numbers with
their units and context; decide direction and kind; list the doubts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise

from indicators.rules.given import given
from indicators.rules.terms import BaselineKind, Direction, Kind
from japanese.eras import ERA_LETTERS, ERA_NAMES
from japanese.numerals import (
    MAX_DIGITS,
    FoundNumber,
    decimals_of,
    find_numbers,
    half_width,
    round_to,
    shown,
)


@dataclass(frozen=True)
class Reading:
    """What a target sentence states; None for what it does not state.

    `change` is signed: negative if the value falls. `baseline` is target − change. `years` is the
    number in ５年で, None if the sentence has none. `doubts` are Japanese sentences for the person
    who confirms the reading.
    """

    kind: str | None
    direction: str | None
    target: Decimal | None
    change: Decimal | None
    baseline: Decimal | None
    unit: str | None
    decimals: int | None
    years: int | None
    doubts: tuple[str, ...]
    baseline_kind: str | None = None


def read_sentence(sentence: str, name: str = "") -> Reading:
    """Return the proposed reading of a target sentence.

    `name` is the name of the indicator: it can decide the direction (a 人口減少率 improves by
    falling) and the unit of a bare ゼロ. Never raises: what cannot be parsed is None, with a doubt.
    """
    frame, text = _read_frame(_one_form(sentence))
    parts = _assign(_find_quantities(text))
    facts = _Facts(_one_form(name), frame, parts)
    direction = _direction(facts)
    kind = _kind(facts, direction)
    return _reading(facts, kind, direction)


# --- Normalisation ----------------------------------------------------------------------------

# ゼロ達成, ゼロカ所, but not ゼロカーボン or ゼロ・ウェイスト.
_ZERO = re.compile(r"(?<![0-9〇一-九十])ゼロ(?![・ァ-ヴ](?![所国年]))")
_LEADING_MARK = re.compile(r"^[→、。:・○●◎]+")
_BLANKS = re.compile(r"\s+(?![0-9])|(?<![0-9,.])\s+")


def _one_form(text: str) -> str:
    """Normalise: half width, one dash, one arrow, spaces only between digits, ゼロ as 0."""
    text = re.sub(r"[⇒➡⟶➔]|=>|->", "→", half_width(text))
    text = _BLANKS.sub("", text.replace("〜", "~"))
    return _LEADING_MARK.sub("", _ZERO.sub("0", text))


# --- The frame: the text around the numbers ---------------------------------------------------

_SHORT_NUMBER = r"(?:[0-9]{1,3}|[〇一二三四五六七八九十]{1,3})"
_MONTH = r"[0-9]{1,2}"
_YEARS = rf"(?<![0-9])(?P<years>{_SHORT_NUMBER})(?:[かカヵヶケ箇]年|年)"
_YEAR_NAME = (
    rf"(?:(?:{ERA_NAMES})(?:元|{_SHORT_NUMBER})"
    rf"|(?<![A-Za-z])[{ERA_LETTERS}](?:元|[0-9]{{1,2}})(?![0-9A-Za-z])"
    r"|(?<![0-9])(?:19|20)[0-9]{2}(?=年|~))(?:年度?)?"
)
#: ５年で, ５年間の累計, 平成27～31年度の, 計画期間中に.
_PERIOD = re.compile(
    rf"(?:{_YEARS}(?:間?(?:で|に(?!一|1)|以?内に|の?(?=累計|合計|延べ|総額))|間(?=毎年|、|[0-9](?![0-9]*年)))"
    rf"|{_YEAR_NAME}~(?:{_YEAR_NAME}|{_SHORT_NUMBER}年度?)(?:で|に|間)?"
    r"|(?:計画)?期間(?:中|内)?(?:で|に)?)の?"
)
_YEARS_LATER = re.compile(rf"{_YEARS}後(?:に|の|には|で)?")
_DATE = re.compile(
    rf"(?:{_YEAR_NAME}(?:\([^0-9)]*[0-9]{{4}}(?:年度?)?\))?(?:{_MONTH}月(?:{_MONTH}日)?)?"
    rf"|(?<![0-9]){_MONTH}月{_MONTH}日)"
    r"(?:末|中|当初|現在|時点)?(?P<then>まで(?:に|で)?の?|には?|で|の|から|比で?|:)?"
)
_EACH_YEAR = re.compile(r"毎年|各年|年度?(?:ごと|毎)に?")
_YEARLY = re.compile(
    r"(?<![0-9〇一-九十数])年間|/年間?|年平均|(?<![0-9〇一-九十数通周])年(?=[0-9])"
)
_SUMMED = re.compile(r"延べ|のべ|延(?=[0-9])|総額|総計|累計|累積|(?<!総)合計(?!特殊|画)|通算")
_RESTRAINED = re.compile(r"抑制(?=[しすを、。)]|$)|抑え|[食く]い止め|歯止め")
_KEPT = re.compile(r"維持(?!管理)|保つ|保ち|堅持")


@dataclass(frozen=True)
class _Frame:
    years: int | None
    has_period: bool
    """５年で, 計画期間中に."""
    has_deadline: bool
    """令和元年度までに, ５年後に."""
    has_reference: bool
    """平成26年度比, 平成26年度から."""
    each_year: bool
    """毎年."""
    yearly: bool
    """年間, /年: a yearly amount."""
    summed: bool
    kept: bool
    restrained: str | None
    """What is restrained: 減少 or 増加; "" if the sentence does not say; None if nothing is."""

    @property
    def has_end(self) -> bool:
        return self.has_period or self.has_deadline


def _read_frame(text: str) -> tuple[_Frame, str]:
    """Return the frame, and the text without dates and periods: their numbers do not count."""
    period = _PERIOD.search(text)
    text = _PERIOD.sub("、", text)
    dates = [found["then"] or "" for found in _DATE.finditer(text)]
    text = _DATE.sub("、", text)
    later = _YEARS_LATER.search(text)
    text = re.sub(r"\(、*\)", "", _YEARS_LATER.sub("、", text))
    reference = any(then.startswith(("から", "比")) for then in dates)
    each_year = _EACH_YEAR.search(text) is not None
    frame = _Frame(
        years=_whole_number(period["years"]) if period else None,
        has_period=period is not None,
        has_deadline=later is not None or (bool(dates) and not reference),
        has_reference=reference,
        each_year=each_year,
        yearly=each_year or _YEARLY.search(text) is not None,
        summed=_SUMMED.search(text) is not None,
        kept=_KEPT.search(text) is not None,
        restrained=_what_is_restrained(text),
    )
    return frame, text


def _whole_number(text: str | None) -> int | None:
    found = find_numbers(f"{text}年") if text else []
    return int(found[0].value) if found and found[0].value is not None else None


def _what_is_restrained(text: str) -> str | None:
    found = _RESTRAINED.search(text)
    if found is None:
        return None
    # 減少率 is itself the value, not a change of it.
    changes = re.findall(r"(減少|低下|流出|増加|上昇)(?![率数幅者])", text[: found.start()])
    if not changes:
        return ""
    return "増加" if changes[-1] in ("増加", "上昇") else "減少"


# --- Quantities: a number, its unit and its context -------------------------------------------

_RISES = r"増加|増員|増や[しす]|増|拡大|拡充|上昇|引き?上げ|アップ|伸[長ば]し?|延伸"
_FALLS = r"減少|減ら[しす]|削減|縮減|低減|軽減|減|低下|短縮|縮小|引き?下げ|ダウン"
_IMPROVES = r"向上|改善"
_VERB = rf"{_RISES}|{_FALLS}|{_IMPROVES}"
_AT_LEAST = ("以上", "超", "を超え", "を上回")
_AT_MOST = ("以下", "以内", "未満", "を下回")
_STRICT = ("超", "を超え", "を上回", "未満", "を下回")
_ABOUT = ("程度", "前後", "ほど", "くらい")
_LIMIT = "|".join((*_AT_LEAST, *_AT_MOST, *_ABOUT))
_PERCENT = ("％", "‰", "割", "ポイント")
_LEVEL_UNITS = (*_PERCENT, "倍", "位", "点", "歳", "年", "分")
#: Units of continuous amounts: 1 of them is not a single thing, so no milestone.
_AMOUNTS = (
    *("円", "日", "日間", "泊", "時間", "トン", "t", "kg", "g", "ha", "ヘクタール"),
    *("km", "キロ", "m", "㎡", "kW", "kWh", "MW", "MWh"),
)
_EVENTS = ("件", "回", "人日", "人泊", "日", "日間", "泊")
_PEOPLE = ("人", "名", "世帯", "家族")
#: Needed only if something other than a verb follows the unit: 名受入, 件実施.
_KNOWN_UNITS = re.compile(
    r"人[日泊]?|名|世帯|家族|件|回|社|戸|店舗?|[カかヵヶケ箇]所|団体|地区|施設|事業[者所]|棟|校|園|台|頭|隻|本"
    r"|組|品目?|種類|企業|法人|経営体|路線|集落|円|日間?|泊|時間|歳|年|点|位|倍|割|[%‰]|ポイント|トン|ha|km|㎡"
)
_UNIT_ENDS = re.compile(
    rf"とし|とす|と|に|へ|を|から|まで|より|の|が|は|も|で|し|{_LIMIT}|{_VERB}|維持|確保|達成|目指"
    r"|/年|ずつ|→|[、。:;()~!?\s「」『』]|[0-9+−▲△-]|$"
)
_LONGEST_UNIT = 8

# ２０～３９歳, ６次産業化, １号認定, 人口１，０００人当たり: these numbers are parts of names.
_NAMES_SOMETHING = re.compile(
    r"(?:歳|才)(?!とし|とす|[、。にへを]|以上とし|$|"
    rf"{_VERB})|次|号|条|級|年生|学年|世代|番|丁目|月|[^0-9、。とにを]{{0,4}}(?:当たり|あたり|当り|につき)"
)
_BEFORE_A_NAME = re.compile(r"[第A-Za-z]")
_VAGUE_BEFORE = re.compile(r"(?:約|およそ|おおよそ|おおむね|概ね|ほぼ)$")
_BASELINE_BEFORE = re.compile(r"(?:現状|現在|基準|実績|従来|当初)値?(?:は|の|:|=)?$")
_SIGNS = "+−▲△-"

_TARGET_ROLE = "target"
_CHANGE_ROLE = "change"
_BASELINE_ROLE = "baseline"
_ASIDE_ROLE = "aside"


@dataclass(frozen=True)
class _Quantity:
    written: str
    value: Decimal | None
    """None if the number is malformed or an end of a range."""
    unit: str
    before: str
    """The text between the previous number and this one."""
    limit: str
    """以上, 未満, 程度 …"""
    verb: str
    """増加, 向上 …"""
    role: str


def _find_quantities(text: str) -> list[_Quantity]:
    numbers = find_numbers(text)
    names = {number for number in numbers if _is_part_of_a_name(text, number)}
    ranges = list(_ranges(text, numbers))
    # In ２０～３９歳 the first number belongs to the name as well.
    names |= {first for first, second in ranges if second in names}
    ranged = {number for pair in ranges for number in pair}
    counted = [number for number in numbers if number not in names]
    starts = [0, *(number.end for number in counted)]
    ends = [*(number.start for number in counted[1:]), len(text)]
    return [
        _quantity(text, start, number, end, number in ranged)
        for start, number, end in zip(starts, counted, ends, strict=False)
    ]


def _quantity(text: str, start: int, number: FoundNumber, end: int, is_in_range: bool) -> _Quantity:
    """Return the quantity of `number`; text[start:end] is its context."""
    before, written, after = (
        text[start : number.start],
        text[number.start : number.end],
        text[number.end : end],
    )
    unit = _unit_at(after)
    said = given(re.match(rf"(?P<limit>{_LIMIT})?(?P<rest>.*)", after[len(unit) :], re.DOTALL))
    becomes = re.match(rf"[のをが分、]?(?P<to>に|へ|まで)?(?P<verb>{_VERB})", said["rest"])
    verb = becomes["verb"] if becomes else ""
    is_signed_step = written[0] in _SIGNS and re.search(r"とし|とす", before) is not None
    if is_signed_step and not verb:
        verb = "増加" if written[0] == "+" else "減少"
    if re.match(r"から|より|\)?→", said["rest"]) or _BASELINE_BEFORE.search(before):
        role = _BASELINE_ROLE
    elif is_signed_step or (becomes and not becomes["to"]):
        role = _CHANGE_ROLE
    elif text.count("(", 0, number.start) > text.count(")", 0, number.start):
        role = _ASIDE_ROLE
    else:
        role = _TARGET_ROLE
    return _Quantity(
        written=written,
        value=None if is_in_range else number.value,
        unit=unit.replace("%", "％"),
        before=before,
        limit=said["limit"] or "",
        verb=verb,
        role=role,
    )


def _is_part_of_a_name(text: str, number: FoundNumber) -> bool:
    before = text[max(0, number.start - 1) : number.start]
    return bool(_NAMES_SOMETHING.match(text, number.end) or _BEFORE_A_NAME.fullmatch(before))


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


# --- The roles of the numbers -----------------------------------------------------------------


@dataclass(frozen=True)
class _Parts:
    target: _Quantity | None
    change: _Quantity | None
    baseline: _Quantity | None
    unread: tuple[_Quantity, ...]
    """Numbers whose role the sentence does not state."""


def _assign(quantities: list[_Quantity]) -> _Parts:
    """Assign the roles to the numbers; if two claim the same role, neither gets it."""
    by_role: dict[str, list[_Quantity]] = {}
    for quantity in quantities:
        by_role.setdefault(quantity.role, []).append(quantity)
    unread = by_role.pop(_ASIDE_ROLE, [])
    sole = {}
    for role, claimants in by_role.items():
        if len(claimants) == 1:
            sole[role] = claimants[0]
        else:
            unread = unread + claimants
    return _Parts(
        sole.get(_TARGET_ROLE), sole.get(_CHANGE_ROLE), sole.get(_BASELINE_ROLE), tuple(unread)
    )


# --- Direction and kind -----------------------------------------------------------------------

_ADVERSE = (
    r"(?:人口)?減少(?:者|率|数|幅)|待機|離職|失業|季節労働|滞納|未納|未収|不納欠損|不登校|いじめ|中退|事故|犯罪|刑法犯"
    r"|火災|死亡|死者|死傷|自殺|空き家|空家|空き店舗|空き地|耕作放棄|荒廃農地|遊休農地|ごみ|ゴミ|廃棄|排出|赤字"
    r"|負債|借入|債務|地方債|市債|未婚|高齢化|転出|流出|欠員|被害|苦情|違反|不満|貧困|虐待|漏水|廃業|倒産"
    r"|残業|時間外|要介護|喫煙|肥満|CO2|二酸化炭素|温室効果ガス|食品ロス"
)
_ADVERSE_WORD = re.compile(_ADVERSE)
# Only at the end of a name: 空き家数 should fall, 空き家の活用件数 should rise.
_ADVERSE_NAME = re.compile(
    rf"(?:{_ADVERSE})(?:{_ADVERSE}|労働者|認定者|児童|生徒|世帯|超過|発生|件|量|額|高|率|者|数|人員|人口|面積|割合|比率"
    r"|時間|残高|繰越|の)*(?:\(.*\))?$"
)
_LEVEL_NAME = re.compile(r"(?:率|割合|比率|指数|平均.*|水準|人口|残高|面積|密度|寿命)(?:\(.*\))?$")
_BALANCE_NAME = re.compile(r"増減|収支|純増|超過")
_PER_HEAD = re.compile(r"当たり|あたり|当り|につき")
# Shares that fall throughout Japan: a rise means a rise compared with the projection.
_FALLING_SHARE = re.compile(r"(?:年少|生産年齢)人口の?(?:割合|比率|構成比)(?:\(.*\))?$")
_COUNTS_PEOPLE = re.compile(r"(?:者数|児童数|人数)(?:\(.*\))?$")
_PEOPLE_WHO_DID = re.compile(r"[しっんい][ただ].*(?:人数|者数|員数?|人)$")


@dataclass(frozen=True)
class _Facts:
    name: str
    frame: _Frame
    parts: _Parts

    @property
    def subject(self) -> str:
        """What is measured: the name of the indicator, or its name in the sentence."""
        return self.name or (self.main.before if self.main else "")

    @property
    def main(self) -> _Quantity | None:
        """The main number of the sentence: the target, otherwise the change."""
        return self.parts.target or self.parts.change

    @property
    def verb(self) -> str:
        for quantity in (self.parts.change, self.parts.target):
            if quantity and quantity.verb:
                return quantity.verb
        return ""

    @property
    def limit(self) -> str:
        """以上, 未満 … of the target; that of a change (５ポイント以上向上) is ignored."""
        return self.parts.target.limit if self.parts.target else ""

    @property
    def holds_down_a_change(self) -> bool:
        """Whether the number limits a change, not the value: 減少を１０人に抑制."""
        target = self.parts.target
        is_change = target and re.search(r"[少加]を[^抑食歯]{0,4}$", target.before)
        return bool(self.frame.restrained and is_change)

    @property
    def is_per_head(self) -> bool:
        """Whether the value is a ratio per head: 人口１，０００人当たり."""
        said = _PER_HEAD.search(self.main.before) if self.main else None
        return bool(_PER_HEAD.search(self.name) or said)

    @property
    def decimals(self) -> int | None:
        """The most decimals in the sentence, at least 1 for ％ and 当たり; None if unknown."""
        parts = (self.parts.target, self.parts.change, self.parts.baseline)
        read = [(part.unit, part.value) for part in parts if part and part.value is not None]
        if not read:
            return None
        is_ratio = any(unit == "％" for unit, _ in read) or self.is_per_head
        return max(1 if is_ratio else 0, *(decimals_of(value) for _, value in read))


def _direction(facts: _Facts) -> str | None:
    """Return the direction; None if the sentence does not tell."""
    main = facts.main
    if main is None:
        return None
    if facts.frame.restrained is not None:
        return _direction_of_restraint(facts)
    if re.fullmatch(_RISES, facts.verb):
        return Direction.UP
    if re.fullmatch(_FALLS, facts.verb):
        return Direction.DOWN
    if facts.limit in _AT_LEAST:
        return Direction.UP
    if facts.limit in _AT_MOST:
        return Direction.DOWN
    step = _step(facts.parts)
    if step:
        return Direction.UP if step > 0 else Direction.DOWN
    if main.value is not None and main.value <= 0 and _BALANCE_NAME.search(facts.subject):
        return Direction.UP
    if main.value is not None and main.value < 0:
        return None
    is_adverse = _ADVERSE_NAME.search(facts.subject) or _ADVERSE_NAME.search(main.before)
    return Direction.DOWN if is_adverse or main.value == 0 else Direction.UP


def _direction_of_restraint(facts: _Facts) -> str | None:
    if facts.holds_down_a_change:
        return None
    if facts.frame.restrained:
        return Direction.UP if facts.frame.restrained == "減少" else Direction.DOWN
    is_adverse = _ADVERSE_NAME.search(facts.subject)
    return Direction.DOWN if facts.limit in _AT_MOST or is_adverse else None


def _step(parts: _Parts) -> Decimal | None:
    """Return target − baseline if both are written (→, YからXへ); otherwise None."""
    if parts.target and parts.baseline:
        return _difference(parts.target.value, parts.baseline.value)
    return None


def _kind(facts: _Facts, direction: str | None) -> str | None:
    frame, parts = facts.frame, facts.parts
    if frame.restrained is not None:
        return Kind.RESTRAINT
    if facts.main is None:
        return Kind.EVERY_YEAR if frame.kept else None
    if parts.target is None:
        return _kind_of_increment(facts, direction)
    if parts.change or parts.baseline:
        return _kind_of_step(facts, direction)
    return _kind_of_goal(facts, direction)


def _kind_of_increment(facts: _Facts, direction: str | None) -> str:
    """Return the kind of N人増加, a change without a target value."""
    change = given(facts.parts.change)
    if (
        direction == Direction.DOWN
        or facts.parts.baseline
        or facts.frame.has_reference
        or change.unit in _LEVEL_UNITS
        or _LEVEL_NAME.search(facts.subject)
        or not _can_add_up(change)
    ):
        return Kind.LEVEL
    if facts.frame.each_year:
        return Kind.EVERY_YEAR
    return Kind.LEVEL if facts.frame.yearly else Kind.TOTAL


def _kind_of_step(facts: _Facts, direction: str | None) -> str:
    """Return the kind of XとしY増加 and YからXへ."""
    target, change = given(facts.parts.target), facts.parts.change
    if (
        facts.frame.summed
        and not facts.frame.yearly
        and direction == Direction.UP
        and _can_add_up(target)
    ):
        return Kind.TOTAL
    # A step of 1 has no path between.
    is_one_step = change and change.value == 1 and re.fullmatch(_RISES, change.verb)
    if is_one_step and facts.decimals == 0 and target.unit not in _LEVEL_UNITS:
        return Kind.MILESTONE
    return Kind.RESTRAINT if _is_falling_share(facts) else Kind.LEVEL


def _kind_of_goal(facts: _Facts, direction: str | None) -> str | None:
    """Return the kind of a target value alone: ５年で１００％, 年間延べＮ人, ５年でＮ件."""
    frame, target = facts.frame, given(facts.parts.target)
    if frame.kept or frame.each_year or (frame.yearly and not frame.has_end):
        return Kind.EVERY_YEAR
    if frame.yearly or direction != Direction.UP or not _can_add_up(target):
        return Kind.LEVEL
    if frame.summed:
        return Kind.TOTAL
    is_ratio = target.unit in ("", *_LEVEL_UNITS) or facts.is_per_head or _is_per_time(target)
    is_level = is_ratio or _LEVEL_NAME.search(facts.subject)
    if is_level or target.verb or frame.has_deadline:
        return Kind.LEVEL
    if not frame.has_period:
        return None
    is_one_thing = target.value == 1 and target.unit not in _AMOUNTS
    return Kind.MILESTONE if is_one_thing else Kind.TOTAL


def _is_per_time(quantity: _Quantity) -> bool:
    """Return whether it is a rate, whose yearly values do not add up: 月１０件, １０人/日."""
    return "/" in quantity.unit or re.search(r"[週月日平][間均]?$", quantity.before) is not None


def _can_add_up(quantity: _Quantity) -> bool:
    """Return whether yearly values can add up to it: a target sum must be positive."""
    return quantity.value is None or quantity.value > 0


def _is_falling_share(facts: _Facts) -> bool:
    return bool(
        facts.parts.change
        and re.fullmatch(_IMPROVES, facts.parts.change.verb)
        and _FALLING_SHARE.search(facts.name)
    )


# --- The reading ------------------------------------------------------------------------------


def _reading(facts: _Facts, kind: str | None, direction: str | None) -> Reading:
    parts = facts.parts
    change = _change(facts, kind, direction)
    target = _target(facts, kind, change)
    baseline = None
    if parts.baseline:
        baseline = parts.baseline.value
    elif parts.target and _can_be_subtracted(parts):
        baseline = _difference(target, change)
    decimals = facts.decimals

    def exact(value: Decimal | None) -> Decimal | None:
        return None if value is None or decimals is None else round_to(value, decimals)

    return Reading(
        kind=kind,
        direction=direction,
        target=exact(target),
        change=exact(change),
        baseline=exact(baseline),
        unit=_unit(facts),
        decimals=decimals,
        years=facts.frame.years,
        doubts=tuple(_doubts(facts, kind, direction, baseline)),
        baseline_kind=None if baseline is None else _baseline_kind(facts, kind),
    )


def _change(facts: _Facts, kind: str | None, direction: str | None) -> Decimal | None:
    """Return the signed change; None in a restraint, which does not state its baseline."""
    change = facts.parts.change
    if facts.frame.restrained is not None or _is_sum_of_increments(facts, kind):
        return None
    step = _step(facts.parts)
    if change is None:
        return step
    if change.value is None or direction is None:
        return None
    if step is not None:
        return step if step.copy_abs() == change.value.copy_abs() else None
    size = change.value.copy_abs()
    return size if direction == Direction.UP else size.copy_negate()


def _target(facts: _Facts, kind: str | None, change: Decimal | None) -> Decimal | None:
    parts = facts.parts
    if facts.holds_down_a_change:
        return None
    if parts.target:
        return parts.target.value
    if parts.change and _is_sum_of_increments(facts, kind):
        return parts.change.value
    if parts.baseline and parts.baseline.value is not None and _can_be_subtracted(parts):
        # ８０％から５ポイント向上.
        return _difference(change, parts.baseline.value.copy_negate())
    return None


def _is_sum_of_increments(facts: _Facts, kind: str | None) -> bool:
    """Return whether the increase itself is what is counted: ５年で５０人増加."""
    return facts.parts.target is None and kind in (Kind.TOTAL, Kind.EVERY_YEAR)


def _difference(value: Decimal | None, subtrahend: Decimal | None) -> Decimal | None:
    if value is None or subtrahend is None:
        return None
    with localcontext(prec=3 * MAX_DIGITS):
        return value - subtrahend


def _unit(facts: _Facts) -> str | None:
    """Return the unit of the target; for a bare ゼロ, 人 if the name counts people."""
    parts = facts.parts
    of_level = parts.target or parts.baseline
    if of_level is None:
        # ３ポイント向上 does not tell the unit of the value.
        return parts.change.unit if parts.change and parts.change.unit not in _PERCENT else None
    if of_level.unit or of_level.value != 0:
        return of_level.unit
    return "人" if _COUNTS_PEOPLE.search(facts.name) else ""


def _can_be_subtracted(parts: _Parts) -> bool:
    """Return whether change and level have compatible units."""
    of_level = parts.target or parts.baseline
    if of_level is None or parts.change is None:
        return False
    level, change = of_level.unit, parts.change.unit
    if change == "ポイント":
        return level in ("", *_PERCENT)
    return change in ("", level) or {level, change} == {"人", "名"}


def _baseline_kind(facts: _Facts, kind: str | None) -> str:
    if kind == Kind.TOTAL:
        return BaselineKind.PREVIOUS_PERIOD
    return BaselineKind.PROJECTION if _is_falling_share(facts) else BaselineKind.MEASURED


# --- Doubts -----------------------------------------------------------------------------------

_FEW = 10


def _doubts(
    facts: _Facts, kind: str | None, direction: str | None, baseline: Decimal | None
) -> Iterable[str]:
    """Yield the doubts of a reading, for the person who confirms it."""
    yield from _doubts_about_numbers(facts)
    if facts.main is None:
        return
    yield from _doubts_about_limits(facts)
    yield from _doubts_about_direction(facts, direction)
    yield from _doubts_about_change(facts, kind, baseline)
    if kind == Kind.RESTRAINT:
        yield from _doubts_about_restraint(facts, direction)
    elif facts.parts.target and (facts.parts.change or facts.parts.baseline):
        yield from _doubts_about_step(facts, kind)
    else:
        yield from _doubts_about_period(facts, kind)


def _doubts_about_numbers(facts: _Facts) -> Iterable[str]:
    parts = facts.parts
    for part in (parts.target, parts.change, parts.baseline, *parts.unread):
        if part and part.value is None:
            yield f"「{shown(part.written)}」を一つの数として読めない。"
    if parts.unread:
        numbers = "".join(f"「{shown(part.written + part.unit)}」" for part in parts.unread)
        yield f"{numbers}が何を表す数か、文言から決まらない。"
    elif facts.main is None:
        yield "目標値となる数を文言から読み取れない。"
    if parts.target and parts.target.value == 0 and not _unit(facts):
        yield "ゼロの単位が書かれていない。"


def _doubts_about_limits(facts: _Facts) -> Iterable[str]:
    main = given(facts.main)
    vague = _VAGUE_BEFORE.search(main.before)
    if vague or main.limit in _ABOUT:
        yield f"「{vague[0] if vague else main.limit}」がどこまでを含むか、文言から決まらない。"
    if main.limit in _STRICT:
        yield "文言は目標値ちょうどを含まない。ちょうどの値を達成とするか。"


def _doubts_about_direction(facts: _Facts, direction: str | None) -> Iterable[str]:
    main, verb, step = given(facts.main), facts.verb, _step(facts.parts)
    if direction is None:
        yield "値が大きいほど良いのか、小さいほど良いのか、文言から決まらない。"
        return
    if facts.frame.restrained is not None:
        return
    says_up = re.fullmatch(_RISES, verb) is not None
    says_down = re.fullmatch(_FALLS, verb) is not None
    if (says_down and facts.limit in _AT_LEAST) or (says_up and facts.limit in _AT_MOST):
        yield f"「{facts.limit}」と「{verb}」の向きが合わない。"
    if step and (step > 0) != (direction == Direction.UP):
        yield "基準値と目標値の差が、目指す向きと合わない。"
    if step == 0:
        yield "基準値と目標値が同じである。維持する目標か。"
    is_adverse = _ADVERSE_NAME.search(facts.subject) is not None
    says_better = re.fullmatch(_IMPROVES, verb) is not None
    if step and step < 0 and says_better and not is_adverse:
        yield f"値が下がるのに「{verb}」とある。小さいほど良い指標か。"
    if (says_up or (step and step > 0)) and is_adverse:
        yield "指標名からは小さいほど良いと思われるが、増やす目標になっている。"
    if direction == Direction.UP and not verb and not facts.limit and not step:
        is_unusual = main.value is not None and main.value <= 0
        if is_unusual or _ADVERSE_WORD.search(facts.name):
            yield "大きいほど良いと読んだが、小さいほど良い指標ではないか。"


def _doubts_about_change(
    facts: _Facts, kind: str | None, baseline: Decimal | None
) -> Iterable[str]:
    target, change = facts.parts.target, facts.parts.change
    if change is None or facts.frame.restrained is not None:
        return
    if change.unit in ("％", "割", "倍", "‰"):
        yield (
            f"「{shown(change.written)}{change.unit}{change.verb}」が、"
            "もとの値に対する割合か、ポイントの差か、文言から決まらない。"
        )
    if change.value is not None and change.value < 0 and not re.fullmatch(_FALLS, change.verb):
        yield f"「{shown(change.written)}」の符号と「{change.verb}」の向きが合わない。"
    of_level = target or facts.parts.baseline
    if of_level is None and kind == Kind.LEVEL:
        yield "増減の幅だけで、目標値も現状値も書かれていない。"
    if of_level and not _can_be_subtracted(facts.parts):
        yield (
            f"値の単位「{of_level.unit}」と増減の単位「{change.unit}」が違い、差し引きできない。"
        )
    if facts.parts.baseline and target:
        step = _step(facts.parts)
        size = change.value
        if step is not None and size is not None and step.copy_abs() != size.copy_abs():
            yield "基準値と増減を合わせても、目標値にならない。"
    elif target and baseline is not None and baseline < 0 <= given(target.value):
        yield "目標値から増減を差し引くと、基準値が負の数になる。"


def _doubts_about_restraint(facts: _Facts, direction: str | None) -> Iterable[str]:
    target, change = facts.parts.target, facts.parts.change
    if facts.frame.restrained is None:
        yield (
            "差し引きの値は現状値か、対策を講じない場合の推計値か、文言から決まらない。"
            "全国で下がり続けている割合のため、推計値と読んだ。"
        )
        return
    if change:
        amount = f"{shown(change.written)}{change.unit}"
        yield f"何に対する{amount}の{change.verb}か（現状値か、推計値か）が文言から決まらない。"
    if target is None or facts.holds_down_a_change:
        yield "抑制した後の値が書かれていない。"
    elif direction != Direction.UP:
        yield "値がそこまで悪くなってもよいのか、現状より良くするのか、文言から決まらない。"


def _doubts_about_step(facts: _Facts, kind: str | None) -> Iterable[str]:
    """Yield doubts about XとしY増加: is X the value of a year or a sum?"""
    target = given(facts.parts.target)
    if kind == Kind.TOTAL:
        yield "差し引きの値が前の期間の実績か、文言から決まらない。"
    # A falling value is not a total, and a ratio does not add up.
    may_be_total = kind == Kind.LEVEL and not re.fullmatch(_FALLS, facts.verb)
    if not may_be_total or facts.frame.yearly or facts.is_per_head:
        return
    if target.unit in _EVENTS:
        written = f"{shown(target.written)}{target.unit}"
        yield f"年間{written}か、期間の合計{written}か。"
    elif target.unit in _PEOPLE and _PEOPLE_WHO_DID.search(facts.name):
        yield "年度末の人数か、累計の人数か。"


def _doubts_about_period(facts: _Facts, kind: str | None) -> Iterable[str]:
    """Yield doubts about a number alone: is it the value of a year or a sum?"""
    if kind is None:
        yield "各年度の値か、期間の合計か、期末の値か、文言から決まらない。"
    elif kind == Kind.EVERY_YEAR and facts.parts.target is None:
        yield "毎年その数だけ増やすのか、毎年その数が生じるのか、文言から決まらない。"
    elif kind == Kind.LEVEL and facts.parts.target:
        yield from _doubts_about_level(facts)
    elif kind == Kind.TOTAL:
        yield from _doubts_about_total(facts)


def _doubts_about_level(facts: _Facts) -> Iterable[str]:
    target = given(facts.parts.target)
    if not facts.frame.has_end and target.value != 0:
        yield "いつまでに達成する目標か、書かれていない。"
    if target.unit in ("倍", "割") and target.verb:
        yield f"何の{shown(target.written)}{target.unit}か、もとの値が書かれていない。"
    has_measure = target.unit or _LEVEL_NAME.search(facts.subject)
    if not has_measure and target.value and not decimals_of(target.value):
        yield "単位が書かれておらず、期間の合計か、期末の値か、文言から決まらない。"


def _doubts_about_total(facts: _Facts) -> Iterable[str]:
    frame, main = facts.frame, given(facts.main)
    if frame.summed:
        if not frame.has_end and not re.search(r"総|累|合計|通算", main.before):
            yield "期間の延べ数か、年間の延べ数か、文言から決まらない。"
    elif not frame.has_period or main.unit in _AMOUNTS:
        yield "期間の合計か、期末の値か、文言から決まらない。"
    elif main.unit in _PEOPLE:
        # A few people may all be there at year end; a large number is the total of a period.
        if main.value is not None and main.value < _FEW:
            yield "期間中の合計か、年度末の数か。"
    elif main.unit not in _EVENTS:
        yield "新たな数の合計か、年度末の数か。"
