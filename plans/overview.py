"""The summary above the table of the overview: counts, what lags, what changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.rules.judgement import Assessment
from indicators.rules.terms import Status, band_of, mark_of_status, status_word
from japanese.fiscal_years import era_label
from plans.answers import MISSING, answer_state, by_entering_section
from plans.comparison import TREND_RULE, Trend, YearComparison, compare, with_trend
from plans.counting import Count, count_listings
from plans.lagging import LAGGING_RULE, is_lagging, nothing_lags, worst
from plans.nodes import GoalNode, ListingNode, StrategyTree
from plans.open_matters import MATTER_MEANINGS, MATTER_NAMES, is_open, matters_of
from plans.outlooks import OutlookCount, count_outlooks
from plans.pages import list_address
from plans.presentation import JudgedRow, row_of
from plans.selection import LAGGING
from plans.standing import LinkedCount, Standing, standing_of, standing_of_compared

AT_MOST = 10
"""The most listings that a list of the document of the year names."""

AT_MOST_ON_A_SCREEN = 5
"""The most that a list of the overview names; a link shows the rest."""


@dataclass(frozen=True)
class Judgement:
    """A judgement as shown: band, mark and label."""

    band: str
    mark: str
    label: str


@dataclass(frozen=True)
class ChangedListing:
    """A listing that is better or worse than the year before."""

    listing: ListingNode
    before: Judgement
    now: Judgement


@dataclass(frozen=True)
class NamedListings:
    """The first listings of a list, and the count of all of them with its link."""

    rows: tuple[JudgedRow | ChangedListing, ...]
    all: LinkedCount

    @property
    def has_more(self) -> bool:
        """Whether there are more listings than are named."""
        return len(self.rows) < self.all.count.total


@dataclass(frozen=True)
class OpenMatter:
    """A matter that waits for the planning office."""

    counted: LinkedCount
    meaning: str


@dataclass(frozen=True)
class Summary:
    """The summary of a year.

    `before_label` is the year compared with; "" in the plan's first year. `missing_unread` counts
    missing values that have no judgement for another reason: the counts by status do not include
    them as missing.
    """

    whole: Standing
    outlooks: tuple[OutlookCount, ...]
    lagging: NamedListings
    lagging_rule: str
    nothing_lags: str
    better: NamedListings
    worse: NamedListings
    change_rule: str
    before_label: str
    missing_word: str
    missing: LinkedCount
    missing_unread: Count
    missing_sections: tuple[LinkedCount, ...]
    open_matters: tuple[OpenMatter, ...]


def summary_of(
    tree: StrategyTree,
    at_most: int = AT_MOST,
    compared: Sequence[YearComparison] | None = None,
) -> Summary:
    """Return the summary of a tree that was read for a year.

    `compared` are all its listings, where they are compared with the year before already.
    """
    if compared is None:
        compared = [compare(listing) for listing in tree.listings]
    before = tree.fiscal_year - 1
    whole = standing_of_compared(tree, compared)
    missing_word = status_word(Status.NOT_REPORTED, scale=tree.scale)
    missing = [listing for listing in tree.listings if answer_state(listing) == MISSING]
    return Summary(
        whole=whole,
        outlooks=count_outlooks(tree, tree.listings),
        lagging=lagging_of(tree, at_most),
        lagging_rule=LAGGING_RULE,
        nothing_lags=nothing_lags(tree.listings),
        better=NamedListings(_changed(compared, Trend.BETTER, at_most), whole.better),
        worse=NamedListings(_changed(compared, Trend.WORSE, at_most), whole.worse),
        change_rule=TREND_RULE,
        before_label=era_label(before) if before in tree.period else "",
        missing_word=missing_word,
        missing=_linked(tree, missing_word, missing, state=MISSING),
        missing_unread=count_listings(
            listing
            for listing in missing
            if listing.assessment.status != Status.NOT_REPORTED and not listing.is_monitor
        ),
        missing_sections=tuple(
            _linked(
                tree, group.section, group.listings,
                entering=group.section_id, state=MISSING,
            )
            for group in by_entering_section(missing)
        ),
        open_matters=open_matters(tree),
    )  # fmt: skip


def standings_of_goals(tree: StrategyTree) -> tuple[tuple[GoalNode, Standing], ...]:
    """Return the goals with their counts."""
    return tuple(
        (goal, standing_of(tree, goal.listings, goal=goal.position)) for goal in tree.goals
    )


def lagging_of(tree: StrategyTree, at_most: int = AT_MOST) -> NamedListings:
    """Return the worst listings that lag, and the count of all that lag."""
    found = filter(is_lagging, tree.listings)
    return NamedListings(
        tuple(row_of(listing) for listing in worst(tree.listings, at_most)),
        _linked(tree, "遅れている指標", found, judgement=LAGGING),
    )


def open_matters(tree: StrategyTree) -> tuple[OpenMatter, ...]:
    """Return all open matters with their counts, including zero."""
    return tuple(
        OpenMatter(
            _linked(
                tree,
                MATTER_NAMES[matter],
                (listing for listing in tree.listings if is_open(listing, matter)),
                open=matter,
            ),
            MATTER_MEANINGS[matter],
        )
        for matter in matters_of(tree)
    )


def _linked(
    tree: StrategyTree, name: str, listings: Iterable[ListingNode], **conditions: object
) -> LinkedCount:
    return LinkedCount(name, count_listings(listings), list_address(tree, **conditions))


def _changed(
    compared: Sequence[YearComparison], trend: Trend, at_most: int
) -> tuple[ChangedListing, ...]:
    return tuple(_changed_listing(one) for one in with_trend(compared, trend)[:at_most])


def _changed_listing(one: YearComparison) -> ChangedListing:
    assert one.before is not None  # without a year before there is no trend
    return ChangedListing(
        one.listing, judgement_shown(one.listing, one.before), judgement_shown(one.listing, one.now)
    )


def judgement_shown(listing: ListingNode, judged: Assessment) -> Judgement:
    """Return a judgement of a listing with the plan's own mark."""
    band = band_of(judged.status)
    return Judgement(band.value, mark_of_status(judged.status, listing.scale), judged.label)
