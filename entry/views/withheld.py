"""秘匿 of one value: marking it, so that it is not published, and removing the mark."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import access
from accounts.decorators import allowed
from entry.frozen_papers import FrozenPaper, papers_with
from entry.pages import entry_context, year_or_not_found
from indicators import recording
from indicators.duties import duty_of
from indicators.models import Actual
from japanese.fiscal_years import full_label
from plans.pages import Link, RefusedNow
from plans.value_addresses import listing_addresses, value_address
from trail.history import Change, Door

SET, UNSET = "set", "unset"


class MarkForm(forms.Form):
    """The new state of the mark, and why; `version` is that of the value that was shown."""

    mark = forms.ChoiceField(choices=[(SET, ""), (UNSET, "")], widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="理由",
        max_length=500,
        required=False,
        help_text="変更履歴に残ります。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.BooleanField(
        label="この値が残ることを確かめました", required=False, widget=forms.CheckboxInput
    )

    def __init__(self, *args: Any, papers: Sequence[FrozenPaper], **more: Any) -> None:
        """`papers` keep showing the value; the user has to confirm that they know it."""
        super().__init__(*args, **more)
        self.papers = papers
        if not papers:
            del self.fields["seen"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.papers and not data.get("seen"):
            self.add_error(
                "seen",
                f"この値は、確定した{len(self.papers)}つの号に残ります。下の一覧を確かめて、"
                "印を付けてください。",
            )
        return data


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_enter_anything)
def entry_withheld(request: HttpRequest, fiscal_year: int, indicator_code: str) -> HttpResponse:
    """Ask for the reason to mark a value as 秘匿, or to remove the mark; a POST does so."""
    year = year_or_not_found(fiscal_year)
    actual = _actual(year.pk, indicator_code)
    indicator = actual.indicator
    if not access.may_enter(request.user, duty_of(indicator, year.pk).entering_id):
        raise PermissionDenied
    wanted = UNSET if actual.withheld else SET
    papers = papers_with(actual) if wanted == SET else []
    form = MarkForm(
        request.POST or None,
        initial={"mark": wanted, "version": actual.version},
        papers=papers,
    )
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        change = Change(by=request.user, door=Door.PAGE, reason=sent["reason"])
        try:
            recording.withhold(actual.pk, sent["version"], change, withheld=sent["mark"] == SET)
        except recording.RecordingError as error:
            for problem in error.problems:
                form.add_error(problem.field or None, problem.message)
        else:
            done = "を秘匿にしました" if sent["mark"] == SET else "の秘匿の印を外しました"
            messages.success(request, f"{indicator.name}の{full_label(year.pk)}の値{done}。")
            return redirect(_page_of_value(actual))
    context = entry_context(
        request,
        "秘匿の印を外す" if wanted == UNSET else "秘匿にする",
        year,
        actual=actual,
        indicator=indicator,
        value=_in_words(actual),
        back=_page_of_value(actual),
        form=form,
        papers=papers,
    )
    return render(request, "entry/withheld.html", context)


def _actual(fiscal_year: int, code: str) -> Actual:
    found = Actual.objects.filter(fiscal_year=fiscal_year, indicator__code=code)
    actual = found.select_related("indicator").first()
    if actual is None:
        raise RefusedNow(
            "この値は入力されていません。値を入力してから、秘匿の印を付けてください。",
            [Link("入力の画面へ", reverse("entry_grid", args=[fiscal_year]))],
        )
    return actual


def _in_words(actual: Actual) -> str:
    if actual.value is None:
        return actual.availability_label
    return f"{actual.indicator.format(actual.value)}{actual.indicator.shown_unit}"


def _page_of_value(actual: Actual) -> str:
    """Return the page of the value, or the grid where no plan lists the indicator."""
    address = listing_addresses([actual.indicator_id]).get(actual.indicator_id)
    if address is None:
        return reverse("entry_grid", args=[actual.fiscal_year_id])
    return value_address(address, actual.fiscal_year_id)
