"""A backup that is damaged, cut off, foreign or newer is refused; keys open what they encrypted."""

import errno
import gzip
import io
import json
import os
import subprocess
import tarfile
from dataclasses import replace

import pytest

from backups.archive import PROGRAM, BackupHeader, writing
from backups.contents import DESCRIPTION, MANIFEST, POSTGRESQL, SQLITE
from backups.faults import BackupError, DamagedBackup, ForeignFile, disk_fault
from backups.keys import Key, encrypting, make_key_file, read_key_file
from backups.restoring import check_backup

WHAT = BackupHeader(
    version="1.0.0",
    made_at="2026-11-28T02:00:00+09:00",
    database="sqlite",
    migrations=[],
    city="見本市",
    city_code="",
    plans=["plan"],
    rows={},
    sequences={},
    evidence=1,
)
COPY = gzip.compress(b"SQLite format 3\0" + bytes(range(256)) * 20)
MEMBERS = {SQLITE: COPY, "settings.json": b"{}", "evidence/0a": b"%PDF"}


def written(header=WHAT, members=MEMBERS) -> bytes:
    target = io.BytesIO()
    with writing(target, header) as archive:
        for name, content in members.items():
            archive.add(name, io.BytesIO(content), len(content))
    return target.getvalue()


def places(content: bytes) -> dict[str, int]:
    """Return where each member's content begins."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {info.name: info.offset_data for info in tar}


@pytest.fixture
def check(tmp_path):
    """Return a function that checks a content as a file."""

    def check(content: bytes, key: Key | None = None) -> BackupHeader:
        path = tmp_path / "backup.tar"
        path.write_bytes(content)
        return check_backup(path, key).header

    return check


def test_a_whole_backup_says_what_it_is(check):
    assert check(written()) == WHAT


@pytest.mark.parametrize("name", [DESCRIPTION, *MEMBERS, MANIFEST])
def test_each_damaged_member_is_found(check, name):
    content = bytearray(written())
    place = places(content)[name]
    # In the middle of a word of the header: it can still be read.
    place += content[place:].find("見本市".encode()) if name == DESCRIPTION else 1
    content[place] ^= 1
    with pytest.raises(DamagedBackup):
        check(bytes(content))


@pytest.mark.parametrize("name", [*MEMBERS, MANIFEST])
@pytest.mark.parametrize("more", [-512, 1])
def test_a_backup_that_was_cut_off_is_found(check, name, more):
    """Before a member, where what is left is a whole tar, and within it."""
    content = written()
    with pytest.raises(DamagedBackup):
        check(content[: places(content)[name] + more])


@pytest.mark.parametrize("listed", [[DESCRIPTION], [DESCRIPTION, "evidence/0a", "evidence/0b"]])
def test_members_that_were_added_or_taken_away_are_found(check, listed):
    target = io.BytesIO()
    with writing(target, WHAT) as archive:
        archive.add("evidence/0a", io.BytesIO(b"%PDF"), 4)
        archive._members = {name: archive._members.get(name) for name in listed}
    with pytest.raises(DamagedBackup):
        check(target.getvalue())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({SQLITE: None}, "データベースがありません"),
        ({SQLITE: b"SELECT 1"}, "展開できません"),
        ({SQLITE: b""}, "SQLiteのデータベースではありません"),
        ({SQLITE: COPY[:-9]}, "展開できません"),
        ({SQLITE: COPY[:12] + b"\xff" * 40 + COPY[52:]}, "展開できません"),
        ({SQLITE: gzip.compress(b"PK")}, "SQLiteのデータベースではありません"),
        ({POSTGRESQL: b"PGDMP"}, "database.dump'は余分です"),
        ({"evidence/../../x": b""}, "余分です"),
        ({"evidence/": b""}, "余分です"),
        ({"evidence/0b": b""}, "多すぎます"),
        ({"evidence/.hidden": b""}, "余分です"),
        ({"evidence//etc/x": b""}, "余分です"),
        ({"/etc/cron.d/x": b""}, "余分です"),
    ],
)
def test_a_crafted_backup_fits_its_hashes_and_is_refused(check, changed, said):
    members = {name: data for name, data in (MEMBERS | changed).items() if data is not None}
    with pytest.raises(DamagedBackup, match=said):
        check(written(members=members))


def test_a_dump_of_postgresql_has_to_be_one(check):
    header = replace(WHAT, database="postgresql")
    assert check(written(header, {POSTGRESQL: b"PGDMP\1"})) == header
    with pytest.raises(DamagedBackup, match="ダンプではありません"):
        check(written(header, {POSTGRESQL: b"DROP TABLE"}))


def test_a_link_is_no_member(check):
    target = io.BytesIO(written())
    with tarfile.open(fileobj=target, mode="a") as tar:
        link = tarfile.TarInfo("evidence/0b")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(DamagedBackup, match="余分です"):
        check(target.getvalue())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", 1),
        ("version", "9" * 5000),
        ("made_at", None),
        ("database", "oracle"),
        ("database", ["sqlite"]),
        ("migrations", ["accounts"]),
        ("migrations", [["accounts", 1]]),
        ("migrations", {}),
        ("city", 5),
        ("city_code", []),
        ("plans", "plan"),
        ("rows", ["goals_strategy"]),
        ("rows", {'x"; DROP TABLE y; --': 1}),
        ("rows", {"goals_strategy": -1}),
        ("sequences", {"goals_strategy": 2**63}),
        ("sequences", {"goals_strategy": True}),
        ("evidence", "6"),
    ],
)
def test_a_fact_of_another_type_is_refused(check, name, value):
    with pytest.raises(DamagedBackup, match=f"backup.json の {name}"):
        check(written(replace(WHAT, **{name: value})))


def test_json_that_is_nested_deeply_is_refused(check):
    with pytest.raises(DamagedBackup):
        check(tar_of(DESCRIPTION, b"[" * 200_000))


def tar_of(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04" + bytes(2000),
        tar_of("photo.jpg", b"\xff\xd8"),
        tar_of(DESCRIPTION, json.dumps({"program": "another", "format": 1}).encode()),
    ],
)
def test_a_file_that_is_not_a_backup_is_refused(check, content):
    with pytest.raises(ForeignFile):
        check(content)


def test_a_format_of_the_future_asks_for_a_newer_program(check):
    future = {"program": PROGRAM, "format": 2, "version": "3.0.0", "else": 1}
    with pytest.raises(BackupError, match=r"新しい版（3\.0\.0）"):
        check(tar_of(DESCRIPTION, json.dumps(future).encode()))


@pytest.fixture
def key(tmp_path):
    make_key_file(tmp_path / "key")
    return read_key_file(tmp_path / "key")


def encrypted(key, content=None) -> bytes:
    target = io.BytesIO()
    with encrypting(target, key) as plain:
        plain.write(content or written())
    return target.getvalue()


def test_only_the_right_key_opens_an_encrypted_backup(check, key, tmp_path):
    content = encrypted(key)
    assert "見本市".encode() not in content
    assert check(content, key) == WHAT
    make_key_file(tmp_path / "other")
    for wrong in (None, Key(key.recipients, [])):
        with pytest.raises(BackupError, match="暗号化されています"):
            check(content, wrong)
    with pytest.raises(BackupError, match="この鍵では"):
        check(content, read_key_file(tmp_path / "other"))


@pytest.mark.parametrize("size", [65_536, 5_000, -1, 100])
def test_an_encrypted_backup_that_was_cut_off_is_found(check, key, size):
    large = written(members={SQLITE: COPY, "evidence/0a": bytes(range(256)) * 1000})
    with pytest.raises(DamagedBackup):
        check(encrypted(key, large)[:size], key)


def test_an_encrypted_backup_that_was_changed_behind_its_end_is_found(check, key):
    """The last bytes of a tar mean nothing, but the encryption still authenticates them."""
    content = bytearray(encrypted(key))
    content[-20] ^= 1
    with pytest.raises(DamagedBackup):
        check(bytes(content), key)


def test_a_fault_while_encrypting_is_the_one_that_happened(key):
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left") as raised, encrypting(Full(), key) as plain:
        plain.write(bytes(1_000_000))
    assert raised.value.errno == 28


def test_a_key_is_private_never_overwritten_and_may_be_its_public_half(tmp_path):
    path = tmp_path / "key"
    public = make_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupError, match="すでにあります"):
        make_key_file(path)
    (tmp_path / "public").write_text(f"{public}\n")
    half = read_key_file(tmp_path / "public")
    assert half.identities == []
    assert str(half.recipients[0]) == public


@pytest.mark.parametrize("text", ["", "合言葉", "age1wrong", "AGE-SECRET-KEY-1WRONG"])
def test_an_invalid_key_is_refused(tmp_path, text):
    (tmp_path / "key").write_text(text)
    with pytest.raises(BackupError, match="鍵のファイルではありません"):
        read_key_file(tmp_path / "key")


def test_a_tar_of_debian_reads_an_open_backup(tmp_path):
    """Nobody needs this program to get at the data."""
    (tmp_path / "backup.tar").write_bytes(written())
    listed = subprocess.run(
        ["tar", "-tf", tmp_path / "backup.tar"], capture_output=True, text=True, check=True
    )
    assert listed.stdout.split() == [DESCRIPTION, *MEMBERS, MANIFEST]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "「/mnt/b」に空きがありません。"),
        (errno.EROFS, "権限があるか確かめてください"),
        (errno.EIO, "「/mnt/b」を読み書きできません（Input/output error）。"),
    ],
)
def test_a_place_that_fails_is_named_with_a_remedy(number, said):
    assert said in str(disk_fault("/mnt/b", OSError(number, os.strerror(number))))


def test_a_file_or_a_key_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BackupError, match="none」がありません"):
        check_backup(tmp_path / "none", None)
    with pytest.raises(BackupError, match="none」を読み書きできません"):
        read_key_file(tmp_path / "none")
    with pytest.raises(BackupError, match="読み書きできません"):
        make_key_file(tmp_path / "none" / "key")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(BackupError, match="鍵のファイルではありません"):
        read_key_file(tmp_path / "binary")


def test_an_invalid_list_of_members_counts_as_damage(check):
    content = written()
    place = places(content)[MANIFEST]
    with pytest.raises(DamagedBackup):
        check(content[:place] + b"[".ljust(len(content) - place, b" "))
