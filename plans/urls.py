"""Addresses of the pages of a plan."""

from django.urls import path

from plans.nodes import KPI_MODEL, NUMERIC_TARGET
from plans.views import (
    all_listings,
    figures,
    goals,
    listings,
    measures,
    next_plan,
    plan_workbook,
    revisions,
    search,
    sections,
    two_years,
)

PLAN = "strategies/<slug:code>/"

urlpatterns = [
    path("plan-workbook/", plan_workbook.plan_workbook, name="plan_workbook"),
    path("plan-workbook/apply/", plan_workbook.plan_workbook_apply, name="plan_workbook_apply"),
    path("plan-workbook/marked/", plan_workbook.plan_workbook_marked, name="plan_workbook_marked"),
    path(PLAN, goals.overview, name="overview"),
    path(f"{PLAN}listings/", all_listings.all_listings, name="listings"),
    path(f"{PLAN}compare/", two_years.two_years, name="two_years"),
    path(f"{PLAN}sections/", sections.sections, name="sections"),
    path(f"{PLAN}sections/<int:pk>/", sections.section, name="section"),
    path(f"{PLAN}list/", goals.plan_list, name="plan_list"),
    path(f"{PLAN}goals/<int:position>/", goals.goal, name="goal"),
    path(f"{PLAN}measures/<str:place>/", measures.measure, name="measure"),
    path(f"{PLAN}projects/", measures.projects, name="projects"),
    path(f"{PLAN}revisions/", revisions.revisions, name="revisions"),
    path(f"{PLAN}revisions/<int:number>/", revisions.revision, name="revision"),
    path(f"{PLAN}next/", next_plan.next_plan, name="next_plan"),
    path(f"{PLAN}search/", search.search_page, name="search"),
    *(
        path(f"{PLAN}{pages}/<str:place>/{end}", view, {"model": model}, name=f"{name}{what}")
        for pages, name, model in (
            ("targets", "target", NUMERIC_TARGET),
            ("kpis", "kpi", KPI_MODEL),
        )
        for end, view, what in (
            ("", listings.listing_page, ""),
            ("chart/", figures.figure_page, "_figure"),
            ("chart.svg", figures.figure_file, "_svg"),
        )
    ),
]
