"""Fields of the admin for further attributes of measures, KPIs and projects."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from goals.carried import CARRIED_FIELDS, read_grants, read_sdgs
from indicators.plan_filters import plan_of
from indicators.revising_form import RevisedPartForm
from tables.columns import SEPARATOR


class SdgsField(forms.CharField):
    """Numbers of SDGs as people list them: 3、11."""

    def prepare_value(self, value: Any) -> Any:
        return SEPARATOR.join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[int]:
        try:
            return read_sdgs(value or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the numbers differ; another notation is not a change."""
        try:
            return bool(self.clean(data) != (initial or []))
        except ValidationError:
            return True


class GrantsField(forms.CharField):
    """交付金 by their names. They become numbers with `in_plan`, once the plan is known."""

    names: Mapping[int, str] = {}
    """The names of the plan of the stored part by number."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return SEPARATOR.join(self.names[number] for number in value if number in self.names)

    def clean(self, value: Any) -> str:
        return (value or "").strip()

    def has_changed(self, initial: Any, data: Any) -> bool:
        shown = self.prepare_value(initial or []) or ""
        return [one.strip() for one in shown.split(SEPARATOR)] != [
            one.strip() for one in self.clean(data).split(SEPARATOR)
        ]


class CarriedForm(RevisedPartForm):
    """A part of a plan with SDGs, 交付金 and a code of the 総合計画."""

    sdgs = SdgsField(
        label="SDGs",
        required=False,
        help_text="1から17までの番号。二つ以上は「、」で区切ります。例：3、11",
    )
    grants = GrantsField(
        label="交付金",
        required=False,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text="この計画の交付金の名称。二つ以上は「、」で区切ります。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields.get("grants")
        if field is None or self.is_new:
            return
        field.names = _names_of(plan_of(self.instance))
        if field.names:
            field.help_text += f"登録済み：{'、'.join(field.names.values())}"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        above = data.get(self.parent) or (None if self.is_new else self.instance)
        if above is not None and isinstance(typed := data.get("grants"), str):
            try:
                data["grants"] = read_grants(typed, _names_of(plan_of(above))) if typed else []
            except ValueError as error:
                self.add_error("grants", str(error))
        return data


def _names_of(plan: Any) -> dict[int, str]:
    return dict(plan.grants.values_list("number", "name"))


CARRIED_FIELDSET = ("SDGs、交付金、総合計画", {"fields": list(CARRIED_FIELDS)})
