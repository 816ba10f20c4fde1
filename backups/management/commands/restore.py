"""Command: fill an empty installation from a backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.faults import BackupError
from backups.management.commands.backup import chosen_key
from backups.restoring import restore


class Command(BaseCommand):
    help = (
        "バックアップを、空のデータベースと空のDATA_DIRに復元します。"
        "SQLiteのバックアップをPostgreSQLに復元することもできます（その逆も）。"
        "ファイル全体を確かめてから書き込みます。サーバー（gunicorn）を止めて実行してください。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="バックアップのファイル")
        parser.add_argument("--key", metavar="FILE", help="鍵のファイル（なければBACKUP_KEY_FILE）")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore(Path(options["file"]), chosen_key(options["key"]))
        except BackupError as error:
            raise CommandError(str(error)) from error
        header = restored.header
        self.stdout.write(
            f"復元しました：{header.city or '市町村名は未登録'}、{header.made_at}、"
            f"計画 {'、'.join(header.plans) or 'なし'}、{sum(header.rows.values()):,}行、"
            f"根拠資料{header.evidence}件"
        )
        if restored.was_older:
            self.stdout.write(f"版{header.version}から、この版のデータに移しました。")
        self.stdout.write(
            "利用者は、もう一度ログインする必要があります。SECRET_KEYは復元していません。"
        )
