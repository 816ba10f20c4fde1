"""An entry for one indicator and year, and the checks of its content.

recording.py checks who may enter it, and when.
"""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol
from unicodedata import category

from indicators.models import Actual, Indicator
from indicators.rules.chosen_grades import GRADES, GRADES_BY_STANDARD_WORD, grade_named, grade_word
from indicators.rules.narrowing_types import given
from indicators.rules.terms import NOT_REPORTED
from japanese.numerals import needed_decimals, plain

Availability = Actual.Availability

WITHDRAWN = "withdraw"
"""`Entry.availability` that deletes a value: the year is 未入力 again."""

WITHDRAWN_LABEL = f"{NOT_REPORTED}に戻す"
"""The choice that deletes a value; an empty field never does."""
WILL_WITHDRAW = f"{NOT_REPORTED}に戻します"
WITHDREW = f"{NOT_REPORTED}に戻しました"
WAS_WITHDRAWN = f"{NOT_REPORTED}に戻されました"
"""The same said of what will be done, what somebody did, and what was done."""

REMARKS_ONLY = "remarks_only"
"""`Entry.availability` that stores remarks for a year without a value: it stays 未入力."""

_AVAILABILITIES = frozenset((*Availability.values, REMARKS_ONLY))

NO_REASON = (
    "判断の理由を備考に入力してください。人の判断には、言葉で書いた理由が必要です"
    "（「。」や「－」だけでは理由になりません）。"
)

OLD_REASON = (
    "判定を選び直しましたが、備考は前に保存したときのままです。"
    "今の判定の理由を備考に入力してください。"
)

LIMIT = Decimal(10) ** 11
"""Numbers must be below this, so that they fit the columns of 15 digits with 4 decimals."""

LONGEST_REMARKS = 5_000
"""The maximum length of remarks, in characters."""

CONTENT_FIELDS = (
    "availability",
    "grade",
    "value",
    "numerator",
    "denominator",
    "expected_month",
    "provisional",
    "remarks",
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a person wants recorded for one indicator and year.

    `value`, `numerator` and `denominator` are in the indicator's unit (yen, not 千円). Numerator
    and denominator together determine the value. `version` is the version that the person saw; None
    if there was no value. `change_kind` (Actual.ChangeKind) says why a stored value changes after
    entry of its year ended; it is ignored otherwise. `keeps_ratio`: `value` is the stored one of
    the same numerator and denominator, and is not computed again. `grade` is the one that a person
    chose for a 記述目標, with the remarks as its reason. `withheld` sets the mark 秘匿 or takes it
    away; None leaves it as it is.
    """

    indicator_id: int
    fiscal_year: int
    version: int | None = None
    availability: str = Availability.REPORTED
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    expected_month: str = ""
    provisional: bool = False
    remarks: str = ""
    change_kind: str = ""
    grade: str = ""
    keeps_ratio: bool = False
    withheld: bool | None = None


@dataclass(frozen=True)
class Subject:
    """The subject of an entry: an indicator, a year and the stored value.

    `indicator` is an Indicator or a node of the tree. `stored` is an Actual or has its fields; None
    for 未入力. `early_remarks` are those of a year that is 未入力.
    """

    fiscal_year: int
    indicator: Any
    stored: Any
    early_remarks: str = field(default="", kw_only=True)

    def shown(self, value: Decimal) -> str:
        """Return a value in the display unit, with the unit."""
        return f"{self.indicator.format(value)}{self.indicator.shown_unit}"

    def typed(self, value: Decimal | None) -> str:
        """Return a value as people type it: in the display unit, without commas; "" for None."""
        return "" if value is None else plain(value / self.indicator.display_factor)

    def grade_word(self, grade: str) -> str:
        """Return the word by which people type a grade; "" for none."""
        return grade_word(grade) if grade else ""

    @property
    def takes_grade(self) -> bool:
        """Whether the value is a grade that a person chooses, never a number; False if unknown."""
        return False

    @property
    def grade_words(self) -> tuple[str, ...]:
        """The words of the grades that may be chosen, best first."""
        return tuple(GRADES_BY_STANDARD_WORD)

    def grade_of(self, word: str) -> str:
        """Return the grade that a word names; "" if it names none."""
        return grade_named(word, GRADES_BY_STANDARD_WORD)


Finding = tuple[str, str]
"""A field and the message about it for the user."""


def content_problems(entry: Entry, indicator: Indicator, stored: Any) -> list[Finding]:
    """Return the problems in the content of an entry, whoever enters it and when.

    The indicator may be a node of the tree, `stored` an Actual or with its fields, None for 未入力.
    Numbers that are stored already are not checked again: they were right when they were entered,
    and a change of the remarks should not fail because the indicator has fewer digits now. Runs no
    query.
    """
    if entry.availability == WITHDRAWN:
        return []
    if entry.availability not in _AVAILABILITIES:
        message = f"「{entry.availability}」という区分はありません。一覧から選んでください。"
        return [("availability", message)]
    if (length := len(entry.remarks)) > LONGEST_REMARKS:
        message = (
            f"備考は{LONGEST_REMARKS:,}字までです（入力した備考は{length:,}字）。短くしてください。"
        )
        return [("remarks", message)]
    if entry.availability == REMARKS_ONLY:
        return []
    if entry.expected_month and entry.availability != Availability.UNPUBLISHED:
        message = "公表予定月は、「未公表」のときだけ入力できます。空欄にしてください。"
        return [("expected_month", message)]
    if entry.availability != Availability.REPORTED:
        if not entry.grade and (entry.value, entry.numerator, entry.denominator) == (None,) * 3:
            return []
        label = Availability(entry.availability).label
        message = (
            f"「{label}」が選ばれていますが、値も入力されています。"
            "値を消すか、「実績値あり」を選んでください。"
        )
        return [("value", message)]
    if entry.grade:
        return _problems_of_grade(entry, stored)
    return [] if _has_same_numbers(entry, stored) else _check_numbers(entry, indicator)


def _problems_of_grade(entry: Entry, stored: Any) -> list[Finding]:
    if entry.grade not in GRADES:
        return [("value", f"「{entry.grade}」という判定はありません。一覧から選んでください。")]
    if (entry.value, entry.numerator, entry.denominator) != (None, None, None):
        return [("numerator", "記述目標の判定には、数がありません。数を消してください。")]
    if entry.provisional:
        return [("provisional", "記述目標の判定は、速報値にできません。印を外してください。")]
    if not explains(entry.remarks):
        return [("remarks", NO_REASON)]
    is_another = stored is not None and stored.grade != entry.grade
    if is_another and tidy_remarks(entry.remarks) == tidy_remarks(stored.remarks):
        return [("remarks", OLD_REASON)]
    return []


def _has_same_numbers(entry: Entry, stored: Any) -> bool:
    if stored is None or stored.value is None:
        return False
    if (entry.numerator, entry.denominator) != (stored.numerator, stored.denominator):
        return False
    return bool(entry.value == stored.value)


def _check_numbers(entry: Entry, indicator: Indicator) -> list[Finding]:
    findings: list[Finding] = []
    if (entry.numerator is None) != (entry.denominator is None):
        missing = "denominator" if entry.denominator is None else "numerator"
        findings.append((missing, "分子と分母は、両方入力してください。"))
    elif entry.denominator is not None and entry.denominator <= 0:
        message = f"分母は0より大きい数を入力してください（入力値：{plain(entry.denominator)}）。"
        findings.append(("denominator", message))
    for name in ("numerator", "denominator"):
        number = getattr(entry, name)
        if number is not None and (abs(number) >= LIMIT or needed_decimals(number) > 4):
            message = f"「{plain(number)}」は桁数が多すぎます。"
            findings.append((name, message + "整数11桁、小数4桁までで入力してください。"))
    if findings:
        return findings
    value = value_of(entry, indicator)
    if entry.value is not None and entry.value != value:
        return [("value", contradiction(entry.value, given(value)))]
    if value is None:
        message = "実績値を入力するか、未公表・調査未実施・把握できないのどれかを選んでください。"
        return [("value", message)]
    return [("value", message) for message in value_problems(value, indicator)]


def contradiction(share: Decimal, computed: Decimal) -> str:
    """Return the message about a share that differs from the one its parts give."""
    return (
        f"実績値「{plain(share)}」が、分子÷分母から求めた「{plain(computed)}」と違います。"
        "どちらかを直してください。割合だけにするときは、分子と分母を空欄にしてください。"
    )


def value_problems(value: Decimal, indicator: Indicator) -> list[str]:
    """Return why a value (in the indicator's unit) is invalid for this indicator; [] if valid.

    The messages show numbers in the display unit.
    """
    factor = indicator.display_factor

    def typed(number: Decimal) -> str:
        return plain(number / factor)

    if not value.is_finite() or abs(value) >= LIMIT:
        digits = len(plain(LIMIT / factor)) - 1
        number = typed(value) if value.is_finite() else value
        return [f"実績値「{number}」は桁数が多すぎます。整数{digits}桁までで入力してください。"]
    if needed_decimals(value) > indicator.decimals:
        allowed = needed_decimals(Decimal(1) / factor) if factor > 1 else 0
        places = indicator.decimals + allowed
        wanted = f"小数点以下{places}桁まで" if places else "整数"
        return [
            f"実績値「{typed(value)}」の小数点以下の桁数が多すぎます。"
            f"この指標は{wanted}で入力してください。"
        ]
    low, high = indicator.minimum, indicator.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return []
    what = "割合" if indicator.unit in ("％", "‰") else "実績値"
    if low is not None and high is not None:
        limits = f"{typed(low)}から{typed(high)}まで"
    elif low is not None:
        limits = f"{typed(low)}以上"
    else:
        limits = f"{typed(given(high))}以下"
    return [f"{what}は{limits}の値を入力してください（入力値：{typed(value)}）。"]


class Computed(Protocol):
    """What computing a ratio needs of an indicator, stored or of the tree."""

    @property
    def ratio_factor(self) -> int: ...
    @property
    def decimals(self) -> int: ...


def value_of(entry: Entry, indicator: Computed) -> Decimal | None:
    """Return the value of an entry in the indicator's unit, or None if it has none.

    With numerator and denominator it is computed and rounded half up to the indicator's decimals,
    unless they are stored already: only changing them changes the value.
    """
    if entry.numerator is None or not entry.denominator or entry.keeps_ratio:
        return entry.value
    share = entry.numerator / entry.denominator * indicator.ratio_factor
    return share.quantize(Decimal(1).scaleb(-indicator.decimals), rounding=ROUND_HALF_UP)


def content_of(entry: Entry, indicator: Computed) -> dict[str, Any]:
    """Return the fields to store for an entry, with ratios computed and remarks tidied."""
    content = {field: getattr(entry, field) for field in CONTENT_FIELDS}
    content["value"] = value_of(entry, indicator)
    content["remarks"] = tidy_remarks(entry.remarks)
    if entry.withheld is not None:
        content["withheld"] = entry.withheld
    return content


def same_content(entry: Entry, stored: Any, indicator: Computed) -> bool:
    """Return whether a stored value (an Actual or with its fields) has the content of an entry."""
    return all(
        getattr(stored, field) == content for field, content in content_of(entry, indicator).items()
    )


def explains(remarks: str) -> bool:
    """Return whether remarks explain anything: they have a letter, kana or kanji."""
    return any(category(sign) in ("Ll", "Lu", "Lo") for sign in remarks)


def tidy_remarks(remarks: str) -> str:
    """Return remarks as they are stored, with line breaks that do not depend on the browser."""
    return remarks.strip().replace("\r\n", "\n")
