"""Imports go one way (docs/architecture.md); the rules know nothing of Django."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

APPS = ["accounts", "indicators", "goals", "measures", "kpis", "entry", "reports"]
"""In the order in which models may import: each app those before it."""

RULES = [
    "numerals",
    "sentences",
    "fiscal_years",
    "terms",
    "targets",
    "cases",
    "explanations",
    "progress",
    "moves",
    "plausibility",
    "formulas",
    "boundaries",
    "months",
    "typed_numbers",
]
"""Modules of indicators that are free of Django."""

ENTRANCES = {"views", "admin", "urls"}
"""Modules through which people come in: they may use any app's models and rules."""


def modules(app: str) -> Iterator[Path]:
    for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


def imports_of(path: Path) -> Iterator[str]:
    """Yield the full names of all that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_entrance(path: Path) -> bool:
    inside = path.relative_to(settings.BASE_DIR).with_suffix("").parts[1:]
    return bool(ENTRANCES & set(inside)) or inside[0] in ("management", "views")


@pytest.mark.parametrize("app", APPS)
def test_models_and_rules_import_only_from_earlier_apps(app):
    later = APPS[APPS.index(app) + 1 :]
    wrong = [
        f"{path.relative_to(settings.BASE_DIR)} imports {name}"
        for path in modules(app)
        if not is_entrance(path)
        for name in imports_of(path)
        if name.split(".")[0] in later
    ]
    assert wrong == []


@pytest.mark.parametrize("app", APPS)
def test_nobody_imports_another_apps_views(app):
    wrong = [
        f"{path.relative_to(settings.BASE_DIR)} imports {name}"
        for path in modules(app)
        for name in imports_of(path)
        if name.split(".")[0] in APPS
        and name.split(".")[0] != app
        and name.split(".")[1:2] in (["views"], ["admin"], ["urls"])
    ]
    assert wrong == []


@pytest.mark.parametrize("rule", RULES)
def test_the_rules_need_the_standard_library_only(rule):
    path = settings.BASE_DIR / "indicators" / f"{rule}.py"
    allowed = {f"indicators.{name}" for name in RULES}
    foreign = {
        name
        for name in imports_of(path)
        if name.split(".")[0] in (*APPS, "nemuro_strategy", "django", "simple_history")
        and not any(name == module or name.startswith(f"{module}.") for module in allowed)
    }
    assert foreign == set()


def test_actuals_are_written_by_recording_only():
    """No other module saves, creates, updates or deletes an Actual."""
    written = re.compile(r"(?<!class )\bActual\(|Actual\.objects\.(create|update|bulk|get_or)")
    wrong = [
        str(path.relative_to(settings.BASE_DIR))
        for app in APPS
        for path in modules(app)
        if path.name != "recording.py" and written.search(path.read_text())
    ]
    assert wrong == []
