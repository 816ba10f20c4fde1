"""事業の実績を一覧で入力する: all projects of a section at once, with paste from Excel.

It works like the grid of values, with the same template and scripts (entry/views/grid.py).
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access
from accounts.decorators import allowed
from entry import kept_inputs
from entry.grid_fields import LostRow, TypedRow, fields_of, is_decision, with_pages
from entry.grid_page import (
    FaultLink,
    GridAddresses,
    PartlySaved,
    SecondButton,
    cannot_save,
    confirmed_context,
    faults_of,
    filter_in,
    filter_links,
    progress_of,
    save_button,
    step_of,
)
from entry.kept_offer import KeptOffer, kept_offer
from entry.models import KeptInput
from indicators.models import FiscalYear
from indicators.recording import STATES_BEFORE
from plans.nodes import StrategyTree
from plans.pages import Link, kept_query
from reviews.models import ProjectYear, State
from reviews.pages import review_context, tree_of_review, year_of
from reviews.projects.form import (
    PROJECT_AMOUNTS,
    PROJECT_FIELDS,
    ProjectChoices,
    choices_of_projects,
)
from reviews.projects.grid import (
    PROJECT_LABELS,
    ProjectGridRow,
    lost_projects,
    shown_projects,
    told_projects,
    typed_projects,
    with_typed,
)
from reviews.projects.kept import kept_lost, kept_project_texts, told_of_lost
from reviews.projects.saving import SavedProjects, save_projects
from reviews.projects.years import YearOfProjects, year_of_projects
from reviews.recording import ReviewError, move_reviews, obstacle_of_year
from trail.history import NOTHING_CHANGED, Change, Door

logger = logging.getLogger(__name__)

HEADING = "事業の実績を一覧で入力する"
THING = "事業"

MOST_NAMED = 10
"""How many projects a message names."""


@dataclass(frozen=True)
class _Grid:
    """The projects of a year that a user writes, as stored; `obstacle` says why none can be."""

    tree: StrategyTree
    year: FiscalYear
    found: YearOfProjects
    choices: ProjectChoices
    rows: list[ProjectGridRow]
    obstacle: str

    @property
    def place(self) -> str:
        """What names the grid among those that keep input."""
        return f"projects {self.tree.code}"


@dataclass(frozen=True)
class _Notice:
    """What the page tells above the rows."""

    faults: Sequence[FaultLink] = ()
    partly: PartlySaved | None = None
    kept: KeptOffer | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_enter_anything)
def review_project_grid(request: HttpRequest, code: str) -> HttpResponse:
    """Show all projects that the user writes of a year; a POST saves those that are right."""
    stored = _read(request, code)
    if request.method == "POST":
        return _save(request, stored)
    kept = kept_inputs.kept_input(_drawer(request, stored))
    is_used = kept is not None and "kept" in request.GET
    rows = filter_in(request.GET).rows(stored.rows)
    if kept and is_used:
        rows = with_typed(stored.rows, kept.typed)
    offer = kept_offer(
        kept, lambda fields: kept_project_texts(stored.rows, fields, code), is_used=is_used
    )
    return _page(request, stored, rows, _Notice(kept=offer))


@require_POST
@allowed(access.may_enter_anything)
def review_project_kept(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what is being typed; answer what is wrong with it, as entry_kept does."""
    stored = _read(request, code)
    rows = typed_projects(stored.rows, request.POST)
    lost = _lost(request, stored)
    kept = _keep(request, stored, [*rows, *lost])
    return JsonResponse(kept_inputs.kept_answer(rows, told_projects(rows), kept, lost))


@require_POST
@allowed(access.may_enter_anything)
def review_project_discard(request: HttpRequest, code: str) -> HttpResponse:
    """Discard the kept input."""
    stored = _read(request, code)
    messages.success(request, kept_inputs.discard_asked(request, _drawer(request, stored)))
    return redirect(_address(stored.tree, "review_project_grid"))


def _read(request: HttpRequest, code: str) -> _Grid:
    tree = tree_of_review(request, code)
    year = year_of(tree)
    found = year_of_projects(tree, request.user)
    choices = choices_of_projects(found.duties.strategy_id)
    obstacle = obstacle_of_year(year, found.duties.strategy_id)
    own = [row for row in found.rows if row.may_write]
    may_change = access.may_change_confirmed(request.user)
    rows = shown_projects(own, year.pk, choices, may_change_confirmed=may_change, closed=obstacle)
    return _Grid(tree, year, found, choices, rows, obstacle)


def _drawer(request: HttpRequest, stored: _Grid) -> kept_inputs.Drawer:
    return kept_inputs.Drawer(request.user, stored.year.pk, stored.place)


def _keep(request: HttpRequest, stored: _Grid, rows: Sequence[TypedRow]) -> KeptInput | None:
    return kept_inputs.keep_input(rows, _drawer(request, stored)) if rows else None


def _lost(request: HttpRequest, stored: _Grid) -> list[LostRow]:
    """Return the sent rows that the user no longer writes, and that are kept."""
    return kept_lost(lost_projects(stored.rows, request.POST), stored.tree.code)


def _tell_of_lost(request: HttpRequest, stored: _Grid, data: Mapping[str, str]) -> bool:
    """Tell what was typed into projects that the user no longer writes; return whether any."""
    told = list(told_of_lost(lost_projects(stored.rows, data), stored.tree.code))
    for message in told:
        messages.warning(request, message)
    return bool(told)


def _save(request: HttpRequest, stored: _Grid) -> HttpResponse:
    code = stored.tree.code
    step = step_of(request.user) if "step" in request.POST else None
    rows = typed_projects(stored.rows, request.POST)
    typed = [row for row in rows if row.is_touched]
    try:
        # First, so that nothing is lost if it cannot be saved, for whatever reason.
        _keep(request, stored, [*typed, *_lost(request, stored)])
        result = _record(request, stored, rows)
        if result.is_outdated:
            # Somebody was faster since the rows were read: merge with what is stored now.
            stored = _read(request, code)
            rows = typed_projects(stored.rows, request.POST)
            result = _record(request, stored, rows)
        if not result.asks:
            done = [row for row in typed if row.pk not in result.left]
            kept_inputs.forget(done, _drawer(request, stored))
    except DatabaseError:
        logger.exception("The projects of %s could not be saved", code)
        fault = FaultLink(cannot_save(request.user), "grid")
        return _page(request, stored, rows, _Notice([fault]))
    is_told = _tell_of_lost(request, stored, request.POST)
    if result.asks:
        return _ask(request, stored, result, rows)
    if result.left:
        return _refuse(request, code, stored, result)
    if step is not None:
        _move_on(request, code, rows, result, step)
    elif result.saved or not is_told:
        messages.success(request, _said(result))
    query = filter_in(request.GET, stored.year.pk).query
    return redirect(reverse("review_project_grid", args=[code]) + query)


def _record(request: HttpRequest, stored: _Grid, rows: Sequence[ProjectGridRow]) -> SavedProjects:
    change = Change(by=request.user, door=Door.GRID)
    return save_projects(rows, stored.year, stored.found.duties, change, request.POST)


def _move_on(
    request: HttpRequest,
    code: str,
    sent: Sequence[ProjectGridRow],
    result: SavedProjects,
    step: SecondButton,
) -> None:
    """Move on what the page showed and what was just saved, all or none, and say so."""
    fresh = _read(request, code)
    now = {row.pk: row.row for row in fresh.rows}
    here = [
        (row, stored)
        for row in sent
        if row.pk in now
        and (stored := now[row.pk].stored) is not None
        and stored.state in STATES_BEFORE[step.to]
    ]
    returned = [row for row, stored in here if stored.state == State.RETURNED]
    ready = [(row, stored) for row, stored in here if row not in returned]
    lacking = [(row.name, now[row.pk].lacks) for row, _ in ready if now[row.pk].lacks]
    versions = {
        stored.pk: stored.version if row.is_touched else row.version
        for row, stored in ready
        if not now[row.pk].lacks
    }
    said = [f"{result.saved}件の事業を保存しました。"] if result.saved else []
    try:
        change = Change(by=request.user, door=Door.GRID)
        moved = len(move_reviews(ProjectYear, versions, step.to, fresh.found.duties, change))
    except ReviewError as error:
        for problem in error.problems:
            messages.warning(request, f"{step.name}していません。{problem.message}")
    else:
        said += [f"{moved}件{step.done}。" if moved else f"{step.name}する事業はありません。"]
    if returned:
        said.append(f"差戻しの{len(returned)}件は、直していないので{step.name}していません。")
    if said:
        messages.success(request, "".join(said))
    if lacking:
        messages.warning(request, _told_of_lacking(lacking, step))


def _told_of_lacking(lacking: Sequence[tuple[str, str]], step: SecondButton) -> str:
    """Return which projects were left out of a step because fields of them are empty."""
    named = "、".join(f"「{name}」（{labels}）" for name, labels in lacking[:MOST_NAMED])
    more = "など" if len(lacking) > MOST_NAMED else ""
    return (
        f"次の{len(lacking)}件は、空欄があるため{step.name}していません：{named}{more}。"
        "入力してから、もう一度押してください。"
    )


def _said(result: SavedProjects) -> str:
    """Return what saving did."""
    if not result.saved:
        return NOTHING_CHANGED
    said = f"{result.saved}件の事業を保存しました。"
    if result.fallen_back:
        said += (
            f"回答済みか課長確認待ちだった{result.fallen_back}件は、「入力中」に戻りました。"
            "もう一度、課長に確認を依頼してください。"
        )
    return said


def _refuse(request: HttpRequest, code: str, stored: _Grid, result: SavedProjects) -> HttpResponse:
    """Show what is wrong; rows that were saved nevertheless are shown as stored now."""
    faults = faults_of(result.rows, {})
    if not result.saved:
        return _page(request, stored, list(result.rows), _Notice(faults))
    stored = _read(request, code)
    fresh = {row.pk: row for row in stored.rows}
    rows = [row if row.pk in result.left else fresh.get(row.pk, row) for row in result.rows]
    heading = f"{result.saved}件を保存し、{len(result.left)}件は保存していません"
    said = _said(result)
    if "step" in request.POST:
        said += "誤りを直してから、もう一度押してください。まだ次に進めていません。"
    return _page(request, stored, rows, _Notice(faults, PartlySaved(heading, said)))


def _ask(
    request: HttpRequest, stored: _Grid, result: SavedProjects, rows: Sequence[ProjectGridRow]
) -> HttpResponse:
    """Ask what to keep of two changes, and whether to change answered rows."""
    choices = [(one.row, choice) for one in result.conflicts for choice in one.choices]
    asked = {row.pk for row, _ in choices} | {row.pk for row in result.reopened}
    said = {name: text for name, text in request.POST.items() if is_decision(name)}
    for _, choice in choices:
        said.pop(choice.id, None)
    is_own = all(conflict.is_own for conflict in result.conflicts)
    heading = "別の画面での変更と重なりました" if is_own else "ほかの人の変更と重なりました"
    context = review_context(
        request,
        stored.tree,
        heading if result.conflicts else "回答済みの実績を変更します",
        crumbs=[Link("事業の実績", _address(stored.tree, "review_projects"))],
        faults=[
            FaultLink(f"{row.name}：{choice.label}を選んでください。", f"{choice.id}-theirs")
            for row, choice in choices
            if "choosing" in request.POST
        ],
        conflicts=result.conflicts,
        reopened=result.reopened,
        hidden=[*fields_of(rows).items(), *said.items()],
        others_count=sum(row.is_unsaved and row.pk not in asked for row in rows),
        button="step" if "step" in request.POST else "save",
        address=request.get_full_path(),
        addresses=_addresses(stored.tree),
    )
    return render(request, "entry/conflict.html", context)


def _page(
    request: HttpRequest,
    stored: _Grid,
    rows: list[ProjectGridRow],
    notice: _Notice = _Notice(),
) -> HttpResponse:
    rows = with_pages(rows, is_answer=request.method == "POST")
    editable = [row for row in rows if row.is_editable]
    missing = [row for row in editable if not row.is_filled]
    wanted = filter_in(request.GET, stored.year.pk)
    is_told = notice != _Notice() or list(messages.get_messages(request))
    return render(
        request,
        "reviews/project_grid.html",
        review_context(
            request,
            stored.tree,
            HEADING,
            crumbs=[Link("事業の実績", _address(stored.tree, "review_projects"))],
            rows=rows,
            row_template="reviews/project_grid_row.html",
            all_count=len(stored.rows),
            hidden_count=len(stored.rows) - len(rows),
            not_done="保存",
            editable=bool(editable),
            faults=notice.faults,
            partly=notice.partly,
            kept=notice.kept,
            closed=stored.obstacle,
            filters=filter_links(stored.rows, wanted, THING),
            filter=wanted,
            several_sections=len({row.section for row in stored.rows}) > 1,
            start=missing[0].first_field.id if missing and not is_told else "",
            missing_count=len(missing),
            headers=json.dumps(_pasted_headers(), ensure_ascii=False),
            pasted_fields=" ".join(PROJECT_FIELDS),
            number_fields=" ".join(PROJECT_AMOUNTS),
            thing=THING,
            amount="予算額や決算額など",
            pasted_heading="見出し（「予算額」「決算額」など）",
            unsaved=any(row.is_touched for row in rows),
            save_button=save_button(request.user),
            step=step_of(request.user),
            addresses=_addresses(stored.tree),
            returned=State.RETURNED,
            **progress_of(stored.rows, rows),
            **confirmed_context(rows, stored.obstacle),
        ),
    )


def _pasted_headers() -> dict[str, list[str]]:
    """Return the words above a pasted column that name each field."""
    return {
        name: [label, label.removesuffix("（千円）")] for name, label in PROJECT_LABELS.items()
    } | {"grant": ["交付金", "交付金の名称"]}


def _address(tree: StrategyTree, name: str) -> str:
    return reverse(name, args=[tree.code]) + kept_query(tree)


def _addresses(tree: StrategyTree) -> GridAddresses:
    return GridAddresses(
        grid=_address(tree, "review_project_grid"),
        kept=_address(tree, "review_project_kept"),
        discard=_address(tree, "review_project_discard"),
        form=_address(tree, "review_project_form"),
        importing=_address(tree, "review_project_import"),
    )
