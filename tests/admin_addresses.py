"""Addresses of pages of the admin."""

from typing import Any

from django.urls import reverse


def page_of(thing: Any) -> str:
    """Return the address of the admin page of an object."""
    return reverse(f"admin:{_name_of(thing)}_change", args=[thing.pk])


def add_page(model: Any) -> str:
    """Return the address of the admin page that adds an object."""
    return reverse(f"admin:{_name_of(model)}_add")


def _name_of(model: Any) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"
