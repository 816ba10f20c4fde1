"""The English pages of docs/ and the README: what they name is there."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = settings.BASE_DIR
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / "docs" / "decisions").glob("*.md"))
HANDBOOK = sorted((ROOT / "docs" / "manual" / "operation").glob("*.md"))
PAGES += HANDBOOK
HANDBOOK_OF_INSTALLING = ROOT / "docs" / "manual" / "operation" / "install.md"

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")

FOLDERS = "|".join(
    path.name for path in sorted(ROOT.iterdir()) if path.is_dir() and path.name.isidentifier()
)
FILE = re.compile(rf"\b(?:{FOLDERS})/[\w./]*\w\.(?:py|js|css|sh|html|json|md|txt)\b")
COMMAND = re.compile(r"(?:manage\.py|^ *nemuro-strategy|`nemuro-strategy) ([a-z_]+)", re.M)
TARGET = re.compile(r"`make ([a-z-]+)`|^make ([a-z-]+)", re.M)
VARIABLE = re.compile(r"^#? ?([A-Z_]+)=", re.M)
SETTING = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")
READ_SETTING = re.compile(r'\benv\.\w+\(\s*"([A-Z_]+)"')


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_names_are_found_in_what_pages_say():
    said = "`entry/grid.py`, run `make bench`, then .venv/bin/python manage.py demo"
    assert FILE.findall(said) == ["entry/grid.py"]
    assert TARGET.findall(said) == [("bench", "")]
    assert COMMAND.findall(said) == ["demo"]


@pages
def test_every_file_that_a_page_names_is_there(page):
    assert [name for name in FILE.findall(text_of(page)) if not (ROOT / name).exists()] == []


@pages
def test_every_command_that_a_page_names_is_there(page):
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.M))
    named = {one or other for one, other in TARGET.findall(text_of(page))}
    assert named - targets == set()
    assert set(COMMAND.findall(text_of(page))) - set(get_commands()) == set()


def test_every_option_that_the_handbook_gives_the_installation_is_there():
    known = set(re.findall(r"--[a-z-]+", text_of(ROOT / "deploy" / "install.sh")))
    rows = [
        re.findall(r"`(--[a-z-]+)", line) for line in text_of(HANDBOOK_OF_INSTALLING).split("|")
    ]
    named = {option for options in rows for option in options}
    for page in HANDBOOK:
        calls = re.findall(r"deploy/install\.sh((?:[^\n]|\\\n)*)", text_of(page))
        named |= {option for call in calls for option in re.findall(r"--[a-z-]+", call)}
    assert {"--host", "--certificate", "--backups"} <= named <= known


def test_every_setting_that_the_handbook_names_is_there():
    known = set(READ_SETTING.findall(text_of(ROOT / "nemuro_strategy" / "settings.py")))
    known |= {"WEB_CONCURRENCY", "WEB_BIND", "PIP_CERT", "REQUESTS_CA_BUNDLE"}
    named = {name for page in HANDBOOK for name in SETTING.findall(text_of(page))}
    assert named <= known


def test_every_setting_is_explained_and_fixed_for_the_tests():
    read = set(READ_SETTING.findall(text_of(ROOT / "nemuro_strategy" / "settings.py")))
    assert read
    assert set(VARIABLE.findall(text_of(ROOT / ".env.example"))) == read
    fixed = set(re.findall(r"\b([A-Z_]+)=", text_of(ROOT / "Makefile")))
    assert read - fixed == set()
