"""Writes an indicator as INDICATOR of docs/strategy-json.md."""

from decimal import Decimal
from typing import Any

from indicators.models import Indicator
from japanese.numerals import plain
from plans.nodes import IndicatorNode


def indicator_as_json(
    indicator: Indicator | IndicatorNode, *, section: str, entered_by: str
) -> dict[str, Any]:
    """Return an indicator without its values; the sections are those to be written."""
    places = indicator.decimals
    return {
        "code": indicator.code,
        "name": indicator.name,
        "unit": indicator.unit or None,
        "decimals": places,
        "display_unit": indicator.display_unit or None,
        "minimum": amount_or_none(indicator.minimum, places),
        "maximum": amount_or_none(indicator.maximum, places),
        "moment": indicator.moment,
        "ratio": indicator.ratio,
        "running_total": indicator.running_total,
        "carry_years": indicator.carry_years,
        "section": section,
        "entered_by": entered_by,
        "method": indicator.method or None,
        "source": indicator.source or None,
    }


def amount_or_none(value: Decimal | None, places: int) -> str | None:
    """Return an amount with at least `places` decimals, never rounded."""
    return None if value is None else plain(value, places)
