"""The charts of a listing: the numbers drawn, the legend, and a description in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from indicators.rules.chosen_grades import grade_word
from indicators.rules.judgement import expected_values
from indicators.rules.narrowing_types import given
from indicators.rules.terms import (
    WITHHELD_WORD,
    BaselineKind,
    Direction,
    Kind,
    Status,
    status_word,
)
from japanese.fiscal_years import era_label, short_label
from japanese.numerals import format_number, telling_decimals
from plans.charts.chart_data import AFTER, ChartData, EarlierTarget, OtherTarget
from plans.charts.drawing import NARROW, WIDE, Chart, draw
from plans.charts.small import SmallChart, draw_small, small_steps
from plans.charts.steps import Steps, draw_steps
from plans.nodes import ListingNode
from plans.presentation import amount, expected_amount, target_text
from plans.revised_targets import (
    TargetYears,
    changes_of_target,
    number_of_revision,
    stretches_of,
)
from plans.years_around import PLAN_ONLY, YearsAround

BASELINE_WORDS: dict[str, str] = {
    BaselineKind.MEASURED: "現状値",
    BaselineKind.PROJECTION: "推計値",
    BaselineKind.PREVIOUS_PERIOD: "前期実績",
}
"""The label below the baseline in a drawing; short, because the column is narrow."""

_MOST_YEARS_AHEAD = 10
"""A path beyond the plan is drawn if its target year is not further away: columns get narrow."""

_MOST_NARROW = 5
"""How many years before and after the plan a narrow drawing has."""

DONE, NOT_DONE = "実現", "未実現"


@dataclass(frozen=True)
class LegendItem:
    """A symbol of the drawing and its meaning; `sign` is the symbol's name in the templates."""

    sign: str
    text: str


@dataclass(frozen=True)
class ListingChart:
    """The chart of a listing in each size, with its legend and its description in words."""

    title: str
    description: str
    charts: tuple[Chart, ...]
    steps: tuple[Steps, ...]
    legend: tuple[LegendItem, ...]


def chart_of(listing: ListingNode, around: YearsAround = PLAN_ONLY) -> ListingChart | None:
    """Return the chart of a listing over its plan; None if there is no number to draw.

    `around` adds years before and after the plan, with the targets of other plans. If the reading
    is unconfirmed or the target breaks a rule, only the values are drawn. For a milestone, only
    done or not done is drawn.
    """
    data = _with_years_around(chart_data(listing), listing, around)
    described = {
        "title": f"{listing.name_alone}の推移",
        "description": _description(listing, data) + _others_in_words(around),
    }
    if listing.is_judged and listing.kind == Kind.MILESTONE:
        done = _done(listing)
        if not done and not data.absences:
            return None
        steps = tuple(
            draw_steps(
                data.years,
                done,
                {**data.absences, **{y: DONE if d else NOT_DONE for y, d in done.items()}},
                size,
                provisional=data.provisional,
                carried=data.carried,
            )
            for size in (WIDE, NARROW)
        )
        return ListingChart(charts=(), steps=steps, legend=_steps_legend(data), **described)
    drawings = (draw(data, WIDE), draw(_nearest(data), NARROW))
    charts = tuple(chart for chart in drawings if chart)
    if not charts:
        return None
    legend = tuple(_legend(listing, data, charts[0], around))
    return ListingChart(charts=charts, steps=(), legend=legend, **described)


def small_chart_of(listing: ListingNode) -> SmallChart | None:
    """Return the small chart of a listing for a list; None if there is no value.

    It ends with the year of the tree, so that its last value is the one shown beside it.
    """
    data = chart_data(listing)
    last = listing.fiscal_year
    if listing.is_judged and listing.kind == Kind.MILESTONE:
        return small_steps(data, {y: done for y, done in _done(listing).items() if y <= last})
    values = {year: value for year, value in data.values.items() if year <= last}
    years = [one for one in data.years if one[0] in listing.period]
    return draw_small(replace(data, years=years, values=values))


def chart_data(listing: ListingNode) -> ChartData:
    """Return the numbers of a listing's chart; only the values if its target is not judged."""
    indicator = listing.indicator
    period = listing.period
    yearly = {year: indicator.values[year] for year in period if year in indicator.values}
    data: dict[str, Any] = {
        "years": [(year, short_label(year)) for year in period],
        "values": yearly,
        "provisional": [year for year in yearly if indicator.actuals[year].provisional],
        "absences": _absences(listing),
        "write": partial(_write, listing),
        "smallest_step": Decimal(1).scaleb(-indicator.decimals),
    }
    if not listing.is_judged:
        return ChartData(**data)
    spec = listing.spec
    judged = {year: listing.assess(year) for year in period}
    is_sum = spec.kind == Kind.TOTAL
    if is_sum and not spec.running_total:
        sums = {year: judged[year].value for year in yearly if year <= listing.due}
        # A sum that contains a 秘匿 value is not there, either.
        known = {year: value for year, value in sums.items() if value is not None}
        data |= {"values": known, "yearly": yearly}
    if listing.period.last < listing.due <= listing.period.last + _MOST_YEARS_AHEAD:
        years = range(listing.period.first, listing.due + 1)
        data["years"] = [(year, short_label(year)) for year in years]
    stretches = _judged_stretches(listing)
    starts = _starting(listing)
    return ChartData(
        **data,
        expected=_path(listing, stretches),
        typed=[
            year
            for one in stretches
            for year in one.state.yearly_targets
            if one.first <= year <= one.last
        ],
        target=None if spec.is_relative else spec.target,
        upper=spec.upper,
        target_word="目標値" if spec.upper is None else "下限",
        target_year=listing.due if listing.due_note else None,
        baseline=starts.baseline,
        baseline_word=BASELINE_WORDS.get(starts.baseline_kind, ""),
        starts_path=starts.spec.baseline is not None and not is_sum,
        forbidden=_forbidden_side(listing),
        carried={
            year: found.basis_year
            for year, found in judged.items()
            if found.basis_year is not None
            and found.basis_year != year
            and not is_sum
            # The judgement of a later year is not that of this page.
            and year <= listing.fiscal_year
        },
        ahead=_ahead(listing),
        from_zero=is_sum,
        revisions={year: number_of_revision(listing, year) for year in changes_of_target(listing)},
        **_earlier_targets(listing, stretches),
    )


def _judged_stretches(listing: ListingNode) -> list[TargetYears]:
    return [one for one in stretches_of(listing) if one.state.is_judged]


def _starting(listing: ListingNode) -> ListingNode:
    """Return the listing as it was when its path began; the newest if it had no baseline then."""
    states = (one.state for one in _judged_stretches(listing))
    return next((state for state in states if state.baseline is not None), listing)


def _forbidden_side(listing: ListingNode) -> str:
    spec = listing.spec
    if spec.is_range or spec.is_relative:
        return ""
    if spec.rule in (Kind.EVERY_YEAR, Kind.RESTRAINT):
        return "below" if spec.direction == Direction.UP else "above"
    return ""


def _earlier_targets(listing: ListingNode, stretches: Sequence[TargetYears]) -> dict[str, Any]:
    """Return the targets until revisions, and the year from which the newest one holds.

    A target of which only the path changed continues as one line. Sums and single values are not
    drawn on one axis: where a revision made one of the other, the target until then is left out.
    """
    lines: list[EarlierTarget] = []
    for one in stretches:
        if one.state.target is None:
            continue
        line = EarlierTarget(one.state.target, one.first, one.last, _forbidden_side(one.state))
        if lines and (lines[-1].target, lines[-1].forbidden) == (line.target, line.forbidden):
            line = replace(line, first=lines.pop().first)
        lines.append(line)
    if not lines or lines[-1].first == listing.period.first:
        return {}
    sums = {year: listing.in_year(year).kind == Kind.TOTAL for year in (one.first for one in lines)}
    is_sum = listing.kind == Kind.TOTAL
    return {
        "earlier": [one for one in lines[:-1] if sums[one.first] == is_sum],
        "target_from": lines[-1].first,
    }


def _with_years_around(data: ChartData, listing: ListingNode, around: YearsAround) -> ChartData:
    """Return the data with years around the plan; the same data where there are none."""
    if not around.words and not around.targets:
        return data
    indicator, words = listing.indicator, around.words
    values = {year: indicator.values[year] for year in words if year in indicator.values}
    provisional = [year for year in values if indicator.actuals[year].provisional]
    years = dict(data.years) | {year: short_label(year) for year in words}
    return replace(
        data,
        years=sorted(years.items()),
        around={
            year: words.get(year, AFTER) for year in sorted(years) if year not in listing.period
        },
        values_around=values,
        provisional=[*data.provisional, *provisional],
        others=[
            OtherTarget(given(other.target), other.years[0], other.years[-1], other.due)
            for other in around.targets
        ],
    )


def _nearest(data: ChartData) -> ChartData:
    """Return the data with fewer years around the plan, for a narrow drawing."""
    left_out = {*data.before[:-_MOST_NARROW], *data.after[_MOST_NARROW:]}
    if not left_out:
        return data
    return replace(
        data,
        years=[year for year in data.years if year[0] not in left_out],
        around={year: word for year, word in data.around.items() if year not in left_out},
    )


def _path(listing: ListingNode, stretches: Sequence[TargetYears]) -> dict[int, Decimal]:
    """Return 目安値 by year as they held in each year.

    Up to the target year, also where that is after the plan.
    """
    found = {}
    for one in stretches:
        state = one.state
        if state.spec.rule == Kind.EVERY_YEAR and not state.spec.is_relative:
            continue
        last = max(one.last, listing.due) if one is stretches[-1] else one.last
        period = replace(state.period, last=max(state.period.last, state.due))
        values = expected_values(state.taken, period)
        for year, value in values.items():
            if value is not None and one.first <= year <= min(last, state.due):
                found[year] = value
    return found


def _ahead(listing: ListingNode) -> dict[int, Decimal]:
    """Return both ends of the line from the newest value that the outlook counts to its value."""
    outlook = listing.outlook
    is_drawn = outlook.due_year <= listing.period.last + _MOST_YEARS_AHEAD
    if outlook.value is None or outlook.basis_year is None or not is_drawn:
        return {}
    newest = listing.assess(outlook.basis_year).value
    return {outlook.basis_year: given(newest), outlook.due_year: outlook.value}


def _write(listing: ListingNode, number: Decimal, decimals: int | None) -> str:
    """Format a number for a drawing; ticks of an axis say their decimals.

    In a display unit it is short, but stays on its own side of target and baseline; the table is
    exact.
    """
    indicator, factor = listing.indicator, listing.indicator.display_factor
    if decimals is None and factor != 1:
        others = [n / factor for n in (listing.target, listing.baseline) if n is not None]
        shown = number / factor
        return format_number(shown, telling_decimals(shown, others))
    return indicator.format(number, decimals)


def _absences(listing: ListingNode) -> dict[int, str]:
    """Return, by year, the word that says why there is no value; future years are left out."""
    actuals = listing.indicator.actuals
    entered = [year for year in actuals if year in listing.period]
    newest = max([*entered, listing.fiscal_year or listing.period.first])
    not_entered = status_word(Status.NOT_REPORTED, scale=listing.scale)
    words = {}
    for year in listing.period:
        if year not in actuals:
            if year <= newest:
                words[year] = not_entered
        elif grade := actuals[year].grade:
            words[year] = grade_word(grade, listing.in_year(year).scale)
        elif actuals[year].value is None:
            words[year] = actuals[year].absence_word
    return words


def _done(listing: ListingNode) -> dict[int, bool]:
    """Return, for each year that can be judged, whether the target is reached."""
    done = {}
    for year in listing.period:
        spec, value = listing.in_year(year).spec, listing.assess(year).value
        if value is not None:
            done[year] = spec.lead(value, spec.target) >= 0
    return done


# Legend and description


def _legend(
    listing: ListingNode, data: ChartData, chart: Chart, around: YearsAround
) -> Iterator[LegendItem]:
    yield from _legend_of_values(listing, data, chart)
    yield from _legend_of_path(listing, chart)
    yield from _legend_of_target(listing, data)
    yield from _legend_of_marks(chart)
    yield from _legend_around(data, around)
    if listing.indicator.shown_unit:
        yield LegendItem("", f"単位：{listing.indicator.shown_unit}")


def _legend_of_values(listing: ListingNode, data: ChartData, chart: Chart) -> Iterator[LegendItem]:
    provisional = "（白抜きは速報値）" if chart.has_hollow else ""
    if data.yearly:
        yield LegendItem("bar", f"各年度の値{provisional}")
    if data.values:
        of_sum = data.yearly or (listing.kind == Kind.TOTAL and data.target is not None)
        name = "累計" if of_sum else "実績値"
        yield LegendItem("values", f"{name}{'' if data.yearly else provisional}")


def _legend_of_path(listing: ListingNode, chart: Chart) -> Iterator[LegendItem]:
    if chart.path or chart.earlier_paths:
        yield LegendItem("path", _path_name(listing))
    if chart.typed:
        yield LegendItem("typed", "年度別目標値")
    if chart.ahead:
        yield LegendItem("ahead", "見込み（この調子が続いた場合）")


def _legend_of_target(listing: ListingNode, data: ChartData) -> Iterator[LegendItem]:
    if data.target is not None:
        yield LegendItem(*_target_sign(listing, data))
        for one in data.earlier:
            until = f"{amount(listing, one.target)}（{era_label(one.last)}まで）"
            yield LegendItem("target", f"改訂前の目標値 {until}")
    if data.revisions:
        yield LegendItem("revision", "計画の改訂で、目標や目安値が変わった年度")
    if data.baseline is not None:
        kind = _starting(listing).baseline_kind_label
        yield LegendItem("start", f"基準値 {amount(listing, data.baseline)}（{kind}）")


def _legend_of_marks(chart: Chart) -> Iterator[LegendItem]:
    if chart.links:
        yield LegendItem("carried", "前の年度の値で判定した年度")
    if chart.breaks_d:
        yield LegendItem("break", "図に収まらない値（端を切り、数を記しています）")


def _path_name(listing: ListingNode) -> str:
    return f"{listing.spec.compared_name}の値（目標）" if listing.relation else "目安値"


def _legend_around(data: ChartData, around: YearsAround) -> Iterator[LegendItem]:
    if data.values_around:
        yield LegendItem("outside", "計画期間の前後の実績値")
    for other in around.targets:
        yield LegendItem("other", f"{other.plan}の目標値 {other.shown_target}")
    if data.around:
        yield LegendItem("border", "計画期間の始めと終わり")


def _target_sign(listing: ListingNode, data: ChartData) -> tuple[str, str]:
    until = f"、{listing.due_note}" if listing.due_note else ""
    target = f"{target_text(listing)}{until}"
    if data.upper is not None:
        return "target", f"目標の範囲 {target}"
    if data.forbidden == "below":
        return "limit-below", f"下回ってはならない線（目標値 {target}）"
    if data.forbidden == "above":
        return "limit-above", f"上回ってはならない線（目標値 {target}）"
    return "target", f"目標値 {target}"


def _steps_legend(data: ChartData) -> tuple[LegendItem, ...]:
    items = [LegendItem("done", DONE), LegendItem("open", NOT_DONE)]
    if data.absences:
        items.append(LegendItem("none", "値がない年度"))
    if data.carried:
        items.append(LegendItem("carried-step", "前の年度の値で判定した年度"))
    if data.provisional:
        items.append(LegendItem("", "破線の丸は速報値"))
    return tuple(items)


def _description(listing: ListingNode, data: ChartData) -> str:
    """Return the chart as text, for screen readers."""
    parts = []
    if data.target is not None:
        until = f"（{listing.due_note}）" if listing.due_note else ""
        name = "目標値" if data.upper is None else "目標の範囲"
        parts.append(f"{name}{until}は{target_text(listing)}")
    if data.baseline is not None:
        kind = _starting(listing).baseline_kind_label
        parts.append(f"基準値（{kind}）は{amount(listing, data.baseline)}")
    sentence = f"{'、'.join(parts)}。" if parts else ""
    sentence += "".join(changes_of_target(listing).values()) if data.revisions else ""
    years = "、".join(_years_in_words(listing, data))
    sentence += f"{years}。" if years else "値はありません。"
    return sentence + (listing.outlook.explanation if data.ahead else "")


def _others_in_words(around: YearsAround) -> str:
    return "".join(f"{other.plan}の目標値は{other.shown_target}。" for other in around.targets)


def _why_no_sum(listing: ListingNode, year: int) -> list[str]:
    """Return why the value of a year is in no sum, if there is anything to say."""
    if year > listing.due:
        return ["目標年度の後"]
    return [f"累計は{WITHHELD_WORD}"] if year in listing.withheld.judgements else []


def _years_in_words(listing: ListingNode, data: ChartData) -> Iterable[str]:
    for year, _ in data.years:
        words = _value_in_words(listing, data, year)
        if year in data.expected and year not in data.around and words:
            name = f"{listing.spec.compared_name}の値" if listing.relation else "目安値"
            words.append(f"{name}{expected_amount(listing, listing.assess(year))}")
        if words:
            first, *others = words
            yield f"{era_label(year)}は{first}" + (f"（{'、'.join(others)}）" if others else "")


def _value_in_words(listing: ListingNode, data: ChartData, year: int) -> list[str]:
    """Return the value of a year or why there is none, then what is to be said of it."""
    provisional = ["速報値"] if year in data.provisional else []
    if year in data.values_around:
        return [amount(listing, data.values_around[year]), data.around[year], *provisional]
    if year in data.values:
        name = "累計" if data.yearly else ""
        words = [f"{name}{amount(listing, data.values[year])}"]
        if year in data.yearly:
            words.append(f"その年度は{amount(listing, data.yearly[year])}")
        return words + provisional
    if year in data.yearly:
        return [amount(listing, data.yearly[year]), *_why_no_sum(listing, year)]
    if year not in data.absences:
        return []
    words = [data.absences[year]]
    if year in data.carried:
        words.append(f"{era_label(data.carried[year])}の値で判定")
    return words
