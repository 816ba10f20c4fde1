"""What is written of a year's end is in the search of all changes."""

from collections import Counter

import pytest
from django.apps import apps
from django.urls import reverse

from accounts.roles import Role
from changes.change_search import indicators_called, parts_called
from changes.history_rows import SOURCES, Conditions, HistoryKind, beyond, find
from changes.past_changes import every_change
from reviews.models import (
    Council,
    Edition,
    EditionSeal,
    Erratum,
    MeasureReview,
    Opinion,
    Publication,
)
from tests.factories import (
    make_fiscal_year,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.reviews.empty_edition import empty_edition
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


class TestTheConditions:
    """Each record is found by its year, its section and its subject, or the page names it."""

    @pytest.fixture
    def records(self, planning, measure):
        measure.group.goal.title = "産業の基本目標"
        measure.group.goal.save()
        kpi = measure.kpis.get()
        section = make_section("こども子育て課")
        with changing(by=planning, door=Door.PAGE):
            project = measure.projects.create(
                position=1, name="稚魚の放流", section=make_section("放流課")
            )
            project.years.create(fiscal_year_id=2017, section=project.section)
            council = Council.objects.get()
            council.members.create(position=1, name="委員 太郎")
            council.opinions.create(number=2, kpi=kpi, text="増やして。", section=section)
            measure.group.goal.reviews.create(fiscal_year_id=2017, summary="おおむね良い。")
            grant = measure.strategy.grants.create(number=1, name="推進交付金")
            grant.reviews.create(fiscal_year_id=2017)
            edition = Edition.objects.create(
                strategy=measure.strategy, fiscal_year_id=2017, number=1,
                decided_on="2019-01-10", data=empty_edition(2017),
            )  # fmt: skip
            seal = EditionSeal.objects.create(edition=edition)
            Erratum.objects.create(
                edition=edition, number=1, place="本文", wrong="1", right="2",
                entered_on="2019-02-01", reason="誤記",
            )  # fmt: skip
            Publication.objects.create(edition=edition, published_on="2019-02-01")
        return {"kpi": kpi, "section": section, "project": project, "seal": seal}

    def names(self, **conditions):
        conditions = Conditions(kind=HistoryKind.REVIEW, with_drafts=True, **conditions)
        changes = list(every_change(conditions))
        return Counter(change.model_name for change in changes), beyond(conditions), changes

    def called(self, name):
        return self.names(indicators=indicators_called(name), named=parts_called(name))[0]

    def test_the_year_finds_all_that_is_of_a_year(self, records):
        everything, left_out, _ = self.names()
        of_year, without_year, changes = self.names(fiscal_year=2017)
        assert of_year == everything
        assert len(of_year) == 11
        assert left_out == []
        assert {change.fiscal_year for change in changes} == {2017}
        assert without_year == ["評価の選択肢"]
        assert self.names(fiscal_year=2018)[0] == Counter()

    def test_a_section_finds_what_it_writes_and_what_is_written_about_its_own(self, records):
        assert self.names(section=records["section"].pk)[0] == {"有識者会議の意見": 1}
        of_indicator = records["kpi"].indicator.section_id
        found, left_out, _ = self.names(section=of_indicator)
        assert found == {"内部評価": 1, "KPIの評価": 1, "有識者会議の意見": 2}
        assert {"有識者会議", "委員", "検証調書の公表", "正誤"} <= set(left_out)
        of_project = self.names(section=records["project"].section_id)[0]
        assert of_project == {"内部評価": 1, "事業の実績": 1, "有識者会議の意見": 1}

    def test_a_name_finds_what_is_about_it(self, records):
        assert self.called("水揚げ量") == {"KPIの評価": 1, "有識者会議の意見": 1}
        assert self.called("漁業の") == {"内部評価": 1, "有識者会議の意見": 1}
        assert self.called("稚魚") == {"事業の実績": 1}
        assert self.called("産業の基本") == {"外部評価": 1}
        assert self.called("推進交付金") == {"交付金の検証": 1}

    def test_the_page_names_what_the_condition_cannot_find(self, client, planning, records):
        client.force_login(planning)
        page = text(client.get(reverse("changes"), {"kind": "review", "indicator": "漁業の"}))
        assert "含めていません：評価の選択肢、有識者会議、委員、検証調書の確定、" in page
        assert "含めていません" not in text(client.get(reverse("changes"), {"kind": "review"}))
