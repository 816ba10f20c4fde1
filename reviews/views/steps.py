"""評価: the steps of a plan's year after its values, and where each is done."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access
from accounts.decorators import allowed
from plans.pages import kept_query
from reviews.duties import strategy_id_of
from reviews.measures.choices_form import ReviewChoicesForm
from reviews.measures.evaluations import choices_of_plan
from reviews.pages import review_context, tree_of_review, year_of
from reviews.recording import obstacle_of_year
from reviews.steps import review_steps
from trail.history import NOTHING_CHANGED, Door, changing
from trail.meanwhile import sign_of_shown


@require_safe
@allowed(access.may_follow_entry)
def reviews(request: HttpRequest, code: str) -> HttpResponse:
    """Show the steps of a year with what is recorded of each."""
    tree = tree_of_review(request, code)
    year = year_of(tree)
    steps = review_steps(tree, year)
    context = review_context(
        request,
        tree,
        "評価",
        steps=steps,
        is_fixed=steps[-1].is_done,
        may_choose=access.may_keep_reviews(request.user),
        obstacle=obstacle_of_year(year, strategy_id_of(tree)),
    )
    return render(request, "reviews/steps.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_keep_reviews)
def review_choices(request: HttpRequest, code: str) -> HttpResponse:
    """Change the lists that the plan chooses from in its evaluation."""
    tree = tree_of_review(request, code)
    with transaction.atomic(), changing(by=request.user, door=Door.PAGE):
        form = ReviewChoicesForm(
            request.POST or None, instance=choices_of_plan(strategy_id_of(tree))
        )
        if request.method == "POST" and form.is_valid():
            if form.changes_something:
                form.save()
            done = "選択肢を保存しました。" if form.changes_something else NOTHING_CHANGED
            messages.success(request, done)
            return redirect(reverse("reviews", args=[code]) + kept_query(tree))
    context = review_context(
        request, tree, "評価の選択肢", crumbs=[], form=form, shown_sign=sign_of_shown([form])
    )
    return render(request, "reviews/choices.html", context)
