"""Results of projects and 内部評価: who may write them, what is refused, what stays."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from reviews.duties import Responsible
from reviews.models import MeasureReview, ProjectYear, State
from reviews.recording import ReviewEntry, ReviewError, move_reviews, record_reviews
from tests.factories import (
    make_fiscal_year,
    make_kpi,
    make_measure,
    make_project,
    make_section,
    make_user,
)
from tests.reviews.office import WRITTEN
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


class City:
    """A measure with a KPI and a project of one section, and who works there."""

    def __init__(self) -> None:
        self.section = make_section("水産課")
        self.clerk = make_user(Role.CLERK, self.section)
        self.head = make_user(Role.HEAD, self.section)
        self.planning = make_user(Role.PLANNING)
        self.year = make_fiscal_year(2017)
        self.measure = make_measure(title="漁業の振興")
        self.project = make_project(self.measure, section=self.section)
        self.strategy = self.measure.strategy

    def duties(self, pk: int) -> Responsible:
        return Responsible(self.strategy.pk, {pk: (self.section.pk,)}, {pk: "漁業の振興"})

    def review(self, by, seen: int = 0, kpis=None, **fields) -> MeasureReview:
        entry = ReviewEntry(self.measure.pk, fields, seen, kpis or {})
        duties = self.duties(self.measure.pk)
        change = Change(by=by, door=Door.PAGE)
        return record_reviews(MeasureReview, self.year, [entry], duties, change)[0]

    def spend(self, by=None, seen: int = 0, **fields) -> ProjectYear:
        entry = ReviewEntry(self.project.pk, fields, seen)
        duties = self.duties(self.project.pk)
        change = Change(by=by or self.clerk, door=Door.GRID)
        return record_reviews(ProjectYear, self.year, [entry], duties, change)[0]

    def move(self, row, to: str, by, reason: str = "", **how) -> MeasureReview:
        duties = self.duties(self.measure.pk)
        change = Change(by=by, door=Door.PAGE, reason=reason)
        return move_reviews(MeasureReview, {row.pk: row.version}, to, duties, change, **how)[0]


@pytest.fixture
def city(db) -> City:
    return City()


def refused(call) -> str:
    with pytest.raises(ReviewError) as caught:
        call()
    return str(caught.value)


def test_a_clerk_writes_an_evaluation_with_history_and_its_version(city):
    row = city.review(city.clerk, results="定置網の漁獲が増えた。", issues="後継者が少ない。")
    assert (row.state, row.version, row.entered_by) == (State.DRAFT, 1, city.clerk)
    history = MeasureReview.history.get()
    assert (history.history_user, history.door) == (city.clerk, Door.PAGE)


def test_the_same_content_again_changes_nothing(city):
    row = city.review(city.clerk, results="増えた。")
    assert city.review(city.head, seen=row.version, results="増えた。").version == 1
    assert MeasureReview.history.count() == 1


def test_somebody_faster_is_named_and_nothing_is_written(city):
    city.review(city.clerk, results="増えた。")
    message = refused(lambda: city.review(city.head, results="減った。"))
    assert f"{city.clerk}が変更しました" in message
    assert MeasureReview.objects.get().results == "増えた。"


def test_another_section_may_not_write(city):
    stranger = make_user(Role.CLERK, make_section("税務課"))
    assert "権限がありません" in refused(lambda: city.review(stranger, results="x"))
    assert not MeasureReview.objects.exists()


def test_a_year_that_has_not_begun_takes_nothing(city):
    city.year = make_fiscal_year(2030, is_open=False)
    assert "まだ始まっていません" in refused(lambda: city.review(city.clerk, results="x"))


def test_another_grade_than_the_proposed_one_needs_a_reason(city):
    def graded(**more):
        return city.review(city.clerk, grade="Ａ 順調", proposed_grade="Ｃ やや遅れ", **more)

    message = refused(graded)
    assert "「Ａ 順調」" in message
    assert "「Ｃ やや遅れ」" in message
    assert graded(grade_reason="最終年度に整備を終えるため。").grade == "Ａ 順調"


def test_an_evaluation_goes_the_way_of_a_value(city):
    row = city.review(city.clerk, **WRITTEN)
    row = city.move(row, State.SUBMITTED, city.clerk)
    assert "理由を入力してください" in refused(lambda: city.move(row, State.RETURNED, city.head))
    row.refresh_from_db()
    row = city.move(row, State.RETURNED, city.head, reason="課題も書いてください。")
    assert row.return_reason == "課題も書いてください。"
    row = city.review(city.clerk, seen=row.version, **WRITTEN, issues="後継者。")
    row = city.move(row, State.ANSWERED, city.head)
    row = city.move(row, State.CONFIRMED, city.planning)
    assert (row.state, row.confirmed_by) == (State.CONFIRMED, city.planning)
    message = refused(lambda: city.review(city.clerk, seen=row.version, results="減った。"))
    assert "確認済み" in message


def test_nobody_confirms_what_they_wrote(city):
    row = city.review(city.planning, results="増えた。")
    assert "自分で入力した" in refused(lambda: city.move(row, State.CONFIRMED, city.planning))


def test_comments_on_kpis_are_added_changed_and_taken_back(city):
    kpi = make_kpi(city.measure)
    row = city.review(
        city.clerk, kpis={kpi.pk: {"comment": "伸びた。", "outlook": "will_meet"}}, results="x"
    )
    assert row.kpi_reviews.get().comment == "伸びた。"
    row = city.review(
        city.clerk, seen=row.version, kpis={kpi.pk: {"comment": "少し。"}}, results="x"
    )
    assert row.version == 2
    assert row.kpi_reviews.get().comment == "少し。"
    row = city.review(city.clerk, seen=row.version, results="x")
    assert not row.kpi_reviews.exists()


def test_funds_must_be_the_settlement(city):
    message = refused(lambda: city.spend(settlement=5_000_000, national=2_000_000, general=1))
    assert "2,000.001千円" in message
    assert "5,000千円" in message
    row = city.spend(settlement=5_000_000, national=2_000_000, general=3_000_000)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectYear.objects.filter(pk=row.pk).update(general=1)


@pytest.mark.parametrize("private", [{"implementer": "根室漁業協同組合"}, {"category": "民間等"}])
def test_a_project_that_is_not_the_citys_has_no_money(city, private):
    type(city.project).objects.filter(pk=city.project.pk).update(**private)
    assert "市の事業ではありません" in refused(lambda: city.spend(budget=1000))
    assert city.spend(done="講習会を開いた。").done == "講習会を開いた。"


def test_money_of_a_relisted_project_is_counted_at_its_home(city):
    home = make_project(make_measure(city.measure.group.goal, title="人づくり"))
    type(city.project).objects.filter(pk=city.project.pk).update(relisted_from=home)
    message = refused(lambda: city.spend(settlement=1000))
    assert "再掲" in message
    assert "人づくり" in message


def test_texts_wait_for_a_step_or_decision_on_the_same_row(city):
    with CaptureQueriesContext(connection) as asked:
        city.review(city.clerk, results="x")
    locking = [one["sql"] for one in asked if "FOR UPDATE" in one["sql"]]
    locked = any('FROM "reviews_measurereview"' in sql for sql in locking)
    assert locked == connection.features.has_select_for_update
