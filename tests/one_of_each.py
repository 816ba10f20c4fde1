"""One of each object that the admin has a page for, with texts that are hard to keep."""

from datetime import date
from decimal import Decimal

from accounts.models import SectionFormerName
from accounts.roles import Role
from goals.models import Grant, NumericTargetYear
from indicators.models import FiscalYear
from kpis.models import KPIYear
from measures.models import MeasureGroup
from tests.factories import (
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_revision,
    make_section,
    make_strategy,
    make_user,
)
from trail.events import Event

LINES = "一行目\n二行目\n"
BLANKS = " 全角\u3000の空白\u3000"
"""A text as it may come from a file; Django strips it where somebody sends it."""


def make_one_of_each():
    """Make one of each object, with what forms are apt to change by themselves."""
    strategy = make_strategy(
        title=BLANKS, note=LINES, labels={"on_track": "計画どおり"}, on_track=Decimal("95.0"),
        words={"measure": "取組", "categories": [{"name": "市民", "not_of_city": True}]},
    )  # fmt: skip
    Grant.objects.create(strategy=strategy, number=1, name=BLANKS, kind=BLANKS)
    goal = make_goal(strategy, title=BLANKS)
    section = make_section(BLANKS, department=BLANKS)
    SectionFormerName.objects.create(section=section, last_fiscal_year=2014, name=BLANKS)
    indicator = make_indicator(
        section, unit="％", ratio=True, decimals=1, minimum=Decimal(0), method=LINES,
        source=BLANKS, handover_memo=LINES,
    )  # fmt: skip
    money = make_indicator(section, unit="円", display_unit="千円", decimals=0, maximum=10**9)
    carried = {"sdgs": [3, 11], "grants": [1], "general_plan_code": BLANKS}
    measure = make_measure(goal, title=BLANKS, **carried)
    home = make_project(
        measure, name=BLANKS, content=BLANKS, section=section, budget_item=BLANKS, **carried
    )
    make_project(make_measure(goal), name=BLANKS, relisted_from=home)
    MeasureGroup.objects.update(title=BLANKS, symbol="Ａ")
    reading = {
        "name": BLANKS, "sentence": BLANKS, "kind": "level", "target": Decimal("30.00"),
        "baseline": Decimal("7.70"), "baseline_kind": "measured", "baseline_year": 2014,
        "tolerance": Decimal("0.5"), "doubts": LINES,
    }  # fmt: skip
    kpi = make_kpi(measure, indicator, confirmed_by=make_user(Role.PLANNING), **carried, **reading)
    KPIYear.objects.create(listing=kpi, fiscal_year=2017, value=Decimal("15.00"))
    target = make_numeric_target(goal, money, target=Decimal(5_000), sentence="５年で５千円")
    NumericTargetYear.objects.create(listing=target, fiscal_year=2019, value=Decimal(5_000))
    make_revision(2018, kpi, target, reason=LINES, document_number=BLANKS)
    parts = {"numerator": Decimal(1), "denominator": Decimal(8)}
    make_actual(indicator, 2017, "12.5", remarks=LINES, provisional=True, **parts)
    make_actual(indicator, 2016, None, availability="unpublished", expected_month="2018-09")
    make_actual(money, 2017, 1_234_567, remarks=BLANKS)
    FiscalYear.objects.filter(pk=2017).update(
        inquiry_number=BLANKS, inquiry_date=date(2018, 5, 11), due_date=date(2018, 6, 30)
    )
    Event.objects.create(kind="export", subject="試験")
    return section
