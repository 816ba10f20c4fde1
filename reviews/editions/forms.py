"""The forms of 検証調書: fixing a year, publishing, 正誤, withdrawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone

from indicators.example_texts import NUMBER_HELP
from indicators.typed_fields import NOTHING_CHOSEN, DayField
from japanese.calendar_days import era_day
from japanese.fiscal_years import era_label
from reviews.editions.differences import DIFFERENCE_KINDS, Difference
from reviews.editions.editions_of_plan import ChangedValue
from reviews.models import Edition, Erratum

DAY_HELP = "例：2027-01-20、令和9年1月20日"


class PastDay(DayField):
    """A day that is not after today."""

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(
                f"{self.label}「{era_day(day)}」は、まだ来ていない日です。日付を直してください。"
            )
        return day


class NamesItsFields(forms.BaseForm):
    """A form whose errors name the field that is empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"{field.label}を入力してください。"


class ChecksTexts(forms.BaseForm):
    """A form with a tick for each text that reveals a 秘匿 value or a name, before it is public."""

    telling: Sequence[str] = ()

    def ask_about(self, telling: Sequence[str]) -> None:
        """Add a tick for each text; `telling` says where it is and what it reveals."""
        self.telling = tuple(dict.fromkeys(telling))
        for one in self.telling:
            self.fields[_tick(one)] = field = forms.BooleanField(label=one)
            field.error_messages["required"] = (
                f"{one}直すか、このまま載せてよいことを確かめて、印を付けてください。"
            )

    @property
    def ticks(self) -> list[BoundField]:
        """The ticks, in the order of the texts."""
        return [self[_tick(one)] for one in self.telling]

    @property
    def others(self) -> list[BoundField]:
        """The other fields."""
        ticks = {_tick(one) for one in self.telling}
        return [field for field in self if field.name not in ticks]


def _tick(text: str) -> str:
    """Return the name of the tick for a text, the same whenever the form is made."""
    return f"text-{sha256(text.encode()).hexdigest()[:12]}"


def _names(changed: ChangedValue) -> tuple[str, str]:
    """Return the names of the two fields of a difference, the same whenever the form is made."""
    about = f"{changed.indicator}-{changed.fiscal_year}-{changed.what}".encode()
    key = sha256(about).hexdigest()[:12]
    return f"kind-{key}", f"reason-{key}"


def _kind_field(one: Difference) -> forms.ChoiceField:
    about = _about(one.changed)
    field = forms.ChoiceField(
        label=f"{about}の差の種類",
        choices=[("", NOTHING_CHOSEN), *((kind, kind) for kind in DIFFERENCE_KINDS)],
        initial=one.kind,
        error_messages={"invalid_choice": f"{about}の差の種類を、一覧から選んでください。"},
    )
    field.widget.attrs["aria-label"] = field.label
    field.error_messages["required"] = (
        f"{about}が、前回の「{one.changed.before or 'なし'}」から"
        f"「{one.changed.now or 'なし'}」に変わりました。差の種類を選んでください。"
    )
    return field


def _reason_field(one: Difference) -> forms.CharField:
    about = _about(one.changed)
    label = f"{about}の差の理由"
    field = forms.CharField(
        label=label,
        max_length=1000,
        initial=one.reason,
        widget=forms.Textarea(attrs={"rows": 2, "aria-label": label}),
    )
    field.error_messages["required"] = (
        f"{about}が、前回の「{one.changed.before or 'なし'}」から"
        f"「{one.changed.now or 'なし'}」に変わりました。理由を入力してください。"
    )
    return field


def _about(changed: ChangedValue) -> str:
    return f"「{changed.name}」の{era_label(changed.fiscal_year)}の{changed.what}"


@dataclass(frozen=True)
class DifferenceRow:
    """A difference in the table of the form: what differs, its kind and its reason as fields."""

    changed: ChangedValue
    kind: BoundField
    reason: BoundField

    @property
    def year_label(self) -> str:
        """令和5年度"""
        return era_label(self.changed.fiscal_year)


@dataclass(frozen=True)
class YearToFix:
    """What the form asks about: a year, how many matters are open in it, and what is dated last.

    `last_reported` is the latest day that the edition reports, after its name.
    """

    fiscal_year: int
    left_open: int
    last_reported: tuple[str, date] | None = None


class FixForm(NamesItsFields, ChecksTexts, forms.Form):
    """決裁日 and 文書番号 of an edition; a reason where something is still open.

    Each difference from earlier editions has two fields more, its kind and its reason, and each
    text that reveals too much has a tick.
    """

    decided_on = PastDay(label="決裁日", help_text=DAY_HELP)
    document_number = forms.CharField(
        label="文書番号", max_length=60, help_text=f"{NUMBER_HELP}。番号がないときは「なし」。"
    )
    reason = forms.CharField(
        label="終わっていないものを残して確定する理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        year: YearToFix,
        differences: Sequence[Difference] = (),
        telling: Callable[[Sequence[str]], Sequence[str]] = lambda reasons: (),
        **kwargs: Any,
    ) -> None:
        """`telling` says what the texts of the year and the reasons of differences reveal."""
        super().__init__(*args, **kwargs)
        self.year = year
        self.differences = differences
        if year.left_open:
            self.fields["reason"].error_messages["required"] = (
                f"終わっていないものが{year.left_open}件あります。先に終えるか、"
                "残して確定する理由を入力してください。"
            )
        else:
            del self.fields["reason"]
        self.of_decision = [self[name] for name in self.fields]
        for one in differences:
            kind, reason = _names(one.changed)
            self.fields[kind] = _kind_field(one)
            self.fields[reason] = _reason_field(one)
        self.ask_about(telling([str(row.reason.value() or "") for row in self.difference_rows()]))

    def difference_rows(self) -> list[DifferenceRow]:
        """Return the differences with their fields."""
        return [
            DifferenceRow(one.changed, *(self[name] for name in _names(one.changed)))
            for one in self.differences
        ]

    def decided_differences(self) -> tuple[Difference, ...]:
        """Return the differences as planning decided them; the form must be valid."""
        return tuple(
            Difference(one.changed, *(self.cleaned_data[name] for name in _names(one.changed)))
            for one in self.differences
        )

    def clean_decided_on(self) -> Any:
        day, first = self.cleaned_data["decided_on"], date(self.year.fiscal_year + 1, 4, 1)
        if day and day < first:
            raise forms.ValidationError(
                f"決裁日「{era_day(day)}」は、{era_label(self.year.fiscal_year)}が終わる前です。"
                f"{era_day(first)}以後の日を入力してください。"
            )
        last = self.year.last_reported
        if day and last and day < last[1]:
            name, reported = last
            raise forms.ValidationError(
                f"決裁日「{era_day(day)}」が、{name}「{era_day(reported)}」より前です。"
                "どちらかを確かめて直してください。"
            )
        return day


class PublishForm(NamesItsFields, ChecksTexts, forms.Form):
    """公表日 of an edition; `telling` are the texts in it that reveal too much."""

    published_on = PastDay(label="公表日", help_text=DAY_HELP)

    def __init__(
        self, *args: Any, edition: Edition, telling: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.edition = edition
        self.ask_about(telling)

    def clean_published_on(self) -> Any:
        day = self.cleaned_data["published_on"]
        if day and day < self.edition.decided_on:
            raise forms.ValidationError(
                f"公表日「{era_day(day)}」が、決裁日「{era_day(self.edition.decided_on)}」より"
                "前です。どちらかを確かめて直してください。"
            )
        return day


class PublicationForm(PublishForm):
    """Another 公表日 for an edition that is published, and why."""

    was = forms.DateField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="直す理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例：公表した日の入力の誤り",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day = data.get("published_on")
        if day and day == data.get("was"):
            self.add_error(
                "published_on",
                f"公表日「{era_day(day)}」は、今の公表日と同じです。正しい日を入力してください。",
            )
        return data


class WithdrawForm(NamesItsFields, forms.Form):
    """Why an edition is withdrawn."""

    reason = forms.CharField(
        label="取下げの理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ErratumForm(NamesItsFields, forms.ModelForm):
    """An entry beside a fixed edition."""

    entered_on = PastDay(label="日付", help_text=DAY_HELP)
    checked = forms.BooleanField(
        label="秘匿の値や氏名を確かめ、このまま載せる",
        required=False,
        help_text="公表した号の正誤は、登録するとすぐに公表の画面に出ます。",
    )

    def __init__(self, *args: Any, telling: Callable[[list[str]], list[str]], **more: Any) -> None:
        """`telling` returns what some texts reveal that the public must not know."""
        super().__init__(*args, **more)
        self._telling = telling
        self.sent_before: Erratum | None = None

    class Meta:
        model = Erratum
        fields = ("place", "wrong", "right", "entered_on", "reason")
        widgets = {name: forms.Textarea(attrs={"rows": 2}) for name in ("wrong", "right", "reason")}
        help_texts = {"place": "例：12ページ 来館者数の実績値"}

    def clean_entered_on(self) -> Any:
        day, decided = self.cleaned_data["entered_on"], self.instance.edition.decided_on
        if day and day < decided:
            raise forms.ValidationError(
                f"日付「{era_day(day)}」が、決裁日「{era_day(decided)}」より前です。"
                "正誤を決めた日を入力してください。"
            )
        return day

    def clean(self) -> dict[str, Any]:
        """Set `sent_before` where the same is stored already, as after a double click."""
        data = super().clean() or {}
        texts = [str(data.get(name) or "") for name in ("place", "wrong", "right", "reason")]
        entry = dict(zip(("place", "wrong", "right"), texts, strict=False))
        if same := self.instance.edition.errata.filter(**entry).first():
            if (same.reason, same.entered_on) == (texts[-1], data.get("entered_on")):
                self.sent_before = same
                return data
            self.add_error(
                "place",
                f"箇所・誤・正が同じ正誤{same.number}（日付：{era_day(same.entered_on)}）を"
                "登録してあります。別の正誤なら、箇所を詳しく入力してください。",
            )
        if not data.get("checked") and (found := self._telling(texts)):
            self.add_error(
                "checked",
                "".join(found) + "直すか、このまま載せてよいことを確かめて、印を付けてください。",
            )
        if data.get("wrong") and data.get("wrong") == data.get("right"):
            self.add_error(
                "right", f"正「{data['right']}」が、誤と同じです。正しい内容を入力してください。"
            )
        return data
