"""The steps that a user may take with the values of a list, and the form that takes them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict

from accounts import access
from entry.answer_rows import AnswerRow
from entry.decisions_on_paper import changed_after
from indicators import recording
from indicators.models import Actual
from indicators.recording import STATES_BEFORE, Problem, RecordingError
from indicators.rules.narrowing_types import given
from japanese.calendar_days import era_day, read_day
from japanese.row_numbers import row_number
from trail.history import Change, Door

State = Actual.State

ALL = "all"
"""Used instead of a state to list values of all states; no steps are possible there."""

TICK = "tick"
"""The button that ticks all rows shown, or none (its value is all or none)."""


@dataclass(frozen=True)
class Step:
    """A button below the list."""

    key: str
    label: str
    to: str
    needs_reason: bool = False
    on_paper: bool = False


ASK = Step("ask", "課長に確認を依頼する", State.SUBMITTED)
ANSWER = Step("answer", "回答する", State.ANSWERED)
RETURN = Step("return", "担当者に差し戻す", State.RETURNED, needs_reason=True)
PAPER = Step("paper", "決裁済みとして記録する", State.ANSWERED, on_paper=True)
CONFIRM = Step("confirm", "内容を確認した", State.CONFIRMED)

LONGEST_REASON = 1000
"""The maximum length of a reason, in characters."""

ALL_STEPS = (ASK, ANSWER, CONFIRM, RETURN, PAPER)


def steps_for(user: Any, state: str) -> tuple[Step, ...]:
    """Return the steps that a user may take from a state; none for ALL and for missing values."""
    of_a_section = access.may_enter_anything(user) and not access.may_enter_for_every_section(user)
    may = {
        ASK.key: of_a_section,
        ANSWER.key: access.may_decide(user),
        PAPER.key: of_a_section,
        CONFIRM.key: access.may_confirm_anything(user),
        RETURN.key: access.may_confirm_anything(user)
        if state == State.ANSWERED
        else access.may_decide(user),
    }
    return tuple(step for step in ALL_STEPS if may[step.key] and state in STATES_BEFORE[step.to])


def first_state(user: Any) -> str:
    """Return the state of the values that wait for this user."""
    if access.may_confirm_anything(user):
        return State.ANSWERED
    if access.may_decide(user):
        return State.SUBMITTED
    return State.DRAFT if access.may_enter_anything(user) else ALL


@dataclass
class Asked:
    """The submitted form of the list, and its problems by field.

    `selected` maps the ids of ticked values to the version on the page, `reasons` the ids of values
    to the reason for returning this value alone.
    """

    step: Step | None
    selected: dict[int, int]
    reason: str = ""
    reasons: dict[int, str] = field(default_factory=dict)
    decided_on: str = ""
    document: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)
    day: date | None = None

    @property
    def history_reason(self) -> str:
        """The reason to store in history."""
        if self.step and self.step.on_paper and self.day:
            return f"決裁済みとして記録（決裁日：{era_day(self.day)}、文書番号：{self.document}）"
        return self.reason


NOTHING_ASKED = Asked(None, {})


def read_asked(
    data: QueryDict, steps: Collection[Step], today: date, *, thing: str = "値"
) -> Asked:
    """Return the submitted form; its `problems` say what is missing and what to do.

    `thing` is what the rows of the list are called.
    """
    by_key = {step.key: step for step in steps}
    asked = typed_so_far(data)
    asked.step = by_key.get(data.get("step", ""))
    asked.problems = list(_problems(asked, today, thing))
    return asked


def typed_so_far(data: QueryDict) -> Asked:
    """Return what was typed and ticked, with which nothing is to be done yet."""
    return Asked(
        step=None,
        selected=_selected(data.getlist("value")),
        reason=data.get("reason", "").strip(),
        reasons=_reasons(data),
        decided_on=data.get("decided_on", "").strip(),
        document=data.get("document", "").strip(),
    )


def reason_id(pk: int) -> str:
    """Return the name and id of the field with the reason for returning one value."""
    return f"reason-{pk}"


def _reasons(data: QueryDict) -> dict[int, str]:
    found = {}
    for name, text in data.items():
        pk = row_number(name.removeprefix("reason-")) if name.startswith("reason-") else None
        if pk is not None and str(text).strip():
            found[pk] = str(text).strip()
    return found


def _selected(keys: Collection[str]) -> dict[int, int]:
    found = {}
    for key in keys:
        pk, version = (row_number(part) for part in key.partition(":")[::2])
        if pk is not None and version is not None:
            found[pk] = version
    return found


def _problems(asked: Asked, today: date, thing: str) -> Any:
    if asked.step is None:
        yield "steps", "この一覧では、その操作はできません。状態を選び直してください。"
        return
    if not asked.selected:
        yield "values", f"{thing}が選ばれていません。左の欄に印を付けてください。"
    if asked.step.needs_reason:
        yield from _problems_of_reasons(asked)
    for name, text in _all_reasons(asked):
        if len(text) > LONGEST_REASON:
            yield name, f"差し戻す理由は、{LONGEST_REASON}字以内で入力してください。"
    if asked.step.on_paper:
        yield from _problems_of_paper(asked, today)
    yield from _problems_of_other_steps(asked)


def _all_reasons(asked: Asked) -> list[tuple[str, str]]:
    """Return the reasons by field: the common one and those of single values."""
    own = [(reason_id(pk), reason) for pk, reason in asked.reasons.items()]
    return [("reason", asked.reason), *own] if asked.reason else own


def _problems_of_reasons(asked: Asked) -> Any:
    without = [pk for pk in asked.selected if not asked.reason and pk not in asked.reasons]
    if without and not asked.reasons:
        yield "reason", "差し戻す理由を入力してください。"
    else:
        for pk in without:
            yield reason_id(pk), "この値を差し戻す理由を入力してください。"
    for pk in asked.reasons.keys() - asked.selected.keys():
        yield (
            reason_id(pk),
            "差し戻す理由が入力されていますが、値が選ばれていません。"
            "値の左の欄に印を付けるか、理由を消してください。",
        )


def _problems_of_other_steps(asked: Asked) -> Any:
    """Yield what was typed for another step than the one taken: it would be lost."""
    step = given(asked.step)
    for name, _ in [] if step.needs_reason else _all_reasons(asked):
        yield (
            name,
            f"差し戻す理由が入力されていますが、「{step.label}」が押されました。差し戻すときは"
            f"「{RETURN.label}」を押し、そうでなければ理由を消してください。",
        )
    for name, label, text in (
        ("decided_on", "決裁日", asked.decided_on),
        ("document", "文書番号", asked.document),
    ):
        if text and not step.on_paper:
            yield (
                name,
                f"{label}が入力されていますが、「{step.label}」が押されました。紙の決裁を記録するときは"
                f"「{PAPER.label}」を押し、そうでなければ{label}を消してください。",
            )


def _problems_of_paper(asked: Asked, today: date) -> Any:
    if not asked.decided_on:
        yield "decided_on", "決裁日を入力してください。"
    else:
        try:
            asked.day = read_day(asked.decided_on)
        except ValueError as error:
            yield "decided_on", f"決裁日{error}"
        else:
            if asked.day > today:
                yield (
                    "decided_on",
                    f"決裁日「{era_day(asked.day)}」は、まだ来ていない日です。日付を直してください。",
                )
    if not asked.document:
        yield "document", "文書番号を入力してください。番号がないときは「なし」と入力してください。"
    elif len(asked.document) > 60:
        yield "document", "文書番号は、60字以内で入力してください。"


@dataclass(frozen=True)
class Outcome:
    """The result: values moved, own values skipped, and what was refused."""

    moved: int = 0
    left_out: int = 0
    problems: tuple[Problem, ...] = ()
    ids: tuple[int, ...] = ()


def take_value_step(asked: Asked, rows: Collection[AnswerRow], *, by: Any) -> Outcome:
    """Move the ticked values, all or none. Own values that others must confirm are skipped.

    `rows` are all values that the user follows, in any state.
    """
    known = {row.row.stored.pk: row for row in rows if row.row.stored}
    versions: Mapping[int, int] = asked.selected
    own = set()
    if asked.step is CONFIRM:
        own = {
            pk
            for pk in versions
            if pk in known and not access.may_confirm(by, given(known[pk].row.stored).entered_by_id)
        }
    versions = {pk: version for pk, version in versions.items() if pk not in own}
    if not versions:
        return Outcome(left_out=len(own))
    step = given(asked.step)
    too_early = _decided_too_early(asked, versions, known)
    if too_early:
        return Outcome(left_out=len(own), problems=too_early, ids=tuple(versions))
    try:
        moved = recording.move(
            versions,
            step.to,
            Change(by=by, door=Door.GRID, reason=asked.history_reason),
            reasons=asked.reasons,
            on_paper=step.on_paper,
        )
    except RecordingError as error:
        return Outcome(left_out=len(own), problems=tuple(error.problems), ids=tuple(versions))
    return Outcome(moved=len(moved), left_out=len(own))


def _decided_too_early(
    asked: Asked, versions: Mapping[int, int], known: Mapping[int, AnswerRow]
) -> tuple[Problem, ...]:
    """Return the values that are not what the head decided on paper on the day asked."""
    if asked.day is None or not given(asked.step).on_paper:
        return ()
    rows = [known[pk].row for pk in versions if pk in known]
    changed = changed_after(asked.day, rows)
    return tuple(
        Problem(index, "", changed[pk]) for index, pk in enumerate(versions) if pk in changed
    )
