"""Two web servers, each a process with its own DATA_DIR, share a database and a folder of files."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
import requests
from django.db import connection

from accounts.roles import Role
from bench.processes import ROOT, started_server
from goals.models import Strategy
from indicators.models import Actual, Evidence, Indicator
from tests.factories import (
    PDF,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.html import form_data

pytestmark = [
    pytest.mark.django_db(transaction=True), pytest.mark.both_databases, pytest.mark.slow
]  # fmt: skip

PASSWORD = "kani-to-sanma-2015"
PATIENCE = 60
"""Seconds to wait for an answer, many more than it takes."""


class Servers(NamedTuple):
    """The addresses of both, and the folder that they share."""

    one: str
    other: str
    files: Path


def database_address() -> str:
    """Return the address of the test database for another process."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{quote(name)}"))


@pytest.fixture
def servers(tmp_path) -> Iterator[Servers]:
    files = tmp_path / "shared"
    files.mkdir()
    same = {"FILES_DIR": str(files), "SECRET_KEY": "same" * 16, "WEB_CONCURRENCY": "1"}
    environment = os.environ | same | {"DATABASE_URL": database_address()}
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(started_server(environment | {"DATA_DIR": str(tmp_path / name)}))
            for name in ("one", "other")
        )
        yield Servers(one.address, other.address, files)


@pytest.fixture
def indicator() -> Indicator:
    """An indicator of 根室市's plan whose year is open."""
    make_fiscal_year(2017)
    section = make_section("水産課")
    found = make_indicator(section, code="catch", name="漁獲量")
    make_kpi(make_measure(make_goal(make_strategy())), found, kind="level")
    make_user(Role.CLERK, section, username="12345", password=PASSWORD)
    return found


CHANGES_ELSEWHERE = {
    "KPI.objects.update(name='漁獲金額')": "漁獲金額",
    """connection.cursor().execute("UPDATE kpis_kpi SET name = '水揚量'")""": "水揚量",
}
"""What a process does to the name of the KPI, and the new name."""


def run_elsewhere(code: str) -> None:
    """Run code in a process of its own on the same database."""
    imports = "from django.db import connection; from kpis.models import KPI"
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", f"{imports}; {code}"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_address()},
        check=True,
    )


def log_in(browser: requests.Session, server: str, password: str = PASSWORD) -> requests.Response:
    page = f"{server}/login/"
    fields = form_data(browser.get(page).text) | {"username": "12345", "password": password}
    return browser.post(page, fields)


def test_whatever_one_server_does_the_other_one_knows(real_hashing, indicator, servers):
    one, other, shared = servers
    grid, evidence = "/entry/2017/", "/entry/2017/catch/evidence/"
    with requests.Session() as browser:  # its cookies go to both, as through one proxy
        browser.headers["Accept"] = "text/html,*/*"
        assert log_in(browser, one).url == f"{one}/"

        # A value that one server saves is on the page that the other one has kept.
        for _ in range(2):
            before = browser.get(other + grid).text
        typed = form_data(browser.get(one + grid).text) | {f"r{indicator.pk}-value": "4321"}
        assert browser.post(one + grid, typed | {"save": "1"}).status_code == 200
        assert Actual.objects.get().value == 4321
        assert "4321" not in before
        assert form_data(browser.get(other + grid).text)[f"r{indicator.pk}-value"] == "4321"

        # So it is on pages of the plan that the other one keeps finished.
        page = f"{other}/strategies/{Strategy.objects.get().code}/listings/?year=2017"
        assert "4,321" in browser.get(page).text
        typed = form_data(browser.get(one + grid).text) | {f"r{indicator.pk}-value": "5432"}
        browser.post(one + grid, typed | {"save": "1"})
        changed = browser.get(page).text
        assert ("4,321" in changed, "5,432" in changed) == (False, True)

        # And what another process writes, a command or SQL alone.
        for change, name in CHANGES_ELSEWHERE.items():
            run_elsewhere(change)
            assert name in browser.get(page).text

        # A page that one server keeps is led to by the proxy at the other one.
        wrong = typed | {f"r{indicator.pk}-value": "4x"}
        kept = browser.post(one + grid, wrong | {"save": "1"}, allow_redirects=False)
        assert "4x" in browser.get(other + kept.headers["Location"]).text

        # So are files.
        files = {"files": ("調査票.pdf", PDF)}
        token = {"csrfmiddlewaretoken": typed["csrfmiddlewaretoken"]}
        assert browser.post(one + evidence, token, files=files).status_code == 200
        row = Evidence.objects.get()
        assert browser.get(f"{other}{evidence}{row.pk}/").content == PDF
        assert [file.name for file in (shared / "evidence").iterdir()] == [row.stored_as]

        # A user who logs out at one is logged out at both.
        session = dict(browser.cookies)
        browser.post(f"{one}/logout/", token)
        again = requests.get(other + grid, cookies=session, timeout=PATIENCE)
        assert "/login/" in again.url

        # Guessing at both locks out at both.
        for server in (one, other, one, other):
            assert log_in(browser, server, "wrong").status_code == 200
        assert log_in(browser, one, "wrong").status_code == 429
        assert log_in(browser, other).status_code == 429
