"""Addresses of entering a year."""

from django.urls import path

from entry.views import answers, evidence, excel, grid, letters, status, withheld, years

VALUE = "entry/<int:fiscal_year>/<slug:indicator_code>/"

urlpatterns = [
    path("entry/", years.entry_years, name="entry_years"),
    path("entry/new/", years.entry_year_add, name="entry_year_add"),
    path("entry/<int:fiscal_year>/", grid.grid, name="entry_grid"),
    path("entry/<int:fiscal_year>/kept/", grid.keep, name="entry_kept"),
    path("entry/<int:fiscal_year>/kept/discard/", grid.discard, name="entry_kept_discard"),
    path("entry/<int:fiscal_year>/year/", years.entry_year, name="entry_year"),
    path("entry/<int:fiscal_year>/open/", years.entry_open, name="entry_open"),
    path("entry/<int:fiscal_year>/end/", years.entry_end, name="entry_end"),
    path("entry/<int:fiscal_year>/status/", status.entry_status, name="entry_status"),
    path("entry/<int:fiscal_year>/answer/", answers.entry_answer, name="entry_answer"),
    path("entry/<int:fiscal_year>/report/", letters.entry_report, name="entry_report"),
    path("entry/<int:fiscal_year>/inquiry/", letters.entry_inquiry, name="entry_inquiry"),
    path("entry/<int:fiscal_year>/form.xlsx", excel.entry_form, name="entry_form"),
    path("entry/<int:fiscal_year>/import/", excel.entry_import, name="entry_import"),
    path(
        "entry/<int:fiscal_year>/import/apply/", excel.entry_import_apply, name="entry_import_apply"
    ),
    path(
        "entry/<int:fiscal_year>/import/marked/",
        excel.entry_import_marked,
        name="entry_import_marked",
    ),
    path(f"{VALUE}withheld/", withheld.entry_withheld, name="entry_withheld"),
    path(f"{VALUE}evidence/", evidence.entry_evidence, name="entry_evidence"),
    path(
        f"{VALUE}evidence/<int:number>/", evidence.entry_evidence_file, name="entry_evidence_file"
    ),
    path(
        f"{VALUE}evidence/<int:number>/remove/",
        evidence.entry_evidence_remove,
        name="entry_evidence_remove",
    ),
]
