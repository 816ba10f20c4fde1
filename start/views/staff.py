"""Sections and users from one workbook, and the slips with first passwords."""

from collections.abc import Collection, Sequence
from io import BytesIO
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import password_validation
from django.db.models import prefetch_related_objects
from django.forms import FileInput
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.answer_pages import lead_to, shown_once
from accounts.decorators import allowed
from accounts.directory import is_used
from accounts.first_passwords import AlreadyGiven, give, state_of, waiting_users
from accounts.models import User
from accounts.password_rules import LongEnough
from accounts.staff_workbook import TITLE, StaffImporter, write_staff_workbook
from japanese.row_numbers import row_number
from tables.import_pages import ImportForm, ImportPages
from tables.importing import Comparison
from trail.downloads import XLSX, OutgoingFile, download
from trail.installation import installation

SHOWN_ROWS = 500
PASSWORDS = "初回のパスワード"
NONE, FIRST, OWN = "パスワードなし", "初回のパスワードのまま", "自分のパスワード"
OF_DIRECTORY = "庁内のディレクトリのパスワード"
MOST_SLIPS = 200
"""How many people get a password at once: each hash takes 0.05 s of a processor."""


@require_safe
@allowed(access.may_keep_users)
def start_staff_form(request: HttpRequest) -> HttpResponseBase:
    """Send the empty workbook."""
    file = BytesIO()
    write_staff_workbook(file)
    outgoing = OutgoingFile(file.getvalue(), f"{TITLE}.xlsx", "staff.xlsx", XLSX)
    return download(request, outgoing, detail="空の様式")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_keep_users)
def start_staff(request: HttpRequest) -> HttpResponse:
    """Ask for the workbook; show what it would add, or what is wrong with it."""
    return StaffPages(request).ask()


@require_POST
@allowed(access.may_keep_users)
def start_staff_apply(request: HttpRequest) -> HttpResponse:
    """Store what was confirmed, or show what is no longer valid."""
    lead_to(request, reverse("start_staff"))
    return StaffPages(request).confirm()


class StaffPages(ImportPages):
    """The two steps of the import."""

    def importer(self, **said: str) -> StaffImporter:
        return StaffImporter(user=self.request.user, **said)

    def form(self, *sent: Any) -> ImportForm:
        form = ImportForm(self.importer().read, *sent)
        del form.fields["reason"]
        file = form.fields["file"]
        file.help_text = "この画面で受け取り、入力したExcelブック（.xlsx）を選んでください。"
        file.widget = FileInput(attrs={"accept": ".xlsx"})
        return form

    def page(
        self, form: ImportForm, comparisons: Sequence[Comparison] = (), **said: str
    ) -> HttpResponse:
        context = {
            "heading": TITLE,
            "form": form,
            "comparison": comparisons[0] if comparisons else None,
            "summary": said.get("summary", ""),
            "shown_rows": SHOWN_ROWS,
        }
        return render(self.request, "start/staff.html", context)

    def start(self) -> str:
        return reverse("start_staff")

    def done(self, summary: str) -> HttpResponse:
        messages.success(self.request, f"{TITLE}を取り込みました（{summary}）。")
        return redirect("start_passwords" if waiting_users().exists() else "start")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_keep_users)
def start_passwords(request: HttpRequest) -> HttpResponse:
    """Ask who gets a first password; show the slips once, in the answer to the form."""
    fault = ""
    named = [row_number(one) for one in request.GET.getlist("user")]
    asked_for = {number for number in named if number is not None}
    if request.method == "POST":
        chosen = _chosen(request)
        asked_for |= set(chosen)
        if not chosen:
            fault = "初回のパスワードを渡す人を選んでください。"
        elif len(chosen) > MOST_SLIPS:
            fault = f"一度に選べるのは{MOST_SLIPS}人までです。分けて印刷してください。"
        else:
            try:
                return _slips(request, chosen)
            except AlreadyGiven as error:
                fault = (
                    f"この画面を開いた後に、{error}さんのパスワードが変わったか、"
                    "有効でない利用者になりました。"
                    "だれのパスワードも変えていません。紙が手元にあるか確かめ、なければ、もう一度選んでください。"
                )
    people = _people(request, asked_for)
    # With a directory nobody needs a local password, and a user who gets one stops using the
    # directory's.
    new = [user.pk for user, _, state in people if state == NONE]
    chosen_ones = [user.pk for user, _, _ in people if user.pk in asked_for]
    ticked = set((chosen_ones or new)[:MOST_SLIPS])
    context = {
        "heading": PASSWORDS,
        "people": people,
        "fault": fault,
        "ticked": ticked,
        "has_directory": is_used(),
        "most": MOST_SLIPS,
    }
    return render(request, "start/passwords.html", context)


def _people(request: HttpRequest, asked_for: Collection[int]) -> list[tuple[User, str, str]]:
    """Return the users who wait for a password or were requested, with tick and state of each."""
    shown = waiting_users() | User.objects.filter(is_active=True, pk__in=asked_for)
    others = shown.exclude(username=request.user.get_username()).prefetch_related(
        "groups", "sections"
    )
    return [
        (user, state_of(user), _state_in_words(user)) for user in sorted(others, key=_as_handed_out)
    ]


def _state_in_words(user: User) -> str:
    if not user.has_usable_password():
        return OF_DIRECTORY if is_used() else NONE
    return FIRST if user.must_change_password else OWN


def _chosen(request: HttpRequest) -> dict[int, str]:
    """Return the chosen users with the marks of the passwords that the page was shown for."""
    numbers = [row_number(one) for one in request.POST.getlist("user")]
    known = set(User.objects.values_list("pk", flat=True))
    return {
        number: request.POST.get(f"state-{number}", "")
        for number in numbers
        if number in known and number != request.user.pk
    }


def _as_handed_out(user: User) -> tuple[bool, int, str, str]:
    """Sort by section, in the order of the sections, then by number; without a section last."""
    first = min(user.sections.all(), key=lambda one: (one.position, one.name), default=None)
    place = (False, first.position, first.name) if first else (True, 0, "")
    return (*place, user.username)


def _slips(request: HttpRequest, chosen: dict[int, str]) -> HttpResponse:
    known = installation()
    slips = give(chosen)
    prefetch_related_objects([slip.user for slip in slips], "sections")
    context = {
        "heading": PASSWORDS,
        "slips": sorted(slips, key=lambda slip: _as_handed_out(slip.user)),
        "city": known.city,
        "site": f"{settings.SITE_URL or request.build_absolute_uri('/').rstrip('/')}/",
        "least": _shortest_password(),
    }
    return shown_once(render(request, "start/slips.html", context))


def _shortest_password() -> int:
    """Return how many characters a password needs."""
    rules = password_validation.get_default_password_validators()
    return next(rule.min_length for rule in rules if isinstance(rule, LongEnough))
