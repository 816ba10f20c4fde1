"""A backup as one file: a tar with its description first, its members, and their SHA-256 last.

Everything is written and read in one pass, so that neither memory nor a copy on disk is needed.
The list of members comes last, because their hashes are known only then; a file that was cut off
has none.
"""

import io
import json
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO

from backups.contents import DATABASES, DESCRIPTION, MANIFEST, check_facts, check_name
from backups.faults import BackupError, DamagedBackup, ForeignFile, disk_fault
from backups.keys import FIRST_BYTES, Key, Target, decrypting

PROGRAM = "nemuro-strategy"
FORMAT = 1
"""Raised when an older program could not read the file any more."""

MAX_JSON = 16 * 1024 * 1024

UNREADABLE = (tarfile.TarError, ValueError, OverflowError, RecursionError)
"""What the modules tarfile and json raise for a content that nobody wrote by mistake."""


@dataclass(frozen=True)
class BackupHeader:
    """What is in a backup. Metadata read from the same snapshot as the copy."""

    version: str
    made_at: str
    database: str
    """sqlite or postgresql."""
    migrations: list[list[str]]
    city: str
    city_code: str
    plans: list[str]
    rows: dict[str, int]
    """The number of rows by table."""
    sequences: dict[str, int]
    """The last id that each table has assigned: ids of deleted rows are never reused."""
    evidence: int
    """The number of files that the rows of 根拠資料 name."""
    program: str = PROGRAM
    format: int = FORMAT


@dataclass
class _Hashing:
    """A file that counts and hashes what is read from it."""

    file: IO[bytes]
    size: int = 0
    digest: Any = field(default_factory=sha256)

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.size += len(data)
        self.digest.update(data)
        return data

    @property
    def facts(self) -> dict[str, Any]:
        return {"size": self.size, "sha256": self.digest.hexdigest()}


class Writer:
    """Adds members to a backup, and the list of them at the end; see `writing`."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, source: IO[bytes], size: int) -> None:
        """Add a member of exactly `size` bytes from `source`; its hash goes into the list."""
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(time.time())
        hashing = _Hashing(source)
        self._tar.addfile(info, hashing)  # it needs read() only
        self._members[name] = hashing.facts

    def add_json(self, name: str, content: Any) -> None:
        """Add a member as indented JSON, which a person can read."""
        data = json.dumps(content, ensure_ascii=False, indent=1).encode()
        self.add(name, io.BytesIO(data), len(data))

    def add_list(self) -> None:
        """Add the list of all members so far, with their hashes."""
        self.add_json(MANIFEST, {"members": dict(self._members)})


@contextmanager
def writing(target: Target, header: BackupHeader) -> Iterator[Writer]:
    """Yield what writes a backup; it is whole when the block ends without an error."""
    file: Any = target  # a tar that is written in one pass needs write() only
    with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        writer = Writer(tar)
        writer.add_json(DESCRIPTION, asdict(header))
        yield writer
        writer.add_list()


Receive = Callable[[BackupHeader, str, IO[bytes]], None]
"""Takes a member as it is read: what the backup is, the member's name and its content."""


def read_backup(path: Path, key: Key | None, receive: Receive | None = None) -> BackupHeader:
    """Read a whole backup, check every member, and return what it is.

    Raises ForeignFile, DamagedBackup, or a BackupError that says which key is missing or wrong.
    What `receive` gets is not checked yet: read the file without it first.
    """
    try:
        with path.open("rb") as file, _plain(file, key) as source:
            return _read(source, receive)
    except OSError as error:
        raise disk_fault(path, error) from error


@contextmanager
def _plain(file: BinaryIO, key: Key | None) -> Iterator[BinaryIO]:
    is_encrypted = file.read(len(FIRST_BYTES)) == FIRST_BYTES
    file.seek(0)
    if not is_encrypted:
        yield file
    elif key is None or not key.identities:
        raise BackupError(
            "このバックアップは暗号化されています。何も書き込んでいません。"
            "秘密鍵のファイルを --key で指定してください。"
        )
    else:
        with decrypting(file, key) as plain:
            yield plain


def _read(source: BinaryIO, receive: Receive | None) -> BackupHeader:
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            header = _read_members(tar, receive)
    except UNREADABLE as error:
        raise ForeignFile from error
    while source.read(1 << 20):  # to the end: only there the encryption says that all is authentic
        pass
    return header


def _read_members(tar: tarfile.TarFile, receive: Receive | None) -> BackupHeader:
    members: dict[str, dict[str, Any]] = {}
    header: BackupHeader | None = None
    listed = None
    try:
        for info in tar:
            content = tar.extractfile(info) if info.isreg() else None
            if content is None or listed is not None or info.name in members:
                raise DamagedBackup(f"{info.name!r}は余分です")
            hashing = _Hashing(content)
            if header is None:
                header = _header(info.name, hashing)
            elif info.name == MANIFEST:
                listed = _json(MANIFEST, hashing)
                continue
            else:
                _pass_on(header, info.name, hashing, receive)
            while hashing.read(1 << 20):
                pass
            members[info.name] = hashing.facts
    except UNREADABLE as error:
        raise DamagedBackup("途中で切れています") from error
    if header is None:
        raise ForeignFile
    _compare(members, listed)
    if DATABASES[header.database] not in members:
        raise DamagedBackup("データベースがありません")
    return header


def _pass_on(header: BackupHeader, name: str, content: Any, receive: Receive | None) -> None:
    check_name(name, header.database)
    if receive:
        receive(header, name, content)


def _header(name: str, content: _Hashing) -> BackupHeader:
    """Return what the first member says; a tar of something else has none."""
    if name != DESCRIPTION:
        raise ForeignFile
    said = _json(DESCRIPTION, content)
    if not isinstance(said, dict) or said.get("program") != PROGRAM:
        raise ForeignFile
    if said.get("format") != FORMAT:
        raise newer(str(said.get("version")))
    check_facts(said)
    try:
        return BackupHeader(**said)
    except TypeError as error:
        raise DamagedBackup(DESCRIPTION) from error


def newer(version: str) -> BackupError:
    """Return the refusal of a backup that this program is too old for."""
    return BackupError(
        f"このプログラムより新しい版（{version}）のバックアップです。何も書き込んでいません。"
        "プログラムをその版に更新してから、もう一度実行してください。"
    )


def _json(name: str, content: _Hashing) -> Any:
    try:
        return json.loads(content.read(MAX_JSON))
    except (ValueError, RecursionError) as error:
        raise DamagedBackup(name) from error


def _compare(members: dict[str, dict[str, Any]], listed: Any) -> None:
    if listed is None:
        raise DamagedBackup("途中で切れています")
    expected = listed.get("members") if isinstance(listed, dict) else None
    if not isinstance(expected, dict):
        raise DamagedBackup(MANIFEST)
    for name in sorted({*members, *expected}):
        if name not in members or members[name] != expected.get(name):
            raise DamagedBackup(name)
