"""Migrations that only tell Django where a model belongs never touch the database."""

import pytest
from django.db.migrations import SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader

from indicators.models import Evidence


@pytest.mark.parametrize(
    "migration",
    [("indicators", "0003_evidence_from_entry"), ("entry", "0002_evidence_to_indicators")],
)
def test_a_model_that_moves_to_another_app_keeps_its_tables(migration):
    operations = MigrationLoader(None).disk_migrations[migration].operations
    assert operations
    assert all(isinstance(operation, SeparateDatabaseAndState) for operation in operations)
    assert not any(operation.database_operations for operation in operations)


def test_evidence_stays_in_the_tables_of_the_first_release():
    assert Evidence._meta.db_table == "entry_evidence"
    assert Evidence.history.model._meta.db_table == "entry_historicalevidence"
