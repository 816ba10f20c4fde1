"""The first screens of the overview in docs/overview-states.md.

Two cities, three states, three widths. 根室市 is the trial's city. 白帆市 is loaded into it for
the last pictures, with invented values for its first years, and the clock moves on to the summer in
which half of the next one is entered.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from playwright.sync_api import Page

from docs.screenshots.office import Office, log_in
from docs.screenshots.trial import START

if TYPE_CHECKING:
    from plans.nodes import PlainListing

READER, PLANNING, CHECKING = "900003", "900001", "900002"

SCREENS = {"1366": (1366, 768), "390": (390, 844), "1920": (1920, 1080)}
"""An office screen, a telephone and a large screen, by the end of the pictures' names."""

NEMURO = {
    "nothing": "/strategies/nemuro-2015/?year=2015&as_of=2016-04-01",
    "half": "/strategies/nemuro-2015/?year=2019",
    "all": "/strategies/nemuro-2015/?year=2018",
}
SHIRAHO = {
    "nothing": "/strategies/shiraho-2020/?year=2024",
    "half": "/strategies/shiraho-2020/?year=2023",
    "all": "/strategies/shiraho-2020/?year=2022",
}
WHOLE_YEARS, HALF_YEAR = (2020, 2021, 2022), 2023
SHIRAHO_FILE = Path(__file__).resolve().parents[2] / "fixtures" / "shiraho_2020.json"
LATER = START.replace(year=2024)


def _of_nemuro(address: str, size: tuple[int, int], office: Office) -> list[bytes]:
    return _first_screen(office.person(READER, address), size)


def _of_shiraho(address: str, size: tuple[int, int], office: Office) -> list[bytes]:
    if office.clock.now != LATER:
        office.clock.now = LATER
        in_a_thread(_load_shiraho)
    page = office.stranger()
    page.goto("/login/")
    log_in(page, READER, office.passwords[READER])
    page.goto(address)
    pieces = _first_screen(page, size)
    page.context.close()
    return pieces


STATES: dict[str, Callable[[Office], list[bytes]]] = {
    f"state-{city}-{state}-{screen}": partial(take, address, size)
    for city, take, addresses in (
        ("nemuro", _of_nemuro, NEMURO),
        ("shiraho", _of_shiraho, SHIRAHO),
    )
    for state, address in addresses.items()
    for screen, size in SCREENS.items()
}
"""The pictures docs/images/NAME.png, in the order in which they are taken."""


def _first_screen(page: Page, size: tuple[int, int]) -> list[bytes]:
    """Return what the window shows without scrolling."""
    before = page.viewport_size
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_load_state()
    page.mouse.move(0, 0)
    shot = page.screenshot(animations="disabled", scale="css")
    if before:
        page.set_viewport_size(before)
    return [shot]


def in_a_thread(work: Callable[[], None]) -> None:
    """Do work with the database outside the thread of the browser, where Django refuses it."""
    faults: list[Exception] = []

    def run() -> None:
        from django.db import connection

        try:
            work()
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
    if faults:
        raise faults[0]


def _load_shiraho() -> None:
    """Load 白帆市 with invented values: all of WHOLE_YEARS, every other one of HALF_YEAR."""
    from accounts.models import User
    from indicators.entries import Entry
    from indicators.models import FiscalYear
    from indicators.recording import move, record
    from plans.loading import load_strategy
    from plans.tree import read_plain_tree
    from trail.history import Change, Door, changing

    planning, checking = (User.objects.get(username=number) for number in (PLANNING, CHECKING))
    load_strategy(json.loads(SHIRAHO_FILE.read_text(encoding="utf-8")), by=planning)
    listings = {one.indicator.pk: one for one in read_plain_tree("shiraho-2020").listings}
    change = Change(by=planning, door=Door.COMMAND, reason="試用のための架空の値")
    for year in (*WHOLE_YEARS, HALF_YEAR):
        with changing(by=planning):
            FiscalYear.objects.update_or_create(year=year, defaults={"entry_is_open": True})
        among = list(enumerate(listings.values()))[:: 2 if year == HALF_YEAR else 1]
        entries = [
            Entry(
                indicator_id=one.indicator.pk,
                fiscal_year=year,
                value=_invented(one, one.target, number, year),
            )
            for number, one in among
            if one.target is not None
        ]
        actuals = record(entries, change)
        if year != HALF_YEAR:
            versions = {actual.pk: actual.version for actual in actuals if actual}
            move(versions, "confirmed", Change(by=checking, door=Door.COMMAND))


def _invented(listing: "PlainListing", target: Decimal, number: int, year: int) -> Decimal:
    """Return a value on the way to the target: some ahead, some behind, some turning back."""
    indicator, years = listing.indicator, year - WHOLE_YEARS[0] + 1
    share = Decimal(number % 4 + 2) / 4 * years / 7
    if listing.kind == "total" and not indicator.running_total:
        share = Decimal(number % 4 + 2) / 28
    if number % 5 == year % 5:
        share /= 2
    start = listing.baseline or Decimal(0)
    value = start + (target - start) * share
    if indicator.minimum is not None:
        value = max(value, indicator.minimum)
    if indicator.maximum is not None:
        value = min(value, indicator.maximum)
    return value.quantize(Decimal(1).scaleb(-indicator.decimals))
