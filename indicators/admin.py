"""Admin pages for fiscal years, indicators and their values."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import InlineAdminFormSet
from django.db.models import Count, Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from accounts import access
from accounts.bulk_admin import PlanningBulkAdmin
from accounts.models import Section
from indicators import recording
from indicators.closed_years import KIND, asked_for
from indicators.correcting_admin import CorrectingAdmin
from indicators.duties import entering_section, entering_section_of_value
from indicators.example_texts import NUMBER_HELP
from indicators.handover import keep_sections, move_indicators
from indicators.handover_forms import FIRST_YEAR_FIELDS, FirstYearForm, HandoverForm
from indicators.known_years import NO_CORRECTIONS, years_that_show_indicators
from indicators.models import Actual, FiscalYear, Indicator
from indicators.plan_filters import ListedInFilter, ListedInPlans
from indicators.reorganising_admin import SectionInTimeAdmin
from indicators.resources import ActualResource, IndicatorResource
from indicators.rules.chosen_grades import PERSONAL, grade_word
from indicators.rules.narrowing_types import given
from indicators.rules.terms import NOT_REPORTED, WITHHELD_WORD
from indicators.typed_fields import NOTHING_CHOSEN
from indicators.value_forms import ActualForm, ValuesOfIndicator, ValuesOfYear
from indicators.year_dates import DATE_NAMES, RECORDED, problems_of_dates
from japanese.numerals import plain
from trail.history import Change, Door, changing
from trail.tracked_admin import NeverDeleted, ReadOnlyAdmin, ReasonForm, TrackedAdmin

# Whether a section may end depends on its indicators, of which accounts/ knows nothing.
admin.site.unregister(Section)
admin.site.register(Section, SectionInTimeAdmin)

VALUE_FIELDS = [
    "value", "unit", "numerator", "denominator", "availability", "expected_month", "provisional",
    "withheld_shown", "remarks", "state_shown", "key", "version", "reopen",
]  # fmt: skip


SHOWN_FIELDS = [
    "value_shown", "unit", "parts_shown", "availability_shown", "provisional_shown",
    "withheld_shown", "remarks_shown", "state_shown",
]  # fmt: skip


class ShownValue:
    """Read-only columns of a value, in words and in the display unit."""

    @admin.display(description="実績値", ordering="value")
    def value_shown(self, actual: Actual) -> str:
        if actual.indicator_id is None:
            return ""
        return grade_word(actual.grade) if actual.grade else actual.indicator.format(actual.value)

    @admin.display(description="単位")
    def unit(self, actual: Actual) -> str:
        return actual.indicator.shown_unit if actual.indicator_id else ""

    @admin.display(description="分子／分母")
    def parts_shown(self, actual: Actual) -> str:
        if actual.numerator is None or actual.denominator is None:
            return ""
        return f"{plain(actual.numerator)}／{plain(actual.denominator)}"

    @admin.display(description="有無", ordering="availability")
    def availability_shown(self, actual: Actual) -> str:
        return PERSONAL if actual.grade else actual.availability_label

    @admin.display(description="速報値", ordering="provisional")
    def provisional_shown(self, actual: Actual) -> str:
        return "速報値" if actual.provisional else ""

    @admin.display(description="秘匿", ordering="withheld")
    def withheld_shown(self, actual: Actual) -> str:
        return WITHHELD_WORD if actual.withheld else ""

    @admin.display(description="備考")
    def remarks_shown(self, actual: Actual) -> str:
        return actual.remarks

    @admin.display(description="状態", ordering="state")
    def state_shown(self, actual: Actual) -> str:
        return actual.get_state_display() if actual.pk else NOT_REPORTED


class ValuesInline(ShownValue, admin.TabularInline):
    """Yearly values as editable rows, including missing ones."""

    model = Actual
    form = ActualForm
    can_delete = False
    verbose_name_plural = "実績値"
    template = "admin/values_inline.html"

    def stored(self, request: HttpRequest, obj: Any) -> QuerySet[Actual]:
        """Return the stored values of a page."""
        return self.get_queryset(request).filter(**{given(self.fk_name): obj})

    def missing(self, request: HttpRequest, obj: Any) -> list[int]:
        """Return the keys of the rows without a value, in page order."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Actual]:
        return super().get_queryset(request).select_related("indicator__entered_by", "fiscal_year")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Show formatted values instead of inputs if the user cannot change them."""
        fields: list[Any] = list(self.fields or ())
        if self.has_change_permission(request, obj):
            return fields
        return [fields[0], *SHOWN_FIELDS]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.readonly_fields, *SHOWN_FIELDS]

    def get_formset(
        self, request: HttpRequest, obj: Any = None, **kwargs: Any
    ) -> type[BaseInlineFormSet]:
        # The form declares its fields; none come from the model, because recording.py writes it.
        formset: Any = super().get_formset(request, obj, **{**kwargs, "fields": []})
        formset.request = request
        return formset

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        if obj is None or not self.has_change_permission(request, obj):
            return 0
        return len(self.missing(request, obj))

    def get_max_num(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj is None else 1000

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may_use_admin(request.user)


class IndicatorValuesInline(ValuesInline):
    fk_name = "indicator"
    formset = ValuesOfIndicator
    fields = ["year_label", *VALUE_FIELDS]
    readonly_fields = ["year_label", "unit", "withheld_shown", "state_shown"]
    ordering = ["fiscal_year_id"]

    def missing(self, request: HttpRequest, obj: Any) -> list[int]:
        stored = self.stored(request, obj).values("fiscal_year")
        years = FiscalYear.objects.exclude(pk__in=stored).order_by("year")
        return list(years.values_list("year", flat=True))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return access.may_enter_for_every_section(request.user)
        return access.may_enter(request.user, obj.entered_by_id)

    @admin.display(description="年度")
    def year_label(self, actual: Actual) -> str:
        return str(FiscalYear(year=actual.fiscal_year_id)) if actual.fiscal_year_id else ""


class YearValuesInline(ValuesInline):
    fk_name = "fiscal_year"
    formset = ValuesOfYear
    fields = ["indicator_name", *VALUE_FIELDS]
    readonly_fields = ["indicator_name", "unit", "withheld_shown", "state_shown"]
    ordering = ["indicator"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Actual]:
        actuals = super().get_queryset(request)
        if access.may_see_all_values(request.user):
            return actuals
        own = access.sections_of(request.user)
        return actuals.alias(entering=entering_section_of_value()).filter(entering__in=own)

    def missing(self, request: HttpRequest, obj: Any) -> list[int]:
        indicators = Indicator.objects.exclude(
            pk__in=self.stored(request, obj).values("indicator")
        ).order_by("pk")
        if not access.may_enter_for_every_section(request.user):
            own = access.sections_of(request.user)
            indicators = indicators.alias(entering=entering_section(obj.pk))
            indicators = indicators.filter(entering__in=own)
        return list(indicators.values_list("pk", flat=True))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and not obj.entry_is_open:
            return access.may_change_closed_year(request.user)
        return access.may_enter_anything(request.user)

    @admin.display(description="指標")
    def indicator_name(self, actual: Actual) -> str:
        """Return the name, and the hand-over memo and contact folded below it."""
        if not actual.indicator_id:
            return ""
        indicator = actual.indicator
        memo = f"{indicator.handover_memo}\n{indicator.contact}".strip()
        if not memo:
            return indicator.name
        lines = format_html_join("", "<p>{}</p>", ((line,) for line in memo.splitlines()))
        return format_html(
            "{}<details><summary>引継ぎメモ</summary>{}</details>", indicator.name, lines
        )


class ValuesReasonForm(ReasonForm):
    """Also asks for the kind of change, for values of years whose entry ended."""

    about_the_change = ReasonForm.about_the_change | {"change_kind"}
    change_kind = forms.ChoiceField(
        label="変更の種類",
        required=False,
        choices=[("", NOTHING_CHOSEN), *Actual.ChangeKind.choices],
        help_text="受付を終えた年度の、登録されている値を変えるときに選びます。",
    )


class ValuesAdmin(TrackedAdmin):
    """An admin page with rows of values below it."""

    form = ValuesReasonForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Show the kind of change above the reason where recording a value may ask for it."""
        fields = [name for name in super().get_fields(request, obj) if name != KIND]
        if obj is None or "change_reason" not in fields:
            return fields
        years = FiscalYear.objects.filter(actuals__in=obj.actuals.all()).distinct()
        if any(KIND in asked_for(year, request.user, is_stored=True) for year in years):
            fields.insert(fields.index("change_reason"), KIND)
        return fields

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: ValuesInline, prefix: str
    ) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if obj.pk is not None and inline.has_change_permission(request, obj):
            kwargs["initial"] = [{"key": key} for key in inline.missing(request, obj)]
        return kwargs

    def get_inline_formsets(self, *args: Any, **kwargs: Any) -> list[InlineAdminFormSet]:
        """Set `rows` of each formset: all rows with or without a value, sorted by key."""
        formsets = super().get_inline_formsets(*args, **kwargs)
        for formset in formsets:
            rows = [row for row in formset if "key" in row.form.initial]
            formset.rows = sorted(rows, key=lambda row: row.form.initial["key"])
        return formsets

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[type[ValuesInline]]:
        return list(self.inlines) if obj is not None else []


class YearAdminForm(ValuesReasonForm):
    """Checks the order of the dates, as the page of the dates does."""

    class Meta:
        help_texts = {"inquiry_number": NUMBER_HELP}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        year = self.instance.pk or data.get("year")
        problems = problems_of_dates(year, data, timezone.localdate()) if year else ()
        for field, message in problems:
            self.add_error(field if field in self.fields else None, message)
        return data


@admin.register(FiscalYear)
class FiscalYearAdmin(NeverDeleted, ValuesAdmin):
    form = YearAdminForm
    list_display = ["__str__", "entry_shown", "due_date", "value_count"]
    inlines = [YearValuesInline]
    dates = (*DATE_NAMES, *RECORDED)
    actions = ["open_entry", "end_entry"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FiscalYear]:
        reported = Count("actuals", filter=Q(actuals__availability=Actual.Availability.REPORTED))
        return super().get_queryset(request).annotate(reported=reported)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is not None and not access.may_keep_years(request.user):
            return ["year", "entry_shown", *self.dates]
        return ["year"] if obj is not None else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = super().get_fields(request, obj)
        if obj is None or access.may_keep_years(request.user):
            return fields
        reason = [name for name in fields if name == "change_reason"]
        return [*self.get_readonly_fields(request, obj), *reason]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Clerks and heads edit the rows here; the year itself is read-only for them.
        return access.may_enter_anything(request.user)

    @admin.display(description="入力", ordering="entry_is_open")
    def entry_shown(self, year: FiscalYear) -> str:
        return year.entry_state.label

    @admin.display(description="実績値の数")
    def value_count(self, year: Any) -> int:
        return year.reported

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if access.may_keep_years(request.user) else {}

    @admin.action(description="入力の受付を開始する", permissions=["add"])
    def open_entry(self, request: HttpRequest, years: QuerySet[FiscalYear]) -> None:
        self._switch(request, years, is_open=True)

    @admin.action(description="入力の受付を終了する", permissions=["add"])
    def end_entry(self, request: HttpRequest, years: QuerySet[FiscalYear]) -> None:
        self._switch(request, years, is_open=False)

    def _switch(self, request: HttpRequest, years: QuerySet, *, is_open: bool) -> None:
        done = "開始" if is_open else "終了"
        with changing(reason=f"入力の受付を{done}"):
            for year in years.exclude(entry_is_open=is_open):
                year.entry_is_open = is_open
                year.save()
                self.message_user(request, f"{year}の入力の受付を{done}しました。")


class IndicatorForm(FirstYearForm, ValuesReasonForm):
    """Asks for the first year of new sections, and for the kind of change of values."""

    about_the_change = FirstYearForm.about_the_change | ValuesReasonForm.about_the_change


@admin.register(Indicator)
class IndicatorAdmin(ListedInPlans, CorrectingAdmin, PlanningBulkAdmin, ValuesAdmin):
    judges_by = frozenset({"unit", "decimals", "carry_years", "running_total", "display_unit"})
    no_corrections = NO_CORRECTIONS
    rows_of_their_own = (Actual,)
    form = IndicatorForm
    resource_classes = [IndicatorResource]
    list_display = ["name", "shown_unit", "moment", "section", "entered_by"]
    list_filter = [ListedInFilter, "entered_by", "section", "moment", "unit"]
    list_select_related = ["section", "entered_by"]
    search_fields = ["name", "code"]
    inlines = [IndicatorValuesInline]
    actions = ["move_to_section"]
    # The fields that the entering section may edit.
    own_fields = ("contact", "handover_memo")

    def get_fieldsets(self, request: HttpRequest, obj: Indicator | None = None) -> list:
        """Collapse fields that seldom change, so that the values are near the top."""
        fields = self.get_fields(request, obj)
        if obj is None:
            return [(None, {"fields": fields})]
        above = ("name", *self.own_fields, "change_kind", *self.reason_fields(request))
        return [
            (None, {"fields": [name for name in above if name in fields]}),
            (
                "指標の定義",
                {
                    "fields": [name for name in fields if name not in above],
                    "classes": ["collapse"],
                },
            ),
        ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Ask for the first year below the sections, where these can be changed."""
        fields = super().get_fields(request, obj)
        fields = [name for name in fields if name not in FIRST_YEAR_FIELDS]
        if obj is not None and access.may_keep_indicators(request.user):
            below = fields.index("entered_by") + 1
            fields[below:below] = FIRST_YEAR_FIELDS
        return fields

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change and form.sections_from is not None:
            stored = Indicator.objects.select_for_update().filter(pk=obj.pk)
            keep_sections(stored, form.sections_from)
        super().save_model(request, obj, form, change)
        request.about_years = form.about_years if change else ""

    def years_that_show(self, obj: Any, years: list[int]) -> list[int]:
        return sorted(years_that_show_indicators(years, [obj.pk])[obj.pk])

    def say_saved(self, request: Any, obj: Any) -> None:
        if request.about_years:
            self.message_user(request, request.about_years)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if access.may_keep_indicators(request.user):
            return []
        return [
            field.name
            for field in Indicator._meta.fields
            if field.editable and field.name not in ("id", *self.own_fields)
        ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return access.may_enter_anything(request.user)
        return access.may_enter(request.user, obj.entered_by_id)

    def has_handover_permission(self, request: HttpRequest) -> bool:
        return access.may_hand_over(request.user)

    @admin.action(description="担当課・入力する課を移す", permissions=["handover"])
    def move_to_section(
        self, request: HttpRequest, indicators: QuerySet[Indicator]
    ) -> HttpResponse | None:
        """Ask for the new sections on an intermediate page, then move all indicators at once."""
        form = HandoverForm(indicators, request.POST if "move" in request.POST else None)
        if not form.is_valid():
            context = self.admin_site.each_context(request) | {
                "title": "担当課・入力する課を移す",
                "opts": self.opts,
                "form": form,
                "indicators": indicators,
            }
            return TemplateResponse(request, "admin/move_indicators.html", context)
        data = form.cleaned_data
        with changing(reason=data["reason"]):
            moved = move_indicators(
                indicators.values_list("pk", flat=True),
                section=data["section"],
                entered_by=data["entered_by"],
                first_fiscal_year=data["first_fiscal_year"],
            )
        said = f"{len(moved)}件の指標を移しました。"
        if data["first_fiscal_year"] is None:
            said += "移す最初の年度が空欄のため、これまでの年度の課も変わりました。"
        self.message_user(request, said)
        return None

    @admin.display(description="単位")
    def shown_unit(self, indicator: Indicator) -> str:
        return indicator.shown_unit


def _mover(to: str, description: str) -> Callable:
    @admin.action(description=description, permissions=["move"])
    def action(model_admin: Any, request: HttpRequest, actuals: QuerySet[Actual]) -> None:
        versions = dict(actuals.values_list("pk", "version"))
        try:
            moved = recording.move(versions, to, Change(by=request.user, door=Door.ADMIN))
        except recording.RecordingError as error:
            for problem in error.problems:
                model_admin.message_user(request, problem.message, messages.ERROR)
            model_admin.message_user(
                request, "誤りがあるため、何も変更していません。", messages.WARNING
            )
        else:
            label = Actual.State(to).label
            model_admin.message_user(request, f"{len(moved)}件を「{label}」にしました。")

    action.__name__ = f"move_to_{to}"
    return action


@admin.register(Actual)
class ActualAdmin(ListedInPlans, ShownValue, PlanningBulkAdmin, NeverDeleted, TrackedAdmin):
    """The list of values with their states; the pages of years and indicators edit them."""

    resource_classes = [ActualResource]
    reason_help = "受付中でない年度の値を入力し、変えるときは、必ず入力してください。"
    list_display = [
        "indicator", "fiscal_year", "value_shown", "unit", "availability_shown",
        "provisional_shown", "withheld_shown", "state_shown", "entered_by", "entered_at",
    ]  # fmt: skip
    fields = readonly_fields = [
        "indicator", "fiscal_year", *SHOWN_FIELDS, "return_reason", "entered_by", "entered_at",
        "confirmed_by", "confirmed_at", "marking",
    ]  # fmt: skip
    list_filter = [
        ListedInFilter, "fiscal_year", "state", "availability", "provisional", "withheld",
        "indicator__entered_by",
    ]  # fmt: skip
    list_select_related = ["indicator", "fiscal_year", "entered_by"]
    search_fields = ["indicator__name"]
    actions = [
        _mover(Actual.State.SUBMITTED, "課長に確認を依頼する"),
        _mover(Actual.State.ANSWERED, "回答する"),
        _mover(Actual.State.CONFIRMED, "内容を確認した"),
    ]
    has_add_permission = ReadOnlyAdmin.has_add_permission
    has_change_permission = ReadOnlyAdmin.has_change_permission

    @admin.display(description="秘匿の印")
    def marking(self, actual: Actual) -> str:
        """Return the link to the page that sets and removes the mark."""
        page = reverse("entry_withheld", args=[actual.fiscal_year_id, actual.indicator.code])
        return format_html('<a href="{}">付ける・外す</a>', page)

    def has_move_permission(self, request: HttpRequest) -> bool:
        return access.may_enter_anything(request.user)
