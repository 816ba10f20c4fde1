"""Encryption of backups: the format age, by keys in a file.

age is a published format with other programs that read it (Debian's package age), so that a backup
can be opened without this product. The server needs the public line of the key file only.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pyrage import DecryptError, IdentityError, RecipientError, decrypt_io, encrypt_io, x25519

from backups.faults import BackupError, DamagedBackup, disk_fault

FIRST_BYTES = b"age-encryption.org/"
SECRET = "AGE-SECRET-KEY-"  # noqa: S105  (how each key begins)
PUBLIC = "age1"


@dataclass(frozen=True)
class Key:
    """What encrypts (`recipients`) and decrypts (`identities`; empty on a server that cannot)."""

    recipients: list[Any]
    identities: list[Any]


def read_key_file(path: Path) -> Key:
    """Return the keys of a file as `make_key_file` or age-keygen writes it. Raises BackupError."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise disk_fault(path, error) from error
    except UnicodeDecodeError:
        lines = []
    try:
        identities = [x25519.Identity.from_str(one) for one in lines if one.startswith(SECRET)]
        recipients = [x25519.Recipient.from_str(one) for one in lines if one.startswith(PUBLIC)]
    except (IdentityError, RecipientError) as error:
        raise _no_key(path) from error
    if not identities and not recipients:
        raise _no_key(path)
    return Key([*recipients, *(one.to_public() for one in identities)], identities)


def _no_key(path: Path) -> BackupError:
    return BackupError(
        f"「{path}」は、バックアップの鍵のファイルではありません。"
        "manage.py backup --new-key で作ったファイルを指定してください。"
    )


def make_key_file(path: Path) -> str:
    """Write a new key into a new file that only its owner can read; return the public line."""
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"# public key: {public}\n{identity}\n")
    except FileExistsError as error:
        raise BackupError(
            f"「{path}」はすでにあります。上書きしていません。別の名前を指定してください。"
        ) from error
    except OSError as error:
        raise disk_fault(path, error) from error
    return public


class Target(Protocol):
    """What an encrypted content is written to."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


class _Watched:
    """Remembers the real error of a target, which the library does not pass on."""

    def __init__(self, file: Target) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._file.flush()


def _beside(work: Callable[[], None]) -> tuple[threading.Thread, list[Exception]]:
    """Start `work` in a thread: the library reads and writes everything in one blocking call."""
    faults: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            faults.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, faults


@contextmanager
def encrypting(target: Target, key: Key) -> Iterator[BinaryIO]:
    """Yield a file; what is written to it goes into `target`, encrypted."""
    reading, writing = os.pipe()
    watched = _Watched(target)

    def work() -> None:
        with open(reading, "rb") as plain:
            encrypt_io(plain, watched, key.recipients)

    thread, faults = _beside(work)
    try:
        # Broken: the thread has ended early, and its own fault is the cause.
        with suppress(BrokenPipeError), open(writing, "wb") as plain:
            yield plain
    finally:
        thread.join()
    if faults:
        raise watched.error or faults[0]


@contextmanager
def decrypting(source: BinaryIO, key: Key) -> Iterator[BinaryIO]:
    """Yield a file with the content of an encrypted one.

    Raises BackupError if the key does not fit and DamagedBackup if the content is not authentic,
    even if the block has already read a part of it.
    """
    reading, writing = os.pipe()
    with open(writing, "wb") as pipe:
        watched = _Watched(pipe)

        def work() -> None:
            with pipe:
                decrypt_io(source, watched, key.identities)

        thread, faults = _beside(work)
        try:
            with open(reading, "rb") as plain:
                yield plain
        except Exception:
            thread.join()
            _explain(faults, watched)
            raise
        thread.join()
        _explain(faults, watched)


def _explain(faults: list[Exception], watched: _Watched) -> None:
    if not faults or watched.error:  # the reader has stopped reading, for a reason of its own
        return
    if isinstance(faults[0], DecryptError) and "No matching keys" in str(faults[0]):
        raise BackupError(
            "この鍵では、暗号化されたバックアップを開けません。何も書き込んでいません。"
            "バックアップを作ったときの鍵のファイルを指定してください。"
        ) from faults[0]
    raise DamagedBackup("暗号を解けません") from faults[0]
