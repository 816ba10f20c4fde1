"""One's own account, and the open sessions of users: listing and ending them."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.decorators import allowed
from accounts.models import User
from accounts.open_sessions import end_sessions, open_sessions
from accounts.second_factor import set_up_of

EVERY = "every"
"""What the form says instead of the mark of a session to end all that are shown."""

GONE = "そのログインは、すでに終わっています。"


@require_safe
@allowed(access.may_see_own_account)
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own account: roles, sections, open sessions."""
    user = cast(User, request.user)
    context = {
        "heading": "自分のアカウント",
        "roles": "、".join(user.groups.values_list("name", flat=True)),
        "sections": "、".join(user.sections.values_list("name", flat=True)),
        "sessions": open_sessions(user, request.session.session_key),
        "action": reverse("account_sessions"),
        "second_factor": set_up_of(user),
        "is_demanded": access.needs_second_factor(user),
    }
    return render(request, "accounts/account.html", context)


@require_POST
@allowed(access.may_see_own_account)
def end_own_sessions(request: HttpRequest) -> HttpResponse:
    """End one of one's own other sessions, or all of them."""
    user = cast(User, request.user)
    wanted = request.POST.get("session", "")
    found = open_sessions(user, request.session.session_key)
    chosen = [one for one in found if not one.is_current and wanted in (EVERY, one.mark)]
    _say(request, end_sessions(chosen, user, "本人が終えた"))
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_end_sessions)
def user_sessions(request: HttpRequest, user: int) -> HttpResponse:
    """Show the open sessions of a user, and end one or all; one's own are on another page."""
    if user == request.user.pk:
        return redirect("account")
    person = get_object_or_404(User, pk=user)
    found = open_sessions(person)
    if request.method == "POST":
        wanted = request.POST.get("session", "")
        chosen = [one for one in found if wanted in (EVERY, one.mark)]
        _say(request, end_sessions(chosen, person, "企画担当が終えた"))
        return redirect("user_sessions", user=user)
    context = {
        "heading": f"{person}さんの開いているログイン",
        "person": person,
        "sessions": found,
        "action": reverse("user_sessions", args=[user]),
    }
    return render(request, "accounts/user_sessions.html", context)


def _say(request: HttpRequest, number: int) -> None:
    if number:
        messages.success(request, f"{number}件のログインを終えました。")
    else:
        messages.warning(request, GONE)
