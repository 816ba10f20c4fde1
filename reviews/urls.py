"""Addresses of the year's end."""

from django.urls import path

from reviews.views import (
    council,
    decisions,
    edition_acts,
    editions,
    grants,
    measure_sheets,
    measures,
    project_excel,
    project_grid,
    projects,
    published,
    steps,
)

PLAN = "strategies/<slug:code>/reviews/"
EDITION = f"{PLAN}editions/<int:number>/"

urlpatterns = [
    path(PLAN, steps.reviews, name="reviews"),
    path(f"{PLAN}choices/", steps.review_choices, name="review_choices"),
    path(f"{PLAN}measures/", measures.review_measures, name="review_measures"),
    path(f"{PLAN}measures/<str:place>/", measures.review_measure, name="review_measure"),
    path(f"{PLAN}sheets/", measure_sheets.review_sheets, name="review_sheets"),
    path(f"{PLAN}sheets/form.xlsx", measure_sheets.review_sheets_form, name="review_sheets_form"),
    path(f"{PLAN}sheets/apply/", measure_sheets.review_sheets_apply, name="review_sheets_apply"),
    path(
        f"{PLAN}sheets/marked.xlsx",
        measure_sheets.review_sheets_marked,
        name="review_sheets_marked",
    ),
    path(f"{PLAN}decisions/", decisions.review_decisions, name="review_decisions"),
    path(f"{PLAN}projects/", projects.review_projects, name="review_projects"),
    path(f"{PLAN}projects/grid/", project_grid.review_project_grid, name="review_project_grid"),
    path(f"{PLAN}projects/kept/", project_grid.review_project_kept, name="review_project_kept"),
    path(
        f"{PLAN}projects/kept/discard/",
        project_grid.review_project_discard,
        name="review_project_discard",
    ),
    path(f"{PLAN}projects/form/", project_excel.review_project_form, name="review_project_form"),
    path(
        f"{PLAN}projects/import/", project_excel.review_project_import, name="review_project_import"
    ),
    path(
        f"{PLAN}projects/import/apply/",
        project_excel.review_project_import_apply,
        name="review_project_import_apply",
    ),
    path(
        f"{PLAN}projects/import/marked/",
        project_excel.review_project_import_marked,
        name="review_project_import_marked",
    ),
    path(f"{PLAN}projects/<int:pk>/", projects.review_project, name="review_project"),
    path(f"{PLAN}grants/", grants.review_grants, name="review_grants"),
    path(f"{PLAN}grants/<int:number>/", grants.review_grant, name="review_grant"),
    path(f"{PLAN}council/", council.review_council, name="review_council"),
    path(f"{PLAN}council/goals/", council.review_verdicts, name="review_verdicts"),
    path(f"{PLAN}council/<int:number>/", council.review_meeting, name="review_meeting"),
    path(f"{PLAN}council/<int:number>/add/", council.review_opinion_add, name="review_opinion_add"),
    path(
        f"{PLAN}council/<int:number>/<int:opinion>/",
        council.review_opinion,
        name="review_opinion",
    ),
    path(f"{PLAN}published/", published.review_published, name="review_published"),
    path(f"{PLAN}editions/", editions.review_editions, name="review_editions"),
    path(f"{PLAN}editions/fix/", editions.review_fix, name="review_fix"),
    path(EDITION, editions.review_edition, name="review_edition"),
    path(f"{EDITION}file.<slug:kind>", editions.review_edition_file, name="review_edition_file"),
    path(f"{EDITION}file.<slug:kind>.zip", editions.review_edition_zip, name="review_edition_zip"),
    path(f"{EDITION}errata.xlsx", editions.review_edition_errata, name="review_edition_errata"),
    path(f"{EDITION}publish/", edition_acts.review_publish, name="review_publish"),
    path(f"{EDITION}withdraw/", edition_acts.review_withdraw, name="review_withdraw"),
    path(f"{EDITION}erratum/", edition_acts.review_erratum, name="review_erratum"),
]
