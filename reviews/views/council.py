"""有識者会議: its meetings, verdicts and opinions about a plan's year."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access
from accounts.decorators import allowed
from indicators.models import FiscalYear
from japanese.calendar_days import read_day
from japanese.numerals import half_width
from japanese.row_numbers import row_number
from plans.nodes import StrategyTree
from plans.pages import Link, PageNotFound, kept_query
from reviews.answering import typed_texts
from reviews.council.forms import (
    AnswerForm,
    CouncilForm,
    GoalReviewForm,
    OpinionForm,
    OutcomeForm,
    rows_of_members,
)
from reviews.council.meetings import goal_ids, subject_key, subjects_of, year_of_council
from reviews.duties import strategy_id_of
from reviews.measures.evaluations import choices_of_plan
from reviews.models import Council, GoalReview, Opinion
from reviews.pages import review_context, tree_of_review, year_of
from reviews.recording import obstacle_of_year
from reviews.views.refused_forms import nothing_taken, refused_texts, year_to_write
from trail.history import NOTHING_CHANGED, Door, changing
from trail.meanwhile import sign_of_shown

HEADING = "有識者会議"
POSTS = ["GET", "HEAD", "POST"]
PROPOSED = "proposed"
"""The hidden field with the number that an opinion will have."""


@require_safe
@allowed(access.may_follow_entry)
def review_council(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is recorded of a year: last year's opinions first."""
    tree = tree_of_review(request, code)
    strategy_id = strategy_id_of(tree)
    found = year_of_council(tree, strategy_id, request.user)
    obstacle = obstacle_of_year(year_of(tree), strategy_id)
    context = review_context(
        request,
        tree,
        HEADING,
        found=found,
        obstacle=obstacle,
        may_keep=access.may_keep_reviews(request.user) and not obstacle,
    )
    return render(request, "reviews/council.html", context)


@require_http_methods(POSTS)
@allowed(access.may_keep_reviews)
def review_meeting(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Change a meeting and its members; number 0 makes a new one."""
    tree = tree_of_review(request, code)
    year = year_to_write(request, tree, _back(tree))
    with transaction.atomic(), changing(by=request.user, door=Door.PAGE):
        meeting = _meeting(tree, year.strategy_id, year.row, number)
        form = CouncilForm(request.POST or None, instance=meeting)
        rows, carried_from = rows_of_members(request.POST or None, meeting)
        if year.obstacle:
            members = [(f"委員{i}", one) for i, one in enumerate(rows.forms, 1)]
            return nothing_taken(request, tree, year, _back(tree), [("", form), *members])
        if not number and _is_stored(request, year.strategy_id, year.row):
            messages.success(request, "会議は、登録してあります。")
            return redirect(_council_url(tree))
        if request.method == "POST" and form.is_valid() and rows.is_valid():
            changed = form.changes_something or rows.has_changed() or meeting._state.adding
            form.save()
            rows.save()
            messages.success(request, "会議を保存しました。" if changed else NOTHING_CHANGED)
            return redirect(_council_url(tree))
    heading = "会議を登録する" if not number else str(meeting)
    more = {"rows": rows, "carried_from": carried_from}
    return _page(request, tree, "reviews/meeting.html", heading, form, **more)


def _is_stored(request: HttpRequest, strategy_id: int, year: FiscalYear) -> bool:
    """Return whether the form of a new meeting has arrived already."""
    sent = {name: request.POST.get(name, "").strip() for name in ("number", "name", "minutes")}
    if row_number(half_width(sent["number"])) is None:
        return False
    found = Council.objects.filter(strategy=strategy_id, fiscal_year=year, **sent).first()
    try:
        day = read_day(request.POST.get("held_on", ""))
    except ValueError:
        return False
    return found is not None and found.held_on == day


def _meeting(tree: StrategyTree, strategy_id: int, year: FiscalYear, number: int) -> Council:
    meetings = Council.objects.select_for_update().filter(strategy=strategy_id, fiscal_year=year)
    if not number:
        last = meetings.order_by("-number").first()
        name = last.name if last else f"{tree.city}総合戦略推進会議"
        return Council(
            strategy_id=strategy_id,
            fiscal_year=year,
            number=last.number + 1 if last else 1,
            name=name,
        )
    found = meetings.filter(number=number).first()
    if found is None:
        raise _not_there(tree, f"第{number}回の会議")
    return found


@require_http_methods(POSTS)
@allowed(access.may_keep_reviews)
def review_verdicts(request: HttpRequest, code: str) -> HttpResponse:
    """Write the council's verdict and summary for each goal."""
    tree = tree_of_review(request, code)
    year = year_to_write(request, tree, _back(tree))
    labels = choices_of_plan(year.strategy_id).verdict_labels
    ids = goal_ids(tree.code)
    with transaction.atomic(), changing(by=request.user, door=Door.PAGE):
        stored = {
            one.goal_id: one
            for one in GoalReview.objects.select_for_update().filter(
                goal__in=ids.values(), fiscal_year=year.row
            )
        }
        forms = [
            GoalReviewForm(
                request.POST or None,
                prefix=f"goal-{goal.position}",
                name=f"{goal.label} {goal.title}",
                labels=labels,
                instance=stored.get(ids[goal.position])
                or GoalReview(goal_id=ids[goal.position], fiscal_year=year.row),
            )
            for goal in tree.goals
        ]
        if year.obstacle:
            sent = [(form.name, form) for form in forms]
            return nothing_taken(request, tree, year, _back(tree), sent)
        valid = [form.is_valid() for form in forms]  # each of them, so that each shows its errors
        if request.method == "POST" and all(valid):
            changed = [form for form in forms if form.changes_something and not form.is_left_alone]
            for form in changed:
                form.save()
            messages.success(request, "外部評価を保存しました。" if changed else NOTHING_CHANGED)
            return redirect(_council_url(tree))
    context = _context(request, tree, f"外部評価（{tree.words.goal}ごと）", forms)
    return render(request, "reviews/verdicts.html", context | {"forms": forms})


@require_http_methods(POSTS)
@allowed(access.may_keep_reviews)
def review_opinion_add(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Add an opinion to a meeting."""
    tree = tree_of_review(request, code)
    year = year_to_write(request, tree, _back(tree))
    with transaction.atomic(), changing(by=request.user, door=Door.PAGE):
        meeting = _meeting(tree, year.strategy_id, year.row, number or -1)
        last = meeting.opinions.order_by("-number").first()
        opinion = Opinion(council=meeting, number=last.number + 1 if last else 1)
        if last and _came_before(request, last.number, last.text):
            messages.success(request, f"意見{last.number}は、登録してあります。")
            return redirect(_council_url(tree))
        form = OpinionForm(request.POST or None, instance=opinion, subjects=subjects_of(tree))
        if year.obstacle:
            return nothing_taken(request, tree, year, _back(tree), [("", form)])
        if request.method == "POST" and form.is_valid():
            form.save()
            messages.success(request, f"意見{opinion.number}を登録しました。")
            return redirect(_council_url(tree))
    return _page(
        request, tree, "reviews/opinion.html", f"{meeting}の意見を登録する", form,
        proposed=opinion.number,
    )  # fmt: skip


def _came_before(request: HttpRequest, number: int, text: str) -> bool:
    """Return whether a form has arrived already: it proposed this number and has this text."""
    sent = request.POST
    return sent.get(PROPOSED) == str(number) and sent.get("text", "").strip() == text


@require_http_methods(POSTS)
@allowed(access.may_enter_anything)
def review_opinion(request: HttpRequest, code: str, number: int, opinion: int) -> HttpResponse:
    """Change an opinion: all of it for planning, the answer for the section it was given to."""
    tree = tree_of_review(request, code)
    strategy_id = strategy_id_of(tree)
    with transaction.atomic(), changing(by=request.user, door=Door.PAGE):
        found = _opinion(tree, strategy_id, number, opinion)
        if not access.may_answer_opinion(request.user, found.section_id):
            if request.method != "POST":
                raise PermissionDenied
            sent = AnswerForm(request.POST, instance=found)
            return refused_texts(request, tree, _back(tree), sent)
        form: Any
        if access.may_keep_reviews(request.user):
            form = OpinionForm(request.POST or None, instance=found, subjects=subjects_of(tree))
        else:
            form = AnswerForm(request.POST or None, instance=found)
        unsaved, obstacle = [], obstacle_of_year(year_of(tree), strategy_id)
        if obstacle:
            unsaved = typed_texts(form, besides=OutcomeForm.Meta.fields)
            form = OutcomeForm(request.POST or None, instance=found)
        if request.method == "POST" and form.is_valid():
            done = form.changes_something
            if done:
                form.save()
            if not unsaved:
                messages.success(request, "意見を保存しました。" if done else NOTHING_CHANGED)
                return redirect(_council_url(tree))
            if done:
                messages.success(request, "その後の状況だけを保存しました。")
    names = {subject.key: subject.name for subject in subjects_of(tree)}
    about = names.get(subject_key(found)) or str(found.about)
    return _page(
        request, tree, "reviews/opinion.html", str(found), form, opinion=found, about=about,
        unsaved=unsaved, obstacle=obstacle,
    )  # fmt: skip


def _opinion(tree: StrategyTree, strategy_id: int, number: int, opinion: int) -> Opinion:
    """Return an opinion of the tree's year or, to say what became of it, of the year before."""
    found = (
        Opinion.objects.select_for_update(of=("self",))
        .select_related("council")
        .filter(
            council__strategy=strategy_id,
            council__fiscal_year=tree.fiscal_year,
            council__number=number,
            number=opinion,
        )
        .first()
    )
    if found is None:
        raise _not_there(tree, f"第{number}回の意見{opinion}")
    return found


def _back(tree: StrategyTree) -> Link:
    return Link(HEADING, _council_url(tree))


def _not_there(tree: StrategyTree, name: str) -> PageNotFound:
    return PageNotFound(
        f"{name}は登録されていません。一覧から選び直してください。",
        [Link(f"{HEADING}へ", _council_url(tree))],
    )


def _council_url(tree: StrategyTree) -> str:
    return reverse("review_council", args=[tree.code]) + kept_query(tree)


def _context(
    request: HttpRequest, tree: StrategyTree, heading: str, shown: list[Any]
) -> dict[str, Any]:
    return review_context(
        request,
        tree,
        heading,
        crumbs=[Link(HEADING, _council_url(tree))],
        shown_sign=sign_of_shown(shown),
    )


def _page(
    request: HttpRequest, tree: StrategyTree, template: str, heading: str, form: Any, **more: Any
) -> HttpResponse:
    context = _context(request, tree, heading, [form, *more.get("rows", ())])
    return render(request, template, context | {"form": form, **more})
