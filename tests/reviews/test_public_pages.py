"""The public pages: published editions for everybody, from frozen data, and nothing else."""

import re
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.roles import Role
from indicators.models import Actual
from indicators.plan_states import PlanState
from reviews.models import Edition, Erratum, Publication
from reviews.public_site.content import content_of
from tests.factories import make_fiscal_year, make_user
from tests.reviews.test_public_files import SECRETS, YEAR, City

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PLAN = "/public/plan-1/"
FIRST = f"{PLAN}1/"


class Published(City):
    """A city whose edition of 2017 is published."""

    def __init__(self) -> None:
        super().__init__()
        self.edition = self.fix()
        self.publication = Publication.objects.create(
            edition=self.edition, published_on=timezone.localdate()
        )


@pytest.fixture
def city(settings) -> Published:
    settings.PUBLIC_PAGES = True
    content_of.cache_clear()
    return Published()


def links_in(html: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="([^"#]+)', html))


def all_pages(client) -> dict[str, str]:
    """Return each public page that links lead to from the first one, by its address."""
    pages: dict[str, str] = {}
    waiting = ["/public/"]
    while waiting:
        path = waiting.pop()
        response = client.get(path)
        assert response.status_code == 200, path
        if path.endswith("/"):
            pages[path] = response.content.decode()
            for link in sorted(links_in(pages[path])):
                if link.startswith("/public/") and link not in (*pages, *waiting):
                    waiting.append(link)
    return pages


def test_x(city, client):
    pages = all_pages(client)
    print("\n".join(pages))
