"""The folder of backups: names that sort by time, whole files or none, and how many are kept."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from backups.faults import BackupError, disk_fault

NAME = re.compile(r"backup-[0-9]{8}-[0-9]{6}(?:-([0-9]{6}))?\.tar(?:\.age)?")
"""The only files that are ever deleted. The group is the city's code, where it is known."""

UNFINISHED = ".part"


@contextmanager
def work_folder() -> Iterator[Path]:
    """Yield an empty folder in DATA_DIR for temporary files; one command at a time.

    It has the whole database unencrypted, so it is beside the database, not beside the backups.
    """
    folder = settings.DATA_DIR / "backup-work"
    try:
        lock = (settings.DATA_DIR / "backup.lock").open("a")
    except OSError as error:
        raise disk_fault(settings.DATA_DIR, error) from error
    with lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except OSError as error:
            raise BackupError(
                "ほかのバックアップか復元が実行中です。終わってから、もう一度実行してください。"
            ) from error
        try:
            shutil.rmtree(folder, ignore_errors=True)  # left by a command that was killed
            folder.mkdir(mode=0o700)
            yield folder
        except OSError as error:
            raise disk_fault(error.filename or folder, error) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def check_folder(folder: Path) -> None:
    """Raise BackupError unless backups can be written into the folder.

    It is not created: where a network drive is not mounted, the backup would land on the same disk.
    """
    if not folder.exists():
        raise BackupError(
            f"フォルダー「{folder}」がありません。"
            "作るか、ネットワークのドライブがつながっているか確かめてください。"
        )
    if not folder.is_dir():
        raise BackupError(f"「{folder}」はフォルダーではありません。")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BackupError(
            f"フォルダー「{folder}」に書き込めません。"
            "このコマンドを実行する利用者に権限があるか確かめてください。"
        )


def new_path(folder: Path, now: datetime, city_code: str, ending: str) -> Path:
    """Return a name that is free: that of this second or the next free one."""
    code = f"-{city_code}" if city_code else ""
    while (path := folder / f"backup-{now:%Y%m%d-%H%M%S}{code}{ending}").exists():
        now += timedelta(seconds=1)
    return path


@contextmanager
def whole_file(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Yield a file, and its path, that gets its name only when the block ends without an error.
    Only its owner can read it. The block flushes it to disk and checks it.
    """
    for left in path.parent.glob(f".backup-*{UNFINISHED}"):  # left by a backup that was killed
        if _code_of(left.name.removeprefix(".").removesuffix(UNFINISHED)) == _code_of(path.name):
            with suppress(OSError):
                left.unlink()
    part = path.with_name(f".{path.name}{UNFINISHED}")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file, part
        part.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise disk_fault(path.parent, error) from error
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Flush the new name to disk; network drives may not support that."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_old(new: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups of this city, never the new one; return them.

    Other files stay, and so do the backups of other cities in the same folder.
    """
    others = sorted(
        path
        for path in new.parent.iterdir()
        if path != new and path.is_file() and _code_of(path.name) == _code_of(new.name)
    )
    old = others[: max(0, len(others) + 1 - keep)]
    for path in old:
        try:
            path.unlink()
        except OSError as error:
            raise BackupError(
                f"バックアップ「{new.name}」は作りましたが、古い「{path.name}」を削除できません"
                f"（{error.strerror}）。フォルダーの権限を確かめてください。"
            ) from error
    return old


def _code_of(name: str) -> str | None:
    """Return the city's code in the name of a backup, "" without one, None for other files."""
    found = NAME.fullmatch(name)
    return (found[1] or "") if found else None
