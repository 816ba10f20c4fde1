"""The list of a year's projects or measures, and the steps of several of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from accounts import access
from entry.answer_steps import NOTHING_ASKED, RETURN, TICK, Asked, Step, typed_so_far
from plans.nodes import StrategyTree
from plans.pages import Link
from reviews.answering import Movable, came_before, review_steps_for, take_step
from reviews.duties import Responsible
from reviews.models import Answered, State
from reviews.written_rows import STATE_LABELS

ROWS = "rows"
"""Which rows the list shows to a section: its own, or with ALL_ROWS all."""

ALL_ROWS = "all"


@dataclass(frozen=True)
class ListedRowsOfYear:
    """What a list is about: the model, the name of its address, and what a row is called."""

    model: type[Answered]
    address: str
    thing: str
    url_of: Callable[[StrategyTree, Any], str]


@dataclass(frozen=True)
class ListLine:
    """A row of the list. `may_pick`: it has a check box, which `is_picked` ticks.

    `is_own`: this user of planning wrote it, so that somebody else confirms it. `lacks`: what is
    empty, so that it can only be returned.
    """

    row: Any
    url: str
    may_pick: bool = False
    is_picked: bool = False
    is_own: bool = False
    lacks: str = ""


class RowList:
    """The rows of a year: all to read, or those of a state which the user moves on.

    People of a section see their own rows first, and all with ?rows=all. `obstacle` says why
    nothing of the year can be written.
    """

    def __init__(
        self,
        request: HttpRequest,
        tree: StrategyTree,
        rows: Sequence[Any],
        duties: Responsible,
        listed: ListedRowsOfYear,
        obstacle: str,
    ) -> None:
        self.request = request
        self.tree = tree
        self.duties = duties
        self.listed = listed
        self.all_rows = rows
        self.own_rows = [row for row in rows if row.may_write]
        self.is_of_section = 0 < len(self.own_rows) < len(rows)
        self.shows_all = not self.is_of_section or request.GET.get(ROWS) == ALL_ROWS
        self.rows = rows if self.shows_all else self.own_rows
        own = [] if obstacle else [row for row in self.own_rows if row.stored]
        self.movable = {
            state: [row for row in own if row.state == state]
            for state in State.values
            if review_steps_for(request.user, state)
        }
        wanted = request.GET.get("state", "")
        self.asked_for = wanted if wanted in State.values else ""
        self.state = self.asked_for if self.movable.get(self.asked_for) else ""
        self.asked: Asked = NOTHING_ASKED

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that the user may take with the rows shown."""
        return review_steps_for(self.request.user, self.state) if self.state else ()

    def address(self, **query: str) -> str:
        """Return the address of the list, with more in its query."""
        year = {"year": str(self.tree.fiscal_year)}
        return reverse(self.listed.address, args=[self.tree.code], query=year | query)

    def moved(self) -> bool:
        """Carry out the step of a POST; False if it was refused, or only ticks rows."""
        sent = self.request.POST
        if not access.may_enter_anything(self.request.user):
            raise PermissionDenied
        if TICK in sent:
            self.asked = typed_so_far(sent)
            return False
        if came_before(self.request, self.listed.model):
            return True
        if not self.state and self.asked_for:
            self.asked = typed_so_far(sent)
            self.asked.problems = [("steps", self._told_of_none_left(self.asked.reason))]
            return False
        rows = Movable(self.listed.model, self.duties, self.steps)
        self.asked = take_step(self.request, sent, rows, self.listed.thing)
        return not self.asked.problems

    def _told_of_none_left(self, reason: str) -> str:
        """Return the message for a list of rows that have all changed state."""
        typed = f"入力した理由「{reason}」は、保存していません。" if reason else ""
        return (
            f"「{STATE_LABELS[self.asked_for]}」の{self.listed.thing}は、もうありません。この画面を"
            f"開いた後に、別の画面かほかの人が先に進めました。{typed}"
        )

    def context(self) -> dict[str, Any]:
        """Return what the template of the list needs."""
        asked = self.asked
        lines = self._lines()
        return {
            "rows": lines,
            "state": self.state,
            "state_label": STATE_LABELS.get(self.state, ""),
            "tabs": self._tabs(),
            "steps": self.steps,
            "may_step": any(line.may_pick for line in lines),
            "thing": self.listed.thing,
            "tick": TICK,
            "every": all(
                line.is_picked for line in lines if line.may_pick and not self._waits(line)
            ),
            "may_tick": any(line.may_pick and not self._waits(line) for line in lines),
            "lacking_count": sum(map(self._waits, lines)),
            "may_return": RETURN in self.steps,
            "only_returns": self.steps == (RETURN,),
            "address": self.address(state=self.state),
            "asked": asked,
            "problem_of": dict(asked.problems),
            "problems": [(f"#{field}", text) for field, text in asked.problems],
        }

    def _lines(self) -> list[ListLine]:
        if not self.steps:
            return [ListLine(row, self.listed.url_of(self.tree, row)) for row in self.rows]
        sent = {f"{pk}:{version}" for pk, version in self.asked.selected.items()}
        # What is confirmed is finished: nobody returns all of it by one slip.
        shows_first = self.request.method != "POST" and self.state != State.CONFIRMED
        every = shows_first or self.request.POST.get(TICK) == "all"
        if self.request.POST.get(TICK) == "none":
            sent = set()
        lines = []
        for row in self.movable[self.state]:
            is_own = self._is_own(row)
            picked = not is_own and (row.key in sent or (every and not self._waits(row)))
            url = self.listed.url_of(self.tree, row)
            lines.append(ListLine(row, url, not is_own, picked, is_own, row.lacks))
        return lines

    def _waits(self, row: Any) -> bool:
        """Return whether what a row lacks keeps it from its next step; not from going back."""
        return bool(row.lacks) and self.steps != (RETURN,)

    def _is_own(self, row: Any) -> bool:
        is_answered = row.state == State.ANSWERED
        return is_answered and not access.may_confirm(self.request.user, row.stored.entered_by_id)

    def _tabs(self) -> list[tuple[Link, int]]:
        """Return a link for each state in which the user has rows to move on."""
        tabs = [
            (
                Link(
                    _tab_label(state),
                    self.address(state=state),
                    state == self.state,
                ),
                len(rows),
            )
            for state, rows in self.movable.items()
            if rows
        ]
        return [*self._all_or_own(), *tabs] if tabs or self.is_of_section else []

    def _all_or_own(self) -> list[tuple[Link, int]]:
        """Return the links to all rows, and before it to those of the user's section, if any."""
        every = Link("すべて", self.address(), not self.state)
        if not self.is_of_section:
            return [(every, len(self.all_rows))]
        own = Link("自分の課", self.address(), not self.state and not self.shows_all)
        every = Link("すべて", self.address(**{ROWS: ALL_ROWS}), not self.state and self.shows_all)
        return [(own, len(self.own_rows)), (every, len(self.all_rows))]


def _tab_label(state: str) -> str:
    """Return the text of the link to the rows of a state; from confirmed there is no next step."""
    label = STATE_LABELS[state]
    return label if state == State.CONFIRMED else f"次に進めるもの（{label}）"
