"""Command: make a trial with invented people and values."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.evidence import add_evidence
from demo.trial import DemoRefused, NotOnlyATrial, check_database, make_demo

NOT_ONLY_A_TRIAL = 3
"""The exit code where the database is not one for a trial: `make run` then serves it as it is."""


class Command(BaseCommand):
    help = (
        "試用のために、根室市の総合戦略、架空の利用者と架空の実績値を入れます。"
        "2回目からは何も変えません。ほかのデータのあるデータベースには入れません。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            dest="check_only",
            help="入れてよいデータベースかを確かめるだけで、何も変えません。表がまだなくても使えます。",
        )

    def handle(self, *args: Any, check_only: bool, **options: Any) -> None:
        file = settings.DATA_DIR / "logins.txt"
        try:
            if check_only:
                check_database()
                return
            demo = make_demo(file)
        except NotOnlyATrial as error:
            raise CommandError(str(error), returncode=NOT_ONLY_A_TRIAL) from error
        except DemoRefused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"ファイル「{file}」を読み書きできません（{error.strerror}）。何も変えていません。"
                "名前と権限を確かめてください。"
            ) from error
        if demo.made:
            add_evidence()
        else:
            self.stdout.write("試用のデータはすでにあります。何も変えていません。")
        self.stdout.write("試用環境です。実績値は架空のものです。")
        if demo.log_ins is None:
            self.stdout.write(
                f"ログインの一覧（{file}）がありません。"
                "パスワードは manage.py changepassword 職員番号 で付け直せます。"
            )
        else:
            self.stdout.write(demo.log_ins.rstrip())
            self.stdout.write(f"この一覧は {file} にあります。")
