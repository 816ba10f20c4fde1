"""What the preview of a next plan shows before it is made."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from goals.models import BasicGoal, NumericTarget, Strategy
from indicators.listings import Listing
from indicators.plan_words import Words
from indicators.rules.terms import BaselineKind, Kind
from japanese.fiscal_years import era_label, full_label
from kpis.models import KPI
from measures.models import Measure, MeasureGroup, Project
from plans.next_plan import EndingPlan, NextPart, key_of
from plans.next_plan_form import label_of


@dataclass(frozen=True)
class PreviewedListing:
    """A listing of the next plan; `baseline` is "" where there is none, `told` says why."""

    label: str
    kind: str
    before: str
    baseline: str
    baseline_year: str
    baseline_kind: str
    told: tuple[str, ...]


@dataclass(frozen=True)
class PreviewedMeasure:
    """A measure, or the goal itself with its numeric targets; `projects` are (label, told)."""

    heading: str
    listings: tuple[PreviewedListing, ...]
    projects: tuple[tuple[str, str], ...] = ()


def preview_of(source: EndingPlan, plan: Strategy, goals: Sequence[NextPart]) -> dict[str, Any]:
    """Return the context of the preview; `plan` is not stored yet."""
    words = source.plan.wording
    parts = [one for goal in goals for one in goal.all_parts()]
    listings = [one for one in parts if isinstance(one.part, Listing)]
    with_baseline = sum(one.part.baseline is not None for one in listings)
    return {
        "first": full_label(plan.first_fiscal_year),
        "last": full_label(plan.last_fiscal_year),
        "overlap": _overlap(source.plan, plan),
        "counts": _counts(parts, words),
        "words": words,
        "baselines": f"{len(listings)}指標のうち{with_baseline}指標に、基準値を入れます。"
        f"基準値のない指標は{len(listings) - with_baseline}です。"
        if listings
        else "",
        "goals": [(label_of(goal.part, words), list(_parts_of(goal, words))) for goal in goals],
        "left_out": _left_out(source, {key_of(one.source) for one in parts}),
    }


def _overlap(before: Strategy, after: Strategy) -> str:
    if after.first_fiscal_year > before.last_fiscal_year + 1:
        return (
            f"今の計画は{era_label(before.last_fiscal_year)}までです。"
            f"{era_label(after.first_fiscal_year)}までの間に、計画のない年度があります。"
        )
    if after.first_fiscal_year > before.last_fiscal_year:
        return ""
    last = era_label(before.last_fiscal_year)
    return f"今の計画は{last}までです。重なる年度は、両方の計画で判定します。"


def _counts(parts: Sequence[NextPart], words: Words) -> str:
    """Return how many parts of each level continue, without placeholders."""
    titled = [one for one in parts if getattr(one.part, "title", "-")]
    counts = Counter(type(one.part) for one in titled)
    relisted = sum(one.home is not None for one in parts)
    names = (
        (BasicGoal, words.goal),
        (NumericTarget, words.numeric_target),
        (MeasureGroup, words.group),
        (Measure, words.measure),
        (KPI, words.kpi_short),
        (Project, words.project),
    )
    said = "、".join(f"{name}{counts[kind]}" for kind, name in names)
    return f"{said}（うち再掲{relisted}）" if relisted else said


def _parts_of(goal: NextPart, words: Words) -> Iterator[PreviewedMeasure]:
    """Yield the numeric targets of a goal, then its measures, each under its group."""
    targets = [one for one in goal.below if isinstance(one.part, NumericTarget)]
    if targets:
        yield PreviewedMeasure(words.numeric_target, tuple(_listing(one, words) for one in targets))
    for group in goal.below:
        if not isinstance(group.part, MeasureGroup):
            continue
        if not group.below:
            yield PreviewedMeasure(label_of(group.part, words), ())
        for measure in group.below:
            yield PreviewedMeasure(
                _heading(group.part, measure.part, words),
                tuple(_listing(one, words) for one in measure.below if isinstance(one.part, KPI)),
                tuple(
                    (_project_label(one), one.told)
                    for one in measure.below
                    if isinstance(one.part, Project)
                ),
            )


def _heading(group: MeasureGroup, measure: Measure, words: Words) -> str:
    """Return the labels of group and measure; only that of the measure without a group."""
    labels = [label_of(measure, words)]
    if group.symbol:
        labels.insert(0, label_of(group, words))
    return "　".join(labels)


def _project_label(one: NextPart) -> str:
    category = f"［{one.part.category}］" if one.part.category else ""
    return f"{category}{one.part.name}{'（再掲）' if one.home else ''}"


def _listing(one: NextPart, words: Words) -> PreviewedListing:
    part, proposed = one.part, one.baseline
    indicator = part.indicator
    found = {"baseline": "", "baseline_year": "", "baseline_kind": ""}
    if part.baseline is not None:
        found = {
            "baseline": f"{indicator.format(part.baseline)}{indicator.shown_unit}",
            "baseline_year": full_label(part.baseline_year),
            "baseline_kind": BaselineKind(part.baseline_kind).label,
        }
    return PreviewedListing(
        label=label_of(part, words),
        kind=Kind(part.kind).label,
        before=one.source.sentence,
        told=tuple(filter(None, (one.told, proposed.told if proposed else ""))),
        **found,
    )


def _left_out(source: EndingPlan, carried: Collection[str]) -> list[str]:
    """Return the parts that stay behind although the part above continues, in the plan's order."""
    found: list[str] = []

    def look(above: Any, names: str) -> None:
        for part in source.below(above):
            name = f"{names}{label_of(part, source.plan.wording)}"
            if key_of(part) in carried:
                look(part, f"{name} ＞ ")
            else:
                found.append(name)

    look(source.plan, "")
    return found
