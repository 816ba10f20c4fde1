"""Queries that each page runs: their SQL is compiled once.

Django compiles the SQL of a query each time. For a query of one row that takes ten times as long as
the database needs, and a short page has only such queries.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


class ReadyQuery(Generic[M]):
    """A query in which only values differ from one time to the next.

    `make` is called once for each kind of database, with the samples, and returns the query.
    A sample is a value that occurs nowhere else in it; other values take its place later. None is
    never one of them: SQL compares that in another way.
    """

    def __init__(self, make: Callable[..., QuerySet[M]], *samples: str | int) -> None:
        self._make = make
        self._samples = samples
        self._made: dict[str, tuple[type[M], str, tuple[Any, ...]]] = {}
        self._lock = Lock()

    def instances(self, *values: str | int) -> list[M]:
        """Return the rows as instances; what is annotated is a text or a whole number."""
        model, sql, params = self._ready()
        return list(model._default_manager.raw(sql, self._filled(params, values)))

    def tuples(self, *values: str | int) -> list[tuple[Any, ...]]:
        """Return the rows of a `values_list`, whose columns are texts and whole numbers."""
        _, sql, params = self._ready()
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql, self._filled(params, values))
            return cursor.fetchall()

    def _ready(self) -> tuple[type[M], str, tuple[Any, ...]]:
        vendor = connections[DEFAULT_DB_ALIAS].vendor
        with self._lock:
            if vendor not in self._made:
                query = self._make(*self._samples)
                sql, params = query.query.sql_with_params()
                for sample in self._samples:
                    assert params.count(sample) == 1, f"{sample!r} is no value of its own in {sql}"
                self._made[vendor] = (query.model, sql, params)
            return self._made[vendor]

    def _filled(self, params: tuple[Any, ...], values: tuple[str | int, ...]) -> tuple[Any, ...]:
        """Return the parameters with values in the places of the samples."""
        assert len(values) == len(self._samples)
        places = dict(zip(self._samples, values, strict=True))
        return tuple(places.get(param, param) for param in params)
