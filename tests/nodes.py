"""Plain functions that make nodes of a tree without a database, with defaults for all the rest."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.sections import SectionNames
from indicators.duties import SectionsInTime
from indicators.rules.targets import Period
from indicators.rules.terms import Scale
from plans.nodes import (
    ActualNode,
    GoalNode,
    GroupNode,
    IndicatorNode,
    ListingNode,
    MeasureNode,
    ProjectNode,
    StrategyTree,
)

BASE_URL = "/strategies/plan/"
PERIOD = Period(2015, 2019)

_numbers = count(1)


def actual_node(year: int, value: Any, **fields: Any) -> ActualNode:
    """Return a confirmed value, or, for a text, the reason why there is none."""
    reason = value if isinstance(value, str) else "reported"
    defaults: dict[str, Any] = {
        "pk": next(_numbers),
        "fiscal_year": year,
        "value": None if isinstance(value, str) else Decimal(value),
        "availability": reason,
        "expected_month": "",
        "provisional": False,
        "remarks": "",
        "state": "confirmed",
    }
    return ActualNode(**(defaults | fields))


def indicator_node(values: Mapping[int, Any] | None = None, **fields: Any) -> IndicatorNode:
    """Return an indicator of whole 人 of 水産課; `values` are numbers, reasons or nodes by year."""
    number = next(_numbers)
    actuals = {
        year: value if isinstance(value, ActualNode) else actual_node(year, value)
        for year, value in (values or {}).items()
    }
    defaults: dict[str, Any] = {
        "pk": number,
        "code": f"indicator-{number}",
        "name": f"指標{number}",
        "unit": "人",
        "display_unit": "",
        "decimals": 0,
        "minimum": None,
        "maximum": None,
        "moment": "fiscal_year_total",
        "ratio": False,
        "running_total": False,
        "carry_years": 0,
        "section": "水産課",
        "section_id": 1,
        "entered_by": "水産課",
        "entered_by_id": 1,
        "method": "",
        "source": "",
        "contact": "",
        "actuals": actuals,
        "entering_id": 1,
        "in_time": SectionsInTime((), 1, 1, SectionNames({1: "水産課"}, {})),
    }
    return IndicatorNode(**(defaults | fields))


def listing_node(
    values: Mapping[int, Any] | None = None, *, year: int = 2017, **fields: Any
) -> ListingNode:
    """Return a confirmed KPI, judged for `year`: every year 100 人 or more."""
    indicator = fields.pop("indicator", None) or indicator_node(values)
    position = next(_numbers)
    defaults: dict[str, Any] = {
        "model": "kpi",
        "pk": position,
        "place": f"1-ア-1-{position}",
        "position": position,
        "name": indicator.name,
        "sentence": "年間１００人",
        "indicator": indicator,
        "kind": "every_year",
        "direction": "up",
        "target": Decimal(100),
        "target_year": None,
        "baseline": None,
        "baseline_year": None,
        "baseline_kind": "",
        "tolerance": Decimal(0),
        "doubts": (),
        "confirmed_by_id": None,
        "confirmed_at": datetime(2016, 4, 1, tzinfo=UTC),
        "yearly_targets": {},
        "first_listing": True,
        "period": PERIOD,
        "scale": Scale(),
        "fiscal_year": year,
        "base_url": BASE_URL,
    }
    return ListingNode(**(defaults | fields))


def project_node(name: str = "相談会", **fields: Any) -> ProjectNode:
    """Return a project of the first measure."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "pk": number,
        "place": f"1-ア-1-{number}",
        "position": number,
        "category": "",
        "name": name,
        "content": "",
        "implementer": "",
        "relisted_from": None,
    }
    return ProjectNode(**(defaults | fields))


def tree_of(
    *kpis: ListingNode, projects: tuple[ProjectNode, ...] = (), **fields: Any
) -> StrategyTree:
    """Return a tree of one goal with one measure that lists these KPIs and projects."""
    measure = MeasureNode(
        place="1-ア-1",
        position=1,
        title="相談できる場をふやす",
        group_symbol="ア",
        group_title="暮らしを支える",
        goal_position=1,
        goal_label="基本目標1",
        kpis=kpis,
        projects=projects,
        base_url=BASE_URL,
    )
    goal = GoalNode(
        position=1,
        label="基本目標1",
        title="住みよいまちをつくる",
        numeric_targets=(),
        groups=(GroupNode("ア", "暮らしを支える", (measure,)),),
        base_url=BASE_URL,
    )
    defaults: dict[str, Any] = {
        "code": "plan",
        "title": "見本市総合戦略",
        "city": "見本市",
        "city_code": "990002",
        "period": PERIOD,
        "scale": Scale(),
        "note": "",
        "invented": False,
        "fiscal_year": kpis[0].fiscal_year if kpis else 2017,
        "goals": (goal,),
        "others": (),
        "base_url": BASE_URL,
    }
    given = defaults | fields
    return StrategyTree(**({"whole_period": given["period"]} | given))
