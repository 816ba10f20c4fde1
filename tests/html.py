"""Reads pages as a browser would: what a form would send."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    """Collects names and values in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self._select = self._textarea = ""
        self._first: str | None = None
        self._chosen = self._multiple = False

    def handle_starttag(self, tag: str, attributes: list) -> None:
        fields = dict(attributes)
        name = fields.get("name", "")
        if tag == "input" and name and fields.get("type") not in ("submit", "button", "file"):
            if fields.get("type") not in ("checkbox", "radio") or "checked" in fields:
                value = fields.get("value") or ("on" if "checked" in fields else "")
                self.pairs.append((name, value))
        elif tag == "select":
            self._select, self._multiple = name, "multiple" in fields
            self._first, self._chosen = None, False
        elif tag == "option" and self._select:
            value = fields.get("value") or ""
            self._first = value if self._first is None else self._first
            if "selected" in fields:
                self.pairs.append((self._select, value))
                self._chosen = True
        elif tag == "textarea":
            self._textarea = name
            self.pairs.append((name, ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            name, text = self.pairs.pop()
            self.pairs.append((name, text + data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            if not self._chosen and not self._multiple and self._first is not None:
                self.pairs.append((self._select, self._first))
            self._select = ""
        elif tag == "textarea":
            name, text = self.pairs.pop()
            self.pairs.append((name, text.removeprefix("\n")))
            self._textarea = ""


def _pairs(html: str) -> list[tuple[str, str]]:
    parser = _Forms()
    parser.feed(html)
    return [(name, value) for name, value in parser.pairs if name]


def form_data(html: str) -> dict[str, str]:
    """Return what sending the page's fields, untouched, would send: one value for each name."""
    return dict(_pairs(html))


def sent_untouched(html: str) -> dict[str, list[str]]:
    """Return what a browser sends of untouched fields: all values, with its own line breaks."""
    sent: dict[str, list[str]] = {}
    for name, value in _pairs(html):
        sent.setdefault(name, []).append(value.replace("\n", "\r\n"))
    return sent


def value_of_box(html: str, name: str) -> str:
    """Return the value that a check box sends if it is ticked; "" if the page has none."""
    box = re.search(rf'<input[^>]* name="{name}"[^>]*>', html)
    value = re.search(r' value="([^"]*)"', box[0]) if box else None
    return value[1] if value else ""


def told(response: Any) -> str:
    """Return the text of a page, without its elements."""
    return unescape(re.sub(r"<[^>]+>", "", response.content.decode()))
