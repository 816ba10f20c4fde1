"""The filter of the listings: conditions in the address, one form field each.

`goal`, `section`, `entering`, `judgement`, `kind`, `change`, `outlook`, `state`, `open` and what
plans/carried_conditions.py adds are parameters of that page. The choices of a field come from the
tree, so they all exist in the plan.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from indicators.rules.outlook import LOOKING_AHEAD
from indicators.rules.terms import (
    Band,
    Direction,
    Kind,
    Status,
    band_of,
    mark_of,
    status_word,
)
from plans.answers import answer_names, answer_state
from plans.carried_conditions import GENERAL_PLAN, GRANT, SDG, carried_conditions, carries
from plans.comparison import TREND_NAMES, compare
from plans.conditions import Choices, Condition, conditions_in_words, read_conditions
from plans.counting import band_name, kinds_in
from plans.lagging import is_lagging
from plans.nodes import ListingNode, StrategyTree
from plans.open_matters import MATTER_NAMES, is_open, matters_of

LAGGING = "lagging"
REALISED, AT_MOST = "realised", "at_most"


@dataclass(frozen=True)
class Selection:
    """All conditions; those that are not set have no value."""

    fields: tuple[Condition, ...]

    @property
    def is_used(self) -> bool:
        """Whether any condition is set."""
        return any(field.value for field in self.fields)

    @property
    def in_words(self) -> str:
        """The conditions as text: 担当課：水産課、判定：× 遅れ・未達成."""
        return conditions_in_words(self.fields)

    def matches(self, listing: ListingNode) -> bool:
        """Whether a listing of a judged tree meets all conditions."""
        return all(_TESTS[field.name](listing, field.value) for field in self.fields if field.value)


def judgement_of(listing: ListingNode) -> str:
    """Return the code for the label of the judgement: the status, split by label.

    `at_target` has three labels and so three codes: at_target 目標値以上, at_most 目標値以下 and
    realised 実現.
    """
    status = listing.assessment.status
    if status != Status.AT_TARGET:
        return str(status)
    if listing.kind == Kind.MILESTONE:
        return REALISED
    return AT_MOST if listing.direction == Direction.DOWN else str(status)


def judgement_names(tree: StrategyTree) -> dict[str, str]:
    """Return the plan's labels by the codes of `judgement_of`."""
    names = {}
    for status in tree.statuses:
        names[str(status)] = status_word(status, scale=tree.scale)
        if status == Status.AT_TARGET:
            down = status_word(status, direction=Direction.DOWN, scale=tree.scale)
            names[AT_MOST] = down
            names[REALISED] = status_word(status, kind=Kind.MILESTONE, scale=tree.scale)
    return names


def asks_for_listings(asked: Mapping[str, str]) -> bool:
    """Whether the parameters of an address have any condition on listings."""
    return any(asked.get(name, "").strip() for name in _TESTS)


def read_selection(tree: StrategyTree, asked: Mapping[str, str]) -> Selection:
    """Return the conditions in the parameters of an address.

    Raises ValueError, with a message for users, for a value that is not among the choices.
    """
    return Selection(read_conditions(_fields(tree), asked))


def _fields(tree: StrategyTree) -> Iterable[tuple[str, str, Choices]]:
    indicators = [listing.indicator for listing in tree.listings]
    yield (
        "goal",
        tree.words.goal,
        tuple((str(goal.position), f"{goal.position} {goal.title}") for goal in tree.goals),
    )
    yield "section", "担当課", _sections((node.section_id, node.section) for node in indicators)
    yield (
        "entering",
        "入力する課",
        _sections((node.entered_by_id, node.entered_by) for node in indicators),
    )
    yield "judgement", "判定", _judgements(tree)
    yield "kind", "目標の種類", tuple((kind.value, kind.label) for kind in kinds_in(tree))
    yield "change", "前年度との比較", tuple((str(key), name) for key, name in TREND_NAMES.items())
    yield "outlook", "見込み", tuple((state.value, state.label) for state in LOOKING_AHEAD)
    yield "state", "入力の状況", tuple(answer_names(tree.scale).items())
    yield "open", "企画の判断待ち", tuple((str(one), MATTER_NAMES[one]) for one in matters_of(tree))
    yield from carried_conditions(tree)


def _sections(found: Iterable[tuple[int, str]]) -> Choices:
    return tuple((str(pk), name) for pk, name in dict(found).items())


def _judgements(tree: StrategyTree) -> Choices:
    bands = tuple(
        (band.value, f"{mark_of(band, tree.scale)} {band_name(band, tree.scale)}") for band in Band
    )
    lagging = (LAGGING, "遅れている指標（△と×）")
    return (*bands, lagging, *judgement_names(tree).items())


def _is_judged(listing: ListingNode, value: str) -> bool:
    if listing.is_monitor:
        return False
    if value == LAGGING:
        return is_lagging(listing)
    return value in (band_of(listing.assessment.status), judgement_of(listing))


def _carries(name: str, listing: ListingNode, value: str) -> bool:
    """Whether a listing carries something, by itself or with its measure."""
    return carries(listing.carried_here, name, value)


_TESTS: dict[str, Callable[[ListingNode, str], bool]] = {
    "goal": lambda listing, value: str(listing.goal_position) == value,
    "section": lambda listing, value: str(listing.indicator.section_id) == value,
    "entering": lambda listing, value: str(listing.indicator.entered_by_id) == value,
    "judgement": _is_judged,
    "kind": lambda listing, value: listing.kind == value,
    "change": lambda listing, value: compare(listing).trend == value,
    "outlook": lambda listing, value: listing.outlook.state == value,
    "state": lambda listing, value: answer_state(listing) == value,
    "open": is_open,
    **{name: partial(_carries, name) for name in (SDG, GRANT, GENERAL_PLAN)},
}
