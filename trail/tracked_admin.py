"""The base of our admin pages: history, a reason for each change, no going back in time."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from simple_history.admin import SimpleHistoryAdmin

from trail.history import changing


class ReasonForm(forms.ModelForm):
    """A model form that also asks why."""

    change_reason = forms.CharField(
        label="変更の理由",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text="変更履歴に残ります。",
    )


class TrackedAdmin(SimpleHistoryAdmin):
    """An admin page whose changes are kept with person, door and reason."""

    form = ReasonForm
    object_history_list_template = "admin/change_history.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave the reason out where nothing can be changed."""
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
        """Show how the object was; refuse to write it back, which the library would let anybody
        do who may look at the object, past recording.py."""
        return super().history_form_view(request, *args, **kwargs)

    def log_addition(self, *args: Any, **kwargs: Any) -> Any:
        """Our history says more than Django's log of the admin."""

    def log_change(self, *args: Any, **kwargs: Any) -> Any:
        """See log_addition."""

    def log_deletions(self, *args: Any, **kwargs: Any) -> Any:
        """See log_addition."""


class LinksInline(admin.TabularInline):
    """What hangs below an object: a list with links to pages of its own, nothing to type."""

    extra = 0
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NeverDeleted:
    """What auditors may ask for: nobody deletes it, not even a superuser."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(NeverDeleted, admin.ModelAdmin):
    """An admin page on which nothing is written."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
