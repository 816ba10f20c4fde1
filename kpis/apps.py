from django.apps import AppConfig


class KpisConfig(AppConfig):
    name = "kpis"
    verbose_name = "重要業績評価指標"

    def ready(self) -> None:
        from accounts.roles import ModelKind, register
        from kpis.models import KPI, KPIOutlook, KPIVersion, KPIYear

        register(ModelKind.PLAN, KPI, KPIYear, KPIOutlook, KPIVersion)
