"""Input into the grid of 事業の実績 that can no longer be saved, or came after the session."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from entry import kept_inputs
from entry.grid_fields import LostRow
from entry.kept_offer import EMPTY, KeptTexts, reason_of_closed_row, worth_copying
from indicators.models import FiscalYear
from indicators.rules.narrowing_types import given
from japanese.row_numbers import row_number
from measures.models import Project
from reviews.models import State
from reviews.projects.grid import (
    PROJECT_LABELS,
    ProjectGridRow,
    lost_projects,
    typed_projects,
)
from tables.cells import tidy
from trail.installation import planning_office

_NOT_HERE = (
    "担当課が変わったか、この年度の計画からなくなったため、この画面の対象ではなくなりました。"
)


def kept_lost(rows: Sequence[LostRow], code: str) -> list[LostRow]:
    """Return those of the rows that are about projects of a plan: a form may name any."""
    known = _names(rows, code)
    return [row for row in rows if row.pk in known]


def told_of_lost(rows: Sequence[LostRow], code: str) -> Iterator[str]:
    """Yield a message for each typed row that the user no longer writes, with what was typed."""
    names = _names(rows, code)
    for row in rows:
        if row.pk not in names:
            continue
        typed = "、".join(
            f"{PROJECT_LABELS[name]}「{text}」" for name, text in row.texts.items() if text
        )
        yield (
            f"「{names[row.pk]}」に入力した{typed or '空欄'}は、保存していません。"
            f"{_NOT_HERE}登録が必要な場合は、"
            f"内容を控えて、{planning_office()}に連絡してください。"
        )


def kept_project_texts(
    rows: Sequence[ProjectGridRow], data: Mapping[str, str], code: str
) -> list[KeptTexts]:
    """Return what `data` keeps, row by row; `rows` are those of the grid as stored."""
    open_rows = {row.pk for row in rows if row.is_editable}
    found = []
    for row in typed_projects(rows, data):
        if not row.is_unsaved:
            continue
        is_confirmed = row.row.state == State.CONFIRMED
        reason = "" if row.pk in open_rows else reason_of_closed_row(is_confirmed=is_confirmed)
        differs = {
            name: text for name, text in row.texts.items() if tidy(text) != row.stored_texts[name]
        }
        labelled = _labelled(worth_copying(differs))
        found.append(KeptTexts(row.pk, row.name, labelled, reason, row.page))
    lost = lost_projects(rows, data)
    names = _names(lost, code)
    for one in lost:
        if one.pk in names:
            typed = worth_copying(one.texts)
            reason = f"{_NOT_HERE}登録が必要な場合は、{planning_office()}に連絡してください。"
            found.append(KeptTexts(one.pk, names[one.pk], _labelled(typed), reason, one.page))
    return found


def _labelled(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(PROJECT_LABELS[name], text or EMPTY) for name, text in texts.items()]


def _names(rows: Collection[LostRow], code: str) -> dict[int, str]:
    if not rows:
        return {}
    found = Project.objects.filter(
        pk__in=[row.pk for row in rows], measure__group__goal__strategy__code=code
    )
    return dict(found.values_list("pk", "name"))


def keep_interrupted_projects(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> bool:
    """Keep a grid that was submitted after the session had expired; return whether it was kept.

    Receiver of accounts.idle.interrupted, as that of entry/kept_inputs.py.
    """
    match = given(request.resolver_match)
    if match.url_name not in ("review_project_grid", "review_project_kept"):
        return False
    year = row_number(request.GET.get("year", ""))
    if year is None or not FiscalYear.objects.filter(pk=year).exists():
        return False
    code = match.kwargs["code"]
    rows = kept_lost(lost_projects((), request.POST), code)
    if not rows:
        return False
    kept_inputs.keep_input(rows, kept_inputs.Drawer(user, year, f"projects {code}"))
    return True
