"""Makes the trial: the strategy of 根室市 with invented people and invented actual values.

Everything follows the procedure of the office, with the dates of those years: sections enter
values from May to June of the following year, their heads answer, and planning confirms in July
and makes corrections later, with a reason. The result is the same every time except for the
passwords.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.first_passwords import new_password
from accounts.models import Section, User
from accounts.roles import Role
from demo import people
from demo.values import (
    CONFIRMED_READINGS,
    CORRECTIONS,
    FIRST_TRIES,
    LAST_YEAR_RETURN_REASON,
    LAST_YEAR_STATES,
    REMARKS,
    VALUES,
    YEARS,
    Correction,
)
from goals.models import NumericTarget, Strategy
from indicators.entries import Entry
from indicators.models import Actual, FiscalYear, Indicator
from indicators.recording import move, record
from kpis.models import KPI
from plans.loading import LoadError, load_strategy
from trail.history import Change, Door, changing

FILE = settings.BASE_DIR / "fixtures" / "nemuro_2015.json"
CODE = "nemuro-2015"
REASON = "試用のための架空の値"
"""The reason stored with every change. In the strategy's history it marks a completed trial."""

REAL_DATA: tuple[type[Model], ...] = (Strategy, Section, User, FiscalYear, Indicator, Actual)
"""Any row of these, before the trial is made, belongs to a real installation."""

LOADED_ON = date(2015, 10, 30)
State = Actual.State


class DemoRefused(Exception):
    """The trial conflicts with existing data; nothing was written."""


class NotOnlyATrial(DemoRefused):
    """The database has a plan, user, section or other object that the trial did not make."""


@dataclass(frozen=True)
class Demo:
    """`made` is False if the trial already existed; `log_ins` is None if their file is missing."""

    made: bool
    log_ins: str | None


def make_demo(log_ins_file: Path) -> Demo:
    """Make the trial including log-ins; change nothing if it already exists.

    Raises DemoRefused, without writing anything, if there is anything that the trial did not make.
    """
    with transaction.atomic():
        if is_made():
            refuse_what_was_added()
            exists = log_ins_file.exists()
            return Demo(False, log_ins_file.read_text(encoding="utf-8") if exists else None)
        refuse_other_data()
        known = people.stored_passwords(log_ins_file)
        passwords = {
            person.number: known.get(person.number) or new_password()
            for person in people.INVENTED_PEOPLE
            if person.logs_in
        }
        with changing(door=Door.COMMAND, reason=REASON):
            _fill(passwords)
        log_ins = people.log_in_table(passwords)
        # Last, and inside the transaction: if the file cannot be written, the passwords are lost,
        # so everything is rolled back.
        people.write_log_ins(log_ins_file, log_ins)
    return Demo(True, log_ins)


def is_made() -> bool:
    """Return whether the database holds a completed trial."""
    return Strategy.history.filter(code=CODE, history_change_reason=REASON).exists()


def check_database() -> None:
    """Raise DemoRefused if the trial must not be made here. The tables may still be missing."""
    tables = set(connection.introspection.table_names())
    needed = {model._meta.db_table for model in (Strategy.history.model, *REAL_DATA)}
    if not needed <= tables:
        return
    if is_made():
        refuse_what_was_added()
    else:
        refuse_other_data()


def refuse_what_was_added() -> None:
    """Raise NotOnlyATrial if a database with a trial has plans, users or sections of others.

    What the trial made is known by its date, so that it may be renamed.
    """
    start = _at(LOADED_ON, 10)
    first_rows = {"history_type": "+", "history_date": start}
    added = (
        (Strategy.objects.exclude(pk__in=_ids(Strategy, first_rows)), "title"),
        (Section.objects.exclude(pk__in=_ids(Section, first_rows)), "name"),
        (User.objects.exclude(date_joined=start), "full_name"),
    )
    found = [
        f"{objects.model._meta.verbose_name}{_named(names)}"
        for objects, field in added
        # No whole objects: the tables may lack columns of this version.
        if (names := list(objects.values_list(field, flat=True)))
    ]
    if found:
        raise NotOnlyATrial(
            f"このデータベースには、試用のもののほかに、{'、'.join(found)}があります。"
            "試用のデータは加えません。何も変えていません。"
        )


def _ids(model: Any, rows: dict[str, Any]) -> Any:
    return model.history.filter(**rows).values("id")


def _named(names: list[str]) -> str:
    """Return a few names, and how many more there are."""
    more = f"ほか{len(names) - 3}件" if len(names) > 3 else ""
    return "".join(f"「{name}」" for name in names[:3]) + more


def refuse_other_data() -> None:
    """Raise NotOnlyATrial if the database, which has no trial, has data of an installation."""
    found = [
        f"{model._meta.verbose_name}{count}件"
        for model in REAL_DATA
        if (count := model._default_manager.count())
    ]
    if found:
        raise NotOnlyATrial(
            f"このデータベースには、試用のものではないデータがあります（{'、'.join(found)}）。"
            "試用のデータは、何も入っていないデータベースだけに入れられます。何も変えていません。"
            "試用には、DATABASE_URL に新しいデータベースを指定してください。"
        )


def _fill(passwords: dict[str, str]) -> None:
    start = _at(LOADED_ON, 10)
    with changing(at=start):
        users = {
            person.number: _user(person, passwords, start) for person in people.INVENTED_PEOPLE
        }
    planning, checking = users[people.PLANNING], users[people.CHECKING]
    strategy = _strategy(planning, start)
    with changing(at=start):
        _join_sections(users)
    _confirm_readings(strategy, planning)

    indicators = Indicator.objects.in_bulk(VALUES, field_name="code")
    desks = _desks(users, indicators.values())
    for year in YEARS:
        row = _opened(year, planning)
        entered = [
            actual
            for number, desk in enumerate(desks)
            for actual in _enter(desk, year, number, is_last=year == YEARS[-1])
        ]
        if year < YEARS[-1]:
            _close(row, entered, planning)
        for correction in CORRECTIONS:
            if date(year + 1, 8, 1) <= correction.day < date(year + 2, 4, 1):
                _correct(correction, indicators[correction.code], checking, planning)


def _user(person: people.InventedPerson, passwords: dict[str, str], joined: datetime) -> User:
    user = User.objects.create_user(
        person.number,
        passwords.get(person.number),
        full_name=person.name,
        date_joined=joined,
    )
    user.groups.add(Group.objects.get(name=person.role.value))
    return user


def _strategy(by: User, at: datetime) -> Strategy:
    """Load the strategy and mark it as having invented values."""
    try:
        load_strategy(
            json.loads(FILE.read_text(encoding="utf-8")),
            by=by,
            reason=f"{FILE.name}の読込み",
            at=at,
        )
    except LoadError as error:
        raise DemoRefused(f"「{FILE.name}」を読み込めません。\n{error}") from error
    strategy = Strategy.objects.get(code=CODE)
    strategy.invented = True
    with changing(by=by, at=at):
        strategy.save()
    return strategy


def _join_sections(users: dict[str, User]) -> None:
    sections = {section.name: section for section in Section.objects.all()}
    for department, names in people.DEPARTMENTS.items():
        for name in names:
            sections[name].department = department
            sections[name].save()
    for person in people.INVENTED_PEOPLE:
        users[person.number].sections.add(*(sections[name] for name in person.sections))


def _confirm_readings(strategy: Strategy, by: User) -> None:
    """Confirm the readings of CONFIRMED_READINGS."""
    open_readings = [
        *NumericTarget.objects.filter(goal__strategy=strategy, confirmed_at=None),
        *KPI.objects.filter(measure__group__goal__strategy=strategy, confirmed_at=None),
    ]
    for listing in open_readings:
        if listing.indicator.code in CONFIRMED_READINGS:
            day, reason = CONFIRMED_READINGS[listing.indicator.code]
            listing.confirmed_by, listing.confirmed_at = by, _at(day, 15)
            with changing(by=by, at=listing.confirmed_at, reason=reason):
                listing.save()


@dataclass(frozen=True)
class _Desk:
    """The people who enter and who answer for the indicators of one section."""

    clerk: User
    head: User
    indicators: dict[str, Indicator]


def _desks(users: dict[str, User], indicators: Iterable[Indicator]) -> list[_Desk]:
    staff = {
        (name, person.role): users[person.number]
        for person in people.INVENTED_PEOPLE
        for name in person.sections
    }
    return [
        _Desk(
            clerk=staff[section.name, Role.CLERK],
            head=staff[section.name, Role.HEAD],
            indicators={i.code: i for i in indicators if i.entered_by_id == section.pk},
        )
        for section in Section.objects.filter(
            pk__in={indicator.entered_by_id for indicator in indicators}
        )
    ]


def _opened(year: int, by: User) -> FiscalYear:
    """Return the year, created in the April after it and open for entry from May."""
    with changing(by=by, at=_at(date(year + 1, 4, 4), 9)):
        row, _ = FiscalYear.objects.get_or_create(year=year, defaults=_dates_of(year + 1))
    row.entry_is_open = True
    with changing(by=by, at=_at(date(year + 1, 5, 9), 9)):
        row.save()
    return row


def _dates_of(year: int) -> dict[str, Any]:
    """Return number and dates of the inquiry sent out in a year, and the dates after it."""
    return {
        "inquiry_number": "総政第45号",
        "inquiry_date": date(year, 5, 9),
        "due_date": date(year, 6, 30),
        "check_due_date": date(year, 7, 15),
        "internal_review_date": date(year, 8, 20),
        "council_date": date(year, 10, 15),
        "publication_date": date(year + 1, 1, 15),
    }


def _close(row: FiscalYear, entered: list[Actual], by: User) -> None:
    """Confirm the answered values and end the year's entry."""
    _move(entered, State.CONFIRMED, by, _at(date(row.year + 1, 7, 12), 14))
    row.entry_is_open = False
    with changing(by=by, at=_at(date(row.year + 1, 7, 29), 17)):
        row.save()
    row.internally_reviewed_on = row.internal_review_date
    row.council_met_on = row.council_date
    row.published_on = row.publication_date
    with changing(by=by, at=_at(date(row.year + 2, 1, 16), 9)):
        row.save()


def _enter(desk: _Desk, year: int, number: int, *, is_last: bool) -> list[Actual]:
    """Enter a year for a section and answer it as its head; return the values to confirm."""
    day = date(year + 1, 5, 12) + timedelta(days=3 * number)
    hour = 9 + number % 8
    entries = []
    for code, indicator in desk.indicators.items():
        first_try = FIRST_TRIES.get((code, year))
        cell = first_try.typed if first_try else _cell(code, year)
        if cell:
            entries.append(_entry(indicator, year, cell, remarks=REMARKS.get((code, year), "")))
    actuals = _record(
        entries, Change(by=desk.clerk, door=Door.COMMAND, reason=REASON, at=_at(day, hour))
    )
    if is_last:
        _leave_half_done(desk, actuals, day)
        return []
    actuals = _move(actuals, State.SUBMITTED, desk.clerk, _at(day + timedelta(1), hour))
    actuals = [_try_again(desk, actual, year, day) for actual in actuals]
    return _move(actuals, State.ANSWERED, desk.head, _at(day + timedelta(6), 16))


def _try_again(desk: _Desk, actual: Actual, year: int, day: date) -> Actual:
    """Hand back a first try with the head's reason; then enter the right value as the clerk."""
    code = actual.indicator.code
    first_try = FIRST_TRIES.get((code, year))
    if first_try is None:
        return actual
    returned_at = _at(day + timedelta(2), 11)
    [actual] = _move([actual], State.RETURNED, desk.head, returned_at, first_try.reason)
    entry = _entry(actual.indicator, year, _cell(code, year), version=actual.version)
    at = _at(day + timedelta(4), 10)
    [actual] = _record([entry], Change(by=desk.clerk, door=Door.COMMAND, reason=REASON, at=at))
    [actual] = _move([actual], State.SUBMITTED, desk.clerk, at + timedelta(minutes=5))
    return actual


def _leave_half_done(desk: _Desk, actuals: list[Actual], day: date) -> None:
    """Move the values of the last year to the states in LAST_YEAR_STATES."""

    def meant_for(state: str, among: list[Actual]) -> list[Actual]:
        return [a for a in among if a.indicator.code in LAST_YEAR_STATES[state]]

    asked = [actual for state in LAST_YEAR_STATES for actual in meant_for(state, actuals)]
    asked = _move(asked, State.SUBMITTED, desk.clerk, _at(day + timedelta(1), 14))
    at = _at(day + timedelta(3), 16)
    _move(meant_for(State.ANSWERED, asked), State.ANSWERED, desk.head, at)
    handed_back = meant_for(State.RETURNED, asked)
    _move(handed_back, State.RETURNED, desk.head, at, LAST_YEAR_RETURN_REASON)


def _correct(correction: Correction, indicator: Indicator, by: User, confirmed_by: User) -> None:
    stored = indicator.actuals.get(fiscal_year=correction.year)
    entry = replace(
        _entry(indicator, correction.year, correction.value, version=stored.version),
        change_kind=correction.kind,
    )
    at = _at(correction.day, 11)
    actuals = _record([entry], Change(by=by, door=Door.COMMAND, reason=correction.reason, at=at))
    _move(actuals, State.CONFIRMED, confirmed_by, at + timedelta(hours=4))


def _record(entries: list[Entry], change: Change) -> list[Actual]:
    """Record entries that all set a value; none withdraws one."""
    return [actual for actual in record(entries, change) if actual is not None]


def _move(
    actuals: list[Actual], to: str, by: User, at: datetime, reason: str = REASON
) -> list[Actual]:
    versions = {actual.pk: actual.version for actual in actuals}
    change = Change(by=by, door=Door.COMMAND, reason=reason, at=at)
    return move(versions, to, change) if versions else []


def _cell(code: str, year: int) -> str:
    return VALUES[code][YEARS.index(year)]


def _entry(
    indicator: Indicator, year: int, cell: str, *, remarks: str = "", version: int | None = None
) -> Entry:
    return Entry(
        indicator_id=indicator.pk,
        fiscal_year=year,
        version=version,
        remarks=remarks,
        **_read_cell(cell),
    )


ABSENCES = {choice.label: choice for choice in Actual.Availability}


def _read_cell(cell: str) -> dict[str, Any]:
    """Return the fields of an Entry for a cell of VALUES."""
    word, _, more = cell.partition(" ")
    if word in ABSENCES:
        return {"availability": ABSENCES[word], "expected_month": more}
    parts = [Decimal(part) for part in word.split("/")]
    names = ("value",) if len(parts) == 1 else ("numerator", "denominator")
    return dict(zip(names, parts, strict=True)) | {"provisional": more == "速報値"}


def _at(day: date, hour: int) -> datetime:
    """Return a time on a working day; Saturdays and Sundays become the following Monday."""
    if day.weekday() > 4:
        day += timedelta(days=7 - day.weekday())
    return timezone.make_aware(datetime.combine(day, time(hour)))
