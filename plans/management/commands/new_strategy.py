"""Command: import 計画様式.xlsx as a draft."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import access
from accounts.models import User
from plans.workbook.described import ALL_OTHERS, NEW, SHARE
from plans.workbook.importing import PlanComparison, PlanImporter
from tables.importing import carry_out, rehearse
from tables.uploads import UploadError, accept
from trail.history import Door


class Command(BaseCommand):
    help = "計画様式（.xlsx）を、作成中の計画として登録します。あれば、それを書き換えます。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="例：計画様式.xlsx")
        parser.add_argument("--by", help="登録する人（企画担当）の職員番号。実績値があるときは必須")
        parser.add_argument(
            "--check", action="store_true", help="読み取った内容と誤りを示すだけで、登録しません。"
        )
        shared = parser.add_mutually_exclusive_group()
        shared.add_argument(
            "--share",
            action="store_true",
            help="名称と単位が同じ指標が登録されていれば、それを共有します。",
        )
        shared.add_argument(
            "--no-share",
            action="store_true",
            help="名称と単位が同じ指標が登録されていても、別の指標とします。",
        )

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        importer = PlanImporter(
            self._user(options["by"]), reason=f"{file.name}の取込み", door=Door.COMMAND
        )
        try:
            book = importer.read(accept(file.name, file.read_bytes()))
        except OSError as error:
            raise CommandError(
                f"ファイル「{file}」を開けません。名前と権限を確かめてください。"
            ) from error
        except UploadError as error:
            raise CommandError(str(error)) from error
        found = self._compared(importer, book)
        if found.questions and (options["share"] or options["no_share"]):
            importer.decisions = {ALL_OTHERS: SHARE if options["share"] else NEW}
            found = self._compared(importer, book)
        self._tell(found)
        if options["check"]:
            self.stdout.write(f"取り込めます（まだ登録していません）：{importer.summary([found])}")
        elif not (found.changes or found.gone):
            self.stdout.write("変わるものはありません。何も登録していません。")
        else:
            _, is_written = carry_out(importer, [book], [found.digest])
            if not is_written:
                raise CommandError("登録されている内容が変わりました。もう一度実行してください。")
            self.stdout.write(f"登録しました：{importer.summary([found])}")

    def _user(self, username: str | None) -> User | None:
        if username is None:
            return None
        user = User.objects.filter(username=username).first()
        if user is None or not access.may_import_tables(user):
            raise CommandError(f"職員番号「{username}」の企画担当はいません。")
        return user

    def _compared(self, importer: PlanImporter, book: Any) -> PlanComparison:
        [found] = rehearse(importer, [book])
        assert isinstance(found, PlanComparison)
        return found

    def _tell(self, found: PlanComparison) -> None:
        """Print doubts and notes. Raises CommandError if the workbook cannot be imported."""
        place_of = found.document.place_of
        if found.faults:
            lines = [f"{place_of(one)}：{one.message}" for one in found.faults]
            raise CommandError("取り込めません。何も登録していません。\n" + "\n".join(lines))
        if found.questions:
            lines = [f"{one.place}　{one.name}" for one in found.questions]
            raise CommandError(
                "名称と単位が同じ指標が登録されています。共有するなら --share、"
                "別の指標とするなら --no-share を付けてください。\n" + "\n".join(lines)
            )
        for note in found.document.notes:
            self.stdout.write(note)
        for doubt in found.described.doubts if found.described else ():
            self.stdout.write(f"確かめるところ：{place_of(doubt)}：{doubt.message}")
        for gone in found.gone:
            self.stdout.write(f"なくなるもの：{gone}")
