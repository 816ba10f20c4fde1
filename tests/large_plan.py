"""A plan as large as a prefecture's: the real plan six times over, under a code of its own."""

import json
from copy import deepcopy
from typing import Any

from goals.models import Strategy
from plans.loading import load_strategy
from tests.factories import FIXTURES

CODE = "prefecture-2015"
TIMES = 6
LISTINGS = 49 * TIMES


def large_plan() -> dict[str, Any]:
    """Return the plan as JSON: three goals, each with six times the groups of the real plan's."""
    plan = json.loads((FIXTURES / "nemuro_2015.json").read_text(encoding="utf-8"))
    plan["strategy"] |= {"code": CODE, "title": "見本県総合戦略", "note": None}
    for goal in plan["goals"]:
        first = {"numeric_targets": goal["numeric_targets"], "groups": goal["measure_groups"]}
        targets, groups = [], []
        for time in range(TIMES):
            again = deepcopy(first)
            for number, target in enumerate(again["numeric_targets"], len(targets) + 1):
                targets.append(_renamed(target, time) | {"position": number})
            for group in again["groups"]:
                group["symbol"] = "アイウエオカキクケコサシスセソタチツテト"[len(groups)]
                for measure in group["measures"]:
                    measure["kpis"] = [_renamed(kpi, time) for kpi in measure["kpis"]]
                    measure["projects"] = []
                groups.append(group)
        goal["numeric_targets"], goal["measure_groups"] = targets, groups
    return plan


def _renamed(listing: dict[str, Any], time: int) -> dict[str, Any]:
    """Return a listing of an indicator of its own."""
    indicator = listing["indicator"]
    return listing | {"indicator": indicator | {"code": f"{indicator['code']}-of-{time + 1}"}}


def load_large_plan() -> Strategy:
    """Return the plan, loaded."""
    load_strategy(large_plan())
    return Strategy.objects.get(code=CODE)
