"""Each name has one meaning and is imported from the module that defines it."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.test_layers import FLOORS, modules

pytestmark = pytest.mark.files

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


APART = {"urlpatterns": "Django requires it in each module of addresses"}
"""Names that several modules may have, with the reason."""


def public_names(tree: ast.Module) -> Iterator[str]:
    """Yield the public functions and constants of a module, without classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        else:
            continue
        yield from (name for name in names if not name.startswith("_"))


def used_elsewhere() -> set[tuple[str, str]]:
    """Return what modules of the product take from one another, as (module, name)."""
    used = set()
    for path in product():
        tree = tree_of(path)
        modules_by_name = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    used.add((node.module, alias.name))
                    modules_by_name[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                used.add((modules_by_name.get(node.value.id), node.attr))
    return used


def test_no_function_or_constant_that_others_use_has_the_name_of_another():
    """Views are left out: only addresses use them, by the name of their module."""
    homes, used = defaultdict(list), used_elsewhere()
    for path in product():
        module = name_of(path)
        for name in public_names(tree_of(path)):
            if (module, name) in used and ".views" not in module and name not in APART:
                homes[name].append(module)
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


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
