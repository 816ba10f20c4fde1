"""Years that people know: changing what a plan shows of them needs a reason."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q

from indicators.handover import SECTIONS
from indicators.in_force import InForce, holds
from indicators.listings import Listing
from indicators.models import Actual, FiscalYear
from indicators.plan_filters import plan_of
from indicators.versions import EarlierVersion
from japanese.fiscal_years import era_label

NO_CORRECTIONS = SECTIONS | {"contact", "handover_memo"}
"""The fields of an indicator that change without such a reason.

Sections have a first year, and a question of their own where it is left empty; the others stand on
no page of a year.
"""


def known_years() -> list[int]:
    """Return the years that were opened or published, or have a value or a grade; oldest first."""
    entered = Q(value__isnull=False) | ~Q(grade="")
    values = Actual.objects.filter(entered, fiscal_year=OuterRef("pk"))
    known = Q(entry_opened_on__isnull=False) | Q(published_on__isnull=False) | Exists(values)
    return list(FiscalYear.objects.filter(known).order_by("year").values_list("year", flat=True))


def years_that_show(part: Any, years: Iterable[int]) -> list[int]:
    """Return those of some years in which others than planning see a plan, a part or a version.

    A revision of a plan is seen from its first year on.
    """
    plan: Any = plan_of(part)
    if plan.is_draft:
        return []
    return [year for year in years if year in plan.period and _is_shown(part, year)]


def years_that_show_indicators(
    years: Collection[int], indicator_ids: Collection[int] | None = None
) -> dict[int, set[int]]:
    """Return by indicator those of some years in which a plan shows it; two queries."""
    found: dict[int, set[int]] = defaultdict(set)
    kinds: Iterable[Any] = Listing.__subclasses__()
    for model in kinds:
        listings = model._default_manager.select_related(model.plan_path)
        if indicator_ids is not None:
            listings = listings.filter(indicator__in=indicator_ids)
        for listing in listings:
            found[listing.indicator_id].update(years_that_show(listing, years))
    return found


def _is_shown(part: Any, year: int) -> bool:
    if isinstance(part, InForce):
        return holds(part.first_fiscal_year, part.last_fiscal_year, year)
    if isinstance(part, EarlierVersion):
        return year in part.years
    return bool(year >= (getattr(part, "from_fiscal_year", None) or 0))


def asked_reason(years: Iterable[int]) -> str:
    """Return the message that asks why what some years show is changed."""
    named = "、".join(era_label(year) for year in years)
    return (
        f"{named}の画面に出ている内容が変わります。変更の理由を入力してください。"
        "変更履歴に残ります。"
    )
