"""What the public pages show in tables: listings, projects, counts, and 正誤 beside them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indicators.rules.terms import WITHHELD_LABEL, WITHHELD_WORD, Status, status_word
from plans.counting import BandCount, Count
from plans.nodes import ListingNode, MeasureNode, ProjectNode
from plans.pages import Link
from plans.presentation import JudgedRow, row_of, value_of_year
from plans.standing import Segment, segments_of
from reviews.models import yen_label
from reviews.public_site.content import Content
from reviews.public_site.published import PublicEdition, PublicErratum

_Json = Mapping[str, Any]
To = Callable[[str], str]

MONEY = (
    ("予算額", "budget"),
    ("決算額", "settlement"),
    ("国", "national"),
    ("道", "prefectural"),
    ("起債", "bonds"),
    ("その他", "other_funds"),
    ("一般財源", "general"),
)
"""The amounts of a project's year, with their keys; those after 決算額 are its 財源."""


class Errata:
    """The 正誤表 of an edition, and which of its entries name what.

    An entry says in words what it corrects. It is shown at each part of the plan whose whole name
    is in these words; of two names, one within the other, the longer one counts.
    """

    def __init__(self, edition: PublicEdition, content: Content) -> None:
        self.entries = edition.errata
        self._by_name: dict[str, list[PublicErratum]] = {}
        names = set(filter(None, content.names())) if self.entries else set()
        for entry in self.entries:
            found = [name for name in names if name in entry.place]
            for name in found:
                if not any(name in other and name != other for other in found):
                    self._by_name.setdefault(name, []).append(entry)

    def beside(self, name: str) -> tuple[PublicErratum, ...]:
        """Return the entries that name a part of the plan."""
        return tuple(self._by_name.get(name, ()))


@dataclass(frozen=True)
class PublishedListing:
    """A listing in a table, with the address of its page and the 正誤 beside it."""

    row: JudgedRow
    url: str
    errata: tuple[PublicErratum, ...]

    @property
    def listing(self) -> ListingNode:
        """The listing of `row`."""
        return self.row.listing

    @property
    def value(self) -> str:
        """The value in few words; what 秘匿 means is explained below the table."""
        return _shortened(self.row.value or self.row.yearly)

    @property
    def label(self) -> str:
        """The judgement in few words."""
        return _shortened(self.row.label)

    @property
    def is_withheld(self) -> bool:
        """Whether its value or its judgement is left out."""
        return WITHHELD_LABEL in (self.row.value, self.row.yearly, self.row.label)


class PublishedListings(tuple[PublishedListing, ...]):
    """The rows of a table."""

    @property
    def has_withheld(self) -> bool:
        """Whether a note below the table says what 秘匿 means."""
        return any(one.is_withheld for one in self)


@dataclass(frozen=True)
class PublishedProject:
    """A project with what was done in the year; `done` is None where nothing was confirmed."""

    project: ProjectNode
    done: _Json | None
    money: tuple[tuple[str, str], ...]
    errata: tuple[PublicErratum, ...]


@dataclass(frozen=True)
class Counted:
    """The counts of listings as they were frozen: the bands, their bar and the sentence."""

    total: int
    bands: tuple[BandCount, ...]
    sentence: str

    @property
    def bar(self) -> tuple[Segment, ...]:
        """The bands as segments of one bar."""
        return segments_of(self.bands)


@dataclass(frozen=True)
class Group:
    """Rows below a heading, which may be a link; `name` is the id of its table."""

    heading: Link
    rows: Sequence[Any]
    name: str = ""


def _shortened(text: str) -> str:
    return WITHHELD_WORD if text == WITHHELD_LABEL else text


def published_listings(
    listings: Iterable[ListingNode], content: Content, errata: Errata, to: To
) -> PublishedListings:
    """Return the rows of listings in the year of the edition."""
    return PublishedListings(
        PublishedListing(row_of(one), to(content.address_of(one)), errata.beside(one.name))
        for one in listings
    )


def years_shown(listing: ListingNode) -> list[tuple[JudgedRow, str]]:
    """Return the years of the plan up to that of the edition, each with its value in words."""
    nothing = status_word(Status.NOT_REPORTED, scale=listing.scale)
    years = [year for year in listing.period if year <= listing.fiscal_year]
    return [(row_of(listing, year), value_of_year(listing, year) or nothing) for year in years]


def published_projects(
    part: MeasureNode, content: Content, errata: Errata
) -> list[PublishedProject]:
    """Return the projects of a measure with their year."""
    rows = []
    for project in part.projects:
        done = content.project_years.get(project.place)
        rows.append(PublishedProject(project, done, _money(done), errata.beside(project.name)))
    return rows


def _money(done: _Json | None) -> tuple[tuple[str, str], ...]:
    if done is None:
        return ()
    return tuple((label, yen_label(done[key])) for label, key in MONEY if done[key] is not None)


def counted(said: _Json) -> Counted:
    """Return counts as the edition has them."""
    bands = tuple(
        BandCount(
            one["band"],
            one["mark"],
            one["name"],
            Count(one["total"], one["total"]),
            tuple((label, number) for label, number in one["labels"]),
        )
        for one in said["bands"]
    )
    return Counted(said["total"], bands, said["sentence"])
