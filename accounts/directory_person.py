"""What the city's directory says of a person, or that it does not answer."""

from dataclasses import dataclass


class DirectoryIsAway(Exception):
    """The directory does not answer, or not as the settings expect; the text says why."""


@dataclass(frozen=True)
class Person:
    """An entry of the directory. `groups` are the names and the full names (DN) of its groups."""

    dn: str
    number: str
    full_name: str
    email: str
    groups: frozenset[str]
