"""Addresses of log-in and log-out."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
]
