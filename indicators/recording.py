"""The only module that writes actual values: checks them and writes value and history together.

A caller passes the desired values (entries.Entry), each with the version that its user saw. A call
writes all entries, or none and raises `RecordingError` with the problems of each.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format

from accounts import access
from accounts.models import Section
from indicators.closed_years import KIND, asked_for, unexplained
from indicators.duties import Duties, Duty
from indicators.entries import (
    CONTENT_FIELDS,
    REMARKS_ONLY,
    WAS_WITHDRAWN,
    WITHDRAWN,
    WITHDREW,
    Entry,
    Subject,
    content_of,
    content_problems,
    same_content,
    tidy_remarks,
)
from indicators.grades import (
    GradesOfYear,
    ever_described,
    grade_problem,
    grades_of_entries,
    two_meanings,
)
from indicators.models import Actual, EarlyRemarks, Evidence, FiscalYear, Indicator
from indicators.rules.narrowing_types import given
from indicators.series import doubts_by_index
from indicators.typed_values import LABELS
from japanese.fiscal_years import full_label
from trail.history import (
    ADDED,
    CHANGED,
    DELETED,
    Change,
    Door,
    add_history,
    changing,
    warn_of_clock,
)
from trail.installation import planning_office

Availability = Actual.Availability
State = Actual.State

ASKING_DOORS = frozenset({Door.GRID, Door.FORM, Door.ADMIN})
"""Doors where a person enters values and can explain a doubtful one.

Imports often contain old series that nobody can still explain, and commands cannot ask anybody.
Their large moves are on the list of unexplained moves instead.
"""

WRITTEN_FIELDS = (
    *CONTENT_FIELDS,
    "state",
    "return_reason",
    "change_kind",
    "version",
    "withheld",
    "entered_by",
    "entered_at",
    "confirmed_by",
    "confirmed_at",
)


@dataclass(frozen=True)
class Problem:
    """A problem of one entry: its index in the call, the field ("" for all) and the message.

    `current` is the stored value if another user changed it first. With `is_doubt`, the value is
    accepted once remarks explain it; the field is then "remarks".
    """

    index: int
    field: str
    message: str
    current: Actual | None = None
    is_doubt: bool = False


class RecordingError(Exception):
    """Nothing was written; `problems` has the reasons."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(problem.message for problem in problems))


def record(entries: Iterable[Entry], change: Change, *, to: str = "") -> list[Actual | None]:
    """Write the entries with their history and return the stored values, None for withdrawn ones.

    An entry equal to the stored value changes nothing, not even the version. With `to`, the values
    then move to that state if their own state allows it (STEPS). Raises RecordingError, with
    nothing written, if any entry has a problem.
    """
    entries = list(entries)
    change = _dated(change)
    # For what is written one by one; django-simple-history's bulk functions get it as an argument.
    with transaction.atomic(), changing(change):
        context, problems = _examine(entries, change)
        if problems:
            raise RecordingError(problems)
        results = _write(entries, context, change)
        if to:
            _move_on(entries, results, context, to, change)
        return results


def _dated(change: Change) -> Change:
    """Return the change with a time, so that value and history have the same one."""
    return replace(change, at=change.at or timezone.now())


def check(entries: Iterable[Entry], change: Change) -> list[Problem]:
    """Return the problems that `record` would raise, without writing.

    Inside an outer transaction the indicators stay locked until its end, so the result still holds
    for a following `record`.
    """
    with transaction.atomic():
        return _examine(list(entries), change)[1]


@dataclass(frozen=True)
class _Context:
    indicators: dict[int, Indicator]
    duties: Duties
    years: dict[int, FiscalYear]
    stored: dict[tuple[int, int], Actual]
    early: dict[tuple[int, int], EarlyRemarks]
    grades: dict[tuple[int, int], GradesOfYear]

    def stored_of(self, entry: Entry) -> Actual | None:
        """Return the stored value of the year of an entry."""
        return self.stored.get((entry.indicator_id, entry.fiscal_year))

    def early_of(self, entry: Entry) -> EarlyRemarks | None:
        """Return the row of the remarks that the year of an entry has without a value."""
        return self.early.get((entry.indicator_id, entry.fiscal_year))

    def early_remarks(self, entry: Entry) -> str:
        """Return these remarks; "" if none."""
        early = self.early_of(entry)
        return early.remarks if early else ""

    def changes(self, entry: Entry) -> bool:
        """Return whether an entry differs from what is stored."""
        stored = self.stored_of(entry)
        if stored is None and entry.availability == REMARKS_ONLY:
            return tidy_remarks(entry.remarks) != self.early_remarks(entry)
        return _changes(entry, stored, self.indicators[entry.indicator_id])

    def subject_of(self, entry: Entry) -> Subject:
        """Return the subject of an entry. Raises KeyError for an unknown indicator."""
        stored = self.stored_of(entry)
        indicator, early = self.indicators[entry.indicator_id], self.early_remarks(entry)
        return Subject(entry.fiscal_year, indicator, stored, early_remarks=early)


def _examine(entries: list[Entry], change: Change) -> tuple[_Context, list[Problem]]:
    ids = {entry.indicator_id for entry in entries}
    years = {entry.fiscal_year for entry in entries}
    # Lock the indicators, because a year without a value has no row of its own to lock. Ordered by
    # key, so that two calls cannot deadlock.
    locked = Indicator.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    indicators: dict[int, Any] = {
        indicator.pk: indicator for indicator in locked.annotate(is_described=ever_described())
    }
    described = {pk for pk, indicator in indicators.items() if indicator.is_described}
    context = _Context(
        indicators=indicators,
        duties=Duties(ids),
        years=FiscalYear.objects.in_bulk(years),
        stored={
            (actual.indicator_id, actual.fiscal_year_id): actual
            for actual in Actual.objects.filter(
                indicator__in=ids, fiscal_year__in=years
            ).select_related("entered_by")
        },
        early={
            (early.indicator_id, early.fiscal_year_id): early
            for early in EarlyRemarks.objects.filter(indicator__in=ids, fiscal_year__in=years)
        },
        grades=grades_of_entries(entries, described),
    )
    _read_for_conflicts(entries, context)
    problems: list[Problem] = []
    seen: set[tuple[int, int]] = set()
    for index, entry in enumerate(entries):
        key = (entry.indicator_id, entry.fiscal_year)
        if key in seen:
            problems.append(
                Problem(index, "", "同じ指標と年度の値が二つあります。一つにしてください。")
            )
        seen.add(key)
        problems.extend(
            Problem(index, field, message, current)
            for field, message, current in _problems_of(entry, context, change)
        )
    if change.door in ASKING_DOORS:
        wrong = {problem.index for problem in problems}
        right = {index: entry for index, entry in enumerate(entries) if index not in wrong}
        problems += _doubts(right, context)
        problems.sort(key=lambda problem: problem.index)
    return context, problems


def _read_for_conflicts(entries: list[Entry], context: _Context) -> None:
    """Prefetch users and sections for the messages about values that somebody else changed."""
    changed = []
    for entry in entries:
        stored = context.stored_of(entry)
        if stored is not None and entry.version != stored.version:
            stored.indicator = context.indicators[entry.indicator_id]
            changed.append(stored)
    prefetch_related_objects(changed, "entered_by__sections")


def _doubts(entries: dict[int, Entry], context: _Context) -> list[Problem]:
    """Return the unexplained doubts about entries without problems; `entries` is by index."""
    found = doubts_by_index(
        {index: (entry, context.subject_of(entry)) for index, entry in entries.items()}
    )
    return [
        Problem(index, "remarks", doubt.message, is_doubt=True)
        for index, doubts in found.items()
        for doubt in doubts
    ]


_Refusal = tuple[str, str, Actual | None]


def _problems_of(entry: Entry, context: _Context, change: Change) -> list[_Refusal]:
    indicator = context.indicators.get(entry.indicator_id)
    if indicator is None:
        return [("indicator", f"指標（番号{entry.indicator_id}）は登録されていません。", None)]
    stored = context.stored_of(entry)
    if not context.changes(entry):
        return []
    return (
        _check_right(indicator, context.duties.of(indicator, entry.fiscal_year), change)
        or _check_year(entry, context.years.get(entry.fiscal_year), stored, change)
        or _check_version(entry, stored)
        or _check_confirmed(stored, change)
        or [(field, message, None) for field, message in content_problems(entry, indicator, stored)]
        or _check_grade(entry, indicator, context, change)
        or _check_mark(entry, stored, change)
    )


NO_REASON_FOR_MARK = "秘匿の印を付け、又は外す理由を入力してください。"


def _check_mark(entry: Entry, stored: Actual | None, change: Change) -> list[_Refusal]:
    """Check the mark 秘匿 of an entry, if it sets one."""
    is_marked = stored is not None and stored.withheld
    if entry.withheld in (None, is_marked):
        return []
    if entry.withheld and entry.availability != Availability.REPORTED:
        return [("withheld", "値がない年度は、秘匿にできません。印を外してください。", None)]
    return [] if change.reason.strip() else [("reason", NO_REASON_FOR_MARK, None)]


_DOORS_WITH_STANDARD_WORDS = (Door.ADMIN, Door.IMPORT)
"""They know no plan, and have the standard words for grades."""


def _check_grade(
    entry: Entry, indicator: Indicator, context: _Context, change: Change
) -> list[_Refusal]:
    grades = context.grades.get((entry.indicator_id, entry.fiscal_year))
    problem = grade_problem(entry, indicator, grades)
    if not problem and grades and change.door in _DOORS_WITH_STANDARD_WORDS:
        problem = two_meanings(entry.grade, grades)
    return [("value", problem, None)] if problem else []


def _changes(entry: Entry, stored: Actual | None, indicator: Indicator) -> bool:
    if stored is None:
        return entry.availability != WITHDRAWN
    # Whatever version the person saw: an entry that equals what is stored leaves nothing to decide,
    # for instance because the same form arrived twice.
    return not same_content(entry, stored, indicator)


def _check_right(indicator: Indicator, duty: Duty, change: Change) -> list[_Refusal]:
    if access.may_enter(change.by, duty.entering_id):
        return []
    section = Section.objects.get(pk=duty.entering_id)
    return [
        (
            "",
            f"「{indicator.name}」の実績値を入力できるのは、{section}です。"
            f"入力が必要な場合は、{planning_office()}に連絡してください。",
            None,
        )
    ]


def _check_year(
    entry: Entry, year: FiscalYear | None, stored: Actual | None, change: Change
) -> list[_Refusal]:
    if year is None:
        message = (
            f"{full_label(entry.fiscal_year)}は、まだ作られていません。"
            "企画担当が年度を作ると入力できます。"
        )
        return [("fiscal_year", message, None)]
    if year.entry_is_open:
        return []
    if not access.may_change_closed_year(change.by):
        message = (
            f"{full_label(entry.fiscal_year)}は、入力の受付期間ではありません。"
            f"変更が必要な場合は、{planning_office()}に連絡してください。"
        )
        return [("fiscal_year", message, None)]
    missing = unexplained(
        year,
        change.by,
        is_stored=stored is not None,
        reason=change.reason,
        kind=entry.change_kind,
    )
    return [(field, message, None) for field, message in missing]


def _check_version(entry: Entry, stored: Actual | None) -> list[_Refusal]:
    if stored is None:
        if entry.version is None:
            return []
        message = f"この値は、ほかの人が{WITHDREW}。一覧から開き直して、もう一度入力してください。"
        return [("version", message, None)]
    if entry.version == stored.version:
        return []
    return [("version", conflict_message(stored), stored)]


def _check_confirmed(stored: Actual | None, change: Change) -> list[_Refusal]:
    confirmed = stored is not None and stored.state == State.CONFIRMED
    if confirmed and not access.may_change_confirmed(change.by):
        message = (
            f"この値は確認済みです。変更が必要な場合は、{planning_office()}に連絡してください。"
        )
        return [("", message, None)]
    return []


def _write(entries: list[Entry], context: _Context, change: Change) -> list[Actual | None]:
    created: list[Actual] = []
    updated: list[Actual] = []
    results: list[Actual | None] = []
    for entry in entries:
        stored = context.stored_of(entry)
        if not context.changes(entry):
            results.append(stored)
        elif entry.availability == REMARKS_ONLY:
            _write_early_remarks(entry, context, change)
            results.append(None)
        elif entry.availability == WITHDRAWN:
            _take_back(given(stored), entry, context, change)
            results.append(None)
        else:
            actual = stored or _new_value(entry, context)
            (updated if stored else created).append(actual)
            _fill(actual, entry, context, change)
            results.append(actual)
    _continue_versions(created)
    _save(created, updated, WRITTEN_FIELDS, change)
    return results


def _new_value(entry: Entry, context: _Context) -> Actual:
    indicator = context.indicators[entry.indicator_id]
    return Actual(indicator=indicator, fiscal_year_id=entry.fiscal_year, version=0)


def _take_back(stored: Actual, entry: Entry, context: _Context, change: Change) -> None:
    """Delete a value; deletion has no bulk function with history."""
    stored.change_kind = _kind_of_change(entry, context, change)  # for the row of history
    stored.delete()


def _fill(actual: Actual, entry: Entry, context: _Context, change: Change) -> None:
    """Make a new or stored value say what the entry says; it has to be answered again."""
    at, is_new = given(change.at), actual.pk is None
    if not is_new:
        warn_of_clock(actual.entered_at, at)
    for field, content in content_of(entry, context.indicators[entry.indicator_id]).items():
        setattr(actual, field, content)
    if is_new:
        actual.remarks = _taken_along(actual.remarks, entry, context, change)
    if access.enters_as_answered(change.by):
        actual.state, actual.return_reason = State.ANSWERED, ""
    else:
        actual.state = State.DRAFT
    actual.change_kind = _kind_of_change(entry, context, change)
    actual.version += 1
    actual.entered_by, actual.entered_at = change.by, at
    actual.confirmed_by = actual.confirmed_at = None


def _kind_of_change(entry: Entry, context: _Context, change: Change) -> str:
    """Return the kind that a change to a stored value of a past year has; "" for others."""
    year, stored = context.years[entry.fiscal_year], context.stored_of(entry)
    asked = asked_for(year, change.by, is_stored=stored is not None)
    return entry.change_kind if KIND in asked else ""


SHOWING_DOORS = frozenset({Door.GRID, Door.FORM})
"""Doors that show the remarks of a year without a value in the field of the remarks."""


def _taken_along(remarks: str, entry: Entry, context: _Context, change: Change) -> str:
    """Return the remarks of a new value, and delete those that the year had without a value.

    They join the new ones where the person did not see them.
    """
    early = context.early_of(entry)
    if early is None:
        return remarks
    kept = early.remarks
    early.delete()
    if change.door in SHOWING_DOORS or kept in remarks:
        return remarks
    return f"{kept}\n{remarks}".strip()


def _write_early_remarks(entry: Entry, context: _Context, change: Change) -> None:
    """Store remarks for a year without a value; delete them if they are empty."""
    early = context.early_of(entry)
    if early is None:
        early = EarlyRemarks(
            indicator=context.indicators[entry.indicator_id], fiscal_year_id=entry.fiscal_year
        )
    early.remarks = tidy_remarks(entry.remarks)
    early.written_by, early.written_at = change.by, given(change.at)
    if early.remarks:
        early.save()
    else:
        early.delete()


def _continue_versions(created: list[Actual]) -> None:
    """Continue the version numbers of withdrawn values of the same indicator and year.

    Otherwise the version on a page opened before the withdrawal would match a value entered after.
    A value that was 秘匿 is so again: the person who enters it need not know.
    """
    if not created:
        return
    past = (
        Actual.history.filter(
            indicator__in={actual.indicator_id for actual in created},
            fiscal_year__in={actual.fiscal_year_id for actual in created},
        )
        .order_by()
        .values_list("indicator", "fiscal_year")
        .annotate(Max("version"), Max("history_id"))
    )
    last = {(indicator, year): (version, row) for indicator, year, version, row in past}
    marked: set[int] = set()
    if last:
        rows = Actual.history.filter(history_id__in=[row for _, row in last.values()])
        marked = set(rows.filter(withheld=True).order_by().values_list("history_id", flat=True))
    for actual in created:
        version, row = last.get((actual.indicator_id, actual.fiscal_year_id), (0, None))
        actual.version += version
        actual.withheld = actual.withheld or row in marked


def _save(
    created: list[Actual],
    updated: list[Actual],
    fields: Sequence[str],
    change: Change,
) -> None:
    with changing(change):
        if created:
            Actual.objects.bulk_create(created)
            add_history(Actual, created, ADDED)
        if updated:
            Actual.objects.bulk_update(updated, fields)
            add_history(Actual, updated, CHANGED)


STATES_BEFORE: dict[str, tuple[str, ...]] = {
    State.SUBMITTED: (State.DRAFT, State.RETURNED),
    State.ANSWERED: (State.DRAFT, State.RETURNED, State.SUBMITTED),
    State.RETURNED: (State.SUBMITTED, State.ANSWERED),
    State.CONFIRMED: (State.ANSWERED,),
}
"""Maps each state to the states from which a value can move to it."""


def move(
    versions: dict[int, int],
    to: str,
    change: Change,
    *,
    reasons: Mapping[int, str] | None = None,
    on_paper: bool = False,
) -> list[Actual]:
    """Move values to the state `to` and return them.

    `versions` maps ids of values to the versions seen, `reasons` to what is added to the reason of
    the change for this value alone. `on_paper`: the head decided on paper, which
    the reason documents. Raises RecordingError, with nothing written, if a value is in the wrong
    state, somebody changed it, its year is closed, or the user may not; `Problem.index` counts in
    the order of `versions`.
    """
    change = _dated(change)
    own = {pk: _with_own_reason(change, (reasons or {}).get(pk, "")) for pk in versions}
    with transaction.atomic():
        found = Actual.objects.select_for_update(of=("self",)).filter(pk__in=versions)
        found = found.select_related("indicator", "fiscal_year", "entered_by")
        stored = {actual.pk: actual for actual in found.order_by("pk")}
        changed = [actual for pk, actual in stored.items() if actual.version != versions[pk]]
        newest = _newest_history([actual.pk for actual in changed])
        done = {
            actual.pk
            for actual in changed
            if _did_it_before(
                actual, newest.get(actual.pk), versions[actual.pk], to, own[actual.pk]
            )
        }
        conflicts = _conflicts_about(
            [actual for actual in changed if actual.pk not in done], newest
        )
        untouched = _untouched_returns(stored, to)
        duties = Duties({actual.indicator_id for actual in stored.values()})
        problems = []
        for index, pk in enumerate(versions):
            message = (
                ""
                if pk in done
                else conflicts.get(pk)
                or untouched.get(pk)
                or _obstacle(stored.get(pk), to, own[pk], duties, on_paper=on_paper)
            )
            if message:
                problems.append(Problem(index, "", message, stored.get(pk)))
        if problems:
            raise RecordingError(problems)
        _advance([stored[pk] for pk in versions if pk not in done], to, change, own)
        return [stored[pk] for pk in versions]


def withhold(pk: int, version: int, change: Change, *, withheld: bool) -> Actual:
    """Mark a value as 秘匿, or remove the mark, and return it. The value and its state stay.

    Whoever may change the value now may do so; `version` is the one that the person saw. Raises
    RecordingError, with nothing written, if the person may not, somebody changed the value,
    the change has no reason, or there is no value to withhold.
    """
    change = _dated(change)
    with transaction.atomic():
        found = Actual.objects.select_for_update(of=("self",)).filter(pk=pk)
        stored = found.select_related("indicator", "fiscal_year", "entered_by").first()
        if stored is not None and stored.withheld == withheld:
            return stored
        refusals = _obstacles_to_mark(stored, version, withheld, change)
        if refusals:
            raise RecordingError([Problem(0, field, text, stored) for field, text in refusals])
        actual = given(stored)
        actual.withheld = withheld
        actual.version += 1
        _save([], [actual], ("withheld", "version"), change)
        return actual


def _obstacles_to_mark(
    stored: Actual | None, version: int, withheld: bool, change: Change
) -> list[tuple[str, str]]:
    if stored is None:
        message = f"この値は、{WAS_WITHDRAWN}。値を入力してから、印を付けてください。"
        return [("", message)]
    indicator, year = stored.indicator, stored.fiscal_year
    duty = Duties({indicator.pk}).of(indicator, year.pk)
    refusals = _check_right(indicator, duty, change) or _check_confirmed(stored, change)
    if refusals:
        return [(field, message) for field, message, _ in refusals]
    if obstacle := _obstacle_of_year(year, f"「{indicator.name}」", "", change):
        return [("", obstacle)]
    if stored.version != version:
        return [("", f"{who_was_faster(stored)}今の値を確かめて、もう一度選んでください。")]
    if withheld and stored.availability != Availability.REPORTED:
        return [("", "値がない年度は、秘匿にできません。")]
    return [] if change.reason.strip() else [("reason", NO_REASON_FOR_MARK)]


def _with_own_reason(change: Change, reason: str) -> Change:
    return replace(change, reason="\n".join(filter(None, (change.reason, reason))))


def _did_it_before(actual: Actual, last: Any, seen: int, to: str, change: Change) -> bool:
    """Return whether the newest change (`last`) is exactly the step that is requested again.

    The same form arrives twice after a double click, or when its answer was lost on the way.
    """
    return (
        last is not None
        and actual.state == to
        and actual.version == seen + 1
        and last.history_user_id == getattr(change.by, "pk", None)
        and last.history_change_reason == change.reason
    )


def answered_before(ids: Iterable[int]) -> set[int]:
    """Return which of these values had been answered once; one query."""
    done = (State.ANSWERED, State.CONFIRMED)
    history = Actual.history.filter(id__in=list(ids), state__in=done)
    return set(history.order_by().values_list("id", flat=True))


def unanswered_returns(ids: Iterable[int]) -> set[int]:
    """Return which of these returned values have no new 根拠資料 since they were returned.

    Their content has not changed either: a changed value is a draft again.
    """
    returned_at = _newest_history(list(ids))
    if not returned_at:
        return set()
    files = Evidence.objects.filter(
        indicator__in={row.indicator_id for row in returned_at.values()},
        added_at__gte=min(row.history_date for row in returned_at.values()),
    ).values_list("indicator_id", "fiscal_year_id", "added_at")
    return {
        pk
        for pk, row in returned_at.items()
        if not any(
            (indicator, year) == (row.indicator_id, row.fiscal_year_id)
            and added_at >= row.history_date
            for indicator, year, added_at in files
        )
    }


def _untouched_returns(stored: Mapping[int, Actual], to: str) -> dict[int, str]:
    """Return, by id, why a returned value that was left unchanged is not submitted again."""
    if to != State.SUBMITTED:
        return {}
    returned = [pk for pk, actual in stored.items() if actual.state == State.RETURNED]
    return {
        pk: f"「{stored[pk].indicator.name}」は差し戻されてから、まだ直していません。"
        "値か備考を直すか、根拠資料を添付してから、依頼してください。"
        for pk in (unanswered_returns(returned) if returned else ())
    }


def _advance(
    actuals: list[Actual], to: str, change: Change, own: Mapping[int, Change] | None = None
) -> None:
    """Move values to a state. `own` has the change of each by id, if their reasons differ."""
    for actual in actuals:
        reason = change.reason
        if own:
            # django-simple-history takes it into the row of history.
            reason = actual._change_reason = own[actual.pk].reason
        actual.state = to
        actual.version += 1
        if to == State.RETURNED:
            actual.return_reason = reason
        elif to != State.SUBMITTED:
            # Until somebody has decided again, the reason is shown beside the corrected value.
            actual.return_reason = ""
        confirmed = to == State.CONFIRMED
        actual.confirmed_by = change.by if confirmed else None
        actual.confirmed_at = change.at if confirmed else None
    fields = ("state", "version", "return_reason", "confirmed_by", "confirmed_at")
    _save([], actuals, fields, change)


def _move_on(
    entries: list[Entry],
    results: list[Actual | None],
    context: _Context,
    to: str,
    change: Change,
) -> None:
    """Move recorded values to a state. Skips values whose state does not lead there.

    Raises RecordingError, and moves none, if one of the others may not be moved.
    """
    ready, problems = [], []
    for index, (entry, actual) in enumerate(zip(entries, results, strict=True)):
        if actual is None or actual.state not in STATES_BEFORE[to]:
            continue
        actual.indicator = context.indicators[entry.indicator_id]
        actual.fiscal_year = context.years[entry.fiscal_year]
        message = _obstacle(actual, to, change, context.duties)
        if message:
            problems.append(Problem(index, "", message, actual))
        ready.append(actual)
    if problems:
        raise RecordingError(problems)
    _advance(ready, to, change)


def _obstacle(
    actual: Actual | None, to: str, change: Change, duties: Duties, *, on_paper: bool = False
) -> str:
    if actual is None:
        return f"この値は、ほかの人が{WITHDREW}。一覧から開き直してください。"
    name = f"「{actual.indicator.name}」"
    if actual.state not in STATES_BEFORE[to]:
        return (
            f"{name}は「{actual.get_state_display()}」なので、"
            f"「{State(to).label}」にすることはできません。"
        )
    if to == State.RETURNED and not change.reason.strip():
        return f"{name}を差し戻す理由を入力してください。"
    if not access.may_move(
        change.by,
        to,
        actual.state,
        duties.of(actual.indicator, actual.fiscal_year_id).entering_id,
        actual.entered_by_id,
        on_paper=on_paper,
    ):
        if to == State.CONFIRMED and actual.entered_by_id == change.by.pk:
            return f"{name}は、自分で入力した値です。企画担当のほかの人が確認してください。"
        return f"{name}を「{State(to).label}」にする権限がありません。"
    return _obstacle_of_year(actual.fiscal_year, name, to, change)


def _obstacle_of_year(year: FiscalYear, name: str, to: str, change: Change) -> str:
    """Return why a value may not move because entry of its year is closed; "" if it may.

    Planning still confirms values of a closed year. It cannot return them: the section could not
    correct them.
    """
    if year.entry_is_open:
        return ""
    if not access.may_change_closed_year(change.by):
        return (
            f"{name}：{year}は、入力の受付期間ではありません。"
            f"変更が必要な場合は、{planning_office()}に連絡してください。"
        )
    if to == State.RETURNED:
        return (
            f"{name}：{year}は、入力の受付期間ではないため、差し戻しても課では直せません。"
            "受付を開始してから差し戻すか、企画担当が値を直してください。"
        )
    return ""


def _newest_history(ids: list[int]) -> dict[int, Any]:
    """Return the newest history row of each of these values, by id; at most one query."""
    rows = Actual.history.filter(id__in=ids)
    rows = rows.select_related("history_user").order_by("history_id")
    return {row.id: row for row in rows}


def _conflicts_about(changed: list[Actual], newest: Mapping[int, Any]) -> dict[int, str]:
    """Return, by id, who changed each value or its state. Needs at most two queries."""
    prefetch_related_objects(changed, "entered_by__sections")
    return {
        actual.pk: f"「{actual.indicator.name}」"
        f"{_moved_meanwhile(actual, newest.get(actual.pk)) or conflict_message(actual)}"
        for actual in changed
    }


def _moved_meanwhile(actual: Actual, last: Any) -> str:
    """Return who changed the state of a value and when; "" if its content changed last.

    `last` is its newest history row.
    """
    if last is None or last.history_date == actual.entered_at:
        return ""
    when = date_format(timezone.localtime(last.history_date), "n月j日G時i分")
    who = last.history_user or "ほかの人"
    return (
        f"は、{when}に{who}が「{actual.get_state_display()}」にしました。"
        "今の内容を確かめてから、選び直してください。"
    )


def conflict_message(actual: Actual) -> str:
    """Return a message that says who changed the stored value, when, and what to do."""
    return (
        f"{who_was_faster(actual)}"
        "一覧から開き直し、どちらの値を残すか確かめてから保存してください。"
    )


def who_was_faster(
    actual: Actual, *, seen_by: Any = None, parts: Collection[str] = (LABELS["value"],)
) -> str:
    """Return a sentence that says who changed the stored value and when.

    `seen_by` is the user who reads it: his or her own change comes from another window or a form.
    `parts` are the names of what was changed; the new value is named only if it is among them.
    """
    when, who = _when_and_who(actual.entered_at, actual.entered_by, seen_by)
    if LABELS["value"] not in parts:
        return f"この指標の{'と'.join(parts)}を、{when}に{who}変更しました。"
    if actual.value is not None:
        what = f"{actual.indicator.format(actual.value)}{actual.indicator.shown_unit}"
    else:
        what = actual.availability_label
    return f"この値は、{when}に{who}「{what}」に変更しました。"


def who_withdrew(
    indicators: Collection[int], fiscal_year: int, *, seen_by: Any = None
) -> dict[int, str]:
    """Return by indicator a sentence that says who has deleted its value and when; one query."""
    deleted = Actual.history.filter(
        indicator__in=indicators, fiscal_year=fiscal_year, history_type=DELETED
    )
    rows = deleted.select_related("history_user").prefetch_related("history_user__sections")
    found = dict.fromkeys(indicators, f"この値は、{WAS_WITHDRAWN}。")
    for row in rows.order_by("history_id"):
        when, who = _when_and_who(row.history_date, row.history_user, seen_by)
        found[row.indicator_id] = f"この値は、{when}に{who}{WITHDREW}。"
    return found


def _when_and_who(at: datetime, by: Any, seen_by: Any) -> tuple[str, str]:
    """Return day and hour, and the person as the subject of a sentence."""
    when = date_format(timezone.localtime(at), "n月j日G時i分")
    if by is None:
        return when, "ほかの人が"
    if by == seen_by:
        return when, "あなたが別の画面かExcel様式で"
    sections = "・".join(str(section) for section in by.sections.all())
    return when, f"{sections}の{by}が" if sections else f"{by}が"


def versions_seen(versions: Mapping[int, int], fiscal_year: int) -> dict[int, Any]:
    """Return the history rows of these versions of a year's values, by indicator; one query."""
    history = Actual.history.filter(indicator__in=versions, fiscal_year=fiscal_year)
    return {
        row.indicator_id: row
        for row in history.exclude(history_type=DELETED).order_by("history_id")
        if row.version == versions[row.indicator_id]
    }
