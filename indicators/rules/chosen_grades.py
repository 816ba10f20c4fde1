"""The grade that a person chooses for a year of a 記述目標, whose target is words.

Standard library only. No rule judges such a target: a person says how far it has come, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from indicators.rules.terms import STANDARD_SCALE, Scale, Status, status_word
from japanese.characters import as_listed

PERSONAL = "人の判断"
"""The note beside every grade that a person chose."""

NOT_OFFERED = f"{PERSONAL}、今の決め方にない判定"
"""The note beside one that the rules of its year do not offer: they were corrected since."""

BEFORE_LAST_YEAR = (
    Status.FAR_ABOVE,
    Status.ACHIEVED,
    Status.ON_TRACK,
    Status.MOSTLY_ON_TRACK,
    Status.SLIGHTLY_BEHIND,
    Status.BEHIND,
)
IN_LAST_YEAR = (
    Status.FAR_ABOVE,
    Status.ACHIEVED,
    Status.MOSTLY_ACHIEVED,
    Status.PARTLY_ACHIEVED,
    Status.NOT_ACHIEVED,
)
GRADES = tuple(one for one in Status if one in (*BEFORE_LAST_YEAR, *IN_LAST_YEAR))
"""All grades that a person can choose under some plan, in the order of ``Status``."""


@dataclass(frozen=True)
class ChosenGrade:
    """The grade of a year and the reason that the person gave."""

    status: str
    reason: str


def offered_grades(scale: Scale, *, is_due: bool) -> tuple[Status, ...]:
    """Return the grades of a year under the rules of a plan, best first.

    ``is_due``: the year is that of the target or a later one, so that the words of the last year
    hold.
    """
    grades = IN_LAST_YEAR if is_due else BEFORE_LAST_YEAR
    return tuple(grade for grade in grades if grade in scale.statuses)


def grade_word(status: str, scale: Scale = STANDARD_SCALE) -> str:
    """Return the word of a grade. Raises ``ValueError`` for an unknown status."""
    return status_word(status, scale=scale)


def graded_label(status: str, scale: Scale = STANDARD_SCALE) -> str:
    """Return the grade with the note that a person chose it: 順調（人の判断）."""
    return f"{grade_word(status, scale)}（{PERSONAL}）"


def grade_named(word: str, grades: Mapping[str, str]) -> str:
    """Return the grade that a typed word names among those by their words; "" for none."""
    return grades.get(as_listed(word, grades), "")


def grades_by_word(scale: Scale = STANDARD_SCALE) -> dict[str, Status]:
    """Return the grades by their words. Where several have one word, the first of them has it."""
    found: dict[str, Status] = {}
    for grade in GRADES:
        found.setdefault(grade_word(grade, scale), grade)
    return found


GRADES_BY_STANDARD_WORD: Mapping[str, Status] = MappingProxyType(grades_by_word())
"""The grades by the words that hold where a plan has no others."""
