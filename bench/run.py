"""Measures what must stay fast, on SQLite and on PostgreSQL.

    python bench/run.py [PART OF A NAME…]

Prints a table and writes bench/results.json: a list of {"name", "value", "unit", "limit"}, where
each value is a ratio of two measurements of the same run. Exits with 1 if a limit is exceeded.
PostgreSQL is the server in DATABASE_URL; without one, tests/with_postgresql.sh starts a server for
the run. No existing database is touched.
"""

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from bench.registry import DATABASES, POSTGRESQL, SQLITE, Result  # noqa: E402

RESULTS = ROOT / "bench" / "results.json"

# Settings in the environment or .env must not influence the figures.
SETTINGS = {
    "ALLOWED_HOSTS": "localhost",
    "CSRF_TRUSTED_ORIGINS": "",
    "DEBUG": "off",
    "HTTPS": "off",
    "LOG_LEVEL": "WARNING",
    # No person does by hand in a minute what is measured again and again.
    "FILES_A_MINUTE": "0",
    "PREVIEWS_A_MINUTE": "0",
}


def main(*parts: str) -> int:
    """Measure, print and write the figures; return the exit code.

    With `parts`, only those whose name has one of them.
    """
    results = [result for database in DATABASES for result in measure(database, *parts)]
    print(table(results))
    write(results)
    exceeded = [result.name for result in results if result.is_exceeded]
    if exceeded:
        print(f"上限を超えました：{'、'.join(exceeded)}", file=sys.stderr)
    return 1 if exceeded else 0


def measure(database: str, *parts: str) -> list[Result]:
    """Return the figures of a database, measured in a separate process."""
    with TemporaryDirectory(prefix="bench-") as directory:
        file = Path(directory) / "results.json"
        (Path(directory) / "static").mkdir()
        environment = {**os.environ, **SETTINGS, "DATA_DIR": directory}
        if database == SQLITE:
            environment["DATABASE_URL"] = f"sqlite:///{directory}/unused.sqlite3"
        command = [sys.executable, "-m", "bench.measure", database, str(file), *parts]
        subprocess.run(
            [*starter(database, environment), *command], cwd=ROOT, env=environment, check=True
        )
        return [Result(**row) for row in json.loads(file.read_text(encoding="utf-8"))]


def starter(database: str, environment: dict[str, str]) -> list[str]:
    """Return the command prefix that starts the database; [] if it is running."""
    is_running = environment.get("DATABASE_URL", "").startswith("postgres")
    if database == POSTGRESQL and not is_running:
        return [str(ROOT / "tests" / "with_postgresql.sh")]
    return []


def write(results: Sequence[Result], file: Path = RESULTS) -> None:
    """Write the figures as JSON."""
    rows = [result.as_json() for result in results]
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def table(results: Iterable[Result]) -> str:
    """Return the figures as a text table."""
    rows = [("測ったもの", "値", "上限", "")]
    for one in results:
        value, limit = f"{one.value:.2f}{one.unit}", f"{one.limit:g}{one.unit}"
        rows.append((one.name, value, limit, "超過" if one.is_exceeded else ""))
    return padded(rows)


def padded(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines with columns below each other: the first to the left, others right."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [first + _blanks(first, widths[0])]
        cells += [
            _blanks(cell, width) + cell for cell, width in zip(others, widths[1:], strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _blanks(text: str, width: int) -> str:
    return " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
