"""Which editions are public now, with the 正誤 published beside them: one query."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.utils import timezone

from goals.models import Strategy
from indicators.plan_states import PlanState
from japanese.fiscal_years import era_label, full_label
from reviews.editions.editions_of_plan import standing
from reviews.editions.public_data import PUBLIC_JSON
from reviews.models import Edition, EditionFile, Erratum, Publication, Withdrawal
from trail.data_version import Kept


@dataclass(frozen=True)
class PublicErratum:
    """An entry of the 正誤表 of an edition."""

    number: int
    place: str
    wrong: str
    right: str
    entered_on: date
    reason: str


@dataclass(frozen=True)
class PublicEdition:
    """A published edition. `sha256` is the digest of the file with its public data."""

    pk: int
    code: str
    number: int
    fiscal_year: int
    decided_on: date
    document_number: str
    published_on: date
    sha256: str
    errata: tuple[PublicErratum, ...]

    @property
    def address(self) -> str:
        """The address of its first page, which stays the same for ever."""
        return f"{self.code}/{self.number}/"

    @property
    def year_label(self) -> str:
        """令和6年度（2024）"""
        return full_label(self.fiscal_year)

    @property
    def label(self) -> str:
        """令和6年度実績の検証（第1号）"""
        return f"{era_label(self.fiscal_year)}実績の検証（第{self.number}号）"


@dataclass(frozen=True)
class Shelf:
    """All published editions, by plan and the newest first: by year, then by number.

    The number only says in which order they were fixed; an earlier year may be fixed later.
    """

    editions: tuple[PublicEdition, ...]

    @cached_property
    def state(self) -> str:
        """A digest that differs after each publication and each 正誤."""
        described = json.dumps([asdict(one) for one in self.editions], default=str)
        return sha256(described.encode()).hexdigest()

    def of_plan(self, code: str) -> tuple[PublicEdition, ...]:
        """Return the editions of a plan, the newest first; none for a plan without any."""
        return tuple(one for one in self.editions if one.code == code)

    def plans(self) -> Iterator[tuple[PublicEdition, ...]]:
        """Yield the editions of each plan, the plan of the newest year first."""
        found = [tuple(group) for _, group in groupby(self.editions, lambda one: one.code)]
        yield from sorted(found, key=lambda one: (-one[0].fiscal_year, one[0].code))


_EDITION = {
    "pk": "pk",
    "code": "strategy__code",
    "number": "number",
    "fiscal_year": "fiscal_year_id",
    "decided_on": "decided_on",
    "document_number": "document_number",
    "published_on": "publication__published_on",
    "sha256": "files__sha256",
}
_ERRATUM = tuple(
    f"errata__{name}" for name in ("number", "place", "wrong", "right", "entered_on", "reason")
)


_kept: Kept[Shelf] = Kept(most=2)
_TABLES = tuple(
    model._meta.db_table
    for model in (Edition, EditionFile, Erratum, Publication, Strategy, Withdrawal)
)


def shelf_of_today() -> Shelf:
    """Return what is published today; one query, that of the data version, until it changes."""
    return _kept.get(timezone.localdate(), read_shelf, _TABLES)


def read_shelf() -> Shelf:
    """Return what is published today, without the cache; one query.

    An edition is public from its 公表日 on unless it was withdrawn. One without public files, and
    one of a plan that is 作成中, is not.
    """
    today = timezone.localdate()
    rows: Any = (
        standing(
            Edition.objects.filter(publication__published_on__lte=today, files__kind=PUBLIC_JSON)
        )
        .exclude(strategy__state=PlanState.DRAFT)
        .order_by("strategy__code", "-fiscal_year_id", "-number", "errata__number")
        .values_list(*_EDITION.values(), *_ERRATUM)
    )
    by_edition = [[*group] for _, group in groupby(rows, itemgetter(0))]
    return Shelf(tuple(_edition(group) for group in by_edition))


def _edition(rows: list[tuple[Any, ...]]) -> PublicEdition:
    """Return an edition from its rows, one for each 正誤; a single one, with nothing, for none."""
    size = len(_EDITION)
    errata = tuple(PublicErratum(*row[size:]) for row in rows if row[size] is not None)
    return PublicEdition(**dict(zip(_EDITION, rows[0], strict=False)), errata=errata)
