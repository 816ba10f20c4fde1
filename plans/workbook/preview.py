"""What the page shows of a plan before the import: the tree, with each proposed reading."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from indicators.places import place_of
from indicators.plan_words import Words, words_from
from indicators.rules.terms import (
    TARGET_AWAITED,
    BaselineKind,
    Direction,
    Kind,
    Relation,
)
from japanese.fiscal_years import era_label, short_label
from japanese.numerals import format_exact, plain
from plans.workbook.described import Described, Json


@dataclass(frozen=True)
class PreviewListing:
    """A listing: what the plan says about it, and its reading, in words."""

    place: str
    name: str
    sentence: str
    reading: str
    section: str
    is_confirmed: bool
    doubts: tuple[str, ...]
    yearly: str
    actuals: str


@dataclass
class PreviewMeasure:
    """A measure; `title` is "" for what is directly under a goal."""

    place: str
    title: str
    group: str
    kpis: list[PreviewListing] = field(default_factory=list)
    projects: list[Json] = field(default_factory=list)


@dataclass
class PreviewGoal:
    number: int
    label: str
    title: str
    targets: list[PreviewListing] = field(default_factory=list)
    measures: list[PreviewMeasure] = field(default_factory=list)


@dataclass(frozen=True)
class PlanPreview:
    """The plan as it will be; `counts` is a sentence."""

    title: str
    city: str
    period: str
    code: str
    counts: str
    goals: list[PreviewGoal]
    words: Words


def plan_preview(described: Described) -> PlanPreview:
    """Return what the page shows of a plan."""
    plan = described.plan
    strategy = plan["strategy"]
    words = words_from(strategy.get("words") or {})
    values: dict[str, list[str]] = {}
    for indicator, year, value, _ in described.actuals:
        values.setdefault(indicator, []).append(f"{short_label(year)} {plain(value)}")
    goals = [_goal(goal, words, values) for goal in plan["goals"]]
    first, last = strategy["first_fiscal_year"], strategy["last_fiscal_year"]
    return PlanPreview(
        title=strategy["title"],
        city=f"{strategy['city']}（団体コード{strategy['city_code']}）",
        period=f"{era_label(first)}から{era_label(last)}まで（{last - first + 1}年間）"
        if first and last
        else "",
        code=strategy["code"],
        counts=_counts(goals, words),
        goals=goals,
        words=words,
    )


def _counts(goals: list[PreviewGoal], words: Words) -> str:
    measures = [one for goal in goals for one in goal.measures]
    listed = [one for goal in goals for one in goal.targets]
    listed += [one for measure in measures for one in measure.kpis]
    unread = sum(not one.is_confirmed for one in listed)
    return (
        f"{words.goal}{len(goals)}、"
        f"{words.numeric_target}{sum(len(goal.targets) for goal in goals)}、"
        f"{words.measure}{sum(bool(one.title) for one in measures)}、"
        f"{words.kpi_short}{sum(len(one.kpis) for one in measures)}、"
        f"{words.project}{sum(len(one.projects) for one in measures)}。"
        f"読み方を確認していない指標は{unread}です。"
    )


def _goal(goal: Json, words: Words, values: Mapping[str, list[str]]) -> PreviewGoal:
    number = goal["position"]
    across = 0 if goal.get("cross_cutting") else None
    found = PreviewGoal(number, words.goal_label(number, across), goal["title"])
    prefix = f"{words.numeric_target}{number}-"
    found.targets = [_listing(prefix, one, values) for one in goal["numeric_targets"]]
    for group in goal["measure_groups"]:
        name = f"（{group['symbol']}）{group['title']}" if group["symbol"] else ""
        for measure in group["measures"]:
            place = place_of(number, group["symbol"], measure["position"])
            shown = PreviewMeasure(place, measure["title"], name)
            shown.kpis = [
                _listing(f"{words.kpi_short}{place}-", one, values) for one in measure["kpis"]
            ]
            shown.projects = measure["projects"]
            found.measures.append(shown)
    return found


def _listing(prefix: str, listing: Json, values: Mapping[str, list[str]]) -> PreviewListing:
    return PreviewListing(
        place=f"{prefix}{listing['position']}{listing.get('part', '')}",
        name=listing["name"],
        sentence=listing["sentence"],
        reading="、".join(_reading(listing)),
        section=listing["indicator"]["section"],
        is_confirmed=listing["confirmed"],
        doubts=tuple(listing["doubts"]),
        actuals="、".join(values.get(listing["indicator"]["code"], ())),
        yearly="、".join(
            f"{short_label(int(year))} {_number(value, listing['indicator']['decimals'])}"
            for year, value in listing["yearly_targets"].items()
        ),
    )


def _reading(listing: Json) -> Iterator[str]:
    """Yield how a sentence is read, piece by piece."""
    unit = listing["indicator"]["unit"] or ""
    decimals = listing["indicator"]["decimals"]
    yield Kind(listing["kind"]).label
    yield Direction(listing["direction"]).label
    if baseline := listing["baseline"]:
        year = baseline["fiscal_year"]
        origin = BaselineKind(baseline["kind"]).label + (f"、{era_label(year)}" if year else "")
        yield f"基準値{_number(baseline['value'], decimals)}{unit}（{origin}）"
    if listing["target"] is not None:
        upper = listing.get("upper")
        until = f"～{_number(upper, decimals)}" if upper else ""
        yield f"目標値{_number(listing['target'], decimals)}{until}{unit}"
    relation = listing.get("relation")
    if relation and relation != TARGET_AWAITED:
        yield Relation(relation).label
    elif listing["target"] is None and not listing["sentence"]:
        yield "目標値未入力"
    if listing["target_year"]:
        yield f"目標年度は{era_label(listing['target_year'])}"


def _number(value: Any, decimals: int) -> str:
    return format_exact(Decimal(value), decimals)
