"""Command: write 計画様式.xlsx, empty or filled."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from plans.tree import StrategyNotFound, read_plain_tree
from plans.workbook.rows import PlanRows
from reports.plan_workbook import (
    empty_rows,
    rows_from_text,
    rows_of_tree,
    text_of,
    workbook_content,
)


class Command(BaseCommand):
    help = "計画様式（.xlsx）を作ります。コードを指定すると、登録してある計画の内容が入ります。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", help="総合戦略のコード。省くと、空の様式です。")
        parser.add_argument("-o", "--output", type=Path, required=True, help="書き出すファイル")
        parser.add_argument(
            "--from-text",
            type=Path,
            help="計画の一覧の文字（PDFからコピーしたもの）のファイル。読み取った内容が入ります。",
        )

    def handle(
        self, *args: Any, code: str | None, output: Path, from_text: Path | None, **options: Any
    ) -> None:
        if code and from_text:
            raise CommandError("コードと --from-text は、どちらか一つを指定してください。")
        rows, title = empty_rows(), ""
        if code:
            rows, title = self._registered(code)
        elif from_text:
            rows = self._from_text(from_text)
        try:
            output.write_bytes(workbook_content(rows, title))
        except OSError as error:
            raise CommandError(
                f"ファイル「{output}」に書き込めません。名前と権限を確かめてください。"
            ) from error
        self.stdout.write(f"計画様式を「{output}」に書き出しました。")

    def _registered(self, code: str) -> tuple[PlanRows, str]:
        try:
            tree = read_plain_tree(code, drafts=True)
        except StrategyNotFound as error:
            raise CommandError(f"「{code}」という総合戦略は登録されていません。") from error
        return rows_of_tree(tree), tree.title

    def _from_text(self, file: Path) -> PlanRows:
        try:
            rows = rows_from_text(text_of(file.read_bytes()))
        except OSError as error:
            raise CommandError(
                f"ファイル「{file}」を開けません。名前と権限を確かめてください。"
            ) from error
        except ValueError as error:
            raise CommandError(f"ファイル「{file}」：{error}") from error
        if rows.unplaced:
            self.stdout.write(
                f"確かめるところが{len(rows.unplaced)}件あります。様式の「確かめるところ」のシートを見てください。"
            )
        return rows
