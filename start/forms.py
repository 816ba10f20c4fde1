"""The form of city and planning office."""

from typing import Any

from django import forms

from accounts.forms import ask_for_each
from japanese.numerals import half_width
from trail.events import Event
from trail.installation import Installation
from trail.meanwhile import SOMEBODY, NoticesChanges, when_and_who

OFFICE_HELP = "計画をまとめる課の名称。照会の文書、メール、画面の問合せ先に使います。例：企画課"


SUBJECT = "市町村と企画担当"
"""The subject of changes in the log of events: there is no other history of them."""


class CityForm(NoticesChanges):
    """City, code and office: all three are needed here."""

    class Meta:
        model = Installation
        fields = ("city", "city_code", "planning_office")
        help_texts = {
            "city": "例：○○市",
            "city_code": "検査数字を含む、6桁の全国地方公共団体コード。先頭の0も入力します。",
            "planning_office": OFFICE_HELP,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True
        # Longer than a code: it may be typed in full width or with blanks.
        self.fields["city_code"] = forms.CharField(
            label="団体コード",
            max_length=20,
            help_text=self.Meta.help_texts["city_code"],
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        )
        ask_for_each(self)

    def clean_city_code(self) -> str:
        return half_width(self.cleaned_data["city_code"]).replace(" ", "").replace("-", "")

    def who_changed(self, name: str) -> str:
        """Return when and by whom a field was changed, as the log of events has it."""
        logged = Event.objects.filter(
            kind=Event.Kind.SETTING, subject=SUBJECT, detail__contains=f"{self[name].label}："
        )
        last = logged.select_related("by").order_by("-pk").first()
        return when_and_who(last.occurred_at, last.by) if last else SOMEBODY

    @property
    def changes(self) -> str:
        """The text for the log: the names of the fields with their new values."""
        return "、".join(
            f"{self.fields[name].label}：{self.cleaned_data[name]}" for name in self.changed_data
        )
