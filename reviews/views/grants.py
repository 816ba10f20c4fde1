"""交付金の検証: what each 交付金 of a plan brought about in a year."""

from collections.abc import Mapping

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access
from accounts.decorators import allowed
from goals.models import Grant
from plans.nodes import StrategyTree
from plans.pages import Link, PageNotFound, kept_query
from reviews.duties import strategy_id_of
from reviews.grants.form import GrantReviewForm
from reviews.grants.of_year import grants_of_year
from reviews.measures.evaluations import choices_of_plan
from reviews.models import GrantReview, yen_label
from reviews.pages import review_context, tree_of_review, year_of
from reviews.recording import obstacle_of_year
from reviews.views.refused_forms import nothing_taken, year_to_write
from trail.history import NOTHING_CHANGED, Door, changing
from trail.meanwhile import sign_of_shown

HEADING = "交付金の検証"


@require_safe
@allowed(access.may_follow_entry)
def review_grants(request: HttpRequest, code: str) -> HttpResponse:
    """Show the 交付金 of a plan with what was written of the year."""
    tree = tree_of_review(request, code)
    strategy_id = strategy_id_of(tree)
    written = {
        one.grant_id: one
        for one in GrantReview.objects.filter(
            grant__strategy=strategy_id, fiscal_year=tree.fiscal_year
        )
    }
    obstacle = obstacle_of_year(year_of(tree), strategy_id)
    context = review_context(
        request,
        tree,
        HEADING,
        rows=[
            (grant, found, _amount(found))
            for grant in _shown(tree, written)
            for found in (written.get(grant.pk),)
        ],
        obstacle=obstacle,
        may_keep=access.may_keep_reviews(request.user) and not obstacle,
    )
    return render(request, "reviews/grants.html", context)


def _shown(tree: StrategyTree, written: Mapping[int, GrantReview]) -> list[Grant]:
    """Return the 交付金 of the year, with those of other years of which something was written."""
    of_year = grants_of_year(tree.code, tree.fiscal_year)
    others = Grant.objects.filter(pk__in=written)
    return list((of_year.order_by() | others.filter(strategy__code=tree.code)).order_by("number"))


def _amount(review: GrantReview | None) -> str:
    return "" if review is None or review.amount is None else yen_label(review.amount)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_keep_reviews)
def review_grant(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Write what a 交付金 brought about in the year."""
    tree = tree_of_review(request, code)
    back = Link(HEADING, _list_url(tree))
    year = year_to_write(request, tree, back)
    with transaction.atomic(), changing(by=request.user, door=Door.PAGE):
        grants = Grant.objects.select_for_update().filter(strategy=year.strategy_id, number=number)
        grant = grants.first()
        if grant is None:
            raise PageNotFound(
                f"番号{number}の交付金はありません。一覧から選び直してください。", [back]
            )
        stored = GrantReview.objects.filter(grant=grant, fiscal_year=year.row).first()
        form = GrantReviewForm(
            request.POST or None,
            instance=stored or GrantReview(grant=grant, fiscal_year=year.row),
            choices=choices_of_plan(year.strategy_id),
        )
        if year.obstacle:
            return nothing_taken(request, tree, year, back, [(grant.name, form)])
        if request.method == "POST" and form.is_valid():
            done = form.changes_something
            if done:
                form.save()
            messages.success(request, "保存しました。" if done else NOTHING_CHANGED)
            return redirect(_list_url(tree))
    context = review_context(
        request,
        tree,
        grant.name,
        crumbs=[back],
        form=form,
        shown_sign=sign_of_shown([form]),
    )
    return render(request, "reviews/grant.html", context)


def _list_url(tree: StrategyTree) -> str:
    return reverse("review_grants", args=[tree.code]) + kept_query(tree)
