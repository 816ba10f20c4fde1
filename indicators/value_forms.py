"""Forms in the admin by which yearly values are entered and corrected, through recording.py.

One row is one indicator in one year, whether it has a value already or not. The same form serves
the page of an indicator (a row per year) and the page of a year (a row per indicator).
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet

from indicators import recording
from indicators.models import Actual, FiscalYear, Indicator
from indicators.rules.typed_numbers import read_typed_number
from japanese.numerals import plain
from trail.history import Change, Door

WITHDRAW = "withdraw"


class NumberField(forms.CharField):
    """A number as people type it, in the indicator's display unit; cleans to its unit."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"size": 12, "inputmode": "decimal", "class": "number"})
        )
        super().__init__(required=False, **kwargs)
        self.indicator: Indicator | None = None
        self.scaled = False

    @property
    def factor(self) -> int:
        return self.indicator.display_factor if self.scaled and self.indicator else 1

    def prepare_value(self, value: Any) -> Any:
        return plain(value / self.factor) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        text = super().to_python(value)
        if not text:
            return None
        units = {}
        if self.scaled and self.indicator:
            indicator = self.indicator
            units = {"unit": indicator.unit, "shown_unit": indicator.shown_unit}
        try:
            return read_typed_number(text, self.label, factor=self.factor, **units)
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class ActualForm(forms.ModelForm):
    """One row: the value of one indicator for one year, or why there is none."""

    key = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    availability = forms.ChoiceField(label="有無", choices=Actual.Availability.choices)
    value = NumberField(label="実績値")
    numerator = NumberField(label="分子")
    denominator = NumberField(label="分母")
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

    class Meta:
        model = Actual
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # Only what the person changed counts, not what somebody else changed meanwhile.
            field.show_hidden_initial = name != "key"
        self.initial.setdefault("availability", Actual.Availability.REPORTED)
        if self.instance.pk is not None:
            for name in recording.CONTENT_FIELDS:
                self.initial[name] = getattr(self.instance, name)
            self.initial["version"] = self.instance.version
            self.fields["availability"].choices = [
                *Actual.Availability.choices,
                (WITHDRAW, "（未入力に戻す）"),
            ]

    def take_place(self, indicator: Indicator | None, fiscal_year: int | None, key: int) -> None:
        """Say which indicator and year the row is about; the formset knows."""
        if indicator is not None and fiscal_year is not None:
            self.instance.indicator = indicator
            self.instance.fiscal_year_id = fiscal_year
        self.initial["key"] = key
        for name in ("value", "numerator", "denominator"):
            self.fields[name].indicator = indicator
        self.fields["value"].scaled = True
        if indicator is not None and indicator.ratio:
            self.fields["value"].widget.attrs["placeholder"] = "分子と分母から"

    def _post_clean(self) -> None:
        """Leave the model alone: recording.py says whether the row can be stored."""

    def entry(self) -> recording.Entry:
        """Return what the row wants recorded; call on a row without errors."""
        data = dict(self.cleaned_data)
        data.pop("key")
        data.pop("id", None)
        for parent in ("indicator", "fiscal_year"):
            data.pop(parent, None)
        if data["availability"] == WITHDRAW:
            data["availability"] = recording.WITHDRAWN
        elif not {"numerator", "denominator"}.isdisjoint(self.changed_data):
            if "value" not in self.changed_data and data["numerator"] is not None:
                data["value"] = None  # computed anew; the old share still stands in its field
        elif "value" in self.changed_data:
            data["numerator"] = data["denominator"] = None  # no longer where the value is from
        return recording.Entry(
            indicator_id=self.instance.indicator_id,
            fiscal_year=self.instance.fiscal_year_id,
            **data,
        )


class ActualFormSet(BaseInlineFormSet):
    """The rows of one page. `request` is set on the class that the inline makes for a request."""

    request: Any = None

    def row_of(self, key: int) -> tuple[Indicator | None, int | None]:
        """Return indicator and year of the row with this key."""
        raise NotImplementedError

    def key_of(self, actual: Actual) -> int:
        """Return the key of a stored value's row."""
        raise NotImplementedError

    def _construct_form(self, i: int, **kwargs: Any) -> ActualForm:
        form = super()._construct_form(i, **kwargs)
        if form.instance.pk is not None:
            key = self.key_of(form.instance)
        else:
            posted = form.data.get(form.add_prefix("key"), "") if form.is_bound else ""
            key = int(posted) if posted.isdecimal() else form.initial.get("key", 0)
        form.take_place(*self.row_of(key), key)
        return form

    def validate_unique(self) -> None:
        """Leave it to recording.py, which locks the rows before it looks."""

    def clean(self) -> None:
        rows = [form for form in self.forms if form.has_changed() and not form.errors]
        for form in rows:
            if form.instance.indicator_id is None or form.instance.fiscal_year_id is None:
                form.add_error(None, "この行の指標または年度がなくなりました。開き直してください。")
        self._rows = [form for form in rows if not form.errors]
        self._reason = self.request.POST.get("change_reason", "").strip()
        problems = recording.check(
            self._entries(), Change(by=self.request.user, door=Door.ADMIN, reason=self._reason)
        )
        of_the_page = []
        for problem in problems:
            form = self._rows[problem.index]
            if problem.field in ("reason", "change_kind"):
                of_the_page.append(problem.message)
            else:
                shown = (
                    problem.field in form.fields and not form.fields[problem.field].widget.is_hidden
                )
                form.add_error(problem.field if shown else None, problem.message)
        if of_the_page:
            raise ValidationError(list(dict.fromkeys(of_the_page)))

    def _entries(self) -> list[recording.Entry]:
        """Return what the changed rows want recorded, with the page's kind of change."""
        kind = self.request.POST.get("change_kind", "")
        return [replace(form.entry(), change_kind=kind) for form in self._rows]

    def save(self, commit: bool = True) -> list[Actual]:
        """Record the changed rows; return the values that are stored now."""
        is_new = [form.instance.pk is None for form in self._rows]
        results = recording.record(
            self._entries(), Change(by=self.request.user, door=Door.ADMIN, reason=self._reason)
        )
        pairs = list(zip(self._rows, results, is_new, strict=True))
        self.new_objects = [actual for _, actual, new in pairs if actual and new]
        self.changed_objects = [
            (actual, form.changed_data) for form, actual, new in pairs if actual and not new
        ]
        self.deleted_objects = [form.instance for form, actual, _ in pairs if actual is None]
        return [actual for actual in results if actual]


class ValuesOfIndicator(ActualFormSet):
    """All years of one indicator."""

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
    """All indicators of one year."""

    def row_of(self, key: int) -> tuple[Indicator | None, int | None]:
        return self.indicators.get(key), self.instance.pk

    def key_of(self, actual: Actual) -> int:
        return actual.indicator_id

    @property
    def indicators(self) -> dict[int, Indicator]:
        if not hasattr(self, "_indicators"):
            self._indicators = Indicator.objects.select_related("entered_by").in_bulk()
        return self._indicators
