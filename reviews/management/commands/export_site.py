"""Writes the public pages as files for the city's own web server."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.public_site.exporting import CannotExport, export_site
from reviews.public_site.published import Shelf, read_shelf


class Command(BaseCommand):
    """Write what /public/ shows into a folder, whether or not /public/ is switched on."""

    help = "公表した検証調書の画面とファイルを、市のウェブサーバーに置くフォルダーに書き出します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="フォルダー", help="書き出す場所")
        parser.add_argument("--plan", metavar="コード", help="この計画だけを書き出す")

    def handle(self, *args: Any, **options: Any) -> None:
        shelf, code, folder = read_shelf(), options["plan"], options["folder"]
        if code is not None:
            shelf = Shelf(shelf.of_plan(code))
        if not shelf.editions:
            which = f"計画「{code}」に、" if code else ""
            raise CommandError(
                f"{which}公表した検証調書がありません。検証調書の画面で「公表する」を押し、"
                "公表日を入力すると、書き出せます。何も書いていません。"
            )
        try:
            count = export_site(shelf, folder)
        except CannotExport as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"「{folder}」に書き出せません（{error.strerror}）。権限と空き容量を確かめてください。"
                "前の内容は、そのまま残っています。"
            ) from error
        self.stdout.write(
            f"検証調書{len(shelf.editions)}件を、{count}個のファイルにして「{folder}」に書き出しました。"
        )
