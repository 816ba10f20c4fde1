"""The person who enters a year of the small city (tests/entry/city.py)."""

import pytest
from django.test import Client

from tests.entry.city import City


@pytest.fixture
def clerk(client: Client, city: City) -> Client:
    """The browser of a clerk of the city that the module makes."""
    client.force_login(city.clerk)
    return client
