"""Addresses of files that leave."""

from django.urls import path

from reports import views

urlpatterns = [
    path("strategies/<slug:code>/workbook/", views.year_workbook, name="year_workbook"),
]
