"""Command: make a backup, check one, or make a key for them."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backups.faults import BackupError
from backups.keys import Key, make_key_file, read_key_file
from backups.restoring import check_backup, with_missing_files
from backups.taking import take_backup
from tables.uploads import megabytes

EVIDENCE_LOST = 3
"""The exit code of a backup that was made or restored, but of which files of 根拠資料 are lost."""


def chosen_key(path: str | None) -> Key | None:
    """Return the keys of a file or of the settings; None if there are none."""
    chosen = path or settings.BACKUP_KEY_FILE
    return read_key_file(Path(chosen)) if chosen else None


def _number_kept(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ArgumentTypeError(f"「{text}」は、0以上の整数ではないか、大きすぎます。")
    return int(text)


class Command(BaseCommand):
    help = (
        "データベース、根拠資料、設定（秘密のものを除く）を、1つのファイルにバックアップします。"
        "利用者が作業している間も実行できます。作ったファイルを確かめてから、古いものを削除します。"
        "終了コード：0 成功、1 作れなかった、"
        f"{EVIDENCE_LOST} 作ったが、読めないか変わっている根拠資料がある。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("folder", nargs="?", help="バックアップを置くフォルダー")
        what.add_argument("--check", metavar="FILE", help="バックアップのファイルを確かめます。")
        what.add_argument("--new-key", metavar="FILE", help="暗号化の鍵のファイルを作ります。")
        parser.add_argument(
            "--keep",
            type=_number_kept,
            default=settings.BACKUP_KEEP,
            help="残す数（BACKUP_KEEP、今は%(default)s）。0ならすべて残します。",
        )
        parser.add_argument("--key", metavar="FILE", help="鍵のファイル（なければBACKUP_KEY_FILE）")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if "" in (options["folder"], options["check"], options["new_key"]):
                raise BackupError("フォルダーかファイルの名前が空です。名前を指定してください。")
            if options["new_key"]:
                self._make_key(Path(options["new_key"]))
            elif options["check"]:
                self._check(Path(options["check"]), chosen_key(options["key"]))
            else:
                self._take(Path(options["folder"]), options["keep"], chosen_key(options["key"]))
        except BackupError as error:
            raise CommandError(str(error)) from error

    def _take(self, folder: Path, keep: int, key: Key | None) -> None:
        if keep < 0:
            raise BackupError("--keep には0以上の整数を指定してください。")
        taken = take_backup(folder, keep=keep, key=key)
        plans = "、".join(taken.plans) or "なし"
        self.stdout.write(
            f"バックアップを作り、確かめました：{taken.path}（{megabytes(taken.size)}、"
            f"計画 {plans}、根拠資料{taken.evidence}件）"
        )
        for path in taken.removed:
            self.stdout.write(f"古いバックアップを削除しました：{path.name}")
        if taken.lost:
            raise CommandError(
                f"根拠資料{len(taken.lost)}件が、読めないか、添付したときの内容と違います"
                f"（{'、'.join(taken.lost[:5])}）。前のバックアップに残っている場合があるため、"
                "古いバックアップは削除していません。manage.py check_evidence で確かめてください。",
                returncode=EVIDENCE_LOST,
            )

    def _check(self, path: Path, key: Key | None) -> None:
        checked = check_backup(path, key)
        header = checked.header
        self.stdout.write(
            f"正しいバックアップです：{header.city or '市町村名は未登録'}、"
            f"{header.made_at}、版{header.version}、{header.database}、"
            f"計画 {'、'.join(header.plans) or 'なし'}、{sum(header.rows.values()):,}行、"
            f"{with_missing_files(header.evidence, checked.missing)}"
        )

    def _make_key(self, path: Path) -> None:
        public = make_key_file(path)
        self.stdout.write(
            f"鍵のファイルを作りました：{path}\n公開鍵：{public}\n"
            "このファイルがないと、バックアップは開けません。印刷するなどして、"
            "サーバーとバックアップのほかにも保管してください。"
        )
