"""Checking a typed password as the log-in does, also that of somebody who is logged in already.

Wrong ones are logged and count towards the same lock-out. Otherwise whoever finds an open session
could guess its password without limit.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import time_format

from accounts.directory_backend import NotLetIn
from accounts.directory_groups import WrongGroups
from accounts.directory_person import DirectoryIsAway
from accounts.lock_outs import block_of, forget_failures
from trail.client_address import client_address
from trail.events import Event, log

logger = logging.getLogger(__name__)

AWAY = (
    "パスワードを確かめる庁内のディレクトリが応答しないため、今はログインできません。"
    "職員番号とパスワードの誤りではありません。しばらくしてから、もう一度ログインしてください。"
)
NO_GROUPS = (
    "役割を決めるグループのファイルに誤りがあるため、今は先に進めません。"
    "職員番号とパスワードの誤りではありません。システムの管理者に連絡してください。"
)
AWAY_MEANWHILE = (
    "パスワードを確かめる庁内のディレクトリが応答しないため、今は確かめられません。"
    "パスワードの誤りではありません。しばらくしてから、もう一度入力してください。"
)


@contextmanager
def refusals_in_words(request: HttpRequest | None, number: str, away: str = AWAY) -> Iterator[None]:
    """Raise a ValidationError, and log it, where the password of a number cannot be checked.

    A failure of the directory is not one of the person: it does not count towards a lock-out.
    """
    _refuse_blocked(request, number)
    try:
        yield
    except NotLetIn as error:
        log(Event.Kind.LOG_IN_FAILED, number, str(error), door="")
        raise forms.ValidationError(str(error)) from error
    except DirectoryIsAway as error:
        logger.error("The directory let nobody in: %s", error)
        log(Event.Kind.LOG_IN_FAILED, number, f"ディレクトリを使えません：{error}", door="")
        raise forms.ValidationError(away) from error
    except WrongGroups as error:
        logger.error("The file of groups let nobody in: %s", error)
        log(Event.Kind.LOG_IN_FAILED, number, f"グループのファイルを使えません：{error}", door="")
        raise forms.ValidationError(NO_GROUPS) from error


def check_own_password(request: HttpRequest, typed: str) -> None:
    """Raise a ValidationError if this is not the password of whoever is logged in.

    The failure that locks out is answered by another page (AXES_LOCKOUT_CALLABLE).
    """
    number = request.user.get_username()
    with refusals_in_words(request, number, AWAY_MEANWHILE):
        found = authenticate(request, username=number, password=typed)
    if found is None or found.pk != request.user.pk:
        raise forms.ValidationError(_wrong_password(), code="password_incorrect")
    forget_failures(number, client_address(request))


def _refuse_blocked(request: HttpRequest | None, number: str) -> None:
    block = block_of(number, client_address(request) if request else None)
    if block is None:
        return
    detail = f"{block.what}の失敗が続いたため、パスワードを調べていません。"
    log(Event.Kind.LOG_IN_FAILED, number, detail, door="")
    until = time_format(timezone.localtime(block.until), "G時i分")
    raise forms.ValidationError(
        f"{block.what}でログインの失敗が続いたため、パスワードを調べていません。"
        f"{until}を過ぎてから、もう一度入力してください。"
    )


def _wrong_password() -> str:
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
    return (
        "今のパスワードが違います。もう一度入力してください。"
        f"{settings.AXES_FAILURE_LIMIT}回続けて間違えると、{minutes}分間、この端末では"
        "パスワードを確かめず、ログインもできなくなります。"
    )
