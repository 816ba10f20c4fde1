"""Drops everything in the database on PostgreSQL that belongs to the program's role.

install.sh runs it, with the Python and the settings of the version in whose folder it is started,
after it has checked the backup that it puts in the place: a backup is restored into an empty
database only, and what a failed update has left may be of a version that no program here knows.

Left are the schema that the tables are in, which an administrator may have made, and what belongs
to other roles. Settings of the database (ALTER DATABASE … SET) stay as well: those of an
administrator cannot be told from those of the failed version. They are named.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nemuro_strategy.settings")

import django
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

# One at a time, because CASCADE takes others along. Extensions go before their members, and tables
# before their sequences, which cannot be dropped alone.
NEXT = """
    SELECT kind, name FROM pg_shdepend,
        LATERAL pg_identify_object(classid, objid, objsubid) AS found (kind, space, simple, name)
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND deptype = 'o' AND refobjid = current_user::regrole
        AND kind <> 'default acl' AND NOT (kind = 'schema' AND name = quote_ident(current_schema()))
    ORDER BY array_position(ARRAY['extension', 'schema', 'table'], kind), name LIMIT 1
"""
SETTINGS = """
    SELECT unnest(setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
OTHER_WORDS = {"statistics object": "statistics"}
"""What DROP calls a kind that pg_identify_object calls otherwise."""


def drop(cursor: CursorWrapper, kind: str, name: str) -> None:
    if kind == "large object":
        cursor.execute("SELECT lo_unlink(%s)", [int(name)])
    else:
        # Both are of PostgreSQL's catalogue, the name quoted as SQL needs it.
        cursor.execute(f"DROP {OTHER_WORDS.get(kind, kind)} {name} CASCADE")


def main() -> None:
    django.setup()
    assert connection.vendor == "postgresql", "for PostgreSQL only"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NEXT)
        while found := cursor.fetchone():
            drop(cursor, *found)
            cursor.execute(NEXT)
        cursor.execute(SETTINGS)
        if settings := ", ".join(setting for (setting,) in cursor.fetchall()):
            print(f"データベースの設定（ALTER DATABASE … SET）は残しています: {settings}")


if __name__ == "__main__":
    main()
