"""Links of the public pages: to addresses of the server, or from file to file of a folder."""

from dataclasses import dataclass
from typing import Protocol

from django.templatetags.static import static
from django.urls import reverse


class Links(Protocol):
    """The addresses of the table of pages, relative to one of the pages."""

    def to(self, address: str) -> str:
        """Return the link to a page ("" or ending in "/") or to a file."""
        ...

    def asset(self, name: str) -> str:
        """Return the link to a style sheet or picture of static/."""
        ...


class SiteLinks:
    """Links on the pages that the server answers."""

    def to(self, address: str) -> str:
        return reverse("public_pages") + address

    def asset(self, name: str) -> str:
        return static(name)


ASSETS = "assets/"
"""The folder of style sheets and pictures beside the pages."""

INDEX = "index.html"


@dataclass(frozen=True)
class FolderLinks:
    """Links between files: relative, and with the names of files, so that no server is needed."""

    page: str

    def to(self, address: str) -> str:
        return self._up + file_of(address)

    def asset(self, name: str) -> str:
        return f"{self._up}{ASSETS}{name}"

    @property
    def _up(self) -> str:
        return "../" * self.page.count("/")


def file_of(address: str) -> str:
    """Return the file of a page or a download within the folder."""
    return f"{address}{INDEX}" if address == "" or address.endswith("/") else address
