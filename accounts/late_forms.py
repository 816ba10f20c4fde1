"""The pages for a form that arrives when its sender is no longer logged in.

They are the log-in and, after it, sending the form again.
"""

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.answer_pages import shown_once
from accounts.forms import CodeForm, LogInForm
from accounts.models import User
from accounts.send_again import SEALED, SentForm, unsealed


def log_in_page(request: HttpRequest, form_sent: str, ended: str, address: str) -> HttpResponse:
    """Render the log-in page with a sealed form; without one, the log-in redirects to `address`.

    The staff number stays if one was typed.
    """
    typed = {"username": request.POST.get("username", "")}
    context = {
        "form": LogInForm(request, initial=typed),
        "ended": ended,
        SEALED: form_sent,
        REDIRECT_FIELD_NAME: address,
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
    }
    return render(request, "accounts/login.html", context, status=403)


def code_page(
    request: HttpRequest, form_sent: str, address: str, form: CodeForm | None = None
) -> HttpResponse:
    """Render the page that asks for a code of the second factor, with a sealed form if any."""
    context = {
        "heading": "認証コードの入力",
        "form": form or CodeForm(),
        SEALED: form_sent,
        REDIRECT_FIELD_NAME: address,
    }
    return shown_once(render(request, "accounts/second_factor.html", context))


def after_log_in(request: HttpRequest, address: str) -> HttpResponse:
    """Offer the form that the log-in page brought; without one, redirect to the address."""
    form = unsealed(request)
    if form is not None:
        return send_again_page(request, form)
    # An address from the query, which redirect() would take for the name of a URL.
    leads_home = request.POST.get(SEALED) or not address.startswith("/")
    return redirect(settings.LOGIN_REDIRECT_URL) if leads_home else HttpResponseRedirect(address)


def wanted_address(request: HttpRequest) -> str:
    """Return the address of this site that a form or an address names as the next one."""
    named = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    is_safe = url_has_allowed_host_and_scheme(
        named, {request.get_host()}, require_https=request.is_secure()
    )
    return named if is_safe else resolve_url(settings.LOGIN_REDIRECT_URL)


def send_again_page(request: HttpRequest, form: SentForm) -> HttpResponse:
    """Render the page that offers to send a form once more to its sender, and to nobody else.

    Anybody else is told whose it is and that it was not sent, but not its content.
    """
    if form.user_id == request.user.pk:
        return render(request, "accounts/send_again.html", {"sent_form": form})
    return render(request, "accounts/sent_by_another.html", {"sender": name_of_sender(form)})


def name_of_sender(form: SentForm) -> str:
    """Return the name and the staff number of the person who sent a form."""
    user = User.objects.filter(pk=form.user_id).first()
    return f"{user}さん（{user.username}）" if user else "別の人"
