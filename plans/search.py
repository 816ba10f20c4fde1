"""In-memory search over a whole plan that ignores differences in spelling.

Full-width and half-width, hiragana and katakana, upper and lower case are equal. Hyphens, long
vowels, middle dots and blanks are ignored (サービスセンター, サービス・センタ).
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from indicators.plan_words import Words
from plans.nodes import NUMERIC_TARGET, ListingNode, MeasureNode, ProjectNode, StrategyTree

LONGEST = 100
"""The number of characters of a query that are used; the rest is ignored."""

_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_BELONG_TO_THE_SIGN_BEFORE = "ﾞﾟ\u3099\u309aーｰ"
# Long vowels, hyphens and dashes of every kind, middle dots, blanks.
_IGNORED = set("ー-‐‑‒–—―−─~〜･・· \t\r\n\u3000")

Parts = tuple[tuple[str, bool], ...]
"""A text in pieces; matches are marked True."""


@dataclass(frozen=True)
class FoundText:
    """A text of a hit, in pieces; `label` says what the text is."""

    label: str
    parts: Parts


@dataclass(frozen=True)
class Hit:
    """A search result: its name, its location, and the other texts that contain a word.

    `anchor` is the fragment on the page at `url`; "" for the page itself.
    """

    name: Parts
    url: str
    anchor: str
    where: str
    fields: tuple[FoundText, ...]
    is_relisted: bool = False


@dataclass(frozen=True)
class HitGroup:
    """The hits of one kind."""

    kind: str
    hits: tuple[Hit, ...]

    @property
    def note(self) -> str:
        """（実3、再掲1）; "" without repetitions."""
        again = sum(hit.is_relisted for hit in self.hits)
        return f"（実{len(self.hits) - again}、再掲{again}）" if again else ""


def fold(text: str) -> str:
    """Return a text in the form used for comparison."""
    return "".join(piece for piece, _ in _folded(text))


def words_in(query: str) -> tuple[str, ...]:
    """Return the folded words of a query; words that fold to nothing are dropped."""
    return tuple(filter(None, map(fold, query[:LONGEST].split())))


def mark(text: str, words: Iterable[str]) -> Parts:
    """Return a text in pieces, with the (folded) words marked."""
    folded = list(_folded(text))
    whole = "".join(piece for piece, _ in folded)
    places = [place for piece, place in folded for _ in piece]
    marked = [False] * len(text)
    for word in words:
        start = whole.find(word)
        while start >= 0:
            first, last = places[start], places[start + len(word) - 1]
            for index in range(first.start, last.stop):
                marked[index] = True
            start = whole.find(word, start + 1)
    return _pieces(text, marked)


def _folded(text: str) -> Iterator[tuple[str, range]]:
    """Yield each character of a text folded, with its range in the text.

    The range includes a following voicing mark or long vowel.
    """
    index = 0
    while index < len(text):
        end = index + 1
        while end < len(text) and text[end] in _BELONG_TO_THE_SIGN_BEFORE:
            end += 1
        plain = unicodedata.normalize("NFKC", text[index:end]).casefold().translate(_TO_HIRAGANA)
        # Invisible characters, such as a zero-width space copied along, are ignored.
        piece = "".join(sign for sign in plain if sign not in _IGNORED and sign.isprintable())
        if piece:
            yield piece, range(index, end)
        index = end


def _pieces(text: str, marked: Sequence[bool]) -> Parts:
    pieces: list[tuple[str, bool]] = []
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or marked[index] != marked[start]:
            pieces.append((text[start:index], marked[start]))
            start = index
    return tuple(pieces)


@dataclass(frozen=True)
class _Entry:
    """A searchable object: its name and, by label, the other texts about it."""

    kind: str
    name: str
    url: str
    where: str
    texts: tuple[tuple[str, str], ...] = ()
    is_relisted: bool = False
    anchor: str = ""


def search(tree: StrategyTree, words: Sequence[str]) -> list[HitGroup]:
    """Return the objects that contain all (folded) words, by kind, in the plan's order.

    Without words, nothing is found. Addresses have no year and day.
    """
    groups: dict[str, list[Hit]] = {}
    for entry in _entries(tree) if words else ():
        texts = [entry.name, *(text for _, text in entry.texts)]
        folded = "\n".join(map(fold, texts))
        if all(word in folded for word in words):
            groups.setdefault(entry.kind, []).append(_hit(entry, words))
    return [HitGroup(kind, tuple(hits)) for kind, hits in groups.items()]


def _hit(entry: _Entry, words: Sequence[str]) -> Hit:
    marked = [FoundText(label, mark(text, words)) for label, text in entry.texts]
    return Hit(
        name=mark(entry.name, words),
        url=entry.url,
        anchor=entry.anchor,
        where=entry.where,
        fields=tuple(field for field in marked if any(found for _, found in field.parts)),
        is_relisted=entry.is_relisted,
    )


def _entries(tree: StrategyTree) -> Iterable[_Entry]:
    words = tree.words
    for goal in tree.goals:
        yield _Entry(words.goal, goal.title, goal.url, goal.label)
    for measure in tree.measures:
        group = measure.group_label
        yield _Entry(
            words.measure,
            measure.title,
            measure.url,
            measure.label_in_plan,
            ((words.group, group),) if group else (),
        )
    listings = sorted(tree.listings, key=lambda listing: listing.model != NUMERIC_TARGET)
    measures = {measure.place: measure for measure in tree.parts}
    for listing in listings:
        yield _listing(listing, measures)
    for measure in tree.parts:
        for project in measure.projects:
            yield _project(project, measure, words)


def _listing(listing: ListingNode, measures: dict[str, MeasureNode]) -> _Entry:
    indicator = listing.indicator
    is_target = listing.model == NUMERIC_TARGET
    if is_target:
        where = listing.goal_label
    else:
        measure = measures[listing.place_above]
        where = measure.label_in_plan + measure.title
    texts = [("目標", listing.sentence)]
    if fold(indicator.name) != fold(listing.name):
        texts.append(("指標名", indicator.name))
    texts.append(("担当課", indicator.section))
    if indicator.entered_by != indicator.section:
        texts.append(("入力する課", indicator.entered_by))
    return _Entry(
        listing.words.listing_word(listing.model),
        listing.name_alone,
        listing.url,
        where,
        tuple(texts),
        not listing.first_listing,
    )


def _project(project: ProjectNode, measure: MeasureNode, words: Words) -> _Entry:
    texts = (
        (words.category, project.category),
        ("内容", project.content),
        ("実施主体", project.implementer),
    )
    return _Entry(
        words.project,
        project.name,
        measure.url,
        measure.label_in_plan + measure.title,
        tuple((label, text) for label, text in texts if text),
        project.relisted_from is not None,
        f"#project-{project.place}",
    )
