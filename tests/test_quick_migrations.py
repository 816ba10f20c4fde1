"""Migrations that render fewer models make the same tables; see tests/quick_migrations.py."""

from contextlib import AbstractContextManager, nullcontext, suppress

import pytest
from django.db import connection, models
from django.db.migrations import (
    AddConstraint,
    AddField,
    AlterField,
    AlterModelTable,
    CreateModel,
    DeleteModel,
    Migration,
    RemoveField,
    RenameField,
    RenameModel,
)
from django.db.migrations.state import ProjectState

from tests.quick_migrations import quick_migrations

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def a_model(name: str, *fields: tuple[str, models.Field]) -> CreateModel:
    return CreateModel(name, [("id", models.BigAutoField(primary_key=True)), *fields])


def operations() -> list:
    return [
        a_model("Office", ("code", models.CharField(max_length=5, unique=True))),
        a_model("Desk", ("office", models.ForeignKey("tried.Office", models.CASCADE))),
        a_model(
            "Chair", ("of", models.ForeignKey("tried.Office", models.CASCADE, to_field="code"))
        ),
        AddField("Office", "name", models.CharField(max_length=9, default="")),
        AddField("Desk", "chairs", models.ManyToManyField("tried.Chair")),
        # Both are the type of a column of another table.
        AlterField("Office", "code", models.CharField(max_length=7, unique=True)),
        AlterField("Office", "id", models.CharField(max_length=8, primary_key=True)),
        AddField("Chair", "office", models.ForeignKey("tried.Office", models.CASCADE, null=True)),
        RenameField("Office", "code", "sign"),
        RenameField("Desk", "office", "room"),
        AddConstraint("Desk", models.UniqueConstraint(fields=["room"], name="one_desk")),
        AlterModelTable("Office", "rooms"),
        RenameModel("Office", "Room"),
        AlterField(
            "Chair", "office", models.ForeignKey("tried.Room", models.PROTECT, db_index=False)
        ),
        RemoveField("Desk", "chairs"),
        DeleteModel("Chair"),
    ]


class TakenBackError(Exception):
    """Leaves none of the tables."""


def statements(way: AbstractContextManager) -> list[str]:
    """Return the statements that the database gets, except Django's queries."""
    told: list = []

    def note(execute, sql, params, many, context):
        told.append((sql, params))
        return execute(sql, params, many, context)

    migration = Migration("0001_tried", "tried")
    migration.operations = operations()
    state = ProjectState()
    assert not state.apps.get_models()
    with way, suppress(TakenBackError), connection.schema_editor() as editor:
        with connection.execute_wrapper(note):
            migration.apply(state, editor)
            told += [str(sql) for sql in editor.deferred_sql]
        raise TakenBackError
    return told


def test_the_database_gets_the_same_statements():
    assert statements(quick_migrations()) == statements(nullcontext())
