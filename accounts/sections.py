"""Sections over the years: their names change, what they answered for then does not."""

from django.db import transaction
from django.db.models import FilteredRelation, Q

from accounts.models import Section


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


def names_in(fiscal_year: int | None) -> dict[int, str]:
    """Return what each section was called in a year, by its id; today's names for None."""
    sections = Section.objects.order_by()
    if fiscal_year is None:
        return dict(sections.values_list("pk", "name"))
    former = FilteredRelation(
        "former_names", condition=Q(former_names__last_fiscal_year__gte=fiscal_year)
    )
    rows = sections.annotate(former=former).order_by("-former__last_fiscal_year")
    # The later a name ended, the earlier it is written, so that the one that ended first stays.
    return {pk: was or today for pk, today, was in rows.values_list("pk", "name", "former__name")}
