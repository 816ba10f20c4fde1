"""Recalculates workbooks with LibreOffice, as Excel does when somebody changes an input."""

import io
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from xml.etree import ElementTree

# LibreOffice trusts the results in a file unless it is told to compute always: without this a test
# would compare the stored results with themselves.
ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""
XLSX = "xlsx:Calc MS Excel 2007 XML"
TIMEOUT = 600
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

Address = tuple[str, str]
"""Sheet and cell."""


class Formula(NamedTuple):
    """A formula and its result: a number, a text (also that of an error), "" for nothing."""

    formula: str
    result: float | str


def recalculated(contents: Mapping[str, bytes]) -> dict[str, dict[Address, Formula]]:
    """Return the formulas of workbooks, by the names given, with what LibreOffice computes."""
    return {name: formulas(content) for name, content in converted(contents, XLSX, "xlsx").items()}


@cache
def profile() -> TemporaryDirectory:
    """LibreOffice's settings, made once: each process of the tests has its own, which no two starts
    use at the same time. Deleted with the process.
    """
    folder = TemporaryDirectory()
    (Path(folder.name) / "user").mkdir()
    (Path(folder.name) / "user/registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)
    return folder


def converted(contents: Mapping[str, bytes], to: str, ending: str) -> dict[str, bytes]:
    """Return what LibreOffice makes of workbooks, all in one run."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for part in ("in", "out"):
            (root / part).mkdir()
        files = []
        for number, content in enumerate(contents.values()):
            files.append(root / "in" / f"{number}.xlsx")
            files[-1].write_bytes(content)
        command = [
            "soffice",
            f"-env:UserInstallation=file://{profile().name}",
            "--headless",
            "--convert-to",
            to,
            "--outdir",
            root / "out",
            *files,
        ]
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return {
            name: (root / "out" / f"{number}.{ending}").read_bytes()
            for number, name in enumerate(contents)
        }


class Cells(NamedTuple):
    """The contents of the cells of a workbook: formulas with their stored results, and the rest."""

    formulas: dict[Address, Formula]
    constants: dict[Address, float | str | None]


def formulas(content: bytes) -> dict[Address, Formula]:
    """Return every formula of a workbook with the result stored beside it."""
    return cells(content).formulas


@lru_cache(maxsize=2)
def cells(content: bytes) -> Cells:
    """Return the cells of a workbook, which is read once for those who compute and who compare.

    Reads the XML itself: openpyxl gives either formulas or results, and is slow for thousands.
    """
    found = Cells({}, {})
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        shared = []
        if "xl/sharedStrings.xml" in package.namelist():
            shared = list(ElementTree.fromstring(package.read("xl/sharedStrings.xml")))
        for name, file in sheet_files(package):
            root = ElementTree.fromstring(package.read(file))
            for cell in root.iter(f"{MAIN}c"):
                formula, address = cell.find(f"{MAIN}f"), (name, cell.get("r"))
                if formula is None:
                    found.constants[address] = _constant(cell, shared)
                else:
                    result = _result(cell.get("t", "n"), cell.findtext(f"{MAIN}v") or "")
                    found.formulas[address] = Formula(formula.text or "", result)
    return found


def _constant(cell: ElementTree.Element, shared: list[ElementTree.Element]) -> float | str | None:
    """Return the content of a cell; its text is in it (openpyxl) or shared (XlsxWriter)."""
    kind, text = cell.get("t", "n"), cell.findtext(f"{MAIN}v")
    holder = cell.find(f"{MAIN}is") if kind == "inlineStr" else None
    if kind == "s":
        holder = shared[int(text)]
    if holder is not None:
        return "".join(part.text or "" for part in holder.iter(f"{MAIN}t"))
    return None if text is None else float(text)


def sheet_files(package: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield name and file of each sheet; XlsxWriter, openpyxl and LibreOffice number them alike."""
    root = ElementTree.fromstring(package.read("xl/workbook.xml"))
    for number, sheet in enumerate(root.iter(f"{MAIN}sheet"), 1):
        yield sheet.get("name"), f"xl/worksheets/sheet{number}.xml"


def _result(kind: str, text: str) -> float | str:
    """Return a number or a text; LibreOffice writes numbers with 15 digits, as Excel shows them."""
    return float(f"{float(text):.15g}") if kind == "n" and text else text
