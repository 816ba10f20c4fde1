"""Headless Chromium; every page is watched while it is used.

Pages come from Django's live server (`new_page`, `open_page`) or, where a test only
reads, from Django's test client (`reading_as`): that needs no server and no committed data.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from threading import Condition
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    sync_playwright,
)

from accounts.models import User
from tests.browser.chromium import ARGUMENTS, PROGRAM

# Playwright's event loop runs in the thread of the tests; Django must not take it for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PASSWORD = "kani-to-sanma-2015"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def nemuro(transactional_db) -> None:
    """The real strategy, loaded, and the groups that flushing a database takes away."""
    from accounts.roles import sync_groups

    sync_groups()
    call_command("load_strategy", "fixtures/nemuro_2015.json", verbosity=0)


class NoRequestRuns:
    """Counts the requests that the live server is answering.

    A page sends what was typed while its test ends. The database must not be emptied meanwhile.
    Requests of Django's test client do not count: many of them leave a file that nobody closes.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._running = 0
        request_started.connect(self._begin)
        request_finished.connect(self._end)

    def _begin(self, sender: type, **kwargs: object) -> None:
        with self._changed:
            self._running += sender is not ClientHandler

    def _end(self, sender: type | None, **kwargs: object) -> None:
        with self._changed:
            self._running -= sender is not None and self._running > 0
            self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait until none is running, at most so long; then count from none."""
        with self._changed:
            self._changed.wait_for(lambda: self._running == 0, seconds)
            self._running = 0


no_request_runs = NoRequestRuns()
SECONDS_TO_ANSWER = 10


@contextmanager
def watching(base_url: str) -> Iterator[Callable[[Page], Page]]:
    """Give a function that watches a page.

    At the end of the test it fails for any message of the console (a broken content security
    policy is one), any error in a script, and any request to another host. A page that answers with
    an error is not a fault: some tests look at error pages.
    """
    faults: list[str] = []
    host = urlsplit(base_url).netloc

    def hear(message: ConsoleMessage) -> None:
        about_the_page = message.location["url"] == message.page.url
        if message.type == "error" and not (about_the_page and "Failed to load" in message.text):
            faults.append(message.text)

    def note(request: Request) -> None:
        if urlsplit(request.url).netloc not in (host, ""):
            faults.append(request.url)

    def watch(page: Page) -> Page:
        page.on("console", hear)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", note)
        return page

    yield watch
    assert faults == []


OFFICE = {"width": 1366, "height": 768}
JAPANESE = "ja-JP"


@contextmanager
def watched_pages(browser: Browser, base_url: str) -> Iterator[Callable[..., Page]]:
    """Give a function that gives a watched page of a browser of its own: nobody is logged in."""
    contexts: list[BrowserContext] = []
    with watching(base_url) as watch:

        def new(
            width: int = OFFICE["width"], height: int = OFFICE["height"], **options: Any
        ) -> Page:
            size = {"width": width, "height": height}
            context = browser.new_context(
                **options, base_url=base_url, viewport=size, locale=JAPANESE
            )
            contexts.append(context)
            return watch(context.new_page())

        yield new
        for context in contexts:
            context.close()
        no_request_runs.wait(SECONDS_TO_ANSWER)


@pytest.fixture
def new_page(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Return a function that gives a watched page of the live server, where nobody is logged in."""
    with watched_pages(browser, live_server.url) as new:
        yield new


@pytest.fixture
def open_page(new_page, live_server) -> Callable[..., Page]:
    """Return a function that opens a page where a user is logged in.

    test_log_in.py tests logging in through the page for it.
    """

    def open_(user: User, path: str = "/", width: int = 1366) -> Page:
        user.set_password(PASSWORD)
        user.save()
        client = Client()
        client.force_login(user)
        page = new_page(width)
        page.context.add_cookies(
            [
                {"name": name, "value": cookie.value, "url": live_server.url}
                for name, cookie in client.cookies.items()
            ]
        )
        page.goto(path)
        return page

    return open_


WITHOUT_SERVER = "http://localhost"
"""What pages without a server have in front of their paths; browsers trust it."""


@pytest.fixture(scope="session")
def reading_window(browser: Browser) -> Iterator[BrowserContext]:
    """Where pages without a server are opened: a window of their own takes longer than most pages.

    Who reads is known to the test client alone: no cookie comes here.
    """
    window = browser.new_context(
        base_url=WITHOUT_SERVER, viewport=OFFICE, locale=JAPANESE, bypass_csp=True
    )
    window.new_page()  # keeps the process that draws, with its fonts, from one test to the next
    yield window
    window.close()


FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"


@pytest.fixture
def reading_as(reading_window: BrowserContext, db) -> Iterator[Callable[[User], Page]]:
    """Return a function that gives a page where a user reads; nothing is sent to any server.

    What the page asks for is answered by Django's test client in the transaction of the test.
    """
    pages: list[Page] = []
    # A handler is called in a context of its own, where Django would open another connection.
    context = copy_context()
    with watching(WITHOUT_SERVER) as watch:

        def reading_as_(user: User) -> Page:
            page, client = watch(reading_window.new_page()), Client(headers={"host": "localhost"})
            pages.append(page)
            client.force_login(user)
            ask = partial(context.copy().run, client.get)
            page.route("**/*", partial(answer_by, ask))
            return page

        yield reading_as_
        for page in pages:
            if page.url.startswith(WITHOUT_SERVER):
                page.evaluate(FORGET)
            page.close()


def answer_by(ask: Callable[[str], HttpResponse], route: Route) -> None:
    """Answer a GET of a browser with what `ask` returns for its path, or with a static file."""
    url = urlsplit(route.request.url)
    if url.path.startswith(settings.STATIC_URL):
        answer_with_file(route)
        return
    assert route.request.method == "GET", route.request.url
    response = ask(f"{url.path}?{url.query}")
    route.fulfill(
        status=response.status_code, headers=dict(response.items()), body=response.getvalue()
    )


def answer_with_file(route: Route) -> None:
    """Answer a request for a static file."""
    name = urlsplit(route.request.url).path.removeprefix(settings.STATIC_URL)
    found = finders.find(name)
    assert found, f"There is no static file {name}."
    route.fulfill(path=found)
