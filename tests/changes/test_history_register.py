"""The register shows whatever has a history, also what refers to something that is not known."""

import csv

import pytest
from django.core.validators import MaxValueValidator
from django.db.models import Field
from django.utils import timezone

from accounts.roles import Role
from changes.history_rows import SOURCES
from tests.factories import make_user
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

NUMBER = 2017
"""The value of each column that allows it: a year, and the id of nothing that is known."""

TYPES = "+~-"


def stored(field: Field):
    """Return a value for the column of a field."""
    if field.choices:
        return field.choices[-1][0]  # a plan that is no draft
    kind = field.get_internal_type()
    if field.is_relation or field.primary_key or "Integer" in kind:
        most = (one.limit_value for one in field.validators if isinstance(one, MaxValueValidator))
        return min(NUMBER, *most, NUMBER)
    now = timezone.now()
    others = {
        "JSONField": {},
        "DecimalField": 1,
        "BooleanField": True,
        "DateTimeField": now,
        "DateField": now.date(),
    }
    return others.get(kind, "見本")


@pytest.fixture
def rows_of_each_kind():
    """One thing of each kind with a history is made, changed and deleted."""
    for source in SOURCES.values():
        fields = source.model._meta.concrete_fields
        said = {field.attname: stored(field) for field in fields}
        for how in TYPES:
            source.model.history.create(
                **said, history_date=timezone.now(), history_type=how, door="command"
            )


def test_rows_of_each_kind_are_shown(client, rows_of_each_kind):
    client.force_login(make_user(Role.AUDITOR))
    assert "（削除済み）" in text_of(client.get("/changes/"))
    assert client.get("/changes/xlsx").status_code == 200
    written = client.get("/changes/csv").getvalue().decode("utf-8-sig")
    assert len(list(csv.reader(written.splitlines()))) >= len(SOURCES) * len(TYPES)
