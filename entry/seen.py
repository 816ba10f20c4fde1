"""What the page of the grid showed of a row, as a text in its form.

3:0f1e2d3c4b5a6978:1:千円 is version 3 of the value, a digest of the texts, one decimal, 千円. So
what was typed beside another unit is never taken for a number of today's unit. For a 記述目標 the
digest is followed by =, the words of the grades as digests, and what they meant: so a word is never
taken for another grade than the one that was chosen. The keys of the Excel form hold them as well.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from indicators.grades import GradesOfYear
from indicators.rules.chosen_grades import GRADES, GRADES_BY_STANDARD_WORD


@dataclass(frozen=True)
class Seen:
    """What a page showed. `version` is "" if there was no value.

    `scale` is how its numbers are written (`scale_of`), `words` what the words of its grades mean
    (`words_of`); "" if unknown.
    """

    version: str
    digest: str
    scale: str = ""
    words: str = ""

    def __str__(self) -> str:
        words = f"={self.words}" if self.words else ""
        return f"{self.version}:{self.digest}{words}:{self.scale}"

    @property
    def unit(self) -> str:
        """The display unit beside the field."""
        return self.scale.partition(":")[2]


def read_seen(text: str) -> Seen:
    """Return what a page showed; any text is understood."""
    version, _, rest = text.partition(":")
    digest, _, scale = rest.partition(":")
    digest, _, words = digest.partition("=")
    return Seen(version, digest, scale, words)


def scale_of(indicator: Any) -> str:
    """Return how the numbers of an indicator are written: its decimals and its display unit."""
    return f"{indicator.decimals}:{indicator.shown_unit}"


def told_of_other_scale(then: str, now: str) -> str:
    """Return the message about a number that was typed under `then` and is read under `now`."""
    (decimals, _, unit), (decimals_now, _, unit_now) = then.partition(":"), now.partition(":")
    if unit != unit_now:
        named = unit_now or "なし"
        return (
            f"入力したときの単位は「{unit or 'なし'}」でしたが、今の単位は「{named}」です。"
            f"単位が「{named}」の値になっているか確かめ、直してから、もう一度保存してください。"
        )
    return (
        f"入力した後に、この指標の小数点以下の桁数が{decimals}桁から{decimals_now}桁に変わりました。"
        "値を確かめ、もう一度保存してください。"
    )


def words_of(grades: GradesOfYear | None) -> str:
    """Return what the words of the grades of a year mean; "" without a 記述目標."""
    found = grades.meanings.items() if grades else ()
    return "~".join(f"{GRADES.index(grade):x}{_short(word)}" for word, grade in sorted(found))


def grade_then(word: str, words: str) -> str:
    """Return the grade that a word named when it meant what `words` says; "" if none."""
    meant = {one[1:]: one[:1] for one in words.split("~") if one}
    at = meant.get(_short(word), "")
    if at.isdecimal() and int(at) < len(GRADES):
        return GRADES[int(at)]
    return GRADES_BY_STANDARD_WORD.get(word, "")


def told_of_other_words(word: str, then: str, grades: GradesOfYear) -> str:
    """Return the message about a word that named the grade `then`, and now another one or none."""
    now = "別の判定の言葉です" if grades.named(word) else "使わない言葉です"
    same = f"選んだ判定は、今の言葉では「{grades.word_of(then)}」です。"
    return (
        f"入力した後に、判定の言葉が変わりました。「{word}」は、今は{now}。"
        f"{same if then in grades.offered else ''}"
        f"今選べる判定は、{'、'.join(f'「{one}」' for one in grades.words)}です。"
    )


def _short(word: str) -> str:
    return sha256(word.encode()).hexdigest()[:6]
