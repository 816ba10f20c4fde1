from django.apps import AppConfig


class StartConfig(AppConfig):
    name = "start"
    verbose_name = "導入"
