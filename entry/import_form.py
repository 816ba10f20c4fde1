"""The form with which a filled-in Excel form is sent."""

from typing import Any

from django import forms

from entry.excel.reading import Form, read_form
from indicators.models import Actual, FiscalYear
from nemuro_strategy import uploads
from nemuro_strategy.uploads import Upload, UploadError


class ImportForm(forms.Form):
    """The file; of a year that is not open, why and how its values change.

    After `is_valid`, `read` is what the file holds.
    """

    read: Form

    file = forms.FileField(
        label="取り込むファイル",
        help_text="入力したExcel様式（.xlsx）か、それをCSV（UTF-8かShift_JIS）で保存したもの。",
        error_messages={
            "required": "取り込むファイルを選んでください。",
            "empty": "選んだファイルは中身が空です。内容のあるファイルを選んでください。",
        },
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    change_kind = forms.ChoiceField(
        label="変更の種類",
        required=False,
        choices=[("", "（選んでください）"), *Actual.ChangeKind.choices],
    )
    reason = forms.CharField(
        label="変更の理由",
        required=False,
        max_length=500,
        help_text="変更履歴に残ります。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, year: FiscalYear, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year
        if year.entry_is_open:
            del self.fields["reason"]
        if not year.has_ended:
            del self.fields["change_kind"]

    def clean_file(self) -> Upload:
        try:
            upload = uploads.read(self.cleaned_data["file"])
            self.read = read_form(upload, self.year.pk)
        except UploadError as error:
            raise forms.ValidationError(str(error)) from error
        return upload

    @property
    def said(self) -> dict[str, str]:
        """Why and how values change, as entry/excel/comparing.py takes it."""
        known = {name: self.cleaned_data.get(name, "") for name in ("reason", "change_kind")}
        return {name: text.strip() for name, text in known.items()}
