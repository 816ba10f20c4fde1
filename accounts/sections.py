"""The names of sections over the years."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Section, SectionFormerName
from japanese.characters import alike
from trail.history import as_it_stood


def confused_with(name: str, others: Iterable[str]) -> str:
    """Return a message if a name differs from a known one in width or case only; else "".

    The same name letter by letter is not such a case.
    """
    twin = next((one for one in others if alike(one) == alike(name) and one != name), None)
    if twin is None:
        return ""
    return (
        f"「{name}」は、登録されている「{twin}」と、全角・半角などの違いしかありません。"
        f"同じ課であれば「{twin}」を使い、別の課であれば見分けられる名称にしてください。"
    )


def rename(section: Section, name: str, first_fiscal_year: int) -> None:
    """Rename a section from a fiscal year on; earlier years keep the current name.

    Renaming again with the same first year only corrects the new name.
    """
    with transaction.atomic():
        section.former_names.get_or_create(
            last_fiscal_year=first_fiscal_year - 1, defaults={"name": section.name}
        )
        section.name = name
        section.save()


@dataclass(frozen=True)
class SectionNames:
    """The names of all sections in all years: the current ones, and the former ones by section.

    The current ones come in the order of the sections. Former names come with their last year, the
    earliest first.
    """

    current: Mapping[int, str]
    former: Mapping[int, Sequence[tuple[int, str]]]

    def of(self, section_id: int, fiscal_year: int | None) -> str:
        """Return the name of a section in a fiscal year; for None the current name."""
        if fiscal_year is not None:
            for last_year, name in self.former.get(section_id, ()):
                if last_year >= fiscal_year:
                    return name
        return self.current[section_id]

    def in_year(self, fiscal_year: int | None) -> dict[int, str]:
        """Return the names of all sections in a fiscal year by id; for None the current ones."""
        return {pk: self.of(pk, fiscal_year) for pk in self.current}


def read_names(as_of: date | None = None) -> SectionNames:
    """Return the names of all sections in one query.

    With `as_of`, returns the names as recorded at the end of that day, in two queries.
    """
    if as_of is not None:
        return _names_known(as_of)
    former: dict[int, list[tuple[int, str]]] = defaultdict(list)
    current = {}
    rows = Section.objects.order_by("position", "name", "pk", "former_names__last_fiscal_year")
    for pk, name, last_year, was in rows.values_list(
        "pk", "name", "former_names__last_fiscal_year", "former_names__name"
    ):
        current[pk] = name
        if last_year is not None:
            former[pk].append((last_year, was))
    return SectionNames(current, former)


def _names_known(as_of: date) -> SectionNames:
    sections = as_it_stood(Section, as_of).order_by("position", "name", "id")
    current = dict(sections.values_list("id", "name"))
    former: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = as_it_stood(SectionFormerName, as_of).order_by("last_fiscal_year")
    for section_id, last_year, name in rows.values_list("section_id", "last_fiscal_year", "name"):
        former[section_id].append((last_year, name))
    return SectionNames(current, former)


def names_in(fiscal_year: int | None, as_of: date | None = None) -> dict[int, str]:
    """Return the name of each section in a fiscal year, by id; for None the current names."""
    return read_names(as_of).in_year(fiscal_year)


def name_in(section: str, fiscal_year: str) -> Coalesce:
    """Return an expression for the name of a section in a year.

    Both arguments are paths or annotations of the outer query, with the ids.
    """
    former = SectionFormerName.objects.filter(
        section=OuterRef(section), last_fiscal_year__gte=OuterRef(fiscal_year)
    )
    current = Section.objects.filter(pk=OuterRef(section)).order_by()
    return Coalesce(
        Subquery(former.order_by("last_fiscal_year").values("name")[:1]),
        Subquery(current.values("name")),
    )
