"""評価: the steps of a plan's year after its values, and where each is done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from reviews.duties import strategy_id_of
from reviews.pages import review_context, tree_of_review, year_of
from reviews.recording import obstacle_of_year
from reviews.steps import review_steps


@require_safe
@allowed(access.may_follow_entry)
def reviews(request: HttpRequest, code: str) -> HttpResponse:
    """Show the steps of a year with what is recorded of each."""
    tree = tree_of_review(request, code)
    year = year_of(tree)
    context = review_context(
        request,
        tree,
        "評価",
        steps=review_steps(tree, year),
        obstacle=obstacle_of_year(year, strategy_id_of(tree)),
    )
    return render(request, "reviews/steps.html", context)
