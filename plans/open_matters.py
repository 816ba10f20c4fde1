"""Matters that wait for the planning office: readings, baselines, final values."""

from collections.abc import Callable
from enum import StrEnum

from indicators.plan_states import PlanState
from indicators.rules.terms import TARGET_NOT_TYPED, Kind
from plans.nodes import ListingNode, StrategyTree


class Matter(StrEnum):
    """A kind of matter that the planning office has to settle."""

    TARGET = "target"
    READING = "reading"
    BASELINE = "baseline"
    PROVISIONAL = "provisional"


MATTER_NAMES = {
    Matter.TARGET: TARGET_NOT_TYPED,
    Matter.READING: "読み方未確認",
    Matter.BASELINE: "基準値未登録",
    Matter.PROVISIONAL: "確定値待ち（速報値）",
}
MATTER_MEANINGS = {
    Matter.TARGET: "目標の文言と目標値を入力するまで、判定せず、計画を実施中にできません。",
    Matter.READING: "目標の文言の読み方を、企画担当が確認するまで、判定しません。",
    Matter.BASELINE: "期末水準・抑制の目標に、起点となる基準値がなく、目安値を引けません。",
    Matter.PROVISIONAL: "実績値が速報値です。確定値が出たら、入力し直します。",
}
WITH_BASELINE = (Kind.LEVEL, Kind.RESTRAINT)


def _lacks_baseline(listing: ListingNode) -> bool:
    return listing.kind in WITH_BASELINE and listing.baseline is None


_TESTS: dict[Matter, Callable[[ListingNode], bool]] = {
    Matter.TARGET: lambda listing: listing.awaits_target,
    Matter.READING: lambda listing: not (listing.is_confirmed or listing.awaits_target),
    Matter.BASELINE: _lacks_baseline,
    Matter.PROVISIONAL: lambda listing: listing.actual is not None and listing.actual.provisional,
}


def matters_of(tree: StrategyTree) -> list[Matter]:
    """Return the matters that a plan can have: only a draft has listings without a target."""
    is_draft = tree.state == PlanState.DRAFT
    return [matter for matter in Matter if is_draft or matter != Matter.TARGET]


def is_open(listing: ListingNode, matter: str) -> bool:
    """Whether this matter is open for a listing in the year of its tree."""
    return _TESTS[Matter(matter)](listing)
