"""Factory functions for test data with sensible defaults."""

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from accounts.models import Section, User
from accounts.roles import Role
from goals.models import BasicGoal, NumericTarget, Revision, Strategy
from indicators.entries import Entry
from indicators.evidence.files import add as add_evidence
from indicators.models import Actual, Evidence, FiscalYear, Indicator
from indicators.recording import move, record
from indicators.revising import change
from kpis.models import KPI
from measures.models import Measure, MeasureGroup, Project
from plans.loading import load_strategy
from plans.tree import read_plain_tree
from tests.quick_city import write_quickly
from trail.history import Change, Door

_numbers = count(1)


def make_section(name: str = "", **fields: Any) -> Section:
    """Return a section; the existing one if there is one with this name."""
    name = name or f"第{next(_numbers)}課"
    return Section.objects.get_or_create(name=name, defaults=fields)[0]


def make_user(role: Role | None = Role.READER, *sections: Section, **fields: Any) -> User:
    """Return a user with a role (None: without) in these sections. Nobody logs in by password.

    The log says nothing of role and sections: that takes longer than all the rest.
    """
    number = f"{next(_numbers):05}"
    fields = {"username": number, "full_name": f"職員{number}"} | fields
    user = User.objects.create_user(**fields)
    with connection.cursor() as cursor:
        if role:
            cursor.execute(
                "INSERT INTO accounts_user_groups (user_id, group_id) "
                "SELECT %s, id FROM auth_group WHERE name = %s",
                [user.pk, role.value],
            )
        cursor.executemany(
            "INSERT INTO accounts_user_sections (user_id, section_id) VALUES (%s, %s)",
            [(user.pk, section.pk) for section in sections],
        )
    return user


def give_role(user: User, role: Role) -> None:
    """Give a role as the admin does: the log says so."""
    user.groups.add(Group.objects.get(name=role.value))


def make_fiscal_year(year: int = 2017, *, is_open: bool = True, **fields: Any) -> FiscalYear:
    """Return the year; create it if it is missing. It is open for entry by default."""
    fields = {"entry_is_open": is_open} | fields
    if (stored := FiscalYear.objects.filter(year=year, **fields).first()) is not None:
        return stored
    return FiscalYear.objects.update_or_create(year=year, defaults=fields)[0]


def make_indicator(section: Section | None = None, **fields: Any) -> Indicator:
    """Return an indicator of whole 人, 0 or more, entered by its section."""
    section = section or make_section()
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "code": f"indicator-{number}",
        "name": f"指標{number}",
        "unit": "人",
        "decimals": 0,
        "minimum": Decimal(0),
        "section": section,
        "entered_by": section,
    }
    return Indicator.objects.create(**(defaults | fields))


def make_actual(
    indicator: Indicator,
    year: int = 2017,
    value: Any = 10,
    by: User | None = None,
    reason: str = "",
    **entry: Any,
) -> Actual:
    """Return a value recorded by a planning user (or `by`); opens the year first."""
    make_fiscal_year(year)
    if value is not None:
        entry["value"] = Decimal(str(value))
    wanted = Entry(indicator_id=indicator.pk, fiscal_year=year, **entry)
    by = by or make_user(Role.PLANNING)
    return record([wanted], Change(by=by, door=Door.COMMAND, reason=reason))[0]


PDF = b"%PDF-1.7 an invented file"


def make_evidence(
    indicator: Indicator,
    year: int = 2017,
    name: str = "調査票.pdf",
    content: bytes = PDF,
    by: User | None = None,
) -> Evidence:
    """Return a stored file of 根拠資料 of a value, uploaded by a planning user by default."""
    make_fiscal_year(year, is_open=FiscalYear.objects.filter(pk=year, entry_is_open=True).exists())
    file = SimpleUploadedFile(name, content)
    return add_evidence([file], indicator, year, by=by or make_user(Role.PLANNING))[0]


def make_strategy(**fields: Any) -> Strategy:
    """Return a plan of 2015 to 2019 without goals."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "code": f"plan-{number}",
        "title": f"見本市総合戦略{number}",
        "city": "見本市",
        "city_code": "990002",
        "first_fiscal_year": 2015,
        "last_fiscal_year": 2019,
    }
    return Strategy.objects.create(**(defaults | fields))


def make_goal(strategy: Strategy | None = None, **fields: Any) -> BasicGoal:
    """Return the next goal of a plan."""
    strategy = strategy or make_strategy()
    defaults = {"position": strategy.goals.count() + 1, "title": "住みよいまちをつくる"}
    return BasicGoal.objects.create(strategy=strategy, **(defaults | fields))


def make_measure(goal: BasicGoal | None = None, **fields: Any) -> Measure:
    """Return the next measure of a goal's group （ア）; create the group if it is missing."""
    goal = goal or make_goal()
    group, _ = MeasureGroup.objects.get_or_create(
        goal=goal, symbol="ア", defaults={"position": 1, "title": "暮らしを支える"}
    )
    defaults = {"position": group.measures.count() + 1, "title": "相談できる場をふやす"}
    return Measure.objects.create(group=group, **(defaults | fields))


def make_project(measure: Measure | None = None, **fields: Any) -> Project:
    """Return the next project of a measure."""
    measure = measure or make_measure()
    number = measure.projects.count() + 1
    defaults = {"position": number, "name": f"事業{number}", "content": "相談窓口の設置"}
    return Project.objects.create(measure=measure, **(defaults | fields))


def make_kpi(
    measure: Measure | None = None, indicator: Indicator | None = None, **fields: Any
) -> KPI:
    """Return a confirmed KPI: a total of 200 people within the plan."""
    measure = measure or make_measure()
    return KPI.objects.create(
        measure=measure,
        **_listing_fields(measure.kpis.count() + 1, indicator, fields),
    )


def make_numeric_target(
    goal: BasicGoal | None = None, indicator: Indicator | None = None, **fields: Any
) -> NumericTarget:
    """Return a confirmed 数値目標: a total of 200 people within the plan."""
    goal = goal or make_goal()
    return NumericTarget.objects.create(
        goal=goal,
        **_listing_fields(goal.numeric_targets.count() + 1, indicator, fields),
    )


def make_revision(year: int = 2018, *listings: NumericTarget | KPI, **fields: Any) -> Revision:
    """Return the first revision of the plan of these listings, each with a version that says the
    same as before.
    """
    defaults: dict[str, Any] = {
        "number": 1,
        "decided_on": date(year, 3, 24),
        "decided_by": "mayor",
        "from_fiscal_year": year,
        "reason": "見直しのため。",
    }
    strategy = fields.pop("strategy", None) or listings[0].strategy
    revision = Revision.objects.create(strategy=strategy, **(defaults | fields))
    for listing in listings:
        change(listing, revision)
        listing.save()
    return revision


def _listing_fields(
    position: int, indicator: Indicator | None, fields: dict[str, Any]
) -> dict[str, Any]:
    indicator = indicator or make_indicator()
    defaults = {
        "position": position,
        "indicator": indicator,
        "name": indicator.name,
        "sentence": "５年で２００人",
        "kind": "total",
        "direction": "up",
        "target": Decimal(200),
        "confirmed_at": timezone.now(),
    }
    return defaults | fields


FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def load_city(name: str = "nemuro_2015") -> Strategy:
    """Return the strategy of a file in fixtures/, loaded: nemuro_2015 or shiraho_2020."""
    write_quickly(_load_city, name)
    return Strategy.objects.get(code=_city(name)["strategy"]["code"])


def _load_city(name: str) -> None:
    load_strategy(deepcopy(_city(name)))


@cache
def _city(name: str) -> dict[str, Any]:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def make_values(strategy: Strategy, remarks: str = "台風のため、\n一部を中止。") -> None:
    """Store values of all sorts for every indicator of a plan, the same at each call.

    From the year before the plan to its last but one; on the way to the target, better and worse;
    some years 未入力, 未公表 or 調査未実施; some 速報値; every other value confirmed.
    """
    users = [make_user(Role.PLANNING), make_user(Role.PLANNING)]
    write_quickly(_make_values, strategy.code, remarks, users=users)


def _make_values(code: str, remarks: str, enters: User, confirms: User) -> None:
    period, entries, seen = Strategy.objects.get(code=code).period, [], set()
    for number, listing in enumerate(read_plain_tree(code).listings):
        indicator = listing.indicator
        if indicator.pk in seen:
            continue
        seen.add(indicator.pk)
        for year in range(period.first - 1, period.last):
            wanted = {"indicator_id": indicator.pk, "fiscal_year": year}
            case = (number * 3 + year) % 13
            if case == 1:
                wanted |= {"availability": "unpublished", "expected_month": f"{year + 1}-09"}
            elif case == 2:
                wanted |= {"availability": "not_surveyed", "remarks": remarks}
            else:
                share = Decimal(number % 5 + 2) / 4 * (year - period.first + 1) / len(list(period))
                if listing.kind == "total" and not indicator.running_total:
                    share = Decimal(number % 5 + 2) / 20
                start = listing.baseline or Decimal(0)
                value = start + (listing.target - start) * share
                value = max(value, indicator.minimum if indicator.minimum is not None else value)
                value = min(value, indicator.maximum if indicator.maximum is not None else value)
                places = Decimal(1).scaleb(-indicator.decimals)
                wanted |= {"value": value.quantize(places), "provisional": case == 3}
                wanted |= {"remarks": remarks if case == 4 else ""}
            if case:
                entries.append(Entry(**wanted))
    for year in {entry.fiscal_year for entry in entries}:
        make_fiscal_year(year)
    actuals = record(entries, Change(by=enters, door=Door.COMMAND))
    versions = {actual.pk: actual.version for actual in actuals[::2]}
    move(versions, "confirmed", Change(by=confirms, door=Door.COMMAND))
