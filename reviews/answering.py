"""The step that a form requests for a section's texts, for projects and measures alike."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from accounts import access
from entry.answer_steps import (
    ALL_STEPS,
    RETURN,
    Asked,
    Step,
    read_asked,
    steps_for,
    typed_so_far,
)
from indicators.models import FiscalYear
from indicators.rules.narrowing_types import given
from reviews.duties import Responsible
from reviews.models import Answered, State
from reviews.overtaken import Overtaken
from reviews.recording import (
    ReviewEntry,
    ReviewError,
    is_same,
    move_reviews,
    record_reviews,
)
from trail.history import NOTHING_CHANGED, Change, Door

TAKES_TEXTS_ALONG = frozenset({"ask", "answer", "paper"})
"""The steps before which what was typed is stored; the others judge what was stored before."""


class TextForm(Protocol):
    """The form of what a section writes."""

    def is_valid(self) -> bool: ...
    def entry(self) -> ReviewEntry: ...
    def refuse(self, error: ReviewError) -> None: ...
    def add_error(self, field: str | None, error: str) -> None: ...


@dataclass(frozen=True)
class Movable:
    """Rows of one kind: who answers for each, and the steps that may be taken with them."""

    model: type[Answered]
    duties: Responsible
    steps: Sequence[Step]


@dataclass(frozen=True)
class WrittenRow(Movable):
    """What the step of a page is about: the stored row and its year."""

    stored: Answered
    year: FiscalYear


def store(
    request: HttpRequest,
    model: type[Answered],
    year: FiscalYear,
    about: tuple[Answered | None, Responsible],
    form: TextForm,
    late: Overtaken | None = None,
) -> bool:
    """Store the texts of a valid form, and say so; False, with the reasons in it, if it is refused.

    `about` is the row that is stored, None for none, and who answers for it. `late` is what others
    changed since the page was opened, with which the form is merged already.
    """
    row, duties = about
    if not form.is_valid():
        return False
    entry, before = form.entry(), row.version if row else 0
    if late and late.moved_to and row and not is_same(row, entry):
        form.add_error(None, f"「{duties.name(entry.about)}」は、{late.taken_back}")
        return False
    was_decided = bool(getattr(row, "decided_on", None))
    try:
        [stored] = record_reviews(
            model, year, [entry], duties, Change(by=request.user, door=Door.PAGE)
        )
    except ReviewError as error:
        form.refuse(error)
        return False
    done = "保存しました。" if stored.version != before else NOTHING_CHANGED
    if was_decided and not getattr(stored, "decided_on", None):
        done += "推進本部の決定は取り消しました。確認が済んでから、もう一度記録してください。"
    kept = late.kept if late else ""
    messages.success(request, f"「{duties.name(entry.about)}」：{done}{kept}")
    return True


def steps_of_row(user: Any, row: Answered | None, *, may_write: bool) -> tuple[Step, ...]:
    """Return the steps that a user may take with a stored row."""
    if row is None or not (may_write or access.may_decide(user)):
        return ()
    return review_steps_for(user, row.state)


def review_steps_for(user: Any, state: str) -> tuple[Step, ...]:
    """Return the steps that a user may take from a state: those of values, and one back."""
    steps = steps_for(user, state)
    if state == State.CONFIRMED and access.may_confirm_anything(user):
        return (*steps, RETURN)
    return steps


def store_and_step(
    request: HttpRequest, row: WrittenRow, form: TextForm | None, late: Overtaken | None = None
) -> Asked | None:
    """Move what the form names, with the texts in its fields, and report it.

    `form` has these texts, None where the page has no fields. Return None if all is done, else what
    was asked, with problems unless the form itself has errors. All or nothing is stored. `late` is
    what others changed since the page was opened: nobody takes a step with content they have not
    seen.
    """
    data = request.POST.copy()
    if form is not None and not form.is_valid():
        return typed_so_far(data)
    if late is not None:
        asked = typed_so_far(data)
        asked.problems = [("steps", f"{late.shown}今の内容を確かめて、もう一度押してください。")]
        return asked
    is_changed = form is not None and not is_same(row.stored, form.entry())
    if is_changed and data.get("step") not in TAKES_TEXTS_ALONG:
        asked = typed_so_far(data)
        asked.problems = [
            (
                "id_done",
                "保存していない入力があります。保存すると「入力中」に戻り、この操作はできなくなります。"
                "元に戻してから、もう一度押してください。",
            )
        ]
        return asked
    with transaction.atomic():
        if is_changed:
            texts = given(form)
            change = Change(by=request.user, door=Door.PAGE)
            try:
                [stored] = record_reviews(row.model, row.year, [texts.entry()], row.duties, change)
            except ReviewError as error:
                texts.refuse(error)
                return typed_so_far(data)
            data["value"] = f"{stored.pk}:{stored.version}"
        asked = take_step(request, data, row)
        if asked.problems:
            transaction.set_rollback(True)
            return asked
    return None


def take_step(request: HttpRequest, data: QueryDict, rows: Movable, thing: str = "") -> Asked:
    """Move the rows that a form names, all or none, and say so; problems say why it was refused.

    With `thing`, what the rows are called, the form is that of a list.
    """
    asked = read_asked(data, rows.steps, timezone.localdate(), thing=thing or "行")
    if asked.problems:
        return asked
    step = given(asked.step)
    change = Change(by=request.user, door=Door.PAGE, reason=asked.history_reason)
    try:
        moved = move_reviews(
            rows.model, asked.selected, step.to, rows.duties, change, on_paper=step.on_paper
        )
    except ReviewError as error:
        asked.problems = [
            (f"pick-{one.current.pk}" if thing and one.current else "steps", one.message)
            for one in error.problems
        ]
    else:
        _say_moved(request, len(moved), step)
    return asked


def came_before(request: HttpRequest, model: type[Answered]) -> bool:
    """Say what the form of a step did if it has arrived already; False if it has not.

    It arrives twice after a double click, or if its answer was lost on the way. A step writes a
    row once, or twice with the texts that were in its fields.
    """
    seen = typed_so_far(request.POST).selected
    step = next((one for one in ALL_STEPS if one.key == request.POST.get("step")), None)
    if step is None or not seen:
        return False
    now = dict(model._default_manager.filter(pk__in=seen).values_list("pk", "version"))
    history: Any = model.history  # type: ignore[attr-defined]
    own = set(
        history.filter(id__in=seen, state=step.to, history_user=request.user.pk).values_list(
            "id", "version"
        )
    )
    if any((pk, now.get(pk)) not in own or now[pk] - seen[pk] not in (1, 2) for pk in seen):
        return False
    _say_moved(request, len(seen), step)
    return True


def _say_moved(request: HttpRequest, count: int, step: Step) -> None:
    messages.success(request, f"{count}件を「{State(step.to).label}」にしました。")


def typed_texts(form: forms.ModelForm, besides: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return what was typed into a form, as labels with texts, for a page that cannot show it.

    This happens if the year was fixed or the row confirmed after the page was opened. Fields
    `besides` are still on the page.
    """
    if not form.is_bound:
        return []
    names = [name for name in form.changed_data if name not in besides]
    typed = [(str(form[name].label), _shown(form[name])) for name in names]
    for line in getattr(form, "kpis", ()):
        differs = dict(line.said) != {**dict.fromkeys(line.said, ""), **line.stored}
        typed.append((line.listing.name, line.comment if differs else ""))
    return [(label, text) for label, text in typed if text]


def _shown(field: forms.BoundField) -> str:
    """Return what was typed into a field; of a choice its label."""
    if isinstance(field.field, forms.BooleanField):
        return "はい"
    choices = getattr(field.field, "choices", ())
    typed = str(field.data or "").strip()
    if not typed:
        return ""
    return next((str(label) for value, label in choices if str(value) == typed), typed)
