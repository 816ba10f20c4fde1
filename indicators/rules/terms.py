"""The terms of judging: kinds, statuses, bands, their Japanese names, and a strategy's scale.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What a target sentence promises; each kind has a rule of its own."""

    LEVEL = "level"
    TOTAL = "total"
    EVERY_YEAR = "every_year"
    MILESTONE = "milestone"
    RESTRAINT = "restraint"


class Direction(StrEnum):
    """The better side."""

    UP = "up"
    DOWN = "down"


class Status(StrEnum):
    """What is said of one listing in one fiscal year."""

    ACHIEVED = "achieved"
    AT_TARGET = "at_target"
    ON_TRACK = "on_track"
    MOSTLY_ON_TRACK = "mostly_on_track"
    MOSTLY_ACHIEVED = "mostly_achieved"
    SLIGHTLY_BEHIND = "slightly_behind"
    BEHIND = "behind"
    WORSENED = "worsened"
    NOT_ACHIEVED = "not_achieved"
    NOT_REALISED = "not_realised"
    NOT_REPORTED = "not_reported"
    NO_JUDGEMENT = "no_judgement"


class Band(StrEnum):
    """The five groups in which statuses are counted and marked."""

    GOOD = "good"
    FAIR = "fair"
    CAUTION = "caution"
    BAD = "bad"
    OPEN = "open"


class JudgedBy(StrEnum):
    """The figure that decided the status; ``COMPARISON`` where no figure was needed."""

    PACE = "pace"
    COMPLETION = "completion"
    ATTAINMENT = "attainment"
    COMPARISON = "comparison"


class Missing(StrEnum):
    """Why a year has no value although somebody has looked for one."""

    UNPUBLISHED = "unpublished"
    NOT_SURVEYED = "not_surveyed"
    NOT_COMPUTABLE = "not_computable"


KIND_NAMES = {
    Kind.LEVEL: "期末水準",
    Kind.TOTAL: "期間累計",
    Kind.EVERY_YEAR: "毎年度",
    Kind.MILESTONE: "実現",
    Kind.RESTRAINT: "抑制",
}
DIRECTION_NAMES = {
    Direction.UP: "多い（高い）ほどよい",
    Direction.DOWN: "少ない（低い）ほどよい",
}
MISSING_NAMES = {
    Missing.UNPUBLISHED: "未公表",
    Missing.NOT_SURVEYED: "調査未実施",
    Missing.NOT_COMPUTABLE: "把握できない",
}
FIGURE_NAMES = {
    JudgedBy.PACE: "計画比",
    JudgedBy.COMPLETION: "進捗率",
    JudgedBy.ATTAINMENT: "達成率",
}

NOT_REPORTED = "未入力"
NO_BASELINE = "基準値未登録"
READING_NOT_CONFIRMED = "読み方未確認"
EARLIER_MISS = "途中年度に未達成あり"

# ``AT_TARGET`` has three words of its own, see ``status_word``.
STATUS_WORDS = {
    Status.ACHIEVED: "達成",
    Status.ON_TRACK: "順調",
    Status.MOSTLY_ON_TRACK: "おおむね順調",
    Status.MOSTLY_ACHIEVED: "おおむね達成",
    Status.SLIGHTLY_BEHIND: "やや遅れ",
    Status.BEHIND: "遅れ",
    Status.WORSENED: "基準値より後退",
    Status.NOT_ACHIEVED: "未達成",
    Status.NOT_REALISED: "未実現",
    Status.NOT_REPORTED: NOT_REPORTED,
    Status.NO_JUDGEMENT: "判定なし",
}
BAND_OF_STATUS = {
    Status.ACHIEVED: Band.GOOD,
    Status.AT_TARGET: Band.GOOD,
    Status.ON_TRACK: Band.GOOD,
    Status.MOSTLY_ON_TRACK: Band.FAIR,
    Status.MOSTLY_ACHIEVED: Band.FAIR,
    Status.SLIGHTLY_BEHIND: Band.CAUTION,
    Status.BEHIND: Band.BAD,
    Status.WORSENED: Band.BAD,
    Status.NOT_ACHIEVED: Band.BAD,
    Status.NOT_REALISED: Band.OPEN,
    Status.NOT_REPORTED: Band.OPEN,
    Status.NO_JUDGEMENT: Band.OPEN,
}
MARKS = {
    Band.GOOD: "◎",
    Band.FAIR: "○",
    Band.CAUTION: "△",
    Band.BAD: "×",
    Band.OPEN: "－",
}

STATUSES = tuple(status.value for status in Status)
BANDS = tuple(band.value for band in Band)


@dataclass(frozen=True)
class Scale:
    """The thresholds of a strategy in percent, and its own words and marks.

    ``labels`` has words by status, ``marks`` signs by band; both only where they differ from the
    standard.
    """

    on_track: Decimal | int = 100
    mostly_on_track: Decimal | int = 80
    slightly_behind: Decimal | int = 50
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    marks: Mapping[str, str] = field(default_factory=dict, hash=False)


STANDARD_SCALE = Scale()


def band_of(status: str) -> Band:
    """Return the band of a status. Raise ``ValueError`` for an unknown one."""
    return BAND_OF_STATUS[Status(status)]


def mark_of(band: str, scale: Scale | None = None) -> str:
    """Return the mark of a band: the strategy's own where ``scale.marks`` has one.

    Raise ``ValueError`` for an unknown band.
    """
    band = Band(band)
    return (scale.marks if scale else {}).get(band, MARKS[band])


def status_word(
    status: str, *, kind: str = "", direction: str = Direction.UP, scale: Scale | None = None
) -> str:
    """Return the bare word of a status, the strategy's own where ``scale.labels`` has one.

    ``at_target`` reads 実現 for a milestone, else 目標値以上 or 目標値以下 by direction.
    """
    status = Status(status)
    if scale and status in scale.labels:
        return scale.labels[status]
    if status != Status.AT_TARGET:
        return STATUS_WORDS[status]
    if kind == Kind.MILESTONE:
        return "実現"
    return "目標値" + or_better(direction)


def status_label(
    status: str,
    *,
    kind: str = "",
    direction: str = Direction.UP,
    note: str = "",
    scale: Scale | None = None,
) -> str:
    """Return a status as pages and papers show it: the word and, in brackets, the note.

    ``note`` is the reason of a missing judgement (未公表, 基準値未登録 and the like) or
    途中年度に未達成あり. Raise ``ValueError`` for an unknown status.
    """
    word = status_word(status, kind=kind, direction=direction, scale=scale)
    return f"{word}（{note}）" if note else word


def or_better(direction: str) -> str:
    """Return 以上 or 以下: which side of a number counts as met."""
    return "以上" if direction == Direction.UP else "以下"
