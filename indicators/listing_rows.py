"""The listings of plans as rows of the database: one query for both kinds, wherever one asks.

Which indicators a year asks for, where a value has its page, what a plan adds up: all of it is
read from these rows. (plans/rows.py reads one whole plan, as of a day in the past, too.)
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Field, IntegerField, QuerySet, Value

from indicators.listings import Listing
from indicators.models import Indicator
from indicators.rules.terms import Kind

_PLACE: dict[str, Field] = {
    "goal": IntegerField(),
    "group": IntegerField(),
    "symbol": CharField(),
    "measure": IntegerField(),
}
"""The parts of a place above the listing's own number, as Listing.place_paths names them."""


@dataclass(frozen=True)
class ListingRow:
    """A listing, its plan and its place there. `target` is in the indicator's unit.

    `model` is the name of its model. Of a 数値目標 `group`, `symbol` and `measure` are None.
    `invented`: the plan holds values that are made up.
    """

    model: str
    indicator_id: int
    plan_code: str
    plan_title: str
    plan_first: int
    invented: bool
    goal: int
    group: int | None
    symbol: str | None
    measure: int | None
    position: int
    name: str
    sentence: str
    kind: str
    target: Decimal

    @property
    def kind_label(self) -> str:
        """期末水準, 期間累計 …"""
        return Kind(self.kind).label

    @property
    def place(self) -> str:
        """Its place as in addresses: 1-2, 1-ア-1-2."""
        parts = (self.goal, self.symbol, self.measure, self.position)
        return "-".join(str(part) for part in parts if part is not None)

    @property
    def order(self) -> tuple[Any, ...]:
        """What sorts listings: the newest plan first, then as in the plan, goal by goal."""
        in_goal = (self.group is not None, self.group or 0, self.measure or 0, self.position)
        return (-self.plan_first, self.plan_code, self.goal, *in_goal)


def listing_rows(
    *, indicator_ids: Collection[int] | None = None, fiscal_year: int | None = None
) -> dict[int, list[ListingRow]]:
    """Return listings by indicator, each list in order, and the first of each list in order.

    Narrowed to some indicators and to the plans that have a year among theirs. In one query.
    """
    wanted = {} if indicator_ids is None else {"indicator_id__in": indicator_ids}
    rows = _united(fiscal_year, *_FIELDS, **wanted)
    by_indicator: defaultdict[int, list[ListingRow]] = defaultdict(list)
    for row in sorted((ListingRow(*row) for row in rows), key=lambda row: row.order):
        by_indicator[row.indicator_id].append(row)
    return dict(by_indicator)


def indicators_of_year(fiscal_year: int) -> QuerySet[Indicator]:
    """Return the indicators that a plan of a year lists: those whose values are asked for."""
    return Indicator.objects.filter(pk__in=_united(fiscal_year, "indicator_id"))


def first_year_of_sum(listings: Iterable[ListingRow], *, running_total: bool) -> int | None:
    """Return the first year of the plan that adds up the yearly values of an indicator.

    None where no plan does, or where the running total itself is entered.
    """
    starts = (row.plan_first for row in listings if row.kind == Kind.TOTAL)
    return None if running_total else max(starts, default=None)


_PLAN = ("code", "title", "first_fiscal_year", "invented")
_OWN = ("position", "name", "sentence", "kind", "target")
_FIELDS = ("model", "indicator_id", *_PLAN, *_PLACE, *_OWN)


def _united(fiscal_year: int | None, *fields: str, **wanted: Any) -> QuerySet:
    kinds: Iterable[Any] = Listing.__subclasses__()  # the abstract base is none of them
    first, *others = (_rows_of(model, fiscal_year, fields, wanted) for model in kinds)
    return first.union(*others, all=True)


def _rows_of(
    model: type[Listing], fiscal_year: int | None, fields: Iterable[str], wanted: dict[str, Any]
) -> QuerySet:
    plan = model.plan_path
    if fiscal_year is not None:
        wanted = wanted | {
            f"{plan}__first_fiscal_year__lte": fiscal_year,
            f"{plan}__last_fiscal_year__gte": fiscal_year,
        }
    rows = model._default_manager.filter(**wanted).order_by()
    return rows.values_list(*(_expression(model, field) for field in fields))


def _expression(model: type[Listing], field: str) -> Any:
    if field == "model":
        return Value(model._meta.model_name)
    if field in _PLAN:
        return f"{model.plan_path}__{field}"
    if field in _PLACE:
        return model.place_paths.get(field) or Value(None, output_field=_PLACE[field])
    return field
