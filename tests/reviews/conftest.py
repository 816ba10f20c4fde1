"""An office of tests about 検証調書, and its first edition."""

import pytest

from reviews.models import Edition
from tests.reviews.edition_office import Office


@pytest.fixture
def office(db) -> Office:
    return Office()


@pytest.fixture
def fixed(office, client) -> Edition:
    client.force_login(office.planning)
    office.fix(client)
    return Edition.objects.get()
