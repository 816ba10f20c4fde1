"""Addresses of the whole site."""

from django.contrib import admin
from django.urls import include, path

from nemuro_strategy import health, views

urlpatterns = [
    path("", views.home, name="home"),
    # The first middleware answers these two; here they have their names.
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("reviews.public_urls")),
    path("", include("accounts.urls")),
    path("", include("plans.urls")),
    path("", include("entry.urls")),
    path("", include("changes.urls")),
    path("", include("reviews.urls")),
    path("", include("reports.urls")),
    path("", include("start.urls")),
    path("admin/", admin.site.urls),
]

# Django renders 400 from 400.html, without request and database.
handler403 = "nemuro_strategy.views.permission_denied"
handler404 = "nemuro_strategy.views.page_not_found"
handler500 = "nemuro_strategy.outages.server_error"
