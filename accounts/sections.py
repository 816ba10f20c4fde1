"""The names of sections over the years."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import FilteredRelation, Q

from accounts.models import Section, SectionFormerName
from japanese.characters import alike
from trail.history import as_it_stood


def confused_with(name: str, others: Iterable[str]) -> str:
    """Return a message if a name differs from a known one in width or case only; else "".

    The same name letter by letter is no such case.
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


def names_in(fiscal_year: int | None, as_of: date | None = None) -> dict[int, str]:
    """Return the name of each section in a fiscal year, by id; for None the current names.

    With `as_of`, returns the names as recorded at the end of that day, in two queries, not one.
    """
    if as_of is not None:
        return _names_known(fiscal_year, as_of)
    sections = Section.objects.order_by()
    if fiscal_year is None:
        return dict(sections.values_list("pk", "name"))
    former = FilteredRelation(
        "former_names", condition=Q(former_names__last_fiscal_year__gte=fiscal_year)
    )
    rows = sections.annotate(former=former).order_by("-former__last_fiscal_year")
    # The latest end comes first, so that in the dict the name that ended first overwrites others.
    return {pk: was or today for pk, today, was in rows.values_list("pk", "name", "former__name")}


def _names_known(fiscal_year: int | None, as_of: date) -> dict[int, str]:
    sections = as_it_stood(Section, as_of).order_by()
    names = dict(sections.values_list("id", "name"))
    if fiscal_year is not None:
        former = as_it_stood(SectionFormerName, as_of)
        ended_later = former.filter(last_fiscal_year__gte=fiscal_year)
        rows = ended_later.order_by("-last_fiscal_year").values_list("section_id", "name")
        names |= {section_id: name for section_id, name in rows if section_id in names}
    return names
