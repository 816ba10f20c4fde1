"""Addresses of entering a year."""

from django.urls import path

from entry.views import grid

urlpatterns = [
    path("entry/<int:fiscal_year>/", grid.grid, name="entry_grid"),
    path("entry/<int:fiscal_year>/kept/", grid.keep, name="entry_kept"),
    path("entry/<int:fiscal_year>/kept/discard/", grid.discard, name="entry_kept_discard"),
]
