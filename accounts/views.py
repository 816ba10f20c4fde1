"""Log-in, log-out and changing one's own password."""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth import login as log_in_to_session
from django.contrib.auth import logout as log_out_of_session
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, first_administrator, idle, lock_outs, open_sessions
from accounts.account_events import is_session_of
from accounts.decorators import allowed
from accounts.directory import is_used
from accounts.forms import FirstAdministratorForm, LogInForm, PasswordChangeForm
from accounts.late_forms import after_log_in, code_page, log_in_page, name_of_sender, wanted_address
from accounts.models import User
from accounts.second_factor import FactorStep, step_due
from accounts.send_again import SEALED, TOKEN, is_from_this_site, sealed, sent_form

CHANGED_BY = "password_changed_by"
"""The key of the session for the token of the form that changed the password, one for each page."""


class LogIn(LoginView):
    """The log-in page; a form that came too late is offered after the log-in."""

    template_name = "accounts/login.html"
    form_class = LogInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not _is_of_somebody_else(request):
            return _next_step(request, self.get_success_url())
        if request.method == "GET" and first_administrator.is_needed():
            return redirect("first_administrator")
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))

    def form_valid(self, form: Any) -> HttpResponse:
        if self.request.user.is_authenticated:
            log_out_of_session(self.request)  # so that the log says when the other person left
        response = cast(HttpResponseRedirect, super().form_valid(form))
        return _next_step(self.request, response.url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        return {
            **super().get_context_data(**kwargs),
            "ended": asked.get("ended", ""),
            "fate": asked.get("form", ""),
            SEALED: self.request.POST.get(SEALED, ""),
            "idle_minutes": settings.SESSION_IDLE_MINUTES,
        }


def _next_step(request: HttpRequest, address: str) -> HttpResponse:
    """Ask for a code if one is due, with the form that the log-in page brought; else redirect."""
    if step_due(request) != FactorStep.CODE:
        return after_log_in(request, address)
    if request.POST.get(SEALED):
        return code_page(request, request.POST[SEALED], address)
    return redirect(
        f"{reverse(FactorStep.CODE)}?{urlencode({REDIRECT_FIELD_NAME: address}, safe='/')}"
    )


def _is_of_somebody_else(request: HttpRequest) -> bool:
    """Return whether the typed staff number is not that of the user who is logged in."""
    typed = request.POST.get("username", "")
    return bool(typed) and User.normalize_username(typed.strip()) != request.user.get_username()


log_in = login_not_required(LogIn.as_view())
# Without log-in: otherwise an ended session would return here by GET after the next log-in.
log_out = login_not_required(LogoutView.as_view())


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def make_first_administrator(request: HttpRequest) -> HttpResponse:
    """Make the first user and log this person in; not found as soon as there is any user."""
    if not first_administrator.is_needed():
        raise Http404
    form = FirstAdministratorForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "heading": "最初の管理者の登録"}
        return render(request, "accounts/first_administrator.html", context)
    user = form.save(commit=False)
    if not first_administrator.make_administrator(user):
        return redirect(settings.LOGIN_URL)
    log_in_to_session(request, user, backend="accounts.backends.StaffBackend")
    return redirect(settings.LOGIN_REDIRECT_URL)


class ChangePassword(PasswordChangeView):
    """The form for a new password; sent twice, it reports success twice."""

    template_name = "accounts/password_change.html"
    form_class = PasswordChangeForm
    success_url = reverse_lazy("password_changed")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if is_used() and not cast(User, request.user).has_usable_password():
            context = {"heading": "パスワードの変更"}
            return render(request, "accounts/password_elsewhere.html", context)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Know the form that has changed the password by its token; it is not checked again."""
        token = request.POST.get(TOKEN)
        if token and request.session.get(CHANGED_BY) == token:
            return redirect(self.get_success_url())
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        """Change the password; its new hash ends the other sessions, which is logged."""
        user = cast(User, self.request.user)
        others = open_sessions.other_sessions(self.request)
        response = super().form_valid(form)
        open_sessions.end_sessions(others, user, "パスワードの変更のため")
        self.request.session[CHANGED_BY] = self.request.POST.get(TOKEN)
        return response


change_password = allowed(access.may_change_own_password)(ChangePassword.as_view())


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Render the page for a form without a valid token (CSRF_FAILURE_VIEW).

    A log-in changes the token: if its form is sent again, the user is let on, and anybody else is
    asked for the password with the new token. What an older page of this site sent is offered with
    the new token, if the person is still the same.
    """
    match = request.resolver_match
    if match is not None and match.url_name == "login":
        wanted = request.POST.get("next", "")
        is_safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()})
        if request.user.is_authenticated and _is_of_somebody_else(request):
            form_sent = request.POST.get(SEALED, "")
            return log_in_page(request, form_sent, "", wanted if is_safe else "")
        if request.user.is_authenticated:
            return _next_step(request, wanted if is_safe else settings.LOGIN_REDIRECT_URL)
        if is_from_this_site(request):
            brought = request.POST.get(SEALED, "")
            ended = idle.LOGGED_OUT if brought else idle.STALE
            return log_in_page(request, brought, ended, wanted if is_safe and not brought else "")
    brought = request.POST.get(SEALED, "") if match and match.url_name == FactorStep.CODE else ""
    if brought and step_due(request) == FactorStep.CODE and is_from_this_site(request):
        return code_page(request, brought, wanted_address(request))
    form = sent_form(request) if is_from_this_site(request) else None
    context: dict[str, Any] = {"sent_form": form}
    if form is not None and not request.user.is_authenticated:
        return log_in_page(request, sealed(form), idle.LOGGED_OUT, form.address)
    if form is not None and form.user_id != request.user.pk:
        context = {"sender": name_of_sender(form)}
    return render(request, "403_csrf.html", context, status=403)


@require_safe
@allowed(access.may_change_own_password)
def password_changed(request: HttpRequest) -> HttpResponse:
    """Confirm the new password. Django has ended the sessions in other browsers."""
    return render(request, "accounts/password_changed.html")


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Return the page for a locked-out name and address (AXES_LOCKOUT_CALLABLE)."""
    name = (credentials or {}).get("username", "")
    context = {
        "until": lock_outs.locked_names().get(name, timezone.now()),
        "is_logged_in": is_session_of(request, name),
    }
    return render(request, "accounts/locked_out.html", context, status=429)
