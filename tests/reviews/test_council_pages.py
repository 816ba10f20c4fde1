"""有識者会議: meetings, verdicts and opinions, and what comes back a year later."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.roles import Role
from goals.models import Grant
from reviews.models import Council, Edition, GoalReview, GrantReview, Opinion, Withdrawal
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_user,
)
from tests.html import form_data
from tests.reviews.empty_edition import empty_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

YEAR = 2017


class Office:
    """A plan with a KPI of one section, and the people."""

    def __init__(self) -> None:
        self.section = make_section("水産課")
        self.clerk = make_user(Role.CLERK, self.section)
        self.planning = make_user(Role.PLANNING)
        self.measure = make_measure(title="漁業の振興")
        self.plan = self.measure.strategy
        indicator = make_indicator(self.section, name="水揚げ量")
        self.kpi = make_kpi(self.measure, indicator=indicator)
        for year in (YEAR, YEAR + 1):
            make_fiscal_year(year)
            make_actual(indicator, year, 1)

    def url(self, name: str, *args: object, year: int = YEAR) -> str:
        return f"{reverse(name, args=[self.plan.code, *args])}?year={year}"

    def meeting(self, year: int = YEAR) -> Council:
        return Council.objects.create(
            strategy=self.plan, fiscal_year_id=year, number=1, name="推進会議",
            held_on=date(year + 1, 10, 20),
        )  # fmt: skip

    def opinion(self, meeting: Council, **fields) -> Opinion:
        fields = {"kpi": self.kpi, "text": "目標が低い。", "section": self.section} | fields
        return Opinion.objects.create(council=meeting, number=1, **fields)


@pytest.fixture
def office(db) -> Office:
    return Office()


def text(response) -> str:
    return response.content.decode()


def sent_meeting(**fields):
    empty = {"member-TOTAL_FORMS": "5", "member-INITIAL_FORMS": "0"}
    return {"number": "1", "name": "推進会議", "held_on": "令和元年10月20日"} | empty | fields


def test_a_meeting_is_recorded_with_its_members_and_the_year_knows_it(client, office):
    client.force_login(office.planning)
    sent = sent_meeting(
        **{
            "held_on": "平成30年10月20日", "member-0-name": "浜田 一", "member-0-field": "industry",
            "member-0-attended": "on", "member-1-name": "大学 二", "member-1-field": "science",
        }
    )  # fmt: skip
    answer = client.post(office.url("review_meeting", 0), sent, follow=True)
    assert "会議を保存しました。" in text(answer)
    assert "<dt>委員</dt><dd>浜田 一</dd>\n<dt>欠席</dt><dd>大学 二</dd>" in text(answer)
    meeting = Council.objects.get()
    assert [(one.name, one.attended) for one in meeting.members.all()] == [
        ("浜田 一", True),
        ("大学 二", False),
    ]
    assert meeting.held_on == date(2018, 10, 20)


def test_a_new_meeting_has_the_members_of_the_one_before(client, office):
    client.force_login(office.planning)
    told = "委員を写しています。"
    assert told not in text(client.get(office.url("review_meeting", 0)))
    members = {
        "member-0-name": "浜田 一", "member-0-field": "industry", "member-0-post": "漁協",
        "member-1-name": "大学 二", "member-1-field": "science",
    }  # fmt: skip
    client.post(office.url("review_meeting", 0), sent_meeting(**members))
    page = text(client.get(office.url("review_meeting", 0)))
    assert told in page
    assert "第1回）の" in page
    fields = form_data(page)
    assert (fields["member-0-post"], fields["member-1-name"]) == ("漁協", "大学 二")
    assert fields["member-1-attended"] == "on"
    # One has left; the other row is stored though nobody typed into it.
    new = fields | {"held_on": "2018-11-20", "number": "2", "member-1-DELETE": "on"}
    client.post(office.url("review_meeting", 0), new)
    assert [one.name for one in Council.objects.get(number=2).members.all()] == ["浜田 一"]
    assert told not in text(client.get(office.url("review_meeting", 2)))


@pytest.mark.parametrize(
    ("typed", "message"),
    [("昨日", "「昨日」"), ("2099-10-01", "まだ来ていない日"), ("2016-10-01", "始まる前")],
)
def test_a_day_that_cannot_be_is_refused_by_name(client, office, typed, message):
    client.force_login(office.planning)
    page = text(client.post(office.url("review_meeting", 0), sent_meeting(held_on=typed)))
    assert message in page
    assert not Council.objects.exists()


def test_a_meeting_does_not_move_behind_what_is_due_after_it(client, office):
    office.opinion(office.meeting(), due_on="2018-12-01")
    client.force_login(office.planning)
    sent = sent_meeting(held_on="2018-12-02")
    page = text(client.post(office.url("review_meeting", 1), sent))
    message = "開催日「平成30年12月2日」が、意見1の期限「平成30年12月1日」より後です。"
    assert message in page
    assert Council.objects.get().held_on == date(2018, 10, 20)


def test_a_second_meeting_of_the_same_number_is_refused(client, office):
    office.meeting()
    client.force_login(office.planning)
    page = text(client.post(office.url("review_meeting", 0), sent_meeting(held_on="2018-11-01")))
    assert "この回の会議は、もう登録してあります" in page


def test_verdicts_are_written_for_each_goal(client, office):
    client.force_login(office.planning)
    sent = {"goal-1-verdict": "有効であった", "goal-1-summary": "よい。"}
    client.post(office.url("review_verdicts"), sent)
    assert GoalReview.objects.get().verdict == "有効であった"
    assert "有効であった" in text(client.get(office.url("review_council")))


def test_an_opinion_about_nothing_is_refused_and_what_was_typed_stays(client, office):
    meeting = office.meeting()
    client.force_login(office.planning)
    url = office.url("review_opinion_add", meeting.number)
    page = text(client.post(url, {"text": "目標が低い。"}))
    assert "意見の対象が選ばれていません" in page
    assert "目標が低い。</textarea>" in page
    client.post(url, {"text": "目標が低い。", "about": f"kpi-{office.kpi.pk}"})
    assert Opinion.objects.get().about == office.kpi


def test_a_section_answers_its_opinion_and_nothing_else_of_it(client, office):
    opinion = office.opinion(office.meeting())
    client.force_login(office.clerk)
    url = office.url("review_opinion", 1, 1)
    page = text(client.post(url, {"answer": "見直す。"}))
    assert "対応が選ばれていません" in page
    early = {"answer": "見直す。", "response": "next_year", "due_on": "2017-01-01"}
    assert "期限「平成29年1月1日」が、会議の開催日" in text(client.post(url, early))
    client.post(url, {"answer": "見直す。", "response": "next_year", "text": "すり替え"})
    opinion.refresh_from_db()
    assert (opinion.answer, opinion.response, opinion.text) == (
        "見直す。",
        "next_year",
        "目標が低い。",
    )


def test_the_first_page_of_a_section_names_the_opinions_that_wait_for_it(client, office):
    opinion = office.opinion(office.meeting())
    for person in (office.clerk, make_user(Role.HEAD, office.section)):
        client.force_login(person)
        page = text(client.get("/"))
        assert "有識者会議の意見（平成29年度）（市の考え方が未入力）</a> <b>1</b>件" in page
    client.force_login(make_user(Role.CLERK, make_section("税務課")))
    assert "有識者会議の意見（" not in text(client.get("/"))
    client.force_login(office.clerk)
    edition = Edition.objects.create(
        strategy=office.plan, fiscal_year_id=YEAR, number=1, decided_on=date(2019, 1, 10),
        document_number="根総政第1号", data=empty_edition(YEAR), sha256="0" * 64,
    )  # fmt: skip
    assert "有識者会議の意見（" not in text(client.get("/"))  # nothing is answered any more
    Withdrawal.objects.create(
        edition=edition, reason="誤り", asked_by=make_user(Role.PLANNING),
        agreed_by=office.planning,
    )  # fmt: skip
    assert "有識者会議の意見（平成29年度）" in text(client.get("/"))
    Opinion.objects.filter(pk=opinion.pk).update(response="next_year")
    assert "有識者会議の意見（" not in text(client.get("/"))


def test_another_section_may_not_answer(client, office):
    office.opinion(office.meeting())
    client.force_login(make_user(Role.CLERK, make_section("税務課")))
    url = office.url("review_opinion", 1, 1)
    assert client.get(url).status_code == 403
    answer = client.post(url, {"answer": "見直す。"})
    assert answer.status_code == 403
    assert "<dd>見直す。</dd>" in text(answer)  # others may have got the opinion meanwhile
    assert not Opinion.objects.exclude(answer="").exists()


def test_opinions_of_last_year_come_first_with_what_became_of_them(client, office):
    office.opinion(office.meeting(), answer="見直す。", response="next_year", outcome="見直した。")
    client.force_login(office.planning)
    page = text(client.get(office.url("review_council", year=YEAR + 1)))
    assert page.index("前年度の意見と、その後の状況") < page.index("<h2>会議</h2>")
    assert "見直した。" in page


def test_after_the_year_is_fixed_only_what_became_of_an_opinion_can_be_written(client, office):
    opinion = office.opinion(office.meeting())
    Edition.objects.create(
        strategy=office.plan, fiscal_year_id=YEAR, number=1, decided_on=date(2019, 1, 10),
        document_number="根総政第1号", data=empty_edition(YEAR), sha256="0" * 64,
    )  # fmt: skip
    client.force_login(office.planning)
    assert "検証調書は確定しています" in text(client.get(office.url("review_meeting", 0)))
    sent = {"outcome": "見直した。", "text": "すり替え", "about": f"kpi-{office.kpi.pk}"}
    client.post(office.url("review_opinion", 1, 1), sent)
    opinion.refresh_from_db()
    assert (opinion.outcome, opinion.text) == ("見直した。", "目標が低い。")


def test_a_verdict_that_somebody_stored_meanwhile_is_not_emptied(client, office):
    client.force_login(office.planning)
    url = office.url("review_verdicts")
    made_before = {"goal-1-seen": "", "goal-1-verdict": "", "goal-1-summary": ""}
    client.post(url, made_before | {"goal-1-verdict": "有効であった", "goal-1-summary": "先の文"})
    client.post(url, made_before)
    assert GoalReview.objects.get().summary == "先の文"
    page = text(client.post(url, made_before | {"goal-1-summary": "後の文"}))
    assert "「先の文」に変更されました" in page
    assert GoalReview.objects.get().summary == "先の文"


def fix_the_year(office) -> None:
    Edition.objects.create(
        strategy=office.plan, fiscal_year_id=YEAR, number=1, data="{}",
        decided_on=date(2019, 1, 10), document_number="1", sha256="0" * 64,
    )  # fmt: skip


def test_what_was_typed_is_shown_if_the_year_was_fixed_since(client, office):
    meeting = office.meeting()
    opinion = office.opinion(meeting)
    Grant.objects.create(strategy=office.plan, number=1, name="港の交付金")
    fix_the_year(office)
    client.force_login(office.planning)
    rows = {"member-TOTAL_FORMS": "1", "member-INITIAL_FORMS": "0", "member-0-name": "浜田"}
    sent = {
        office.url("review_meeting", 0): {
            "name": "会議",
            "held_on": "x",
            "minutes": "残る",
            **rows,
        },
        office.url("review_verdicts"): {"goal-1-summary": "残る"},
        office.url("review_opinion_add", 1): {"text": "残る"},
        office.url("review_opinion", 1, 1): {
            "text": opinion.text,
            "answer": "残る",
            "outcome": "後",
        },
        office.url("review_grant", 1): {"amount": "12..3", "opinion": "残る"},
    }
    before = [one.objects.count() for one in (Council, GoalReview, Opinion, GrantReview)]
    for url, data in sent.items():
        page = text(client.post(url, data))
        assert "検証調書は確定しています" in page, url
        assert "<dd>残る</dd>" in page, url
    assert [one.objects.count() for one in (Council, GoalReview, Opinion, GrantReview)] == before
    assert "<dd>浜田</dd>" in text(client.post(office.url("review_meeting", 0), rows))
    assert Opinion.objects.get().answer == ""
    assert Opinion.objects.get().outcome == "後"
    url = office.url("review_opinion", 1, 1)
    assert "保存していません" not in text(client.post(url, {"outcome": "その後"}, follow=True))
