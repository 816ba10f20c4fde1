"""A workbook as it looks on paper: LibreOffice prints it, and a part of the first page is kept."""

import subprocess
import tempfile
from pathlib import Path

DPI = 104
"""Dots per inch at which the letters of an A3 page can still be read in the manual."""

MM = DPI / 25.4


def first_page(workbook: bytes, *, left: int, top: int, width: int, height: int) -> bytes:
    """Return a part of the first page as PNG; where it is and how large, in millimetres."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "form.xlsx").write_bytes(workbook)
        _run(
            "soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
            "--convert-to", "pdf", "--outdir", folder, folder / "form.xlsx",
        )  # fmt: skip
        x, y, w, h = (round(length * MM) for length in (left, top, width, height))
        _run(
            "pdftoppm", "-png", "-singlefile", "-r", DPI, "-x", x, "-y", y, "-W", w, "-H", h,
            folder / "form.pdf", folder / "form",
        )  # fmt: skip
        return (folder / "form.png").read_bytes()


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=180)
