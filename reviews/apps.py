from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, pre_migrate


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "評価と検証"

    def ready(self) -> None:
        from accounts import idle
        from accounts.roles import ModelKind
        from accounts.roles import register as register_models
        from changes.watch_lists import WATCH_LISTS
        from entry.frozen_papers import FROZEN
        from entry.waiting_texts import WAITING
        from reviews.editions.auditors_list import watch_list
        from reviews.editions.guard import check_guard, guard_editions, lay_guard_down
        from reviews.editions.keeping_values import editions_with
        from reviews.history_sources import register_sources
        from reviews.models import ReviewChoices
        from reviews.projects import kept
        from reviews.stages import register_stages
        from reviews.waiting import waiting_reviews

        # What people write about a year has pages of its own; the admin does not change it.
        register_models(ModelKind.PLAN, ReviewChoices)
        register_sources()
        idle.interrupted.connect(kept.keep_interrupted_projects)
        register_stages()
        WATCH_LISTS.append(watch_list)
        WAITING.append(waiting_reviews)
        FROZEN.append(editions_with)
        pre_migrate.connect(lay_guard_down, sender=self, dispatch_uid="reviews.no_guard")
        post_migrate.connect(guard_editions, sender=self, dispatch_uid="reviews.guard")
        register(check_guard, Tags.database)
