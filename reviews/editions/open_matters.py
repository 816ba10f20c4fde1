"""What is not finished in a year before planning fixes it, each with the page where it is done."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from indicators.rules.terms import NOT_REPORTED
from japanese.fiscal_years import era_label
from plans.nodes import StrategyTree
from plans.pages import kept_query
from plans.value_addresses import value_address
from reviews.council.meetings import subject_key, subjects_of
from reviews.editions.confirmed import unconfirmed
from reviews.grants.of_year import grants_without_effect
from reviews.measures.evaluations import YearOfMeasures
from reviews.models import (
    OPINION_SUBJECTS,
    Council,
    GoalReview,
    Opinion,
    ProjectYear,
    State,
)
from reviews.written_rows import NOT_WRITTEN, STATE_LABELS

AT_MOST = 10
"""How many matters of a kind a page shows before they are folded."""


@dataclass(frozen=True)
class UnfinishedMatter:
    """Something open: the text in an edition, and the page where it can be finished."""

    name: str
    url: str


@dataclass(frozen=True)
class OpenGroup:
    """What is open of one kind; `url` is the page where all of it is done."""

    heading: str
    url: str
    matters: tuple[UnfinishedMatter, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What is open, as an edition says it."""
        return tuple(matter.name for matter in self.matters)

    @property
    def is_long(self) -> bool:
        """Whether a page shows the matters on demand only."""
        return len(self.matters) > AT_MOST


@dataclass(frozen=True)
class OpenMatters:
    """What is not finished in a year, for people to finish first. Groups are never empty.

    `to_check` is what a city may do without: nobody has to say why it is not there.
    """

    groups: tuple[OpenGroup, ...]
    to_check: tuple[OpenGroup, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What is open, in the order of the groups."""
        return tuple(name for group in self.groups for name in group.names)


def left_open_as_json(groups: Iterable[tuple[str, Sequence[str]]], reason: str) -> dict[str, Any]:
    """Return what an edition says was open, by kind and in one list, and why it was fixed."""
    kept = [{"heading": heading, "names": list(names)} for heading, names in groups]
    matters = [name for one in kept for name in one["names"]]
    return {"groups": kept, "matters": matters, "reason": reason}


def groups_left_open(left_open: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return what was open when an edition was fixed, by kind; older editions know no kinds."""
    if "groups" in left_open:
        return [(one["heading"], one["names"]) for one in left_open["groups"]]
    return [("終わっていないもの", left_open["matters"])] if left_open["matters"] else []


def unfinished(tree: StrategyTree, found: YearOfMeasures) -> OpenMatters:
    """Return what is not finished in the tree's year; a constant number of queries."""
    groups = (
        OpenGroup(
            "確認していない実績値",
            reverse("entry_answer", args=[tree.fiscal_year]),
            tuple(_values(tree)),
        ),
        OpenGroup(
            "以前の年度の、確認していない実績値",
            reverse("entry_years"),
            tuple(_earlier_values(tree)),
        ),
        OpenGroup(
            "確認していない事業の実績", _page(tree, "review_projects"), tuple(_projects(tree))
        ),
        OpenGroup(
            "確認していない内部評価", _page(tree, "review_measures"), tuple(_measures(tree, found))
        ),
        OpenGroup(
            "確認した後に、足りないところができた内部評価",
            _page(tree, "review_measures"),
            tuple(_lacking_measures(tree, found)),
        ),
        OpenGroup("効果を選んでいない交付金", _page(tree, "review_grants"), tuple(_grants(tree))),
        OpenGroup(
            "市の考え方か対応のない意見",
            _page(tree, "review_council"),
            tuple(_opinions(tree, found)),
        ),
    )
    to_check = (
        OpenGroup(
            "記録していない推進本部の決定",
            _page(tree, "review_measures"),
            tuple(_undecided(tree, found)),
        ),
        OpenGroup(
            "登録していない有識者会議と外部評価",
            _page(tree, "review_council"),
            tuple(_unheard(tree, found)),
        ),
    )
    return OpenMatters(
        tuple(group for group in groups if group.matters),
        tuple(group for group in to_check if group.matters),
    )


def _page(tree: StrategyTree, name: str, *args: object) -> str:
    return reverse(name, args=[tree.code, *args]) + kept_query(tree)


def _values(tree: StrategyTree) -> Iterator[UnfinishedMatter]:
    listings = unconfirmed(tree)
    count = Counter(listing.name for listing in listings)
    for listing in listings:
        state = listing.actual.state_label if listing.actual else NOT_REPORTED
        place = f"{listing.place}、" if count[listing.name] > 1 else ""
        yield UnfinishedMatter(
            f"{listing.name}（{place}{listing.indicator.entered_by}、{state}）",
            value_address(listing.url, tree.fiscal_year) + kept_query(tree),
        )


def _earlier_values(tree: StrategyTree) -> Iterator[UnfinishedMatter]:
    """Yield values of earlier years of the plan that an edition leaves out, corrected ones, too."""
    for listing in tree.listings:
        for year, actual in sorted(listing.indicator.actuals.items()):
            is_earlier = tree.period.first <= year < tree.fiscal_year
            if listing.first_listing and is_earlier and not actual.is_confirmed:
                yield UnfinishedMatter(
                    f"{listing.name}（{era_label(year)}、{listing.indicator.entered_by}、"
                    f"{actual.state_label}）",
                    value_address(listing.url, year) + kept_query(tree),
                )


def _projects(tree: StrategyTree) -> Iterator[UnfinishedMatter]:
    projects = [one for part in tree.parts for one in part.projects]
    rows = ProjectYear.objects.filter(
        project__in=[one.pk for one in projects], fiscal_year=tree.fiscal_year
    )
    states = dict(rows.values_list("project_id", "state"))
    count = Counter(one.name for one in projects)
    for one in projects:
        state = states.get(one.pk, NOT_WRITTEN)
        if state != State.CONFIRMED:
            # A project may be at several places (再掲).
            place = f"{one.place}、" if count[one.name] > 1 else ""
            name = f"{one.name}（{place}{STATE_LABELS[state]}）"
            yield UnfinishedMatter(name, _page(tree, "review_project", one.pk))


def _measures(tree: StrategyTree, found: YearOfMeasures) -> Iterator[UnfinishedMatter]:
    for row in found.rows:
        if row.state != State.CONFIRMED:
            name = f"{found.duties.name(row.pk)}（{row.state_label}）"
            yield UnfinishedMatter(name, _page(tree, "review_measure", row.node.place))


def _lacking_measures(tree: StrategyTree, found: YearOfMeasures) -> Iterator[UnfinishedMatter]:
    """Yield confirmed evaluations that a corrected value has made incomplete since."""
    for row in found.in_state(State.CONFIRMED):
        if row.lacks:
            name = f"{found.duties.name(row.pk)}（足りない欄：{row.lacks}）"
            yield UnfinishedMatter(name, _page(tree, "review_measure", row.node.place))


def _grants(tree: StrategyTree) -> Iterator[UnfinishedMatter]:
    for grant in grants_without_effect(tree.code, tree.fiscal_year):
        yield UnfinishedMatter(grant.name, _page(tree, "review_grant", grant.number))


def _opinions(tree: StrategyTree, found: YearOfMeasures) -> Iterator[UnfinishedMatter]:
    rows = Opinion.objects.filter(
        Q(answer="") | Q(response=""),
        council__strategy=found.duties.strategy_id,
        council__fiscal_year=tree.fiscal_year,
    )
    names = {subject.key: subject.name for subject in subjects_of(tree)}
    for one in rows.select_related("council", *OPINION_SUBJECTS).order_by(
        "council__number", "number"
    ):
        about = names.get(subject_key(one)) or str(one.about)
        yield UnfinishedMatter(
            f"意見{one.number}（{about}）",
            _page(tree, "review_opinion", one.council.number, one.number),
        )


def _undecided(tree: StrategyTree, found: YearOfMeasures) -> Iterator[UnfinishedMatter]:
    """Yield confirmed evaluations on which no decision is recorded; one line if none is at all."""
    confirmed = found.in_state(State.CONFIRMED)
    without = [row for row in confirmed if row.stored and not row.stored.decided_on]
    if without and len(without) == len(confirmed):
        name = f"推進本部の決定（確認済みの内部評価{len(without)}件のすべて）"
        yield UnfinishedMatter(name, _page(tree, "review_measures"))
        return
    for row in without:
        url = _page(tree, "review_measure", row.node.place)
        yield UnfinishedMatter(found.duties.name(row.pk), url)


def _unheard(tree: StrategyTree, found: YearOfMeasures) -> Iterator[UnfinishedMatter]:
    """Yield the meeting that is not registered, and the goals of which it says nothing."""
    url = _page(tree, "review_council")
    of_year = Council.objects.filter(
        strategy=found.duties.strategy_id, fiscal_year=tree.fiscal_year
    )
    if not of_year.exists():
        yield UnfinishedMatter("会議", url)
    said = GoalReview.objects.filter(
        goal__strategy=found.duties.strategy_id, fiscal_year=tree.fiscal_year
    ).exclude(verdict="", summary="")
    told = set(said.values_list("goal__position", flat=True))
    without = [goal for goal in tree.goals if goal.position not in told]
    if without and not told:
        yield UnfinishedMatter(f"外部評価（{tree.words.goal}{len(without)}件のすべて）", url)
        return
    for goal in without:
        yield UnfinishedMatter(f"外部評価（{goal.label} {goal.title}）", url)
