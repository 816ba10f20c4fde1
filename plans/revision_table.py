"""新旧対照表: what a revision changed, old beside new; and the revisions of one listing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TypeAlias

from goals.models import period_label
from indicators.in_force import ENDED_WITH_THE_PART_ABOVE
from indicators.listings import aim_in_words
from indicators.places import place_of
from indicators.plan_words import Words
from indicators.rules.scales import FLAGS, NAMES, TERMS
from indicators.rules.terms import (
    STATUSES,
    BaselineKind,
    Kind,
    Scale,
    mark_of_status,
    status_word,
)
from indicators.titles import titles_from
from japanese.fiscal_years import era_label, full_label
from japanese.numerals import in_percent
from plans.differences import Piece, told_apart
from plans.nodes import (
    GoalOf,
    GroupOf,
    MeasureOf,
    PlainListing,
    PlainTree,
    ProjectNode,
    RevisionNode,
    StrategyTree,
    Version,
    direction_label,
)
from plans.presentation import amount

ADDED, CHANGED, ENDED = "追加", "変更", "終了"
NOTHING = "－"


@dataclass(frozen=True)
class RevisedField:
    """One field of a part: its name, and what it said before and says now, in pieces."""

    name: str
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]


@dataclass(frozen=True)
class RevisedPart:
    """What a revision did to a part of the plan.

    `kind` is 数値目標, KPI …; `act` is ADDED, CHANGED or ENDED. `note` has the reason of an end and
    what took the place of a listing; "" for nothing to say. `url` is "" for a part without a page.
    """

    kind: str
    place: str
    name: str
    act: str
    fields: tuple[RevisedField, ...]
    note: str = ""
    url: str = ""


def revised_parts(tree: PlainTree, revision: RevisionNode) -> list[RevisedPart]:
    """Return what a revision changed, in the plan's order, its period first.

    `tree` has all parts of the plan, also those that ended.
    """
    return list(_parts(tree, revision))


def _parts(tree: PlainTree, revision: RevisionNode) -> Iterator[RevisedPart]:
    yield from _period(tree, revision)
    yield from _rules(tree, revision)
    words = tree.words
    measure_name = f"{words.measure_short}名"
    names = {(listing.model, listing.pk): _named(listing) for listing in tree.listings}
    for goal in tree.goals:
        place = str(goal.position)
        yield from _titled(goal, revision, words.goal, place, goal.url)
        for target in goal.numeric_targets:
            yield from _listing(target, revision, names)
        for group in goal.groups:
            if group.label:
                where = place_of(place, group.symbol)
                yield from _titled(group, revision, words.group, where, "")
            for measure in group.measures:
                if not measure.is_direct:
                    yield from _titled(
                        measure, revision, words.measure, measure.place, measure.url, measure_name
                    )
                for kpi in measure.kpis:
                    yield from _listing(kpi, revision, names)
                for project in measure.projects:
                    yield from _project(project, revision, words)


def _period(tree: PlainTree, revision: RevisionNode) -> Iterator[RevisedPart]:
    old = revision.previous_last_fiscal_year
    if old is None:
        return
    later = [
        one.previous_last_fiscal_year
        for one in tree.revisions
        if one.from_fiscal_year > revision.from_fiscal_year
        and one.previous_last_fiscal_year is not None
    ]
    first, new = tree.whole_period.first, later[0] if later else tree.whole_period.last
    texts = [("計画期間", period_label(first, old), period_label(first, new))]
    yield RevisedPart("計画", "", tree.title, CHANGED, _fields(texts))


def _rules(tree: PlainTree, revision: RevisionNode) -> Iterator[RevisedPart]:
    """Yield what changed in the rules of judging."""
    for (_, old), (year, new) in pairwise(tree.scales):
        if year == revision.from_fiscal_year:
            before, now = _rules_in_words(old), _rules_in_words(new)
            lines = [(name, before[name], now[name]) for name in now if before[name] != now[name]]
            yield RevisedPart("判定の決め方", "", tree.title, CHANGED, _fields(lines))


def _rules_in_words(scale: Scale) -> dict[str, str]:
    """Return the rules as texts by the names of the fields."""
    texts = {}
    for name, label in NAMES.items():
        value = getattr(scale, name)
        if name in FLAGS:
            texts[label] = "はい" if value else "いいえ"
        elif name in TERMS:
            texts[label] = TERMS[name](value).label
        elif name not in ("labels", "marks"):
            texts[label] = "" if value is None else in_percent(value)
    for key in STATUSES:
        standard = status_word(key)
        texts[f"「{standard}」の呼び方"] = status_word(key, scale=scale)
        texts[f"「{standard}」の印"] = mark_of_status(key, scale)
    return texts


def _listing(
    listing: PlainListing, revision: RevisionNode, names: Mapping[tuple[str, int], str]
) -> Iterator[RevisedPart]:
    kind = listing.words.short_listing_word(listing.model)
    about = {"kind": kind, "place": listing.place, "name": listing.name, "url": listing.url}
    start = revision.from_fiscal_year
    if listing.first_year == start:
        first = listing.versions[0] if listing.versions else listing
        lines = [(name, "", new) for name, new in _said(listing, first).items() if new]
        yield RevisedPart(**about, act=ADDED, fields=_fields(lines))
    for changed in _changes(listing, start):
        yield RevisedPart(**about, act=CHANGED, fields=_fields(changed))
    if listing.last_year == start - 1:
        last = listing.versions[-1] if listing.versions else listing
        said = _said(listing, last)
        lines = [(name, said[name], "") for name in ("記載名", "目標の文言")]
        other = names.get((listing.model, listing.replaced_by_id or 0), "")
        note = why_ended(listing) + (f"（代わりの指標：{other}）" if other else "")
        yield RevisedPart(**about, act=ENDED, fields=_fields(lines), note=note)


Titled: TypeAlias = GoalOf[PlainListing] | GroupOf[PlainListing] | MeasureOf[PlainListing]


def _titled(
    part: Titled, revision: RevisionNode, kind: str, place: str, url: str, name: str = "名称"
) -> Iterator[RevisedPart]:
    """Yield what a revision did to a part that has a title: it is added, renamed and ended."""
    start = revision.from_fiscal_year
    titles = titles_from(part.title, part.former_titles)
    first, last = titles[0][1], titles[-1][1]
    about = {"kind": kind, "place": place, "url": url}
    if part.first_year == start:
        lines = _fields([(name, "", first)])
        yield RevisedPart(**about, name=first, act=ADDED, fields=lines)
    for (_, old), (year, new) in pairwise(titles):
        if year == start:
            yield RevisedPart(**about, name=new, act=CHANGED, fields=_fields([(name, old, new)]))
    if part.last_year == start - 1:
        lines = _fields([(name, last, "")])
        yield RevisedPart(**about, name=last, act=ENDED, fields=lines, note=why_ended(part))


def _project(project: ProjectNode, revision: RevisionNode, words: Words) -> Iterator[RevisedPart]:
    """Yield what a revision did to a project, which is only added and ended."""
    texts = [
        (f"{words.project_short}名", project.name),
        (words.category, project.category),
        ("内容", project.content),
        ("実施主体", project.implementer),
    ]
    about = {"kind": words.project, "place": project.place, "name": project.name}
    if project.first_year == revision.from_fiscal_year:
        lines = [(name, "", text) for name, text in texts if text]
        yield RevisedPart(**about, act=ADDED, fields=_fields(lines))
    if project.last_year == revision.from_fiscal_year - 1:
        lines = [(name, text, "") for name, text in texts if text]
        note = why_ended(project)
        yield RevisedPart(**about, act=ENDED, fields=_fields(lines), note=note)


def why_ended(part: Titled | PlainListing | ProjectNode) -> str:
    """Return why a part of the plan ended."""
    return part.ending_reason or ENDED_WITH_THE_PART_ABOVE


def _fields(lines: Iterable[tuple[str, str, str]]) -> tuple[RevisedField, ...]:
    return tuple(RevisedField(name, *told_apart(old, new)) for name, old, new in lines)


def _changes(listing: PlainListing, from_year: int) -> Iterator[list[tuple[str, str, str]]]:
    """Yield what a revision from a year changed in a listing: names of fields, old and new texts.

    Nothing where the revision left the listing alone.
    """
    for old, new in pairwise(listing.versions):
        if new.from_year == from_year:
            before, now = _said(listing, old), _said(listing, new)
            yield [(name, before[name], now[name]) for name in now if before[name] != now[name]]


def _named(listing: PlainListing) -> str:
    return f"{listing.place} {listing.name}"


def _said(listing: PlainListing, said: Version) -> dict[str, str]:
    """Return what a version says, as texts by the names of the fields."""
    shown = partial(amount, listing)
    baseline = shown(said.baseline)
    if baseline:
        about = [BaselineKind(said.baseline_kind).label]
        about += [full_label(said.baseline_year)] if said.baseline_year else []
        baseline += f"（{'、'.join(about)}）"
    yearly = (f"{era_label(y)} {shown(n)}" for y, n in sorted(said.yearly_targets.items()))
    return {
        "記載名": said.name,
        "目標の文言": said.sentence,
        "種類": Kind(said.kind).label,
        "改善の方向": direction_label(said),
        "比べる値": aim_in_words(said),
        "目標値": "～".join(filter(None, (shown(said.target), shown(said.upper)))),
        "目標年度": full_label(said.target_year) if said.target_year else "計画の最後の年度",
        "基準値": baseline,
        "許容幅": shown(said.tolerance) if said.tolerance else "",
        "年度別目標値": "、".join(yearly),
    }


@dataclass(frozen=True)
class RevisionStep:
    """What a revision did to a listing, for its page: with the address of the 新旧対照表."""

    label: str
    text: str
    url: str


def steps_of(tree: StrategyTree, listing: PlainListing) -> list[RevisionStep]:
    """Return what revisions did to a listing up to the year of the tree; [] for nothing."""
    return list(_steps(tree, listing))


def _steps(tree: StrategyTree, listing: PlainListing) -> Iterator[RevisionStep]:
    for revision in tree.revisions:
        year = revision.from_fiscal_year
        url = revision_address(tree, revision.number)
        if listing.first_year == year:
            yield RevisionStep(revision.label, "この指標を追加しました。", url)
        for changed in _changes(listing, year):
            texts = (
                f"{name}「{old or NOTHING}」→「{new or NOTHING}」" for name, old, new in changed
            )
            yield RevisionStep(revision.label, "、".join(texts), url)


def revision_address(tree: StrategyTree | PlainTree, number: int) -> str:
    """Return the address of a 新旧対照表, without year and day; `number` is the revision's."""
    return f"{tree.base_url}revisions/{number}/"
