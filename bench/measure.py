"""Measures on one database and writes the figures to a file; bench/run.py starts it.

    python -m bench.measure SQLite FILE [PART OF A NAME…]

DATABASE_URL names the server. The database itself is made for the run and deleted after it.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path

MEASURED = (
    "overview", "fixed_cost", "reports", "editions", "entry", "forms", "value_files", "workbooks",
    "crowd", "many_plans", "public_pages",
)  # fmt: skip
"""Modules that register benchmarks. Those that only read come first: data of others remains."""


def main(database: str, file: str, *parts: str) -> None:
    """Measure what is registered for the database and has one of the parts in its name, if any."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nemuro_strategy.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from bench import served
    from bench.registry import SQLITE, benchmarks_for
    from tests.quick_migrations import quick_migrations

    for name in MEASURED:
        import_module(f"bench.{name}")
    original = connection.settings_dict["NAME"]
    own = settings.DATA_DIR / "own.sqlite3" if database == SQLITE else f"bench_{original}"
    connection.settings_dict["TEST"]["NAME"] = str(own)
    with quick_migrations():
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        results = [one.run(database).as_json() for one in benchmarks_for(database, parts)]
    finally:
        served.stop()
        connection.creation.destroy_test_db(original, verbosity=0)
    Path(file).write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
