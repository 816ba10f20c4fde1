"""The admin pages of sections with the four acts: 統合, 分割, 改称 and 廃止.

Each act is a form, a preview of what changes, and one confirmation.
"""

from hashlib import sha256
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from accounts import access
from accounts.admin import SectionAdmin, SectionForm
from accounts.models import Section
from indicators.models import FiscalYear, Indicator
from indicators.reorganising import (
    Act,
    ActKind,
    carry_out_act,
    indicators_of,
    open_rows_of,
    users_of,
)
from indicators.reorganising_forms import FORMS, WORK, ActForm, DestinationsForm
from indicators.reorganising_meanwhile import changed_since, newest_rows
from japanese.fiscal_years import full_label
from trail.history import Door, changing

SHOWN_NAMES = 5
"""How many indicators of a section a message names."""

CHANGED_MEANWHILE = "確かめている間に、課の指標、利用者、受付中の値のどれかが変わりました。"
NOT_YET = "まだ実行していません。今の内容を確かめて、もう一度「実行する」を押してください。"
_MARKS = frozenset({"csrfmiddlewaretoken", "preview", "confirm", "back", "seen"})


class SectionInTimeForm(SectionForm):
    """A section is not closed while it has indicators, people or open rows: an act moves these."""

    class Meta:
        help_texts = {
            "name": "書き間違いを直す欄です。ある年度から変えるときは、一覧の「改称」で変えます。",
            "is_active": "統合、分割、廃止は一覧から行います。何も残っていない課だけ外せます。",
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        closes = "is_active" in self.changed_data and not data.get("is_active")
        if closes and self.instance.pk is not None and (left := what_is_left(self.instance)):
            self.add_error(
                "is_active",
                f"「{self.instance}」には、{left}。使用中でなくすと、引き継ぐ人がいなくなります。"
                "担当課の一覧の「統合」「分割」「廃止」で、行き先を決めてください。",
            )
        return data


def what_is_left(section: Section) -> str:
    """Return in words what a section still has; "" for nothing."""
    parts = []
    indicators = list(indicators_of([section]).values_list("name", flat=True))
    if indicators:
        more = "など" if len(indicators) > SHOWN_NAMES else ""
        names = "、".join(indicators[:SHOWN_NAMES])
        parts.append(f"担当するか入力する指標が{len(indicators)}件（{names}{more}）")
    if people := users_of([section]).filter(is_active=True).count():
        parts.append(f"所属する人が{people}人")
    for year, count in open_rows_of([section]).items():
        parts.append(f"受付中の{full_label(year)}に、確認済みでない値が{count}件")
    return "、".join(parts) + "あります" if parts else ""


class SectionInTimeAdmin(SectionAdmin):
    form = SectionInTimeForm
    change_list_template = "admin/section_list.html"
    list_display = ["name", "department", "is_active", "years", "successors", "position"]
    readonly_fields = ["successors"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("succeeded_by")

    @admin.display(description="年度")
    def years(self, section: Section) -> str:
        first, last = section.first_fiscal_year, section.last_fiscal_year
        if first is None and last is None:
            return ""
        return f"{full_label(first) if first else ''}～{full_label(last) if last else ''}"

    @admin.display(description="引き継いだ課")
    def successors(self, section: Section) -> str:
        return "、".join(str(one) for one in section.succeeded_by.all()) if section.pk else ""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        acts = []
        if access.may_reorganise(request.user):
            acts = [(kind.label, address_of(kind)) for kind in ActKind]
        return super().changelist_view(request, {**(extra_context or {}), "acts": acts})

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.reorganise_view)
        return [
            path("reorganise/<slug:kind>/", view, name="accounts_section_reorganise"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def reorganise_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Show the form of an act, then its preview, and carry it out once it is confirmed."""
        if not access.may_reorganise(request.user):
            raise PermissionDenied
        if kind not in ActKind.values:
            raise Http404
        if request.method != "POST":
            return self._ask(request, FORMS[ActKind(kind)]())
        with transaction.atomic():
            # A second request waits here, and finds what the first one has left.
            list(Section.objects.select_for_update().order_by("pk"))
            list(Indicator.objects.select_for_update().order_by("pk").values("pk"))
            return self._answer(request, FORMS[ActKind(kind)](request.POST))

    def _answer(self, request: HttpRequest, form: ActForm) -> HttpResponse:
        if "back" in request.POST or not form.is_valid() or form.act is None:
            return self._ask(request, form)
        if form.is_done:
            self.message_user(request, f"この{form.kind.label}は、すでに実行してあります。")
            return redirect("admin:accounts_section_changelist")
        act, destinations = form.act, _destinations_form(request, form)
        if "confirm" not in request.POST:
            return self._preview(request, form, destinations)
        if destinations is not None:
            if not destinations.is_valid():
                self._tell_of_changes(request, act)
                return self._preview(request, form, destinations)
            act = _with_destinations(act, destinations)
        if self._tell_of_changes(request, act):
            return self._preview(request, form, destinations)
        said = f"{act.kind.label}（{in_words(act)}）"
        reason = f"課の{said}：{form.cleaned_data['reason'].strip()}"
        with changing(by=request.user, door=Door.ADMIN, reason=reason):
            carry_out_act(act)
        self.message_user(request, f"{said}を実行しました。", messages.SUCCESS)
        return redirect("admin:accounts_section_changelist")

    def _tell_of_changes(self, request: HttpRequest, act: Act) -> bool:
        """Report who has changed what since the preview; return whether anything changed."""
        sign, _, newest = request.POST.get("seen", "").partition(":")
        if sign == sign_of(act):
            return False
        changed = changed_since(act, newest)
        told = f"確かめている間に、{changed}。" if changed else CHANGED_MEANWHILE
        self.message_user(request, told + NOT_YET, messages.WARNING)
        return True

    def _ask(self, request: HttpRequest, form: ActForm) -> HttpResponse:
        chosen = ("indicator-", "user-")
        context = {
            "form": form,
            "is_back": "back" in request.POST,
            "work": WORK[form.kind],
            "kept": [pair for pair in _sent(request.POST) if pair[0].startswith(chosen)],
        }
        return self._page(request, form, "admin/reorganise.html", context)

    def _preview(
        self, request: HttpRequest, form: ActForm, destinations: DestinationsForm | None
    ) -> HttpResponse:
        act: Any = form.act
        own = () if destinations is None else destinations.fields
        context = {
            "act": act,
            "in_words": in_words(act),
            "reason": form.cleaned_data["reason"],
            "first_year": full_label(act.first_fiscal_year),
            "last_year": full_label(act.last_fiscal_year),
            "indicators": _indicator_lines(act, destinations),
            "people": _people_lines(act, destinations),
            "destinations": destinations,
            "open_years": [
                (full_label(year), count) for year, count in open_rows_of(act.sections).items()
            ],
            "kept_years": _kept_years(act),
            "sent": [pair for pair in _sent(request.POST) if pair[0] not in own],
            "seen": f"{sign_of(act)}:{newest_rows()}",
            "is_rename": act.kind == ActKind.RENAME,
        }
        return self._page(request, form, "admin/reorganise_preview.html", context)

    def _page(
        self, request: HttpRequest, form: ActForm, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts} | context
        context["title"] = f"担当課の{form.kind.label}"
        return TemplateResponse(request, template, context)


def address_of(kind: ActKind) -> str:
    """Return the page of an act."""
    return reverse("admin:accounts_section_reorganise", args=[kind.value])


def _destinations_form(request: HttpRequest, form: ActForm) -> DestinationsForm | None:
    """Return the second form of an act that has one, bound once something was chosen."""
    act: Any = form.act
    if act.kind not in (ActKind.SPLIT, ActKind.ABOLISH):
        return None
    bound = "confirm" in request.POST
    into = form.cleaned_data.get("into")
    found = DestinationsForm(act, request.POST if bound else None, into=into)
    if not bound:
        for name, field in found.fields.items():
            if sent := request.POST.getlist(name):
                field.initial = sent if act.kind == ActKind.SPLIT and "user" in name else sent[0]
    return found


def _with_destinations(act: Act, form: DestinationsForm) -> Act:
    return Act(
        **{name: getattr(act, name) for name in ("kind", "sections", "first_fiscal_year")},
        **{name: getattr(act, name) for name in ("names", "heirs", "department")},
        indicators=form.indicator_targets(),
        users=form.user_targets(),
    )


def sign_of(act: Act) -> str:
    """Return what a preview stands for: the state of everything that the act changes."""
    state = [
        (act.kind, act.first_fiscal_year, act.names, [one.pk for one in act.heirs]),
        [(one.pk, one.name) for one in act.sections],
        list(indicators_of(act.sections).values_list("pk", "section_id", "entered_by_id")),
        list(users_of(act.sections).values_list("pk", flat=True)),
        open_rows_of(act.sections),
    ]
    return sha256(repr(state).encode()).hexdigest()[:16]


def in_words(act: Act) -> str:
    """Return an act in a few words: 水産課、港湾課 → 水産港湾課、令和9年度（2027）から."""
    before = "、".join(section.name for section in act.sections)
    after = "、".join(act.targets.values())
    return f"{before}{f' → {after}' if after else ''}、{full_label(act.first_fiscal_year)}から"


def _indicator_lines(act: Act, form: DestinationsForm | None) -> list[dict[str, Any]]:
    """Return the indicators of an act: their current sections, and where they go."""
    if act.kind == ActKind.RENAME:
        return []
    ending = {section.pk for section in act.sections}
    return [
        {
            "indicator": one,
            "roles": _roles(one, ending),
            "field": form[f"indicator-{one.pk}"] if form else None,
            "after": act.targets.get(act.indicators.get(one.pk, ""), ""),
        }
        for one in indicators_of(act.sections).select_related("section", "entered_by")
    ]


def _roles(indicator: Indicator, ending: set[int]) -> str:
    """Return for what the indicator needs a new section: 担当, 入力 or both."""
    answers, enters = indicator.section_id in ending, indicator.entered_by_id in ending
    return "・".join(["担当"] * answers + ["入力"] * enters)


def _people_lines(act: Act, form: DestinationsForm | None) -> list[dict[str, Any]]:
    if act.kind == ActKind.RENAME:
        return []
    return [
        {
            "user": user,
            "before": "、".join(section.name for section in user.sections.all()),
            "field": form[f"user-{user.pk}"] if form else None,
            "after": "、".join(act.targets[one] for one in act.users.get(user.pk, ())),
        }
        for user in users_of(act.sections).prefetch_related("sections")
    ]


def _kept_years(act: Act) -> list[str]:
    """Return the years with values of the sections' indicators that stay as they are."""
    indicators = indicators_of(act.sections).order_by()
    years = FiscalYear.objects.filter(
        year__lte=act.last_fiscal_year, actuals__indicator__in=indicators.values("pk")
    ).distinct()
    return [str(year) for year in years.order_by("year")]


def _sent(data: QueryDict) -> list[tuple[str, str]]:
    """Return what a form sent, for hidden fields."""
    return [(name, text) for name, texts in data.lists() for text in texts if name not in _MARKS]
