"""A city that has published an edition, for the tests of the public pages and of their export."""

import re
from datetime import date, timedelta

from django.test import Client
from django.utils import timezone

from kpis.models import KPI
from reviews.models import Edition, Erratum, KPIReview, MeasureReview, Publication
from reviews.public_site.content import edition_content
from reviews.views.public import _written
from tests.reviews.test_public_files import City


class PublishedCity(City):
    """A city whose edition of 2017 is fixed and, unless told otherwise, published."""

    def __init__(self, *, is_published: bool = True) -> None:
        super().__init__()
        forget_what_is_kept()
        self.code = self.measure.strategy.code
        self.plan = f"/public/{self.code}/"
        self.edition = self.fix()
        if is_published:
            self.publish(self.edition)
        self.first = f"{self.plan}1/"

    def _write_reviews(self, kpi: KPI) -> None:
        super()._write_reviews(kpi)
        KPIReview.objects.create(
            review=MeasureReview.objects.get(),
            kpi=KPI.objects.get(indicator=self.level),
            comment="相談の所見",
            outlook="will_meet",
        )

    def publish(self, edition: Edition, days_ahead: int = 0) -> None:
        day = timezone.localdate() + timedelta(days=days_ahead)
        Publication.objects.create(edition=edition, published_on=day)

    def correct(self, place: str) -> Erratum:
        return Erratum.objects.create(
            edition=self.edition, number=self.edition.errata.count() + 1, place=place,
            wrong="二十人", right="二十一人", entered_on=date(2019, 5, 1),
            reason="数え直したため。",
        )  # fmt: skip


def forget_what_is_kept() -> None:
    """Clear the caches, so that the next request reads everything, as in a new process."""
    edition_content.cache_clear()
    _written.cache_clear()


def links_in(html: str) -> set[str]:
    """Return the addresses that a page names, without the part after #."""
    return {link.partition("#")[0] for link in re.findall(r'(?:href|src)="([^"]+)"', html)} - {""}


def crawled(client: Client) -> dict[str, bytes]:
    """Return everything linked from the first public page on, pages and files."""
    found: dict[str, bytes] = {}
    waiting = {"/public/"}
    while waiting:
        path = waiting.pop()
        response = client.get(path)
        assert response.status_code == 200, path
        found[path] = response.content
        if response["Content-Type"].startswith("text/html"):
            links = {one for one in links_in(response.content.decode()) if "/static/" not in one}
            waiting |= links - set(found)
    return found
