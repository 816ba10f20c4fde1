"""Finds errors and warnings on pages with the Nu Html Checker.

Pages are written to files first: one start of Java, which takes seconds, does for all of them.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from goals.models import Strategy
from tables import file_making
from tests.accounts.test_access_table import Site, made_empty
from tests.every_page import (
    Visit,
    full_site,
    is_page,
    kpi_of,
    pages_of_the_full_site,
    visits,
)
from tests.factories import load_city, make_user, make_values
from tests.plans.workbook.books import as_json, changed, put_items, without_codes, written
from tests.plans.workbook.green_city import green_city
from tests.public_city import pages_in_a_folder, public_visits, publish_city
from tests.quick_trees import Trees, plans_read_once

CHECKER = Path(__file__).parent / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"

QUICKLY = ("-Xss2m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""It runs for seconds: to compile it as for a server takes as long as to check the pages. What is
compiled quickly needs more room on the stack than the checker asks for.
"""


class Files:
    """Pages as files, each with its description."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, str] = {}

    def add(self, name: str, html: str) -> None:
        path = self.folder / f"{len(self.names):04}.html"
        path.write_text(html, encoding="utf-8")
        self.names[path.name] = name

    def add_visits(self, state: str, all_visits: Iterable[Visit]) -> None:
        for visit in all_visits:
            self.add(f"{state}: {visit}", visit.html)

    def faults(self) -> list[str]:
        """Return the checker's messages for the pages, including warnings and remarks."""
        command = ["java", *QUICKLY, "-jar", CHECKER, "--format", "json", "--exit-zero-always"]
        command.append(self.folder)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [
            f"{self.names[Path(message['url']).name]}, line {message.get('lastLine', '?')}: "
            f"{message['message']} {message.get('extract', '')!r}"
            for message in json.loads(done.stderr)["messages"]
        ]


def linked_pages(strategy: Strategy, user) -> Iterator[tuple[str, str]]:
    """Yield address and HTML of each page of a plan that links lead to, in its newest year.

    Without the pages of single values: hundreds that are built alike. Files are not pages: they are
    made empty.
    """
    client = Client()
    client.force_login(user)
    base = reverse("overview", args=[strategy.code])
    seen, waiting = {base}, [base]
    trees: Trees = {}
    while waiting:
        path = waiting.pop()
        with patch.object(file_making, "make", made_empty), plans_read_once(trees):
            response = client.get(path)
        if not is_page(response):
            continue
        html = response.content.decode()
        yield path, html
        for link in re.findall(r'href="([^"#?]+)', html):
            if link.startswith(base) and "/values/" not in link and link not in seen:
                seen.add(link)
                waiting.append(link)


def add_pages_without_a_plan(files: Files) -> None:
    client = Client()
    client.force_login(make_user(Role.PLANNING))
    for path in ("/", "/changes/", "/changes/moves/", "/password/", "/nowhere/"):
        files.add(path, client.get(path, follow=True).content.decode())
    files.add("/login/", Client().get("/login/").content.decode())


def add_pages_of_a_plan_workbook(files: Files) -> None:
    """The answers to an upload: the preview, the errors, and what is to be decided."""
    client = Client()
    client.force_login(make_user(Role.PLANNING))
    content = green_city()
    damaged = changed(content, lambda book: put_items(book, {"最初の年度": "来年"}))
    load_city("shiraho_2020")
    form = written(as_json("shiraho-2020"))
    shared = changed(form, lambda book: put_items(book, {"計画のコード": "new"}))
    twins = changed(shared, without_codes)
    for name, sent in (("preview", content), ("errors", damaged), ("questions", twins)):
        file = SimpleUploadedFile("計画様式.xlsx", sent)
        page = client.post("/plan-workbook/", {"file": file}, follow=True)
        files.add(f"plan-workbook {name}", page.content.decode())


def add_pages_of_a_plan_without_values(files: Files) -> None:
    files.add_visits("half", visits(Site(kpi_of(load_city())), admin=False))


def add_pages_of_the_full_site(files: Files) -> None:
    files.add_visits("full", pages_of_the_full_site())


def add_pages_that_links_lead_to(files: Files) -> None:
    full_site()
    make_values(Strategy.objects.get(code="shiraho-2020"))
    for strategy in Strategy.objects.all():
        for path, html in linked_pages(strategy, make_user(Role.AUDITOR)):
            files.add(path, html)


def add_public_pages(files: Files) -> None:
    publish_city()
    files.add_visits("public", public_visits())
    files.add_visits("folder", pages_in_a_folder(files.folder.parent / "site"))


def add_pages_of_failures(files: Files) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(make_user(Role.READER))
    load_city()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plans.views.goals.tree_for", fail)
        answers = {
            500: client.get("/strategies/nemuro-2015/"),
            400: client.get("/login/", headers={"host": "unknown.example"}),
            403: client.post("/logout/"),
        }
    for status, response in answers.items():
        assert response.status_code == status
        files.add(str(status), response.content.decode())


def faults_of(files: Files, *adding: Callable[[Files], None]) -> list[str]:
    """Return what is wrong with the pages that some functions add."""
    for add in adding:
        before = len(files.names)
        with transaction.atomic():
            add(files)
            transaction.set_rollback(True)
        assert len(files.names) >= before + 3
    print(f"{len(files.names)}画面を検査しました。")
    return files.faults()
