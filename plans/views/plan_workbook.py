"""計画を登録する: importing 計画様式.xlsx in two steps, and the marked workbook of a faulty one."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access
from accounts.answer_pages import lead_to
from accounts.decorators import allowed
from goals.models import Strategy
from plans.pages import Link
from plans.workbook.described import ALL_OTHERS, NEW, SHARE
from plans.workbook.importing import PlanComparison, PlanImporter
from plans.workbook.marking import cell_faults, marked_book
from plans.workbook.preview import plan_preview
from tables.import_pages import ImportForm, ImportPages
from tables.importing import Comparison

HEADING = "計画を登録する"

SHOWN_DOUBTS = 200
"""The most doubts that a preview lists; the rest is only counted."""

_DECISION = "share-"


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_import_tables)
def plan_workbook(request: HttpRequest) -> HttpResponse:
    """Offer the form and ask for it; show what the plan would be, or what is wrong."""
    return PlanImportPages(request).ask()


@require_POST
@allowed(access.may_import_tables)
def plan_workbook_apply(request: HttpRequest) -> HttpResponse:
    """Import what was confirmed, or show what is no longer valid or still undecided."""
    lead_to(request, reverse("plan_workbook"))
    return PlanImportPages(request).confirm()


@require_POST
@allowed(access.may_import_tables)
def plan_workbook_marked(request: HttpRequest) -> HttpResponseBase:
    """Send the user's workbook with the faulty cells marked and commented."""
    return PlanImportPages(request).send_marked(
        marked_book, ascii_name="plan_marked.xlsx", detail="直すところに印を付けた計画様式"
    )


class PlanImportForm(ImportForm):
    """One workbook."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = "書き込んだ計画様式（.xlsx）を選んでください。"
        self.fields["file"].widget = forms.FileInput(attrs={"accept": ".xlsx"})
        del self.fields["reason"]


class PlanImportPages(ImportPages):
    """Both steps of importing the workbook of a plan."""

    def importer(self, **said: str) -> PlanImporter:
        reason = said.get("reason", "")
        self.latest = PlanImporter(self.request.user, reason=reason, decisions=self.decisions)
        return self.latest

    @property
    def decisions(self) -> dict[str, str]:
        """Return which listings share an indicator that is registered, by question."""
        sent = self.request.POST.items()
        return {name: str(text) for name, text in sent if name.startswith(_DECISION) and text}

    def form(self, *sent: Any) -> PlanImportForm:
        return PlanImportForm(self.importer().read, *sent)

    def page(
        self, form: ImportForm, comparisons: Sequence[Comparison] = (), **said: str
    ) -> HttpResponse:
        found = comparisons[0] if comparisons else None
        context: dict[str, Any] = {
            "heading": HEADING,
            "crumbs": [Link(HEADING)],
            "form": form,
            "plans": Strategy.objects.seen_by(self.request.user),
            "decisions": list(self.decisions.items()),
            **said,
        }
        if isinstance(found, PlanComparison):
            described = found.described
            doubts = described.doubts if described else []
            place_of = found.document.place_of
            context |= {
                "comparison": found,
                "can_mark": bool(cell_faults(found)),
                "preview": plan_preview(described) if described and not found.faults else None,
                "doubts": [(place_of(one), one.subject, one) for one in doubts[:SHOWN_DOUBTS]],
                "more_doubts": max(0, len(doubts) - SHOWN_DOUBTS),
                "questions": found.questions,
                "is_choosing": "choosing" in self.request.POST,
                "new": NEW,
                "share": SHARE,
                "others": ALL_OTHERS,
            }
        return render(self.request, "plans/plan_workbook.html", context)

    def start(self) -> str:
        return reverse("plan_workbook")

    def done(self, summary: str) -> HttpResponse:
        messages.success(
            self.request,
            f"計画を取り込みました（{summary}）。作成中の計画は、企画担当だけに見えます。",
        )
        return redirect("overview", self.latest.taken_in)

    def waits(self, comparison: Comparison) -> bool:
        """Keep faulty uploads as well: they can be downloaded with their faults marked."""
        return isinstance(comparison, PlanComparison) and comparison.described is not None

    def is_outdated(self, comparisons: Sequence[Comparison]) -> bool:
        return "choosing" not in self.request.POST and super().is_outdated(comparisons)
