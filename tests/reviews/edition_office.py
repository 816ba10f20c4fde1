"""A small office whose year can be fixed as 検証調書."""

from django.urls import reverse

from accounts.roles import Role
from indicators.models import Actual
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
from tests.reviews.office import WRITTEN

YEAR = 2017


class Office:
    """A measure with one KPI whose value is confirmed, and planning."""

    def __init__(self) -> None:
        self.section = make_section("水産課")
        self.clerk = make_user(Role.CLERK, self.section)
        self.planning = make_user(Role.PLANNING, full_name="企画 花子")
        self.other = make_user(Role.PLANNING, full_name="企画 次郎")
        make_fiscal_year(YEAR)
        self.measure = make_measure(title="漁業の振興")
        self.plan = self.measure.strategy
        self.indicator = make_indicator(self.section, name="水揚げ量")
        self.kpi = make_kpi(self.measure, indicator=self.indicator)
        self.value = make_actual(self.indicator, YEAR, 45, by=self.clerk)
        Actual.objects.filter(pk=self.value.pk).update(state="confirmed")
        MeasureReview.objects.create(
            measure=self.measure, fiscal_year_id=YEAR, state="confirmed", **WRITTEN
        )

    def url(self, name: str, *args: object) -> str:
        return reverse(name, args=[self.plan.code, *args])

    def fix(self, client, **more):
        sent = {"decided_on": "2019-01-10", "document_number": "根総政第1号", **more}
        return client.post(f"{self.url('review_fix')}?year={YEAR}", sent, follow=True)
