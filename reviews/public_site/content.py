"""What a published edition says: its frozen data, the plan read back from them, and its files."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from plans.json_tree import listings_in, tree_from_json
from plans.nodes import ListingNode, MeasureNode, StrategyTree
from plans.pages import READERS_WORDS
from reviews.editions.freezing import edition_content_type, edition_path, public_kinds, public_name
from reviews.editions.public_data import PUBLIC_JSON, grade_label
from reviews.editions.withholding import public_tree
from reviews.models import EditionFile

_Json = Mapping[str, Any]

KEPT_EDITIONS = 12
"""How many editions a process keeps in memory, some megabytes at most each."""


@dataclass(frozen=True)
class PublicFile:
    """A file to download. `path` is its name beside the pages of its edition, `label` what people
    see there, `name` that under which a browser stores it.

    The 正誤表 as a file is made on request: it has no size and digest here.
    """

    kind: str
    path: str
    label: str
    name: str
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Content:
    """The data of an edition, and the same as a tree."""

    data: _Json
    tree: StrategyTree
    files: tuple[PublicFile, ...]

    @cached_property
    def addresses(self) -> dict[str, str]:
        """The addresses of measures and listings below the edition, by kind and place.

        Their last parts are numbers, without the symbols of groups: a folder of pages passes
        through programs that do not support every character.
        """
        found: dict[str, str] = {}
        for goal in self.tree.goals:
            for target in goal.numeric_targets:
                found[_key(target)] = f"targets/{goal.position}-{_number(target)}/"
            for number, group in enumerate(goal.groups, 1):
                for measure in group.measures:
                    place = f"{goal.position}-{number}-{measure.position}"
                    if not measure.is_direct:
                        found[f"measure {measure.place}"] = f"measures/{place}/"
                    for kpi in measure.kpis:
                        found[_key(kpi)] = f"kpis/{place}-{_number(kpi)}/"
        return found

    def address_of(self, listing: ListingNode) -> str:
        """Return the address of the page of a listing, below that of the edition."""
        return self.addresses[_key(listing)]

    def address_of_part(self, part: MeasureNode) -> str:
        """Return that of a measure; for what is directly under a goal, that of the goal."""
        goal = f"goals/{part.goal_position}/"
        return goal if part.is_direct else self.addresses[f"measure {part.place}"]

    @cached_property
    def listings(self) -> dict[tuple[str, str], _Json]:
        """The listings as the JSON has them, by place and model."""
        said = listings_in(self.data["plan"])
        return {
            (listing.place, listing.model): one
            for listing, one in zip(self.tree.listings, said, strict=True)
        }

    @cached_property
    def measure_reviews(self) -> dict[str, _Json]:
        """内部評価 by the place of the measure."""
        return {
            one["measure"]: {**one, "grade": grade_label(one)}
            for one in self.data["measure_reviews"]
        }

    @cached_property
    def kpi_reviews(self) -> dict[str, _Json]:
        """The comments of the evaluations on single KPIs, by their places."""
        reviews = self.data["measure_reviews"]
        return {one["kpi"]: one for review in reviews for one in review["kpis"]}

    @cached_property
    def project_years(self) -> dict[str, _Json]:
        """事業の実績 by the place of the project."""
        return {one["project"]: one for one in self.data["project_years"]}

    @cached_property
    def goal_reviews(self) -> dict[int, _Json]:
        """外部評価 by the position of the goal."""
        return {one["goal"]: one for one in self.data["goal_reviews"]}

    def names(self) -> Iterator[str]:
        """Yield the names of all parts of the plan, which an entry of the 正誤表 may name."""
        for goal in self.tree.goals:
            yield goal.title
        for measure in self.tree.measures:
            yield measure.title
        for listing in self.tree.listings:
            yield listing.name
        for project in self.tree.projects:
            yield project.name


def _key(listing: ListingNode) -> str:
    return f"{listing.model} {listing.place}"


def _number(listing: ListingNode) -> str:
    return f"{listing.position}{listing.part}"


@lru_cache(maxsize=KEPT_EDITIONS)
def edition_content(pk: int, sha256: str) -> Content:
    """Return the content of an edition, by its id and the digest of its public data.

    One query the first time; an edition never changes, so that it is kept.
    """
    stored = EditionFile.objects.filter(edition=pk, kind__in=public_kinds())
    files = {one.kind: one for one in stored}
    data = json.loads(bytes(files[PUBLIC_JSON].content))
    return Content(
        data,
        # What is withheld is not in the data; the tree has to know what is untrue without it.
        public_tree(tree_from_json(data["plan"], READERS_WORDS)),
        tuple(
            PublicFile(
                kind,
                edition_path(kind),
                public_name(kind),
                files[kind].name,
                edition_content_type(kind),
                len(files[kind].content),
                files[kind].sha256,
            )
            for kind in public_kinds()
            if kind in files
        ),
    )
