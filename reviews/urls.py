"""Addresses of the year's end."""

from django.urls import path

from reviews.views import steps

PLAN = "strategies/<slug:code>/reviews/"

urlpatterns = [
    path(PLAN, steps.reviews, name="reviews"),
]
