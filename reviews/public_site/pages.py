"""The table of all public pages: which address is which page, and its HTML."""

from collections.abc import Iterator
from typing import Any

from django.template.loader import render_to_string

from plans.pages import Link
from reviews.editions.errata import errata_workbook
from reviews.models import Edition, EditionFile
from reviews.public_site.content import Content, PublicFile, edition_content
from reviews.public_site.edition_pages import (
    ERRATA,
    Context,
    EditionPages,
    PublicPage,
    files_beside,
)
from reviews.public_site.links import Links
from reviews.public_site.published import PublicEdition, Shelf
from reviews.public_site.rows import To

SITE = "総合戦略の検証結果"
"""The heading of the first page."""

NEWEST = "newest/"
"""Where the first page of a plan's newest edition is found, whichever that is."""

STYLE_SHEETS = tuple(
    f"{name}.css"
    for name in ("tokens", "frame", "base", "tables", "charts", "pages", "paper", "public")
)
ICON = "favicon.svg"


def find_page(shelf: Shelf, address: str) -> PublicPage | None:
    """Return the page at an address; None for an address that no page has."""
    if address == "":
        return _first_page(shelf)
    code, _, below = address.partition("/")
    editions = shelf.of_plan(code)
    if not editions:
        return None
    if below in ("", NEWEST):
        return next(one for one in _pages_of_plan(editions) if one.address == address)
    number, _, _ = below.partition("/")
    for edition in editions:
        if number == str(edition.number):
            pages = _of_edition(edition, editions[0]).pages()
            return next((one for one in pages if one.address == address), None)
    return None


def find_file(shelf: Shelf, address: str) -> tuple[PublicEdition, PublicFile] | None:
    """Return the download at an address, with its edition; None where there is none."""
    for edition, file in public_files(shelf, address.partition("/")[0]):
        if edition.address + file.path == address:
            return edition, file
    return None


def not_found_page() -> PublicPage:
    """Return the page for an address that is not public or does not exist: both look the same."""
    return PublicPage("", "ページが見つかりません", "not_found", lambda to: {})


def all_pages(shelf: Shelf) -> Iterator[PublicPage]:
    """Yield every page, each once."""
    yield _first_page(shelf)
    for editions in shelf.plans():
        yield from _pages_of_plan(editions)
        for edition in editions:
            yield from _of_edition(edition, editions[0]).pages()


def public_files(shelf: Shelf, code: str = "") -> Iterator[tuple[PublicEdition, PublicFile]]:
    """Yield the downloads with their editions, of all plans or of one."""
    for edition in shelf.of_plan(code) if code else shelf.editions:
        for file in files_beside(edition, _content(edition)):
            yield edition, file


def public_file_content(edition: PublicEdition, file: PublicFile) -> bytes:
    """Return what is in a download."""
    if file.kind == ERRATA:
        return errata_workbook(Edition.objects.get(pk=edition.pk))
    return bytes(EditionFile.objects.get(edition=edition.pk, kind=file.kind).content)


def html_of(page: PublicPage, links: Links) -> str:
    """Return the whole HTML document of a page; `links` makes the addresses in it."""
    context: dict[str, Any] = {
        "heading": page.heading,
        "sheets": [links.asset(name) for name in STYLE_SHEETS],
        "icon": links.asset(ICON),
        "site": SITE,
        **page.context(links.to),
    }
    if page.address:
        above = ((SITE, ""), *page.above)
        trail = [Link(text, links.to(address)) for text, address in above]
        context["crumbs"] = [*trail, Link(page.heading)]
    return render_to_string(f"public/{page.template}.html", context)


def _content(edition: PublicEdition) -> Content:
    return edition_content(edition.pk, edition.sha256)


def _of_edition(edition: PublicEdition, newest: PublicEdition) -> EditionPages:
    return EditionPages(edition, _content(edition), newest)


def _first_page(shelf: Shelf) -> PublicPage:
    def context(to: To) -> Context:
        plans = []
        for editions in shelf.plans():
            tree = _content(editions[0]).tree
            links = [(Link(one.label, to(one.address)), one) for one in editions]
            plans.append((tree, Link(tree.title, to(f"{tree.code}/")), links))
        trees = [tree for tree, _, _ in plans]
        cities = dict.fromkeys(tree.city for tree in trees)
        return {
            "city": "、".join(cities),
            "home_url": to(""),
            "plans": plans,
            "invented": any(tree.invented for tree in trees),
        }

    return PublicPage("", SITE, "first", context)


def _pages_of_plan(editions: tuple[PublicEdition, ...]) -> Iterator[PublicPage]:
    newest = editions[0]
    tree = _content(newest).tree

    def context(to: To) -> Context:
        return {
            "city": tree.city,
            "plan_title": tree.title,
            "home_url": to(f"{tree.code}/"),
            "invented": any(_content(one).tree.invented for one in editions),
            "editions": [
                (Link(one.label, to(one.address)), to(f"{one.address}errata/"), one)
                for one in editions
            ],
            "newest_url": to(f"{tree.code}/{NEWEST}"),
        }

    yield PublicPage(f"{tree.code}/", tree.title, "plan", context)
    first = _of_edition(newest, newest)
    yield first.overview(f"{tree.code}/{NEWEST}")
