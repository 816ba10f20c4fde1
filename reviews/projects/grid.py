"""The grid of 事業の実績: the texts of each project, what they mean, and what was changed.

The fields are named as those of the grid of values (entry/grid.py), with the id of the project.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ValidationError

from entry.grid_fields import GridField, LostRow, digest_of, field_id, lost_rows, page_in
from entry.seen import read_seen
from indicators.merging import Texts
from japanese.fiscal_years import full_label
from japanese.numerals import format_exact
from japanese.row_numbers import row_number
from reviews.models import ProjectYear, State
from reviews.projects.form import (
    LONG_TEXTS,
    OF_MONEY,
    PROJECT_AMOUNTS,
    PROJECT_FIELDS,
    ProjectChoices,
    ProjectYearForm,
)
from reviews.projects.years import ProjectYearRow
from reviews.yen_field import THOUSAND
from tables.cells import tidy

PROJECT_LABELS: Mapping[str, str] = {
    name: str(one.label) for name, one in ProjectYearForm.base_fields.items()
} | {"grant": "交付金の名称"}
"""What the fields are called."""

UNIT = "（千円）"
"""What ends the labels of money."""

NO_TEXTS: Texts = dict.fromkeys(PROJECT_FIELDS, "")


@dataclass(frozen=True)
class ProjectReading:
    """What the texts of a row mean; `content` is None where something is wrong."""

    content: Mapping[str, Any] | None
    faults: Mapping[str, tuple[str, ...]]


def texts_of_project(content: Any, choices: ProjectChoices) -> dict[str, str]:
    """Return the texts of a stored row, of its history, or of what was read; tidy."""
    texts = {name: tidy(getattr(content, name, "") or "") for name in PROJECT_FIELDS[:4]}
    for name in PROJECT_AMOUNTS:
        yen = getattr(content, name, None)
        texts[name] = "" if yen is None else format_exact(Decimal(yen) / THOUSAND)
    ends_in = getattr(content, "ends_in", None)
    return texts | {
        "grant": choices.label_of_grant(getattr(content, "grant_id", None)),
        "policy": content.policy,
        "ends_in": full_label(ends_in) if ends_in else "",
    }


def remedy_of_kept_money(row: ProjectYearRow) -> str:
    """Return what to do where money was stored before the project lost it."""
    return (
        f"金額を入力しない事業に、金額（{row.kept_money}）が登録されています。"
        "先にこの事業の画面で空欄にしてください。"
    )


def read_project(
    row: ProjectYearRow, year: int, texts: Texts, choices: ProjectChoices
) -> ProjectReading:
    """Read the texts of a row; money where the project has none is a fault."""
    tidied = {name: tidy(text) for name, text in texts.items()}
    form = ProjectYearForm(tidied, row=row, choices=choices)
    faults: dict[str, tuple[str, ...]] = {}
    if row.kept_money:
        faults = {PROJECT_FIELDS[0]: (f"「{row.name}」：{remedy_of_kept_money(row)}",)}
    elif row.no_money:
        faults = {name: (row.no_money,) for name in OF_MONEY if tidied.get(name)}
    if not form.is_valid():
        for name in form.errors:
            faults[name] = tuple(str(one) for one in form.errors[name])
    if row.kept_money or faults.keys() & {*OF_MONEY}:
        return ProjectReading(None, faults)
    content = form.cleaned_data
    kept = {name: getattr(row.stored, name, None) for name in PROJECT_FIELDS if name not in content}
    try:
        ProjectYear(project=row.project, fiscal_year_id=year, **(kept | content)).clean()
    except ValidationError as error:
        found = error.message_dict
        faults |= {name: tuple(found[name]) for name in found}
    return ProjectReading(None if faults else content, faults)


@dataclass(frozen=True)
class ProjectGridRow:
    """A project as shown in the grid; `seen` identifies what the page showed of it.

    `more` has messages by field that do not follow from the texts, such as conflicts. `page` names
    the page that it was typed into (entry/grid_fields.py).
    """

    row: ProjectYearRow
    fiscal_year: int
    choices: ProjectChoices
    texts: Texts
    seen: str
    is_editable: bool = True
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shows_faults: bool = False
    page: str = ""

    @property
    def pk(self) -> int:
        """The id of the project."""
        return self.row.node.pk

    @property
    def name(self) -> str:
        """What the project is called."""
        return self.row.name

    @property
    def section(self) -> tuple[int, str]:
        """The id and the name of the section that it is sorted under."""
        return self.row.lead

    @property
    def version(self) -> int:
        """The version that the page showed, 0 for none."""
        return row_number(read_seen(self.seen).version) or 0

    @property
    def stored_version(self) -> int:
        """The version that is stored, 0 for none."""
        return self.row.stored.version if self.row.stored else 0

    @cached_property
    def stored_texts(self) -> Texts:
        """What is stored, as the texts of the fields; empty ones if nothing is."""
        return texts_of_project(self.row.stored, self.choices) if self.row.stored else NO_TEXTS

    @cached_property
    def reading(self) -> ProjectReading:
        """What the texts mean."""
        return read_project(self.row, self.fiscal_year, self.texts, self.choices)

    @cached_property
    def meant(self) -> Texts:
        """The texts in the way in which stored ones are written, as far as they can be read."""
        if self.reading.content is None:
            return {name: tidy(self.texts.get(name, "")) for name in PROJECT_FIELDS}
        content = {**self.reading.content}
        grant = content.pop("grant", None)
        said = SimpleNamespace(grant_id=grant.pk if grant else None, **content)
        return texts_of_project(said, self.choices)

    @cached_property
    def is_touched(self) -> bool:
        """Whether the user changed anything in the row."""
        return digest_of(self.texts, PROJECT_FIELDS) != read_seen(self.seen).digest

    @property
    def is_unsaved(self) -> bool:
        """Whether something was typed that differs from what is stored."""
        return self.is_touched and self.meant != self.stored_texts

    @property
    def is_missing(self) -> bool:
        """Whether the section has to act: nothing entered, or handed back."""
        return self.row.stored is None or self.row.stored.state == State.RETURNED

    @property
    def still_lacks(self) -> str:
        """The empty fields of the stored results to fill in before they can be sent on."""
        return "" if self.row.state == State.CONFIRMED else self.row.lacks

    @property
    def is_filled(self) -> bool:
        """Whether something is stored, or typed so that it can be saved."""
        if self.is_unsaved and not self.reading.faults and any(self.more.values()) is False:
            return any(self.meant.values())
        return not self.is_missing

    @cached_property
    def messages(self) -> Mapping[str, tuple[str, ...]]:
        """The messages to show, by field."""
        if not self.shows_faults or not self.is_touched:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for source in (self.reading.faults, self.more):
            for name, messages in source.items():
                if self.row.no_money and name in OF_MONEY:
                    # The field has gone since somebody typed into it.
                    typed = f"{PROJECT_LABELS[name]}「{self.texts[name]}」："
                    name, messages = PROJECT_FIELDS[0], tuple(typed + one for one in messages)
                found[name] = (*found.get(name, ()), *messages)
        return found

    @cached_property
    def fields(self) -> dict[str, GridField]:
        """The fields by name; without money where the project has none."""
        return {
            name: GridField(
                self.pk, name, self.texts.get(name, ""), self.messages.get(name, ()),
                f"r{self.pk}-notes", PROJECT_LABELS[name],
            )
            for name in PROJECT_FIELDS
            if not (self.row.no_money and name in OF_MONEY)
        }  # fmt: skip

    @property
    def areas(self) -> list[GridField]:
        """The fields with long texts."""
        return [self.fields[name] for name in PROJECT_FIELDS[:4]]

    @property
    def amounts(self) -> list[tuple[GridField, str]]:
        """The fields for money, each with its label without the unit; [] where there is none."""
        names = [name for name in PROJECT_AMOUNTS if name in self.fields]
        return [(self.fields[name], PROJECT_LABELS[name].removesuffix(UNIT)) for name in names]

    @property
    def lists(self) -> list[tuple[GridField, list[tuple[str, str, bool]]]]:
        """The fields with a list to choose from, each with value, text and whether it is chosen."""
        policies = self.choices.of_plan.policy_labels
        found = [("policy", policies)]
        if "grant" in self.fields:
            found.insert(0, ("grant", tuple(self.choices.by_label)))
        return [(self.fields[name], self._options(name, labels)) for name, labels in found]

    def _options(self, name: str, labels: Sequence[str]) -> list[tuple[str, str, bool]]:
        typed = self.texts.get(name, "")
        others = [] if typed in ("", *labels) else [typed]
        return [(one, one or "－", one == typed) for one in ("", *labels, *others)]

    @property
    def wrong_below(self) -> list[GridField]:
        """The short fields with messages, which have no room beside them."""
        return [
            field
            for name, field in self.fields.items()
            if name not in LONG_TEXTS and field.messages
        ]

    @property
    def last_field(self) -> GridField:
        """終了年度."""
        return self.fields["ends_in"]

    @property
    def first_field(self) -> GridField:
        """The field to focus first."""
        return self.fields[PROJECT_FIELDS[0]]

    @property
    def shown_texts(self) -> list[tuple[str, str]]:
        """What is stored, as labels with texts, without what is empty; for a row to read."""
        return [(PROJECT_LABELS[name], text) for name, text in self.stored_texts.items() if text]

    @property
    def kept_money(self) -> str:
        """What to do with stored money of a project that has none; "" without any."""
        return remedy_of_kept_money(self.row) if self.row.kept_money else ""

    @property
    def why_no_money(self) -> str:
        """The text in place of money; "" where the project has money."""
        if not self.row.no_money:
            return ""
        if self.row.project.relisted_from is None:
            return "市の事業ではないため、金額は入力しません。"
        return "再掲のため、金額は最初に掲げた事業に入力します。"


def shown_projects(
    rows: Iterable[ProjectYearRow],
    year: int,
    choices: ProjectChoices,
    *,
    may_change_confirmed: bool = True,
    closed: str = "",
) -> list[ProjectGridRow]:
    """Return the rows as stored, with no field changed; `closed` says why none can be changed."""
    found = []
    for row in rows:
        texts = texts_of_project(row.stored, choices) if row.stored else NO_TEXTS
        is_open = not closed and (row.state != State.CONFIRMED or may_change_confirmed)
        found.append(
            ProjectGridRow(row, year, choices, texts, seen_of_project(row, texts), is_open)
        )
    return found


def seen_of_project(row: ProjectYearRow, texts: Texts) -> str:
    """Return the text of `seen` for a page that shows these texts of what is stored."""
    version = row.stored.version if row.stored else ""
    return f"{version}:{digest_of(texts, PROJECT_FIELDS)}:"


def typed_projects(rows: Iterable[ProjectGridRow], data: Mapping[str, str]) -> list[ProjectGridRow]:
    """Return the rows of a submitted form with the texts typed into them."""
    return [
        replace(
            row,
            texts=_sent(row.pk, data, row.texts),
            seen=str(seen),
            page=page_in(row.pk, data),
            is_editable=True,
        )
        for row in rows
        if (seen := data.get(field_id(row.pk, "seen"))) is not None
    ]


def with_typed(rows: Sequence[ProjectGridRow], data: Mapping[str, str]) -> list[ProjectGridRow]:
    """Return all rows, those of `data` with what was typed into them and what is wrong there."""
    typed = {row.pk: row for row in typed_projects(rows, data) if row.is_touched}
    return [
        replace(typed[row.pk], shows_faults=True) if row.pk in typed and row.is_editable else row
        for row in rows
    ]


def _sent(pk: int, data: Mapping[str, str], otherwise: Texts) -> dict[str, str]:
    """Return the texts of a row in a form; a field that the row does not have is as stored."""
    return {name: str(data.get(field_id(pk, name), otherwise[name])) for name in PROJECT_FIELDS}


def lost_projects(known: Iterable[ProjectGridRow], data: Mapping[str, str]) -> list[LostRow]:
    """Return the typed rows of a form that are not `known`, because they are others' now."""
    return lost_rows(known, data, lambda pk, data: _sent(pk, data, NO_TEXTS))


def told_projects(rows: Iterable[ProjectGridRow]) -> dict[int, dict[str, Any]]:
    """Return, for touched rows, what is wrong; the page shows it while the user types."""
    return {
        row.pk: {
            "text": "",
            "faults": [message for group in row.reading.faults.values() for message in group],
            "doubts": [],
            "judgement": None,
        }
        for row in rows
        if row.is_touched
    }
