from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "measures"
    verbose_name = "施策と事業"

    def ready(self) -> None:
        from accounts.roles import ModelKind, register
        from measures.models import Measure, MeasureGroup, Project

        register(ModelKind.PLAN, MeasureGroup, Measure, Project)
