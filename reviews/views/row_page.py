"""The page of one project's or measure's year: what is written, the steps, and the refusals."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import access
from entry.answer_steps import NOTHING_ASKED, RETURN, Asked, Step
from indicators.models import FiscalYear
from plans.nodes import StrategyTree
from plans.pages import Link, kept_query
from reviews.answering import (
    WrittenRow,
    came_before,
    steps_of_row,
    store,
    store_and_step,
    typed_texts,
)
from reviews.duties import Responsible
from reviews.measures.form import SEEN
from reviews.models import Answered, State
from reviews.overtaken import Overtaken, overtaken
from reviews.pages import review_context
from reviews.recording import obstacle_of_year
from reviews.views.refused_forms import refused_texts


class RowPage:
    """The page of a row; subclasses define what it is about and what else it shows."""

    model: type[Answered]
    template: str
    list_name: str
    list_heading: str
    first_field: str

    def __init__(
        self,
        request: HttpRequest,
        tree: StrategyTree,
        year: FiscalYear,
        row: Any,
        duties: Responsible,
    ) -> None:
        self.request = request
        self.tree = tree
        self.year = year
        self.row = row
        self.duties = duties
        self.obstacle = obstacle_of_year(year, duties.strategy_id)

    def form(self, data: Any = None) -> Any:
        """Return the form for the stored row, filled with `data` if something was sent."""
        raise NotImplementedError

    @property
    def heading(self) -> str:
        """The h1 of the page: the name of the project or measure."""
        raise NotImplementedError

    def more(self, form: Any, *, may_write: bool) -> dict[str, Any]:
        """Return the part of the context that only this kind of row has."""
        raise NotImplementedError

    @property
    def list_url(self) -> str:
        """The address of the list of all rows of the year."""
        return reverse(self.list_name, args=[self.tree.code]) + kept_query(self.tree)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that the user may take with the row."""
        return steps_of_row(self.request.user, self.row.stored, may_write=self.row.may_write)

    def answer(self) -> HttpResponse:
        """Show the page; a POST stores what was typed or moves the row on."""
        if self.request.method != "POST":
            return self._show(self.form())
        if not access.may_enter_anything(self.request.user):
            raise PermissionDenied
        if not self.row.may_write and SEEN in self.request.POST:
            back = Link(self.list_heading, self.list_url)
            return refused_texts(self.request, self.tree, back, self.form(self.request.POST))
        if "step" in self.request.POST:
            return self._step()
        if not self.row.may_write:
            raise PermissionDenied
        form, late = self._sent()
        about = (self.row.stored, self.duties)
        if store(self.request, self.model, self.year, about, form, late):
            return redirect(self.request.get_full_path())
        return self._show(form)

    def _sent(self) -> tuple[Any, Overtaken | None]:
        """Return the form of what was sent, merged with what others changed meanwhile, and that."""
        form = self.form(self.request.POST)
        late = overtaken(form, self.row.stored, self.request.user)
        if late is None:
            return form, None
        form = self.form(late.data)
        if not self._may_change:
            # What was typed is shown, and recording.py says why it cannot be stored.
            return form, None
        late.mark(form)
        return form, late

    @property
    def _may_change(self) -> bool:
        """Whether the user may still write the row."""
        stays = self.row.state == State.CONFIRMED and not access.may_change_confirmed(
            self.request.user
        )
        return self.row.may_write and not self.obstacle and not stays

    @property
    def _is_taken_back(self) -> bool:
        """Whether saving takes the row back from the head or from planning."""
        with_others = self.row.state in (State.SUBMITTED, State.ANSWERED)
        return with_others and not access.may_change_confirmed(self.request.user)

    def _step(self) -> HttpResponse:
        """Move the row on, with the same buttons as a value."""
        sent = self.request.POST
        if came_before(self.request, self.model):
            return redirect(self.list_url)
        form, late = self._sent() if SEEN in sent else (None, None)
        if self.row.stored is None:
            return self._show(form or self.form())
        about = WrittenRow(self.model, self.duties, self.steps, self.row.stored, self.year)
        asked = store_and_step(self.request, about, form, late)
        if asked is None:
            return redirect(self.list_url)
        return self._show(form or self.form(), asked)

    def _show(self, form: Any, asked: Asked = NOTHING_ASKED) -> HttpResponse:
        may_write = self._may_change
        steps = () if self.obstacle else self.steps
        context = review_context(
            self.request,
            self.tree,
            self.heading,
            crumbs=[Link(self.list_heading, self.list_url)],
            row=self.row,
            form=form,
            seen_field=SEEN,
            may_write=may_write,
            is_reset=may_write and self._is_taken_back,
            first_fault=self.first_field if may_write else "unsaved",
            unsaved=[] if may_write else typed_texts(form),
            obstacle=self.obstacle,
            steps=steps,
            only_returns=steps == (RETURN,),
            asked=asked,
            problem_of=dict(asked.problems),
            problems=[(f"#{field}", text) for field, text in asked.problems],
            **self.more(form, may_write=may_write),
        )
        return render(self.request, self.template, context)
