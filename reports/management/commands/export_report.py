"""Command: write 検証報告書.xlsx for a year."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from plans.narrowing import NotInPlan, narrow
from reports.management.asked_tree import add_draft_argument, tree_asked_for
from reports.report_files import contents_for_log
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from trail import events
from trail.events import Event
from trail.history import Door, changing


class Command(BaseCommand):
    help = "検証報告書（Excel）を作成します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="総合戦略のコード。例：city-2025")
        parser.add_argument(
            "--fiscal-year", help="対象年度。例：2017、平成29、H29。省くと、値のある最も新しい年度"
        )
        parser.add_argument("--goal", type=int, help="一つの基本目標だけ。番号で指定します。例：1")
        parser.add_argument("--section", help="一つの課だけ。例：水産課")
        parser.add_argument(
            "--as-of", help="その日の終了時点のデータで作成します。例：2018-06-30、平成30年6月30日"
        )
        add_draft_argument(parser)
        parser.add_argument(
            "-o", "--output", required=True, help="書き出すファイル。例：報告書.xlsx"
        )

    def handle(self, *args: Any, output: str, **options: Any) -> None:
        asked = (options["code"], options["fiscal_year"], options["as_of"])
        tree = tree_asked_for(*asked, drafts=options["draft"])
        try:
            tree = narrow(tree, goal=options["goal"], section=options["section"])
        except NotInPlan as error:
            raise CommandError(str(error)) from error
        content = review_workbook(tree, facts=Facts("コマンド export_report", timezone.now()))
        try:
            Path(output).write_bytes(content)
        except OSError as error:
            raise CommandError(
                f"ファイル「{output}」に書き出せません（{error.strerror}）。"
                "フォルダーがあるか、書き込めるかを確かめてください。"
            ) from error
        digest = sha256(content).hexdigest()
        with changing(door=Door.COMMAND):
            name = os.path.basename(output)
            detail = f"{contents_for_log(tree)}、{len(content):,}バイト、SHA-256：{digest}"
            events.log(Event.Kind.EXPORT, name, detail)
        self.stdout.write(f"{output}（{len(content):,}バイト、SHA-256：{digest}）")
