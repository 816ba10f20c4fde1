from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "評価と検証"

    def ready(self) -> None:
        from accounts.roles import ModelKind, register
        from reviews.models import ReviewChoices

        # What people write about a year has pages of its own; the admin does not change it.
        register(ModelKind.PLAN, ReviewChoices)
