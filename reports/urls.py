"""Addresses of files that leave, of the papers, and of the changes that auditors search."""

from django.urls import path

from reports.views import changes, choice, data, document, papers

PLAN = "strategies/<slug:code>/"

urlpatterns = [
    path("reports/", choice.newest, name="reports"),
    path(f"{PLAN}reports/", choice.choose, name="report_choice"),
    path(f"{PLAN}print/", document.document, name="year_document"),
    path(f"{PLAN}workbook/", papers.report, {"key": "workbook"}, name="year_workbook"),
    path(f"{PLAN}papers/measures.xlsx", papers.report, {"key": "measures"}, name="measures_xlsx"),
    path(f"{PLAN}papers/council/", papers.council, name="council_paper"),
    path(f"{PLAN}papers/council.xlsx", papers.report, {"key": "council"}, name="council_xlsx"),
    path(f"{PLAN}papers/assembly/", papers.assembly, name="assembly_paper"),
    path(f"{PLAN}papers/assembly.xlsx", papers.report, {"key": "assembly"}, name="assembly_xlsx"),
    path(f"{PLAN}data/<int:fiscal_year>.csv", data.year, {"ending": "csv"}, name="data_csv"),
    path(f"{PLAN}data/<int:fiscal_year>.json", data.year, {"ending": "json"}, name="data_json"),
    path(f"{PLAN}data/<int:fiscal_year>.xlsx", data.year, {"ending": "xlsx"}, name="data_xlsx"),
    path(f"{PLAN}data/actuals.csv", data.actuals, {"ending": "csv"}, name="actuals_csv"),
    path(f"{PLAN}data/actuals.xlsx", data.actuals, {"ending": "xlsx"}, name="actuals_xlsx"),
    path(f"{PLAN}data/codes.csv", data.codes, name="data_codes"),
    path(f"{PLAN}data/metadata.csv", data.metadata, name="data_metadata"),
    path("changes/", changes.changes, name="changes"),
    path("changes/xlsx", changes.changes_file, {"ending": "xlsx"}, name="changes_xlsx"),
    path("changes/csv", changes.changes_file, {"ending": "csv"}, name="changes_csv"),
    path("changes/moves/", changes.moves, name="moves"),
    path("changes/moves/xlsx", changes.moves_file, {"ending": "xlsx"}, name="moves_xlsx"),
    path("changes/moves/csv", changes.moves_file, {"ending": "csv"}, name="moves_csv"),
]
