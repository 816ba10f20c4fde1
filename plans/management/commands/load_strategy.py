"""Command: read a strategy from a JSON file."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from plans.loading import LoadError, load_strategy


class Command(BaseCommand):
    help = "総合戦略のJSONファイルを読み込みます。すでに同じ内容なら何も変えません。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="計画のJSONファイル。例：plan.json")
        parser.add_argument(
            "--draft",
            action="store_true",
            help="新しい計画を作成中として登録します。企画担当だけに見えます。",
        )

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            data = json.loads(file.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise CommandError(
                f"ファイル「{file}」を開けません。名前と権限を確かめてください。"
            ) from error
        except UnicodeDecodeError as error:
            raise CommandError(
                f"ファイル「{file}」はUTF-8ではありません。UTF-8で保存し直してください。"
            ) from error
        except json.JSONDecodeError as error:
            raise CommandError(
                f"ファイル「{file}」の{error.lineno}行目{error.colno}文字目は、"
                "JSONとして読めません。その前後の記号を確かめてください。"
            ) from error
        try:
            result = load_strategy(data, reason=f"{file.name}の読込み", as_draft=options["draft"])
        except LoadError as error:
            raise CommandError(
                f"「{file}」を読み込めません。何も変えていません。\n" + "\n".join(error.problems)
            ) from error
        for note in result.notes:
            self.stdout.write(note)
        self.stdout.write(
            f"読み込みました：新規{result.created}、変更{result.changed}、"
            f"変更なし{result.unchanged}"
        )
