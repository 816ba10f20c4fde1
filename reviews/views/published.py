"""What auditors watch: values unlike the published ones; who evaluated, fixed and published."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from reviews.editions.auditors_list import stories_of, unlike_published
from reviews.editions.editions_of_plan import editions_of
from reviews.measures.evaluations import year_of_measures
from reviews.pages import review_context, tree_of_review


@require_safe
@allowed(access.may_see_changes)
def review_published(request: HttpRequest, code: str) -> HttpResponse:
    """Show what differs from what was published, and who did what to the year's evaluation."""
    tree = tree_of_review(request, code)
    context = review_context(
        request,
        tree,
        "評価と検証調書の経過",
        unlike=unlike_published(code),
        stories=stories_of(list(editions_of(code))),
        evaluations=year_of_measures(tree, request.user).rows,
    )
    return render(request, "reviews/published.html", context)
