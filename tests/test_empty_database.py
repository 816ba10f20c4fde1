"""Before install.sh puts a backup back on PostgreSQL, nothing of the failed version is left."""

import runpy

import pytest
from django.db import connection

from tests.nginx_server import DEPLOY

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OF_A_FAILED_VERSION = """
    CREATE SCHEMA "Extra";
    CREATE TABLE "Extra".notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE TYPE pair AS (a integer, b mood);
    CREATE TYPE span AS RANGE (subtype = numeric);
    CREATE DOMAIN rate AS numeric CHECK (VALUE <= 100);
    CREATE SEQUENCE numbers;
    CREATE VIEW names AS SELECT name FROM things;
    CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one;
    CREATE FUNCTION twice(pair) RETURNS integer LANGUAGE SQL RETURN 2 * $1.a;
    CREATE AGGREGATE total(integer) (sfunc = int4pl, stype = integer, initcond = '0');
    CREATE STATISTICS both_columns ON id, name FROM things;
    CREATE EXTENSION pg_trgm;
    SELECT lo_create(424242);
"""
LEFT = """
    SELECT classid::regclass::text, objid FROM pg_shdepend
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND deptype = 'o' AND refobjid = current_user::regrole
"""


def owned(cursor) -> list[tuple]:
    cursor.execute(LEFT)
    return cursor.fetchall()


def test_nothing_that_belongs_to_the_program_is_left_in_its_database(capsys):
    """All of it is in the test's transaction, which is rolled back."""
    if connection.vendor != "postgresql":
        pytest.skip("A file of SQLite is put aside as a whole.")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE things (id integer, name text)")
        cursor.execute(OF_A_FAILED_VERSION)
        assert len(owned(cursor)) > 100
        runpy.run_path(str(DEPLOY / "empty_database.py"))["main"]()
        assert owned(cursor) == []
        cursor.execute("SELECT to_regnamespace(current_schema()), to_regclass('django_migrations')")
        assert cursor.fetchone() == ("public", None)
    assert capsys.readouterr().out == ""
