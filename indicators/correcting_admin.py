"""An admin page that shows, before a correction is saved, which judgements it changes.

It asks for a reason even if none changes, where years that people know show what is corrected.
"""

from collections.abc import Callable, Collection
from hashlib import sha256
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from indicators import corrections
from indicators.closed_years import published_years
from indicators.corrections import Judgements, ListingKey
from indicators.known_years import asked_reason, known_years, years_that_show
from indicators.listings import PlanningOutlook

SEEN = "changes_seen"
IS_CORRECTION = "登録の誤りを直すもので、判定が変わることを確かめた"
NO_REASON = "変更の理由を入力してください。変更履歴に残ります。"
SHOWN_CHANGES = 30


def told_changes(
    before: Judgements, after: Judgements, reconfirmed: Collection[ListingKey] = ()
) -> list[str]:
    """Return the lines about judgements that change: a heading, then a line each."""
    lines = list(corrections.differences(before, after, reconfirmed))
    if not lines:
        return []
    more = len(lines) - SHOWN_CHANGES
    return [
        f"この変更で、次の{len(lines)}件の判定が変わります。まだ保存していません。"
        f"登録の誤りを直す場合だけ、変更の理由を入力し、「{IS_CORRECTION}」に印を付けて、"
        "もう一度保存してください。",
        *lines[:SHOWN_CHANGES],
        *([f"ほか{more}件"] if more > 0 else []),
    ]


def sign_of(changes: list[str]) -> str:
    """Return a digest of the changes that the tick agrees to: exactly these."""
    return sha256("\n".join(changes).encode()).hexdigest()[:16]


def asked_about(judged: Judgements, from_fiscal_year: int) -> Judgements:
    """Return the judgements that a revision from a year on may change only if that is meant.

    They are those of earlier years, and of years whose results are public.
    """
    published = published_years()
    return {
        key: one
        for key, one in judged.items()
        if key.fiscal_year < from_fiscal_year or key.fiscal_year in published
    }


def save_if_meant(
    request: HttpRequest,
    save: Callable[[], object],
    reconfirmed: Collection[ListingKey] = (),
    *,
    revised_from: int | None = None,
) -> list[str]:
    """Save a correction; return the messages instead if it changes judgements without consent.

    It is meant where a reason is typed and just these changes were seen. A revision from a year
    changes the judgements of that year and later ones by right.
    """
    before: Judgements = corrections.judgements()
    if revised_from is not None:
        before = asked_about(before, revised_from)
    with transaction.atomic():
        save()
        return _taken_back(request, before, reconfirmed)


def _taken_back(
    request: HttpRequest, before: Judgements, reconfirmed: Collection[ListingKey]
) -> list[str]:
    """Roll the transaction back if judgements change without consent, and return the messages."""
    changes = told_changes(before, corrections.judgements(), reconfirmed)
    has_reason = bool(request.POST.get("change_reason", "").strip())
    if not changes or (has_reason and request.POST.get(SEEN) == sign_of(changes)):
        return []
    transaction.set_rollback(True)
    return changes


def tell(form: forms.BaseForm, changes: list[str]) -> None:
    """Let a bound form show what it would change, and ask for a reason and a tick."""
    typed: Any = form.data
    form.data = typed.copy()
    form.data.pop(SEEN, None)  # type: ignore[attr-defined]  # a tick for other changes
    field = form.fields.setdefault(SEEN, forms.BooleanField(label=IS_CORRECTION, required=False))
    field.widget.attrs["value"] = sign_of(changes)
    form.add_error(None, changes)
    if not form.cleaned_data.get("change_reason", "").strip():
        form.add_error("change_reason", NO_REASON)


class CorrectionForm(forms.ModelForm):
    """Adds to a form with a reason what it changes, in `told`. It is never valid."""

    told: list[str] = []

    changes_seen = forms.BooleanField(label=IS_CORRECTION, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.cleaned_data = data
        tell(self, self.told)
        return data


class AskingForm(forms.ModelForm):
    """Adds to a form with a reason the error that it is missing, in `asked`. It is never valid."""

    asked = ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.add_error("change_reason", self.asked)
        return data


class CorrectingAdmin:
    """A mixin for a TrackedAdmin: shows the judgements that change before anything is saved."""

    judges_by: frozenset[str] | None = None
    """The fields that judgements depend on; None for all, and for the rows below."""

    no_corrections: frozenset[str] = frozenset()
    """The fields that may change without a reason: what they say was true before, too."""

    rows_of_their_own: tuple[type, ...] = (PlanningOutlook,)
    """Inline rows that do not correct the object that they belong to."""

    asks_on_adding = True
    """Whether a new object needs a reason where years that people know show it at once."""

    def changeform_view(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        if getattr(request, "judgements_changed", None) or getattr(request, "asked_reason", ""):
            # Nothing was saved. The same page again, with what was typed and what would change.
            response = super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change and self._may_change_judgements(form):
            self.remember_judgements(request)
        super().save_model(request, obj, form, change)  # type: ignore[misc]

    def remember_judgements(self, request: Any) -> None:
        """Remember the judgements before anything is saved."""
        request.judgements_before = corrections.judgements()

    def _may_change_judgements(self, form: Any) -> bool:
        return self.judges_by is None or bool(self.judges_by & set(form.changed_data))

    def response_change(self, request: Any, obj: Any) -> HttpResponse:
        """Roll back if judgements change and nobody has confirmed that."""
        before = getattr(request, "judgements_before", None)
        reconfirmed: frozenset[ListingKey] = getattr(request, "reconfirmed", frozenset())
        request.judgements_changed = []
        if before is not None:
            request.judgements_changed = _taken_back(request, before, reconfirmed)
        if request.judgements_changed or self._lacks_reason(request, obj):
            return HttpResponse()
        response = super().response_change(request, obj)  # type: ignore[misc]
        self.say_saved(request, obj)
        return response

    def response_add(self, request: Any, obj: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._lacks_reason(request, obj):
            return HttpResponse()
        self.say_saved(request, obj)
        return super().response_add(request, obj, *args, **kwargs)  # type: ignore[misc]

    def construct_change_message(
        self, request: Any, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Note on the request in which of the years that people know something is corrected."""
        request.corrected_years = ()
        if "change_reason" in form.fields and self._corrects(form, formsets, add=add):
            since = self.corrected_since(request, form)
            years = [year for year in known_years() if year >= since]
            request.corrected_years = self.years_that_show(form.instance, years)
        return super().construct_change_message(request, form, formsets, add)  # type: ignore[misc]

    def _corrects(self, form: Any, formsets: Any, *, add: bool) -> bool:
        if add:
            return self.asks_on_adding
        corrected = set(form.changed_data) - form.about_the_change - self.no_corrections
        rows = (
            rows for rows in formsets or () if not issubclass(rows.model, self.rows_of_their_own)
        )
        return bool(corrected) or any(formset.has_changed() for formset in rows)

    def years_that_show(self, obj: Any, years: list[int]) -> list[int]:
        """Return those of the years that people know in which they see the object."""
        return years_that_show(obj, years) if hasattr(obj, "plan_path") else []

    def corrected_since(self, request: Any, form: Any) -> int:
        """Return the first year of which a form asks for a reason; 0 for all years."""
        return 0

    def _lacks_reason(self, request: Any, obj: Any) -> bool:
        """Roll back if a correction has no reason."""
        years = getattr(request, "corrected_years", ())
        if not years or request.POST.get("change_reason", "").strip():
            return False
        request.asked_reason = asked_reason(years)
        transaction.set_rollback(True)
        return True

    def say_saved(self, request: Any, obj: Any) -> None:
        """Add to Django's message about what was saved; nothing about what was rolled back."""

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        changes = getattr(request, "judgements_changed", None)
        asked = getattr(request, "asked_reason", "")
        base = kwargs.pop("form", self.form)  # type: ignore[attr-defined]
        if changes:
            base = type("TellingForm", (CorrectionForm, base), {"told": changes})
        elif asked:
            base = type("AskingForm", (AskingForm, base), {"asked": asked})
        return super().get_form(request, obj, form=base, **kwargs)  # type: ignore[misc]

    def reason_fields(self, request: HttpRequest) -> list[str]:
        fields = super().reason_fields(request)  # type: ignore[misc]
        return [*fields, SEEN] if getattr(request, "judgements_changed", None) else fields
