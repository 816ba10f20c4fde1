"""Writes the public pages as files, for a web server that knows nothing of this one."""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import cast
from uuid import uuid4

from django.contrib.staticfiles import finders

from reviews.public_site.links import ASSETS, FolderLinks, file_of
from reviews.public_site.pages import (
    ICON,
    STYLE_SHEETS,
    all_pages,
    html_of,
    public_file_content,
    public_files,
)
from reviews.public_site.published import Shelf

MANIFEST = "files.sha256"
"""The list of all files with their digests, as sha256sum reads it. It tells a folder of ours."""


class CannotExport(Exception):
    """Nothing was written; the message says why and what to do."""


def site_files(shelf: Shelf) -> Iterator[tuple[str, bytes]]:
    """Yield all files of the site: path within the folder, and content.

    The same published editions give the same files.
    """
    for page in all_pages(shelf):
        yield file_of(page.address), html_of(page, FolderLinks(page.address)).encode()
    for edition, file in public_files(shelf):
        yield edition.address + file.path, public_file_content(edition, file)
    for name in (*STYLE_SHEETS, ICON):
        yield ASSETS + name, Path(cast(str, finders.find(name))).read_bytes()


def export_site(shelf: Shelf, folder: Path) -> int:
    """Write the site into a folder and return the number of its files.

    All is written beside it first: the folder has the whole site or, after a failure, what it had.
    Raises CannotExport for a folder with anything that this function has not written, and OSError.
    """
    folder = folder.resolve()
    if not folder.parent.is_dir():
        raise CannotExport(f"「{folder.parent}」というフォルダーがありません。先に作ってください。")
    _refuse_foreign(folder)
    beside = folder.with_name(f".{folder.name}.{uuid4().hex[:12]}")
    try:
        count = _write(beside, site_files(shelf))
        _put_in_place(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return count


def _write(folder: Path, files: Iterator[tuple[str, bytes]]) -> int:
    lines = []
    for name, content in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        lines.append(f"{sha256(content).hexdigest()}  {name}\n")
    (folder / MANIFEST).write_text("".join(sorted(lines)), encoding="utf-8")
    return len(lines)


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise CannotExport(f"「{folder}」はフォルダーではありません。別の名前を指定してください。")
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    foreign = sorted(found - _written_before(folder))
    if foreign:
        names = "、".join(foreign[:3]) + ("など" if len(foreign) > 3 else "")
        raise CannotExport(
            f"「{folder}」に、この操作で作ったものではないファイルが{len(foreign)}個あります"
            f"（{names}）。消さないように、何も書いていません。"
            "別のフォルダーを指定するか、そのファイルを移してください。"
        )


def _written_before(folder: Path) -> set[str]:
    try:
        lines = (folder / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return set()
    return {MANIFEST, *(line.partition("  ")[2] for line in lines)}


def _put_in_place(new: Path, folder: Path) -> None:
    """Replace a folder by another, and restore it if that fails."""
    if not folder.exists():
        new.rename(folder)
        return
    old = new.with_name(f"{new.name}.old")
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)
