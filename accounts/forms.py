"""Forms for log-in and for changing one's own password."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import forms as django_forms
from django.http import HttpRequest

from accounts.account_events import typed_name
from accounts.directory import is_used
from accounts.first_administrator import fault_of_key
from accounts.models import User
from accounts.password_checks import check_own_password, refusals_in_words
from accounts.password_spelling import as_printed


def ask_for_each(form: forms.BaseForm) -> None:
    """Give each field a message with its label for an empty value."""
    for field in form.fields.values():
        field.error_messages["required"] = f"{field.label}を入力してください。"


class NotShownAgain(forms.TextInput):
    """A text that a page does not repeat after an error."""

    def format_value(self, value: Any) -> None:
        return None


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

    @property
    def uses_directory(self) -> bool:
        return is_used()

    def clean(self) -> dict[str, Any]:
        with refusals_in_words(self.request, typed_name(self.cleaned_data)):
            return super().clean()

    def get_invalid_login_error(self) -> forms.ValidationError:
        minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
        return forms.ValidationError(
            "職員番号かパスワードが違います。大文字と小文字を確かめて、もう一度入力してください。"
            f"{settings.AXES_FAILURE_LIMIT}回続けて間違えると、"
            f"{minutes}分間ログインできなくなります。",
            code="invalid_login",
        )


class CodeForm(forms.Form):
    """A code of the second factor.

    No page shows the code again, and no form with it is offered after a late log-in: the name of
    the field has "password" in it (accounts/send_again.py).
    """

    FIELD = "one_time_password"

    one_time_password = forms.CharField(
        label="認証コード",
        max_length=40,
        widget=NotShownAgain(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
        error_messages={"required": "認証コードを入力してください。"},
    )

    @property
    def code(self) -> str:
        return self.cleaned_data.get(self.FIELD, "")


class OwnPasswordForm(forms.Form):
    """The password of whoever is logged in, before something that a second factor hangs on."""

    password = forms.CharField(
        label="今のパスワード",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request = request
        ask_for_each(self)
        if is_used() and not cast(User, request.user).has_usable_password():
            self.fields["password"].help_text = "庁内のパソコンにログインするときのパスワード。"

    def clean_password(self) -> str:
        check_own_password(self.request, self.cleaned_data["password"])
        return ""  # nobody needs it any more


class AppForm(CodeForm, OwnPasswordForm):
    """A code of the app that is set up, and the password."""

    field_order = (CodeForm.FIELD, "password")


class PasswordChangeForm(django_forms.PasswordChangeForm):
    """The current password, and the new one twice."""

    error_messages = {
        "password_mismatch": "新しいパスワードと一致しません。同じものを入力してください。",
    }

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["old_password"].label = "今のパスワード"
        self.fields["new_password1"].label = "新しいパスワード"
        self.fields["new_password2"].label = "新しいパスワード（確認のためもう一度）"
        self.fields["new_password2"].help_text = ""
        ask_for_each(self)

    def clean_old_password(self) -> str:
        check_own_password(self.request, self.cleaned_data["old_password"])
        return self.cleaned_data["old_password"]

    def clean(self) -> dict[str, Any]:
        """Compare only with a current password that is right: the page must not tell it."""
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.user, "new_password1")
        current = self.cleaned_data.get("old_password", "")
        wanted = self.cleaned_data.get("new_password1", "")
        is_same = bool(current) and as_printed(current) == as_printed(wanted)
        if self.user.must_change_password and is_same:
            self.add_error(
                "new_password1",
                "初回のパスワードと同じです。自分で決めた、別のパスワードにしてください。",
            )
        return self.cleaned_data

    def save(self, commit: bool = True) -> Any:
        self.user.must_change_password = False
        return super().save(commit)


class FirstAdministratorForm(django_forms.BaseUserCreationForm):
    """The first user of an installation, with the key that the server has printed."""

    error_messages = {
        "password_mismatch": "パスワードと一致しません。同じものを入力してください。",
    }

    key = forms.CharField(
        label="鍵",
        max_length=40,
        help_text="サーバーで「manage.py first_administrator_key」を実行すると示される文字。",
        widget=NotShownAgain(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    field_order = ("key", "username", "full_name", "email", "password1", "password2")

    class Meta:
        model = User
        fields = ("username", "full_name", "email")
        field_classes = {"username": django_forms.UsernameField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = "ログインに使う番号。先頭の0も入力します。"
        self.fields["username"].widget.attrs.pop("autofocus", None)
        self.fields["email"].help_text = "空欄でもかまいません。"
        self.fields["password1"].label = "パスワード"
        self.fields["password2"].label = "パスワード（確認のためもう一度）"
        self.fields["password2"].help_text = ""
        ask_for_each(self)

    def clean_key(self) -> str:
        if fault := fault_of_key(self.cleaned_data["key"]):
            raise forms.ValidationError(fault)
        return self.cleaned_data["key"]
