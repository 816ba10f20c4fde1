"""A database that hangs: the server gives up after a while and continues."""

import socket
import time

import pytest
from django.db import OperationalError, connection

from nemuro_strategy import database_waiting
from nemuro_strategy.database_waiting import limit_waiting, waiting_at_most


@pytest.fixture
def limited():
    """PostgreSQL's waiting limited, as in the server."""
    from psycopg2 import extensions

    yield lambda: extensions.set_wait_callback(database_waiting.wait)
    extensions.set_wait_callback(None)


def test_a_database_that_accepts_and_never_answers_is_given_up(limited):
    import psycopg2

    limited()
    with socket.create_server(("127.0.0.1", 0)) as silent, waiting_at_most(0.2):
        began = time.monotonic()
        with pytest.raises(psycopg2.OperationalError, match="not answered"):
            psycopg2.connect(host="127.0.0.1", port=silent.getsockname()[1], dbname="x")
    assert time.monotonic() - began < 4


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_statement_that_is_not_answered_ends_and_the_next_one_works(limited):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that could hang.")
    limited()
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        with pytest.raises(OperationalError, match="not answered"), waiting_at_most(0.2):
            cursor.execute("SELECT pg_sleep(5)")
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 2")
        assert cursor.fetchone() == (2,)
    connection.close()


def test_statements_are_limited_by_postgresql_too(settings, limited, monkeypatch):
    database = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {}}
    monkeypatch.setitem(settings.DATABASES, "default", database)
    settings.DATABASE_TIMEOUT_SECONDS = 7
    limit_waiting()
    assert database["OPTIONS"] == {"options": "-c statement_timeout=7000"}


def test_on_sqlite_nothing_is_set(settings, monkeypatch):
    database = {"ENGINE": "django.db.backends.sqlite3"}
    monkeypatch.setitem(settings.DATABASES, "default", database)
    limit_waiting()
    assert database == {"ENGINE": "django.db.backends.sqlite3"}


@pytest.mark.both_databases
def test_a_connection_is_kept_for_the_next_request():
    assert connection.settings_dict["CONN_MAX_AGE"] == 60
