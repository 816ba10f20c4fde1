"""根拠資料 of one value: list, upload, withdrawal and download."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access
from accounts.decorators import allowed
from accounts.sections import names_in
from entry.attaching import attach
from entry.pages import entry_context, year_or_not_found
from indicators.duties import duty_of
from indicators.evidence import files as evidence_files
from indicators.evidence import lists as evidence_lists
from indicators.evidence.files import Damaged
from indicators.evidence.types import ending_of
from indicators.models import Evidence, FiscalYear, Indicator
from japanese.fiscal_years import full_label
from plans.pages import Link, PageNotFound
from plans.value_addresses import listing_addresses, value_address
from trail.downloads import OutgoingFile, download


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_follow_entry)
def entry_evidence(request: HttpRequest, fiscal_year: int, indicator_code: str) -> HttpResponse:
    """Show the files of a value; a POST adds files.

    The grid's script adds files without leaving the grid: it accepts JSON only and gets the files
    of the value, what was done and what was refused.
    """
    year = year_or_not_found(fiscal_year)
    indicator = _indicator(request, fiscal_year, indicator_code)
    may_change_files = evidence_lists.may_change_files(request.user, indicator, year)
    problems: list[str] = []
    if request.method == "POST":
        if not may_change_files:
            raise PermissionDenied
        files = request.FILES.getlist("files")
        is_script = request.headers.get("Accept") == "application/json"
        done, problems = attach(files, indicator, year.pk, by=request.user)
        if is_script:
            if problems and len(files) > 1:
                problems = [*problems, _NOTHING_ATTACHED.format(len(files))]
            return JsonResponse(_told(indicator, year, done, problems))
        if done:
            messages.success(request, done)
            return redirect(request.path)
    context = _context(
        request, year, indicator, may_change_files=may_change_files, problems=problems
    )
    return render(request, "entry/evidence.html", context)


_NOTHING_ATTACHED = (
    "選んだ{}件は、ほかのファイルも含めて、一つも添付していません。"
    "上のファイルを除くか直して、もう一度選んでください。"
)


def _told(indicator: Indicator, year: FiscalYear, done: str, problems: list[str]) -> dict[str, Any]:
    """Return what the grid's script shows: the files with their addresses, and the messages."""
    files = evidence_lists.files_of(indicator.pk, year.pk, with_removed=False)
    return {
        "files": [
            {
                "name": file.name,
                "url": reverse("entry_evidence_file", args=[year.pk, indicator.code, file.pk]),
            }
            for file in files
        ],
        "done": done,
        "problems": problems,
    }


def _indicator(request: HttpRequest, fiscal_year: int, code: str) -> Indicator:
    """Return the indicator. Raises PageNotFound, or PermissionDenied if the user may not see it."""
    indicator = Indicator.objects.filter(code=code).first()
    if indicator is None:
        raise PageNotFound(
            f"「{code}」という指標は登録されていません。",
            [Link("年度の一覧へ", reverse("entry_years"))],
        )
    if not evidence_lists.may_see(request.user, indicator, fiscal_year):
        raise PermissionDenied
    return indicator


def _context(
    request: HttpRequest,
    year: FiscalYear,
    indicator: Indicator,
    *,
    may_change_files: bool,
    problems: list,
) -> dict:
    with_removed = access.may_see_removed_evidence(request.user)
    address = listing_addresses([indicator.pk]).get(indicator.pk)
    return entry_context(
        request,
        f"根拠資料　{indicator.name}　{full_label(year.pk)}",
        year,
        indicator=indicator,
        entered_by=names_in(year.pk)[duty_of(indicator, year.pk).entered_by_id],
        files=evidence_lists.files_of(indicator.pk, year.pk, with_removed=with_removed),
        last_year=full_label(year.pk - 1),
        last_files=evidence_lists.files_of(indicator.pk, year.pk - 1, with_removed=False),
        value_url=value_address(address, year.pk) if address else "",
        may_change_files=may_change_files,
        problems=problems,
        allowed=evidence_files.allowed_in_words(),
    )


def _file(
    fiscal_year: int, indicator: Indicator, number: int, *, with_removed: bool = False
) -> Evidence:
    """Return the file of a value. Raises PageNotFound if it does not exist or was withdrawn."""
    files = Evidence.objects.select_related("indicator")
    found = files.filter(pk=number, indicator=indicator, fiscal_year=fiscal_year).first()
    if found is None or (found.removed_at and not with_removed):
        raise PageNotFound(
            "この根拠資料はありません。取り下げられた可能性があります。",
            [
                Link(
                    "根拠資料の一覧へ",
                    reverse("entry_evidence", args=[fiscal_year, indicator.code]),
                )
            ],
        )
    return found


@require_safe
@allowed(access.may_follow_entry)
def entry_evidence_file(
    request: HttpRequest, fiscal_year: int, indicator_code: str, number: int
) -> HttpResponseBase:
    """Send one file as a download under its own name, after checking its SHA-256."""
    year = year_or_not_found(fiscal_year)
    indicator = _indicator(request, fiscal_year, indicator_code)
    with_removed = access.may_see_removed_evidence(request.user)
    evidence = _file(year.pk, indicator, number, with_removed=with_removed)
    try:
        content = evidence_files.file_content(evidence)
    except Damaged as damage:
        evidence_files.log_damage(evidence, damage, by=request.user)
        context = entry_context(
            request, "根拠資料をお渡しできません", year, evidence=evidence, indicator=indicator
        )
        return render(request, "entry/evidence_damaged.html", context, status=409)
    return download(
        request,
        OutgoingFile(
            content,
            name=evidence_lists.distinct_name(evidence),
            ascii_name=f"evidence_{evidence.pk}.{ending_of(evidence.name)}",
            content_type=evidence_files.content_type_of(evidence.name),
        ),
        detail=evidence_files.evidence_in_words(evidence),
        subject=evidence.name,
    )


LONGEST_REASON = 500
"""The most characters of a reason for withdrawing a file."""


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_follow_entry)
def entry_evidence_remove(
    request: HttpRequest, fiscal_year: int, indicator_code: str, number: int
) -> HttpResponse:
    """Withdraw a file, after asking for the reason."""
    indicator = _indicator(request, fiscal_year, indicator_code)
    year = year_or_not_found(fiscal_year)
    if not evidence_lists.may_change_files(request.user, indicator, year):
        raise PermissionDenied
    reason = request.POST.get("reason", "").strip()
    is_again = evidence_files.was_removed(number, by=request.user, reason=reason)
    evidence = _file(year.pk, indicator, number, with_removed=is_again)
    problem = _problem_of_reason(reason) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        evidence_files.remove(evidence, by=request.user, reason=reason)
        messages.success(request, f"根拠資料「{evidence.name}」を取り下げました。")
        return redirect("entry_evidence", year.pk, indicator.code)
    context = entry_context(
        request,
        "根拠資料を取り下げる",
        year,
        indicator=indicator,
        evidence=evidence,
        problem=problem,
        reason=reason,
    )
    return render(request, "entry/evidence_remove.html", context)


def _problem_of_reason(reason: str) -> str:
    """Return what is wrong with the reason for withdrawing a file; "" for nothing."""
    if not reason:
        return "取り下げる理由を入力してください。"
    if len(reason) > LONGEST_REASON:
        return (
            f"取り下げる理由は、{LONGEST_REASON}字以内で入力してください（{len(reason)}字です）。"
        )
    return ""
