"""The pages for a form that arrives when nobody is logged in: the log-in, then sending it again."""

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import LogInForm
from accounts.send_again import SEALED, SentForm


def log_in_page(request: HttpRequest, form_sent: str, ended: str, address: str) -> HttpResponse:
    """Render the log-in page with a sealed form; `address` is where the log-in leads without it."""
    context = {
        "form": LogInForm(request),
        "ended": ended,
        SEALED: form_sent,
        REDIRECT_FIELD_NAME: address,
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
    }
    return render(request, "accounts/login.html", context, status=403)


def send_again_page(request: HttpRequest, form: SentForm) -> HttpResponse:
    """Render the page that offers to send a form once more."""
    return render(request, "accounts/send_again.html", {"sent_form": form})
