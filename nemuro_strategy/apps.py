from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class ProjectConfig(AppConfig):
    name = "nemuro_strategy"
    verbose_name = "総合戦略の進捗管理"

    def ready(self) -> None:
        from nemuro_strategy import checks  # noqa: F401  (registers the system checks)


class AdminConfig(DjangoAdminConfig):
    """Django's admin with our own site; accounts/access.py decides who has access."""

    default_site = "nemuro_strategy.admin_site.StrategyAdminSite"
