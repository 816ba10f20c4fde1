"""Addresses of the pages of measures and of the projects."""

from django.urls import path

from measures import views

urlpatterns = [
    path("strategies/<slug:code>/measures/<str:place>/", views.measure, name="measure"),
    path("strategies/<slug:code>/projects/", views.projects, name="projects"),
]
