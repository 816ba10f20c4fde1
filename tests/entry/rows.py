"""Rows of a year as they would be read, made without a database."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from entry.year_rows import StoredValue, YearRow
from indicators.series import Series
from tests.nodes import indicator_node


def make_stored(value: Any = None, **fields: Any) -> StoredValue:
    """Return a stored value, version 3, entered by 花子."""
    defaults: dict[str, Any] = {
        "pk": 1,
        "version": 3,
        "availability": "unpublished" if value is None else "reported",
        "value": None if value is None else Decimal(str(value)),
        "numerator": None,
        "denominator": None,
        "expected_month": "",
        "provisional": False,
        "remarks": "",
        "state": "draft",
        "return_reason": "",
        "entered_by_id": 1,
        "entered_by": "見本 花子",
        "entered_at": timezone.now(),
    }
    return StoredValue(**(defaults | fields))


def make_row(stored: StoredValue | None = None, **indicator: Any) -> YearRow:
    """Return the row of 2017 of an indicator of whole 人, 0 or more."""
    defaults: dict[str, Any] = {
        "pk": 7,
        "code": "visitors",
        "name": "来館者数",
        "minimum": Decimal(0),
    }
    return YearRow(
        fiscal_year=2017,
        indicator=indicator_node(**(defaults | indicator)),
        handover_memo="",
        listings=(),
        earlier=(),
        series=Series({}, None),
        stored=stored,
        evidence_count=0,
        evidence_count_before=0,
    )
