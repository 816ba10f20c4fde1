"""Each name has one meaning and is imported from the module that defines it."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tests.test_layers import FLOORS, modules

OF_DJANGO = {"Command", "Migration"}
"""Names that Django requires, one per module."""

AROUND = ("tests", "bench", "docs")
"""Folders beside the product that import from it."""


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def product() -> Iterator[Path]:
    for floor in FLOORS:
        yield from modules(floor)


def name_of(path: Path) -> str:
    """Return the name by which a module is imported."""
    parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def names_made_in(tree: ast.Module) -> set[str]:
    """Return the names that a module defines, without imported ones."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def test_no_class_has_the_name_of_another():
    """Nested classes are qualified by the outer one, and private classes begin with _."""
    homes = defaultdict(list)
    for path in product():
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name_of(path))
    twins = {name: found for name, found in homes.items() if len(found) > 1}
    assert {name: twins[name] for name in set(twins) - OF_DJANGO} == {}


def test_every_name_is_imported_from_the_module_that_makes_it():
    made = {name_of(path): names_made_in(tree_of(path)) for path in product()}
    packages = {name.rpartition(".")[0] for name in made}
    around = [path for folder in AROUND for path in modules(folder)]
    wrong = [
        f"{name_of(path)}: {alias.name} from {node.module}"
        for path in [*product(), *around]
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.module in made
        for alias in node.names
        if alias.name not in made[node.module]
        and f"{node.module}.{alias.name}" not in made.keys() | packages
    ]
    assert wrong == []
