"""The second factor: a code of an app (TOTP) after the password, or a backup code from paper.

Users who have set it up are asked for a code at each log-in; the roles in SECOND_FACTOR_ROLES have
to set it up. The session says whether a code is due, so that no page needs an extra query.

django-otp has the devices: it slows down guessing and accepts no code twice. Backup codes are
stored as digests. The key of an app has to be stored in clear; it appears on the page of the set-up
only, and in no history, log or export.
"""

import secrets
from base64 import b32encode
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from accounts import access
from accounts.account_events import name_of
from accounts.models import User
from accounts.open_sessions import end_all_sessions
from accounts.password_spelling import BETWEEN, CHARACTERS
from japanese.numerals import half_width
from trail import events
from trail.events import Event

DUE, PASSED = "code_due", "code_passed"
"""Keys of the session: a code is asked for before any page; a right one was given."""

DIGITS = 6
BACKUP_CODES = 10
_CODE_LENGTH = 8
_SET_UP_SECONDS = 60 * 60
_SALT = "accounts.second_factor"


class FactorStep(StrEnum):
    """What comes before all other pages; the value is the name of the page."""

    CODE = "second_factor"
    SET_UP = "second_factor_set_up"


def note_code_due(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Ask in this session for a code if the user has set it up (user_logged_in)."""
    request.session.pop(PASSED, None)
    request.session[DUE] = has_app(user)


def step_due(request: HttpRequest) -> FactorStep | None:
    """Return what a user who has typed the right password still has to do; None for nothing.

    Runs a query only where a role demands the factor and nothing is set up yet.
    """
    user = request.user
    if not user.is_authenticated or request.session.get(PASSED):
        return None
    if request.session.get(DUE):
        return FactorStep.CODE
    if not access.needs_second_factor(user):
        return None
    return FactorStep.CODE if has_app(user) else FactorStep.SET_UP


def note_passed(request: HttpRequest) -> None:
    """Note that the session has passed; it gets a new key, as after a log-in."""
    request.session.cycle_key()
    request.session[PASSED] = True


def has_app(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


@dataclass(frozen=True)
class SecondFactor:
    """What a user has set up."""

    since: Any
    codes_left: int


def set_up_of(user: User) -> SecondFactor | None:
    """Return what a user has set up; None if nothing."""
    device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    if device is None:
        return None
    return SecondFactor(device.created_at, StaticToken.objects.filter(device__user=user).count())


def fault_of_code(user: User, typed: str) -> str:
    """Return what is wrong with a typed code, and log it; "" if it is right.

    A right code is used up. After each wrong one the next one is delayed: 1, 2, 4 … seconds.
    """
    plain = _plain(typed)
    is_of_app = len(plain) == DIGITS and plain.isdigit()
    kind = TOTPDevice if is_of_app else StaticDevice
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is not None and (seconds := _seconds_to_wait(device)):
            detail = "間違いが続いたため、コードを調べていません。"
            events.log(Event.Kind.LOG_IN_FAILED, name_of(user), detail, door="")
            return f"間違いが続きました。{seconds}秒待ってから、もう一度入力してください。"
        if device is not None and device.verify_token(plain if is_of_app else _digest(user, plain)):
            if not is_of_app:
                left = device.token_set.count()
                detail = f"予備のコードでログイン（残り{left}件）"
                events.log(Event.Kind.SECOND_FACTOR, name_of(user), detail, by=user, door="")
            return ""
        events.log(Event.Kind.LOG_IN_FAILED, name_of(user), "認証コードの誤り", door="")
    return (
        "認証コードが違います。認証アプリに今表示されている6桁の数字か、"
        "まだ使っていない予備のコードを入力してください。"
    )


@dataclass(frozen=True)
class NewApp:
    """A key for a new app: `sealed` carries it through the form."""

    user: User
    key: str

    @property
    def sealed(self) -> str:
        return signing.dumps([self.user.pk, self.key], salt=_SALT)

    @property
    def text(self) -> str:
        """The key as people type it into an app, in groups of four."""
        plain = b32encode(bytes.fromhex(self.key)).decode()
        return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))

    @property
    def image(self) -> SafeString:
        """The key as a QR code that an app reads: an SVG."""
        import segno  # takes a fiftieth of a second, which only this page should pay

        address = TOTPDevice(user=self.user, key=self.key).config_url
        code = segno.make(address, error="m", micro=False)
        svg = code.svg_inline(
            scale=4, light="#fff", svgclass=None, lineclass=None, title="QRコード"
        )
        return mark_safe(svg)  # noqa: S308  (paths that segno draws; no text of anybody is in it)


def new_app(user: User, sealed: str = "") -> NewApp:
    """Return a new key for a user, or the one that the form has brought back."""
    try:
        user_id, key = signing.loads(sealed, salt=_SALT, max_age=_SET_UP_SECONDS)
    except signing.BadSignature:
        user_id, key = None, ""
    return NewApp(user, key if user_id == user.pk else random_hex(20))


def is_registered(app: NewApp) -> bool:
    """Return whether a user's app already has this key: the form was sent twice."""
    return TOTPDevice.objects.filter(user=app.user, key=app.key, confirmed=True).exists()


def register_app(app: NewApp, typed: str) -> list[str]:
    """Store a new app in place of an earlier one; return backup codes, [] for a wrong code."""
    plain = _plain(typed)
    if not (len(plain) == DIGITS and plain.isdigit()):
        return []
    totp = TOTP(bytes.fromhex(app.key))
    if not totp.verify(int(plain), tolerance=1):
        return []
    with transaction.atomic():
        TOTPDevice.objects.filter(user=app.user).delete()
        # The code that was typed just now is used up.
        TOTPDevice.objects.create(
            user=app.user, name="app", key=app.key, drift=totp.drift, last_t=totp.t()
        )
        events.log(
            Event.Kind.SECOND_FACTOR, name_of(app.user), "認証アプリの登録", by=app.user, door=""
        )
        return new_backup_codes(app.user)


def new_backup_codes(user: User) -> list[str]:
    """Give a user new backup codes in place of the earlier ones; only their digests are stored."""
    codes = [
        "".join(secrets.choice(CHARACTERS) for _ in range(_CODE_LENGTH))
        for _ in range(BACKUP_CODES)
    ]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="paper")
        StaticToken.objects.bulk_create(
            StaticToken(device=device, token=_digest(user, code)) for code in codes
        )
        detail = f"予備のコードの作成（{BACKUP_CODES}件）"
        events.log(Event.Kind.SECOND_FACTOR, name_of(user), detail, by=user, door="")
    return [f"{code[:4]}-{code[4:]}" for code in codes]


def forget_second_factor(users: Collection[User]) -> list[User]:
    """Delete users' apps and backup codes, and end their sessions; return the users who had any."""
    with transaction.atomic():
        known = set(TOTPDevice.objects.filter(user__in=users).values_list("user_id", flat=True))
        TOTPDevice.objects.filter(user__in=users).delete()
        StaticDevice.objects.filter(user__in=users).delete()
        had = [user for user in users if user.pk in known]
        for user in had:
            events.log(Event.Kind.SECOND_FACTOR, name_of(user), "登録の取消し")
        end_all_sessions(had, "二段階認証の登録を取り消したため")
    return had


def _plain(typed: str) -> str:
    """Return a code without the separators that people type."""
    plain = BETWEEN.sub("", half_width(typed)).lower()
    return plain if plain.isascii() else ""


def _digest(user: User, code: str) -> str:
    return salted_hmac(_SALT, f"{user.pk}:{code}", algorithm="sha256").hexdigest()[:16]


def _seconds_to_wait(device: TOTPDevice | StaticDevice) -> int:
    """Return for how many more seconds codes are not checked after wrong ones; 0 if they are."""
    allowed, _ = device.verify_is_allowed()
    if allowed:
        return 0
    delay = device.get_throttle_factor() * 2 ** (device.throttling_failure_count - 1)
    passed = (timezone.now() - device.throttling_failure_timestamp).total_seconds()
    return max(1, int(delay - passed) + 1)
