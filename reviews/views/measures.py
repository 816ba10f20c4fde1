"""内部評価: the list of a plan's measures for a year, and one evaluation with its steps."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access
from accounts.decorators import allowed
from entry.answer_steps import NOTHING_ASKED, Asked
from plans.nodes import StrategyTree
from plans.pages import Link, PageNotFound, kept_query
from plans.presentation import rows_of
from reviews.answering import (
    WrittenRow,
    steps_of_row,
    store,
    store_and_step,
    typed_texts,
)
from reviews.grade_proposals import RULE
from reviews.measure_form import SEEN, MeasureReviewForm
from reviews.measure_reviews import (
    STATE_LABELS,
    MeasureRow,
    YearOfMeasures,
    sentence_of,
    texts_of,
    year_of_measures,
)
from reviews.models import MeasureReview, State
from reviews.pages import review_context, tree_of_review, year_of
from reviews.recording import obstacle_of_year

HEADING = "内部評価"


@require_safe
@allowed(access.may_follow_entry)
def review_measures(request: HttpRequest, code: str) -> HttpResponse:
    """Show all measures of a year with the state of their evaluation."""
    tree = tree_of_review(request, code)
    year = year_of(tree)
    found = year_of_measures(tree, request.user)
    context = review_context(
        request,
        tree,
        HEADING,
        rows=[(row, address_of_review(tree, row)) for row in found.rows],
        sentence=sentence_of(found.rows),
        states=[(label, len(found.in_state(state))) for state, label in STATE_LABELS.items()],
        obstacle=obstacle_of_year(year, found.duties.strategy_id),
        rule=RULE,
        sheets_url=_sheets_url(request, tree),
        decisions_url=_decisions_url(request, tree),
    )
    return render(request, "reviews/measures.html", context)


def _sheets_url(request: HttpRequest, tree: StrategyTree) -> str:
    """Return the page of 評価シート; "" for those who write no evaluation."""
    if not access.may_enter_anything(request.user):
        return ""
    return reverse("review_sheets", args=[tree.code]) + kept_query(tree)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_follow_entry)
def review_measure(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """Show the evaluation of a measure; a POST stores it or moves it on."""
    tree = tree_of_review(request, code)
    found = year_of_measures(tree, request.user)
    row = _row_at(tree, found, place)
    if request.method == "POST":
        if not access.may_enter_anything(request.user):
            raise PermissionDenied
        if "step" in request.POST:
            return _step(request, tree, found, row)
        if not row.may_write:
            raise PermissionDenied
        return _store(request, tree, found, row)
    return _page(request, tree, found, row, _form(found, row))


def _row_at(tree: StrategyTree, found: YearOfMeasures, place: str) -> MeasureRow:
    row = found.row(place)
    if row is None:
        raise PageNotFound(
            f"{tree.title}に、{tree.words.measure}「{place}」はありません。"
            "番号が変わったか、削除された可能性があります。",
            [Link(f"{HEADING}の一覧へ", _list_url(tree))],
        )
    return row


def _list_url(tree: StrategyTree) -> str:
    return reverse("review_measures", args=[tree.code]) + kept_query(tree)


def _form(found: YearOfMeasures, row: MeasureRow, data: Any = None) -> MeasureReviewForm:
    return MeasureReviewForm(data, row=row, choices=found.choices)


def _store(
    request: HttpRequest, tree: StrategyTree, found: YearOfMeasures, row: MeasureRow
) -> HttpResponse:
    form = _form(found, row, request.POST)
    if store(request, MeasureReview, year_of(tree), (row.stored, found.duties), form):
        return redirect(request.get_full_path())
    return _page(request, tree, found, row, form)


def _step(
    request: HttpRequest, tree: StrategyTree, found: YearOfMeasures, row: MeasureRow
) -> HttpResponse:
    """Move an evaluation on, with the same buttons as a value."""
    form = _form(found, row, request.POST) if row.may_write and SEEN in request.POST else None
    if row.stored is None:
        return _page(request, tree, found, row, form or _form(found, row))
    about = WrittenRow(MeasureReview, row.stored, year_of(tree), found.duties, _steps(request, row))
    asked = store_and_step(request, about, form)
    if asked is None:
        return redirect(_list_url(tree))
    return _page(request, tree, found, row, form or _form(found, row), asked)


def _steps(request: HttpRequest, row: MeasureRow) -> Any:
    return steps_of_row(request.user, row.stored, may_write=row.may_write)


def _page(
    request: HttpRequest,
    tree: StrategyTree,
    found: YearOfMeasures,
    row: MeasureRow,
    form: MeasureReviewForm,
    asked: Asked = NOTHING_ASKED,
) -> HttpResponse:
    obstacle = obstacle_of_year(year_of(tree), found.duties.strategy_id)
    stays = row.state == State.CONFIRMED and not access.may_change_confirmed(request.user)
    may_write = row.may_write and not obstacle and not stays
    context = review_context(
        request,
        tree,
        f"{row.node.label_in_plan} {row.node.title}",
        crumbs=[Link(HEADING, _list_url(tree))],
        row=row,
        kpi_rows=rows_of(row.node.kpis),
        texts=texts_of(row.stored) if row.stored else [],
        form=form,
        seen_field=SEEN,
        may_write=may_write,
        first_fault="id_results" if may_write else "unsaved",
        unsaved=[] if may_write else typed_texts(form),
        obstacle=obstacle,
        rule=RULE,
        steps=_steps(request, row),
        asked=asked,
        problem_of=dict(asked.problems),
        problems=[(f"#{field}", text) for field, text in asked.problems],
        report_url="",
        decisions_url="" if obstacle else _decisions_url(request, tree, row),
        sheet_url=_sheet_url(tree, row) if may_write else "",
        pager=_around(tree, found, row),
    )
    return render(request, "reviews/measure.html", context)


def _decisions_url(request: HttpRequest, tree: StrategyTree, row: MeasureRow | None = None) -> str:
    """Return the page where planning records what 推進本部 decided; "" for the others.

    With a row, that of a measure which is ticked there; "" while it is not confirmed.
    """
    if not access.may_keep_reviews(request.user):
        return ""
    query = {"year": str(tree.fiscal_year)}
    if row is not None:
        if row.state != State.CONFIRMED:
            return ""
        query["measure"] = row.node.place
    return reverse("review_decisions", args=[tree.code], query=query)


def _sheet_url(tree: StrategyTree, row: MeasureRow) -> str:
    query = {"year": tree.fiscal_year, "measure": row.node.place}
    return reverse("review_sheets_form", args=[tree.code], query=query)


def _around(tree: StrategyTree, found: YearOfMeasures, row: MeasureRow) -> dict[str, Link]:
    """Return links to the evaluations before and after this one."""
    index = found.rows.index(row)
    around = {"previous": index - 1, "next": index + 1}
    return {
        key: Link(found.rows[i].node.title, address_of_review(tree, found.rows[i]))
        for key, i in around.items()
        if 0 <= i < len(found.rows)
    }


def address_of_review(tree: StrategyTree, row: MeasureRow) -> str:
    """Return the page of a measure's evaluation."""
    return reverse("review_measure", args=[tree.code, row.node.place]) + kept_query(tree)
