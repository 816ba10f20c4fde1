"""Admin forms for entering and correcting yearly values, through recording.py.

A row is one indicator in one year, with or without a value. The page of an indicator (a row per
year) and the page of a year (a row per indicator) use the same form.
"""

from dataclasses import asdict, fields, replace
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet

from indicators import recording
from indicators.entries import WITHDRAWN, WITHDRAWN_LABEL, Entry, Subject
from indicators.models import Actual, FiscalYear, Indicator
from indicators.typed_values import Typed, read_entry, typed_of, typed_value
from trail.history import Change, Door

_TYPED = tuple(field.name for field in fields(Typed))


def _number_field(label: str) -> forms.CharField:
    """Return a field for a number as people type it, in the display unit."""
    attrs = {"size": 12, "inputmode": "decimal", "class": "number"}
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attrs))


class ActualForm(forms.ModelForm):
    """A row: the value of an indicator for a year, or the reason why it is missing."""

    key = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
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
        for name, field in self.fields.items():
            # Compare with what the page showed, so that only edits of this user count as changes,
            # not those that somebody else made meanwhile.
            field.show_hidden_initial = name != "key"
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

    def merge(self, current: Actual) -> None:
        """Show what somebody else stored meanwhile, but in the edited fields what was typed.

        Sent again, the row overwrites only these.
        """
        subject: Any = self.subject
        sent: Any = cast(Any, self.data).copy()
        for name, value in _as_stored(replace(subject, stored=current), current).items():
            if name not in self.fields:
                continue
            text = "" if value is None else str(value)
            sent[self.add_initial_prefix(name)] = text
            if name not in self.changed_data:
                sent[self.add_prefix(name)] = text
        self.data = sent

    def clean(self) -> dict[str, Any]:
        """Parse the row; `entry` is what to record, None if the row has errors or no changes."""
        data = super().clean() or {}
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


class ActualFormSet(BaseInlineFormSet):
    """The rows of a page. The inline makes a subclass for each request and sets `request` on it."""

    request: Any = None

    def row_of(self, key: int) -> tuple[Indicator | None, int | None]:
        """Return indicator and year of the row with this key; None for what does not exist."""
        raise NotImplementedError

    def key_of(self, actual: Actual) -> int:
        """Return the key of the row of a stored value."""
        raise NotImplementedError

    def _construct_form(self, i: int, **kwargs: Any) -> ActualForm:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # not in the stubs
        if form.instance.pk is not None:
            key = self.key_of(form.instance)
        else:
            posted = form.data.get(form.add_prefix("key"), "") if form.is_bound else ""
            key = int(posted) if posted.isdecimal() else form.initial.get("key", 0)
        form.take_place(*self.row_of(key), key)
        return form

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
            if problem.field == "version" and problem.current is not None:
                form.merge(problem.current)
                faster = recording.who_was_faster(problem.current)
                form.add_error(None, f"{faster}残す方を入力して、もう一度保存してください。")
            elif problem.field in ("reason", "change_kind"):
                of_the_page.append(problem.message)
            else:
                shown = (
                    problem.field in form.fields and not form.fields[problem.field].widget.is_hidden
                )
                form.add_error(problem.field if shown else None, problem.message)
        if of_the_page:
            raise ValidationError(list(dict.fromkeys(of_the_page)))

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
