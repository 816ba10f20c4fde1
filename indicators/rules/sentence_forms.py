"""Targets that no kind can hold yet: ranks, means, multiples, comparisons with another value.

A sentence of such a form gets no target that it does not state. `SpecialTarget` has what it does
state.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from indicators.rules.sentence_quantities import FALLS, RISES, VERB
from indicators.rules.terms import Term
from japanese.numerals import read_number


class SentenceForm(Term):
    """What a sentence demands if it is more than a number to reach."""

    YEARLY_STEP = "yearly_step", "毎年度の増減"
    MULTIPLE = "multiple", "何倍、何分の一"
    MEAN = "mean", "複数年度の平均"
    RANK = "rank", "順位"
    RELATIVE = "relative", "ほかの値との比較"
    RANGE = "range", "範囲"
    CHANGE = "change", "増減の幅"
    NO_NUMBER = "no_number", "数のない目標"
    SEVERAL = "several", "複数の数"


@dataclass(frozen=True)
class SpecialTarget:
    """The form of a sentence with what it states; None and "" for what it does not state.

    `amount` with its `unit` is signed and is: of a yearly step the step, of a multiple the factor
    (0.5 for 半減), of a change or a relative target the change or the share (105 in 前年比105％).
    `reference` is what it is compared with, as written: 前年度, 全国平均, 現状値. `years` are the
    fiscal years of a mean. `lower` and `upper` are the ends of a range.
    """

    form: SentenceForm
    amount: Decimal | None = None
    unit: str = ""
    reference: str = ""
    years: tuple[int, int] | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None


# --- Comparisons ------------------------------------------------------------------------------

_OTHERS = (
    r"全国|全道|全県|北海道|国内|国|県内|県|都|府|道内|道|管内|圏域|市町村|類似団体|都道府県"
    r"|世界|他市"
)
_RECENT_MEAN = re.compile(
    r"(?:直近|過去)の?[0-9一二三四五六七八九十]{1,2}[かカヵヶケ箇]?年度?間?の?平均値?"
)
_HIDDEN_MEAN = "過去平均"
_STATUS_QUO = r"(?:現状|現在|基準|当初|従来)値?"
_REFERENCE = (
    rf"対?前年(?:度|同[期月])?(?:の?(?:実績値?|数値|値|水準))?|{_HIDDEN_MEAN}"
    r"|前回(?:調査)?の?(?:結果|実績値?|値)?(?=[をよとに以])|前期(?:計画)?(?:期間)?の?(?:実績値?|値)?(?=[のをよとに以])"
    rf"|過去最[高低多少大小](?:値|記録)?|(?:{_OTHERS})の?(?:平均値?|水準|数値|伸び率?)"
    rf"|(?:{_OTHERS})(?=を(?:上|下)回|より)"
    rf"|{_STATUS_QUO}(?=より|以上|以下|を上回|を下回|を超え|並|の?維持|の?水準)"
)
_WAYS_UP = rf"上回|超え|以上|プラス|{RISES}"
_WAYS_DOWN = rf"下回|以下|未満|マイナス|縮め|{FALLS}"
_WAYS = rf"{_WAYS_UP}|{_WAYS_DOWN}|同等|同程度|同水準|並|改善|向上|維持|確保"
_COMPARISON = re.compile(
    rf"(?P<reference>{_REFERENCE})(?:との差|(?:[をとにの]|よりも?|から|対?比で?)?"
    r"(?:\(?[0-9][0-9,.]*[^0-9、。→()]{0,3}\)?(?=を?[^0-9、。→()]))?"
    rf"(?:[^0-9、。→()]{{0,8}}?(?P<way>{_WAYS})|(?<=[比りら])[^0-9、。→()]{{0,3}}[0-9]"
    r"|[+−▲△-][0-9]))"
)
_EACH_YEAR_MORE = re.compile(rf"毎年度?[^0-9、。→]{{0,6}}?(?P<way>{VERB})")


@dataclass(frozen=True)
class OtherValue:
    """What a sentence compares with: `reference` 前年, `way` 増; "" if not said."""

    reference: str
    way: str
    is_status_quo: bool

    @property
    def rises(self) -> bool:
        return re.fullmatch(_WAYS_UP, self.way) is not None

    @property
    def falls(self) -> bool:
        return re.fullmatch(_WAYS_DOWN, self.way) is not None


_TWO_OTHERS = re.compile(
    rf"(?:{_OTHERS})(?:の?平均値?)?(?:・|、|や|と|及び|又は|または|並びに)(?:{_OTHERS})の?平均値?"
)
_OF_DIFFERENCE = re.compile(r"の差|差を|格差|かい離|乖離")


def needs_other_indicator(reference: str, sentence: str) -> bool:
    """Whether a sentence compares with what is measured elsewhere: 全国平均, 県平均, 国の伸び.

    Not if it is about the difference from that: 全国平均との差を縮める.
    """
    is_elsewhere = re.match(_OTHERS, reference) is not None
    return is_elsewhere and not _OF_DIFFERENCE.search(sentence)


def two_references_in(sentence: str) -> str:
    """Return 国・県平均, where a sentence compares with two other values; "" if it does not."""
    found = _TWO_OTHERS.search(sentence)
    return found[0] if found else ""


def hide_recent_means(text: str) -> tuple[str, str]:
    """Return the text without the number in 直近５年の平均値, and that phrase as written."""
    found = _RECENT_MEAN.search(text)
    return _RECENT_MEAN.sub(_HIDDEN_MEAN, text), found[0] if found else ""


def comparison_in(text: str, recent_mean: str) -> OtherValue | None:
    """Return the comparison with another value; None if there is none."""
    found = _COMPARISON.search(text)
    if found is None:
        return None
    reference = recent_mean if found["reference"] == _HIDDEN_MEAN else found["reference"]
    is_status_quo = re.match(_STATUS_QUO, reference) is not None
    return OtherValue(reference, found["way"] or "", is_status_quo)


def more_each_year(text: str) -> OtherValue | None:
    """Return the comparison with the year before that 毎年増加 implies; None if there is none."""
    found = _EACH_YEAR_MORE.search(text)
    return OtherValue("前年度", found["way"], is_status_quo=False) if found else None


# --- Multiples --------------------------------------------------------------------------------

_PARTS = re.compile(
    r"(?P<whole>[0-9]{1,2}|[二三四五六七八九十])分の(?P<part>[0-9]{1,2}|[一二三四五六七八九])"
    r"|(?<![0-9/.])(?P<over>[1-9])/(?P<under>[2-9])(?![0-9/])"
)
_IN_WORDS = re.compile(r"(?<![0-9.一二三四五六七八九十数])倍(?=増|加|[にへ])|半(?:減|数|分|額|量)")


@dataclass(frozen=True)
class Multiple:
    """A multiple in words: 倍増, 半減, 3分の1; `position` is its index in the text."""

    factor: Decimal | None
    written: str
    position: int
    is_change: bool
    """Whether it tells the way itself: 倍増, 半減; not 半数."""


def multiple_in(text: str) -> tuple[str, Multiple | None]:
    """Return the text without the numbers of 3分の1, and the multiple; None if there is none."""
    found = _PARTS.search(text)
    if found:
        part, whole = found["part"] or found["over"], found["whole"] or found["under"]
        divisor = read_number(whole)
        factor = read_number(part) / divisor if divisor else None
        # Positions must not shift.
        hidden = _PARTS.sub(lambda said: "・" * len(said[0]), text)
        return hidden, Multiple(factor, found[0], found.start(), is_change=False)
    found = _IN_WORDS.search(text)
    if found is None:
        return text, None
    is_half = found[0].startswith("半")
    written = "倍増" if found[0] == "倍" else found[0]
    factor = Decimal("0.5") if is_half else Decimal(2)
    return text, Multiple(factor, written, found.start(), is_change=found[0] in ("半減", "倍"))


# --- Other words ------------------------------------------------------------------------------

_RANK_ASIDE = re.compile(r"\((?=[^()]*位)[^()0-9]{0,8}[0-9]+位[^()0-9]{0,4}\)")
_SEVERAL = re.compile(
    r"いずれ(?:も|の[^0-9、。]{1,10}?も)|それぞれ"
    r"|(?:男女|小中|両[^0-9、。]{1,4}|各[^0-9、。]{1,6})とも(?:に)?"
)
_VERB_AT_THE_END = re.compile(
    rf"(?:^|[、のをへに])(?P<way>{VERB})(?:させる|する|傾向|を?目指す)?。?$"
)


def without_rank_asides(text: str) -> str:
    """Return the text without 全国43位 in brackets, where a number stands outside them."""
    cut = _RANK_ASIDE.sub("", text)
    return cut if re.search(r"[0-9]", cut) else text


def several_in(text: str) -> str:
    """Return the words that say that several numbers have to keep the target; "" if none do."""
    found = _SEVERAL.search(text)
    return found[0] if found else ""


def words_of_target(text: str) -> str:
    """Return what stands for a target without a number: 現状値より増加 in 91.6%→現状値より増加."""
    return re.sub(r"\([^()]*\)", "", text.rpartition("→")[2]).strip("、。()")


def verb_at_the_end(text: str) -> str:
    """Return 増加 for a sentence that says nothing else; "" for any other."""
    found = _VERB_AT_THE_END.search(text)
    return found["way"] if found else ""
