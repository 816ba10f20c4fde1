"""The years: creating one, editing its number and dates, opening and ending entry."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access
from accounts.decorators import allowed
from entry.answer_status import STATES, YearStatus, year_status
from entry.current_years import year_to_make
from entry.pages import entry_context, stages_today, year_or_not_found
from entry.year_form import NewYearForm, YearForm
from goals.models import Strategy
from indicators.models import Actual, FiscalYear
from indicators.plan_states import PlanState
from indicators.year_dates import DATE_NAMES
from japanese.calendar_days import era_day
from japanese.fiscal_years import era_label
from trail.history import NOTHING_CHANGED, Door, changing
from trail.meanwhile import sign_of_shown

_COLUMNS = {
    "due_date": "回答期限",
    "check_due_date": "確認期限",
    "internal_review_date": "内部評価",
    "council_date": "有識者会議",
    "publication_date": "公表",
}
"""The dates in the list of years, and the headers of their columns."""


@require_safe
@allowed(access.may_follow_entry)
def entry_years(request: HttpRequest) -> HttpResponse:
    """Show all years with their dates and whether entry is open."""
    context = entry_context(
        request,
        "実績の入力",
        years=[(year, _ended(year), _days_of(year)) for year in FiscalYear.objects.all()],
        columns=_COLUMNS.values(),
        may_keep=access.may_keep_years(request.user),
    )
    return render(request, "entry/years.html", context)


def _ended(year: FiscalYear) -> str:
    """Return the day on which entry ended; "" if it has not."""
    return era_day(year.entry_ended_on) if year.entry_ended_on else ""


def _days_of(year: FiscalYear) -> list[tuple[str, str]]:
    """Return (header, date) for each column of the list of years; － without a date."""
    days = [(label, getattr(year, field)) for field, label in _COLUMNS.items()]
    return [(label, era_day(day) if day else "－") for label, day in days]


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_keep_years)
def entry_year_add(request: HttpRequest) -> HttpResponse:
    """Create a year."""
    form = NewYearForm(request.POST or None, initial=_proposed())
    if request.method == "POST" and form.is_valid():
        with changing(door=Door.GRID, reason="年度を作成"):
            year = form.made()
        if year is not None:
            messages.success(request, f"{year}を作りました。受付は、まだ開始していません。")
            return redirect("entry_year", year.pk)
    return render(request, "entry/year_add.html", entry_context(request, "年度を作る", form=form))


def _proposed() -> dict[str, str]:
    """Return the year that the form for a new year begins with, if there is one."""
    years = list(FiscalYear.objects.values_list("pk", flat=True))
    running = Strategy.objects.filter(state=PlanState.RUNNING)
    year = year_to_make(years, [plan.period for plan in running], timezone.localdate())
    return {"year": era_label(year)} if year is not None else {}


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_keep_years)
def entry_year(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Show a year: its number and dates, its stage, and the buttons to open or end entry."""
    year = year_or_not_found(fiscal_year)
    form = YearForm(instance=year)
    if request.method == "POST":
        form = _saved_form(request.POST, fiscal_year)
        if form.is_valid():
            done = "年度の設定を保存しました。" if form.changes_something else NOTHING_CHANGED
            messages.success(request, f"{done}{form.left_alone_message}")
            return redirect("entry_year", year.pk)
    today = timezone.localdate()
    stages = stages_today(year, year_status(year, today), today)
    context = entry_context(
        request,
        "年度の設定",
        year,
        form=form,
        shown_sign=sign_of_shown([form]),
        stages=stages,
        ended=_ended(year),
    )
    return render(request, "entry/year.html", context)


def _saved_form(data: QueryDict, fiscal_year: int) -> YearForm:
    """Return the form of a year, and save it if it is valid."""
    with transaction.atomic(), changing(door=Door.GRID, reason="照会の番号と日程を変更"):
        year = FiscalYear.objects.select_for_update().get(pk=fiscal_year)
        form = YearForm(data, instance=year)
        if form.is_valid() and form.changes_something:
            # Save only the form's fields: entry may have been opened or ended meanwhile.
            year.save(update_fields=form._meta.fields)
    return form


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_keep_years)
def entry_open(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Open entry, after a confirmation page with what is still missing."""
    return _switch(request, fiscal_year, is_open=True)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_keep_years)
def entry_end(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """End entry, after a confirmation page with what is still missing."""
    return _switch(request, fiscal_year, is_open=False)


def _switch(request: HttpRequest, fiscal_year: int, *, is_open: bool) -> HttpResponse:
    year = year_or_not_found(fiscal_year)
    done = "開始" if is_open else "終了"
    if request.method == "POST":
        with transaction.atomic(), changing(door=Door.GRID, reason=f"入力の受付を{done}"):
            locked = FiscalYear.objects.select_for_update().get(pk=year.pk)
            if locked.entry_is_open != is_open:
                locked.entry_is_open = is_open
                locked.save(update_fields=["entry_is_open"])
        messages.success(request, f"{year}の入力の受付を{done}しました。")
        return redirect("entry_year", year.pk)
    status = year_status(year, timezone.localdate())
    context = entry_context(
        request,
        f"入力の受付を{done}する",
        year,
        opens=is_open,
        is_so_already=year.entry_is_open == is_open,
        status=status,
        missing=_missing_to_open(year, status) if is_open else _missing_to_end(status),
    )
    return render(request, "entry/switch.html", context)


def _missing_to_open(year: FiscalYear, status: YearStatus) -> list[str]:
    """Return what is still missing before sections can begin."""
    missing = []
    plans = Strategy.objects.of_year(year.pk)
    if not plans.without_drafts().exists():
        missing.append(
            "この年度を計画期間に含む総合戦略は、まだ作成中です。照会するには、実施中にしてください。"
            if plans.exists()
            else "この年度を計画期間に含む総合戦略が、登録されていません。"
        )
    elif not status.counts.total:
        missing.append("入力が必要な指標が、登録されていません。")
    missing += [
        f"{label}が、入力されていません。"
        for field, label in {"inquiry_number": "照会の文書番号", **DATE_NAMES}.items()
        if not getattr(year, field)
    ]
    return missing


def _missing_to_end(status: YearStatus) -> list[str]:
    """Return the sections with unconfirmed values, and the number in each state."""
    return [
        f"{section.name}："
        + "、".join(
            f"{label}{section.counts.of(state)}件"
            for state, label in STATES.items()
            if state != Actual.State.CONFIRMED and section.counts.of(state)
        )
        for section in status.sections
        if section.counts.progress.confirmed < section.counts.total
    ]
