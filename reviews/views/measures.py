"""内部評価: the list of a plan's measures for a year, and one evaluation with its steps."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import access
from accounts.decorators import allowed
from plans.nodes import StrategyTree
from plans.pages import Link, PageNotFound, kept_query
from plans.presentation import rows_of
from reviews.measures.evaluations import (
    MeasureRow,
    YearOfMeasures,
    sentence_of,
    texts_of,
    year_of_measures,
)
from reviews.measures.form import MeasureReviewForm
from reviews.measures.grade_proposals import RULE
from reviews.models import MeasureReview, State
from reviews.pages import review_context, tree_of_review, year_of
from reviews.recording import obstacle_of_year
from reviews.views.row_list import ListedRowsOfYear, RowList
from reviews.views.row_page import RowPage

HEADING = "内部評価"


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_follow_entry)
def review_measures(request: HttpRequest, code: str) -> HttpResponse:
    """Show all measures of a year with the state of their evaluation; a POST moves several on."""
    tree = tree_of_review(request, code)
    year = year_of(tree)
    found = year_of_measures(tree, request.user)
    obstacle = obstacle_of_year(year, found.duties.strategy_id)
    listed = ListedRowsOfYear(
        MeasureReview,
        "review_measures",
        tree.words.measure_short,
        address_of_review,
    )
    shown = RowList(request, tree, found.rows, found.duties, listed, obstacle)
    if request.method == "POST" and shown.moved():
        return redirect(_list_url(tree))
    context = review_context(
        request,
        tree,
        HEADING,
        sentence=sentence_of(found.rows),
        obstacle=obstacle,
        rule=RULE,
        sheets_url=_sheets_url(request, tree),
        decisions_url=_decisions_url(request, tree),
        **shown.context(),
    )
    return render(request, "reviews/measures.html", context)


def _sheets_url(request: HttpRequest, tree: StrategyTree) -> str:
    """Return the page of 評価シート; "" for those who write no evaluation."""
    if not access.may_enter_anything(request.user):
        return ""
    return reverse("review_sheets", args=[tree.code]) + kept_query(tree)


class MeasurePage(RowPage):
    """The evaluation of a measure."""

    model = MeasureReview
    template = "reviews/measure.html"
    list_name = "review_measures"
    list_heading = HEADING
    first_field = "id_results"

    def __init__(
        self, request: HttpRequest, tree: StrategyTree, found: YearOfMeasures, row: MeasureRow
    ) -> None:
        super().__init__(request, tree, year_of(tree), row, found.duties)
        self.found = found

    def form(self, data: Any = None) -> MeasureReviewForm:
        """Return the form of the evaluation."""
        return MeasureReviewForm(data, row=self.row, choices=self.found.choices)

    @property
    def heading(self) -> str:
        """Number and name of the measure."""
        return f"{self.row.node.label_in_plan} {self.row.node.title}"

    def more(self, form: MeasureReviewForm, *, may_write: bool) -> dict[str, Any]:
        """Return the KPIs, the texts to read, and the pages around."""
        request, tree, row = self.request, self.tree, self.row
        return {
            "kpi_rows": rows_of(row.node.kpis),
            "texts": texts_of(row.stored) if row.stored else [],
            "rule": RULE,
            "report_url": "",
            "decisions_url": "" if self.obstacle else _decisions_url(request, tree, row),
            "sheet_url": _sheet_url(tree, row) if may_write else "",
            "pager": _around(tree, self.found, row),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_follow_entry)
def review_measure(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """Show the evaluation of a measure; a POST stores it or moves it on."""
    tree = tree_of_review(request, code)
    found = year_of_measures(tree, request.user)
    return MeasurePage(request, tree, found, _row_at(tree, found, place)).answer()


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
