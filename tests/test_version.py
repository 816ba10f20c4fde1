"""The version: one number in the program, on its pages and in what says what changed."""

import re
import runpy
import sys
import tomllib

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.roles import Role
from nemuro_strategy.version import VERSION
from tests.factories import make_user


def test_project_file_and_changelog_name_the_version_of_the_program():
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    changes = (settings.BASE_DIR / "CHANGELOG.md").read_text()
    newest = re.findall(r"^## ([0-9.]+)", changes, re.M)[0]
    assert project["version"] == VERSION
    assert newest == VERSION


def test_the_command_says_it_and_not_that_of_django(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["manage.py", "version"])
    runpy.run_path(str(settings.BASE_DIR / "manage.py"), run_name="__main__")
    assert capsys.readouterr().out == f"{VERSION}\n"


@pytest.mark.django_db
@pytest.mark.one_database
@pytest.mark.parametrize("name", ["home", "admin:index"])
def test_every_page_says_it_at_its_foot(client, name):
    client.force_login(make_user(Role.PLANNING))
    page = client.get(reverse(name), follow=True).content.decode()
    assert f"総合戦略の進捗管理 {VERSION}" in page.partition('class="site-foot"')[2]
