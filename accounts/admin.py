"""Admin pages for users, sections and the log of events."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, Field
from django.http import HttpRequest

from accounts.models import Event, Section, User
from accounts.tracked_admin import ReadOnlyAdmin, TrackedAdmin

# The groups are the roles; accounts/roles.py keeps them.
admin.site.unregister(Group)


@admin.register(Section)
class SectionAdmin(TrackedAdmin):
    list_display = ["name", "department", "is_active", "position"]
    list_filter = ["is_active"]
    search_fields = ["name", "department"]


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
