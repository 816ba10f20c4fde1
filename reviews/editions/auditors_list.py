"""What auditors watch: values that differ from what was published, and who fixed and published."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from accounts.models import User
from changes.watch_lists import WatchList, WatchRow
from indicators.models import Actual
from indicators.rules.terms import NOT_REPORTED, WITHHELD_WORD
from japanese.fiscal_years import era_label
from plans.json_tree import listings_in
from plans.value_addresses import listing_addresses, value_address
from reviews.editions.public_data import PUBLIC_JSON
from reviews.editions.texts import frozen_value_text, values_in
from reviews.models import Edition, EditionFile, Publication
from trail.history import ADDED


@dataclass(frozen=True)
class UnlikePublished:
    """A value that differs from the newest published edition; "" where it is gone.

    `number` is that of the edition, `kind` why the value was changed, "" where nobody was asked.
    `published` says so where the public was told 秘匿 only; `unconfirmed` is the state of a value
    of today that is not confirmed.
    """

    number: int
    name: str
    fiscal_year: int
    published: str
    now: str
    kind: str
    unconfirmed: str = ""
    url: str = ""

    @property
    def year_label(self) -> str:
        """令和5年度"""
        return era_label(self.fiscal_year)

    @property
    def remark(self) -> str:
        """What to know of today's value: 回答済み、未確認; "" if it is confirmed or gone."""
        return f"{self.unconfirmed}、未確認" if self.unconfirmed else ""


def unlike_published(code: str) -> list[UnlikePublished]:
    """Return the values of a plan that differ from what was published; at most three queries."""
    files = EditionFile.objects.filter(
        kind=PUBLIC_JSON, edition__strategy__code=code, edition__publication__isnull=False
    )
    said: dict[tuple[str, int], tuple[int, Mapping[str, Any], str]] = {}
    told_public: dict[tuple[str, int], str] = {}
    for number, text, public in files.order_by("edition__number").values_list(
        "edition__number", "edition__data", "content"
    ):
        data = json.loads(text)
        told_public |= values_in(json.loads(bytes(public)))
        for listing in listings_in(data["plan"]):
            about = listing["indicator"]
            for year, actual in listing.get("actuals", {}).items():
                if int(year) <= data["fiscal_year"]:
                    told = frozen_value_text(about, actual)
                    said[about["code"], int(year)] = (number, listing, told)
    rows = Actual.objects.filter(
        indicator__code__in={code for code, _ in said},
        fiscal_year__in={year for _, year in said},
    )
    current = {
        (one.indicator.code, one.fiscal_year_id): one
        for one in (rows.select_related("indicator") if said else ())
    }
    found = []
    for (indicator, year), (number, listing, text) in said.items():
        actual = current.get((indicator, year))
        now = _text_now(listing["indicator"], actual)
        if now != text:
            one = UnlikePublished(
                number,
                listing["name"],
                year,
                _published(text, told_public.get((indicator, year), text)),
                now,
                _kind(actual),
                _unconfirmed(actual),
            )
            found.append((one, actual))
    addresses = listing_addresses({actual.indicator_id for _, actual in found if actual})
    return [replace(one, url=_address(addresses, actual)) for one, actual in found]


def _text_now(indicator: Mapping[str, Any], actual: Actual | None) -> str:
    if actual is None:
        return ""
    value = None if actual.value is None else str(actual.value)
    return frozen_value_text(
        indicator,
        {
            "value": value,
            "grade": actual.grade,
            "availability": actual.availability,
            "provisional": actual.provisional,
        },
    )


def _published(inside: str, public: str) -> str:
    """Return the text of a value in an edition, and whether the public does not see it."""
    return inside if inside == public else f"{inside}（公表では{WITHHELD_WORD}）"


def _unconfirmed(actual: Actual | None) -> str:
    is_open = actual is not None and actual.state != Actual.State.CONFIRMED
    return actual.get_state_display() if actual and is_open else ""


def _kind(actual: Actual | None) -> str:
    return actual.get_change_kind_display() if actual and actual.change_kind else ""


def _address(addresses: Mapping[int, str], actual: Actual | None) -> str:
    listing = addresses.get(actual.indicator_id, "") if actual else ""
    return value_address(listing, actual.fiscal_year_id) if actual and listing else ""


@dataclass(frozen=True)
class EditionStory:
    """An edition with the person who recorded its publication; None where nobody is known."""

    edition: Edition
    published_by: User | None


def stories_of(editions: Sequence[Edition]) -> list[EditionStory]:
    """Return what happened to editions, in their order; one query."""
    rows = Publication.history.filter(
        edition__in=[one.pk for one in editions], history_type=ADDED
    ).select_related("history_user")
    people = {row.edition_id: row.history_user for row in rows}
    return [EditionStory(one, people.get(one.pk)) for one in editions]


def _in_brackets(*parts: str) -> str:
    said = "、".join(filter(None, parts))
    return f"（{said}）" if said else ""


def watch_list(code: str) -> WatchList:
    """Return the list of a plan for the first page of auditors."""
    found = unlike_published(code)
    return WatchList(
        heading="公表した値と違う値",
        nothing="公表した検証調書と違う値は、ありません。",
        rows=tuple(
            WatchRow(
                one.name,
                one.url,
                f"{one.year_label}　第{one.number}号「{one.published}」、"
                f"今「{one.now or NOT_REPORTED}」{_in_brackets(one.kind, one.remark)}",
            )
            for one in found
        ),
        more="評価と検証調書の経過を見る",
        more_url=reverse("review_published", args=[code]),
    )
