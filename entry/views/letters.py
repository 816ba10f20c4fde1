"""Pages for printing: the 照会 of a year, and 実績報告書（決裁用） of a section."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from entry.answer_rows import looked_at, sections_followed
from entry.letters import SectionPart, head_of, plans_of_year, section_parts, subjects_of_year
from entry.pages import entry_context, year_or_not_found
from indicators.evidence.lists import names_by_indicator
from japanese.calendar_days import era_day
from japanese.fiscal_years import era_label, full_label
from plans.pages import Link
from trail.installation import planning_office

SEAL_BOXES = ("部長", "課長", "課長補佐", "係長", "担当")


@require_safe
@allowed(access.may_follow_entry)
def entry_inquiry(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Show the letters to the heads of the sections, each beginning on a new page."""
    year = year_or_not_found(fiscal_year)
    parts, links = _asked_for(request, year.pk)
    office = planning_office()
    context = entry_context(
        request,
        "照会",
        year,
        parts=parts,
        links=links,
        office=office,
        sender=head_of(office) if office.endswith(("室", "課", "局")) else office,
        plans=plans_of_year(year.pk),
        subjects=subjects_of_year(year.pk),
        era=era_label(year.pk),
        review=era_label(year.pk + 1),
        last_era=era_label(year.pk - 1),
        dated=era_day(year.inquiry_date) if year.inquiry_date else "",
        due=era_day(year.due_date) if year.due_date else "",
    )
    return render(request, "entry/inquiry.html", context)


@require_safe
@allowed(access.may_follow_entry)
def entry_report(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Show the values of a section with boxes for the seals of the approvers."""
    year = year_or_not_found(fiscal_year)
    parts, links = _asked_for(request, year.pk)
    names = names_by_indicator(year.pk, [row.indicator.pk for p in parts for row in p.rows])
    context = entry_context(
        request,
        "実績報告書（決裁用）",
        year,
        parts=[
            (part, [(looked_at(row), names.get(row.indicator.pk, [])) for row in part.rows])
            for part in parts
        ],
        links=links,
        seals=SEAL_BOXES,
        plans=plans_of_year(year.pk),
        subjects=subjects_of_year(year.pk),
        year_name=full_label(year.pk),
        last_year_name=full_label(year.pk - 1),
        printed_at=timezone.localtime(),
    )
    return render(request, "entry/report.html", context)


def _asked_for(request: HttpRequest, fiscal_year: int) -> tuple[list[SectionPart], list[Link]]:
    """Return the sections selected by ?section=, and links to all that the user may see."""
    every = section_parts(fiscal_year, sections_followed(request.user))
    asked = request.GET.get("section", "")
    parts = [part for part in every if asked in ("", str(part.pk))]
    if len(every) < 2:
        return parts, []
    links = [Link(part.name, f"?section={part.pk}", asked == str(part.pk)) for part in every]
    return parts, [Link("すべての課", request.path, not asked), *links]
