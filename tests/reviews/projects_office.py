"""A section with two projects of a plan, and its grid as a browser sends it."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from goals.models import Grant
from indicators.models import FiscalYear
from measures.models import Project
from reviews.duties import Responsible
from reviews.models import ProjectYear
from reviews.recording import ReviewEntry, record_reviews
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_measure,
    make_project,
    make_section,
    make_user,
)
from tests.html import form_data
from trail.history import Change, Door

YEAR = 2017
PASSWORD = "kani-to-sanma-2015"


def text(response: HttpResponse) -> str:
    return response.content.decode()


class Office:
    """Two projects of one section, a 交付金, and the people."""

    def __init__(self) -> None:
        self.section = make_section("水産課")
        self.clerk = make_user(Role.CLERK, self.section, password=PASSWORD)
        self.colleague = make_user(Role.CLERK, self.section)
        self.planning = make_user(Role.PLANNING)
        self.year: FiscalYear = make_fiscal_year(YEAR)
        self.measure = make_measure(title="漁業の振興")
        self.plan = self.measure.strategy
        self.one = make_project(self.measure, name="種苗放流", section=self.section)
        self.other = make_project(self.measure, name="講習会", section=self.section)
        self.grant = Grant.objects.create(strategy=self.plan, number=1, name="港の交付金")
        indicator = make_indicator(self.section, name="水揚げ量")
        make_kpi(self.measure, indicator=indicator)
        make_actual(indicator, YEAR, 1)

    def url(self, name: str) -> str:
        return f"{reverse(name, args=[self.plan.code])}?year={YEAR}"

    @property
    def grid(self) -> str:
        return self.url("review_project_grid")

    def log_in(self, client: Client, user: User | None = None) -> None:
        client.force_login(user or self.clerk)

    def typed(self, client: Client, changes: dict[Project, dict[str, str]]) -> dict[str, str]:
        """Return what the grid sends after somebody typed into it."""
        sent = form_data(text(client.get(self.grid)))
        for project, texts in changes.items():
            sent |= {f"r{project.pk}-{name}": typed for name, typed in texts.items()}
        return sent | {"save": "1"}

    def write(
        self, by: User, seen: int = 0, project: Project | None = None, **fields: Any
    ) -> ProjectYear:
        """Store something of a project, as another window or another person would."""
        about = (project or self.one).pk
        duties = Responsible(self.plan.pk, {about: (self.section.pk,)}, {about: "種苗放流"})
        entry = ReviewEntry(about, fields, seen)
        return record_reviews(ProjectYear, self.year, [entry], duties, Change(by, Door.PAGE))[0]
