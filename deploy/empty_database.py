"""Drops what the program has made in its database on PostgreSQL.

install.sh runs it, after it has checked the backup that it puts in the place: a backup is restored
into an empty database only, and what a failed update has left may be of a version that no program
here knows. It takes the tables and functions of the first schema that belong to the role.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nemuro_strategy.settings")

import django
from django.db import connection, transaction

TABLES = """
    SELECT format('DROP TABLE IF EXISTS %I.%I CASCADE', schemaname, tablename) FROM pg_tables
    WHERE schemaname = current_schema() AND tableowner = current_user
"""
FUNCTIONS = """
    SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', pg_proc.oid::regprocedure) FROM pg_proc
    JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname = current_schema() AND pg_get_userbyid(proowner) = current_user
"""


def main() -> None:
    django.setup()
    assert connection.vendor == "postgresql", "for PostgreSQL only"
    with transaction.atomic(), connection.cursor() as cursor:
        for query in (TABLES, FUNCTIONS):
            cursor.execute(query)
            for (statement,) in cursor.fetchall():
                cursor.execute(statement)


if __name__ == "__main__":
    main()
