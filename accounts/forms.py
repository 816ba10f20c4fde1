"""Forms for log-in and for changing one's own password."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import forms as django_forms


def ask_for_each(form: forms.Form) -> None:
    """Give each field a message with its label for an empty value."""
    for field in form.fields.values():
        field.error_messages["required"] = f"{field.label}を入力してください。"


class LogInForm(django_forms.AuthenticationForm):
    """Staff number and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_each(self)

    def clean_username(self) -> str:
        """Return the staff number; refuse one that is too long before axes counts or stores it.

        Django only sets maxlength in HTML and does not check the length on the server.
        """
        number = self.cleaned_data["username"]
        longest = cast(forms.CharField, self.fields["username"]).max_length
        if longest is not None and len(number) > longest:
            raise forms.ValidationError(
                "職員番号が長すぎます。確かめて、もう一度入力してください。"
            )
        return number

    def get_invalid_login_error(self) -> forms.ValidationError:
        minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
        return forms.ValidationError(
            "職員番号かパスワードが違います。大文字と小文字を確かめて、もう一度入力してください。"
            f"{settings.AXES_FAILURE_LIMIT}回続けて間違えると、"
            f"{minutes}分間ログインできなくなります。",
            code="invalid_login",
        )


class PasswordChangeForm(django_forms.PasswordChangeForm):
    """The current password, and the new one twice."""

    error_messages = {
        "password_incorrect": "今のパスワードが違います。もう一度入力してください。",
        "password_mismatch": "新しいパスワードと一致しません。同じものを入力してください。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "今のパスワード"
        self.fields["new_password1"].label = "新しいパスワード"
        self.fields["new_password2"].label = "新しいパスワード（確認のためもう一度）"
        self.fields["new_password2"].help_text = ""
        ask_for_each(self)

    def clean(self) -> dict[str, Any]:
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.user, "new_password1")
        return self.cleaned_data
