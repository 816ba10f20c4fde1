"""The stages of a year on planning's first page: done by what is recorded, never by the date."""

from datetime import UTC, datetime

import pytest

from indicators.models import Actual, FiscalYear
from reviews.models import Council, MeasureReview, State
from tests.reviews.office import YEAR, Office

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

PLANNED = {
    "inquiry_date": "2018-05-01",
    "due_date": "2018-06-01",
    "check_due_date": "2018-07-01",
    "internal_review_date": "2018-08-01",
    "council_date": "2018-10-01",
    "publication_date": "2018-12-01",
}
LATE = "予定日を過ぎています"


@pytest.fixture
def office(db) -> Office:
    """An office whose planned dates have all passed; only the opening of entry is recorded."""
    office = Office()
    of_year(**PLANNED, entry_opened_on="2018-05-02", entry_is_open=True)
    Actual.objects.update(state=State.DRAFT)
    return office


def stages(client, office, address: str = "/") -> dict[str, tuple[str, str]]:
    """Return state and day of each stage, as planning sees it first."""
    client.force_login(office.planning)
    shown = client.get(address).context["stages"]
    return {stage.name: (stage.state_label, stage.when_label) for stage in shown}


def of_year(**fields) -> None:
    FiscalYear.objects.filter(pk=YEAR).update(**fields)


def at_noon(month: int, day: int) -> datetime:
    return datetime(2018, month, day, 3, tzinfo=UTC)


def test_planned_dates_that_have_passed_make_nothing_done(client, office):
    found = stages(client, office)
    assert found.pop("照会") == ("済み", "平成30年5月2日")
    assert {label for label, _ in found.values()} == {LATE}


def test_a_year_that_was_never_opened_is_done_on_no_day(client, office):
    of_year(entry_opened_on=None, entry_is_open=False)
    found = stages(client, office, f"/entry/{YEAR}/status/")
    # Its time is over: sections can enter nothing any more.
    assert found["照会"] == found["回答"] == ("済み", "日付の記録なし")
    assert found["確認"][0] == LATE
    of_year(entry_opened_on="2018-05-02", entry_ended_on="2018-06-03")
    assert stages(client, office, f"/entry/{YEAR}/status/")["回答"] == ("済み", "平成30年6月3日")


@pytest.mark.both_databases
def test_answers_and_confirmations_have_the_day_of_the_last(client, office):
    for actual in Actual.objects.all():
        actual.state = State.ANSWERED
        actual.save()
    Actual.history.filter(state=State.ANSWERED).update(history_date=at_noon(5, 30))
    found = stages(client, office)
    assert (found["回答"], found["確認"][0]) == (("済み", "平成30年5月30日"), LATE)
    Actual.objects.update(state=State.CONFIRMED, confirmed_at=at_noon(6, 20))
    assert stages(client, office)["確認"] == ("済み", "平成30年6月20日")


@pytest.mark.both_databases
def test_the_evaluation_is_done_once_all_are_confirmed(client, office):
    reviews = [
        MeasureReview.objects.create(
            measure=measure, fiscal_year=office.year, state=State.CONFIRMED,
            confirmed_at=at_noon(7, day),
        )
        for day, measure in enumerate((office.measure, office.second, office.foreign), 10)
    ]  # fmt: skip
    assert stages(client, office)["内部評価"] == ("済み", "平成30年7月12日")
    MeasureReview.objects.filter(pk=reviews[0].pk).update(state=State.ANSWERED, confirmed_at=None)
    assert stages(client, office)["内部評価"][0] == LATE
    of_year(internally_reviewed_on="2018-07-25")
    assert stages(client, office)["内部評価"] == ("済み", "平成30年7月25日")


def test_the_council_has_the_day_of_its_first_meeting_also_after_a_correction(client, office):
    meeting = Council.objects.create(
        strategy=office.plan, fiscal_year=office.year, number=1, name="会議", held_on="2018-10-20"
    )
    assert stages(client, office)["有識者会議"] == ("済み", "平成30年10月20日")
    meeting.held_on = "2018-10-25"
    meeting.save()
    assert stages(client, office)["有識者会議"] == ("済み", "平成30年10月25日")


def test_publication_is_done_once_it_is_recorded(client, office):
    assert stages(client, office)["公表"][0] == LATE
    of_year(published_on="2019-01-20")
    assert stages(client, office)["公表"] == ("済み", "平成31年1月20日")


def test_recorded_days_cost_few_queries(client, office, django_assert_max_num_queries):
    stages(client, office)
    with django_assert_max_num_queries(45):
        client.get("/")
