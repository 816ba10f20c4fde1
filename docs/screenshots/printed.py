"""Pictures of workbooks as printed by LibreOffice."""

import io
import re
import subprocess
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

TIMEOUT = 300


def printed(content: bytes, words: str, *, width: int, height: int, top: int = 0) -> bytes:
    """Return the first page that contains `words` as a PNG; sizes are in pixels.

    `top` and `height` crop the page, for example the footer with the day of the picture.
    """
    with TemporaryDirectory(prefix="printed-") as directory:
        folder = Path(directory)
        book, paper = folder / "book.xlsx", folder / "book.pdf"
        book.write_bytes(content)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        _run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, book)
        pages = _run("pdftotext", paper, "-").decode().split("\f")
        number = next((n for n, text in enumerate(pages, 1) if words in text), None)
        if number is None:
            raise RuntimeError(f"「{words}」は、どのページにもありません。")
        only = ("-f", str(number), "-l", str(number))
        size = ("-scale-to-x", str(width), "-scale-to-y", "-1")
        cut = ("-x", "0", "-y", str(top), "-W", str(width), "-H", str(height))
        return _run("pdftoppm", "-png", *only, *size, *cut, paper)


def without_print_areas(content: bytes) -> bytes:
    """Return a workbook that prints all of each sheet, as after 印刷範囲のクリア."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(output, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/workbook.xml":
                part = re.sub(rb'<definedName name="_xlnm.Print_Area".*?</definedName>', b"", part)
            new.writestr(name, part)
    return output.getvalue()


def _run(*command: str | Path) -> bytes:
    return subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=True).stdout
