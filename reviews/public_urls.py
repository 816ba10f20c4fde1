"""Addresses of the public pages. The site matches them first: they need few of the other steps."""

from django.urls import path

from reviews.views.public import public_page

urlpatterns = [
    path("public/", public_page, name="public_pages"),
    path("public/<path:address>", public_page, name="public_page"),
]
