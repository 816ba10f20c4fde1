"""Addresses of the year's end."""

from django.urls import path

from reviews.views import council, measures, steps

PLAN = "strategies/<slug:code>/reviews/"

urlpatterns = [
    path(PLAN, steps.reviews, name="reviews"),
    path(f"{PLAN}measures/", measures.review_measures, name="review_measures"),
    path(f"{PLAN}measures/<str:place>/", measures.review_measure, name="review_measure"),
    path(f"{PLAN}council/", council.review_council, name="review_council"),
    path(f"{PLAN}council/goals/", council.review_verdicts, name="review_verdicts"),
    path(f"{PLAN}council/<int:number>/", council.review_meeting, name="review_meeting"),
    path(f"{PLAN}council/<int:number>/add/", council.review_opinion_add, name="review_opinion_add"),
    path(
        f"{PLAN}council/<int:number>/<int:opinion>/",
        council.review_opinion,
        name="review_opinion",
    ),
]
