"""What revisions of a plan changed in the target of a listing, from which year on."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from indicators.listings import aim_in_words
from japanese.fiscal_years import era_label
from plans.nodes import ListingNode
from plans.presentation import amount, target_text


@dataclass(frozen=True)
class TargetYears:
    """Years of a plan, both ends included, in which a listing has the same target.

    `state` is the listing as it was then.
    """

    first: int
    last: int
    state: ListingNode


def stretches_of(listing: ListingNode) -> list[TargetYears]:
    """Return the years of the plan by the target that held in them, oldest first.

    A revision that changes neither the reading of the target nor its target year makes none.
    """
    if not listing.revisions:
        return [TargetYears(listing.period.first, listing.period.last, listing)]
    found = []
    for _, run in groupby(listing.period, key=lambda year: _target_of(listing.in_year(year))):
        years = list(run)
        found.append(TargetYears(years[0], years[-1], listing.in_year(years[0])))
    return found


def _target_of(state: ListingNode) -> tuple[object, ...]:
    """Return what defines a target; the plan's end only if it has no year of its own."""
    return state.spec, _due_label(state), state.is_judged


def number_of_revision(listing: ListingNode, fiscal_year: int) -> str:
    """Return the name of the revision that applies from a year, without the year: 第1回改訂."""
    numbers = (one.number for one in listing.revisions if one.from_fiscal_year == fiscal_year)
    return next((f"第{number}回改訂" for number in numbers), "改訂")


def changes_of_target(listing: ListingNode) -> dict[int, str]:
    """Return what revisions changed, as a sentence by the year from which it applies."""
    return {
        after.first: f"{number_of_revision(listing, after.first)}"
        f"（{era_label(after.first)}から）：{'、'.join(_changes(before.state, after.state))}"
        "改めました。"
        for before, after in pairwise(stretches_of(listing))
    }


def _changes(before: ListingNode, after: ListingNode) -> list[str]:
    return list(_changed_numbers(before, after)) or ["目標の読み方を"]


def _changed_numbers(before: ListingNode, after: ListingNode) -> Iterator[str]:
    for name, old, new in (
        ("種類", before.kind_label, after.kind_label),
        ("改善の方向", *_directions(before, after)),
        ("目標値", _own_target(before), _own_target(after)),
        ("比べる値", _quoted(aim_in_words(before)), _quoted(aim_in_words(after))),
        ("目標年度", _due_label(before), _due_label(after)),
        ("基準値", amount(before, before.baseline), amount(after, after.baseline)),
        ("基準値の種類", _quoted(before.baseline_kind_label), _quoted(after.baseline_kind_label)),
        ("許容幅", _tolerance(before), _tolerance(after)),
    ):
        if old != new:
            yield f"{name}を{old or '「なし」'}から{new or '「なし」'}に"
    if before.yearly_targets != after.yearly_targets:
        yield "年度別目標値を"


def _directions(before: ListingNode, after: ListingNode) -> tuple[str, str]:
    """Return both directions where both targets have one; else nothing differs."""
    if before.has_better_side and after.has_better_side:
        return before.direction_label, after.direction_label
    return "", ""


def _own_target(state: ListingNode) -> str:
    return "" if state.relation else target_text(state)


def _due_label(state: ListingNode) -> str:
    """Return the target year; "" for a 参考指標, which has none."""
    return "" if state.is_monitor else era_label(state.due)


def _tolerance(state: ListingNode) -> str:
    return amount(state, state.tolerance) if state.tolerance else ""


def _quoted(words: str) -> str:
    return words and f"「{words}」"
