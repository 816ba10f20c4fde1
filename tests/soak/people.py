"""People who work: what each does, and what a page tells them, noted down.

A person has a browser, no more: they send forms that a page shows, wait where a page asks them to,
and send again what a page has kept for them. They note what a page confirmed.
"""

import hashlib
import random
import re
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.html import form_data
from tests.soak.notes import (
    ANSWER,
    AWAY,
    BUSY,
    CUT,
    DOWN,
    ERROR,
    GOOD,
    LOST,
    TOLD,
    Notes,
    ending_of,
)

YEAR = 2017
"""The year of the grid. What is imported is of the year before it."""
IMPORTED_YEAR = YEAR - 1
CUT_YEAR = YEAR - 2
"""The year of the import that is cut off."""
IMPORT = "/admin/indicators/actual/import/"
CUTTER, PROBE = "CUTTER", "PROBE"
"""People besides the others: their import is cut off; they check whether all is well again."""
PATIENCE = 90
"""Seconds to wait for an answer."""
LONG_REMARKS = 800
TRIES = 40
"""How often somebody sends a form again before giving up."""
SECONDS_BETWEEN_TRIES = 2.0


@dataclass(frozen=True)
class Who:
    """Somebody with what they enter: indicators, and a code for files of 根拠資料."""

    username: str
    password: str
    role: str
    plan: str
    indicators: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()


class Person:
    """One of them in a browser of their own. `pause` waits for this many seconds."""

    def __init__(
        self,
        who: Who,
        browser: requests.Session,
        address: str,
        notes: Notes,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.who, self.browser, self.address = who, browser, address
        self.notes, self.pause = notes, pause
        self.numbers = count(1)
        self.random = random.Random(who.username)
        browser.verify = False
        browser.trust_env = False
        host = address.rpartition(":")[0]
        browser.headers.update({"Accept": "text/html,*/*", "Origin": host, "Host": host[8:]})

    # Asking

    def ask(self, method: str, path: str, data: Any = None, files: Any = None) -> Any:
        """Return the answer, that of the page to which it leads; None if there is none.

        `path` may be an address of the site.
        """
        began, answer = time.time(), None
        try:
            answer = self.browser.request(
                method, self._address_of(path), data=data, files=files, timeout=PATIENCE
            )
        except requests.RequestException as error:
            why = repr(error)[:200]
        else:
            why = self._excerpt_of(answer)
        self.notes.add(
            ANSWER,
            began=began,
            who=self.who.username,
            method=method,
            path=path[:120],
            ending=ending_of(answer),
            status=getattr(answer, "status_code", 0),
            why=why,
        )
        return answer if answer is not None and answer.status_code else None

    def _address_of(self, path: str) -> str:
        return self.address + re.sub(r"^https?://[^/]*", "", path)

    def _excerpt_of(self, answer: Any) -> str:
        if answer.status_code < 400:
            return ""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))[:300]

    def get(self, path: str) -> Any:
        """Return a page that answers well, after a log-in where one is needed; None otherwise."""
        answer = self.ask("GET", path)
        if asks_for_log_in(answer):
            answer = self.log_in(answer)
            if answer is not None and path not in answer.url:
                answer = self.ask("GET", path)
        return answer if ending_of(answer) == GOOD else None

    def log_in(self, page: Any = None) -> Any:
        """Log in on a page that asks for it, or on that of the log-in; return the page after it."""
        for _ in range(TRIES):
            page = page if asks_for_log_in(page) else self.ask("GET", "/login/")
            if asks_for_log_in(page):
                typed = {"username": self.who.username, "password": self.who.password}
                answer = self.ask("POST", "/login/", form_data(page.text) | typed)
                if ending_of(answer) == GOOD and not asks_for_log_in(answer):
                    return answer
                page = answer if asks_for_log_in(answer) else page
            self._wait()
        return None

    def _wait(self) -> None:
        self.pause(SECONDS_BETWEEN_TRIES * self.random.uniform(0.7, 1.3))

    # Reading

    def read(self, paths: Iterable[str]) -> None:
        for path in paths:
            self.get(path)

    def export(self, path: str) -> None:
        """Download a file, which has to be whole."""
        answer = self.get(path)
        is_file = answer is not None and "html" not in answer.headers["Content-Type"]
        if is_file and path.endswith((".xlsx", ".zip")):
            broken = zipfile.ZipFile(BytesIO(answer.content)).testzip()
            if broken:
                self.notes.add(LOST, who=self.who.username, what=f"{path}: {broken}")

    # Entering

    def save(self) -> None:
        """Enter values of all indicators in the grid, and go on until they are saved."""
        path = f"/entry/{YEAR}/"
        page = self.get(path)
        if page is None:
            return
        number = next(self.numbers)
        typed = {f"r{pk}-value": str(number) for pk in self.who.indicators}
        typed |= {f"r{pk}-remarks": self._remarks(number) for pk in self.who.indicators}
        fields = form_data(page.text) | typed | {"save": "1"}
        if self._delivered(path, fields, typed):
            self.told_of(number)

    def _remarks(self, number: int) -> str:
        """Return long remarks that cannot be compressed: most saves need a new page of the disk."""
        noise = self.random.randbytes(LONG_REMARKS // 2).hex()
        return f"{number}人が来た。控えの番号は{noise}。"

    def told_of(self, number: int, year: int = YEAR) -> None:
        """Note that a page has confirmed the value `number` for all indicators."""
        ids = list(self.who.indicators)
        self.notes.add(TOLD, who=self.who.username, number=number, indicators=ids, year=year)

    def _delivered(self, path: str, fields: dict[str, str], typed: dict[str, str]) -> bool:
        """Send a form until a page shows it as saved; False if it was lost or nothing helped."""
        for _ in range(TRIES):
            answer = self.ask("POST", path, fields)
            answer = self._read_at_last(answer)
            ending = ending_of(answer)
            if ending == GOOD and says_saved(answer) and shows(answer.text, typed):
                return True
            if ending in (CUT, DOWN, BUSY):
                self._wait()  # the browser's back button has what was sent
                continue
            if asks_for_log_in(answer):
                answer = self._page_after_log_in(answer)
            elif ending == AWAY or is_fault(answer):
                self._wait()
            if not self._still_has(answer, typed):
                return False
            fields = fields | form_data(answer.text)
            path = action_of(answer.text) or path
        self.notes.add(LOST, who=self.who.username, what=f"gave up: {path}")
        return False

    def _read_at_last(self, answer: Any) -> Any:
        """Return the page that a form led to, read again while it says that it cannot be shown."""
        for _ in range(TRIES):
            if answer is None or ending_of(answer) not in (AWAY, DOWN) or is_of_form(answer):
                break
            self._wait()
            answer = self.ask("GET", re.sub(r"^https?://[^/]*", "", answer.url)) or answer
        return answer

    def _page_after_log_in(self, answer: Any) -> Any:
        """Return the page that has what was sent before the log-in."""
        page = self.log_in(answer)
        offered = (
            re.search(r'class="button" href="(\?[^"]*kept[^"]*)"', page.text) if page else None
        )
        if offered:
            return self.get(f"/entry/{YEAR}/{offered[1]}")
        return page

    def _still_has(self, answer: Any, typed: dict[str, str]) -> bool:
        if answer is not None and shows(answer.text, typed):
            return True
        status = answer.status_code if answer is not None else 0
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))[:600] if status else ""
        self.notes.add(LOST, who=self.who.username, what=f"typed: {status} {text}")
        return False

    def attach(self) -> None:
        """Attach a file to a value, and choose it again until a page has it."""
        code = self.random.choice(self.who.codes)
        number = next(self.numbers)
        content = b"%PDF-1.7 " + self.random.randbytes(self.random.randint(2_000, 30_000))
        name = f"{self.who.username}-{number}.pdf"
        path = f"/entry/{YEAR}/{code}/evidence/"
        for _ in range(TRIES):
            page = self.get(path)
            if page is not None and name in page.text:
                return self._told_of_file(name, content)
            if page is not None:
                token = form_data(page.text).get("csrfmiddlewaretoken", "")
                answer = self.ask(
                    "POST", path, {"csrfmiddlewaretoken": token}, {"files": (name, content)}
                )
                if ending_of(answer) == GOOD and "件添付しました" in answer.text:
                    return self._told_of_file(name, content)
            self._wait()
        self.notes.add(LOST, who=self.who.username, what=f"gave up: {path}")

    def _told_of_file(self, name: str, content: bytes) -> None:
        digest = hashlib.sha256(content).hexdigest()
        self.notes.add(TOLD, who=self.who.username, file=name, sha256=digest)

    # Importing

    def import_values(self) -> None:
        """Import values by file, and again until a page says that they are in."""
        number = next(self.numbers)
        for _ in range(TRIES):
            if self._imported(number):
                return self.told_of(number, IMPORTED_YEAR)
            self._wait()
        self.notes.add(LOST, who=self.who.username, what=f"gave up: import {number}")

    def _imported(self, number: int) -> bool:
        # Nobody else changes the values, so that their version is the number of imports.
        version = str(number - 1) if number > 1 else ""
        preview = self.preview(IMPORTED_YEAR, number, version)
        if preview is None or 'name="ticket"' not in preview.text:
            return preview is not None and f"変更なし{len(self.who.codes)}行" in preview.text
        answer = self.confirm(preview)
        return ending_of(answer) == GOOD and "を取り込みました（" in answer.text

    def preview(self, year: int, number: int, version: str = "") -> Any:
        """Upload a file with a value for each indicator; return what it would change, or None.

        `version` is that of the stored values, "" where there are none.
        """
        page = self.get(IMPORT)
        if page is None:
            return None
        fields = form_data(page.text) | {"reason": f"{number}回目の取込み"}
        rows = [f"{code},{year},{number},{version}" for code in self.who.codes]
        content = "\r\n".join(["指標コード,年度,実績値,版", *rows]).encode()
        answer = self.ask("POST", IMPORT, fields, {"file": ("値.csv", content)})
        return answer if ending_of(answer) == GOOD else None

    def confirm(self, preview: Any) -> Any:
        """Press the button of a preview; return the page after it."""
        fields = form_data(preview.text)
        sent = {name: fields[name] for name in ("csrfmiddlewaretoken", "ticket")}
        return self.ask("POST", action_of(preview.text) or IMPORT, sent | {"confirm": ""})


def asks_for_log_in(answer: Any) -> bool:
    return (
        answer is not None and 'name="password"' in answer.text and 'name="username"' in answer.text
    )


def is_of_form(answer: Any) -> bool:
    """Whether a page answers a form itself, so that what was sent may not have been read."""
    return answer.request.method == "POST"


def says_saved(answer: Any) -> bool:
    """Whether a page says so, or is the grid as it is stored."""
    said = "件の値を保存しました。" in answer.text or "変更した値はありません。" in answer.text
    is_stored = urlsplit(answer.url).query == "" and not is_of_form(answer)
    return said or (is_stored and 'id="grid"' in answer.text)


def is_fault(answer: Any) -> bool:
    return answer is None or ending_of(answer) == ERROR or "<title>エラー" in answer.text


def shows(html: str, typed: dict[str, str]) -> bool:
    """Whether the fields of a page have what was typed."""
    return typed.items() <= form_data(html).items()


def action_of(html: str) -> str:
    """Return where the main form of a page leads, "" for the page itself."""
    if 'id="grid"' in html:
        return ""
    main = html.partition("<main")[2] or html
    found = re.search(r'<form[^>]*method="post"[^>]*action="([^"]*)"', main)
    return found[1].replace("&amp;", "&") if found else ""
