"""The form with which a filled-in Excel form is sent."""

from typing import Any

from django import forms
from django.conf import settings

from entry.excel.reading import Form, read_form
from indicators.models import Actual, FiscalYear
from tables import uploads
from tables.uploads import Upload, UploadError

MAX_FILES = 40
"""So many forms at once: more sections than a city has."""

MAX_TIMES_ONE = 4
"""Together they may be so many times as large as one file may be."""


class FilesInput(forms.FileInput):
    """Chooses one file or several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Uploads of one file or several; cleans to a list of those that passed all checks."""

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        files = [super(FilesField, self).clean(file, initial) for file in data or [None]]
        if len(files) > MAX_FILES:
            raise forms.ValidationError(
                f"一度に選べるのは{MAX_FILES}個までです（{len(files)}個選ばれています）。"
                "分けて取り込んでください。"
            )
        if sum(file.size for file in files) > MAX_TIMES_ONE * settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(
                "選んだファイルの大きさの合計が、上限を超えています。分けて取り込んでください。"
            )
        try:
            return [uploads.read(file) for file in files]
        except UploadError as error:
            raise forms.ValidationError(str(error)) from error


class ImportForm(forms.Form):
    """The files; of a year that is not open, why and how its values change.

    After `is_valid`, `read` is what the files hold.
    """

    read: list[Form]

    file = FilesField(
        label="取り込むファイル",
        help_text="入力したExcel様式（.xlsx）か、それをCSV（UTF-8かShift_JIS）で保存したもの。"
        "いくつかの様式を、一度に選ぶこともできます。",
        error_messages={
            "required": "取り込むファイルを選んでください。",
            "empty": "選んだファイルは中身が空です。内容のあるファイルを選んでください。",
        },
        widget=FilesInput(attrs={"accept": ".xlsx,.csv"}),
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

    def clean_file(self) -> list[Upload]:
        try:
            self.read = [read_form(upload, self.year.pk) for upload in self.cleaned_data["file"]]
        except UploadError as error:
            raise forms.ValidationError(str(error)) from error
        return self.cleaned_data["file"]

    @property
    def said(self) -> dict[str, str]:
        """Why and how values change, as entry/excel/comparing.py takes it."""
        known = {name: self.cleaned_data.get(name, "") for name in ("reason", "change_kind")}
        return {name: text.strip() for name, text in known.items()}
