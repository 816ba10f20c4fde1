"""Addresses of the public pages. The site looks for them first: they have little else to do."""

from django.urls import path

from reviews.views.public import public_page

urlpatterns = [
    path("public/", public_page, name="public_pages"),
    path("public/<path:address>", public_page, name="public_page"),
]
