"""推進本部の決定: who records it, on what, and what a later change does to it."""

import pytest

from accounts.roles import Role
from plans.tree import read_tree
from reviews.editions.freezing import reviews_of_year
from reviews.models import MeasureReview, State
from tests.factories import make_user
from tests.reviews.office import YEAR, Office, text
from trail.history import Door, changing

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

DAY = "2018-08-01"


class Headquarters(Office):
    """An office whose first two evaluations are confirmed."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.next, self.open = (
            MeasureReview.objects.create(
                measure=measure,
                fiscal_year=self.year,
                results="成果の文",
                state=state,
                entered_by=self.clerk,
            )
            for measure, state in (
                (self.measure, State.CONFIRMED),
                (self.second, State.CONFIRMED),
                (self.foreign, State.ANSWERED),
            )
        )

    def send(self, client, *reviews, user=None, **sent):
        client.force_login(user or self.planning)
        for review in reviews:
            review.refresh_from_db()
        picked = {"pick": [f"{one.pk}:{one.version}" for one in reviews]}
        return client.post(self.url("review_decisions"), picked | sent, follow=True)


@pytest.fixture
def office(db) -> Headquarters:
    return Headquarters()


def decisions() -> list[tuple[str, str]]:
    rows = MeasureReview.objects.order_by("pk")
    return [(row.decision, str(row.decided_on or "")) for row in rows]


@pytest.mark.both_databases
def test_several_measures_are_decided_on_one_day(client, office):
    page = office.send(
        client, office.first, office.next, decided_on="平成30年8月1日",
        common="案のとおり\x0b決定する。", **{f"text-{office.next.pk}": "縮小する。"},
    )  # fmt: skip
    assert "2件の決定を記録しました。" in text(page)
    assert decisions() == [("案のとおり\n決定する。", DAY), ("縮小する。", DAY), ("", "")]
    record = office.first.history.latest()
    assert (record.decision, record.history_user) == ("案のとおり\n決定する。", office.planning)
    for name in ("review_measures", "review_decisions"):
        assert "平成30年8月1日（2018年8月1日）" in text(client.get(office.url(name)))
    client.force_login(office.clerk)
    page = client.get(office.page_of(office.second))
    assert "縮小する。<small>決定日：平成30年8月1日（2018年8月1日）" in text(page)
    assert f"記録：{office.planning}、" in text(page)
    frozen = reviews_of_year(read_tree(office.plan.code, YEAR), office.plan, office.year)
    assert [(one["decision"], one["decided_on"]) for one in frozen["measure_reviews"]] == [
        ("案のとおり\n決定する。", DAY), ("縮小する。", DAY),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"common": "決定する。"}, "決定日を入力してください。"),
        ({"decided_on": "2050-01-01", "common": "決定する。"}, "まだ来ていない日です。"),
        ({"decided_on": "2017-03-31", "common": "決定する。"}, "が始まる前です。"),
        ({"decided_on": DAY}, "決定の内容が空欄です。"),
        ({"decided_on": DAY, "common": "決定する。", "pick": []}, "印が付いていません。"),
        ({"decided_on": DAY, "common": "長" * 4001}, "4,000字以内で入力してください（4,001字）"),
    ],
)
def test_what_is_missing_is_named_and_what_was_typed_stays(client, office, sent, message):
    page = text(office.send(client, office.first, **sent))
    assert message in page
    assert sent.get("common", "") in page
    assert decisions() == [("", "")] * 3


def test_words_for_a_measure_that_is_not_ticked_are_not_lost(client, office):
    sent = {"decided_on": DAY, "common": "決定する。", f"text-{office.next.pk}": "残る文"}
    page = text(office.send(client, office.first, **sent))
    assert "印が付いていません。" in page
    assert "残る文</textarea>" in page
    assert decisions() == [("", "")] * 3


def test_an_evaluation_that_is_not_confirmed_is_not_decided_on(client, office):
    client.force_login(office.planning)
    page = client.get(office.url("review_decisions"))
    assert "確認済みでない内部評価が1件あります。" in text(page)
    key = f"{office.first.pk}:{office.first.version}"
    MeasureReview.objects.filter(pk=office.first.pk).update(state=State.ANSWERED)
    sent = {"pick": [key], "decided_on": DAY, "common": "決定する。"}
    client.post(office.url("review_decisions"), sent)
    assert decisions() == [("", "")] * 3


def test_two_people_who_decide_at_once_lose_nothing(client, office):
    stale = f"{office.first.pk}:{office.first.version}"
    office.send(client, office.first, decided_on=DAY, common="先の決定")
    other = make_user(Role.PLANNING)
    page = text(
        office.send(
            client, user=other, pick=[stale], decided_on=DAY,
            **{f"text-{office.first.pk}": "後の決定"},
        )
    )  # fmt: skip
    assert f"{office.planning}が変更しました" in page
    assert "今保存されている内容：「先の決定」" in page
    assert "後の決定</textarea>" in page
    assert decisions()[0] == ("先の決定", DAY)


def test_later_changes_keep_the_recorder_of_a_decision(client, office):
    office.send(client, office.first, decided_on=DAY, common="先の決定")
    other = make_user(Role.PLANNING, full_name="後の 人")
    office.send(client, office.first, decided_on=DAY, common="次の決定", user=other)
    with changing(by=office.clerk, door=Door.PAGE):
        office.first.refresh_from_db()
        office.first.save()
    client.force_login(make_user(Role.AUDITOR))
    page = client.get(office.url("review_published"))
    assert "次の決定</small><small>記録：後の 人、" in text(page).replace("\n", "")
    assert f"記録：{office.planning}" not in text(page)


def test_a_decision_is_taken_back_alone_or_by_a_change_of_the_evaluation(client, office):
    both = {"decided_on": DAY, "common": "決定する。"}
    office.send(client, office.first, office.next, **both)
    page = office.send(client, office.first, take_back="")
    assert "1件の決定を取り消しました。" in text(page)
    assert decisions()[:2] == [("", ""), ("決定する。", DAY)]
    office.send(client, office.first, **both)
    address = office.page_of(office.second)
    assert "評価の内容を変えると、推進本部の決定は取り消されます。" in text(client.get(address))
    office.next.refresh_from_db()
    sent = {"seen": office.next.version, "results": "直した文"}
    page = client.post(address, sent, follow=True)
    assert "推進本部の決定は取り消しました。" in text(page)
    assert decisions()[:2] == [("決定する。", DAY), ("", "")]
    assert office.next.history.filter(decision="決定する。").exists()
