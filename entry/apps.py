from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "entry"
    verbose_name = "入力"

    def ready(self) -> None:
        from accounts import idle
        from entry import kept_inputs

        idle.interrupted.connect(kept_inputs.keep_interrupted)
