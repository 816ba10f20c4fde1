"""Each folder imports only from the floors below it; the rules know nothing of Django.

The floors are those of docs/architecture.md. What is looked up by a string counts as an import, and
so does what a template includes.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.files

FLOORS = [
    "japanese",
    "trail",
    "tables",
    "accounts",
    "indicators",
    "goals",
    "measures",
    "kpis",
    "plans",
    "entry",
    "changes",
    "reviews",
    "reports",
    "start",
    "demo",
    "backups",
    "nemuro_strategy",
]
"""From the ground up: each folder imports from itself and from those before it."""

LOOK_UPS = {"get_model", "import_module", "import_string", "get_app_config", "__import__"}
"""Functions that find a module or model by its name."""

NAME_IN_A_STRING = re.compile(rf"({'|'.join(FLOORS)})(\.[A-Za-z_]\w*)+")
"""Models and modules as strings name them: kpis.KPI, plans.views.goals."""

TEMPLATE_OF = {
    **dict.fromkeys(("admin", "registration", "django"), "nemuro_strategy"),
    "files": "tables",
}
"""Folders of templates that are not named after their floor."""

FOR_EVERYBODY = ["components", "base.html"]
"""Templates below all floors: they include nothing of an app."""

TEMPLATE_TAG = re.compile(r"{%-?\s*(include|extends|load)\s+(.*?)%}", re.DOTALL)

STANDARD_LIBRARY_ONLY = ["japanese", "indicators/rules", "plans/list_text"]

PRIVATE_TO_AN_APP = {"views", "urls"}
"""How people come in: no other folder but the roof imports it."""


def modules(folder: str) -> Iterator[Path]:
    for path in sorted((settings.BASE_DIR / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


@cache
def imports_of(source: str) -> tuple[str, ...]:
    """Return the full names of all that a module imports, anywhere in it, strings included.

    Templates of an app count as names in it: plans/goal.html is plans.goal.
    """
    return tuple(_imports_of(source))


def _imports_of(source: str) -> Iterator[str]:
    nodes = list(ast.walk(ast.parse(source)))
    look_ups = LOOK_UPS | {
        alias.asname
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and alias.name in LOOK_UPS
    }
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module if node.module and not node.level else "a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _name_of(node.func) in look_ups:
            named = [*node.args, *(keyword.value for keyword in node.keywords)][:1]
            yield from (
                argument.value
                for argument in named
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if NAME_IN_A_STRING.fullmatch(node.value):
                yield node.value
            elif re.fullmatch(r"[\w/]+/\w+\.html", node.value):
                yield node.value.removesuffix(".html").replace("/", ".")


def _name_of(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def wrong_imports(folder: str, source: str) -> list[str]:
    """Return what a module of `folder` may not import."""
    above = FLOORS[FLOORS.index(folder) + 1 :]
    return [
        name
        for name in imports_of(source)
        if name == "a relative import"
        or name.split(".")[0] in above
        or (
            folder != FLOORS[-1]
            and name.split(".")[0] in FLOORS
            and name.split(".")[0] != folder
            and name.split(".")[1:2]
            and name.split(".")[1] in PRIVATE_TO_AN_APP
        )
    ]


@pytest.mark.parametrize("folder", FLOORS)
def test_each_folder_imports_only_from_the_floors_below(folder):
    wrong = [
        f"{path.relative_to(settings.BASE_DIR)} imports {name}"
        for path in modules(folder)
        for name in wrong_imports(folder, path.read_text())
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "line",
    [
        "import kpis.models",
        "def f():\n    from plans import tree",
        'apps.get_model("kpis.KPI")',
        'apps.get_model("kpis", "KPI")',
        'import_module("entry.models")',
        'models.ForeignKey("kpis.KPI", on_delete=models.CASCADE)',
        'models.ForeignKey(to="kpis.KPI", on_delete=models.CASCADE)',
        "from accounts.views import log_in",
        "from . import models",
        "from importlib import import_module as load\nload('entry')",
        'MODELS = {"PLAN": ("kpis.kpi", "measures.measure")}',
        'post_save.connect(f, sender="kpis.KPI")',
        'render(request, "plans/goal.html")',
    ],
)
def test_an_arrow_up_and_anothers_views_are_found(line):
    assert wrong_imports("goals", line)


def used_by_template(source: str) -> Iterator[str]:
    """Yield the first parts of the templates, and the tag libraries, that a template uses."""
    for tag, said in TEMPLATE_TAG.findall(source):
        if tag == "load":
            libraries = said.partition(" from ")[2] or said
            for library in libraries.split():
                homes = settings.BASE_DIR.glob(f"*/templatetags/{library}.py")
                yield from (path.parts[-3] for path in homes)
        else:
            yield from (name.split("/")[0] for name in re.findall(r"[\"']([\w/.]+)[\"']", said))


def wrong_uses(name: str, source: str) -> list[str]:
    """Return what a template (its path below templates/) may not include, extend or load."""
    order = [*FOR_EVERYBODY, *FLOORS]
    own = name.split("/")[0]
    # Other pages that lie directly in templates/ are the roof's.
    own = TEMPLATE_OF.get(own, own) if own in (*order, *TEMPLATE_OF) else FLOORS[-1]
    above = order[order.index(own) + 1 :]
    if own in FOR_EVERYBODY:
        above = FLOORS
    return [used for used in used_by_template(source) if TEMPLATE_OF.get(used, used) in above]


def test_each_template_uses_only_templates_of_the_floors_below():
    folder = settings.BASE_DIR / "templates"
    wrong = [
        f"{name} uses {used}"
        for path in sorted(folder.rglob("*.html"))
        for name in [path.relative_to(folder).as_posix()]
        for used in wrong_uses(name, path.read_text())
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("plans/goal.html", '{% include "entry/grid.html" with row=row %}'),
        ("plans/goal.html", "{% extends 'reports/choice.html' %}"),
        ("plans/goal.html", '{% include "admin/filter.html" %}'),
        ("components/chart.html", '{% include "plans/goal.html" %}'),
        ("base.html", '{% include page|default:"plans/goal.html" %}'),
    ],
)
def test_an_arrow_up_between_templates_is_found(name, tag):
    assert wrong_uses(name, tag)


def test_a_tag_library_of_an_upper_floor_is_found(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    library = tmp_path / "entry" / "templatetags" / "rows.py"
    library.parent.mkdir(parents=True)
    library.touch()
    assert wrong_uses("plans/goal.html", "{% load static rows %}") == ["entry"]
    assert wrong_uses("plans/goal.html", "{% load row from rows %}") == ["entry"]
    assert wrong_uses("reports/choice.html", "{% load rows %}") == []


def test_every_folder_with_code_of_the_product_is_a_floor():
    folders = {path.parent.name for path in settings.BASE_DIR.glob("*/__init__.py")}
    assert folders - set(FLOORS) == {"tests"}


@pytest.mark.parametrize("folder", STANDARD_LIBRARY_ONLY)
def test_the_rules_need_the_standard_library_only(folder):
    below = ("japanese", "indicators.rules", folder.replace("/", "."))
    foreign = [
        f"{path.relative_to(settings.BASE_DIR)} imports {name}"
        for path in modules(folder)
        for name in imports_of(path.read_text())
        if name.split(".")[0] in (*FLOORS, "django", "simple_history", "import_export")
        and not any(name == own or name.startswith(f"{own}.") for own in below)
    ]
    assert foreign == []


VALUES = {"Actual", "EarlyRemarks"}
"""Models of which only recording writes rows."""

MANAGERS_OF_VALUES = {"actuals", "early_remarks"}
"""The rows of an indicator or a year."""

WRITING = {
    "create", "update", "delete", "save", "bulk_create", "bulk_update", "get_or_create",
    "update_or_create", "acreate", "aupdate", "adelete", "asave",
}  # fmt: skip


_IN_BULK = ("bulk_", "create_with", "update_with", "add_history")
"""How functions begin that write rows which are handed to them."""


def writes_of_values(source: str) -> list[str]:
    """Return the calls of a module that write rows of VALUES: made, changed or deleted.

    Follows names that are given such rows; what a function returns is not followed.
    """
    nodes = list(ast.walk(ast.parse(source)))
    held = set(VALUES)
    for _ in range(3):  # as deep as names are handed on
        for node in nodes:
            if isinstance(node, ast.Assign) and _is_of(node.value, held):
                held |= {one.id for one in node.targets if isinstance(one, ast.Name)}
            elif isinstance(node, ast.For | ast.comprehension) and _is_of(node.iter, held):
                held |= {node.target.id} if isinstance(node.target, ast.Name) else set()
            elif isinstance(node, ast.NamedExpr) and _is_of(node.value, held):
                held.add(node.target.id)
    return [
        ast.unparse(node)
        for node in nodes
        if isinstance(node, ast.Call)
        and (
            _name_of(node.func) in VALUES
            or (
                isinstance(node.func, ast.Attribute)
                and node.func.attr in WRITING
                and _is_of(node.func.value, held)
            )
            or (
                _name_of(node.func).startswith(_IN_BULK)
                and any(_is_of(argument, held) for argument in node.args)
            )
        )
    ]


def _is_of(node: ast.expr, held: set[str]) -> bool:
    """Return whether an expression is a chain that begins with one of these names."""
    while True:
        if isinstance(node, ast.Attribute):
            if node.attr in MANAGERS_OF_VALUES:
                return True
            node = node.value
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                return False
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return isinstance(node, ast.Name) and node.id in held


def test_values_are_written_by_recording_only():
    wrong = [
        f"{path.relative_to(settings.BASE_DIR)}: {call}"
        for folder in FLOORS
        for path in modules(folder)
        if path != settings.BASE_DIR / "indicators" / "recording.py"
        for call in writes_of_values(path.read_text())
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "lines",
    [
        "Actual(value=1)",
        "models.EarlyRemarks(remarks='')",
        "Actual.objects.create(value=1)",
        "Actual.objects.update(value=1)",
        "Actual.objects.filter(pk=1).delete()",
        "Actual.objects.bulk_update(rows, ['value'])",
        "EarlyRemarks.objects.filter(pk=1).update(remarks='')",
        "rows = Actual.objects.filter(pk=1)\nrows.update(value=1)",
        "for one in Actual.objects.all():\n    one.save()",
        "indicator.actuals.all().delete()",
        "bulk_update_with_history(rows, Actual, ['value'])",
        "update_with_history(Actual, rows)",
        "add_history(Actual, rows, ADDED)",
    ],
)
def test_a_way_past_recording_is_found(lines):
    assert writes_of_values(lines)


def test_reading_values_does_not_bypass_recording():
    assert writes_of_values("rows = Actual.objects.filter(pk=1)\nfound.update(rows)") == []


def uses_of_modules() -> dict[str, set[str]]:
    """Return by module of the product which others it imports, anywhere in it."""
    paths = {
        ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts): path
        for folder in FLOORS
        for path in modules(folder)
    }
    return {
        name: paths.keys() & set(imports_of(path.read_text())) - {name}
        for name, path in paths.items()
    }


def in_circles(uses: dict[str, set[str]]) -> set[str]:
    """Return the modules that import each other in a circle, or something that does."""
    left = dict(uses)
    while free := [name for name, used in left.items() if not used & left.keys()]:
        for name in free:
            del left[name]
    return set(left)


def test_no_modules_import_each_other_in_a_circle():
    assert in_circles(uses_of_modules()) == set()


def test_a_circle_of_imports_is_found():
    uses = {"a.one": {"a.two"}, "a.two": {"a.three"}, "a.three": {"a.one"}, "a.four": set()}
    assert in_circles(uses) == {"a.one", "a.two", "a.three"}
    assert in_circles(uses | {"a.three": {"a.four"}}) == set()


def picture() -> str:
    """Return which folder imports which, as docs/architecture.md draws it: a line a folder."""
    rows = []
    for number, folder in enumerate(FLOORS):
        used = {
            name.split(".")[0] for path in modules(folder) for name in imports_of(path.read_text())
        }
        dots = "  ".join("●" if below in used else "·" for below in FLOORS[:number])
        rows.append(f"{number + 1:>2} {folder:<16}{dots}".rstrip())
    head = " " * 19 + "".join(f"{number:<3}" for number in range(1, len(FLOORS)))
    return "\n".join([head.rstrip(), *rows])


def test_the_picture_in_the_docs_is_drawn_from_the_imports():
    page = (settings.BASE_DIR / "docs" / "architecture.md").read_text()
    drawn = page.partition("```text\n")[2].partition("\n```")[0]
    assert drawn == picture(), f"docs/architecture.md: replace the drawing by\n{picture()}"
