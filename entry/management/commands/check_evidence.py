"""Command: check that every file of 根拠資料 is still identical to what was uploaded."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators.evidence.files import Damaged, file_content, strays
from indicators.models import Evidence


class Command(BaseCommand):
    help = "根拠資料のすべてのファイルを読み、添付したときのSHA-256と同じか確かめます。"

    def handle(self, *args: Any, **options: Any) -> None:
        files = Evidence.objects.select_related("indicator").order_by("pk")
        damaged = 0
        for evidence in files.iterator():
            try:
                file_content(evidence)
            except Damaged as damage:
                damaged += 1
                self.stdout.write(
                    f"{evidence.fiscal_year_id}年度 {evidence.indicator.name}"
                    f"「{evidence.name}」（{evidence.stored_as}）：{damage}"
                )
        for path in strays():
            self.stdout.write(f"記録のないファイルがあります：{path}")
        if damaged:
            raise CommandError(
                f"{damaged}件のファイルが、添付したときの内容と違います。"
                "控え（バックアップ）から戻してください。"
            )
        self.stdout.write(f"{files.count()}件のファイルは、添付したときの内容のままです。")
