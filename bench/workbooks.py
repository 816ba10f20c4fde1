"""A plan's workbook: preview and import, compared with the minimum for any program.

The minimum is openpyxl reading the same file, and bulk writes of the same rows and their history.
"""

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from accounts.models import Section
from accounts.roles import Role
from bench.forms import client_of, undone
from bench.registry import benchmark
from bench.timing import time_ratio
from goals.models import BasicGoal, Strategy
from indicators.models import Indicator
from kpis.models import KPI
from measures.models import Measure, MeasureGroup, Project
from plans.workbook.importing import PlanImporter
from plans.workbook.rows import workbook_rows
from reports.plan_workbook import workbook_content
from tables.importing import carry_out, rehearse
from tables.sheets import sheets_of
from tables.uploads import accept
from tests.factories import make_user
from tests.html import form_data

CODE = "large-2025"
GOALS, MEASURES, KPIS, PROJECTS = 5, 4, 5, 15
"""So many goals, measures of a goal, KPIs and projects of a measure: 100 KPIs, 300 projects."""

ROUNDS = 5
WARM_UPS = 1
PARTS: tuple[Any, ...] = (BasicGoal, MeasureGroup, Measure, KPI, Project)
"""Each model comes after those it refers to."""


@benchmark("計画様式（100KPI、300事業）の確認：読取りと一括登録だけの時間に対して", limit=3)
def previews(rounds: int = ROUNDS) -> float:
    """The request that shows what a workbook would make of the plan."""
    content, client = large_plan(), client_of(make_user(Role.PLANNING))
    return _ratio(partial(preview, client, content), content, rounds)


@benchmark("計画様式（100KPI、300事業）の登録：読取りと一括登録だけの時間に対して", limit=3)
def imports(rounds: int = ROUNDS) -> float:
    """The request that imports a previewed workbook."""
    content, client = large_plan(), client_of(make_user(Role.PLANNING))
    tickets = iter([preview(client, content) for _ in range(rounds + WARM_UPS)])
    return _ratio(lambda: take_in_plan(client, next(tickets)), content, rounds)


def _ratio(measured: Callable[[], object], content: bytes, rounds: int) -> float:
    rows = rows_of_plan(content)
    return time_ratio(
        partial(undone, measured),
        partial(undone, partial(read_and_write_plan, content, rows)),
        rounds=rounds,
        warm_ups=WARM_UPS,
    )


def large_plan() -> bytes:
    """Return the workbook of a plan with 100 KPIs and 300 projects."""
    return workbook_content(workbook_rows({"strategy": _strategy(), "goals": list(_goals())}))


def _strategy() -> dict[str, Any]:
    return {
        "code": CODE,
        "title": "大きな計画",
        "city": "白帆市",
        "city_code": "990001",
        "first_fiscal_year": 2025,
        "last_fiscal_year": 2029,
        "invented": True,
    }


def _goals() -> Iterator[dict[str, Any]]:
    for goal in range(1, GOALS + 1):
        measures = [_measure(goal, number) for number in range(1, MEASURES + 1)]
        group = {"symbol": "ア", "title": "区分", "measures": measures}
        yield {"position": goal, "title": f"目標{goal}", "measure_groups": [group]}


def _measure(goal: int, measure: int) -> dict[str, Any]:
    return {
        "position": measure,
        "title": f"目標{goal}の施策{measure}",
        "kpis": [
            {
                "position": number,
                "name": f"目標{goal}の施策{measure}の指標{number}の件数",
                "sentence": f"５年で延べ{number * 100}件",
            }
            for number in range(1, KPIS + 1)
        ],
        "projects": [
            {
                "position": number,
                "category": "新規",
                "name": f"目標{goal}の施策{measure}の事業{number}",
                "content": "内容",
            }
            for number in range(1, PROJECTS + 1)
        ],
    }


def preview(client: Client, content: bytes) -> str:
    """Upload the workbook and return its ticket. Raises RuntimeError if it has errors."""
    sheets_of.cache_clear()  # in production, a workbook is new to the cache
    file = SimpleUploadedFile("plan.xlsx", content)
    page = client.post(reverse("plan_workbook"), {"file": file}, follow=True)
    ticket = form_data(page.content.decode()).get("ticket", "")
    if "この内容で取り込む" not in page.content.decode():
        raise RuntimeError("The workbook cannot be taken in.")
    return ticket


def take_in_plan(client: Client, ticket: str) -> None:
    """Confirm a preview. Raises RuntimeError if the plan is not there afterwards."""
    client.post(reverse("plan_workbook_apply"), {"ticket": ticket, "confirm": ""})
    if not Strategy.objects.filter(code=CODE).exists():
        raise RuntimeError("The workbook was not taken in.")


def rows_of_plan(content: bytes) -> list[models.Model]:
    """Return the rows that the workbook makes, each after those it refers to; none is stored."""
    with transaction.atomic():
        importer = PlanImporter(make_user(Role.PLANNING))
        book = importer.read(accept("plan.xlsx", content))
        [found] = rehearse(importer, [book])
        carry_out(importer, [book], [found.digest])
        indicators = Indicator.objects.filter(kpis__measure__group__goal__strategy__code=CODE)
        rows: list[models.Model] = [*indicators, *Strategy.objects.filter(code=CODE)]
        for model in PARTS:
            rows += model.objects.filter(**{f"{model.plan_path}__code": CODE})
        transaction.set_rollback(True)
    return rows


def read_and_write_plan(content: bytes, rows: list[models.Model]) -> None:
    """Read the file with openpyxl and write the rows in bulk, with one section of their own."""
    book = openpyxl.load_workbook(BytesIO(content))
    for sheet in book.worksheets:
        for _ in sheet.iter_rows(values_only=True):
            pass
    Section.objects.bulk_create(
        Section(pk=pk, name=f"課{pk}")
        for pk in {row.section_id for row in rows if isinstance(row, Indicator)}
    )
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    for model, written in by_model.items():
        bulk_create_with_history(written, model, default_change_reason="")
