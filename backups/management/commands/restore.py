"""Command: fill an empty installation from a backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.faults import BackupError
from backups.management.commands.backup import EVIDENCE_LOST, chosen_key
from backups.restoring import restore, with_missing_files


class Command(BaseCommand):
    help = (
        "バックアップを、空のデータベースと空のDATA_DIRに復元します。"
        "SQLiteのバックアップをPostgreSQLに復元することもできます（その逆も）。"
        "ファイル全体を確かめてから書き込みます。サーバー（gunicorn）を止めて実行してください。"
        "終了コード：0 成功、1 復元していない、"
        f"{EVIDENCE_LOST} 復元したが、バックアップにない根拠資料がある。"
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
            f"{with_missing_files(header.evidence, restored.missing)}"
        )
        if restored.was_older:
            self.stdout.write(f"版{header.version}から、この版のデータに移しました。")
        self.stdout.write(
            "利用者は、もう一度ログインする必要があります。SECRET_KEYは復元していません。"
        )
        if restored.missing:
            raise CommandError(
                f"根拠資料{restored.missing}件は、バックアップを作ったときに失われていたため、"
                "復元していません。manage.py check_evidence で名前を確かめ、"
                "前のバックアップに残っていれば、取り出して戻してください。",
                returncode=EVIDENCE_LOST,
            )
