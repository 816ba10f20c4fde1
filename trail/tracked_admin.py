"""Base classes of our admin pages: history, a reason for each change, no reverting."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from simple_history.admin import SimpleHistoryAdmin

from trail.history import NOTHING_CHANGED, changing
from trail.history_values import ValuesInWords
from trail.meanwhile import NoticesChanges, left_alone_in, one_line_break, sign_of_shown
from trail.repeated_adding import RepeatedAdding
from trail.rows_meanwhile import RowsMeanwhile


class KeepsUntouched(NoticesChanges):
    """A model form in which a text that was sent as it was shown keeps its stored value.

    A browser sends line breaks as CRLF, Django strips blanks, and a number may be shown without its
    last zeros: each would count as a change that nobody made.
    """

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if not self._sent_as_shown(name)]

    @property
    def changes_something(self) -> bool:
        """Whether anything has to be stored besides the reason of the change."""
        return bool(set(self.changed_data) - self.about_the_change)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.instance._state.adding:
            stored = {field.name for field in self.instance._meta.concrete_fields}
            for name in stored.intersection(data):
                if self._sent_as_shown(name):
                    data[name] = getattr(self.instance, name)
        return data

    def _sent_as_shown(self, name: str) -> bool:
        shown = self[name]
        widget = shown.field.widget
        if not isinstance(widget, forms.widgets.Input | forms.Textarea):
            return False
        return _as_text(widget.format_value(shown.initial)) == _as_text(shown.data)


def _as_text(content: Any) -> str:
    return "" if content is None else str(one_line_break(str(content)))


def reason_field() -> forms.CharField:
    """Return the optional field for the reason of a change, up to 500 characters."""
    return forms.CharField(
        label="変更の理由",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text="変更履歴に残ります。",
    )


class ReasonForm(KeepsUntouched):
    """A model form with a field for the reason of the change."""

    about_the_change = frozenset({"change_reason"})

    change_reason = reason_field()


class ChangesOnlyAdmin(RepeatedAdding):
    """An admin page whose save writes nothing where nothing was changed, and says so.

    Its form is a KeepsUntouched, and so are those of its rows: they notice what others saved.
    """

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        with transaction.atomic():
            if request.method == "POST" and object_id is not None:
                # A second request waits here, and is compared with what the first has saved.
                # Without keys: values of an indicator or a year may be written meanwhile.
                found = self.model._base_manager.filter(pk__in=_keys(self.model, object_id))
                list(found.select_for_update(no_key=True).values("pk"))
            return super().changeform_view(request, object_id, *args, **kwargs)

    def render_change_form(
        self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Sign what the page shows, for the back button in a browser without scripts."""
        rows = [row for one in context["inline_admin_formsets"] for row in one.formset.forms]
        context["shown_sign"] = sign_of_shown([context["adminform"].form, *rows])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Skip what nobody changed, so that it gets no row in the history."""
        if not change or form.changes_something:
            super().save_model(request, obj, form, change)

    def construct_change_message(
        self, request: Any, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Note on the request what was changed, and what by others, for messages about the save.

        The page of a new password has a form of its own, and no formsets.
        """
        rows = [row for formset in formsets or () for row in formset.forms]
        request.left_alone = left_alone_in([form, *rows, *(formsets or ())])
        rows_changed = any(formset.has_changed() for formset in formsets or ())
        form_changed = getattr(form, "changes_something", True)
        request.changed_nothing = not (add or form_changed or rows_changed)
        return super().construct_change_message(request, form, formsets, add)

    def response_change(self, request: Any, obj: Any) -> HttpResponse:
        """Say also what somebody else changed meanwhile."""
        response = super().response_change(request, obj)
        if said := getattr(request, "left_alone", ""):
            self.message_user(request, said)
        return response

    def message_user(
        self, request: Any, message: Any, level: int | str = messages.INFO, *args: Any, **kw: Any
    ) -> None:
        """Replace Django's message of success after a save that changed nothing."""
        if level == messages.SUCCESS and getattr(request, "changed_nothing", False):
            level, message = messages.INFO, NOTHING_CHANGED
        super().message_user(request, message, level, *args, **kw)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Write what is deleted, or keeps it from that, as「交付金：港の交付金」."""
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        return _with_wide_colons(deleted), counts, missing, _with_wide_colons(protected)

    def log_addition(self, *args: Any, **kwargs: Any) -> Any:
        """Do not write Django's admin log: our history has more detail."""

    def log_change(self, *args: Any, **kwargs: Any) -> Any:
        """See log_addition."""

    def log_deletions(self, *args: Any, **kwargs: Any) -> Any:
        """See log_addition."""


def _with_wide_colons(lines: Iterable[Any]) -> list[Any]:
    """Return lines of「種類: 名称」and lists of such with a Japanese colon."""
    return [_with_wide_colons(line) if isinstance(line, list) else _wide(line) for line in lines]


def _wide(line: Any) -> str:
    text = str(line).replace(": ", "：", 1)
    return mark_safe(text) if isinstance(line, SafeString) else text  # noqa: S308  (it was safe before)


def _keys(model: Any, object_id: str) -> list[Any]:
    """Return the primary key in an address; [] if there can be none like it."""
    try:
        return [model._meta.pk.to_python(unquote(object_id))]
    except ValidationError:
        return []


class TrackedAdmin(ChangesOnlyAdmin, SimpleHistoryAdmin):
    """An admin page that records changes with user, door and reason."""

    form = ReasonForm
    object_history_list_template = "admin/change_history.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Add the field for the reason only if the user can change something."""
        asked = self.reason_fields(request)
        fields = [name for name in super().get_fields(request, obj) if name not in asked]
        allowed = (
            self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        )
        return [*fields, *asked] if allowed else fields

    def reason_fields(self, request: HttpRequest) -> list[str]:
        """Return the fields that ask why something is changed."""
        return ["change_reason"]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with changing(reason=request.POST.get("change_reason", "").strip()):
            return super().changeform_view(request, *args, **kwargs)

    def history_view_title(self, request: HttpRequest, obj: Any) -> str:
        return f"変更履歴：{obj}"

    def history_form_view_title(self, request: HttpRequest, obj: Any) -> str:
        return f"以前の内容：{obj}"

    def get_historical_record_context_helper(self, request: HttpRequest, record: Any) -> Any:
        return ValuesInWords(self.model, record)

    def get_history_queryset(self, *args: Any, **kwargs: Any) -> Any:
        """Return the rows of history, newest first, even if the server's clock was set back."""
        return super().get_history_queryset(*args, **kwargs).order_by("-history_id")

    @method_decorator(require_safe)
    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show an old version, but refuse to restore it.

        The library lets everybody who may view an object restore it, which would bypass
        recording.py.
        """
        return super().history_form_view(request, *args, **kwargs)


class RowsInline(admin.TabularInline):
    """Child objects as editable rows, with links to their own pages."""

    form = KeepsUntouched
    formset = RowsMeanwhile
    extra = 0
    show_change_link = True


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
