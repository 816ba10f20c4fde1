"""Log-in, log-out and changing one's own password."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access, lock_outs
from accounts.decorators import allowed
from accounts.forms import LogInForm, PasswordChangeForm

log_in = LoginView.as_view(
    template_name="accounts/login.html",
    form_class=LogInForm,
    extra_context={"idle_minutes": settings.SESSION_IDLE_MINUTES},
    redirect_authenticated_user=True,
)
# Without log-in: otherwise an ended session would return here by GET after the next log-in.
log_out = login_not_required(LogoutView.as_view())

change_password = allowed(access.may_change_own_password)(
    PasswordChangeView.as_view(
        template_name="accounts/password_change.html",
        form_class=PasswordChangeForm,
        success_url=reverse_lazy("password_changed"),
    )
)


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
    context = {"until": lock_outs.locked_names().get(name, timezone.now())}
    return render(request, "accounts/locked_out.html", context, status=429)
