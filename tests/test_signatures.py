"""No function takes more than six parameters: what travels together becomes one object."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.files

MOST = 6

NOT_PRODUCT = {"bench", "docs", "tests"}


def modules() -> Iterator[Path]:
    """Yield all modules of the product, but for migrations."""
    for package in sorted(settings.BASE_DIR.glob("*/__init__.py")):
        if package.parent.name not in NOT_PRODUCT:
            yield from (p for p in package.parent.rglob("*.py") if "migrations" not in p.parts)


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many parameters a function has beside self or cls, keyword-only ones included."""
    known = function.args
    named = (*known.posonlyargs, *known.args, *known.kwonlyargs, known.vararg, known.kwarg)
    return sum(one is not None and one.arg not in ("self", "cls") for one in named)


def test_no_function_takes_more_than_six_parameters():
    counts = [
        (f"{path.relative_to(settings.BASE_DIR)}:{node.name}", parameters(node))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert len(counts) > 1_000
    too_many = sorted(f"{name} ({count})" for name, count in counts if count > MOST)
    assert too_many == []
