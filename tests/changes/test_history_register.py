"""The register names whatever has a history, and what other rows refer to."""

import pytest
from django.db.models import Field

from changes.history_register import HistoryPair, Register
from changes.history_rows import SOURCES, Source

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

NUMBER = 2017
"""The value of each column with a number: also a year, and the id of nothing that is known."""


def stored(field: Field):
    """Return a value for the column of a field."""
    if field.choices:
        return field.choices[0][0]
    kind = field.get_internal_type()
    if field.is_relation or field.primary_key or "Integer" in kind:
        return NUMBER
    return {"JSONField": {}, "BooleanField": True}.get(kind, "見本")


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_row_of_each_kind_has_a_subject(source: Source):
    row = {field.attname: stored(field) for field in source.model._meta.concrete_fields}
    pair = HistoryPair(source.model, row | {"history_user_id": None}, None)
    assert Register([pair]).subject(pair)
