"""The registry of benchmarks: functions that each return one figure for the current database.

Modules in this directory register them with `@benchmark(…)`; bench/measure.py imports the modules.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
DATABASES = (SQLITE, POSTGRESQL)


@dataclass(frozen=True)
class Result:
    """One figure: a ratio of two measurements of the same run, and its limit."""

    name: str
    value: float
    unit: str
    limit: float

    @property
    def is_exceeded(self) -> bool:
        """Whether the value, rounded as shown, is above its limit."""
        return self.value > self.limit

    def as_json(self) -> dict[str, Any]:
        """Return the row of results.json."""
        return asdict(self)


@dataclass(frozen=True)
class Benchmark:
    """A registered benchmark; `measure` returns the ratio."""

    name: str
    limit: float
    unit: str
    databases: tuple[str, ...]
    measure: Callable[[], float]

    def run(self, database: str) -> Result:
        """Measure on the connected database and return the figure."""
        name = f"{self.name}（{database}）" if len(self.databases) > 1 else self.name
        return Result(name, round(self.measure(), 2), self.unit, self.limit)


_benchmarks: list[Benchmark] = []


def benchmark(
    name: str, *, limit: float, unit: str = "倍", databases: tuple[str, ...] = DATABASES
) -> Callable[[Callable[[], float]], Callable[[], float]]:
    """Register a function that returns a ratio, to be measured on each of the `databases`."""

    def register(measure: Callable[[], float]) -> Callable[[], float]:
        _benchmarks.append(Benchmark(name, limit, unit, databases, measure))
        return measure

    return register


def benchmarks_for(database: str, parts: Sequence[str] = ()) -> Iterator[Benchmark]:
    """Yield the benchmarks for this database, in the order of registration.

    With `parts`, only those whose name has one of them.
    """
    for one in _benchmarks:
        if database in one.databases and (not parts or any(part in one.name for part in parts)):
            yield one
