"""Parses a page like a browser and checks the rules for all pages."""

import re
from html.parser import HTMLParser

SITE = "総合戦略の進捗管理"
VOID = {"meta", "link", "input", "br", "hr", "img", "line", "rect", "circle", "polyline", "path"}
OUR_SCRIPT = r"(?! src=\"/static/\w+\.js\" defer></script>)"
FORBIDDEN = re.compile(
    rf"\sstyle=|<style|<script{OUR_SCRIPT}|\son\w+=|(?:href|src|action)=\"(?:https?:)?//"
)

TEMPLATE = re.compile(r"None|\{[{%#]|[%}]\}")


class Page(HTMLParser):
    """The contents of a page: texts by element, links, and wrongly closed elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.h1: list[str] = []
        self.title = ""
        self.article = ""
        self.main = ""
        self.links: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.inputs: list[str] = []
        self.tables: list[bool] = []
        self.headers_without_scope = 0
        self.lang = ""
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attributes: list) -> None:
        fields = dict(attributes)
        if tag not in VOID:
            self._open.append(tag)
        if "id" in fields:
            self.ids.append(fields["id"])
        if tag == "html":
            self.lang = fields.get("lang", "")
        elif tag == "a":
            self.links.append(fields["href"])
        elif tag == "h1":
            self.h1.append("")
        elif tag == "label":
            self.labels.add(fields["for"])
        elif tag == "input" and fields.get("type") != "hidden":
            self.inputs.append(fields["id"])
        else:
            self._start_in_table(tag, fields)

    def _start_in_table(self, tag: str, fields: dict) -> None:
        if tag == "table":
            self.tables.append("aria-labelledby" in fields)
        elif tag == "caption":
            self.tables[-1] = True
        elif tag == "th" and "scope" not in fields:
            self.headers_without_scope += 1

    def handle_startendtag(self, tag: str, attributes: list) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if "h1" in self._open:
            self.h1[-1] += data
        if self._open[-1:] == ["title"] and "svg" not in self._open:
            self.title += data
        if "article" in self._open:
            self.article += data
        if "main" in self._open:
            self.main += data


def read_page(response) -> Page:
    """Return the page of a response, after checking the rules for all pages."""
    page = Page(response.content.decode())
    assert page.faults == []
    assert page.lang == "ja"
    assert len(page.h1) == 1
    assert page.title.removeprefix("エラー：").startswith(page.h1[0])
    assert page.title.endswith(SITE)
    assert not FORBIDDEN.search(page.html)
    assert len(page.ids) == len(set(page.ids))
    assert {"main"} <= set(page.ids)
    assert '<a class="skip" href="#main">' in page.html
    assert all(page.tables), "a table has neither caption nor label"
    assert page.headers_without_scope == 0
    assert set(page.inputs) <= page.labels
    # A token may by chance have these letters.
    shown = re.sub(r'(name="(?:csrfmiddlewaretoken|r\d+-page)" value=")[^"]*', r"\1", page.html)
    found = TEMPLATE.search(shown)
    assert not found, f"a template shows through: {shown[max(0, found.start() - 60) :][:120]}"
    return page


def text_of(response) -> str:
    """Return the text of the main part with each run of white space as one blank."""
    return " ".join(read_page(response).main.split())
