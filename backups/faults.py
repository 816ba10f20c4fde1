"""Why a backup was not made or restored, as a message for the person at the keyboard."""

import errno
from pathlib import Path


class BackupError(Exception):
    """The backup was not made or restored; the message says why and what to do."""


class DamagedBackup(BackupError):
    """The file is a backup of this program, but its content is not what was written."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"バックアップのファイルが壊れています（{what}）。何も書き込んでいません。"
            "別のバックアップを使ってください。"
        )


class ForeignFile(BackupError):
    """The file is not a backup of this program."""

    def __init__(self) -> None:
        super().__init__(
            "このプログラムのバックアップではありません。何も書き込んでいません。"
            "manage.py backup で作ったファイルを指定してください。"
        )


def disk_fault(place: Path | str, error: OSError) -> BackupError:
    """Return the message for a place that could not be read or written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BackupError(
            f"「{place}」に空きがありません。空きを増やすか、残す数（BACKUP_KEEP）を減らしてください。"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return BackupError(
            f"「{place}」を読み書きできません（{error.strerror}）。"
            "このコマンドを実行する利用者に権限があるか確かめてください。"
        )
    return BackupError(f"「{place}」を読み書きできません（{error.strerror or error}）。")
