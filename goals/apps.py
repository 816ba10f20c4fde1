from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "goals"
    verbose_name = "総合戦略と基本目標"

    def ready(self) -> None:
        from accounts.roles import ModelKind, register
        from goals.models import (
            BasicGoal,
            Grant,
            NumericTarget,
            NumericTargetOutlook,
            NumericTargetVersion,
            NumericTargetYear,
            Revision,
            Strategy,
        )

        register(ModelKind.PLAN, Strategy, Revision, BasicGoal, Grant)
        register(ModelKind.PLAN, NumericTarget, NumericTargetYear, NumericTargetOutlook)
        register(ModelKind.PLAN, NumericTargetVersion)
