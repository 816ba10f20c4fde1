"""Bulk import and export of 数値目標."""

from typing import Any

from django.db.models import QuerySet

from goals.models import BasicGoal, NumericTarget
from indicators.example_texts import CODE_EXAMPLE
from indicators.resources import ListingResource
from japanese.numerals import read_number
from tables.columns import Column, Part, WholeNumber


class NumericTargetResource(ListingResource):
    """数値目標."""

    strategy = Column(
        "総合戦略コード", "goal__strategy__code", part=Part.KEY, note=f"例：{CODE_EXAMPLE}"
    )
    goal = Column("基本目標", "goal__position", WholeNumber(read_number), part=Part.KEY)

    parent = "goal"

    class Meta:
        model = NumericTarget

    def get_queryset(self) -> QuerySet[NumericTarget]:
        return (
            NumericTarget.objects.select_related("goal__strategy", "indicator", "reference")
            .prefetch_related("yearly_targets")
            .order_by("goal__strategy__code", "goal__position", "position", "part")
        )

    def parents(self) -> dict[tuple[Any, ...], BasicGoal]:
        goals = BasicGoal.objects.select_related("strategy")
        return {(goal.strategy.code, goal.position): goal for goal in goals}
