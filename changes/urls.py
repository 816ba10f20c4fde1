"""Addresses of a value's history and of the search for changes."""

from django.urls import path

from changes.views import register, value
from plans.nodes import KPI_MODEL, NUMERIC_TARGET

VALUE = "<str:place>/values/<int:fiscal_year>/"

urlpatterns = [
    path(
        f"strategies/<slug:code>/targets/{VALUE}",
        value.value_page,
        {"model": NUMERIC_TARGET},
        name="target_value",
    ),
    path(
        f"strategies/<slug:code>/kpis/{VALUE}",
        value.value_page,
        {"model": KPI_MODEL},
        name="kpi_value",
    ),
    path("changes/", register.changes, name="changes"),
    path("changes/xlsx", register.changes_file, {"ending": "xlsx"}, name="changes_xlsx"),
    path("changes/csv", register.changes_file, {"ending": "csv"}, name="changes_csv"),
    path("changes/moves/", register.moves, name="moves"),
    path("changes/moves/xlsx", register.moves_file, {"ending": "xlsx"}, name="moves_xlsx"),
    path("changes/moves/csv", register.moves_file, {"ending": "csv"}, name="moves_csv"),
]
