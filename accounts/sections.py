"""Sections over the years: their names change, what they answered for then does not."""

from datetime import date

from django.db import transaction
from django.db.models import FilteredRelation, Q

from accounts.models import Section, SectionFormerName
from trail.history import as_it_stood


def rename(section: Section, name: str, first_fiscal_year: int) -> None:
    """Give a section a new name from a fiscal year on; earlier years keep the one it has now.

    Renaming again for the same first year only corrects the new name.
    """
    with transaction.atomic():
        section.former_names.get_or_create(
            last_fiscal_year=first_fiscal_year - 1, defaults={"name": section.name}
        )
        section.name = name
        section.save()


def names_in(fiscal_year: int | None, as_of: date | None = None) -> dict[int, str]:
    """Return what each section was called in a year, by its id; today's names for None.

    With `as_of`, as it was known at the end of that day: needs two queries instead of one.
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
    # The later a name ended, the earlier it is written, so that the one that ended first stays.
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
