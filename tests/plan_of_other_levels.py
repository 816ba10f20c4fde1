"""A plan of another shape: no groups, words of its own, and all that a plan may carry.

It is made of the imaginary plan in fixtures/: the measures of a goal are directly under it, its
first KPI belongs to no measure, and its last goal is across all others.
"""

import json
from copy import deepcopy
from functools import cache
from typing import Any

from goals.models import Strategy
from plans.loading import load_strategy
from tests.factories import FIXTURES

CODE = "other-levels"
WORDS: dict[str, Any] = {
    "goal": "政策の柱",
    "cross_goal": "横串の柱",
    "numeric_target": "柱のめやす",
    "group": "たば",
    "measure": "取組",
    "kpi": "ものさし（ＭＳ）",
    "kpi_short": "ＭＳ",
    "project": "事務事業",
    "project_short": "事務",
    "category": "種別",
    "categories": [{"name": "皆増"}, {"name": "拡大"}, {"name": "市民", "not_of_city": True}],
    "uncategorised": "前年なみ",
}
STANDARD = (
    "基本目標", "数値目標", "施策", "KPI", "ＫＰＩ", "重要業績評価指標", "具体的事業", "区分",
    "横断的目標",
)  # fmt: skip
"""Words that nothing about this plan may say."""

_CATEGORIES = {"新規": "皆増", "拡充": "拡大", "民間等": "市民", "": ""}


def other_levels() -> dict[str, Any]:
    """Return the plan as JSON, as `export_strategy` writes it."""
    return deepcopy(_plan())


@cache
def _plan() -> dict[str, Any]:
    plan = json.loads((FIXTURES / "shiraho_2020.json").read_text(encoding="utf-8"))
    head = plan["strategy"]
    head |= {"code": CODE, "title": "白帆市まちの設計図", "note": None, "words": WORDS}
    head["grants"] = [
        {
            "number": 1,
            "name": "関係人口の交付金",
            "type": "推進タイプ",
            "first_year": 2020,
            "last_year": 2022,
        },
        {"number": 2, "name": "港の交付金", "type": None, "first_year": None, "last_year": None},
    ]
    places: dict[tuple[int, str, int], int] = {}
    for goal in plan["goals"]:
        _flatten(goal, places)
    for goal in plan["goals"]:
        for measure in goal["measure_groups"][0]["measures"]:
            measure["projects"] = [_project(one, places) for one in measure["projects"]]
    _carry(plan["goals"][0]["measure_groups"][0]["measures"])
    last = plan["goals"][-1]
    plan["goals"][-1] = {
        "position": last.pop("position"), "title": last.pop("title"), "cross_cutting": True, **last,
    }  # fmt: skip
    return plan


def _flatten(goal: dict[str, Any], places: dict[tuple[int, str, int], int]) -> None:
    """Put all measures into one group without a name, and the first KPI into none of them."""
    measures = []
    for group in goal["measure_groups"]:
        for measure in group["measures"]:
            number = len(measures) + 1
            places[goal["position"], group["symbol"], measure["position"]] = number
            measures.append({**measure, "position": number})
    first = next(measure for measure in measures if len(measure["kpis"]) > 1)
    moved = {**first["kpis"].pop(0), "position": 1}
    for number, kpi in enumerate(first["kpis"], 1):
        kpi["position"] = number
    directly = {"position": 0, "title": "", "kpis": [moved], "projects": []}
    goal["measure_groups"] = [{"symbol": "", "title": "", "measures": [directly, *measures]}]


def _project(project: dict[str, Any], places: dict[tuple[int, str, int], int]) -> dict[str, Any]:
    home = project["relisted_from"]
    if home is not None:
        measure = places[home["goal"], home["group"], home["measure"]]
        home = {**home, "group": "", "measure": measure}
    return {**project, "category": _CATEGORIES[project["category"]], "relisted_from": home}


def _carry(measures: list[dict[str, Any]]) -> None:
    carried = {"sdgs": [3, 11], "grants": [1], "general_plan_code": "2-1-3"}
    measures[1] |= carried
    kpi = measures[0]["kpis"][0]
    measures[0]["kpis"] = [_before(kpi, "actuals", {"sdgs": [4]})]
    first, *others = measures[1]["projects"]
    money = {"section": kpi["indicator"]["section"], "budget_item": "3款2項1目", **carried}
    measures[1]["projects"] = [{**first, **money, "grants": [1, 2]}, *others]


def _before(mapping: dict[str, Any], key: str, more: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with more keys before one of them."""
    found: dict[str, Any] = {}
    for name, value in mapping.items():
        if name == key:
            found |= more
        found[name] = value
    return found


def load_other_levels() -> Strategy:
    """Return the plan, loaded."""
    load_strategy(other_levels())
    return Strategy.objects.get(code=CODE)
