"""Fills a database with a city and the people who work in it."""

import secrets
from dataclasses import replace
from typing import Any

from accounts.roles import Role
from indicators.models import Indicator
from tests.factories import (
    load_city,
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
    make_values,
)
from tests.soak.people import CUT_YEAR, CUTTER, PROBE, YEAR, Who

SHARES = {
    Role.CLERK: 0.55,
    Role.HEAD: 0.1,
    Role.PLANNING: 0.05,
    Role.READER: 0.2,
    Role.AUDITOR: 0.1,
}
"""What part of the people has which role; everybody of the first two has a section of their own."""

INDICATORS = 3
IMPORTED = 30
"""How many indicators a section enters, and somebody of planning imports."""


def make_people(number: int) -> list[Who]:
    """Make a city whose year is open; return `people` people, at least one of each role.

    CUTTER and PROBE come on top of them.
    """
    for year in range(CUT_YEAR, YEAR + 1):
        make_fiscal_year(year)
    read = load_city()
    make_values(read)
    measure = make_measure(make_goal(make_strategy(title="負荷の計画")))
    password = secrets.token_urlsafe(12)
    people = []
    for role, share in SHARES.items():
        for _ in range(max(1, round(number * share))):
            people.append(_person(role, measure, password, read.code, len(people)))
    planning = _person(Role.PLANNING, measure, password, read.code, len(people))
    by = make_user(Role.PLANNING)
    for indicator in Indicator.objects.filter(pk__in=planning.indicators):
        make_actual(indicator, CUT_YEAR, 1, by=by)
    probe = _person(Role.READER, measure, password, read.code, len(people) + 1)
    return [*people, replace(planning, role=CUTTER), replace(probe, role=PROBE)]


def _person(role: Role, measure: Any, password: str, plan: str, place: int) -> Who:
    section = make_section(f"負荷{place}課")
    indicators = []
    for _ in range(_how_many(role)):
        indicators.append(make_indicator(section))
        make_kpi(measure, indicators[-1], kind="level")
    username = f"7{place:04}"
    sections = [section] if role in (Role.CLERK, Role.HEAD) else []
    make_user(role, *sections, username=username, password=password)
    return Who(
        username,
        password,
        role.name,
        plan,
        tuple(indicator.pk for indicator in indicators),
        tuple(indicator.code for indicator in indicators),
    )


def _how_many(role: Role) -> int:
    if role in (Role.CLERK, Role.HEAD):
        return INDICATORS
    return IMPORTED if role is Role.PLANNING else 0
