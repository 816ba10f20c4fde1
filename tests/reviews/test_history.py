"""What is written of a year's end is in the search of all changes."""

import pytest
from django.apps import apps
from django.urls import reverse

from accounts.roles import Role
from changes.history_rows import SOURCES, Conditions, HistoryKind, find
from reviews.models import Council, MeasureReview, Opinion
from tests.factories import make_fiscal_year, make_kpi, make_measure, make_strategy, make_user
from trail.history import Door, changing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def planning(db):
    return make_user(Role.PLANNING, full_name="企画 花子")


@pytest.fixture
def measure(planning):
    measure = make_measure(title="漁業の振興")
    year = make_fiscal_year(2017)
    with changing(by=planning, door=Door.PAGE, reason="評価の入力"):
        review = MeasureReview.objects.create(
            measure=measure, fiscal_year=year, results="水揚げが増えた。"
        )
        review.kpi_reviews.create(kpi=make_kpi(measure, name="水揚げ量"), comment="回復した。")
        council = Council.objects.create(
            strategy=measure.strategy, fiscal_year=year, number=1, name="推進会議",
            held_on="2018-10-20",
        )  # fmt: skip
        Opinion.objects.create(council=council, number=1, measure=measure, text="もっと。")
    return measure


def test_every_history_of_this_app_is_searched():
    tracked = {
        model._meta.label_lower
        for model in apps.get_app_config("reviews").get_models()
        if hasattr(model, "history") and not model.__name__.startswith("Historical")
    }
    assert tracked - set(SOURCES) == set()


def test_the_search_shows_who_wrote_what(client, planning, measure):
    client.force_login(planning)
    page = text(client.get(reverse("changes"), {"kind": "review"}))
    for part in ("漁業の振興", "水揚げが増えた。", "推進会議（第1回）", "回復した。", "企画 花子"):
        assert part in page


def test_the_changes_of_a_plan_are_its_own_and_no_others(measure):
    def count(code):
        return find(Conditions(plan=code, kind=HistoryKind.REVIEW, with_drafts=True)).count()

    assert count(measure.strategy.code) == 4
    assert count(make_strategy(code="other", title="ほかの計画").code) == 0
