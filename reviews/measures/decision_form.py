"""The form of 推進本部の決定: one day, and the words for each of the ticked evaluations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms

from japanese.calendar_days import era_day
from japanese.characters import clean
from japanese.fiscal_years import era_label
from japanese.row_numbers import row_number
from reviews.editions.forms import DAY_HELP, NamesItsFields, PastDay
from reviews.measures.evaluations import MeasureRow
from reviews.measures.form import LONGEST_WRITTEN, longest_texts
from reviews.recording import HeadquartersDecision, ReviewError

PICK = "pick"
"""The name of the boxes: each has the id of an evaluation and the version on the page."""


class DecisionsForm(NamesItsFields, forms.Form):
    """The day, and the words for those without words of their own."""

    decided_on = PastDay(label="決定日", help_text=DAY_HELP)
    common = forms.CharField(
        label="決定の内容（印を付けたものに共通）",
        required=False,
        help_text="下の欄が空欄のものに使います。例：評価案のとおり決定する。",
        widget=forms.Textarea,
    )

    def __init__(self, data: Any, rows: Sequence[MeasureRow], fiscal_year: int) -> None:
        super().__init__(data)
        self.fiscal_year = fiscal_year
        longest_texts(self)
        self.lines = [DecisionLine(row, data) for row in rows]

    @property
    def picked(self) -> list["DecisionLine"]:
        return [line for line in self.lines if line.is_picked]

    def clean_decided_on(self) -> date | None:
        day, first = self.cleaned_data["decided_on"], date(self.fiscal_year, 4, 1)
        if day and day < first:
            raise forms.ValidationError(
                f"決定日「{era_day(day)}」は、{era_label(self.fiscal_year)}が始まる前です。"
                "年を確かめて直してください。"
            )
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.picked:
            self.add_error(None, "印が付いていません。決定のあったものに印を付けてください。")
        for line in self.lines:
            if line.is_picked and not (line.typed or said.get("common")):
                line.refuse("決定の内容が空欄です。この欄か、共通の欄に入力してください。")
            elif line.is_picked and len(line.typed) > LONGEST_WRITTEN:
                line.refuse(
                    f"決定の内容は{LONGEST_WRITTEN:,}字以内で入力してください（{len(line.typed):,}字）。"
                )
            elif not line.is_picked and line.typed != line.shown:
                line.refuse(
                    "決定の内容が入力されていますが、印が付いていません。"
                    "印を付けるか、元の内容に戻してください。"
                )
        if any(line.error for line in self.lines):
            self.add_error(None, "印と決定の内容を確かめてください。")
        return said

    def decisions(self) -> list[HeadquartersDecision]:
        """Return the decisions in a valid form on the ticked evaluations."""
        common = self.cleaned_data["common"].strip()
        return [
            HeadquartersDecision(line.pk, line.seen, clean(line.typed or common))
            for line in self.picked
        ]

    def refuse(self, error: ReviewError) -> None:
        """Show why nothing was stored, and what somebody else stored meanwhile."""
        by_measure = {line.row.pk: line for line in self.lines}
        for problem in error.problems:
            line = by_measure.get(problem.about)
            self.add_error(None, problem.message)
            if line and problem.current and line.typed != problem.current.decision:
                line.refuse(f"今保存されている内容：「{problem.current.decision or '空欄'}」")


@dataclass
class DecisionLine:
    """One confirmed evaluation in the form; `data` is None where nothing was sent."""

    row: MeasureRow
    data: Any
    errors: list[str] = field(default_factory=list)

    @property
    def pk(self) -> int:
        return self.row.stored.pk if self.row.stored else 0

    @property
    def stored(self) -> str:
        return self.row.stored.decision if self.row.stored else ""

    @property
    def picks(self) -> Mapping[int, int]:
        """The versions of the ticked evaluations by their ids, as they were on the page."""
        found = {}
        for key in self.data.getlist(PICK) if self.data else ():
            pk, version = (row_number(part) for part in key.partition(":")[::2])
            if pk is not None and version is not None:
                found[pk] = version
        return found

    @property
    def is_picked(self) -> bool:
        return self.pk in self.picks

    @property
    def seen(self) -> int:
        return self.picks.get(self.pk, 0)

    @property
    def shown(self) -> str:
        """What the page showed when it was sent."""
        if self.data is None:
            return self.stored
        return _one_break(self.data.get(f"text-{self.pk}-seen", ""))

    @property
    def typed(self) -> str:
        """The text in the field."""
        if self.data is None:
            return self.stored
        return _one_break(self.data.get(f"text-{self.pk}", ""))

    @property
    def error(self) -> str:
        return " ".join(self.errors)

    def refuse(self, message: str) -> None:
        """Show a message at the field."""
        self.errors.append(message)


def _one_break(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
