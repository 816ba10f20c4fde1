"""An installation with rows of all sorts: values with history, files, editions, a deleted row."""

import pytest

from accounts.roles import Role
from goals.models import Strategy
from indicators.models import Indicator
from reviews.models import Edition, EditionFile, EditionSeal, Publication, Withdrawal
from tests.factories import (
    make_actual,
    make_evidence,
    make_indicator,
    make_kpi,
    make_section,
    make_user,
)

TEXT = "改行\nタブ\t逆斜線\\N\\.「漁獲量」\r\n𠮷"


@pytest.fixture
def city(transactional_db, settings, tmp_path) -> Strategy:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    section = make_section("水産課")
    clerk = make_user(Role.CLERK, section)
    kpi = make_kpi(indicator=make_indicator(section, name="水揚げ量"))
    make_actual(kpi.indicator, 2017, 45, by=clerk, remarks=TEXT)
    make_evidence(kpi.indicator, by=clerk)
    make_evidence(kpi.indicator, name="別表.pdf", content=b"%PDF-1.4\n2", by=clerk)
    make_editions(kpi.measure.strategy)
    make_indicator(section, name="誤り").delete()
    return kpi.measure.strategy


def make_editions(plan: Strategy) -> None:
    """Make one that was withdrawn, one that was published, and one that is fixed only."""
    fix(plan, 1)
    withdrawal = Withdrawal.objects.create(
        edition=plan.editions.get(), reason="誤り", asked_by=make_user(Role.PLANNING)
    )
    withdrawal.agreed_by = make_user(Role.PLANNING)
    withdrawal.save()
    fix(plan, 2)
    Publication.objects.create(edition=plan.editions.get(number=2), published_on="2019-02-01")
    fix(plan, 3)


def fix(plan: Strategy, number: int) -> None:
    edition = Edition.objects.create(
        strategy=plan, fiscal_year_id=2017, number=number, decided_on="2019-01-10", data=TEXT
    )
    EditionFile.objects.create(
        edition=edition, kind="xlsx", name="検証調書.xlsx", content=bytes(range(256))
    )
    EditionSeal.objects.create(edition=edition)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "backups"
    path.mkdir()
    return path


@pytest.fixture
def next_id(city):
    """The id that the next indicator would get: not that of the deleted one."""
    return Indicator.history.order_by("-id").first().id + 1
