"""What depends on names that a library keeps to itself is known: decision 11."""

import ast
from collections.abc import Iterator
from importlib.metadata import version

import pytest

from tests.test_layers import FLOORS, modules

pytestmark = pytest.mark.files

KNOWN = {
    "accounts/page_owners.py": {"django.middleware.csrf"},
    "tables/worksheet_cells.py": {"openpyxl.worksheet._reader"},
}
"""The modules that import private names, and from where."""

LOOKED_AT = "3.1.5"
"""The version of openpyxl whose WorkSheetParser has been compared with what WorksheetCells uses."""


def private_names(source: str) -> Iterator[str]:
    """Yield the names with an underscore in front that a module imports from libraries."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            first, *others = name.split(".")
            if first not in FLOORS and any(_is_private(part) for part in (first, *others)):
                yield name


def _is_private(part: str) -> bool:
    return part.startswith("_") and not part.endswith("__")


def test_private_names_of_a_library_are_imported_only_where_we_know_of_it(settings):
    found = {
        path.relative_to(settings.BASE_DIR).as_posix(): names
        for folder in FLOORS
        for path in modules(folder)
        if (names := {name.rpartition(".")[0] for name in private_names(path.read_text())})
    }
    assert found == KNOWN


def test_openpyxl_is_the_version_whose_private_class_was_looked_at():
    assert version("openpyxl") == LOOKED_AT


@pytest.mark.parametrize(
    "line",
    ["import _thread", "from openpyxl.worksheet import _reader", "from django.db import _private"],
)
def test_a_private_name_is_found(line):
    assert list(private_names(line))


def test_names_of_our_own_and_of_python_itself_are_not_meant():
    assert not list(private_names("from __future__ import annotations\nfrom entry._own import x"))
