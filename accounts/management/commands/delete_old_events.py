"""Command: delete events that are older than EVENT_LOG_DAYS."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from trail.events import delete_old_events


class Command(BaseCommand):
    help = "操作の記録のうち、EVENT_LOG_DAYS より前のものを削除します。0（既定）では削除しません。"

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.EVENT_LOG_DAYS
        if not days:
            self.stdout.write("EVENT_LOG_DAYS が0なので、操作の記録を削除しません。")
            return
        number = delete_old_events(days)
        self.stdout.write(f"{days}日より前の操作の記録を{number}件削除しました。")
