"""Headless Chromium against Django's live server; every page is watched while it is used."""

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import User

# Playwright's event loop runs in the thread of the tests; Django must not take it for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PASSWORD = "kani-to-sanma-2015"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def nemuro(transactional_db) -> None:
    """The real strategy, loaded, and the groups that flushing a database takes away."""
    from accounts.roles import sync_groups

    sync_groups()
    call_command("load_strategy", "fixtures/nemuro_2015.json", verbosity=0)


@pytest.fixture
def open_page(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Return a function that logs a user in and gives a page of a browser of its own.

    At the end of the test it fails for any message of the console (a broken content security
    policy is one), any error in a script, and any request to another host.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    host = urlsplit(live_server.url).netloc

    def watch(page: Page) -> None:
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request",
            lambda r: faults.append(r.url) if urlsplit(r.url).netloc not in (host, "") else None,
        )

    def open_(user: User, path: str = "/", width: int = 1366) -> Page:
        user.set_password(PASSWORD)
        user.save()
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 768},
            locale="ja-JP",
        )
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(path)
        page.get_by_label("職員番号").fill(user.username)
        page.get_by_label("パスワード").fill(PASSWORD)
        page.get_by_role("button", name="ログイン").click()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []
