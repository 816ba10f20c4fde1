"""What is measured: small functions, each of which returns one figure of the running database.

A module of this directory declares its figures with `@benchmark(…)`; bench/measure.py imports it.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
DATABASES = (SQLITE, POSTGRESQL)


@dataclass(frozen=True)
class Result:
    """One figure: a ratio of two things measured in the same run, and what it must not exceed."""

    name: str
    value: float
    unit: str
    limit: float

    @property
    def is_exceeded(self) -> bool:
        """Whether the value, as it is shown, is above its limit."""
        return self.value > self.limit

    def as_json(self) -> dict[str, Any]:
        """Return the row of results.json."""
        return asdict(self)


@dataclass(frozen=True)
class Benchmark:
    """A figure that can be measured; `measure` returns the ratio."""

    name: str
    limit: float
    unit: str
    databases: tuple[str, ...]
    measure: Callable[[], float]

    def run(self, database: str) -> Result:
        """Return the figure, measured on the database that is connected."""
        name = f"{self.name}（{database}）" if len(self.databases) > 1 else self.name
        return Result(name, round(self.measure(), 2), self.unit, self.limit)


_benchmarks: list[Benchmark] = []


def benchmark(
    name: str, *, limit: float, unit: str = "倍", databases: tuple[str, ...] = DATABASES
) -> Callable[[Callable[[], float]], Callable[[], float]]:
    """Register a function that returns a ratio, to be measured on each of the databases."""

    def register(measure: Callable[[], float]) -> Callable[[], float]:
        _benchmarks.append(Benchmark(name, limit, unit, databases, measure))
        return measure

    return register


def benchmarks_for(database: str) -> Iterator[Benchmark]:
    """Yield what is to be measured on this database, in the order of registration."""
    return (one for one in _benchmarks if database in one.databases)
