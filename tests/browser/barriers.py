"""Finds barriers on a page with axe-core, on an office screen and on a telephone.

Of pages that are made of the same elements only one is checked (tests/every_page.py). They are
written by Django's test client before; the browser shows what was written.
"""

from functools import cache
from http.server import BaseHTTPRequestHandler
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders
from django.shortcuts import resolve_url
from django.test import RequestFactory
from django.views.i18n import JavaScriptCatalog
from playwright.sync_api import Page

from tests.access_table import Person
from tests.every_page import Visit

SCREEN, TELEPHONE = (1366, 768), (390, 844)
ZOOMED = (320, 256)
"""What is left of 1280 × 1024 pixels at 400 %."""

CONTRAST = "color-contrast"
OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}, CONTRAST: {"enabled": False}},
    "preload": {"assets": ["media"]},
}
"""Contrast takes three quarters of axe's time and is checked separately, see COLOURS.

Style sheets are not read again for axe: the only rule that needs them, css-orientation-lock, is an
experimental one and does not run.
"""

DEPENDS_ON_LAYOUT = ["link-in-text-block", "scrollable-region-focusable", "target-size"]
"""Rules of axe that look at where an element is, how large it is or what lies behind it."""

COLOURS = """async ({known, rule, few}) => {
  const seen = new Set(known);
  const behind = new Map([[null, ""]]);
  const lookBehind = e => {
    if (!behind.has(e)) {
      const {position, backgroundColor, backgroundImage, opacity, filter} = getComputedStyle(e);
      const around = ["static", "relative"].includes(position) ? lookBehind(e.parentElement) : null;
      const own = ["", backgroundColor, backgroundImage, opacity, filter].join("|");
      behind.set(e, around === null ? null
        : (own === "|rgba(0, 0, 0, 0)|none|1|none" ? "" : own) + around);
    }
    return behind.get(e);
  };
  const look = element => {
    const style = getComputedStyle(element), around = lookBehind(element);
    return around === null ? null
      : [style.color, style.fontSize, style.fontWeight, style.textShadow,
        element.matches(":disabled, [aria-disabled=true]") || !!element.control?.disabled,
        around].join("|");
  };
  const hasText = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
    || e.matches("input, select, textarea");
  const times = {};
  const isEnough = look => look !== null && (times[look] = (times[look] ?? 0) + 1) > few;
  const unknown = [...document.body.querySelectorAll("*")].filter(e => {
    if (!hasText(e) || !e.checkVisibility()) return false;
    const own = look(e);
    return !seen.has(own) && !isEnough(own);
  });
  if (!unknown.length) return {violations: [], passed: []};
  unknown.forEach(e => e.toggleAttribute("data-judged"));
  axe.configure({rules: [{id: rule, selector: "[data-judged]"}]});
  const {violations, passes} = await axe.run({
    runOnly: {type: "rule", values: [rule]}, elementRef: true,
    resultTypes: ["violations", "passes"],
  });
  unknown.forEach(e => e.toggleAttribute("data-judged"));
  const passed = passes.flatMap(p => p.nodes.map(n => look(n.element))).filter(Boolean);
  for (const node of violations.flatMap(v => v.nodes)) delete node.element;
  for (const node of violations.flatMap(v => v.nodes.flatMap(n => [...n.any, ...n.all])))
    delete node.relatedNodes;
  return {violations, passed: [...new Set(passed)]};
}"""
"""Judges the contrast of texts that do not look like one that axe has passed already.

Contrast follows from colour and size of a text and from what lies behind it, that is, the
backgrounds of all elements around it: of texts that look the same, a few are judged. What is
positioned may lie on anything and is always judged.
"""

FEW = 8
"""So many: axe cannot decide on a text that another element covers."""

WIDER = """() => {
  const root = document.documentElement;
  return root.scrollWidth > root.clientWidth ? root.scrollWidth : 0;
}"""

LOOSEN = """() => {
  for (const e of document.body.querySelectorAll("*"))
    if (getComputedStyle(e).position === "sticky")
      Object.assign(e.style, {position: "relative", inset: "auto"});
}"""
"""Takes from all elements what holds them at the edge of the window."""

THIN_OUT = """most => {
  const shapeOf = e => [e.nodeName, ...[...e.attributes].map(({name, value}) =>
    name + (["class", "role", "type"].includes(name) ? "=" + value : value ? "" : "=")).sort(),
    ].join(" ");
  const shapesIn = (e, path) => {
    const shape = path + ">" + shapeOf(e);
    return [shape, ...[...e.children].flatMap(child => shapesIn(child, shape))];
  };
  for (const list of document.querySelectorAll("table, tbody, ul, ol, select, svg, g")) {
    const times = {};
    for (const e of [...list.children]) {
      const shapes = new Set(shapesIn(e, ""));
      if ([...shapes].every(shape => times[shape] >= most)) e.remove();
      else shapes.forEach(shape => { times[shape] = (times[shape] ?? 0) + 1; });
    }
  }
}"""
"""Leaves so many of those rows and bodies of a table, items of a list, options and parts of a
drawing that are made of the same elements.

What they are made of is what tests/every_page.py calls shapes: axe would say the same of each of a
hundred rows. What two of them may not have in common, such as an id, is found in two.
"""

ALIKE = 2

SHOWN = """() => [...document.body.querySelectorAll("*")]
  .map(e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) ? "1" : "0")
  .join("")"""
"""Which elements are shown, one digit for each."""

STAFF = (Person.PLANNING, Person.CLERK, Person.AUDITOR)
"""The users who see different pages of the admin."""


class WrittenPage(BaseHTTPRequestHandler):
    """Answers with the page that was written last, or with a static file that it requests.

    Each page has a dozen static files. Chromium keeps them, which it does not where requests are
    answered by Playwright.
    """

    protocol_version = "HTTP/1.1"
    html = ""

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if self.headers["Sec-Fetch-Mode"] == "navigate":
            self.answer(self.html.encode(), "text/html; charset=utf-8", "no-store")
        elif path == resolve_url("admin:jsi18n"):
            self.answer(words_of_scripts().encode(), "text/javascript", KEEP)
        elif found := finders.find(path.removeprefix(settings.STATIC_URL)):
            self.answer(Path(found).read_bytes(), guess_type(path)[0], KEEP)
        else:
            self.send_error(404)

    def answer(self, content: bytes, content_type: str, cache_control: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", cache_control)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Write no log."""


KEEP = "max-age=3600"


@cache
def words_of_scripts() -> str:
    """Return the script with gettext() and the texts that the scripts of the admin show."""
    catalog = JavaScriptCatalog.as_view(packages=["django.contrib.admin"])
    return catalog(RequestFactory().get("/")).text


def bring_axe(page: Page) -> None:
    """Let each document that a page shows from now on have axe at hand.

    Chromium is sent the half megabyte once and keeps what it has compiled.
    """
    page.add_init_script(f"window.loadAxe = () => {{{Axe().axe_script}\n}};")


_passed: set[str] = set()
"""Looks of texts whose contrast axe has passed, on any page."""


def barriers(page: Page, rules: list[str] | None = None) -> list[str]:
    """Return what axe objects to, by all rules or by contrast and some: rule, place and reason.

    The page is one for which `bring_axe` was called.
    """
    options = OPTIONS | ({"runOnly": {"type": "rule", "values": rules}} if rules else {})
    page.evaluate("'axe' in window || loadAxe()")  # it stays until another page is shown
    found = page.evaluate("async options => (await axe.run(options)).violations", options)
    contrast = page.evaluate(COLOURS, {"known": list(_passed), "rule": CONTRAST, "few": FEW})
    found += contrast["violations"]
    _passed.update(contrast["passed"])
    return [
        f"{rule['id']}: {node['target']}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"][:3]
    ]


def resize(page: Page, size: tuple[int, int]) -> None:
    """Make the window as large as a screen, and let bars that stay at its edge go with the page.

    Such a bar covers what can be scrolled away from it. That it never covers the focus is proved in
    test_ways_of_three_people.py.
    """
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate(LOOSEN)


def barriers_at_both_sizes(page: Page) -> list[str]:
    """Return what axe objects to at each width.

    Most rules look at elements, attributes and what is shown. Where the same elements are shown at
    both widths (the document is the same in any case), these rules find the same at both: on the
    telephone only the others are asked again.
    """
    page.evaluate(THIN_OUT, ALIKE)
    resize(page, SCREEN)
    shown = page.evaluate(SHOWN)
    found = [f"{SCREEN[0]} px: {barrier}" for barrier in barriers(page)]
    resize(page, TELEPHONE)
    rules = DEPENDS_ON_LAYOUT if page.evaluate(SHOWN) == shown else None
    return found + [f"{TELEPHONE[0]} px: {barrier}" for barrier in barriers(page, rules)]


def obstacles(visit: Visit, page: Page) -> list[str]:
    """Return what is wrong with a page that is shown: scrolling sideways, and barriers."""
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    width = page.evaluate(WIDER)
    found = [f"{visit}: {width} px wide where 320 px are there"] if width else []
    return found + [f"{visit}: {barrier}" for barrier in barriers_at_both_sizes(page)]
