"""Acts of a revision, done on the pages of the admin as planning does them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from goals.models import Revision, Strategy
from tests.html import form_data


def act(client: Client, address: str, **typed: Any) -> str:
    """Open a form of the admin, change these fields, send it, and return the page that follows."""
    shown = form_data(client.get(address).content.decode())
    wanted = {name: value for name, value in shown.items() if not name.startswith("_")} | typed
    return client.post(address, wanted, follow=True).content.decode()


def page_of(part: Any) -> str:
    """Return the address of the admin page of an object."""
    name = f"admin:{part._meta.app_label}_{part._meta.model_name}_change"
    return reverse(name, args=[part.pk])


def add_page(model: Any) -> str:
    """Return the address of the admin page that adds an object."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")


def decide(client: Client, strategy: Strategy, year: int, **typed: Any) -> Revision:
    """Register a revision of a plan that applies from a year."""
    fields = {
        "strategy": strategy.pk,
        "number": strategy.revisions.count() + 1,
        "decided_on": f"{year}-03-24",
        "decided_by": "headquarters",
        "from_fiscal_year": str(year),
        "reason": "実績が目標を上回ったため。",
    }
    act(client, add_page(Revision), **fields | typed)
    return strategy.revisions.get(from_fiscal_year=year)
