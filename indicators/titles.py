"""Titles of parts of a plan in time: how a part was called before a revision renamed it."""

from collections.abc import Mapping
from typing import Any

from django.db import models


class Retitled(models.Model):
    """A part of a plan with a `title` that revisions change.

    A former title is stored with the last fiscal year in which it held, as a key of JSON: a string.
    """

    former_titles = models.JSONField("改訂前の名称", default=dict, blank=True)

    class Meta:
        abstract = True


def title_in(title: str, former_titles: Mapping[str, str], fiscal_year: int | None) -> str:
    """Return how a part was called in a year; None stands for today."""
    if fiscal_year is None:
        return title
    later = [int(last) for last in former_titles if int(last) >= fiscal_year]
    return former_titles[str(min(later))] if later else title


def titles_from(title: str, former_titles: Mapping[str, str]) -> list[tuple[int | None, str]]:
    """Return all titles, oldest first, each with its first year; None: from the start."""
    lasts = sorted(map(int, former_titles))
    starts = [None, *(last + 1 for last in lasts)]
    titles = [*(former_titles[str(last)] for last in lasts), title]
    return list(zip(starts, titles, strict=True))


def retitled_in(part: Any) -> set[int]:
    """Return the years from which revisions renamed a part; none for one that has no title."""
    return {int(last) + 1 for last in getattr(part, "former_titles", {})}


def keep_title(part: Any, from_fiscal_year: int) -> None:
    """Keep the stored title of a part, which a revision changes from a year on.

    A second title by the same revision replaces the first; a part that the revision added has no
    earlier one.
    """
    if from_fiscal_year in {part.first_fiscal_year, *retitled_in(part)}:
        return
    stored = type(part)._default_manager.get(pk=part.pk)
    if stored.title != part.title:
        part.former_titles = {**stored.former_titles, str(from_fiscal_year - 1): stored.title}


def take_title_back(part: Any) -> None:
    """Let a part be called again as before its newest revision. Saves it."""
    newest = max(part.former_titles, key=int)
    part.title = part.former_titles[newest]
    part.former_titles = {
        last: title for last, title in part.former_titles.items() if last != newest
    }
    part.save()


def move_titles(part: Any, before: int, after: int) -> None:
    """Let the title that a revision gave hold from another year on. Saves the part."""
    old = str(before - 1)
    if old in getattr(part, "former_titles", {}):
        part.former_titles = {
            str(after - 1) if last == old else last: title
            for last, title in part.former_titles.items()
        }
        part.save()
