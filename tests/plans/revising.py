"""Acts of a revision, done on the pages of the admin as planning does them."""

from typing import Any

from django.test import Client

from goals.models import Revision, Strategy
from tests.admin_addresses import add_page
from tests.html import form_data


def act(client: Client, address: str, **typed: Any) -> str:
    """Open a form of the admin, change these fields, send it, and return the page that follows."""
    shown = form_data(client.get(address).content.decode())
    wanted = {name: value for name, value in shown.items() if not name.startswith("_")} | typed
    return client.post(address, wanted, follow=True).content.decode()


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
