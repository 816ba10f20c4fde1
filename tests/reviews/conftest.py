"""An office of tests about 検証調書, and its first edition."""

import pytest

from reviews.models import Edition
from tests.reviews.edition_files import without_workbooks
from tests.reviews.edition_office import Office


@pytest.fixture
def office(db) -> Office:
    return Office()


@pytest.fixture
def fixed(office, client) -> Edition:
    """The year fixed by planning, with stand-ins for the workbooks."""
    client.force_login(office.planning)
    with without_workbooks():
        office.fix(client)
    return Edition.objects.get()
