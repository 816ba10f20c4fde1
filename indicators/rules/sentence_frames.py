"""The frame of a target sentence: its years, its period, and words such as 毎年, 延べ and 維持.

The numbers of the frame do not count: `read_frame` returns the text without them, and
`sentence_quantities.py` finds the quantities in what is left.
"""

import re
from dataclasses import dataclass

from japanese.numerals import find_numbers, half_width
from japanese.written_years import WrittenYears, find_years

# --- Normalisation ----------------------------------------------------------------------------

# ゼロ達成, ゼロカ所, but not ゼロカーボン or ゼロ・ウェイスト.
_ZERO = re.compile(r"(?<![0-9〇一-九十])ゼロ(?![・ァ-ヴ](?![所国年]))")
_LEADING_MARK = re.compile(r"^[→、。:・○●◎]+")
_BLANKS = re.compile(r"\s+(?![0-9])|(?<![0-9,.])\s+")
_BRACKETS = str.maketrans("【】[]〔〕〈〉《》<>", "()()()()()()")
# ※, ※１, （※２）, ＊3, 注1. Blanks still stand: in ※１ 80％ the 80 is the value.
_NOTE_MARK = re.compile(r"\(\s*(?:[※*][^()]*|注[0-9]{0,2}\s*)\)|[※*](?:[0-9]{1,2}(?![0-9.,]))?")
_NOTE_NUMBER = re.compile(r"(?<=[%人件回円校社所])注[0-9]{1,2}\)?")
# Twice negated: not below it is at least it, and each year.
_NOT = r"(?:ない|ず)"
_NOT_BELOW = re.compile(
    rf"を?(?:下回ら|割り込ま|割ら|切ら|減らさ|(?:減少|低下)(?:さ?せ|し)){_NOT}|未満に(?:なら|し){_NOT}"
)
_NOT_ABOVE = re.compile(
    rf"を?(?:超え|上回ら|超過し|増やさ|増加(?:さ?せ|し)){_NOT}|超に(?:なら|し){_NOT}"
)
_NEVER = (
    (re.compile(rf"以下に(?:なら|し){_NOT}"), "超を維持"),
    (re.compile(rf"以上に(?:なら|し){_NOT}"), "未満を維持"),
)
_EVERY_SINGLE_YEAR = re.compile(r"(?<![0-9])1年度?(?:ごと|毎)に?")
# Characters for private use stand for years further down.
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def one_form(text: str) -> str:
    """Normalise: half width, one dash, arrow and bracket, no note marks, ゼロ as 0.

    Spaces stay between digits only. を下回らない becomes 以上を維持, を超えない becomes 以下を維持.
    """
    text = _PRIVATE.sub("", text)
    text = re.sub(r"[⇒➡⟶➔⇨➜]|=>|->", "→", half_width(text)).translate(_BRACKETS)
    text = _NOTE_NUMBER.sub("", _NOTE_MARK.sub("", text))
    text = _BLANKS.sub("", text.replace("〜", "~"))
    text = _NOT_ABOVE.sub("以下を維持", _NOT_BELOW.sub("以上を維持", text))
    for never, kept in _NEVER:
        text = never.sub(kept, text)
    text = _EVERY_SINGLE_YEAR.sub("毎年", text)
    return _LEADING_MARK.sub("", _ZERO.sub("0", text))


# --- The frame --------------------------------------------------------------------------------

# A year that was found is one character while the periods are looked for.
_YEAR, _RANGE = "[\ue000-\ue7ff]", "[\ue800-\uefff]"
_FIRST_YEAR, _FIRST_RANGE = 0xE000, 0xE800
_MOST_YEARS = _FIRST_RANGE - _FIRST_YEAR
_MARK = f"[{chr(_FIRST_YEAR)}-\uefff]"

_SHORT_NUMBER = r"(?:[0-9]{1,3}|[〇一二三四五六七八九十]{1,3})"
_YEARS = rf"(?<![0-9])(?P<years>{_SHORT_NUMBER})(?:[かカヵヶケ箇]年|年)"
#: ５年で, ５年間の累計, 2030年までの５年間で, 平成27～31年度の, 計画期間中に.
_PERIOD = re.compile(
    rf"(?:(?:(?P<by>{_YEAR})(?:度?末)?(?:まで|から)?の?)?(?:{_RANGE}(?:まで)?の?)?(?P<per>/)?{_YEARS}"
    r"(?(per)間?|(?:間?(?:で|に(?!一|1)|以?内に|の?(?=累計|合計|延べ|総額))"
    r"|間(?=毎年|、|\)|[0-9](?![0-9]*年))))"
    rf"|{_RANGE}(?:まで)?(?:で|に|間)?"
    r"|(?:計画)?期間(?:中|内)?(?:で|に)?)の?"
)
_MEAN = re.compile(
    rf"(?P<range>{_RANGE})?(?:の?{_YEARS}間?)?(?:(?:計画)?期間(?:中|内)?)?の?(?:年度?)?平均(?:値?で|値)?"
)
_MEAN_BEFORE = re.compile(rf"(?<!年)平均(?=[0-9][^()]*\({_RANGE}\))")
_YEARS_LATER = re.compile(rf"{_YEARS}後(?:に|の|には|で)?")
_MONTH = r"[0-9]{1,2}"
_DATE = re.compile(
    rf"(?:{_YEAR}(?:{_MONTH}月(?:{_MONTH}日)?)?|(?<![0-9]){_MONTH}月{_MONTH}日)"
    r"(?:度?末|中|当初|現在|時点)?"
    r"(?P<then>まで(?:に|で)?の?|[にと]比べて?|には?|で|の|から|以[降後]の?|対?比で?|:)?"
)
_SAYS_OF_YEAR = r"実績値?|目標値?|見込み?値?|年?度?末|現在|時点|値|中"
# 令和元年度の水準を回復, 2019年度実績以上.
_LIKE = re.compile(r"\)?の?(?:実績値?)?(?:(?:比|同?水準|並み)|(?<=[績値])(?:以上|以下|を[上下]回))")
_SAYS_REFERENCE = ("から", "以降", "以後", "比", "対比", "に比べ", "と比べ")
_EACH_YEAR = re.compile(r"毎年|各年|単年度|年度?(?:ごと|毎)に?")
_IN_ONE_YEAR = re.compile(r"(?<![0-9〇一-九十])1(?:年間?で|年度?(?:当たり|あたり|につき))")
_YEARLY = re.compile(
    r"(?<![0-9〇一-九十数])年間|/年間?|年平均|(?<![0-9〇一-九十数通周])年(?=[0-9])"
)
_SUMMED = re.compile(r"延べ|のべ|延(?=[0-9])|総額|総計|累計|累積|(?<!総)合計(?!特殊|画)|通算")
_RESTRAINED = re.compile(r"抑制(?=[しすを、。)]|$)|抑え|[食く]い止め|歯止め")
_KEPT = re.compile(r"維持(?!管理)|保つ|保ち|堅持")
# A bracket about its own number is not part of the frame of the sentence: 800人(年平均160人).
_ASIDE = re.compile(r"\([^()]*[0-9][^()]*\)")


@dataclass(frozen=True)
class YearAt:
    """A year or range at a position of the text that `read_frame` returns."""

    position: int
    written: WrittenYears
    in_brackets: bool
    """Whether it is alone in brackets: 40％（R1）."""
    is_reference: bool
    """Whether a change counts from it: 平成26年度比, 平成26年度から."""
    is_end: bool
    """Whether something is to be reached by it: 令和6年度までに, 令和6年度に."""


@dataclass(frozen=True)
class Frame:
    """The words around the numbers of a sentence."""

    text: str
    """The sentence in one form, with its years."""
    years: int | None
    has_period: bool
    """５年で, 計画期間中に."""
    has_deadline: bool
    """令和元年度までに, ５年後に."""
    has_reference: bool
    """平成26年度比, 平成26年度から."""
    compared_year: str
    """The year of 平成26年度比 and 2019年の水準 as written; "" if there is none."""
    each_year: bool
    """毎年."""
    yearly: bool
    """年間, /年: a yearly amount."""
    summed: bool
    kept: bool
    restrained: str | None
    """What is restrained: 減少 or 増加; "" if the sentence does not say; None if nothing is."""
    mean: str | None
    """The years of a mean, such as 2022～2026年度; "" if not named, None if there is no mean."""
    mean_years: tuple[int, int] | None
    named_years: tuple[YearAt, ...]

    @property
    def has_end(self) -> bool:
        return self.has_period or self.has_deadline


def read_frame(sentence: str) -> tuple[Frame, str]:
    """Return the frame, and the text without dates and periods: their numbers do not count.

    `sentence` is in one form.
    """
    found = find_years(sentence)[:_MOST_YEARS]
    text = _with_marks(sentence, found)
    mean = _mean(text)
    mean_mark = re.search(_RANGE, mean[0]) or re.search(_RANGE, text) if mean else None
    if mean:
        text = f"{text[: mean.start()]}、{text[mean.end() :]}"
    period = _PERIOD.search(text)
    by = period["by"] if period else None
    text = _PERIOD.sub(lambda said: _years_in(said[0]) + "、", text)
    dates: list[bool] = []
    compared: list[str] = []
    references: set[str] = set()
    ends = {by} if by else set()

    def without_date(said: re.Match[str]) -> str:
        if by and by in said[0]:
            return said[0]
        is_compared = "比" in (said["then"] or "") or bool(_LIKE.match(text, said.end()))
        is_reference = is_compared or (said["then"] or "").startswith(_SAYS_REFERENCE)
        # 78％（2013年度75.4％）: the year of a value in brackets is not a deadline.
        is_of_aside = text[said.start() - 1 : said.start()] == "(" and bool(
            re.match(r"[0-9]", text[said.end() :])
        )
        if not is_of_aside:
            dates.append(is_reference)
        if is_reference:
            references.update(said[0])
            if is_compared:
                compared.append(_years_in(said[0]))
        elif re.match("まで|に", said["then"] or ""):
            ends.update(said[0])
        return _years_in(said[0]) + "、"

    text = _DATE.sub(without_date, text)
    later = _YEARS_LATER.search(text)
    text = _YEARS_LATER.sub("、", text)
    text, named_years = _without_marks(text, found, references, ends)
    main = _ASIDE.sub("", text)
    each_year = bool(_EACH_YEAR.search(main) or _IN_ONE_YEAR.search(sentence))
    frame = Frame(
        text=sentence,
        years=_whole_number(period["years"]) if period else None,
        has_period=period is not None,
        has_deadline=later is not None or False in dates,
        has_reference=True in dates,
        compared_year=_as_written(compared[0], sentence, found) if compared else "",
        each_year=each_year,
        yearly=each_year or _YEARLY.search(main) is not None,
        summed=_SUMMED.search(main) is not None,
        kept=_KEPT.search(text) is not None,
        restrained=_what_is_restrained(text),
        mean=_mean_as_written(mean, mean_mark, sentence, found),
        mean_years=_written_at(mean_mark[0], found).years if mean_mark else None,
        named_years=named_years,
    )
    return frame, text


def _with_marks(sentence: str, found: list[WrittenYears]) -> str:
    """Return the sentence with one character for each year or range."""
    text, end = "", 0
    for index, years in enumerate(found):
        mark = chr((_FIRST_RANGE if years.is_range else _FIRST_YEAR) + index)
        text += sentence[end : years.start] + mark
        end = years.end
    return text + sentence[end:]


def _written_at(mark: str, found: list[WrittenYears]) -> WrittenYears:
    code = ord(mark)
    return found[code - (_FIRST_RANGE if code >= _FIRST_RANGE else _FIRST_YEAR)]


def _as_written(mark: str, sentence: str, found: list[WrittenYears]) -> str:
    if not mark:
        return ""
    years = _written_at(mark[0], found)
    return sentence[years.start : years.end]


def _years_in(text: str) -> str:
    return "".join(re.findall(_MARK, text))


def _without_marks(
    text: str, found: list[WrittenYears], references: set[str], ends: set[str]
) -> tuple[str, tuple[YearAt, ...]]:
    """Return the text without marks and empty brackets, and the positions of the years."""
    # The brackets of (R6) go, and the mark alone stays in their place.
    silent = rf"\(((?:{_MARK}|{_SAYS_OF_YEAR}|、)*)\)"
    pieces: list[str] = []
    named: list[YearAt] = []
    position = 0

    # （R4市民意識調査）.
    with_words = "".join(_years_in(said) for said in re.findall(r"\([^()0-9]*\)", text))

    def add(marked: str, *, in_brackets: bool) -> None:
        nonlocal position
        for sign in marked:
            if re.match(_MARK, sign):
                named.append(
                    YearAt(
                        position,
                        _written_at(sign, found),
                        in_brackets or sign in with_words,
                        is_reference=sign in references,
                        is_end=sign in ends,
                    )
                )
            elif not in_brackets:
                pieces.append(sign)
                position += 1

    end = 0
    for bracket in re.finditer(silent, text):
        add(text[end : bracket.start()], in_brackets=False)
        add(bracket[1], in_brackets=True)
        end = bracket.end()
    add(text[end:], in_brackets=False)
    return "".join(pieces), tuple(named)


def _mean(text: str) -> re.Match[str] | None:
    """Return where a mean over years is named; 年平均, the amount of a year, is none."""
    for found in _MEAN.finditer(text):
        if found["range"] or found["years"] or "期間" in found[0]:
            return found
    # 平均20件（R4～R6）.
    return _MEAN_BEFORE.search(text)


def _mean_as_written(
    mean: re.Match[str] | None,
    mark: re.Match[str] | None,
    sentence: str,
    found: list[WrittenYears],
) -> str | None:
    if mean is None:
        return None
    if mark:
        return _as_written(mark[0], sentence, found)
    return f"{mean['years']}年間" if mean["years"] else ""


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
