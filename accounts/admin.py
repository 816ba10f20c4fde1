"""Admin pages for users, sections and the event log."""

from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
    ReadOnlyPasswordHashField,
    ReadOnlyPasswordHashWidget,
    UserChangeForm,
    UsernameField,
)
from django.contrib.auth.hashers import is_password_usable
from django.contrib.auth.models import Group
from django.contrib.messages import WARNING
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import access
from accounts.account_events import events_of_field
from accounts.bulk_admin import PlanningBulkAdmin
from accounts.directory import is_used
from accounts.lock_outs import end_of_lock_out, last_failure, lift
from accounts.models import Section, SectionFormerName, User
from accounts.open_sessions import end_all_sessions, open_sessions
from accounts.resources import UserResource
from accounts.second_factor import forget_second_factor, set_up_of
from accounts.sections import confused_with
from trail.events import Event
from trail.meanwhile import SOMEBODY, when_and_who
from trail.rows_meanwhile import RowsMeanwhile
from trail.tracked_admin import (
    ChangesOnlyAdmin,
    KeepsUntouched,
    NeverDeleted,
    ReadOnlyAdmin,
    ReasonForm,
    RowsInline,
    TrackedAdmin,
)

EVENTS_SHOWN = 200
"""How many of the newest events the page of a user's history shows."""

# The groups are the roles; accounts/roles.py maintains them.
admin.site.unregister(Group)
# Their pages show the keys. Planning resets what somebody has set up, and sees no more of it.
admin.site.unregister([TOTPDevice, StaticDevice])


NO_REASON_FOR_NAME = (
    "名称の訂正は、これまでの年度の画面と帳票にも及びます。訂正の理由を入力してください。変更履歴に"
    "残ります。ある年度から名称が変わる場合は、「改称」を使ってください。"
)


class SectionForm(ReasonForm):
    """A section. A name typed here holds for all years; 改称 changes it from a year on."""

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        others = Section.objects.exclude(pk=self.instance.pk).values_list("name", flat=True)
        if message := confused_with(name, others):
            raise forms.ValidationError(message)
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_corrected = self.instance.pk and "name" in data and "name" in self.changed_data
        if is_corrected and not (data.get("change_reason") or "").strip():
            self.add_error("change_reason", NO_REASON_FOR_NAME)
        return data


class FormerNames(RowsMeanwhile):
    """Former names, of which there is one for each year."""

    same_row_by = ("last_fiscal_year",)


class FormerNameInline(RowsInline):
    model = SectionFormerName
    formset = FormerNames


@admin.register(Section)
class SectionAdmin(NeverDeleted, TrackedAdmin):
    form = SectionForm
    inlines = [FormerNameInline]
    list_display = ["name", "department", "is_active", "position"]
    list_filter = ["is_active"]
    search_fields = ["name", "department"]


class PasswordChoice(forms.BaseForm):
    """Our own labels for Django's choice whether a user can log in by password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields.get("usable_password")
        if choice is None:  # Django omits the choice if the user has no usable password
            return
        choice.label = "ログイン"
        without = "庁内のディレクトリのパスワードで" if is_used() else "できない（パスワードなし）"
        choice.choices = [("true", "できる"), ("false", without)]
        choice.help_text = ""


class UserCreationForm(PasswordChoice, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("username", "full_name")
        field_classes = {"username": UsernameField}


class PasswordForm(PasswordChoice, AdminPasswordChangeForm):
    """Planning sets a password for another user, whose open sessions end."""

    def save(self, commit: bool = True) -> Any:
        end_all_sessions([self.user], "パスワードの再設定のため")
        return super().save(commit)


class PasswordState(ReadOnlyPasswordHashWidget):
    """Whether a password is set, without the details of its hash."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        is_set = bool(value) and is_password_usable(value)
        context["summary"] = [{"label": "設定されています" if is_set else "設定されていません"}]
        context["button_label"] = "パスワードを設定し直す" if is_set else "パスワードを設定する"
        return context


class UserForm(KeepsUntouched, UserChangeForm):
    """An account. The admin makes a subclass for each request and sets `acting_user` on it."""

    acting_user: Any = None
    password = ReadOnlyPasswordHashField(label="パスワード", widget=PasswordState)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].help_text = ""

    def who_changed(self, name: str) -> str:
        """Return when and by whom a field of the account was changed: its changes are events."""
        changes = events_of_field(self.instance, name).order_by("-pk")
        newest = changes.select_related("by").first()
        return when_and_who(newest.occurred_at, newest.by) if newest else SOMEBODY

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        wrong = access.account_faults(
            self.acting_user,
            self.instance.pk,
            is_active=data.get("is_active", True),
            roles={group.name for group in data.get("groups", ())},
        )
        for field, message in wrong.items():
            self.add_error(field, message)
        return data


class RoleFilter(admin.RelatedFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "役割"


class LockedFilter(admin.SimpleListFilter):
    title = "ログイン"
    parameter_name = "locked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "ロック中")]

    def queryset(self, request: HttpRequest, users: QuerySet) -> QuerySet:
        return users.exclude(last_failure=None) if self.value() == "yes" else users


@admin.register(User)
class UserAdmin(PlanningBulkAdmin, NeverDeleted, ChangesOnlyAdmin, DjangoUserAdmin):
    resource_classes = [UserResource]
    form = UserForm
    add_form = UserCreationForm
    add_form_template = "admin/user_add.html"
    change_password_form = PasswordForm
    object_history_template = "admin/user_history.html"
    list_display = [
        "username", "full_name", "role_names", "section_names", "is_active", "log_in_state",
    ]  # fmt: skip
    list_filter = [LockedFilter, "is_active", ("groups", RoleFilter), "sections"]
    search_fields = ["username", "full_name"]
    ordering = ["username"]
    filter_horizontal = ()
    actions = [
        "lift_lock_out",
        "give_first_passwords",
        "end_sessions",
        "reset_second_factor",
        "deactivate",
    ]
    fieldsets = [
        (None, {"fields": ["username", "full_name", "email", "password"]}),
        ("役割と所属", {"fields": ["groups", "sections", "is_active"]}),
        (
            "記録",
            {
                "fields": [
                    "log_in_state",
                    "second_factor_state",
                    "sessions_shown",
                    "last_login",
                    "date_joined",
                ]
            },
        ),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "username", "full_name", "email", "groups", "sections",
                    "usable_password", "password1", "password2",
                ]
            },
        ),
    ]  # fmt: skip
    readonly_fields = [
        "log_in_state",
        "second_factor_state",
        "sessions_shown",
        "last_login",
        "date_joined",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users = super().get_queryset(request).annotate(last_failure=last_failure())
        return users.prefetch_related("groups", "sections")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Link the page of first passwords for those who may create them."""
        acts = [("初回のパスワードを印刷する", reverse("start_passwords"))]
        shown = acts if access.may_keep_users(request.user) else []
        return super().changelist_view(request, {"acts": shown, **(extra_context or {})})

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Redirect from one's own to the page that asks for the current password."""
        if unquote(id) == str(request.user.pk):
            return redirect("password_change")
        return super().user_change_password(request, id, form_url)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = cast(type[UserForm], super().get_form(request, *args, **kwargs))
        form.acting_user = request.user
        return form

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Show the events of an account instead of Django's admin log."""
        user = self.get_object(request, unquote(object_id))
        events = Event.objects.about(user).order_by("-pk") if user else Event.objects.none()
        shown = events.select_related("by")[:EVENTS_SHOWN]
        return super().history_view(request, object_id, {"events": shown})

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return access.may_lift_lock_outs(request.user)

    @admin.action(description="ロックを解除する", permissions=["lift"])
    def lift_lock_out(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Refuse one's own: otherwise whoever finds an open session could guess on and on."""
        if users.filter(pk=cast(int, request.user.pk)).exists():
            message = "自分のロックを解除することはできません。ほかの企画担当に依頼してください。"
            self.message_user(request, message, WARNING)
        for user in users.exclude(pk=cast(int, request.user.pk)):
            if lift(user):
                self.message_user(request, f"{user}さんのロックを解除しました。")
            else:
                self.message_user(request, f"{user}さんは、ロックされていません。", WARNING)

    def has_slips_permission(self, request: HttpRequest) -> bool:
        return access.may_keep_users(request.user)

    @admin.action(description="初回のパスワードを付け直す（紙の印刷）", permissions=["slips"])
    def give_first_passwords(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse:
        """Redirect to the page of the slips, which asks for confirmation before changing any."""
        chosen = users.filter(is_active=True).values_list("pk", flat=True)
        query = urlencode({"user": list(chosen)}, doseq=True)
        return HttpResponseRedirect(f"{reverse('start_passwords')}?{query}")

    def has_end_permission(self, request: HttpRequest) -> bool:
        return access.may_end_sessions(request.user)

    @admin.action(description="ログインを終える（開いている端末すべて）", permissions=["end"])
    def end_sessions(self, request: HttpRequest, users: QuerySet[User]) -> None:
        number = end_all_sessions(
            list(users.exclude(pk=cast(int, request.user.pk))), "企画担当が終えた"
        )
        self.message_user(request, f"{number}件のログインを終えました。")
        if users.filter(pk=cast(int, request.user.pk)).exists():
            self.message_user(
                request, "自分のログインは、「ログアウト」で終えてください。", WARNING
            )

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return access.may_reset_second_factor(request.user)

    @admin.action(description="二段階認証の登録を取り消す", permissions=["reset"])
    def reset_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Refuse one's own: otherwise users who may reset it could work without it."""
        if users.filter(pk=cast(int, request.user.pk)).exists():
            message = "自分の登録を取り消すことはできません。ほかの企画担当に依頼してください。"
            self.message_user(request, message, WARNING)
        others = list(users.exclude(pk=cast(int, request.user.pk)))
        had = forget_second_factor(others)
        for user in others:
            if user in had:
                self.message_user(request, f"{user}さんの二段階認証の登録を取り消しました。")
            else:
                message = f"{user}さんは、二段階認証を登録していません。"
                self.message_user(request, message, WARNING)

    def has_deactivate_permission(self, request: HttpRequest) -> bool:
        return access.may_keep_users(request.user)

    @admin.action(description="無効にする（退職、異動）", permissions=["deactivate"])
    def deactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users.filter(is_active=True):
            if access.may_deactivate(request.user, user.pk):
                user.is_active = False
                user.save()
                self.message_user(request, f"{user}さんを無効にしました。")
            else:
                self.message_user(request, "自分自身を無効にすることはできません。", WARNING)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.widget = CheckboxSelectMultiple()
        field.widget.choices = field.choices
        if db_field.name == "groups":
            field.label = "役割"
            field.help_text = ""
        else:
            field.help_text = db_field.help_text  # without Django's hint on the Control key
        return field

    @admin.display(description="ログイン")
    def log_in_state(self, user: Any) -> str:
        """Return whether a user can log in, and if not, why and until when."""
        if not user.is_active:
            return "できません（無効）"
        if user.last_failure is not None:
            until = timezone.localtime(end_of_lock_out(user.last_failure))
            return f"ロック中（{until:%H:%M}まで）"
        if user.has_usable_password() and user.must_change_password:
            return "できます（初回のパスワードのまま）"
        if not user.has_usable_password() and is_used():
            return "できます（庁内のディレクトリのパスワード）"
        return "できます" if user.has_usable_password() else "できません（パスワードなし）"

    @admin.display(description="二段階認証")
    def second_factor_state(self, user: User) -> str:
        found = set_up_of(user) if user.pk else None
        if found is None:
            demanded = bool(user.pk) and access.needs_second_factor(user)
            return (
                "登録していません（次のログインで登録します）" if demanded else "登録していません"
            )
        return f"登録しています（予備のコードは残り{found.codes_left}件）"

    @admin.display(description="開いているログイン")
    def sessions_shown(self, user: User) -> str:
        """Return the number of open sessions, with a link to their page."""
        number = len(open_sessions(user)) if user.pk else 0
        if not number:
            return "なし"
        address = reverse("user_sessions", args=[user.pk])
        return format_html('{}件　<a href="{}">見る・終える</a>', number, address)

    @admin.display(description="役割")
    def role_names(self, user: User) -> str:
        return "、".join(group.name for group in user.groups.all())

    @admin.display(description="担当課")
    def section_names(self, user: User) -> str:
        return "、".join(section.name for section in user.sections.all())


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["occurred_at", "kind", "subject", "detail", "by", "door", "address"]
    list_filter = ["kind", "occurred_at"]
    ordering = ["-pk"]  # the clock of the server can be set back
    date_hierarchy = "occurred_at"
    search_fields = ["subject", "detail", "by__full_name", "by__username", "address"]
    search_help_text = "対象、内容、操作した人の氏名と職員番号、接続元から探します。"
    list_select_related = ["by"]
    change_form_template = "admin/event.html"

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Return the list; for days that no calendar has, Django's answer to other wrong ones."""
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError):
            raise IncorrectLookupParameters from None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may_read_events(request.user)
