"""The manual: its pictures are made by `make screenshots`, its links and buttons are there."""

import re
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.utils.translation import trans_real

from docs.screenshots.pictures import PICTURES
from trail import downloads_a_minute

ROOT = settings.BASE_DIR
MANUAL = sorted((ROOT / "docs" / "manual").glob("*.md"))
HANDBOOK = sorted((ROOT / "docs" / "manual" / "operation").glob("*.md"))
STATES_OF_THE_OVERVIEW = ROOT / "docs" / "overview-states.md"
PAGES = [ROOT / "README.md", STATES_OF_THE_OVERVIEW, *MANUAL, *HANDBOOK]
IMAGES = ROOT / "docs" / "images"

LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
BUTTON = re.compile(r"\*\*「([^」]+)」\*\*")
APPS = [
    "accounts",
    "indicators",
    "goals",
    "measures",
    "kpis",
    "plans",
    "entry",
    "reviews",
    "reports",
    "start",
    "nemuro_strategy",
]
OF_THE_BROWSER = {"«"}
"""Signs on the pages of the admin that are no words."""

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")


def links(page: Path) -> Iterator[tuple[bool, str]]:
    """Yield the links of a page to this repository: whether it is a picture, and the address."""
    for mark, address in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in address:
            yield bool(mark), unquote(address)


def anchors(page: Path) -> set[str]:
    """Return the anchors that headings get on a forge: lower case, no punctuation, - for blanks."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def headings_of_errors() -> dict[str, str]:
    """Return the heading of each page for an error, by status: those of the program and nginx."""
    pages = [*(ROOT / "templates").glob("???.html"), *(ROOT / "deploy/nginx/pages").glob("*.html")]
    heading = re.compile(r"<h1>(.+?)</h1>")
    found = {page.stem: heading.search(page.read_text(encoding="utf-8"))[1] for page in pages}
    return found | {"429": downloads_a_minute.HEADING}


@cache
def words_on_the_screen() -> str:
    """Return all that our code, templates and scripts say."""
    sources = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    sources += (ROOT / "templates").rglob("*.html")
    sources += (ROOT / "static").glob("*.js")
    return "\n".join(path.read_text(encoding="utf-8") for path in sources)


@cache
def words_of_django() -> list[re.Pattern]:
    """Return all that Django's own pages say in Japanese; a name may stand for any %(…)s."""
    catalog = trans_real.translation("ja")._catalog
    texts = {text for part in catalog._catalogs for text in part.values() if isinstance(text, str)}
    return [re.compile(re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(text))) for text in texts if text]


def is_on_the_screen(button: str) -> bool:
    if button in OF_THE_BROWSER or button in words_on_the_screen():
        return True
    return any(words.fullmatch(button) for words in words_of_django())


@pages
def test_every_link_leads_somewhere(page):
    wrong = []
    for _, address in links(page):
        path, _, anchor = address.partition("#")
        target = (page.parent / path).resolve() if path else page
        there = target.exists() and (not anchor or anchor in anchors(target))
        wrong += [] if there else [address]
    assert wrong == []


@pages
def test_every_picture_is_made_by_make_screenshots(page):
    pictures = [
        (page.parent / address).resolve() for is_picture, address in links(page) if is_picture
    ]
    assert {path.parent for path in pictures} <= {IMAGES}
    assert {path.stem for path in pictures} <= set(PICTURES)


def test_every_picture_that_is_made_is_there_and_shown():
    shown = {
        Path(address).stem for page in PAGES for is_picture, address in links(page) if is_picture
    }
    assert shown == set(PICTURES) == {path.stem for path in IMAGES.iterdir()}


def test_the_pictures_are_small():
    large = {path.name: path.stat().st_size for path in IMAGES.iterdir()}
    assert {name: size for name, size in large.items() if size > 200_000} == {}


def height_on_paper(page: Path) -> float:
    """Return about how many centimetres of A4 a chapter takes: letters of 10.5 points, 17 cm wide.

    A line has 46 letters and is 0.6 cm high; pictures are as wide as the lines.
    """
    height = 0.0
    for line in page.read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"!\[.*\]\((.+)\)", line):
            wide, high = struct.unpack(">II", (page.parent / found[1]).read_bytes()[16:24])
            height += 17 * high / wide
        elif line.startswith("#"):
            height += 1.3
        elif not re.fullmatch(r"[|-]*", line):
            text = re.sub(r"\]\([^)]*\)|\*\*", "", line)
            height += 0.6 * -(-len(text) // 46) + 0.15
    return height


@pytest.mark.parametrize("chapter", ["clerks.md", "readers.md", "operation/before.md"])
def test_the_chapters_to_print_fit_on_two_pages(chapter):
    assert height_on_paper(ROOT / "docs" / "manual" / chapter) <= 2 * 26


def test_every_chapter_is_in_the_contents():
    for chapters in (MANUAL, HANDBOOK):
        contents = {address for _, address in links(chapters[0].parent / "README.md")}
        assert {page.name for page in chapters} - {"README.md"} <= contents


@pages
def test_every_button_has_the_name_that_the_manual_gives_it(page):
    buttons = set(BUTTON.findall(page.read_text(encoding="utf-8"))) - {"太字のかぎ括弧"}
    assert {button for button in buttons if not is_on_the_screen(button)} == set()


def test_the_handbook_calls_each_page_of_an_error_as_its_heading_does():
    headings = headings_of_errors()
    with_status, without = [], set()
    for page in HANDBOOK:
        text = page.read_text(encoding="utf-8")
        with_status += re.findall(r"\b(413|429|50[0-4])[「（]([^」（|]+?)(?: \||」)", text)
        without.update(re.findall(r"画面には?「([^」]+)」と出ます", text))
    assert {status for status, _ in with_status} == {"413", "429", "500", "502", "503", "504"}
    assert [pair for pair in with_status if headings[pair[0]] != pair[1]] == []
    assert without
    assert without <= set(headings.values())


def test_a_button_that_does_not_exist_is_found():
    assert is_on_the_screen("この条件で探す")
    assert is_on_the_screen("保存して編集を続ける")
    assert is_on_the_screen("利用者を追加する")
    assert not is_on_the_screen("この条件で捜索する")
