"""Admin pages for users, sections and the log of events."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, Field
from django.http import HttpRequest

from accounts.models import Event, Section, SectionFormerName, User
from accounts.sections import rename
from accounts.tracked_admin import ReadOnlyAdmin, ReasonForm, TrackedAdmin
from indicators.fiscal_years import read_fiscal_year

# The groups are the roles; accounts/roles.py keeps them.
admin.site.unregister(Group)


class SectionForm(ReasonForm):
    """A section; a new name can begin with a fiscal year."""

    renamed_from = forms.CharField(
        label="新しい名称を使い始める年度",
        required=False,
        help_text="機構改革などで名称を変えるときに入力します（例：令和8、2026）。"
        "それより前の年度には、今までの名称が残ります。書き間違いを直すだけなら空欄にします。",
    )

    def clean_renamed_from(self) -> int | None:
        text = self.cleaned_data["renamed_from"].strip()
        if not text:
            return None
        try:
            return read_fiscal_year(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class FormerNameInline(admin.TabularInline):
    model = SectionFormerName
    extra = 0


@admin.register(Section)
class SectionAdmin(TrackedAdmin):
    form = SectionForm
    inlines = [FormerNameInline]
    list_display = ["name", "department", "is_active", "position"]
    list_filter = ["is_active"]
    search_fields = ["name", "department"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = super().get_fields(request, obj)
        may_rename = obj is not None and self.has_change_permission(request, obj)
        return fields if may_rename else [name for name in fields if name != "renamed_from"]

    def save_model(self, request: HttpRequest, obj: Section, form: Any, change: bool) -> None:
        first_year = form.cleaned_data.get("renamed_from")
        if first_year is None or "name" not in form.changed_data:
            super().save_model(request, obj, form, change)
            return
        name, obj.name = obj.name, form.initial["name"]
        rename(obj, name, first_year)


class UserCreationForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "full_name")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    list_display = ["username", "full_name", "role_names", "section_names", "is_active"]
    list_filter = ["is_active", "groups", "sections"]
    search_fields = ["username", "full_name"]
    ordering = ["username"]
    filter_horizontal: list[str] = []
    fieldsets = [
        (None, {"fields": ["username", "full_name", "email", "password"]}),
        ("役割と所属", {"fields": ["groups", "sections", "is_active"]}),
        ("記録", {"fields": ["last_login", "date_joined"]}),
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
    readonly_fields = ["last_login", "date_joined"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups", "sections")

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Field:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.label = "役割"
            field.help_text = ""
            field.widget = CheckboxSelectMultiple()
        if db_field.name == "sections":
            field.widget = CheckboxSelectMultiple()
        field.widget.choices = field.choices
        return field

    @admin.display(description="役割")
    def role_names(self, user: User) -> str:
        return "、".join(group.name for group in user.groups.all())

    @admin.display(description="担当課")
    def section_names(self, user: User) -> str:
        return "、".join(section.name for section in user.sections.all())


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["occurred_at", "kind", "subject", "detail", "by", "door"]
    list_filter = ["kind", "occurred_at"]
    search_fields = ["subject", "detail", "by__full_name"]
    list_select_related = ["by"]
