"""Addresses of the overview, the list and the pages of goals."""

from django.urls import path

from goals import views

urlpatterns = [
    path("strategies/<slug:code>/", views.overview, name="overview"),
    path("strategies/<slug:code>/list/", views.plan_list, name="plan_list"),
    path("strategies/<slug:code>/goals/<int:position>/", views.goal, name="goal"),
]
