"""The states of a plan. They are here because listings of drafts are left out on every floor."""

from django.db.models import TextChoices


class PlanState(TextChoices):
    """作成中: seen by planning only. 実施中 and 終了: seen by everybody with a role."""

    DRAFT = "draft", "作成中"
    RUNNING = "running", "実施中"
    ENDED = "ended", "終了"
