"""The terms of the judgement: kinds, statuses, bands, their Japanese names, and the scale.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Term(StrEnum):
    """A code, which is stored, with its Japanese name, which people read."""

    label: str

    # The label has a default because a lookup by value, Term("code"), passes the code alone.
    def __new__(cls, code: str, label: str = "") -> Term:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


class Kind(Term):
    """The kind of a target; each has its own rule."""

    LEVEL = "level", "期末水準"
    TOTAL = "total", "期間累計"
    EVERY_YEAR = "every_year", "毎年度"
    MILESTONE = "milestone", "実現"
    RESTRAINT = "restraint", "抑制"
    MONITOR = "monitor", "参考指標"
    DESCRIBED = "described", "記述目標"


JUDGED_KINDS = (Kind.LEVEL, Kind.TOTAL, Kind.EVERY_YEAR, Kind.MILESTONE, Kind.RESTRAINT)
"""The kinds with a rule of their own. A 参考指標 has no target and is never judged; a person judges
a 記述目標."""

KINDS_WITHOUT_NUMBER = (Kind.MONITOR, Kind.DESCRIBED)
"""The kinds without a target value, path and figures."""


class Direction(Term):
    """Which side is better."""

    UP = "up", "多い（高い）ほどよい"
    DOWN = "down", "少ない（低い）ほどよい"


class Relation(Term):
    """What a target without a number of its own is compared with, year by year.

    ``BEYOND_…`` asks for a better value; an equal one does not meet it. ``…REFERENCE`` compares
    with another indicator in the same year, such as that of the whole country.
    """

    PREVIOUS_YEAR = "previous_year", "前年度の値以上（以下）"
    BEYOND_PREVIOUS_YEAR = "beyond_previous_year", "前年度の値を上回る（下回る）"
    REFERENCE = "reference", "比べる指標の値以上（以下）"
    BEYOND_REFERENCE = "beyond_reference", "比べる指標の値を上回る（下回る）"

    @property
    def is_strict(self) -> bool:
        """Whether an equal value does not meet the target."""
        return self in (Relation.BEYOND_PREVIOUS_YEAR, Relation.BEYOND_REFERENCE)


TARGET_AWAITED = "awaited"
"""Replaces the relation where a listing of a plan that is 作成中 has no target yet.

It is stored so that kind and direction are known before sentence and target are. It is no
``Relation``: nobody chooses it, and no rule sees it.
"""

TARGET_NOT_TYPED = "目標値未入力"
"""Why such a listing is not judged, and what is shown instead of its target."""

PREVIOUS_YEAR = "前年度"
"""The name of what a relative target without another indicator is compared with."""

WITH_REFERENCE = (Relation.REFERENCE, Relation.BEYOND_REFERENCE)
"""The relations that compare with another indicator."""


class BaselineKind(Term):
    """The origin of a baseline; only a measured one starts a path."""

    MEASURED = "measured", "現状値"
    PROJECTION = "projection", "推計値（対策を講じない場合）"
    PREVIOUS_PERIOD = "previous_period", "前期間の実績"


class JudgedBy(Term):
    """The figure that decided the status; ``COMPARISON`` if none was needed."""

    PACE = "pace", "計画比"
    COMPLETION = "completion", "進捗率"
    ATTAINMENT = "attainment", "達成率"
    COMPARISON = "comparison", "値の比較"


FIGURES = (JudgedBy.PACE, JudgedBy.COMPLETION, JudgedBy.ATTAINMENT)


class LevelFigure(Term):
    """The figure by which a level with a baseline is judged before the last year."""

    PACE = "pace", "計画比（基準値からの変化÷目安値までの変化）"
    COMPLETION = "completion", "進捗率（基準値からの変化÷目標値までの変化）"
    SHARE = "share", "実績値÷その年度の目安値"


class RestraintRule(Term):
    """How a restraint (抑制) is judged."""

    PATH = "path", "目標値と目安値に届くかどうか"
    ATTAINMENT = "attainment", "目標値に届かないときは、達成率による段階"
    EVERY_YEAR = "every_year", "毎年度の目標として"


class LateValues(Term):
    """As of which year a value is judged that stands in for a missing one."""

    OWN_YEAR = "own_year", "値の年度の目安値と比べる"
    ASKED_YEAR = "asked_year", "対象年度の目安値と比べる（最終年度も判定する）"


class Missing(Term):
    """The reason that a section gives for a missing value; 未入力 is not one."""

    UNPUBLISHED = "unpublished", "未公表"
    NOT_SURVEYED = "not_surveyed", "調査未実施"
    NOT_COMPUTABLE = "not_computable", "把握できない"


WITHHELD = "withheld"
"""Stands for the reason of a missing value where the public may not see it."""
WITHHELD_WORD = "秘匿"
WITHHELD_LABEL = f"{WITHHELD_WORD}（人数が少ないため公表しません）"
"""Replaces the judgement, and the value, where the public may not see it."""
WITHHELD_REASON = "人数が少なく、公表すると個人が分かるおそれがあるため、値と判定を公表しません。"

NOT_REPORTED = "未入力"
NO_BASELINE = "基準値未登録"
READING_NOT_CONFIRMED = "読み方未確認"
NO_REFERENCE = "比べる値がない"
"""Why a year of a relative target is not judged."""
WITHOUT_REFERENCE = "比べる値なし"
"""Stands where lists show the target, in such a year."""
MONITORED = Kind.MONITOR.label
"""Why a 参考指標 is not judged."""
CONTRADICTORY = "目標の登録に矛盾あり"
"""Why a listing is not judged if its target breaks a rule."""
NO_GRADE = "人の判断がない"
"""Why a year of a 記述目標 is not judged that has a number but no grade."""
EARLIER_MISS = "途中年度に未達成あり"


class Band(Term):
    """The five groups of statuses; the label is the mark."""

    GOOD = "good", "◎"
    FAIR = "fair", "○"
    CAUTION = "caution", "△"
    BAD = "bad", "×"
    OPEN = "open", "－"


class Status(StrEnum):
    """The status of a listing in a fiscal year: code, word and band.

    ``AT_TARGET`` has one of three words, see ``status_word``.
    """

    word: str
    band: Band

    # Word and band have defaults because a lookup by value passes the code alone.
    def __new__(cls, code: str, word: str = "", band: Band = Band.OPEN) -> Status:
        member = str.__new__(cls, code)
        member._value_ = code
        member.word = word
        member.band = band
        return member

    FAR_ABOVE = "far_above", "大きく上回る", Band.GOOD
    ACHIEVED = "achieved", "達成", Band.GOOD
    AT_TARGET = "at_target", "", Band.GOOD
    ON_TRACK = "on_track", "順調", Band.GOOD
    MOSTLY_ON_TRACK = "mostly_on_track", "おおむね順調", Band.FAIR
    MOSTLY_ACHIEVED = "mostly_achieved", "おおむね達成", Band.FAIR
    SLIGHTLY_BEHIND = "slightly_behind", "やや遅れ", Band.CAUTION
    PARTLY_ACHIEVED = "partly_achieved", "一部達成", Band.CAUTION
    BEHIND = "behind", "遅れ", Band.BAD
    WORSENED = "worsened", "基準値より後退", Band.BAD
    NOT_ACHIEVED = "not_achieved", "未達成", Band.BAD
    NOT_REALISED = "not_realised", "未実現", Band.OPEN
    NOT_REPORTED = "not_reported", NOT_REPORTED, Band.OPEN
    NO_JUDGEMENT = "no_judgement", "判定なし", Band.OPEN


STATUSES = tuple(status.value for status in Status)
BANDS = tuple(band.value for band in Band)


def choices_of(terms: type[Term]) -> list[tuple[str, str]]:
    """Return pairs of code and name, for the choices of model and form fields."""
    return [(term.value, term.label) for term in terms]


@dataclass(frozen=True)
class Scale:
    """How a strategy judges: its thresholds in percent, its choices, its words and marks.

    The defaults are the standard rules. ``far_above`` (over 100) and ``partly_achieved`` add a
    status if they are given. ``mostly_achieved`` and ``partly_achieved`` are for the last year;
    without ``mostly_achieved``, ``mostly_on_track`` holds there, too. ``achieved`` below 100 calls
    a last value 達成 that only comes close to the target. ``worsened_first``: 基準値より後退 comes
    before any figure. ``attainment_on_track``: a 達成率 of ``on_track`` is 順調 although the target
    is missed. ``labels`` has words by status, ``marks`` marks by band or status; only those that
    differ from the standard.
    """

    on_track: Decimal = Decimal(100)
    mostly_on_track: Decimal = Decimal(80)
    slightly_behind: Decimal = Decimal(50)
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    marks: Mapping[str, str] = field(default_factory=dict, hash=False)
    far_above: Decimal | None = None
    achieved: Decimal = Decimal(100)
    mostly_achieved: Decimal | None = None
    partly_achieved: Decimal | None = None
    level_figure: str = LevelFigure.PACE
    worsened_first: bool = True
    attainment_on_track: bool = False
    restraint: str = RestraintRule.PATH
    late_values: str = LateValues.OWN_YEAR

    @property
    def mostly_achieved_from(self) -> Decimal:
        """The percentage from which a last value that misses its target is おおむね達成."""
        return self.mostly_on_track if self.mostly_achieved is None else self.mostly_achieved

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses that these rules can give, in the order of ``Status``."""
        off = {
            Status.FAR_ABOVE: self.far_above is None,
            Status.PARTLY_ACHIEVED: self.partly_achieved is None,
            Status.WORSENED: not self.worsened_first,
        }
        return tuple(status for status in Status if not off.get(status))


STANDARD_SCALE = Scale()


def band_of(status: str) -> Band:
    """Return the band of a status. Raises ``ValueError`` for an unknown one."""
    return Status(status).band


def mark_of(band: str, scale: Scale | None = None) -> str:
    """Return the mark of a band: the one in ``scale.marks`` if there is one.

    Raises ``ValueError`` for an unknown band.
    """
    band = Band(band)
    return (scale.marks if scale else {}).get(band, band.label)


def mark_of_status(status: str, scale: Scale | None = None) -> str:
    """Return the mark of a status: its own in ``scale.marks``, or else that of its band.

    Raises ``ValueError`` for an unknown status.
    """
    status = Status(status)
    return (scale.marks if scale else {}).get(status) or mark_of(status.band, scale)


def status_word(
    status: str, *, kind: str = "", direction: str = Direction.UP, scale: Scale | None = None
) -> str:
    """Return the word of a status, without note: the one in ``scale.labels`` if there is one.

    ``at_target`` is 実現 for a milestone, otherwise 目標値以上 or 目標値以下 by direction. Raises
    ``ValueError`` for an unknown status.
    """
    status = Status(status)
    if scale and status in scale.labels:
        return scale.labels[status]
    if status != Status.AT_TARGET:
        return status.word
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
    """Return a status as shown on pages and papers: the word and, in brackets, the note.

    ``note`` is the reason for a missing judgement (未公表, 基準値未登録 and the like) or
    途中年度に未達成あり. Raises ``ValueError`` for an unknown status.
    """
    word = status_word(status, kind=kind, direction=direction, scale=scale)
    return f"{word}（{note}）" if note else word


def relation_in_words(relation: str, direction: str, compared: str) -> str:
    """Return what a relative target asks for: 前年度の値を上回る, 出生率（全国平均）の値以下.

    ``compared`` is the name of what it is compared with. Raises ``ValueError`` for an unknown
    relation.
    """
    return f"{compared}の値{side_in_words(relation, direction)}"


def side_in_words(relation: str, direction: str) -> str:
    """Return how a relative target continues after a number: を上回る, 以下.

    Raises ``ValueError`` for an unknown relation.
    """
    if not Relation(relation).is_strict:
        return or_better(direction)
    return "を上回る" if direction == Direction.UP else "を下回る"


def or_better(direction: str) -> str:
    """Return 以上 or 以下: the side of a number that meets the target."""
    return "以上" if direction == Direction.UP else "以下"
