"""Addresses of setting up an installation."""

from django.urls import path

from start.views import staff, steps

urlpatterns = [
    path("start/", steps.start, name="start"),
    path("start/city/", steps.start_city, name="start_city"),
    path("start/example/", steps.start_example, name="start_example"),
    path("start/example/remove/", steps.start_example_remove, name="start_example_remove"),
    path("start/staff/", staff.start_staff, name="start_staff"),
    path("start/staff/apply/", staff.start_staff_apply, name="start_staff_apply"),
    path("start/staff/form.xlsx", staff.start_staff_form, name="start_staff_form"),
    path("start/passwords/", staff.start_passwords, name="start_passwords"),
]
