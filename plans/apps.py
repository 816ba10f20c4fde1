from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "plans"
    verbose_name = "計画"

    def ready(self) -> None:
        from indicators.corrections import judge_by
        from plans.judgement_list import all_judgements

        judge_by(all_judgements)
