"""Trees that no database knows: listings of any sort, drawn by hypothesis, in one plan."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indicators.rules.targets import Period
from indicators.rules.terms import Scale
from plans.nodes import NUMERIC_TARGET, ListingNode, StrategyTree
from tests import nodes

CONFIRMED_AT = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Plan:
    """What all listings of a workbook share."""

    period: Period
    fiscal_year: int
    scale: Scale


@dataclass(frozen=True)
class Listed:
    """A listing: fields of its nodes, and its values or reasons by year."""

    fields: dict[str, Any]
    indicator: dict[str, Any]
    values: dict[int, Any] = field(default_factory=dict)


def tree_of(plan: Plan, listings: Sequence[Listed]) -> StrategyTree:
    """Return a tree of a plan whose first listing is a 数値目標 and whose others are KPIs."""
    first, *others = (_node(plan, number, listed) for number, listed in enumerate(listings))
    tree = nodes.tree_of(
        *others, period=plan.period, scale=plan.scale, fiscal_year=plan.fiscal_year
    )
    first = replace(first, model=NUMERIC_TARGET, place="1-1")
    return replace(tree, goals=(replace(tree.goals[0], numeric_targets=(first,)),))


def _node(plan: Plan, number: int, listed: Listed) -> ListingNode:
    measured = {"baseline_kind": "measured"} if listed.fields.get("baseline") is not None else {}
    defaults = {
        "kind": "level",
        "place": f"1-ア-1-{number}",
        "position": max(1, number),
        "period": plan.period,
        "scale": plan.scale,
        "year": plan.fiscal_year,
        "indicator": nodes.indicator_node(listed.values, **listed.indicator),
    }
    return nodes.listing_node(**(defaults | measured | listed.fields))


SCALES = (
    Scale(),
    Scale(Decimal("95.0"), Decimal("75.0"), Decimal("40.0")),
    Scale(Decimal("99.9"), Decimal("99.9"), Decimal("0.0"), {"at_target": "到達"}),
)
YEARS = "2015-2015 2017-2016 2019-2015 2019-2017 2019-2018 2019-2019 2021-2018 2021-2020 2021-2021"
PLANS = tuple(
    Plan(Period(2015, int(years[:4])), int(years[5:]), SCALES[number % 3])
    for number, years in enumerate(YEARS.split())
)
"""Few plans: a workbook each, and LibreOffice takes its time for each."""


# Each strategy is made once: hypothesis takes longer to make and check one than to draw from it.

MOSTLY = st.sampled_from([True] * 9 + [False])
"""Not integers: of those hypothesis likes the smallest best."""

KIND = st.sampled_from(["level", "level", "total", "every_year", "milestone", "restraint"])
DIRECTION = st.sampled_from(["up", "down"])
SIZE = st.sampled_from([100, 10**6, 10**10])
REASON = st.sampled_from(["unpublished", "not_surveyed", "not_computable"])
ASKED = st.sampled_from(["value"] * 7 + ["reason"] * 2 + ["as drawn"])
BASELINE_KIND = st.sampled_from(["measured"] * 4 + ["projection"])
TOLERANCE = st.sampled_from([Decimal(0), Decimal(0), Decimal(2)])

Near = tuple[Decimal, int]
NEAR: st.SearchStrategy[Near] = st.tuples(
    st.sampled_from([Decimal(n) for n in ("1", "0.9995", "0.9", "0.7995", "0.5", "-0.2")]),
    st.sampled_from([-1, 0, 1]),
)
"""A share of the way to a target where a rule changes, and the steps beside it; see `_near`."""


@cache
@st.composite
def numbers(draw: st.DrawFn, decimals: int, size: int) -> Decimal:
    """Draw a number with so many decimals: small ones mostly, of either sign, or up to `size`."""
    limit = size * 10**decimals
    small = st.integers(-min(60, limit), min(240, limit))
    large = st.integers(-limit // 4, limit)
    huge = st.integers(limit // 2, limit)
    drawn = draw(st.one_of(small, small, large, large, huge, st.just(0)))
    return Decimal(drawn).scaleb(-decimals)


@cache
def target_years(plan: Plan) -> st.SearchStrategy[int | None]:
    """Draw a target year: none mostly, or one before, in or after the plan."""
    some = st.integers(plan.period.first - 1, plan.period.last + 3)
    return st.one_of(st.none(), st.none(), some)


@cache
def years_of(plan: Plan) -> st.SearchStrategy[int]:
    """Draw a year of a plan or one beside it."""
    return st.integers(plan.period.first - 1, plan.period.last + 1)


@cache
def baselines(number: st.SearchStrategy[Decimal]) -> st.SearchStrategy[Decimal | str | None]:
    """Draw no baseline, one like the target, or word that it is the target."""
    return st.one_of(st.none(), number, number, st.just(TARGET))


TARGET = "target"


@cache
def yearly_targets(plan: Plan, number: st.SearchStrategy[Decimal]) -> st.SearchStrategy:
    return st.dictionaries(years_of(plan), number, max_size=3)


@cache
def values_or_reasons(plan: Plan, number: st.SearchStrategy[Decimal]) -> st.SearchStrategy:
    return st.dictionaries(years_of(plan), st.one_of(number, NEAR, REASON), max_size=8)


@st.composite
def listings(draw: st.DrawFn, plan: Plan) -> Listed:
    """Draw a listing of any kind, faults of registration included: the tree has them, too."""
    size = draw(SIZE)
    decimals = draw(st.integers(0, 2 if size == 10**10 else 4))
    kind = draw(KIND)
    number = numbers(decimals, size)
    target = draw(number)
    baseline = draw(baselines(number))
    baseline = target if baseline == TARGET else baseline
    direction = draw(DIRECTION)
    yearly = draw(yearly_targets(plan, number))
    is_sound = draw(MOSTLY)
    if is_sound:  # most are registered without a contradiction
        if kind == "total":
            direction, target = "up", abs(target) + 1
            sums = sorted(min(abs(value), target) for value in yearly.values())
            yearly = dict(zip(sorted(yearly), sums, strict=True))
        if kind in ("every_year", "milestone") or baseline == target:
            yearly = {}
        yearly.pop(plan.period.last, None)
        if baseline is not None and kind in ("level", "restraint"):
            improves = (target > baseline) == (direction == "up") or target == baseline
            if improves == (kind == "restraint"):
                target, baseline = baseline, target
    values = draw(values_or_reasons(plan, number))
    asked = draw(ASKED)
    if asked == "value":
        values[plan.fiscal_year] = draw(NEAR)
    elif asked == "reason":
        values |= {plan.fiscal_year - 1: draw(NEAR), plan.fiscal_year: draw(REASON)}
    values = {
        year: _near(baseline, target, decimals, value) if isinstance(value, tuple) else value
        for year, value in values.items()
    }
    unit, display_unit = ("人", "") if draw(MOSTLY) else ("円", "千円")
    target_year = draw(target_years(plan))
    if is_sound:
        target_year = None if target_year == plan.period.first - 1 else target_year
        due = target_year or plan.period.last
        yearly = {year: value for year, value in yearly.items() if year < due}
    return Listed(
        fields={
            "kind": kind,
            "direction": direction,
            "target": target,
            "target_year": target_year,
            "baseline": baseline,
            "baseline_kind": draw(BASELINE_KIND) if baseline is not None else "",
            "tolerance": draw(TOLERANCE),
            "yearly_targets": yearly,
            "confirmed_at": CONFIRMED_AT if draw(MOSTLY) else None,
        },
        indicator={
            "decimals": max(0, decimals - (not draw(MOSTLY))),
            "unit": unit,
            "display_unit": display_unit,
            "running_total": draw(st.booleans()),
            "carry_years": draw(st.integers(0, 3)),
            "minimum": Decimal(0) if direction == "down" else None,
            "maximum": abs(target) if direction == "up" else None,
        },
        values=values,
    )


def drawn_for(plan: Plan, count: int) -> list[Listed]:
    """Return listings of a plan that hypothesis draws, the same at each run.

    So many are drawn. A quarter of them hypothesis had drawn before; they are left out.
    """
    found: dict[str, Listed] = {}

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(listings(plan))
    def draw(listed: Listed) -> None:
        found[repr(listed)] = listed

    draw()
    return [*found.values()]


def _near(start: Decimal | None, target: Decimal, decimals: int, near: Near) -> Decimal:
    """Return the value at or just beside a share of the way to a target."""
    step, start, (share, steps) = Decimal(1).scaleb(-decimals), start or Decimal(0), near
    return (start + (target - start) * share).quantize(step) + steps * step
