"""Addresses of the year's end."""

from django.urls import path

from reviews.views import measures, steps

PLAN = "strategies/<slug:code>/reviews/"

urlpatterns = [
    path(PLAN, steps.reviews, name="reviews"),
    path(f"{PLAN}measures/", measures.review_measures, name="review_measures"),
    path(f"{PLAN}measures/<str:place>/", measures.review_measure, name="review_measure"),
]
