"""The base of the admin pages of 数値目標 and KPI: propose, check and confirm readings."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts import access
from accounts.models import User
from indicators.correcting_admin import save_if_meant, tell
from indicators.corrections import ListingKey
from indicators.listings import (
    Listing,
    aim_in_words,
    check_reading,
    contradictions,
    proposed_target_year,
    question_about_sums,
)
from indicators.plan_admin import PlanPartAdmin
from indicators.revising_admin import RevisingAdmin
from indicators.revising_form import AS_REVISION, RevisedPartForm
from indicators.rules.reading_words import in_words
from indicators.rules.sentence_forms import SentenceForm, needs_other_indicator
from indicators.rules.sentences import Reading, read_sentence
from indicators.rules.targets import A_SUM, KINDS_WITH_RANGE
from indicators.rules.terms import (
    KINDS_WITHOUT_NUMBER,
    TARGET_AWAITED,
    TARGET_NOT_TYPED,
    BaselineKind,
    Direction,
    Kind,
    Relation,
)
from japanese.numerals import plain
from trail.history import changing
from trail.rows_meanwhile import RowsMeanwhile
from trail.tracked_admin import RowsInline, reason_field

READING_FIELDS = (
    "sentence", "kind", "direction", "target", "upper", "relation", "reference", "target_year",
    "baseline", "baseline_kind", "tolerance",
)  # fmt: skip


SUMS_ARE_MEANT = "前の年度と同じ年度別目標値も、累計として正しい"


class ListingForm(RevisedPartForm):
    """A listing. Empty fields of the reading are filled from the sentence."""

    about_the_change = RevisedPartForm.about_the_change | {"sums_are_meant"}

    sums_are_meant = forms.BooleanField(
        label=SUMS_ARE_MEANT,
        required=False,
        help_text="期間累計の目標で、年度別目標値を据え置く年度があるときだけ、印を付けます。",
    )
    reading_confirmed = forms.BooleanField(
        label="読み方を確認した",
        required=False,
        help_text="確認した読み方だけが判定に使われます。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "direction", "target"):
            if name in self.fields:
                self.fields[name].required = False
                self.fields[name].help_text += " 空欄なら、文言から読み取ります。"
        if self.initial.get("relation") == TARGET_AWAITED:
            self.initial["relation"] = ""
        if "reading_confirmed" in self.fields:
            self.fields["reading_confirmed"].initial = self.instance.is_confirmed
        for name in ("target", "upper", "baseline", "tolerance"):
            if isinstance(self.initial.get(name), Decimal):
                # Without trailing zeros for display, and still a number to compare with.
                self.initial[name] = Decimal(plain(self.initial[name]))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._check_confirmation(data)
        sentence = data.get("sentence")
        if data.get("kind") in KINDS_WITHOUT_NUMBER:
            # Nothing is read from the sentence: neither direction is the better one.
            data["direction"] = data.get("direction") or Direction.UP
            return data
        if data.get("upper") is not None:
            data["direction"] = data.get("direction") or Direction.UP
        if not sentence or all(data.get(name) not in (None, "") for name in READING_FIELDS[1:4]):
            return data
        self._fill_from(read_sentence(sentence, data.get("name", "")), sentence, data)
        return data

    def _fill_from(self, reading: Reading, sentence: str, data: dict[str, Any]) -> None:
        """Fill what nobody has typed with the reading of the sentence."""
        if "upper" not in self.errors:
            data |= ends_of_range(reading, data)
        data |= relation_of(reading, sentence, data)
        self._fill_required(reading, sentence, data)
        if data.get("baseline") is None and reading.baseline is not None:
            data["baseline"] = reading.baseline
            data["baseline_kind"] = BaselineKind.MEASURED
            data["baseline_year"] = data.get("baseline_year") or reading.baseline_year
        place = data.get("goal") or data.get("measure")
        if place and data.get("target_year") is None and "target_year" not in self.errors:
            data["target_year"] = proposed_target_year(reading, place.strategy)
        if not data.get("doubts") and reading.doubts:
            data["doubts"] = "\n".join(reading.doubts)

    def _fill_required(self, reading: Reading, sentence: str, data: dict[str, Any]) -> None:
        """Fill kind, direction and target; report what the sentence does not say."""
        for name in ("kind", "direction", "target"):
            if data.get(name) not in (None, "") or (name == "target" and data.get("relation")):
                continue
            data[name] = getattr(reading, name)
            if data[name] is None:
                label = self.fields[name].label
                why = reading.doubts[0] if reading.special else ""
                self.add_error(
                    name,
                    f"目標の文言「{sentence}」から{label}を読み取れません。"
                    f"{label}を入力してください。{why}",
                )

    def _check_confirmation(self, data: dict[str, Any]) -> None:
        """Prevent confirming somebody else's reading that the page did not show."""
        mine, others = set(self.changed_data), self.changed_meanwhile
        if "reading_confirmed" in others and mine.intersection(READING_FIELDS):
            data["reading_confirmed"] = False
            self.left_alone.pop("reading_confirmed", None)
        elif "reading_confirmed" in mine and others.intersection(READING_FIELDS):
            self.add_error(
                "reading_confirmed",
                "読み方は、この画面を開いた後に変更されました。今の読み方を確かめて、もう一度保存してください。",
            )

    def _post_clean(self) -> None:
        """Also refuse a reading against its sentence, where it is new, changed or confirmed."""
        was_awaiting = self.instance.awaits_target
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        self._check_awaiting(was_awaiting=was_awaiting)
        if self.errors or not {*READING_FIELDS, "reading_confirmed"} & set(self.changed_data):
            return
        for name, message in contradictions(self.instance):
            self.add_error(name, message)

    def _check_awaiting(self, *, was_awaiting: bool) -> None:
        """Prevent confirming what is not typed yet, and revising what was never there."""
        if self.instance.awaits_target and self.cleaned_data.get("reading_confirmed"):
            self.add_error(
                "reading_confirmed",
                f"{TARGET_NOT_TYPED}のため、読み方を確認できません。目標の文言と目標値を入力するか、"
                "印を外してください。",
            )
        revision = self.cleaned_data.get(AS_REVISION)
        if revision and not self.is_new and (was_awaiting or self.instance.awaits_target):
            self.add_error(
                AS_REVISION,
                f"{TARGET_NOT_TYPED}の指標は、改訂では変えられません。改訂を選ばずに、"
                "目標の文言と目標値を入力してください。",
            )


def ends_of_range(reading: Reading, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a range in a sentence implies for empty fields of the reading, by field.

    Nothing if the sentence has none, or if the fields have another target.
    """
    special = reading.special
    if special is None or special.form != SentenceForm.RANGE:
        return {}
    ends = {"target": special.lower, "upper": special.upper}
    if any(given.get(name) not in (None, "", end) for name, end in ends.items()):
        return {}
    kind = reading.kind if reading.kind in KINDS_WITH_RANGE else Kind.LEVEL
    proposed = {**ends, "kind": kind, "direction": Direction.UP}
    return {
        name: value
        for name, value in proposed.items()
        if value is not None and given.get(name) in (None, "")
    }


_NOT_BEYOND = re.compile(r"以上|以下|維持|らない|さない|並|同等|同程度|同水準|確保")


def relation_of(reading: Reading, sentence: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what 前年度を上回る or 全国平均以上 implies for empty fields of the reading, by field.

    Nothing for other sentences, for a change by an amount, and if there is a target. Which
    indicator has the 全国平均 no sentence says: a person has to choose it.
    """
    special = reading.special
    if special is None or special.form != SentenceForm.RELATIVE or special.amount is not None:
        return {}
    if reading.target is not None:
        return {}
    if given.get("relation") or given.get("target") not in (None, ""):
        return {}
    kept = _NOT_BEYOND.search(sentence)
    if special.reference.startswith(("前年", "対前年")):
        relation = Relation.PREVIOUS_YEAR if kept else Relation.BEYOND_PREVIOUS_YEAR
    elif needs_other_indicator(special.reference, sentence):
        relation = Relation.REFERENCE if kept else Relation.BEYOND_REFERENCE
    else:
        return {}
    found = {"relation": relation.value}
    return found if given.get("kind") else found | {"kind": Kind.EVERY_YEAR.value}


class RowsOfYears(RowsMeanwhile):
    """Rows of which there is one for each year."""

    same_row_by = ("fiscal_year",)


class YearlyTargetFormSet(RowsOfYears):
    """年度別目標値, checked against the reading of their listing."""

    def clean(self) -> None:
        super().clean()
        if self.data.get("ends") and self.has_changed():
            raise ValidationError("終了するときは、年度別目標値を変えないでください。")
        if any(self.errors) or not self.instance.kind or self.instance.indicator_id is None:
            return
        has_none = self.instance.kind in KINDS_WITHOUT_NUMBER or self.instance.relation
        if self.instance.target is None and not has_none:
            return
        rows = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        if not rows:
            return
        wanted = {row["fiscal_year"]: row["value"] for row in rows}
        try:
            check_reading(self.instance, wanted)
        except ValidationError as error:
            raise ValidationError(error.messages) from error
        if self.has_changed() and not self.data.get("sums_are_meant"):
            question = question_about_sums(self.instance, wanted)
            if question:
                raise ValidationError(
                    f"{question}累計として正しければ、「{SUMS_ARE_MEANT}」に印を付けて、"
                    "もう一度保存してください。"
                )


class YearlyTargetInline(RowsInline):
    formset = YearlyTargetFormSet
    fields = ["fiscal_year", "value"]
    verbose_name_plural = f"年度別目標値（期間累計の目標では、{A_SUM}）"


class PlanningOutlookInline(RowsInline):
    formset = RowsOfYears
    fields = ["fiscal_year", "value", "text"]
    verbose_name_plural = "企画の見込み（判定には用いません）"


class ReadingFilter(admin.SimpleListFilter):
    title = "読み方"
    parameter_name = "reading"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "未確認"), ("confirmed", "確認済み")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() is None:
            return queryset
        return queryset.filter(confirmed_at__isnull=self.value() == "open")


class ConfirmingForm(forms.Form):
    """Why readings that were confirmed once are confirmed again."""

    change_reason = reason_field()


def _confirmed_once(listings: Iterable[Listing]) -> frozenset[ListingKey]:
    """Return those of the stored listings, not confirmed now, whose reading has been."""
    return frozenset(
        (str(listing._meta.model_name), listing.pk)
        for listing in listings
        if cast(Any, listing).history.filter(confirmed_at__isnull=False).exists()
    )


class ListingAdmin(RevisingAdmin, PlanPartAdmin):
    """An admin page for one kind of listing; a subclass sets `parent`, its parent field."""

    form = ListingForm
    no_corrections = frozenset({"reading_confirmed"})
    parent = ""
    list_display = [
        "__str__", "plan", "sentence", "kind", "direction", "target_shown", "confirmed_shown",
        "years_shown",
    ]  # fmt: skip
    list_filter = ["kind", ReadingFilter]
    search_fields = ["name", "sentence"]
    list_select_related = True
    actions = ["confirm_readings"]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list:
        """Leave out 企画の見込み of a new listing: nothing is known about it yet."""
        inlines = super().get_inlines(request, obj)
        if obj is not None:
            return inlines
        return [inline for inline in inlines if not issubclass(inline, PlanningOutlookInline)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        fieldsets = [
            (
                "計画の記載",
                {"fields": [self.parent, "position", "part", "name", "sentence", "indicator"]},
            ),
            (
                "読み方",
                {
                    "fields": [
                        "proposal", "kind", "direction", "target", "upper", "relation",
                        "reference", "target_year",
                        "baseline",
                        "baseline_year", "baseline_kind", "tolerance", "doubts", "confirmed_shown",
                    ]
                },
            ),
        ]  # fmt: skip
        if access.may_confirm_reading(request.user):
            fieldsets[1][1]["fields"] += ["sums_are_meant", "reading_confirmed"]
            if revising := self.revising_fields(request, obj):
                fieldsets.append(("計画の改訂", {"fields": ["history_in_plan", *revising]}))
            fieldsets.append(("記録", {"fields": self.reason_fields(request)}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["proposal", "confirmed_shown", "history_in_plan"]

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        form.parent = self.parent
        return form

    def save_model(self, request: HttpRequest, obj: Listing, form: Any, change: bool) -> None:
        reread = any(name in form.changed_data for name in READING_FIELDS)
        if not form.cleaned_data.get("reading_confirmed"):
            obj.confirmed_by = obj.confirmed_at = None
        elif reread or not obj.is_confirmed:
            if change and not obj.is_confirmed:
                cast(Any, request).reconfirmed = _confirmed_once([obj])
            obj.confirmed_by, obj.confirmed_at = cast(User, request.user), timezone.now()
        super().save_model(request, obj, form, change)

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return access.may_confirm_reading(request.user)

    @admin.action(description="読み方を確認した", permissions=["confirm"])
    def confirm_readings(self, request: HttpRequest, listings: QuerySet) -> HttpResponse | None:
        """Confirm what was chosen; first show the current judgements of those confirmed before."""
        unconfirmed = list(listings.filter(confirmed_at=None))
        awaiting = [listing for listing in unconfirmed if listing.awaits_target]
        contradictory = [f"「{listing}」" for listing in unconfirmed if contradictions(listing)]
        fitting = [
            listing
            for listing in unconfirmed
            if not listing.awaits_target and f"「{listing}」" not in contradictory
        ]

        def confirm() -> None:
            for listing in fitting:
                listing.confirmed_by, listing.confirmed_at = request.user, timezone.now()
                listing.save()

        reason = request.POST.get("change_reason", "").strip()
        with changing(reason=reason or "読み方を確認"):
            told = save_if_meant(request, confirm, _confirmed_once(fitting))
        if told:
            return self._ask_to_confirm(request, fitting, told)
        self.message_user(request, f"{len(fitting)}件の読み方を確認済みにしました。")
        if awaiting:
            self.message_user(
                request,
                f"{''.join(f'「{listing}」' for listing in awaiting)}は、{TARGET_NOT_TYPED}のため、"
                "確認済みにしていません。目標の文言と目標値を入力してください。",
                messages.WARNING,
            )
        if contradictory:
            self.message_user(
                request,
                f"{''.join(contradictory)}は、読み方が目標の文言と違うため、確認済みにしていません。"
                "それぞれの画面で、読み方を直すか、違ってよい理由を「読み方の疑問点」に書いて、"
                "確認してください。",
                messages.WARNING,
            )

        return None

    def _ask_to_confirm(
        self, request: HttpRequest, listings: list[Listing], told: list[str]
    ) -> HttpResponse:
        form = ConfirmingForm(request.POST)
        form.full_clean()
        tell(form, told)
        context = self.admin_site.each_context(request) | {
            "title": "読み方を確認する",
            "opts": self.opts,
            "form": form,
            "listings": listings,
        }
        return TemplateResponse(request, "admin/confirm_readings.html", context)

    @admin.display(description="目標値")
    def target_shown(self, listing: Listing) -> str:
        if listing.awaits_target:
            return TARGET_NOT_TYPED
        if listing.relation:
            return aim_in_words(listing)
        if listing.target is None:
            return "－"
        ends = [end for end in (listing.target, listing.upper) if end is not None]
        return f"{'～'.join(map(listing.indicator.format, ends))}{listing.indicator.shown_unit}"

    @admin.display(description="読み方の確認")
    def confirmed_shown(self, listing: Listing) -> str:
        if not listing.is_confirmed:
            return "未確認"
        by = listing.confirmed_by or "（読込み）"
        return f"{timezone.localdate(listing.confirmed_at):%Y-%m-%d} {by}"

    @admin.display(description="文言からの読み取り")
    def proposal(self, listing: Listing) -> str:
        if not listing.sentence:
            return "保存すると、文言から読み取ります。"
        return in_words(read_sentence(listing.sentence, listing.name))
