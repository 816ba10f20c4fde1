"""Base classes of our admin pages: history, a reason for each change, no reverting."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from simple_history.admin import SimpleHistoryAdmin

from trail.history import changing


class ReasonForm(forms.ModelForm):
    """A model form with a field for the reason of the change."""

    change_reason = forms.CharField(
        label="変更の理由",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text="変更履歴に残ります。",
    )


class TrackedAdmin(SimpleHistoryAdmin):
    """An admin page that records changes with user, door and reason."""

    form = ReasonForm
    object_history_list_template = "admin/change_history.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Add the field for the reason only if the user can change something."""
        fields = [name for name in super().get_fields(request, obj) if name != "change_reason"]
        allowed = (
            self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        )
        return [*fields, "change_reason"] if allowed else fields

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with changing(reason=request.POST.get("change_reason", "").strip()):
            return super().changeform_view(request, *args, **kwargs)

    def history_view_title(self, request: HttpRequest, obj: Any) -> str:
        return f"変更履歴：{obj}"

    @method_decorator(require_safe)
    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show an old version, but refuse to restore it.

        The library lets everybody who may view an object restore it, which would bypass
        recording.py.
        """
        return super().history_form_view(request, *args, **kwargs)

    def log_addition(self, *args: Any, **kwargs: Any) -> Any:
        """Do not write Django's admin log: our history has more detail."""

    def log_change(self, *args: Any, **kwargs: Any) -> Any:
        """See log_addition."""

    def log_deletions(self, *args: Any, **kwargs: Any) -> Any:
        """See log_addition."""


class LinksInline(admin.TabularInline):
    """A read-only list of child objects with links to their own pages."""

    extra = 0
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NeverDeleted:
    """Objects that auditors may ask for: nobody can delete them, not even a superuser."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(NeverDeleted, admin.ModelAdmin):
    """A read-only admin page."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
