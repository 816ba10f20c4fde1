"""What people were answered and told, one line of JSON each.

A note of kind ANSWER is any answer: who asked for what, when, how it ended. TOLD is what a page
confirmed as saved. LOST is what a person had typed and no page still had.
"""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ANSWER, TOLD, LOST = "answer", "told", "lost"

GOOD = "good"
AWAY = "away"
"""The program's own page: the database or the disk is away (503)."""
DOWN = "down"
"""The page of nginx: the program is not there (502)."""
CUT = "cut"
"""No answer: the connection broke."""
BUSY = "busy"
"""Other files are being made, the page asks again by itself."""
ERROR = "error"
"""A fault of the program, a refusal of what these people may do, or no page for people."""


ENDINGS_FOR_PEOPLE = {
    (503, "現在、利用できません"): AWAY,
    (502, "ただいま利用できません"): DOWN,
    (503, "ファイルを準備しています"): BUSY,
    (503, "ファイルをまだ作成できません"): BUSY,
    (403, "ログイン"): GOOD,
}
"""By status and heading of a page. A form that comes late is answered by the log-in, and kept."""


def ending_of(response: Any) -> str:
    """Return how a request ended; `response` is None if there was no answer."""
    if response is None or not response.status_code:
        return CUT
    if response.status_code < 400:
        return GOOD
    heading = re.search(r"<h1>([^<]*)</h1>", response.text)
    page = (response.status_code, heading[1] if heading else "")
    return ENDINGS_FOR_PEOPLE.get(page, ERROR)


class Notes:
    """A file that notes are added to."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", buffering=1, encoding="utf-8")

    def add(self, kind: str, **facts: Any) -> None:
        line = {"kind": kind, "at": time.time(), **facts}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_notes(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
