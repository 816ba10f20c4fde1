"""Addresses of the pages of numeric targets, KPIs and their values."""

from django.urls import path

from kpis import views

urlpatterns = [
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
