"""Trees that no database knows: listings of any sort, drawn at random, in one plan.

Not by hypothesis: that also draws numbers that it finds in the code of all loaded modules, so that
its listings depended on the tests that the same worker ran. It took a quarter of the time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

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


# Each function draws with `draw`, which has a fixed seed: the same listings at each run.

KINDS = ("level", "level", "total", "every_year", "milestone", "restraint")
DIRECTIONS = ("up", "down")
SIZES = (100, 10**6, 10**10)
REASONS = ("unpublished", "not_surveyed", "not_computable")
ASKED = (*["value"] * 7, *["reason"] * 2, "as drawn")
BASELINE_KINDS = (*["measured"] * 4, "projection")
TOLERANCES = (Decimal(0), Decimal(0), Decimal(2))
SHARES = tuple(Decimal(share) for share in ("1", "0.9995", "0.9", "0.7995", "0.5", "-0.2"))

Near = tuple[Decimal, int]
"""A share of the way to a target where a rule changes, and the steps beside it; see `_near`."""


def _mostly(draw: Random) -> bool:
    return draw.random() < 0.9


def _draw_near(draw: Random) -> Near:
    return draw.choice(SHARES), draw.choice((-1, 0, 1))


def _number(draw: Random, decimals: int, size: int) -> Decimal:
    """Draw a number with this many decimals: small ones mostly, of either sign, or up to `size`.

    One in ten is the smallest or largest of its range.
    """
    limit = size * 10**decimals
    small, large = (-min(60, limit), min(240, limit)), (-limit // 4, limit)
    bounds = draw.choice((small, small, large, large, (limit // 2, limit), (0, 0)))
    drawn = draw.randint(*bounds) if _mostly(draw) else draw.choice(bounds)
    return Decimal(drawn).scaleb(-decimals)


def _target_year(draw: Random, period: Period) -> int | None:
    """Draw a target year: none mostly, or one before, in or after the plan."""
    return draw.choice((None, None, draw.randint(period.first - 1, period.last + 3)))


def _by_year(draw: Random, period: Period, most: int, make: Callable[[], Any]) -> dict[int, Any]:
    """Draw at most so many years of a plan or beside it, each with what `make` draws."""
    years = range(period.first - 1, period.last + 2)
    return {draw.choice(years): make() for _ in range(draw.randint(0, most))}


def _listing(draw: Random, plan: Plan) -> Listed:
    """Draw a listing of any kind, faults of registration included: the tree has them, too."""
    size = draw.choice(SIZES)
    decimals = draw.randint(0, 2 if size == 10**10 else 4)
    kind = draw.choice(KINDS)
    number = partial(_number, draw, decimals, size)
    target = number()
    baseline = draw.choice((None, number(), number(), target))
    direction = draw.choice(DIRECTIONS)
    yearly = _by_year(draw, plan.period, 3, number)
    is_sound = _mostly(draw)
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

    def value_or_reason() -> Decimal | Near | str:
        known = (target, *yearly.values())
        return draw.choice((number(), _draw_near(draw), draw.choice(REASONS), draw.choice(known)))

    values = _by_year(draw, plan.period, 8, value_or_reason)
    asked = draw.choice(ASKED)
    if asked == "value":
        values[plan.fiscal_year] = _draw_near(draw)
    elif asked == "reason":
        values |= {
            plan.fiscal_year - 1: _draw_near(draw),
            plan.fiscal_year: draw.choice(REASONS),
        }
    values = {
        year: _near(baseline, target, decimals, value) if isinstance(value, tuple) else value
        for year, value in values.items()
    }
    unit, display_unit = ("人", "") if _mostly(draw) else ("円", "千円")
    target_year = _target_year(draw, plan.period)
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
            "baseline_kind": draw.choice(BASELINE_KINDS) if baseline is not None else "",
            "tolerance": draw.choice(TOLERANCES),
            "yearly_targets": yearly,
            "confirmed_at": CONFIRMED_AT if _mostly(draw) else None,
        },
        indicator={
            "decimals": max(0, decimals - (not _mostly(draw))),
            "unit": unit,
            "display_unit": display_unit,
            "running_total": draw.choice((True, False)),
            "carry_years": draw.randint(0, 3),
            "minimum": Decimal(0) if direction == "down" else None,
            "maximum": abs(target) if direction == "up" else None,
        },
        values=values,
    )


def drawn_for(plan: Plan, count: int) -> list[Listed]:
    """Return so many listings of a plan, the same at each run and others for each plan."""
    draw = Random(f"{plan.period.last} {plan.fiscal_year} {count}")
    return [_listing(draw, plan) for _ in range(count)]


def _near(start: Decimal | None, target: Decimal, decimals: int, near: Near) -> Decimal:
    """Return the value at or just beside a share of the way to a target."""
    step, start, (share, steps) = Decimal(1).scaleb(-decimals), start or Decimal(0), near
    return (start + (target - start) * share).quantize(step) + steps * step
