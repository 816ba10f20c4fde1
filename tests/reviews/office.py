"""An office at the year's end: measures of two sections, and who writes of them."""

from django.urls import reverse

from accounts.roles import Role
from reviews.models import MeasureReview
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_user,
)

YEAR = 2017

WRITTEN = {
    "results": "増えた。", "grade": "Ａ 順調", "grade_reason": "見込みによる。", "policy": "継続",
}  # fmt: skip
"""An evaluation from which nothing is missing."""


def text(response) -> str:
    """Return the page of an answer."""
    return response.content.decode()


class Office:
    """Two measures of one section and one of another, each with a KPI."""

    def __init__(self) -> None:
        self.section, self.other = make_section("水産課"), make_section("税務課")
        self.clerk = make_user(Role.CLERK, self.section)
        self.head = make_user(Role.HEAD, self.section)
        self.planning = make_user(Role.PLANNING)
        self.year = make_fiscal_year(YEAR)
        self.measure = make_measure(title="漁業の振興")
        self.second = make_measure(self.measure.group.goal, title="漁港の整備")
        self.foreign = make_measure(self.measure.group.goal, title="税の収納")
        self.kpi = self._kpi(self.measure, self.section, "水揚げ量")
        self._kpi(self.second, self.section, "係留数")
        self._kpi(self.foreign, self.other, "収納率")
        self.plan = self.measure.strategy

    def _kpi(self, measure, section, name):
        indicator = make_indicator(section, name=name)
        make_actual(indicator, YEAR, 1)
        return make_kpi(measure, indicator=indicator)

    def url(self, name: str, **query) -> str:
        return reverse(name, args=[self.plan.code], query={"year": YEAR, **query})

    def page_of(self, measure) -> str:
        """Return the page of a measure's evaluation."""
        address = reverse("review_measure", args=[self.plan.code, measure.code])
        return f"{address}?year={YEAR}"

    def type_in(self, client, user, **fields) -> None:
        client.force_login(user)
        stored = MeasureReview.objects.filter(measure=self.measure).first()
        seen = {"seen": stored.version if stored else 0}
        assert client.post(self.page_of(self.measure), seen | fields).status_code == 302
