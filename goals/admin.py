"""Admin pages from the strategy down to the numeric targets."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.bulk_admin import PlanningBulkAdmin
from accounts.models import User
from goals.grants import parts_naming
from goals.judging import JudgingForm, judging_context
from goals.models import (
    BasicGoal,
    Grant,
    NumericTarget,
    NumericTargetOutlook,
    NumericTargetVersion,
    NumericTargetYear,
    Revision,
    Strategy,
)
from goals.plan_form import PlanForm, said_of_state
from goals.resources import NumericTargetResource
from goals.revision_form import RevisionForm
from goals.words_form import WORD_FIELDS
from indicators import revising
from indicators.closed_years import published_years
from indicators.correcting_admin import CorrectingAdmin, save_if_meant, tell
from indicators.known_years import asked_reason, known_years, years_that_show
from indicators.listing_admin import ListingAdmin, PlanningOutlookInline, YearlyTargetInline
from indicators.models import Actual
from indicators.plan_admin import PlanPartAdmin
from indicators.plan_filters import PartFilter, PlanFilter
from indicators.plan_states import PlanState
from indicators.revising_admin import FUTURE, RevisingAdmin, leave_to_revision
from indicators.revising_form import AS_REVISION
from indicators.rules.scales import CHOICES, THRESHOLDS
from indicators.titled_form import TitledPartForm
from indicators.version_admin import VersionAdmin
from japanese.fiscal_years import era_label
from japanese.row_numbers import row_number
from trail.history import NOTHING_CHANGED, changing
from trail.installation import installation
from trail.tracked_admin import LinksInline, RowsInline


class BasicGoalInline(RowsInline):
    model = BasicGoal
    fields = ["position", "title"]
    can_delete = False  # its own page says what is deleted with it, and what prevents that


class GrantInline(RowsInline):
    model = Grant
    fields = ["number", "name", "kind", "first_fiscal_year", "last_fiscal_year"]
    can_delete = False  # its own page says what names it


class BasicGoalLinks(LinksInline):
    model = BasicGoal
    fields = ["position", "title"]


@admin.register(Strategy)
class StrategyAdmin(CorrectingAdmin, PlanPartAdmin):
    form = PlanForm
    list_display = [
        "title", "state", "city", "first_fiscal_year", "last_fiscal_year", "invented",
    ]  # fmt: skip
    inlines = [BasicGoalInline, GrantInline]
    exclude = (*THRESHOLDS, *CHOICES, "labels", "marks", "words")
    readonly_fields = ["judging"]
    judges_by = frozenset({"first_fiscal_year", "last_fiscal_year"})
    no_corrections = frozenset({"state", "invented"})
    asks_on_adding = False

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Leave goals to their own page once the plan is revised: it asks from when on."""
        is_revised = obj is not None and obj.revisions.exists()
        return [BasicGoalLinks if is_revised else BasicGoalInline, GrantInline]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the rules themselves to those who may only look at the plan."""
        return super().get_exclude(request, obj) if self._may_judge(request, obj) else None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave out the link to 判定の決め方 where that page does not exist."""
        has_link = obj and self._may_judge(request, obj)
        unfit = set() if has_link else {"judging"}
        if not (has_link and obj.revisions.exists()):
            unfit.add(AS_REVISION)
        return [name for name in super().get_fields(request, obj) if name not in unfit]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Put the words of the plan into a part of their own; others just see them."""
        fields = self.get_fields(request, obj)
        if not self._may_judge(request, obj):
            return [(None, {"fields": [name for name in fields if name not in WORD_FIELDS]})]
        asked = [*self.reason_fields(request), AS_REVISION]
        plan = [name for name in fields if name not in (*WORD_FIELDS, *asked)]
        about = "画面、報告書、Excelで使う言葉です。空欄のものは、標準の言葉になります。"
        words = {"fields": list(WORD_FIELDS), "classes": ["collapse"], "description": about}
        kept = [name for name in fields if name in asked]
        return [(None, {"fields": plan}), ("計画の言葉", words), (None, {"fields": kept})]

    def _may_judge(self, request: HttpRequest, strategy: Strategy | None) -> bool:
        return bool(strategy is None or self.has_change_permission(request, strategy))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """Let a new plan begin as a draft of this city: nothing exists yet."""
        known = installation()
        return {
            "state": PlanState.DRAFT,
            "city": known.city,
            "city_code": known.city_code,
            **super().get_changeform_initial_data(request),
        }

    def save_model(self, request: Any, obj: Strategy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if revision := form.cleaned_data.get(AS_REVISION):
            self._revise_period(request, revision, form.initial["last_fiscal_year"])
        elif change and "last_fiscal_year" in form.changed_data:
            self._take_period_back(obj)
        request.has_new_state = "state" in form.changed_data or not change

    def corrected_since(self, request: Any, form: Any) -> int:
        """Ask nothing about a period that a revision changes: earlier years keep theirs."""
        return FUTURE if form.cleaned_data.get(AS_REVISION) else 0

    def _revise_period(self, request: Any, revision: Revision, before: int) -> None:
        """Note the last year until then: years before the revision are judged with it."""
        if revision.previous_last_fiscal_year is None:
            revision.previous_last_fiscal_year = before
            revision.save()
        leave_to_revision(request, revision.from_fiscal_year)

    def _take_period_back(self, plan: Strategy) -> None:
        """Delete a change of the period that a correction has just undone."""
        changed = plan.revisions.exclude(previous_last_fiscal_year=None)
        newest = changed.order_by("-from_fiscal_year").first()
        if newest and newest.previous_last_fiscal_year == plan.last_fiscal_year:
            newest.previous_last_fiscal_year = None
            newest.save()

    def say_saved(self, request: HttpRequest, obj: Strategy) -> None:
        """Explain the new state of the plan."""
        if getattr(request, "has_new_state", False):
            for level, message in said_of_state(obj):
                self.message_user(request, message, level)

    @admin.display(description="判定の決め方")
    def judging(self, strategy: Strategy) -> str:
        address = reverse("admin:goals_strategy_judging", args=[strategy.pk])
        return format_html('<a href="{}">判定の決め方を見る・変える</a>', address)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.judging_view)
        return [
            path("<path:object_id>/judging/", view, name="goals_strategy_judging"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def judging_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the rules of a plan with examples; save them if the form is sent to be saved."""
        strategy = self.get_object(request, object_id)
        if strategy is None:
            raise Http404
        if not self._may_judge(request, strategy):
            raise PermissionDenied
        context = judging_context(request, strategy)
        if context["valid"] and "save" in request.POST and self._saved(request, context["form"]):
            return redirect("admin:goals_strategy_judging", strategy.pk)
        context |= self.admin_site.each_context(request) | {
            "title": "判定の決め方",
            "subtitle": strategy.title,
            "opts": self.opts,
            "original": strategy,
            "strategy": strategy,
        }
        return TemplateResponse(request, "admin/judging.html", context)

    def _saved(self, request: HttpRequest, form: JudgingForm) -> bool:
        """Save the rules if that is intended; otherwise show in the form what is missing."""
        told: list[str] = []
        asked = ""
        reason = form.cleaned_data["change_reason"].strip()
        if form.changes_something:
            since = form.revision.from_fiscal_year if form.revision else None
            with transaction.atomic(), changing(reason=reason):
                asked = "" if reason else self._asked_for_rules(form)
                told = save_if_meant(request, form.save, revised_from=since)
                if asked and not told:
                    transaction.set_rollback(True)
        if told:
            tell(form, told)
        elif asked:
            form.add_error("change_reason", asked)
        else:
            self._say_saved(request, form)
            return True
        if form.left_alone_message:
            form.add_error(None, form.left_alone_message)
        return False

    def _asked_for_rules(self, form: JudgingForm) -> str:
        """Return the question why the rules of known years are corrected; or ""."""
        since = form.revision.from_fiscal_year if form.revision else 0
        years = published_years(since) if since else known_years()
        shown = years_that_show(form.instance, years)
        return asked_reason(shown) if shown else ""

    def _say_saved(self, request: HttpRequest, form: JudgingForm) -> None:
        if form.changes_something:
            self.message_user(request, "判定の決め方を保存しました。", messages.SUCCESS)
            if form.revision:
                before = era_label(form.revision.from_fiscal_year - 1)
                self.message_user(request, f"{before}までの判定は、改訂前の決め方のままです。")
        else:
            self.message_user(request, NOTHING_CHANGED)
        if form.left_alone_message:
            self.message_user(request, form.left_alone_message)


IS_KEPT = (
    "この改訂で変えたものがあるため、削除できません。"
    "先に、それぞれの画面で改訂を取り消してください。"
)


@admin.register(Revision)
class RevisionAdmin(CorrectingAdmin, PlanPartAdmin):
    form = RevisionForm
    list_display = ["name", "plan", "decided_on", "decided_by"]
    list_filter = [PlanFilter]
    list_select_related = ["strategy"]
    judges_by = frozenset({"from_fiscal_year"})
    asks_on_adding = False
    fields = [
        "strategy", "number", "decided_on", "decided_by", "document_number", "from_fiscal_year",
        "reason",
    ]  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Show what a stored revision did so far; a new one has its own reason."""
        fields = super().get_fields(request, obj)
        return [*fields, "done"] if obj else [name for name in fields if name != "change_reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["strategy", "done"] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the plan that is running, and its next number."""
        given = super().get_changeform_initial_data(request)
        plan = row_number(str(given.get("strategy") or ""))
        plans = Strategy.objects.seen_by(cast(User, request.user))
        chosen = _plan_to_revise(plans) if plan is None else plans.filter(pk=plan).first()
        number = chosen.revisions.count() + 1 if chosen else 1
        return {"strategy": chosen and chosen.pk, "number": number, **given}

    def save_model(self, request: Any, obj: Revision, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        before = form.initial.get("from_fiscal_year")
        if change and before not in (None, obj.from_fiscal_year):
            revising.move_revision(obj, before)
        if not change:
            self.message_user(
                request,
                "改訂を登録しました。指標、施策、事業、計画期間のそれぞれの画面で「計画の改訂」に"
                f"{obj.label}を選んで、変更、追加、終了をしてください。",
                messages.INFO,
            )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        kept = [line for revision in objs for line in revising.touched_by(revision)]
        if kept:
            self.message_user(request, IS_KEPT, messages.ERROR)
        return deleted, counts, missing, [*protected, *kept]

    @admin.display(description="改訂", ordering="from_fiscal_year")
    def name(self, revision: Revision) -> str:
        return revision.label

    @admin.display(description="この改訂で変えたもの")
    def done(self, revision: Revision) -> str:
        return "、".join(revising.touched_by(revision)) or "まだありません。"


def _plan_to_revise(plans: Iterable[Strategy]) -> Strategy | None:
    """Return the plan that is running: of those that have values already, the newest."""
    values = Actual.objects.filter(availability=Actual.Availability.REPORTED)
    newest = values.aggregate(newest=Max("fiscal_year"))["newest"] or 0

    def order(plan: Strategy) -> tuple[bool, bool, bool, int]:
        has_begun = plan.first_fiscal_year <= newest
        return (
            plan.is_draft,
            plan.state != PlanState.RUNNING,
            not has_begun,
            -plan.first_fiscal_year,
        )

    return min(plans, key=order, default=None)


GRANT_IS_KEPT = (
    "この交付金を挙げているものがあるため、削除できません。先に、それぞれの画面で外してください。"
)


@admin.register(Grant)
class GrantAdmin(CorrectingAdmin, PlanPartAdmin):
    list_display = ["name", "plan", "number", "kind", "first_fiscal_year", "last_fiscal_year"]
    list_filter = [PlanFilter]
    list_select_related = ["strategy"]
    search_fields = ["name", "kind"]
    judges_by = frozenset()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the plan and the number: the parts name it by them."""
        return ["strategy", "number"] if obj else []

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        kept = [line for grant in objs for line in parts_naming(grant)]
        if kept:
            self.message_user(request, GRANT_IS_KEPT, messages.ERROR)
        return deleted, counts, missing, [*protected, *kept]


class NumericTargetLinks(LinksInline):
    model = NumericTarget
    fields = ["position", "part", "name", "sentence"]


class GoalForm(TitledPartForm):
    parent = "strategy"


@admin.register(BasicGoal)
class BasicGoalAdmin(RevisingAdmin, PlanPartAdmin):
    form = GoalForm
    list_display = ["__str__", "strategy", "years_shown"]
    list_filter = [PlanFilter]
    list_select_related: Any = ["strategy"]
    search_fields = ["title"]
    # measures/admin.py adds the groups: goals must not import measures
    inlines: ClassVar[list[type[LinksInline]]] = [NumericTargetLinks]


class NumericTargetYearInline(YearlyTargetInline):
    model = NumericTargetYear


class NumericTargetOutlookInline(PlanningOutlookInline):
    model = NumericTargetOutlook


@admin.register(NumericTargetVersion)
class NumericTargetVersionAdmin(VersionAdmin):
    """What the plan said about a 数値目標 before a revision."""


class GoalFilter(PartFilter):
    title = "基本目標"
    parameter_name = path = "goal"


@admin.register(NumericTarget)
class NumericTargetAdmin(PlanningBulkAdmin, ListingAdmin):
    resource_classes = [NumericTargetResource]
    parent = "goal"
    inlines = [NumericTargetYearInline, NumericTargetOutlookInline]
    list_filter = [PlanFilter, GoalFilter, *ListingAdmin.list_filter]
    list_select_related: Any = [
        "goal__strategy",
        "indicator",
        "reference",
        "confirmed_by",
    ]
