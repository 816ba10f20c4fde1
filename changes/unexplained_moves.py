"""備考がなく大きく動いた値: values far from the previous one, without remarks that explain it.

The rule is that of indicators/rules/moves.py; this module applies it to all stored values.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from accounts.sections import name_in
from changes.history_register import StaffMember, changed_amount
from indicators.duties import shown_section_of_value
from indicators.models import Actual, Indicator, PastDuty
from indicators.rules.moves import Move, is_large, moves
from japanese.fiscal_years import full_label
from japanese.numerals import format_number, round_to
from trail.data_version import Kept


@dataclass(frozen=True)
class UnexplainedMove:
    """A stored value without remarks that moved much. Texts include the display unit."""

    indicator_id: int
    indicator_code: str
    indicator: str
    unit: str
    section: str
    entering_section: str
    fiscal_year: int
    move: Move
    value: str
    before: str
    difference: str
    usual: str
    state: str
    by: StaffMember
    at: datetime

    @property
    def day(self) -> date:
        """The day of entry in the office's time zone."""
        return timezone.localdate(self.at)

    @property
    def year_label(self) -> str:
        """The year of the value, e.g. 平成29年度（2017）."""
        return full_label(self.move.year)

    @property
    def before_year_label(self) -> str:
        """The year of the previous value."""
        return full_label(self.move.before_year)

    @property
    def percent_label(self) -> str:
        """The change in percent of the previous value, with sign; "" if that is 0."""
        if self.percent is None:
            return ""
        return f"{'+' if self.percent > 0 else ''}{format_number(self.percent, 1)}％"

    @property
    def percent(self) -> Decimal | None:
        """The change in percent of the previous value, to one decimal; None if that is 0."""
        share = self.move.share
        return None if share is None else round_to(share * 100, 1)


FIELDS = (
    "pk", "state", "entered_by__full_name", "entered_by__username", "entered_at",
    "indicator_id", "indicator__code", "indicator__name", "indicator__unit",
    "indicator__display_unit", "indicator__decimals", "section_name", "entering_name",
)  # fmt: skip


class Found(NamedTuple):
    """An unexplained move: the id of the value, and its move."""

    pk: int
    move: Move


def find_moves(*, section: int | None = None, fiscal_year: int | None = None) -> list[Found]:
    """Return the values without remarks that moved much, newest year first. Needs one query.

    `section` is or was responsible for the indicator, or enters or entered it. The rule needs the
    median of a series, which SQLite cannot compute, so all numbers are read and the rule is applied
    here.
    A page reads the details of the moves that it shows with `describe`.
    """
    values = Actual.objects.reported()
    if section is not None:
        earlier = PastDuty.objects.filter(Q(section=section) | Q(entered_by=section))
        values = values.filter(
            Q(indicator__section_id=section)
            | Q(indicator__entered_by_id=section)
            | Q(indicator__in=earlier.order_by().values("indicator"))
        )
    if fiscal_year is not None:
        of_year = Actual.objects.filter(fiscal_year_id=fiscal_year)
        values = values.filter(indicator_id__in=of_year.order_by().values("indicator_id"))
    rows = values.order_by("indicator_id").values_list(
        "indicator_id", "indicator__running_total", "fiscal_year_id", "pk", "value", "remarks"
    )
    found = []
    for (_, running_total), of_indicator in groupby(rows, key=itemgetter(0, 1)):
        series = {year: (pk, value, remarks) for _, _, year, pk, value, remarks in of_indicator}
        for move in moves({year: value for year, (_, value, _) in series.items()}):
            pk, _, remarks = series[move.year]
            if (
                not remarks.strip()
                and is_large(move, running_total=running_total)
                and fiscal_year in (None, move.year)
            ):
                found.append(Found(pk, move))
    return sorted(found, key=lambda one: -one.move.year)


_all: Kept[tuple[Found, ...]] = Kept(1)


def all_moves() -> tuple[Found, ...]:
    """Return the moves of all values; found anew only once a value or an indicator was written.

    For pages that only count them or show the newest.
    """
    tables = {model._meta.db_table for model in (Actual, Indicator)}
    return _all.get(None, lambda: tuple(find_moves()), tables)


def describe(found: Iterable[Found]) -> list[UnexplainedMove]:
    """Return the details of the moves, in the same order. Needs one query."""
    found = list(found)
    rows = Actual.objects.filter(pk__in=[one.pk for one in found]).order_by()
    rows = rows.annotate(
        section_then=shown_section_of_value("section"),
        entering_then=shown_section_of_value("entered_by"),
        section_name=name_in("section_then", "fiscal_year"),
        entering_name=name_in("entering_then", "fiscal_year"),
    ).values(*FIELDS)
    by_pk = {row["pk"]: row for row in rows}
    return [_described(by_pk[one.pk], one.move) for one in found if one.pk in by_pk]


def _described(row: dict, move: Move) -> UnexplainedMove:
    unit = row["indicator__unit"], row["indicator__display_unit"], row["indicator__decimals"]
    of_difference = ("ポイント", "", unit[2]) if unit[0] == "％" else unit
    name, number = row["entered_by__full_name"], row["entered_by__username"]
    sign = "+" if move.difference > 0 else ""
    return UnexplainedMove(
        indicator_id=row["indicator_id"],
        indicator_code=row["indicator__code"],
        indicator=row["indicator__name"],
        unit=row["indicator__unit"],
        section=row["section_name"],
        entering_section=row["entering_name"],
        fiscal_year=move.year,
        move=move,
        value=changed_amount(move.value, *unit),
        before=changed_amount(move.before, *unit),
        difference=sign + changed_amount(move.difference, *of_difference),
        usual=changed_amount(move.usual, *of_difference),
        state=str(Actual.State(row["state"]).label),
        by=StaffMember(name or number, number) if number else StaffMember(),
        at=row["entered_at"],
    )
