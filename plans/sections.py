"""What one section has in a plan: listings over the years, what lags, what is open, projects.

A section has the listings that it is responsible for and those whose values it enters, in the year
of the tree; the measures with such a KPI; and the projects that name it. Sections go by their ids:
a name may have belonged to another section in another year.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from accounts.sections import SectionNames
from indicators.in_force import holds
from indicators.models import Actual
from indicators.rules.terms import Status, status_word
from japanese.fiscal_years import era_label
from plans.answers import MISSING, answer_names, answer_state
from plans.counting import (
    BandCount,
    Count,
    count_by_band,
    count_listings,
    count_projects,
    progress_sentence,
    project_sentence,
)
from plans.lagging import is_lagging, lagging, nothing_lags
from plans.nodes import (
    ListingNode,
    MeasureNode,
    PlainListing,
    PlainTree,
    ProjectNode,
    StrategyTree,
)
from plans.open_matters import MATTER_MEANINGS, MATTER_NAMES, is_open, matters_of
from plans.plan_map import MapJudgement, MapYear, later_years, over_years, year_columns
from plans.presentation import JudgedRow, row_of

AT_MOST = 5
"""The most listings that are named in a list above the table, which has all."""

WAITING_STATES = (Actual.State.RETURNED, Actual.State.DRAFT, Actual.State.SUBMITTED)
"""The states of a value that wait for the section itself."""

WITHOUT_EVIDENCE = "根拠資料なし"


@dataclass(frozen=True)
class SectionRow:
    """A listing with its judgements over the years; `above` is the measure of a KPI, if any.

    `notes` say who else has to do with it, and who answered for it before.
    """

    row: JudgedRow
    years: tuple[tuple[MapYear, MapJudgement | None], ...]
    above: MeasureNode | None
    notes: tuple[str, ...]

    @property
    def listing(self) -> ListingNode:
        """The listing of `row`."""
        return self.row.listing


@dataclass(frozen=True)
class OpenItem:
    """What is open in some listings; `meaning` is "" where the name says it."""

    name: str
    meaning: str
    listings: tuple[ListingNode, ...]

    @property
    def named(self) -> tuple[ListingNode, ...]:
        """The listings that are named: a list of all values would hide what is urgent."""
        return self.listings[:AT_MOST]

    @property
    def beyond(self) -> int:
        """The number of further listings for which it is open."""
        return len(self.listings) - len(self.named)


@dataclass(frozen=True)
class SectionMeasure:
    """A measure with the projects to show; `sentence` counts them."""

    measure: MeasureNode
    projects: tuple[ProjectNode, ...]
    sentence: str


@dataclass(frozen=True)
class HadBefore:
    """A listing that the section had until a year, with the section that has it now."""

    listing: ListingNode
    last_year: int
    until: str
    section: str


@dataclass(frozen=True)
class SectionInPlan:
    """What a section has in a plan in the year of the tree."""

    pk: int
    name: str
    count: Count
    bands: tuple[BandCount, ...]
    rows: tuple[SectionRow, ...]
    columns: tuple[MapYear, ...]
    later: str
    lagging: tuple[JudgedRow, ...]
    lagging_count: Count
    nothing_lags: str
    open_items: tuple[OpenItem, ...]
    measures: tuple[SectionMeasure, ...]
    had_before: tuple[HadBefore, ...]

    @property
    def sentence(self) -> str:
        """One sentence with the counts by band."""
        return progress_sentence(self.count, self.bands)

    @property
    def lagging_beyond(self) -> int:
        """How many listings lag in addition to those that are named with their reasons."""
        return self.lagging_count.total - len(self.lagging)


@dataclass(frozen=True)
class SectionCounts:
    """A section in the index: its listings by band, how many lag, its measures."""

    pk: int
    name: str
    count: Count
    bands: tuple[BandCount, ...]
    lagging: int
    measures: int


def part_of_section(
    tree: StrategyTree,
    names: SectionNames,
    pk: int,
    *,
    with_states: bool,
    without_evidence: Collection[int] = (),
) -> SectionInPlan | None:
    """Return what a section has in a judged tree; None for nothing.

    `with_states`: name the values that wait in the section, which not everybody may know.
    `without_evidence` has the ids of the indicators whose value has no file.
    """
    listings = listings_of(tree, pk)
    measures = tuple(_measures_of(tree, pk))
    if not listings and not measures:
        return None
    lag, columns = lagging(listings), year_columns(tree)
    return SectionInPlan(
        pk=pk,
        name=names.of(pk, tree.fiscal_year),
        count=count_listings(listings),
        bands=count_by_band(listings, tree.scale),
        rows=tuple(
            SectionRow(
                row=row_of(one),
                years=tuple(zip(columns, over_years(tree, one), strict=True)),
                above=tree.part_above(one),
                notes=tuple(_notes(tree, one, pk)),
            )
            for one in listings
        ),
        columns=columns,
        later=later_years(tree),
        lagging=tuple(row_of(one) for one in lag[:AT_MOST]),
        lagging_count=count_listings(lag),
        nothing_lags=nothing_lags(listings),
        open_items=(
            *_open_items(tree, listings, with_states=with_states),
            *_item(
                WITHOUT_EVIDENCE,
                "",
                (one for one in listings if one.indicator.pk in without_evidence),
            ),
        ),
        measures=measures,
        had_before=tuple(_had_before(tree, pk)),
    )


def listings_of(tree: StrategyTree, pk: int) -> list[ListingNode]:
    """Return the listings that a section is responsible for or enters in the year of the tree."""
    return [
        one
        for one in tree.listings
        if pk in (one.indicator.section_id, one.indicator.entered_by_id)
    ]


def sections_of_plan(tree: StrategyTree, names: SectionNames) -> list[SectionCounts]:
    """Return the sections that have anything in the year of the tree, in their own order."""
    by_section: dict[int, list[ListingNode]] = {}
    for listing in tree.listings:
        indicator = listing.indicator
        for pk in {indicator.section_id, indicator.entered_by_id}:
            by_section.setdefault(pk, []).append(listing)
    in_projects = {one.section_id for one in tree.projects}
    return [
        _counts(tree, pk, names.of(pk, tree.fiscal_year), by_section.get(pk, []))
        for pk in names.current
        if pk in by_section or pk in in_projects
    ]


def years_with(tree: PlainTree, pk: int) -> list[int]:
    """Return the years of a plan in which a section has any listing or project.

    The tree has all parts of the plan, also those that have ended.
    """
    projects = [one for one in tree.projects if one.section_id == pk]
    return [
        year
        for year in tree.whole_period
        if any(_has(one, pk, year) for one in tree.listings)
        or any(holds(one.first_year, one.last_year, year) for one in projects)
    ]


def successors_of(tree: StrategyTree, pk: int) -> list[tuple[int, str]]:
    """Return the sections that have, in the tree's year, what one had before: ids, names."""
    found = dict.fromkeys(
        (one.listing.indicator.section_id, one.section) for one in _had_before(tree, pk)
    )
    return list(found)


def _counts(
    tree: StrategyTree, pk: int, name: str, listings: Sequence[ListingNode]
) -> SectionCounts:
    return SectionCounts(
        pk=pk,
        name=name,
        count=count_listings(listings),
        bands=count_by_band(listings, tree.scale),
        lagging=sum(map(is_lagging, listings)),
        measures=len(list(_measures_of(tree, pk))),
    )


def _has(listing: PlainListing, pk: int, fiscal_year: int) -> bool:
    duty = listing.indicator.in_time.duty(fiscal_year)
    return listing.holds_in(fiscal_year) and pk in (duty.section_id, duty.entered_by_id)


def _notes(tree: StrategyTree, listing: ListingNode, pk: int) -> Iterator[str]:
    indicator = listing.indicator
    if indicator.section_id != pk:
        yield f"入力のみ（担当は{indicator.section}）"
    elif indicator.entered_by_id != pk:
        yield f"入力は{indicator.entered_by}"
    before = range(listing.period.first, tree.fiscal_year)
    others = [year for year in before if not _has(listing, pk, year)]
    if others:
        yield f"{era_label(others[-1])}までの担当は{indicator.in_time.section(others[-1])}"


def _had_before(tree: StrategyTree, pk: int) -> Iterator[HadBefore]:
    for listing in tree.listings:
        if _has(listing, pk, tree.fiscal_year):
            continue
        years = [
            year for year in range(tree.period.first, tree.fiscal_year) if _has(listing, pk, year)
        ]
        if years:
            yield HadBefore(listing, years[-1], era_label(years[-1]), listing.indicator.section)


def _open_items(
    tree: StrategyTree, listings: Iterable[ListingNode], *, with_states: bool
) -> Iterator[OpenItem]:
    """Yield what is open, each kind once and only if there is any."""
    listings = list(listings)
    missing_word = status_word(Status.NOT_REPORTED, scale=tree.scale)
    found = [(missing_word, "", [one for one in listings if answer_state(one) == MISSING])]
    if with_states:
        names = answer_names(tree.scale)
        found += [
            (names[state], "", [one for one in listings if answer_state(one) == state])
            for state in WAITING_STATES
        ]
    found += [
        (MATTER_NAMES[matter], MATTER_MEANINGS[matter], [x for x in listings if is_open(x, matter)])
        for matter in matters_of(tree)
    ]
    for name, meaning, members in found:
        yield from _item(name, meaning, members)


def _item(name: str, meaning: str, listings: Iterable[ListingNode]) -> Iterator[OpenItem]:
    """Yield the matter if it is open for any listing."""
    if members := tuple(listings):
        yield OpenItem(name, meaning, members)


def _measures_of(tree: StrategyTree, pk: int) -> Iterator[SectionMeasure]:
    """Yield the measures with a KPI of the section, with all projects, and those with a project.

    Of the latter only the projects that name the section.
    """
    for measure in tree.parts:
        sections = {
            section
            for kpi in measure.kpis
            for section in (kpi.indicator.section_id, kpi.indicator.entered_by_id)
        }
        projects = measure.projects
        if pk not in sections:
            projects = tuple(one for one in projects if one.section_id == pk)
        if pk in sections or projects:
            sentence = project_sentence(count_projects(projects), tree.words)
            yield SectionMeasure(measure, projects, sentence)


def own_sections(tree: StrategyTree, pks: Collection[int]) -> list[tuple[int, str]]:
    """Return those of some sections that have listings in the tree: ids and names."""
    found: dict[int, str] = {}
    for indicator in (listing.indicator for listing in tree.listings):
        found[indicator.section_id] = indicator.section
        found[indicator.entered_by_id] = indicator.entered_by
    return [(pk, name) for pk, name in found.items() if pk in pks]
