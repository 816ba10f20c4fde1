"""The forms of 統合, 分割, 改称 and 廃止: what is asked, and what is refused.

The first form asks which sections, from which year on, why, and for new names. The second asks, for
分割 and 廃止, where each indicator and each person goes.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from accounts.models import Section
from accounts.sections import confused_with
from indicators.duties import shown_section
from indicators.models import FiscalYear, Indicator
from indicators.reorganising import Act, ActKind, indicators_of, users_of, was_carried_out
from indicators.typed_fields import NOTHING_CHOSEN, YearField
from japanese.characters import alike
from japanese.fiscal_years import fiscal_year_of, full_label
from trail.meanwhile import who_changed

NAME_LENGTH = 60
LEAVES = "none"
"""The choice for a person who goes to no other section."""

WORK = {
    ActKind.MERGE: "いくつかの課を一つにします。",
    ActKind.SPLIT: "一つの課を、いくつかの課に分けます。",
    ActKind.RENAME: "課の名称を、ある年度から変えます。書き間違いは、担当課の画面で直します。",
    ActKind.ABOLISH: "課をなくし、指標と人を、今ある課に移します。",
}


class ActForm(forms.Form):
    """What all acts ask. `act` is the act once the form is valid, `is_done` if it came twice."""

    kind: ActKind
    act: Act | None = None
    is_done = False

    first_fiscal_year = YearField(
        label="適用する最初の年度",
        help_text="この年度の実績から、新しい課で示します（例：令和9、2027）。"
        "それより前の年度の画面、帳票、データは変わりません。",
    )
    reason = forms.CharField(
        label="理由", max_length=400, help_text="変更履歴に残ります。例：令和9年4月の機構改革"
    )

    def acted_on(self, data: dict[str, Any]) -> list[Section]:
        """Return the chosen sections."""
        section = data.get("section")
        return [section] if section else []

    def asked(self, data: dict[str, Any], sections: list[Section]) -> Act:
        """Return the act of complete data; may add errors."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        sections = self.acted_on(data)
        if self.errors or not sections:
            return data
        act = self.asked(data, sections)
        if self.errors:
            return data
        self.is_done = was_carried_out(act)
        if not self.is_done:
            for name, message in self._problems(act):
                self.add_error(name, message)
        if not self.errors:
            self.act = act
        return data

    def _problems(self, act: Act) -> Iterator[tuple[str, str]]:
        chosen = "sections" if "sections" in self.fields else "section"
        for section in (*act.sections, *act.heirs):
            if not section.is_active:
                who = who_changed(section, "is_active")
                yield (
                    chosen if section in act.sections else "into",
                    f"「{section}」は、使用中でない課です（{who}が変更）。使用中の課を選んでください。",
                )
        for message in problems_of_names(act):
            yield "names" if "names" in self.fields else "name", message
        for message in problems_of_year(act, timezone.localdate()):
            yield "first_fiscal_year", message


class MergeForm(ActForm):
    kind = ActKind.MERGE
    field_order = ["sections", "into", "name", "department", "first_fiscal_year", "reason"]

    sections = forms.ModelMultipleChoiceField(
        Section.objects.all(), label="統合する課", widget=forms.CheckboxSelectMultiple
    )
    into = forms.ModelChoiceField(
        Section.objects.all(),
        label="統合先（今ある課）",
        required=False,
        help_text="今ある課に統合するときに選びます。新しい課にするときは、空欄にします。",
    )
    name = forms.CharField(
        label="新しい課の名称", required=False, help_text="新しい課にするときに入力します。"
    )
    department = forms.CharField(
        label="新しい課の部",
        required=False,
        max_length=NAME_LENGTH,
        help_text="空欄にすると、統合する課の部と同じにします。",
    )

    def acted_on(self, data: dict[str, Any]) -> list[Section]:
        return list(data.get("sections") or ())

    def asked(self, data: dict[str, Any], sections: list[Section]) -> Act:
        into, name = data.get("into"), data["name"].strip()
        if bool(into) == bool(name):
            self.add_error(
                "name",
                "「統合先（今ある課）」と「新しい課の名称」の、どちらか一方だけを入力してください。",
            )
        ending = [section for section in sections if section != into]
        if len(ending) < (1 if into else 2):
            self.add_error("sections", "統合する課を、統合先のほかに選んでください。" if into
                           else "統合する課を、二つ以上選んでください。")  # fmt: skip
        goes_to = str(into.pk) if into else name
        return Act(
            ActKind.MERGE,
            tuple(ending),
            data["first_fiscal_year"],
            names=(name,) if name else (),
            heirs=(into,) if into else (),
            department=data["department"].strip(),
            indicators={one.pk: goes_to for one in indicators_of(ending)},
            users={one.pk: [goes_to] for one in users_of(ending)},
        )


class SplitForm(ActForm):
    kind = ActKind.SPLIT
    field_order = ["section", "names", "department", "first_fiscal_year", "reason"]

    section = forms.ModelChoiceField(Section.objects.all(), label="分割する課")
    names = forms.CharField(
        label="分割後の課の名称",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="1行に一つ、二つ以上。今の課が残るときは、今の名称も1行に入れます。",
    )
    department = forms.CharField(
        label="新しい課の部",
        required=False,
        max_length=NAME_LENGTH,
        help_text="空欄にすると、分割する課の部と同じにします。",
    )

    def asked(self, data: dict[str, Any], sections: list[Section]) -> Act:
        [section] = sections
        lines = [line.strip() for line in data["names"].splitlines() if line.strip()]
        if len(lines) < 2:
            self.add_error("names", "分割後の課の名称を、1行に一つ、二つ以上入力してください。")
        return Act(
            ActKind.SPLIT,
            (section,),
            data["first_fiscal_year"],
            names=tuple(line for line in lines if line != section.name),
            heirs=(section,) if section.name in lines else (),
            department=data["department"].strip(),
        )


class RenameForm(ActForm):
    kind = ActKind.RENAME
    field_order = ["section", "name", "first_fiscal_year", "reason"]

    section = forms.ModelChoiceField(Section.objects.all(), label="改称する課")
    name = forms.CharField(label="新しい名称")

    def asked(self, data: dict[str, Any], sections: list[Section]) -> Act:
        name = data["name"].strip()
        return Act(ActKind.RENAME, tuple(sections), data["first_fiscal_year"], names=(name,))


class AbolishForm(ActForm):
    kind = ActKind.ABOLISH
    field_order = ["section", "into", "first_fiscal_year", "reason"]

    section = forms.ModelChoiceField(Section.objects.all(), label="廃止する課")
    into = forms.ModelChoiceField(
        Section.objects.active(),
        label="引き継ぐ課",
        required=False,
        help_text="次の画面で、指標と人の行き先を一つずつ選びます。多くが行く課を選んでおくと、"
        "その課が入ります。",
    )

    def asked(self, data: dict[str, Any], sections: list[Section]) -> Act:
        if data.get("into") in sections:
            self.add_error("into", "廃止する課とは別の課を選んでください。")
        return Act(ActKind.ABOLISH, tuple(sections), data["first_fiscal_year"])


FORMS: dict[ActKind, type[ActForm]] = {
    form.kind: form for form in (MergeForm, SplitForm, RenameForm, AbolishForm)
}


def problems_of_names(act: Act) -> Iterator[str]:
    """Yield what is wrong with the names of new sections, or with the new name of one."""
    renamed = [act.sections[0].pk] if act.kind == ActKind.RENAME else []
    known = {section.name: section for section in Section.objects.exclude(pk__in=renamed)}
    seen: list[str] = []
    for name in act.names:
        if len(name) > NAME_LENGTH:
            yield f"「{name}」は{len(name)}文字です。{NAME_LENGTH}文字以下にしてください。"
        elif act.kind == ActKind.RENAME and name == act.sections[0].name:
            yield f"「{name}」は、今の名称です。新しい名称を入力してください。"
        elif name in known:
            state = "" if known[name].is_active else "使用中でない課として"
            yield (
                f"「{name}」は、{state}登録されています。別の名称にしてください。"
                + (
                    "今ある課に統合するときは、「統合先」で選びます。"
                    if act.kind == ActKind.MERGE
                    else ""
                )
            )
        elif message := confused_with(name, known):
            yield message
        elif any(alike(name) == alike(other) for other in seen):
            yield f"「{name}」と同じか、全角・半角などだけが違う名称が、ほかの行にあります。"
        seen.append(name)


LATEST_AHEAD = 1
"""How many years after the current fiscal year an act may apply from: people move at once."""


def problems_of_year(act: Act, today: date) -> Iterator[str]:
    """Yield why an act cannot apply from its year."""
    first, label = act.first_fiscal_year, full_label(act.first_fiscal_year)
    current = fiscal_year_of(today)
    if first > current + LATEST_AHEAD:
        yield (
            f"{label}は、まだ先の年度です。人の所属は実行したときに移るため、"
            f"{full_label(current + LATEST_AHEAD)}までの年度にしてください。"
        )
    for section in act.sections:
        began = section.first_fiscal_year
        if began is not None and first <= began:
            yield (
                f"{label}は、「{section}」の最初の年度（{full_label(began)}）より後ではありません。"
                f"{full_label(began + 1)}以後の年度にしてください。"
            )
        named = section.former_names.order_by("-last_fiscal_year").first()
        if named is not None and first <= named.last_fiscal_year:
            yield (
                f"「{section}」は、{full_label(named.last_fiscal_year + 1)}に改称しています。"
                f"{full_label(named.last_fiscal_year + 1)}以後の年度にしてください。"
            )
    closed = _closed_years(act)
    if closed:
        newest = closed[-1]
        done = "公表して" if newest.published_on else "入力の受付を終えて"
        yield (
            f"{full_label(newest.pk)}は、{done}いて、"
            f"「{'」「'.join(section.name for section in act.sections)}」の指標の値があります。"
            f"{full_label(newest.pk + 1)}以後の年度にしてください。"
        )


def _closed_years(act: Act) -> list[FiscalYear]:
    """Return the years of the act that are ended or published with values of its sections."""
    ids = [section.pk for section in act.sections]
    found = []
    for year in FiscalYear.objects.filter(year__gte=act.first_fiscal_year).order_by("year"):
        if not year.is_settled:
            continue
        own = Indicator.objects.alias(
            answers=shown_section("section", year.pk), enters=shown_section("entered_by", year.pk)
        ).filter(Q(answers__in=ids) | Q(enters__in=ids), actuals__fiscal_year=year)
        if own.exists():
            found.append(year)
    return found


class DestinationsForm(forms.Form):
    """Where each indicator and each person of the sections goes: a field for each.

    In a split, a person may go to several sections.
    """

    def __init__(self, act: Act, *args: Any, into: Section | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.act = act
        self.choices = _destinations(act)
        proposed = str(into.pk) if into else ""
        self.indicators = list(indicators_of(act.sections).select_related("section", "entered_by"))
        self.users = list(users_of(act.sections).prefetch_related("sections"))
        for indicator in self.indicators:
            self.fields[f"indicator-{indicator.pk}"] = forms.ChoiceField(
                choices=[("", NOTHING_CHOSEN), *self.choices],
                label=f"「{indicator.name}」の行き先",
                initial=proposed,
                error_messages={
                    "required": f"「{indicator.name}」を引き継ぐ課を選んでください。",
                    "invalid_choice": f"「{indicator.name}」を引き継ぐ課を、選び直してください。",
                },
            )
        for user in self.users:
            self.fields[f"user-{user.pk}"] = self._field_of(user, proposed)

    def _field_of(self, user: Any, proposed: str) -> forms.Field:
        words = {
            "required": f"{user}さんの行き先を選んでください。",
            "invalid_choice": f"{user}さんの行き先を、選び直してください。",
        }
        if self.act.kind == ActKind.SPLIT:
            return forms.MultipleChoiceField(
                choices=self.choices,
                label=f"{user}さんの行き先",
                widget=forms.CheckboxSelectMultiple,
                error_messages=words,
            )
        stays = (LEAVES, "どの課にも移さない")
        return forms.ChoiceField(
            choices=[("", NOTHING_CHOSEN), *self.choices, stays],
            label=f"{user}さんの行き先",
            initial=proposed,
            error_messages=words,
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        gone = {
            name
            for name in self.data
            if name.startswith(("indicator-", "user-")) and name not in self.fields
        }
        if gone:
            raise ValidationError("行き先を選んでいる間に、課の指標か利用者が変わりました。")
        return data

    def indicator_targets(self) -> dict[int, str]:
        """Return where the indicators go."""
        return {one.pk: self.cleaned_data[f"indicator-{one.pk}"] for one in self.indicators}

    def user_targets(self) -> dict[int, list[str]]:
        """Return where the people go."""
        chosen = {one.pk: self.cleaned_data[f"user-{one.pk}"] for one in self.users}
        return {
            pk: value if isinstance(value, list) else [value] * (value != LEAVES)
            for pk, value in chosen.items()
        }


def _destinations(act: Act) -> list[tuple[str, str]]:
    if act.kind == ActKind.SPLIT:
        return list(act.targets.items())
    others = Section.objects.active().exclude(pk__in=[one.pk for one in act.sections])
    return [(str(section.pk), section.name) for section in others]
