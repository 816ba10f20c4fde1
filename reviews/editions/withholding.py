"""A plan's tree as the public may see it: without values marked 秘匿 and what would reveal them.

`public_tree` first takes the numbers away and only then lets everything be judged again, so that
nothing in it is computed from them: the result is the same whatever a withheld value is (a test
tries). Then it withholds what would be untrue without them.
"""

from collections.abc import Mapping
from dataclasses import replace

from indicators.rules.terms import WITHHELD, Kind
from plans.nodes import ActualNode, IndicatorNode, ListingNode, StrategyTree, Withheld

Nodes = Mapping[int, IndicatorNode]
"""The indicators as the public may see them, by id."""


def public_tree(tree: StrategyTree) -> StrategyTree:
    """Return a judged tree without what is 秘匿. A function of the tree alone; runs no query.

    Values of years after that of the tree are not there, either: they are published later. Of a
    withheld value go:

    - the number, numerator and denominator, 速報値, the grade of a 記述目標, and the remarks on
      every year of the indicator, which often compare years;
    - of running totals also all later years of the plan: the difference of two of them is the value
      of the years between;
    - the judgement of its year with figures, sentence and difference to the year before, for each
      listing of the indicator. The status goes, too: of few persons, 達成 or 遅れ alone often says
      how many there are;
    - for a total, the judgements of all later years: each sum contains the value;
    - the judgements by a value that stands in for a later year, by a target that is relative to the
      value (of another indicator, or of the year before), and from the target year on those of a
      target of every year, which say whether an earlier year missed it;
    - the outlooks from its year on, and 企画の見込み.

    What the plan itself says stays, baselines included: it was decided and published. Texts that
    people write are not read: the person who marks a value also checks what was written about it.
    """
    nodes = {pk: _public_indicator(node, tree) for pk, node in _indicators(tree).items()}
    return tree.with_listings(lambda listing: _listing(listing, nodes))


def _indicators(tree: StrategyTree) -> dict[int, IndicatorNode]:
    listed = {listing.indicator.pk: listing.indicator for listing in tree.listings}
    return {one.pk: one for one in tree.references} | listed


def _public_indicator(node: IndicatorNode, tree: StrategyTree) -> IndicatorNode:
    by_then = {year: one for year, one in node.actuals.items() if year <= tree.fiscal_year}
    hidden = _hidden_years(node, tree)
    if hidden:
        by_then = {
            year: _withheld(actual) if year in hidden else replace(actual, remarks="")
            for year, actual in by_then.items()
        }
    return replace(node, actuals=by_then)


def _hidden_years(node: IndicatorNode, tree: StrategyTree) -> frozenset[int]:
    """Return the years with a value that the public may not see."""
    marked = {year for year, actual in node.actuals.items() if actual.withheld}
    if not node.running_total:
        return frozenset(marked)
    first = tree.period.first

    def is_told_by(year: int, earlier: int) -> bool:
        return earlier <= year and (earlier >= first or year < first)

    return frozenset(year for year in node.actuals if any(is_told_by(year, one) for one in marked))


def _withheld(actual: ActualNode) -> ActualNode:
    return ActualNode(
        pk=actual.pk,
        fiscal_year=actual.fiscal_year,
        value=None,
        availability=WITHHELD,
        expected_month="",
        provisional=False,
        remarks="",
        state=actual.state,
        withheld=True,
    )


def _listing(listing: ListingNode, nodes: Nodes) -> ListingNode:
    public = listing.with_indicators(lambda node: nodes[node.pk])
    years = {year for year in listing.period if _is_revealing(listing, year, nodes)}
    touched = [year for year in listing.period if _touching(listing, year, nodes)]
    if not years and not touched:
        return public
    withheld = Withheld(frozenset(years), min(touched, default=None))
    return replace(public, withheld=withheld, planning_outlooks={})


def _touching(listing: ListingNode, year: int, nodes: Nodes) -> bool:
    """Return whether the value of a year, or what it is compared with, is withheld."""
    then = listing.in_year(year)
    own = nodes[then.indicator.pk]
    if _is_hidden(own, year):
        return True
    if then.reference is not None:
        return _is_hidden(nodes[then.reference.pk], year)
    return bool(then.relation) and _is_hidden(own, year - 1)


def _is_hidden(node: IndicatorNode, year: int) -> bool:
    return year in node.actuals and node.actuals[year].availability == WITHHELD


def _is_revealing(listing: ListingNode, year: int, nodes: Nodes) -> bool:
    """Return whether the judgement of a year of the plan rests on a withheld value."""
    if _touching(listing, year, nodes):
        return True
    basis = listing.assess(year).basis_year  # says which year has a value, not which value
    if basis is not None and basis in listing.period and _touching(listing, basis, nodes):
        return True
    then = listing.in_year(year)
    adds_up = then.kind == Kind.TOTAL
    tells_misses = year >= then.due and then.taken.rule == Kind.EVERY_YEAR
    if not adds_up and not tells_misses:
        return False
    return any(_touching(listing, earlier, nodes) for earlier in listing.period if earlier < year)
