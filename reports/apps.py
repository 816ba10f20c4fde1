from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "出力"

    def ready(self) -> None:
        from reports.edition_parts import register_parts

        register_parts()
