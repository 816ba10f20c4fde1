"""Admin forms for entering and correcting yearly values, through recording.py.

A row is one indicator in one year, with or without a value. The page of an indicator (a row per
year) and the page of a year (a row per indicator) use the same form.
"""

from dataclasses import asdict, fields, replace
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from accounts import access
from indicators import recording
from indicators.entries import (
    WITHDRAWN,
    WITHDRAWN_LABEL,
    Entry,
    Subject,
    same_content,
    tidy_remarks,
)
from indicators.merging import PARTS, merge
from indicators.models import Actual, FiscalYear, Indicator
from indicators.typed_values import (
    LABELS,
    Typed,
    read_entry,
    read_typed,
    typed_of,
    typed_value,
)
from japanese.fiscal_years import full_label
from japanese.numerals import half_width
from japanese.row_numbers import row_number
from trail.history import Change, Door, current_change
from trail.meanwhile import message_of_left_alone, overtaken_message, who_changed
from trail.rows_meanwhile import ArrangedRows, SentRow

_TYPED = tuple(field.name for field in fields(Typed))

_NUMBERS = ("value", "numerator", "denominator")


def _number_field(label: str) -> forms.CharField:
    """Return a field for a number as people type it, in the display unit."""
    attrs = {"size": 12, "inputmode": "decimal", "class": "number"}
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attrs))


class _Agreed(forms.CharField):
    """The version of an answered value that the user agreed to change; not a change by itself."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ActualForm(forms.ModelForm):
    """A row: the value of an indicator for a year, or the reason why it is missing."""

    key = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reopen = _Agreed(required=False)
    availability = forms.ChoiceField(label="有無", choices=Actual.Availability.choices)
    value = _number_field("実績値")
    numerator = _number_field("分子")
    denominator = _number_field("分母")
    expected_month = forms.CharField(
        label="公表予定月",
        required=False,
        max_length=7,
        validators=Actual._meta.get_field("expected_month").validators,
        widget=forms.TextInput(attrs={"size": 7, "placeholder": "2026-09"}),
    )
    provisional = forms.BooleanField(label="速報値", required=False)
    remarks = forms.CharField(
        label="備考", required=False, widget=forms.Textarea(attrs={"rows": 1, "cols": 30})
    )

    subject: Subject | None = None
    entry: Entry | None = None

    class Meta:
        model = Actual
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.overtaken: dict[str | None, str] = {}
        self.left_alone: list[str] = []
        for name, field in self.fields.items():
            # Compare with what the page showed, so that only edits of this user count as changes,
            # not those that somebody else made meanwhile.
            field.show_hidden_initial = name not in ("key", "reopen")
        self.initial.setdefault("availability", Actual.Availability.REPORTED)
        if self.instance.pk is not None:
            availability: Any = self.fields["availability"]
            availability.choices = [
                *Actual.Availability.choices,
                (WITHDRAWN, f"（{WITHDRAWN_LABEL}）"),
            ]

    def take_place(self, indicator: Indicator | None, fiscal_year: int | None, key: int) -> None:
        """Set the indicator and year of the row. Called by the formset."""
        self.initial["key"] = key
        if indicator is not None and indicator.ratio:
            self.fields["value"].widget.attrs["placeholder"] = "分子と分母から"
        if indicator is None or fiscal_year is None:
            return
        self.instance.indicator = indicator
        self.instance.fiscal_year_id = fiscal_year
        stored = None if self.instance.pk is None else self.instance
        self.subject = Subject(fiscal_year, indicator, stored)
        if stored is not None:
            self.initial = {**self.initial, **_as_stored(self.subject, stored)}

    @property
    def left_alone_message(self) -> str:
        """The message about changes by others that stay; "" without any."""
        return message_of_left_alone(self.left_alone)

    def catch_up(self, current: Actual | None) -> None:
        """Merge what was typed with what is stored now, if the page showed something else.

        What only somebody else changed is taken over. Of what both changed, what was typed stays in
        the row, with a message in `overtaken`: sent again, the row overwrites only that.
        """
        if self.subject is None or self._sent("version") == _version_of(current):
            return
        self.subject = replace(self.subject, stored=current)
        seen = {name: self._sent(name, is_initial=True) for name in _CONTENT}
        typed = {name: self._sent(name) for name in _CONTENT}
        is_touched = _tidy(typed) != _tidy(seen)
        stored = _NOTHING if current is None else _texts_of(self.subject, current)
        if current is None and is_touched and typed["availability"] != WITHDRAWN:
            merged = typed
            [withdrawal] = recording.who_withdrew(
                [self.subject.indicator.pk],
                self.subject.fiscal_year,
                seen_by=current_change().by,
            ).values()
            self.overtaken[None] = (
                f"{withdrawal}入力し直すときは、この行の内容を確かめて、もう一度保存してください。"
                "やめるときは、この行を空欄にして保存してください。"
            )
        elif current is None or not is_touched:
            merged = stored
        else:
            merged = self._merged(current, seen, typed, stored)
        self._show(merged, stored, _version_of(current))

    def _merged(
        self,
        current: Actual,
        seen: dict[str, str],
        typed: dict[str, str],
        stored: dict[str, str],
    ) -> dict[str, str]:
        """Return the texts of the row, and note which parts others changed, alone or, too."""
        now = _tidy(stored)
        merged = merge(_tidy(seen), now, _tidy(typed))
        for part in merged.clashes:
            self.overtaken[part] = overtaken_message(LABELS[part], *self._by_others(part, current))
        for part in merged.left_alone:
            who, what = self._by_others(part, current)
            self.left_alone.append(f"{self._name}の{LABELS[part]}「{what}」（{who}）")
        undecided = {name for part in merged.clashes for name in PARTS[part]}
        # As it was typed, so that the page shows it like that again.
        return {
            name: (typed if name in undecided or text != now[name] else stored)[name]
            for name, text in merged.texts.items()
        }

    def _by_others(self, part: str, current: Actual) -> tuple[str, str]:
        """Return who changed a part, and what it is now."""
        columns = (*PARTS[part], "grade") if part == "value" else PARTS[part]
        return who_changed(current, *columns), self._in_words(part, current)

    @property
    def _name(self) -> str:
        subject: Any = self.subject
        return f"「{subject.indicator.name}」（{full_label(subject.fiscal_year)}）"

    def _in_words(self, part: str, current: Actual) -> str:
        subject: Any = self.subject
        if part == "value":
            return read_typed(typed_of(subject), subject).text
        if part == "provisional":
            return "速報値" if current.provisional else "確定値"
        return current.remarks or "空欄"

    def _sent(self, name: str, *, is_initial: bool = False) -> str:
        """Return the text of a field as it was sent, or as the page had shown it."""
        prefixed = self.add_initial_prefix(name) if is_initial else self.add_prefix(name)
        text = str(self.data.get(prefixed, ""))
        if name != "provisional":
            return text
        return _YES if text in (_YES, "True") else ""  # a hidden box says True or False

    def _show(self, texts: dict[str, str], stored: dict[str, str], version: str) -> None:
        """Go on as if a page that shows what is stored now had sent these texts."""
        sent: Any = cast(Any, self.data).copy()
        for name, text in texts.items():
            sent[self.add_prefix(name)] = text
            sent[self.add_initial_prefix(name)] = stored[name]
        for prefixed in (self.add_prefix("version"), self.add_initial_prefix("version")):
            sent[prefixed] = version
        self.data = sent
        self.__dict__.pop("changed_data", None)

    def clean(self) -> dict[str, Any]:
        """Parse the row; `entry` is what to record, None if the row has errors or no changes."""
        data = super().clean() or {}
        if self.overtaken:
            self.tell_what_others_did()
            return data
        if not self.has_changed():
            return data
        if self.subject is None:
            self.add_error(
                None, "この行の指標または年度がなくなりました。一覧から開き直してください。"
            )
            return data
        reading = read_entry(Typed(**{name: self._text(name) for name in _TYPED}), self.subject)
        for field, messages in reading.faults.items():
            for message in messages:
                self.add_error(field, message)
        self.entry = reading.entry
        return data

    @property
    def reopens(self) -> bool:
        """Whether the row makes an answered value a draft again, and the user has not agreed."""
        subject, user = self.subject, current_change().by
        stored = subject.stored if subject else None
        if subject is None or stored is None or stored.state != Actual.State.ANSWERED:
            return False
        if user is None or access.enters_as_answered(user):
            return False
        if self.entry is not None and same_content(self.entry, stored, subject.indicator):
            return False
        return self._sent("reopen") != _version_of(stored)

    def ask_before_reopening(self) -> None:
        """Refuse the row once; sent again, it makes the answered value a draft."""
        stored: Any = self.subject and self.subject.stored
        sent: Any = cast(Any, self.data).copy()
        sent[self.add_prefix("reopen")] = _version_of(stored)
        self.data = sent
        who = who_changed(stored, "state")
        self.add_error(
            None,
            f"この値は「回答済み」です（{who}が回答）。変更すると「入力中」に戻り、もう一度、課長の回答か"
            "紙の決裁が必要になります。変更するときは、もう一度保存してください。やめるときは、保存せずに"
            "画面を離れてください。",
        )

    def tell_what_others_did(self) -> None:
        """Refuse the row with the messages about what others stored meanwhile."""
        for field, message in self.overtaken.items():
            self.add_error(field, message)
        if self.left_alone_message:
            self.add_error(None, self.left_alone_message)
        if self.reopens:
            self.ask_before_reopening()

    def _text(self, name: str) -> str:
        """Return the text of a field; "" if it has an error of its own."""
        content = self.cleaned_data.get(name)
        if isinstance(content, bool):
            return "on" if content else ""
        return "" if content is None else str(content)

    def _post_clean(self) -> None:
        """Do not validate the model: recording.py checks the row."""


def _as_stored(subject: Subject, stored: Actual) -> dict[str, Any]:
    """Return the content of a row's fields, by name."""
    return asdict(typed_of(subject)) | {
        "value": typed_value(subject, stored),  # also if it is a ratio
        "availability": stored.availability,
        "provisional": stored.provisional,
    }


_CONTENT = tuple(name for names in PARTS.values() for name in names)
_YES = "on"
_NOTHING = dict.fromkeys(_CONTENT, "") | {"availability": Actual.Availability.REPORTED.value}
"""What a row without a value shows."""


def _texts_of(subject: Subject, stored: Actual) -> dict[str, str]:
    """Return the texts of a row, by field, as a browser sends them."""
    content = _as_stored(subject, stored) | {"provisional": _YES if stored.provisional else ""}
    return {name: "" if content[name] is None else str(content[name]) for name in _CONTENT}


def _version_of(actual: Actual | None) -> str:
    return "" if actual is None else str(actual.version)


def _tidy(texts: dict[str, str]) -> dict[str, str]:
    """Return texts of which those that mean the same are equal."""
    return {
        name: half_width(text).replace(",", "").strip() if name in _NUMBERS else tidy_remarks(text)
        for name, text in texts.items()
    }


class ActualFormSet(ArrangedRows):
    """The rows of a page. The inline makes a subclass for each request and sets `request` on it."""

    request: Any = None

    def row_of(self, key: int) -> tuple[Indicator | None, int | None]:
        """Return indicator and year of the row with this key; None for what does not exist."""
        raise NotImplementedError

    def key_of(self, actual: Actual) -> int:
        """Return the key of the row of a stored value."""
        raise NotImplementedError

    def _construct_form(self, i: int, **kwargs: Any) -> ActualForm:
        form: Any = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # not in the stubs
        if form.instance.pk is not None:
            key = self.key_of(form.instance)
        else:
            posted = form.data.get(form.add_prefix("key"), "") if form.is_bound else ""
            number = row_number(posted)
            key = form.initial.get("key", 0) if number is None else number
        form.take_place(*self.row_of(key), key)
        if form.is_bound:
            form.catch_up(None if form.instance.pk is None else form.instance)
        return form

    def arrange(self, sent: list[tuple[SentRow, bool]]) -> tuple[dict[Any, SentRow], list[SentRow]]:
        stored = {str(self.key_of(actual)): actual.pk for actual in self.get_queryset()}
        kept: dict[Any, SentRow] = {}
        new: list[SentRow] = []
        for row, _ in sent:
            pk = stored.get(row.typed.get("key", ""))
            if pk is None or pk in kept:
                new.append(row)
            else:
                kept[pk] = row
        return kept, new

    def validate_unique(self) -> None:
        """Do nothing: recording.py checks, after it has locked the rows."""

    def clean(self) -> None:
        self._rows = [form for form in self.forms if form.has_changed() and not form.errors]
        reason = self.request.POST.get("change_reason", "").strip()
        self._change = Change(by=self.request.user, door=Door.ADMIN, reason=reason)
        problems = recording.check(self._entries(), self._change)
        of_the_page = []
        for problem in problems:
            form = self._rows[problem.index]
            if problem.field == "version":
                form.catch_up(problem.current)  # stored since this request has read it
                form.overtaken.setdefault(None, problem.message)
                form.tell_what_others_did()
            elif problem.field in ("reason", "change_kind"):
                of_the_page.append(problem.message)
            else:
                shown = (
                    problem.field in form.fields and not form.fields[problem.field].widget.is_hidden
                )
                form.add_error(problem.field if shown else None, problem.message)
        if of_the_page:
            raise ValidationError(list(dict.fromkeys(of_the_page)))
        for form in [] if problems else self._rows:
            if form.reopens:
                form.tell_what_others_did()

    def _entries(self) -> list[Entry]:
        """Return the entries of the changed rows, with the kind of change from the page."""
        kind = self.request.POST.get("change_kind", "")
        rows: list[Any] = self._rows
        return [replace(form.entry, change_kind=kind) for form in rows]

    def save(self, commit: bool = True) -> list[Actual]:
        """Record the changed rows and return the stored values, without deleted ones."""
        is_new = [form.instance.pk is None for form in self._rows]
        results = recording.record(self._entries(), self._change)
        pairs = list(zip(self._rows, results, is_new, strict=True))
        self.new_objects = [actual for _, actual, new in pairs if actual and new]
        self.changed_objects = [
            (actual, form.changed_data) for form, actual, new in pairs if actual and not new
        ]
        self.deleted_objects = [form.instance for form, actual, _ in pairs if actual is None]
        return [actual for actual in results if actual]


class ValuesOfIndicator(ActualFormSet):
    """The rows of all years of an indicator."""

    def row_of(self, key: int) -> tuple[Indicator | None, int | None]:
        return self.instance, key if key in self.years else None

    def key_of(self, actual: Actual) -> int:
        return actual.fiscal_year_id

    @property
    def years(self) -> set[int]:
        if not hasattr(self, "_years"):
            self._years = set(FiscalYear.objects.values_list("year", flat=True))
        return self._years


class ValuesOfYear(ActualFormSet):
    """The rows of all indicators of a year."""

    def row_of(self, key: int) -> tuple[Indicator | None, int | None]:
        return self.indicators.get(key), self.instance.pk

    def key_of(self, actual: Actual) -> int:
        return actual.indicator_id

    @property
    def indicators(self) -> dict[int, Indicator]:
        if not hasattr(self, "_indicators"):
            self._indicators = Indicator.objects.select_related("entered_by").in_bulk()
        return self._indicators
