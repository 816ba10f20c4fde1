"""Forms that are refused because of the year or the sender; their texts are shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from indicators.models import FiscalYear
from plans.nodes import StrategyTree
from plans.pages import Link, RefusedNow
from reviews.answering import typed_texts
from reviews.duties import strategy_id_of
from reviews.pages import review_context, year_of
from reviews.recording import obstacle_of_year
from trail.installation import planning_office


@dataclass(frozen=True)
class WrittenYear:
    """A year of a plan that a page writes about; `obstacle` says why nothing sent is taken."""

    row: FiscalYear
    strategy_id: int
    obstacle: str


def year_to_write(request: HttpRequest, tree: StrategyTree, back: Link) -> WrittenYear:
    """Return the year. Raises RefusedNow where nothing can be written and nothing was sent."""
    year, strategy_id = year_of(tree), strategy_id_of(tree)
    obstacle = obstacle_of_year(year, strategy_id)
    if obstacle and request.method != "POST":
        raise RefusedNow(obstacle, [back])
    return WrittenYear(year, strategy_id, obstacle)


def refused_texts(
    request: HttpRequest, tree: StrategyTree, back: Link, form: forms.ModelForm
) -> HttpResponse:
    """Refuse a form of somebody who may not write it, with what was typed, for copying.

    Raises PermissionDenied where nothing was.
    """
    if not typed_texts(form):
        raise PermissionDenied
    why = (
        "入力する課ではないため、保存していません。入力している間に、担当課が変わったことがあります。"
        f"登録が必要な場合は、内容を控えて、{planning_office()}に連絡してください。"
    )
    year = WrittenYear(year_of(tree), strategy_id_of(tree), why)
    answer = nothing_taken(request, tree, year, back, [("", form)])
    answer.status_code = 403
    return answer


def nothing_taken(
    request: HttpRequest,
    tree: StrategyTree,
    year: WrittenYear,
    back: Link,
    sent: Iterable[tuple[str, forms.ModelForm]],
) -> HttpResponse:
    """Show what was typed into forms, each with its subject ("" for the page's only one)."""
    unsaved = [
        (f"{about} {label}" if about else label, text)
        for about, form in sent
        for label, text in typed_texts(form)
    ]
    context = review_context(
        request, tree, "保存できませんでした", crumbs=[back], obstacle=year.obstacle,
        unsaved=unsaved, back=back,
    )  # fmt: skip
    return render(request, "reviews/nothing_taken.html", context)
