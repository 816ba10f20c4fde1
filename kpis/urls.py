"""Addresses of the pages of numeric targets, KPIs and their values."""

from django.urls import path

from kpis import search_page, views

urlpatterns = [
    path("strategies/<slug:code>/search/", search_page.search_page, name="search"),
    path("strategies/<slug:code>/targets/<str:place>/", views.target, name="target"),
    path("strategies/<slug:code>/kpis/<str:place>/", views.kpi, name="kpi"),
    path(
        "strategies/<slug:code>/targets/<str:place>/values/<int:fiscal_year>/",
        views.target_value,
        name="target_value",
    ),
    path(
        "strategies/<slug:code>/kpis/<str:place>/values/<int:fiscal_year>/",
        views.kpi_value,
        name="kpi_value",
    ),
]
