"""Command: print the version of the program."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "このプログラムの版の番号を表示します。"
    # Somebody who asks for the version may be about to report a faulty setting.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(settings.VERSION)
