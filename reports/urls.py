"""Addresses of the papers and the exported files."""

from django.urls import path

from reports.views import choice, data, papers, plan_form, revisions, slides, year_end
from reports.year_end.edition_document import PUBLIC

PLAN = "strategies/<slug:code>/"
EDITIONS = f"{PLAN}reviews/editions/"

urlpatterns = [
    path("reports/", choice.newest, name="reports"),
    path("plan-workbook/form.xlsx", plan_form.plan_form, name="plan_form"),
    path("plan-workbook/from-text/", plan_form.from_text, name="plan_form_from_text"),
    path(f"{PLAN}reports/", choice.choose, name="report_choice"),
    path(f"{PLAN}print/", papers.document, name="year_document"),
    path(f"{PLAN}slides/", slides.slides, name="slides"),
    path(f"{PLAN}revisions/<int:number>.xlsx", revisions.revision_file, name="revision_xlsx"),
    path(f"{PLAN}charts/", papers.charts, name="chart_collection"),
    path(f"{PLAN}workbook/", papers.report, {"key": "workbook"}, name="year_workbook"),
    path(f"{PLAN}papers/measures.xlsx", papers.report, {"key": "measures"}, name="measures_xlsx"),
    path(f"{PLAN}papers/council/", papers.council, name="council_paper"),
    path(f"{PLAN}papers/council.xlsx", papers.report, {"key": "council"}, name="council_xlsx"),
    path(f"{PLAN}papers/assembly/", papers.assembly, name="assembly_paper"),
    path(f"{PLAN}papers/assembly.xlsx", papers.report, {"key": "assembly"}, name="assembly_xlsx"),
    path(f"{PLAN}papers/settlement/", year_end.settlement, name="settlement_paper"),
    path(
        f"{PLAN}papers/settlement.xlsx",
        papers.report,
        {"key": "settlement"},
        name="settlement_xlsx",
    ),
    path(f"{PLAN}papers/grants/", year_end.grants, name="review_grants_paper"),
    path(f"{PLAN}papers/grants.xlsx", year_end.grants_file, name="review_grants_xlsx"),
    path(f"{EDITIONS}draft/", year_end.draft, name="review_edition_draft_paper"),
    path(f"{EDITIONS}draft.xlsx", year_end.draft_file, name="review_edition_draft_xlsx"),
    path(f"{EDITIONS}<int:number>/print/", year_end.edition, name="review_edition_paper"),
    path(f"{EDITIONS}<int:number>/print.xlsx", year_end.edition_file, name="review_edition_xlsx"),
    path(
        f"{EDITIONS}<int:number>/print/public/",
        year_end.edition,
        {"use": PUBLIC},
        name="review_edition_public_paper",
    ),
    path(
        f"{EDITIONS}<int:number>/print/public.xlsx",
        year_end.edition_file,
        {"use": PUBLIC},
        name="review_edition_public_xlsx",
    ),
    path(f"{PLAN}data/<int:fiscal_year>.csv", data.year, {"ending": "csv"}, name="data_csv"),
    path(f"{PLAN}data/<int:fiscal_year>.json", data.year, {"ending": "json"}, name="data_json"),
    path(f"{PLAN}data/<int:fiscal_year>.xlsx", data.year, {"ending": "xlsx"}, name="data_xlsx"),
    path(f"{PLAN}data/actuals.csv", data.actuals, {"ending": "csv"}, name="actuals_csv"),
    path(f"{PLAN}data/actuals.xlsx", data.actuals, {"ending": "xlsx"}, name="actuals_xlsx"),
    path(f"{PLAN}data/codes.csv", data.about, {"key": "codes"}, name="data_codes"),
    path(f"{PLAN}data/metadata.csv", data.about, {"key": "metadata"}, name="data_metadata"),
    path(f"{PLAN}data/<int:fiscal_year>.zip", data.everything, name="data_zip"),
    path(f"{PLAN}data/datapackage.json", data.package, name="data_package"),
    path(f"{PLAN}data/strategy.schema.json", data.schema, name="data_schema"),
]
