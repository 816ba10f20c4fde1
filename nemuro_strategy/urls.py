"""Addresses of the whole site."""

from django.contrib import admin
from django.urls import include, path

from nemuro_strategy import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("", include("plans.urls")),
    path("", include("entry.urls")),
    path("", include("changes.urls")),
    path("", include("reports.urls")),
    path("admin/", admin.site.urls),
]

# Django renders 400 and 500 from 400.html and 500.html, without request and database.
handler403 = "nemuro_strategy.views.permission_denied"
handler404 = "nemuro_strategy.views.page_not_found"
