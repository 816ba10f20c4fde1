"""The step that a form asks for with what a section wrote, for projects and measures alike."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from accounts import access
from entry.answer_steps import Asked, Step, read_asked, steps_for
from indicators.rules.given import given
from reviews.duties import Responsible
from reviews.models import Answered, State
from reviews.recording import ReviewError, move_reviews
from trail.history import Change, Door


def steps_of_row(user: Any, row: Answered | None, *, may_write: bool) -> tuple[Step, ...]:
    """Return the steps that a user may take with a stored row."""
    if row is None or not (may_write or access.may_decide(user)):
        return ()
    return steps_for(user, row.state)


def take_step_asked(
    request: HttpRequest, model: type[Answered], duties: Responsible, steps: Sequence[Step]
) -> Asked:
    """Move what the form names, and say so; the problems of what is returned say why not."""
    asked = read_asked(request.POST, steps, timezone.localdate())
    if asked.problems:
        return asked
    step = given(asked.step)
    change = Change(by=request.user, door=Door.PAGE, reason=asked.history_reason)
    try:
        rows = move_reviews(model, asked.selected, step.to, duties, change, on_paper=step.on_paper)
    except ReviewError as error:
        asked.problems = [("steps", problem.message) for problem in error.problems]
    else:
        messages.success(request, f"{len(rows)}件を「{State(step.to).label}」にしました。")
    return asked
