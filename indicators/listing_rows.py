"""The listings of all plans as rows, without drafts as a rule: one query for both kinds.

They tell which indicators are entered in a year, where a value has its page, and what a plan sums.
(plans/rows.py reads one whole plan, also as of a past day.)
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    DecimalField,
    F,
    Field,
    IntegerField,
    Model,
    Q,
    QuerySet,
    Value,
)

from indicators.in_force import in_force
from indicators.listings import Listing
from indicators.models import Indicator
from indicators.places import place_of
from indicators.plan_states import PlanState
from indicators.plan_words import words_from
from indicators.rules.terms import (
    PREVIOUS_YEAR,
    TARGET_AWAITED,
    Kind,
    relation_in_words,
    side_in_words,
)
from indicators.versions import as_of_year, said_in_year

_PLACE: dict[str, Field] = {
    "goal": IntegerField(),
    "group": IntegerField(),
    "symbol": CharField(),
    "measure": IntegerField(),
}
"""The parts of a place above the listing's position, with the names of Listing.place_paths."""


@dataclass(frozen=True)
class ListingRow:
    """A listing with its plan and its place there. `target` is in the indicator's unit.

    Of a range `target` is the lower end and `upper` the upper one; None for all others.

    `reference_id` and `reference_name` are those of the indicator that a target with such a
    `relation` is compared with. `is_compared`: the row stands for that other indicator, whose
    values the plan needs although it does not list it; it has the name and sentence of the listing,
    and no target.

    `model` is the name of its model. `group`, `symbol` and `measure` are None for a 数値目標.
    `invented`: the plan has invented values; `plan_words` are its own words. `target_year` is None
    for the plan's last year. `confirmed_at` is None while the reading of the sentence is
    unconfirmed. What the row says holds from `from_year` on (None: from the start); the plan has
    the listing from `first_year` to
    `last_year` (None: all along).
    """

    model: str
    listing_id: int
    indicator_id: int
    plan_code: str
    plan_title: str
    plan_first: int
    invented: bool
    plan_words: Mapping[str, Any] = field(hash=False)
    goal: int
    group: int | None
    symbol: str | None
    measure: int | None
    position: int
    part: str
    name: str
    sentence: str
    kind: str
    direction: str
    target: Decimal | None
    upper: Decimal | None
    relation: str
    reference_id: int | None
    reference_name: str | None
    target_year: int | None
    confirmed_at: datetime | None
    from_year: int | None
    first_year: int | None
    last_year: int | None
    is_compared: bool

    def __post_init__(self) -> None:
        """Keep readers from taking a target that is not typed yet for a relative one."""
        if self.relation == TARGET_AWAITED:
            object.__setattr__(self, "relation", "")

    @property
    def kind_label(self) -> str:
        """期末水準, 期間累計 …"""
        return "比べる指標" if self.is_compared else Kind(self.kind).label

    @property
    def said(self) -> str:
        """The sentence of the target; of a relative one, also what it is compared with."""
        if not self.relation:
            return self.sentence
        return f"{self.sentence}（{self.comparison}）"

    @property
    def comparison(self) -> str:
        """What a relative target asks for: 前年度の値を上回る; "" for any other target."""
        compared = self.reference_name or PREVIOUS_YEAR
        return self.relation and relation_in_words(self.relation, self.direction, compared)

    @property
    def side(self) -> str:
        """What a relative target asks for, behind the number: を上回る; "" for any other target."""
        return self.relation and side_in_words(self.relation, self.direction)

    @property
    def place(self) -> str:
        """The place as in URLs: 1-2, 1-ア-1-2."""
        return place_of(self.goal, self.symbol, self.measure, f"{self.position}{self.part}")

    @property
    def shown_place(self) -> str:
        """The place as pages and the Excel form write it: 数値目標1-2, KPI1-ア-1-2."""
        place = f"{words_from(self.plan_words).short_listing_word(self.model)}{self.place}"
        return f"{place}と比べる指標" if self.is_compared else place

    @property
    def order(self) -> tuple[Any, ...]:
        """The sort key: newest plan first, then the order in the plan, goal by goal."""
        in_goal = (
            self.group is not None,
            self.group or 0,
            self.measure or 0,
            self.position,
            self.part,
        )
        return (-self.plan_first, self.plan_code, self.goal, *in_goal)


def listing_rows(
    *,
    indicator_ids: Collection[int] | None = None,
    fiscal_year: int | None = None,
    drafts: bool = False,
    compared: bool = False,
) -> dict[int, list[ListingRow]]:
    """Return listings by indicator, sorted by `order`; the indicators by their first listing.

    Plans that are 作成中 are left out without `drafts`: nobody is asked for their values, and only
    pages for those who may see drafts lead to them.
    Optionally only for some indicators, and only what the plans list in a fiscal year, as they did
    then. With `compared`, indicators that a target is compared with have rows, too, if no plan
    lists them. One query, and one for each kind of which a later revision changed listings.
    """
    united = _united(
        fiscal_year, *_FIELDS, indicator_ids=indicator_ids, drafts=drafts, compared=compared
    )
    rows = [ListingRow(*row) for row in united]
    if fiscal_year is not None:
        rows = _as_they_were(rows, fiscal_year)
    by_indicator: defaultdict[int, list[ListingRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.order):
        by_indicator[row.indicator_id].append(row)
    return {pk: _own_first(rows) for pk, rows in by_indicator.items()}


def _as_they_were(rows: list[ListingRow], fiscal_year: int) -> list[ListingRow]:
    """Return the rows with what their listings said before later revisions changed them."""
    changed = [row for row in rows if (row.from_year or 0) > fiscal_year]
    kinds: Iterable[Any] = Listing.__subclasses__()
    held = {
        (model._meta.model_name, pk): said
        for model in kinds
        if (pks := {row.listing_id for row in changed if row.model == model._meta.model_name})
        for pk, said in said_in_year(model, pks, fiscal_year, _SAID).items()
    }

    def as_it_was(row: ListingRow) -> ListingRow:
        said = held.get((row.model, row.listing_id), {})
        fixed = _OF_COMPARED if row.is_compared else {}
        return replace(row, **{name: it for name, it in said.items() if name not in fixed})

    return [as_it_was(row) for row in rows] if held else rows


def _own_first(rows: list[ListingRow]) -> list[ListingRow]:
    """Return the rows of listings; without any, those of targets compared with the indicator."""
    return [row for row in rows if not row.is_compared] or rows


def indicators_of_year(fiscal_year: int) -> QuerySet[Indicator]:
    """Return the indicators in the plans of a year: those whose values are to be entered.

    They are those that a plan lists, or that a target is compared with.
    """
    return Indicator.objects.filter(pk__in=_united(fiscal_year, "indicator_id", compared=True))


def indicators_of_plan(plan: Model) -> QuerySet[Indicator]:
    """Return the indicators that a plan lists, also those of a draft."""
    kinds: Iterable[Any] = Listing.__subclasses__()
    first, *others = (
        model._default_manager.filter(**{model.plan_path: plan}).order_by().values("indicator_id")
        for model in kinds
    )
    return Indicator.objects.filter(pk__in=first.union(*others, all=True))


def awaiting_target(plan: Model) -> list[Listing]:
    """Return the listings of a plan without sentence and target, by kind and in its order."""
    kinds: Iterable[Any] = Listing.__subclasses__()
    waits = Q(relation=TARGET_AWAITED) | Q(kind=Kind.DESCRIBED, sentence="")
    return [
        listing
        for model in sorted(kinds, key=lambda kind: len(kind.place_paths))
        for listing in model._default_manager.filter(waits, **{model.plan_path: plan})
        .select_related(model.plan_path)
        .order_by(*model.place_paths.values(), "position", "part")
    ]


def first_year_of_sum(listings: Iterable[ListingRow], *, running_total: bool) -> int | None:
    """Return the first year of the plan that sums the yearly values of an indicator.

    None if no plan does, or if people enter the running total. The newest plan if several do.
    """
    starts = (row.plan_first for row in listings if row.kind == Kind.TOTAL)
    return None if running_total else max(starts, default=None)


_PLAN = ("code", "title", "first_fiscal_year", "invented", "words")
_SAYS = (
    "name", "sentence", "kind", "direction", "target", "upper", "relation", "reference_id",
    "reference_name", "target_year", "confirmed_at",
)  # fmt: skip
_OWN = ("position", "part", *_SAYS)
_IN_TIME = {
    "from_year": "from_fiscal_year",
    "first_year": "first_fiscal_year",
    "last_year": "last_fiscal_year",
}
"""Years of the listing itself, whose fields are called like those of its plan."""
_FIELDS = ("model", "listing_id", "indicator_id", *_PLAN, *_PLACE, *_OWN, *_IN_TIME, "is_compared")

_PATHS = {"reference_name": "reference__name"}
_SAID = {name: _PATHS.get(name, name) for name in _SAYS} | {"from_year": "from_fiscal_year"}
"""What a version of a listing says, by the names of the row, with its fields."""

_OF_COMPARED: dict[str, Any] = {
    "kind": Value(Kind.MONITOR.value),
    "target": Value(None, DecimalField()),
    "upper": Value(None, DecimalField()),
    "relation": Value(""),
    "reference_id": Value(None, BigIntegerField()),
    "reference_name": Value(None, CharField()),
    "is_compared": Value(True),
}
"""What rows say that stand for the indicator with which a target is compared."""


def _united(
    fiscal_year: int | None,
    *fields: str,
    indicator_ids: Collection[int] | None = None,
    drafts: bool = False,
    compared: bool = False,
) -> QuerySet:
    kinds: Iterable[Any] = Listing.__subclasses__()  # does not include the abstract base itself
    rows = {model: _rows_of(model, fiscal_year, drafts=drafts) for model in kinds}
    united = [_listed(model, found, fields) for model, found in rows.items()]
    if compared:
        united += [_compared(model, found, fiscal_year, fields) for model, found in rows.items()]
    if indicator_ids is not None:
        united = [found.filter(of_indicator__in=indicator_ids) for found in united]
    first, *others = united
    return first.union(*others, all=True)


def _listed(model: type[Listing], rows: QuerySet, fields: Iterable[str]) -> QuerySet:
    """Return the rows of the listings as those of their indicators."""
    return rows.annotate(of_indicator=F("indicator_id")).values_list(
        *(_expression(model, field) for field in fields)
    )


def _compared(
    model: type[Listing], rows: QuerySet, fiscal_year: int | None, fields: Iterable[str]
) -> QuerySet:
    """Return the rows of the listings whose target is compared with another indicator, as its."""
    other: Any = F("reference_id")
    if fiscal_year is not None:
        other = as_of_year(model, "reference_id", fiscal_year, BigIntegerField())
    rows = rows.annotate(of_indicator=other)
    return rows.filter(of_indicator__isnull=False).values_list(
        *(_OF_COMPARED.get(field) or _expression(model, field) for field in fields)
    )


def _rows_of(model: type[Listing], fiscal_year: int | None, *, drafts: bool) -> QuerySet:
    plan = model.plan_path
    rows = model._default_manager.order_by()
    if fiscal_year is not None:
        has_year = {
            f"{plan}__first_fiscal_year__lte": fiscal_year,
            f"{plan}__last_fiscal_year__gte": fiscal_year,
        }
        rows = rows.filter(in_force(fiscal_year), **has_year)
    if not drafts:
        rows = rows.exclude(**{f"{plan}__state": PlanState.DRAFT})
    return rows


def _expression(model: type[Listing], field: str) -> Any:
    if field == "model":
        return Value(model._meta.model_name)
    if field == "listing_id":
        return "pk"
    if field == "is_compared":
        return Value(False)
    if field == "indicator_id":
        return "of_indicator"
    if field in _PLAN:
        return f"{model.plan_path}__{field}"
    if field in _PLACE:
        return model.place_paths.get(field) or Value(None, output_field=_PLACE[field])
    return _PATHS.get(field) or _IN_TIME.get(field, field)
