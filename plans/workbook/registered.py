"""What is registered already and a workbook may refer to, in a constant number of queries."""

from collections import defaultdict
from typing import Any

from django.utils import timezone

from goals.models import NumericTarget, Strategy
from indicators.models import Actual, Indicator
from japanese.fiscal_years import fiscal_year_of
from kpis.models import KPI
from plans.indicator_json import indicator_as_json
from plans.workbook.described import Known, KnownIndicator, identity
from trail.installation import installation

LISTINGS: tuple[Any, ...] = (NumericTarget, KPI)


def known_now() -> Known:
    """Return the plans and indicators that are registered."""
    plans = {plan.code: (plan.title, plan.is_draft) for plan in Strategy.objects.order_by("pk")}
    drafts = {code for code, (_, is_draft) in plans.items() if is_draft}
    listed: dict[int, set[str]] = defaultdict(set)
    for model in LISTINGS:
        for indicator, plan in model.objects.order_by().values_list(
            "indicator_id", f"{model.plan_path}__code"
        ):
            listed[indicator].add(plan)
    has_values = set(Actual.objects.order_by().values_list("indicator_id", flat=True).distinct())
    here = installation()
    known = Known(
        plans=plans,
        newest_year=fiscal_year_of(timezone.localdate()),
        city=here.city,
        city_code=here.city_code,
    )
    for indicator in Indicator.objects.select_related("section", "entered_by"):
        in_plans = listed[indicator.pk]
        known.indicators[indicator.code] = KnownIndicator(
            indicator_as_json(
                indicator,
                section=indicator.section.name,
                entered_by=indicator.entered_by.name,
            ),
            {code: plans[code][0] for code in sorted(in_plans)},
            indicator.pk in has_values,
        )
        for plan in in_plans & drafts:
            of_plan = known.own.setdefault(plan, {})
            of_plan.setdefault(identity(indicator.name, indicator.unit), []).append(indicator.code)
    return known
