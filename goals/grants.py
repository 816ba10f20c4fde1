"""Which parts of a plan name a 交付金: none of these is deleted."""

from collections.abc import Iterator

from goals.models import BasicGoal, Grant

_CARRIERS = {
    "施策": "measure_groups__measures__{}",
    "KPI": "measure_groups__measures__kpis__{}",
    "事業": "measure_groups__measures__projects__{}",
}
_NAMES = {"施策": "title", "KPI": "name", "事業": "name"}


def parts_naming(grant: Grant) -> Iterator[str]:
    """Yield the measures, KPIs and projects that name a 交付金."""
    goals = BasicGoal.objects.filter(strategy=grant.strategy_id).order_by("position")
    for kind, path in _CARRIERS.items():
        rows = goals.values_list(path.format("grants"), path.format(_NAMES[kind]))
        yield from (
            f"{kind}「{name}」" for numbers, name in rows if grant.number in (numbers or ())
        )
