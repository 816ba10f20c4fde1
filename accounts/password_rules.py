"""Django's password rules and two of ours, with messages that say what to do."""

import re
import unicodedata
from typing import Any

from django.contrib.auth import password_validation as django_rules
from django.core.exceptions import ValidationError

from accounts.password_spelling import BETWEEN
from japanese.numerals import half_width

_REPETITION = re.compile(r"(.+?)\1+")
_BETWEEN = re.compile(r"[\W_]+")
_LOOKED_AT = 64
"""How many characters of a password are searched for repetitions, which takes the cube of it."""


class LongEnough(django_rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"パスワードが短すぎます。{self.min_length}文字以上にしてください。"

    def get_help_text(self) -> str:
        return f"{self.min_length}文字以上にしてください。"


class NotCommon(django_rules.CommonPasswordValidator):
    """Django's rule, also for a common one with signs in it, or twice in a row."""

    def validate(self, password: str, user: Any = None) -> None:
        plain = _plain(password)[:_LOOKED_AT]
        for text in {password, plain, _REPETITION.sub(r"\1", plain)}:
            super().validate(text, user)

    def get_error_message(self) -> str:
        return "よく使われていて、推測されやすいパスワードです。別のものにしてください。"

    def get_help_text(self) -> str:
        return "よく使われるもの（「password1234」など）は使えません。"


class NotNumeric(django_rules.NumericPasswordValidator):
    """Django's rule, also for digits with hyphens or blanks: telephone numbers, days."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(BETWEEN.sub("", half_width(password)), user)

    def get_error_message(self) -> str:
        return "数字だけのパスワードは使えません。英字を混ぜてください。"

    def get_help_text(self) -> str:
        return "数字だけのもの（電話番号や日付など）は使えません。"


class NotRepeated:
    """Refuse what is long only because something short is in it again and again.

    Each stretch of the same piece counts once, without capitals and signs. A password is refused
    if more than 5 characters of 12 fall away, and fewer than `min_length` are left. Of passwords as
    on slips, 12 random characters, that hits 3 of a million.
    """

    def __init__(self, min_length: int) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: Any = None) -> None:
        plain = _plain(password)[:_LOOKED_AT]
        once = _REPETITION.sub(r"\1", plain)
        repeated = len(plain) - len(once)
        if len(once) < self.min_length and 12 * repeated > 5 * len(plain):
            raise ValidationError(
                "同じ言葉や文字を繰り返していて、推測されやすいパスワードです。"
                "繰り返しの代わりに、別の言葉を入れてください。",
                code="password_repeated",
            )

    def get_help_text(self) -> str:
        return "同じ言葉や文字の繰り返し（「kani-kani-kani」など）は使えません。"


class UnlikeThePerson(django_rules.UserAttributeSimilarityValidator):
    """Django's rule, and: beside number, name and address there is enough of something else."""

    LEAST_BESIDE = 8

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        plain = _plain(password)
        rest = plain
        for part in sorted(self._parts(user), key=len, reverse=True):
            rest = rest.replace(part, "")
        if rest != plain and len(rest) < self.LEAST_BESIDE:
            raise ValidationError(
                "パスワードの主な部分が、職員番号、氏名かメールアドレスです。それを除いて、"
                f"{self.LEAST_BESIDE}文字以上にしてください。",
                code="password_of_the_person",
            )

    def get_error_message(self) -> str:
        return "パスワードが%(verbose_name)sに似ています。別のものにしてください。"

    def get_help_text(self) -> str:
        return (
            "職員番号、氏名、メールアドレスに似たものや、それが主な部分のものは使えません。"
            f"含むときは、ほかに{self.LEAST_BESIDE}文字以上が要ります。"
        )

    def _parts(self, user: Any) -> set[str]:
        """Return what a password of this person may not be made of; too short parts are in any."""
        texts = [str(getattr(user, name, "") or "") for name in self.user_attributes]
        pieces = [piece for text in texts for piece in (text, *_BETWEEN.split(text))]
        found = {part for piece in pieces for part in (_plain(piece), _plain(piece).lstrip("0"))}
        return {part for part in found if len(part) >= (3 if part.isascii() else 2)}


def _plain(text: str) -> str:
    """Return a text without width, capitals, signs and blanks."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text).casefold())
