from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.core.validators import MaxLengthValidator

TOO_LONG = "%(show_value)d文字あります。%(limit_value)d文字以内にしてください。"
"""What is said about a text that is too long, instead of Django's words."""


class ProjectConfig(AppConfig):
    name = "nemuro_strategy"
    verbose_name = "総合戦略の進捗管理"

    def ready(self) -> None:
        from django.contrib.admin.templatetags import admin_list

        from nemuro_strategy import checks  # noqa: F401  (registers the system checks)
        from trail.history_values import shown_in_words

        # Fields of models and forms, the admin and bulk tables all take their message from here.
        MaxLengthValidator.message = TOO_LONG
        # The admin has no other place where it says what a field that is ticked or not holds.
        admin_list._boolean_icon = shown_in_words  # type: ignore[attr-defined]  # private


class AdminConfig(DjangoAdminConfig):
    """Django's admin with our own site; accounts/access.py decides who has access."""

    default_site = "nemuro_strategy.admin_site.StrategyAdminSite"
