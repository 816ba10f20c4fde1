"""Input and result of describing a workbook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from plans.workbook.columns import same
from plans.workbook.reading import BookRow, CellFault

Json = dict[str, Any]

NEW, SHARE = "new", "share"
"""Decisions about indicators: a new one; the one that is registered."""

ALL_OTHERS = "share-others"
"""The question that covers all that are not answered individually."""


@dataclass(frozen=True)
class KnownIndicator:
    """A registered indicator in the shape of the plan's JSON, and which plans list it."""

    data: Json
    plans: Mapping[str, str]
    """Code -> title."""
    has_values: bool

    def is_shared(self, plan: str) -> bool:
        """Whether others rely on it, so that the workbook of a draft does not change it."""
        return self.has_values or set(self.plans) != {plan}


@dataclass
class Known:
    """What is registered already.

    `plans` has title and state by code; `own` the indicators that the draft to be updated lists,
    by the `identity` of name and unit.
    """

    indicators: dict[str, KnownIndicator] = field(default_factory=dict)
    plans: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Code -> title and whether it is a draft."""
    own: dict[str, dict[tuple[str, str], list[str]]] = field(default_factory=dict)
    """Code of a draft -> identity -> codes of its indicators."""
    newest_year: int = 9999
    """The current fiscal year."""
    city: str = ""
    city_code: str = ""
    """The city of the installation, if it is registered."""


@dataclass(frozen=True)
class SharingQuestion:
    """Whether a listing measures what is registered already: `candidates` by code."""

    id: str
    row: BookRow
    place: str
    name: str
    unit: str
    candidates: tuple[tuple[str, str, str], ...]
    """Code, name and plans of each."""


@dataclass
class Described:
    """A plan as the workbook describes it, and what is wrong or open with it.

    `places` has the row of each object by the name that plans/loading.py gives it in messages,
    `yearly` that of its 年度別目標値.
    `actuals` are pairs of an indicator's code and year with their value and row.
    """

    plan: Json = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)
    doubts: list[CellFault] = field(default_factory=list)
    questions: list[SharingQuestion] = field(default_factory=list)
    places: dict[str, BookRow] = field(default_factory=dict)
    yearly: dict[str, BookRow] = field(default_factory=dict)
    actuals: list[tuple[str, int, Decimal, BookRow]] = field(default_factory=list)
    sections: dict[str, str] = field(default_factory=dict)
    """The sections of the sheet 担当課 with their departments."""

    @property
    def code(self) -> str:
        return str(self.plan["strategy"]["code"])


def identity(name: str, unit: str) -> tuple[str, str]:
    """Return what two indicators have in common that may be the same one."""
    return same(name), same(unit)
