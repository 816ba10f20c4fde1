"""Our own Japanese for texts of Django and its packages: locale/ja/LC_MESSAGES."""

import ast
import re
from gettext import GNUTranslations
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext, ngettext

from tests.natural_japanese import unnatural

pytestmark = pytest.mark.one_database

FOLDER = settings.BASE_DIR / "locale" / "ja" / "LC_MESSAGES"
parts = pytest.mark.parametrize("part", ["django", "djangojs"])

Catalogue = dict[str | tuple[str, int], str]

KEYWORD = re.compile(r'^(msgid_plural|msgid|msgstr(?:\[0\])?) (?=")', re.M)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}")


def read_source(path: Path) -> Catalogue:
    """Return the translations of a .po file, a plural one with its only form."""
    found: Catalogue = {}
    source = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.M)
    for entry in source.split("\n\n"):
        _, *pieces = KEYWORD.split(entry)
        said = {
            name: "".join(ast.literal_eval(line) for line in quoted.strip().splitlines())
            for name, quoted in zip(pieces[::2], pieces[1::2], strict=True)
        }
        if said:
            key = (said["msgid"], 0) if "msgid_plural" in said else said["msgid"]
            assert key not in found, key
            found[key] = said["msgstr[0]"] if "msgid_plural" in said else said["msgstr"]
    return found


def read_made(path: Path) -> Catalogue:
    with path.open("rb") as file:
        return GNUTranslations(file)._catalog


def of_packages(part: str, language: str) -> Catalogue:
    """Return what Django and the installed packages bring for a language."""
    homes = [Path(django.__file__).parent / "conf"]
    homes += [Path(app.path) for app in apps.get_app_configs()]
    found: Catalogue = {}
    for home in homes:
        made = home / "locale" / language / "LC_MESSAGES" / f"{part}.mo"
        if made.exists():
            found |= read_made(made)
    return found


@parts
def test_what_django_reads_was_made_of_the_source(part):
    source = read_source(FOLDER / f"{part}.po")
    assert len(source) > 15
    assert read_made(FOLDER / f"{part}.mo") == source, "run: make messages"


@parts
def test_every_text_is_one_of_a_package_and_says_something_else(part):
    """Each of our texts is in use: a package that is renewed may say it in other words."""
    known = of_packages(part, "de") | of_packages(part, "ja")
    own = read_source(FOLDER / f"{part}.po")
    own.pop("")
    assert [key for key in own if key not in known] == []
    assert [key for key in own if own[key] == of_packages(part, "ja").get(key)] == []


@parts
def test_every_text_has_only_the_places_that_are_filled_in(part):
    own = read_source(FOLDER / f"{part}.po")
    own.pop("")
    for key, text in own.items():
        msgid = key if isinstance(key, str) else key[0]
        offered = {place.replace(")r", ")s") for place in PLACEHOLDER.findall(msgid)}
        assert set(PLACEHOLDER.findall(text)) <= offered, msgid


@parts
def test_our_own_japanese_is_natural(part):
    own = read_source(FOLDER / f"{part}.po")
    own.pop("")
    assert {text: unnatural(text) for text in own.values() if unnatural(text)} == {}


def test_django_says_what_we_say():
    assert gettext("Select %s to change") % "指標" == "指標の一覧"
    assert gettext("This field is required.") == "この欄は必ず入力してください。"
    said = ngettext("%(total_count)s selected", "All %(total_count)s selected", 3)
    assert said % {"total_count": 3} == "3件すべてを選んでいます"
