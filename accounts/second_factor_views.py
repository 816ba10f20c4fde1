"""The pages of the second factor: the code after the password, the set-up, the backup codes."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import access, second_factor
from accounts.answer_pages import shown_once
from accounts.decorators import allowed
from accounts.forms import AppForm, CodeForm, OwnPasswordForm
from accounts.late_forms import after_log_in, code_page, wanted_address
from accounts.models import User
from accounts.open_sessions import end_sessions, other_sessions
from accounts.second_factor import FactorStep
from accounts.send_again import SEALED, unsealed

SET_UP_FAULT = (
    "認証コードが違います。QRコードを読み取り直し、認証アプリに今表示されている6桁の数字を"
    "入力してください。合わないときは、スマートフォンの時計が正しいか確かめてください。"
)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_see_own_account)
def ask_for_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code; then redirect to the wanted page, or offer the late form."""
    address = wanted_address(request)
    if second_factor.step_due(request) != FactorStep.CODE:
        return after_log_in(request, address)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        fault = second_factor.fault_of_code(cast(User, request.user), form.code)
        if not fault:
            second_factor.note_passed(request)
            return after_log_in(request, address)
        form.add_error(CodeForm.FIELD, fault)
    return code_page(request, request.POST.get(SEALED, ""), address, form)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_see_own_account)
def set_up_app(request: HttpRequest) -> HttpResponse:
    """Show a new key for the app and ask for a code of it; show backup codes once.

    The sessions in other browsers end: they have not passed with this app.
    """
    user = cast(User, request.user)
    form = AppForm(request, request.POST if request.method == "POST" else None)
    app = second_factor.new_app(user, request.POST.get("key", ""))
    if request.method == "POST" and second_factor.is_registered(app):
        return redirect("account")
    if request.method == "POST" and form.is_valid():
        codes = second_factor.register_app(app, form.code)
        if codes:
            end_sessions(other_sessions(request), user, "認証アプリの登録のため")
            second_factor.note_passed(request)
            return _codes_page(request, codes, is_new_app=True)
        form.add_error(CodeForm.FIELD, SET_UP_FAULT)
    context = {
        "heading": "認証アプリの登録",
        "form": form,
        "app": app,
        "is_replaced": second_factor.has_app(user),
        "is_demanded": access.needs_second_factor(user),
        "next": wanted_address(request),
        SEALED: request.POST.get(SEALED, ""),
    }
    return shown_once(render(request, "accounts/second_factor_set_up.html", context))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_see_own_account)
def make_backup_codes(request: HttpRequest) -> HttpResponse:
    """Ask for the password; then make new backup codes and show them once."""
    user = cast(User, request.user)
    if not second_factor.has_app(user):
        return redirect(FactorStep.SET_UP)
    form = OwnPasswordForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _codes_page(request, second_factor.new_backup_codes(user))
    context = {"heading": "予備のコードを作り直す", "form": form, "next": wanted_address(request)}
    return shown_once(render(request, "accounts/new_backup_codes.html", context))


def _codes_page(
    request: HttpRequest, codes: list[str], *, is_new_app: bool = False
) -> HttpResponse:
    form = unsealed(request)
    context = {
        "heading": "予備のコード",
        "codes": codes,
        "is_new_app": is_new_app,
        "address": wanted_address(request),
        "sent_form": form if form and form.user_id == request.user.pk else None,
    }
    return shown_once(render(request, "accounts/backup_codes.html", context))
