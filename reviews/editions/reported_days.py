"""The days that a 検証調書 reports: it cannot be decided on before them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any


def last_reported_day(reviewed: Mapping[str, Any]) -> tuple[str, date] | None:
    """Return the latest day in what was written of a year, after its name; None without any.

    `reviewed` is what reviews.editions.freezing.reviews_of_year returns.
    """
    return max(_reported(reviewed), key=lambda one: one[1], default=None)


def _reported(reviewed: Mapping[str, Any]) -> Iterator[tuple[str, date]]:
    for meeting in reviewed["councils"]:
        name = f"{meeting['name']}（第{meeting['number']}回）の開催日"
        yield name, date.fromisoformat(meeting["held_on"])
    for review in reviewed["measure_reviews"]:
        if review["decided_on"]:
            yield "推進本部の決定日", date.fromisoformat(review["decided_on"])
    for grant in reviewed["grant_reviews"]:
        if grant["opinion_on"]:
            name = f"「{grant['grant']}」の意見の日"
            yield name, date.fromisoformat(grant["opinion_on"])
