"""An admin page of a part of a plan that a revision may change, add or end."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from indicators import revising
from indicators.closed_years import published_years
from indicators.correcting_admin import CorrectingAdmin, asked_about
from indicators.listings import Listing
from indicators.revising_form import (
    AS_REVISION,
    REVISING_FIELDS,
    RevisedPartForm,
    changed_from,
    fields_about_revision,
)
from indicators.titled_form import FORMER_TITLES
from indicators.versions import VERSIONED_FIELDS
from japanese.fiscal_years import era_label


def leave_to_revision(request: Any, from_fiscal_year: int) -> None:
    """Skip the questions about judgements that a revision changes from a year on."""
    before = getattr(request, "judgements_before", {})
    request.judgements_before = asked_about(before, from_fiscal_year)


def _said(revision: Any, *, is_new: bool, ends: bool) -> str:
    before = era_label(revision.from_fiscal_year - 1)
    if ends:
        return f"{before}までで終了します。{before}までの画面と判定は、そのままです。"
    if is_new:
        return f"{era_label(revision.from_fiscal_year)}から、計画に載ります。"
    return f"{before}までの内容と判定は、改訂前のままです。"


FUTURE = 9999
"""A year after all others."""


class RevisingAdmin(CorrectingAdmin):
    """A mixin for the admin page of a part: saves what a revision does, and says from when on.

    Its form is a RevisedPartForm. A change by a revision leaves the years before it as they were,
    so nobody is asked about them.
    """

    form = RevisedPartForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = super().get_fields(request, obj)  # type: ignore[misc]
        unfit = set(REVISING_FIELDS) - set(self.revising_fields(request, obj))
        fields = [name for name in fields if name not in {*unfit, FORMER_TITLES}]
        if getattr(obj, FORMER_TITLES, None):
            fields.insert(fields.index("title") + 1, FORMER_TITLES)
        return fields

    def revising_fields(self, request: HttpRequest, obj: Any) -> list[str]:
        """Return the fields about a revision that the form of an object has."""
        may_change = (
            self.has_change_permission(request, obj)  # type: ignore[attr-defined]
            if obj
            else self.has_add_permission(request)  # type: ignore[attr-defined]
        )
        return fields_about_revision(self.model, obj) if may_change else []  # type: ignore[attr-defined]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        data, revision = form.cleaned_data, form.cleaned_data.get(AS_REVISION)
        if change and data.get("ends"):
            obj.replaced_by = data.get("replacement")
            revising.end(obj, revision.from_fiscal_year - 1, data["end_reason"].strip())
            return
        if change and data.get("take_back"):
            self.remember_judgements(request)
            ended = obj.last_fiscal_year
            request.taken_back_since = changed_from(obj) if ended is None else ended + 1
            # Judgements that reappear are reported, too: their years were shown without them.
            request.reconfirmed = frozenset(
                (str(one._meta.model_name), one.pk)
                for one in (obj, *revising.below(obj))
                if isinstance(one, Listing)
            )
            self._take_back(obj)
            return
        if change and revision is not None and form.changes_something:
            revising.change(obj, revision)
        super().save_model(request, obj, form, change)
        if change and revision is not None:
            leave_to_revision(request, revision.from_fiscal_year)

    def _take_back(self, part: Any) -> None:
        if part.last_fiscal_year is not None:
            revising.take_end_back(part)
        else:
            revising.take_change_back(part)

    def corrected_since(self, request: Any, form: Any) -> int:
        """Ask about a change by a revision only if it affects years whose results are public.

        What a revision did concerns its years alone when it is corrected or taken back, too.
        """
        revision = form.cleaned_data.get(AS_REVISION)
        if revision is None and (since := getattr(request, "taken_back_since", 0)):
            return int(since)
        if revision is None:
            corrected = set(form.changed_data) - form.about_the_change
            is_newest_only = corrected <= {*VERSIONED_FIELDS, "title"}
            return changed_from(form.instance) if is_newest_only else 0
        return min(published_years(revision.from_fiscal_year), default=FUTURE)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """Keep the version until now also where only 年度別目標値 change."""
        revision = form.cleaned_data.get(AS_REVISION)
        part = form.instance
        is_listing = isinstance(part, Listing)
        if change and form.cleaned_data.get("take_back"):
            # 年度別目標値 were restored; nothing of the rows on the page is saved.
            for formset in formsets:
                formset.new_objects = formset.changed_objects = formset.deleted_objects = []
            return
        rows_change = any(formset.has_changed() for formset in formsets)
        if change and revision is not None and is_listing and rows_change:
            before = part.from_fiscal_year
            revising.change(part, revision)
            if part.from_fiscal_year != before:
                part.save()
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        if revision is not None and (form.changes_something or rows_change):
            said = _said(revision, is_new=not change, ends=bool(form.cleaned_data.get("ends")))
            request.said_of_revision = f"{revision.label}の内容として保存しました。{said}"

    def say_saved(self, request: Any, obj: Any) -> None:
        if said := getattr(request, "said_of_revision", ""):
            self.message_user(request, said, messages.INFO)  # type: ignore[attr-defined]

    @admin.display(description="これまでの改訂")
    def history_in_plan(self, part: Any) -> str:
        """When the plan has the part, and what it said before revisions, with links."""
        years = self.years_shown(part)
        if not isinstance(part, Listing) or part.pk is None:
            return years
        page = f"admin:{part._meta.app_label}_{part._meta.model_name}version_change"
        versions: Any = part.earlier_versions.all()  # type: ignore[attr-defined]
        links = [(reverse(page, args=[one.pk]), one.start_label) for one in versions]
        if not links:
            return years
        words = format_html_join("、", '<a href="{}">{}の内容</a>', links)
        return format_html("{}（改訂前：{}）", years, words)

    @admin.display(description="載せている年度")
    def years_shown(self, part: Any) -> str:
        """From when and until when the plan has the part, for the form and lists."""
        first, last = part.first_fiscal_year, part.last_fiscal_year
        if first is None and last is None:
            return "全期間"
        start = f"{era_label(first)}から" if first else "計画の初めから"
        return start + (f"{era_label(last)}まで" if last else "")
