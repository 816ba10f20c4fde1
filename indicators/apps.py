from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "indicators"
    verbose_name = "指標と実績値"

    def ready(self) -> None:
        from accounts.roles import ModelKind, register
        from indicators.models import Actual, FiscalYear, Indicator

        register(ModelKind.PLAN, Indicator)
        register(ModelKind.YEAR, FiscalYear)
        register(ModelKind.VALUE, Actual)
