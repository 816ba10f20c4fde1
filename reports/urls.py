"""Addresses of files that leave, and of the changes that auditors search."""

from django.urls import path

from reports import views

urlpatterns = [
    path("strategies/<slug:code>/workbook/", views.year_workbook, name="year_workbook"),
    path("changes/", views.changes, name="changes"),
    path("changes/xlsx", views.changes_file, {"ending": "xlsx"}, name="changes_xlsx"),
    path("changes/csv", views.changes_file, {"ending": "csv"}, name="changes_csv"),
    path("changes/moves/", views.moves, name="moves"),
    path("changes/moves/xlsx", views.moves_file, {"ending": "xlsx"}, name="moves_xlsx"),
    path("changes/moves/csv", views.moves_file, {"ending": "csv"}, name="moves_csv"),
]
