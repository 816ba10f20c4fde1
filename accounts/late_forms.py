"""The pages for a form that arrives when its sender is no longer logged in.

They are the log-in and, after it, sending the form again.
"""

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import LogInForm
from accounts.models import User
from accounts.send_again import SEALED, SentForm


def log_in_page(request: HttpRequest, form_sent: str, ended: str, address: str) -> HttpResponse:
    """Render the log-in page with a sealed form; `address` is where the log-in leads without it.

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


def send_again_page(request: HttpRequest, form: SentForm) -> HttpResponse:
    """Render the page that offers to send a form once more to its sender, and to nobody else.

    Anybody else is told whose it is and that it was not sent, without what it says.
    """
    if form.user_id == request.user.pk:
        return render(request, "accounts/send_again.html", {"sent_form": form})
    return render(request, "accounts/sent_by_another.html", {"sender": name_of_sender(form)})


def name_of_sender(form: SentForm) -> str:
    """Return the name and the staff number of who sent a form."""
    user = User.objects.filter(pk=form.user_id).first()
    return f"{user}さん（{user.username}）" if user else "別の人"
