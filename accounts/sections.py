"""Sections over the years: their names change, what they answered for then does not."""

from django.db import transaction

from accounts.models import Section, SectionFormerName


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


def former_names(fiscal_year: int) -> dict[int, str]:
    """Return, by the section's id, the names of that year that differ from today's records."""
    rows = SectionFormerName.objects.filter(last_fiscal_year__gte=fiscal_year)
    # The later a name ended, the earlier it is written, so that the one that ended first stays.
    newest_first = rows.order_by("-last_fiscal_year").values_list("section_id", "name")
    return dict(newest_first)
