"""The whole year as one printable document, made from the tree and what other plans list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from indicators.rules.terms import Scale
from japanese.numerals import format_exact
from plans import counting
from plans.charting import ListingChart, chart_of
from plans.nodes import GoalNode, IndicatorNode, ListingNode, MeasureNode, StrategyTree
from plans.other_plans import ListingElsewhere, published_elsewhere
from plans.overview import Summary, standings_of_goals, summary_of
from plans.presentation import (
    KIND_MEANINGS,
    JudgedRow,
    nothing_yet,
    row_of,
    rows_of,
    values_outside,
)
from plans.project_groups import ProjectRow, project_rows
from plans.revised_targets import changes_of_target
from plans.standing import Standing
from plans.years_around import years_outside

Elsewhere: TypeAlias = Mapping[int, Sequence[ListingElsewhere]]
"""The listings of an indicator in other plans, by its id."""

FIGURE_MEANINGS = (
    ("目安値", "基準値から目標値へ計画どおりに進んだときの、その年度の値です。"),
    ("達成率", "実績値の、目標値に対する割合です。"),
    ("進捗率", "基準値から目標値までの道のりのうち、どこまで進んだかの割合です。"),
    ("計画比", "実績値の進み方の、目安値までの道のりに対する割合です。"),
)


@dataclass(frozen=True)
class ListingPart:
    """One listing: the judged year, all years of the plan, and the narrow chart.

    `outside` are values of other years that the chart shows, `changes` what revisions changed in
    the target.
    """

    row: JudgedRow
    years: tuple[JudgedRow, ...]
    chart: ListingChart | None
    nothing_yet: str
    outside: list[tuple[str, str]]
    changes: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """The id of this part in the document: kpi-1-ア-1-2."""
        return f"{self.row.listing.model}-{self.row.listing.place}"


@dataclass(frozen=True)
class MeasurePart:
    """One 具体的施策 with its KPIs, its projects and their count in words."""

    node: MeasureNode
    kpis: tuple[ListingPart, ...]
    projects: tuple[ProjectRow, ...]
    project_sentence: str


@dataclass(frozen=True)
class GoalPart:
    """One 基本目標: its counts, the table of its listings by place, and everything below it."""

    node: GoalNode
    count: counting.Count
    bands: tuple[counting.BandCount, ...]
    table: tuple[tuple[MeasureNode | None, list[JudgedRow]], ...]
    targets: tuple[ListingPart, ...]
    measures: tuple[MeasurePart, ...]


@dataclass(frozen=True)
class YearDocument:
    """The contents of the document. `numbers` are the parts of the plan with their counts."""

    numbers: tuple[tuple[str, str], ...]
    summary: Summary
    standings: tuple[tuple[GoalNode, Standing], ...]
    thresholds: str
    kinds: tuple[tuple[str, str], ...]
    figures: tuple[tuple[str, str], ...]
    goals: tuple[GoalPart, ...]
    doubtful: tuple[ListingNode, ...]
    indicators: tuple[IndicatorNode, ...]


def year_document(tree: StrategyTree) -> YearDocument:
    """Return the document of a judged tree."""
    return YearDocument(
        numbers=_numbers(tree),
        summary=summary_of(tree),
        standings=standings_of_goals(tree),
        thresholds=_thresholds(tree.scale) + _about_target_years(tree),
        kinds=tuple((kind.label, KIND_MEANINGS[kind]) for kind in counting.kinds_in(tree)),
        figures=FIGURE_MEANINGS,
        goals=_goals(tree),
        doubtful=tuple(listing for listing in tree.listings if not listing.is_confirmed),
        indicators=(
            *(listing.indicator for listing in tree.listings if listing.first_listing),
            *tree.references,
        ),
    )


def _numbers(tree: StrategyTree) -> tuple[tuple[str, str], ...]:
    """Return the parts of the plan with their counts, including repetitions (再掲)."""

    def of(listings: Sequence[ListingNode]) -> str:
        count = counting.count_listings(listings)
        return f"{count.total}件{count.note}{count.apart}"

    targets = [target for goal in tree.goals for target in goal.numeric_targets]
    kpis = [kpi for part in tree.parts for kpi in part.kpis]
    words, projects = tree.words, counting.count_projects(tree.projects)
    return (
        (words.goal, f"{len(tree.goals)}件"),
        (words.measure, f"{len(tree.measures)}件"),
        ("指標", of(tree.listings)),
        (words.numeric_target, of(targets)),
        (words.kpi, of(kpis)),
        (words.project, counting.project_sentence(projects, words)),
    )


def _thresholds(scale: Scale) -> str:
    """Return the thresholds of the judgements in words."""
    on_track, mostly, slightly = (
        format_exact(number)
        for number in (scale.on_track, scale.mostly_on_track, scale.slightly_behind)
    )
    return (
        f"計画の途中の年度は、主に計画比で判定します。{on_track}％以上、{mostly}％以上、"
        f"{slightly}％以上、それ未満の4段階です。最終年度は、目標値を満たしたかどうかで判定し、"
        f"満たさないときは、{mostly}％以上かどうかで分けます。"
    )


def _about_target_years(tree: StrategyTree) -> str:
    """Return how listings with a target year of their own are judged; "" without any."""
    if not any(listing.due_note for listing in tree.listings):
        return ""
    return "目標年度を別に定めた指標は、最終年度に代えて、その目標年度から同じように判定します。"


def _goals(tree: StrategyTree) -> tuple[GoalPart, ...]:
    projects: dict[str, list[ProjectRow]] = {}
    for row in project_rows(tree.parts):
        projects.setdefault(row.measure.place, []).append(row)
    elsewhere = published_elsewhere(tree)
    return tuple(_goal(tree, goal, projects, elsewhere) for goal in tree.goals)


def _goal(
    tree: StrategyTree,
    node: GoalNode,
    projects: Mapping[str, Sequence[ProjectRow]],
    elsewhere: Elsewhere,
) -> GoalPart:
    by_place = [(None, node.numeric_targets), *((m, m.kpis) for m in node.parts)]
    return GoalPart(
        node=node,
        count=counting.count_listings(node.listings),
        bands=counting.count_by_band(node.listings, tree.scale),
        table=tuple((place, rows_of(listings)) for place, listings in by_place if listings),
        targets=tuple(_listing(target, elsewhere) for target in node.numeric_targets),
        measures=tuple(
            MeasurePart(
                node=measure,
                kpis=tuple(_listing(kpi, elsewhere) for kpi in measure.kpis),
                projects=tuple(projects.get(measure.place, ())),
                project_sentence=counting.project_sentence(
                    counting.count_projects(measure.projects), tree.words
                ),
            )
            for measure in node.parts
            if not measure.is_direct or measure.kpis or measure.projects
        ),
    )


def _listing(listing: ListingNode, elsewhere: Elsewhere) -> ListingPart:
    around = years_outside(listing, elsewhere.get(listing.indicator.pk, ()))
    chart = chart_of(listing, around)
    if chart:
        # Beside its table a chart has half an A4 page: the wide form would be too small to read.
        chart = replace(chart, charts=chart.charts[-1:], steps=chart.steps[-1:])
    years = tuple(row_of(listing, year) for year in listing.period)
    return ListingPart(
        row=row_of(listing),
        years=years,
        chart=chart,
        nothing_yet=nothing_yet(listing),
        outside=values_outside(listing) if around.words else [],
        changes=tuple(changes_of_target(listing).values()),
    )
