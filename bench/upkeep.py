"""PostgreSQL's upkeep of tables: before a measurement, and not at any moment during it."""

from django.db import connection


def keep_up() -> None:
    """Remove dead rows and renew statistics now; switch autovacuum off. Nothing on SQLite.

    Benchmarks roll back what they write, and all of it stays in the tables as dead rows. When
    autovacuum starts on them, its work counts as work of the server, on whichever call it falls;
    until then each search passes them, and plans are made for tables that were empty. A database
    in use is kept up all the time. The settings are those of the tables, for this database alone.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"ALTER TABLE {quote(table)} SET (autovacuum_enabled = off)")
        cursor.execute("VACUUM (ANALYZE)")
