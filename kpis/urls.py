"""Addresses of the pages of numeric targets and KPIs."""

from django.urls import path

from kpis import views

urlpatterns = [
    path("strategies/<slug:code>/targets/<str:place>/", views.target, name="target"),
    path("strategies/<slug:code>/kpis/<str:place>/", views.kpi, name="kpi"),
]
