"""Another city sees no text of the first city, and the code of its pages has none."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.management import get_commands, load_command_class
from django.urls import reverse

from accounts.roles import Role
from tests.factories import load_city, make_user
from tests.test_layers import FLOORS

ROOT = settings.BASE_DIR
TEXT_OF_THE_FIRST_CITY = re.compile(r"根室|nemuro(?![_-]strategy)|012238|根総政", re.IGNORECASE)

ABOUT_THE_TRIAL = {
    "demo": "the trial has the plan of 根室市",
    "start/example.py": "so has the example",
    "start/steps.py": "offers the example",
    "docs/manual/README.md": "says what the pictures show",
    "docs/manual/getting-started.md": "names the example",
}
HELD_BY_MIGRATIONS = {"goals/models.py": 2, "indicators/models.py": 1}
"""Help texts as released migrations have them, and how many; forms say indicators.example_texts."""


def sources() -> Iterator[Path]:
    for folder in FLOORS:
        yield from (ROOT / folder).rglob("*.py")
    for folder, pattern in (("templates", "*.html"), ("static", "*.*"), ("docs/manual", "*.md")):
        yield from (ROOT / folder).rglob(pattern)
    yield ROOT / ".env.example"


@pytest.mark.files
def test_no_source_has_a_text_of_the_first_city():
    found: dict[str, int] = {}
    for path in sources():
        name = str(path.relative_to(ROOT))
        is_told = any(name == one or name.startswith(f"{one}/") for one in ABOUT_THE_TRIAL)
        if is_told or "migrations" in path.parts:
            continue
        if count := len(TEXT_OF_THE_FIRST_CITY.findall(path.read_text(encoding="utf-8"))):
            found[name] = count
    assert found == HELD_BY_MIGRATIONS


def test_such_a_text_is_found():
    for text in ("例：根総政第123号", "例：nemuro-2015", "Nemuro", "根室市", "012238"):
        assert TEXT_OF_THE_FIRST_CITY.search(text)
    assert not TEXT_OF_THE_FIRST_CITY.search("from nemuro_strategy import views")


@pytest.mark.one_database
@pytest.mark.django_db
def test_planning_of_another_city_reads_nothing_of_the_first_one(client):
    """The forms with examples: everything that planning adds, imports and enters."""
    plan = load_city("shiraho_2020")
    client.force_login(make_user(Role.PLANNING))
    paths = ["/entry/new/", "/entry/", "/start/city/", "/start/staff/", "/start/passwords/"]
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths += [reverse(f"{name}_add"), reverse(f"{name}_changelist")]
        if hasattr(model_admin, "import_action"):
            paths.append(reverse(f"{name}_import"))
    paths.append(reverse("admin:goals_strategy_change", args=[plan.pk]))
    wrong = []
    for path in paths:
        page = client.get(path).content.decode()
        wrong += [(path, found) for found in TEXT_OF_THE_FIRST_CITY.findall(page)]
    assert wrong == []


@pytest.mark.parametrize(
    "name", [name for name, app in get_commands().items() if app in FLOORS and app != "demo"]
)
def test_no_command_explains_itself_by_the_first_city(name):
    command = load_command_class(get_commands()[name], name)
    said = command.create_parser("manage.py", name).format_help()
    assert not TEXT_OF_THE_FIRST_CITY.search(said)
