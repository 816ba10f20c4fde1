"""The form of a part of a plan with a title; its former titles can be corrected there."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from indicators.revising_form import RevisedPartForm
from japanese.fiscal_years import era_label, read_fiscal_year

FORMER_TITLES = "former_titles"


class FormerTitlesField(forms.CharField):
    """Former titles as lines of text, each with its last year: 平成28年度まで 仕事をつくる."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 60})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        lines = (f"{era_label(int(last))}まで {value[last]}" for last in sorted(value, key=int))
        return "\n".join(lines)

    def clean(self, value: Any) -> dict[str, str]:
        titles = {}
        for line in filter(None, map(str.strip, (value or "").splitlines())):
            year, _, title = line.replace("　", " ").partition(" ")
            try:
                titles[str(read_fiscal_year(year.removesuffix("まで")))] = title.strip()
            except ValueError:
                titles[""] = line
            if not title.strip() or "" in titles:
                raise ValidationError(
                    f"{self.label}の行「{line}」を読み取れません。"
                    "「平成28年度まで 名称」のように、年度と名称を空白で区切って入力してください。"
                )
        return titles

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the titles differ; another notation of a year is not a change."""
        try:
            return bool(self.clean(data) != (initial or {}))
        except ValidationError:
            return True


class TitledPartForm(RevisedPartForm):
    """A part with a title. The years of former titles stay: revisions give them."""

    former_titles = FormerTitlesField(
        label="改訂前の名称",
        required=False,
        help_text="登録の誤りを直すときだけ、名称を直します。年度は変えられません。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.former_titles:
            self.fields.pop(FORMER_TITLES, None)

    def clean_former_titles(self) -> dict[str, str]:
        """Refuse other years than the stored ones, and titles that the column does not take."""
        typed: dict[str, str] = self.cleaned_data[FORMER_TITLES]
        stored = self.instance.former_titles
        if typed.keys() != stored.keys():
            years = "、".join(f"{era_label(int(last))}まで" for last in sorted(stored, key=int))
            raise ValidationError(
                f"改訂前の名称の年度は、変えられません。{years}の名称を、一行に一つずつ"
                "入力してください。年度を変えるときは、改訂を取り消してから、改訂し直します。"
            )
        longest = self.instance._meta.get_field("title").max_length
        for title in typed.values():
            if len(title) > longest:
                raise ValidationError(
                    f"改訂前の名称「{title[:20]}…」は{len(title)}文字です。"
                    f"{longest}文字以内にしてください。"
                )
        return typed
