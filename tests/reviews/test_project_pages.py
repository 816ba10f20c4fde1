"""The pages of 事業の実績 and 交付金の検証: what is typed, stored and refused."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from goals.models import Grant
from reviews.models import GrantReview, ProjectYear, State
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

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

YEAR = 2017


class Office:
    """A project of one section, a KPI with a value, and the people."""

    def __init__(self) -> None:
        self.section = make_section("水産課")
        self.clerk = make_user(Role.CLERK, self.section)
        self.planning = make_user(Role.PLANNING)
        make_fiscal_year(YEAR)
        self.measure = make_measure(title="漁業の振興")
        self.plan = self.measure.strategy
        self.project = make_project(self.measure, name="種苗放流事業", section=self.section)
        indicator = make_indicator(self.section, name="水揚げ量")
        make_kpi(self.measure, indicator=indicator)
        make_actual(indicator, YEAR, 1)

    def url(self, name: str, *args: object) -> str:
        return f"{reverse(name, args=[self.plan.code, *args])}?year={YEAR}"


@pytest.fixture
def office(db) -> Office:
    return Office()


def text(response) -> str:
    return response.content.decode()


def test_thousands_are_typed_and_yen_are_stored(client, office):
    client.force_login(office.clerk)
    url = office.url("review_project", office.project.pk)
    sent = {"seen": 0, "done": "放流した。", "budget": "1,500", "settlement": "1234.567",
            "national": "１０００", "general": "234.567", "ends_in": "R7"}  # fmt: skip
    assert "保存しました。" in text(client.post(url, sent, follow=True))
    row = ProjectYear.objects.get()
    assert (row.budget, row.settlement, row.national) == (1_500_000, 1_234_567, 1_000_000)
    assert (row.ends_in, row.state) == (2025, State.DRAFT)
    assert 'value="1,234.567"' in text(client.get(url))
    assert "1,234.567" in text(client.get(office.url("review_projects")))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"settlement": "12..3"}, "「12..3」"),
        ({"settlement": "-5"}, "「-5」"),
        ({"settlement": "0.0001"}, "円未満"),
        ({"settlement": "5", "national": "3"}, "財源の合計（3千円）が、決算額（5千円）と違います"),
        ({"ends_in": "H20"}, "より前です"),
    ],
)
def test_wrong_money_is_named_and_what_was_typed_stays(client, office, typed, message):
    client.force_login(office.clerk)
    url = office.url("review_project", office.project.pk)
    page = text(client.post(url, {"seen": 0, "done": "放流した。", **typed}))
    assert message in page
    assert "放流した。</textarea>" in page
    assert not ProjectYear.objects.exists()


def test_what_is_not_the_citys_has_no_fields_for_money(client, office):
    office.project.implementer = "根室漁業協同組合"
    office.project.save()
    client.force_login(office.clerk)
    url = office.url("review_project", office.project.pk)
    page = text(client.get(url))
    assert "市の事業ではありません（根室漁業協同組合）。金額は入力しません。" in page
    assert 'name="budget"' not in page
    assert "空欄にしてください" not in page
    client.post(url, {"seen": 0, "done": "講習会を開いた。", "budget": "5"})
    assert ProjectYear.objects.get().budget is None


def test_results_go_to_the_head_and_other_sections_only_read(client, office):
    client.force_login(office.clerk)
    url = office.url("review_project", office.project.pk)
    client.post(url, {"seen": 0, "done": "放流した。"})
    row = ProjectYear.objects.get()
    key = f"{row.pk}:{row.version}"
    sent = {"seen": 1, "done": "直した。", "settlement": "900", "policy": "継続"}
    page = text(client.post(url, sent | {"step": "ask", "value": key}))
    assert "決算額900千円の財源が空欄のため、まだ次に進められません。" in page
    assert "直した。</textarea>" in page
    row.refresh_from_db()
    assert (row.state, row.version) == (State.DRAFT, 1)
    client.post(url, sent | {"general": "900", "step": "ask", "value": key})
    row.refresh_from_db()
    assert row.state == State.SUBMITTED
    client.force_login(make_user(Role.CLERK, make_section("税務課")))
    assert client.post(url, {"seen": row.version, "done": "x"}).status_code == 403


def test_planning_reviews_a_grant(client, office):
    Grant.objects.create(strategy=office.plan, number=1, name="港の交付金", kind="推進交付金")
    client.force_login(office.planning)
    url = office.url("review_grant", 1)
    assert "まだ来ていない日" in text(client.post(url, {"opinion_on": "2099-01-01"}))
    assert "が始まる前です" in text(client.post(url, {"opinion_on": "2016-01-01"}))
    sent = {"amount": "20,000", "effect": "very", "opinion": "よい。", "opinion_on": "H30.10.20"}
    assert "保存しました。" in text(client.post(url, sent, follow=True))
    review = GrantReview.objects.get()
    assert (review.amount, review.effect) == (20_000_000, "very")
    assert "非常に効果的" in text(client.get(office.url("review_grants")))


def test_what_was_typed_is_shown_where_the_page_takes_nothing_any_more(client, office):
    client.force_login(office.clerk)
    url = office.url("review_project", office.project.pk)
    client.post(url, {"seen": 0, "done": "放流した。", "settlement": "10"})
    ProjectYear.objects.update(state=State.CONFIRMED)
    page = text(client.post(url, {"seen": 1, "done": "残る文", "settlement": "1,234"}))
    assert "企画担当が確認済みです。" in page
    for label, said in (("実施内容", "残る文"), ("決算額（千円）", "1,234")):
        assert f"<dt>{label}</dt><dd>{said}</dd>" in page
    assert ProjectYear.objects.get().done == "放流した。"


def test_a_grant_of_other_years_is_not_counted(client, office):
    for number, first, last in ((1, YEAR, None), (2, None, YEAR - 1), (3, None, YEAR - 1)):
        Grant.objects.create(
            strategy=office.plan, number=number, name=f"交付金その{number}",
            first_fiscal_year=first, last_fiscal_year=last,
        )  # fmt: skip
    ended = Grant.objects.get(number=2)
    GrantReview.objects.create(grant=ended, fiscal_year_id=YEAR, effect="very")
    client.force_login(office.planning)
    counted = "交付金1件のうち、効果を選んだものは{}件です。"
    assert counted.format(0) in text(client.get(office.url("reviews")))
    page = text(client.get(office.url("review_grants")))
    # What was written stays within reach.
    assert ("その1" in page, "その2" in page, "その3" in page) == (True, True, False)
    assert "交付金その1" in text(client.get(office.url("review_fix")))
    client.post(office.url("review_grant", 1), {"effect": "very"})
    assert counted.format(1) in text(client.get(office.url("reviews")))


def test_money_stored_before_a_project_lost_it_is_emptied_through_its_page(client, office):
    client.force_login(office.clerk)
    url = office.url("review_project", office.project.pk)
    client.post(url, {"seen": 0, "done": "放流した。", "budget": "1,500"})
    office.project.implementer = "根室漁業協同組合"
    office.project.save()
    sent = form_data(text(client.get(url)))
    assert "予算額1,500千円" in text(client.get(url))
    assert "金額は空欄にしてください" in text(client.post(url, sent | {"done": "直した。"}))
    grid = office.url("review_project_grid")
    refused = text(client.post(grid, _in_grid(client, office, "一覧")))
    assert "先にこの事業の画面で空欄にしてください" in refused
    client.post(url, sent | {"done": "直した。", "empty_money": "on"})
    row = ProjectYear.objects.get()
    assert (row.done, row.budget) == ("直した。", None)
    assert "empty_money" not in text(client.get(url))
    assert "保存しました" in text(client.post(grid, _in_grid(client, office, "一覧"), follow=True))


def _in_grid(client, office, done: str) -> dict[str, str]:
    page = form_data(text(client.get(office.url("review_project_grid"))))
    return page | {f"r{office.project.pk}-done": done, "save": "1"}


def test_the_section_of_the_year_is_recorded_and_stays(client, office):
    client.force_login(office.planning)
    url = office.url("review_project", office.project.pk)
    client.post(url, {"seen": 0, "done": "放流した。"})
    assert ProjectYear.objects.get().section == office.section
    office.project.section = make_section("漁港課")
    office.project.save()
    client.post(url, {"seen": 1, "done": "直した。"})
    row = ProjectYear.objects.get()
    assert (row.done, row.section) == ("直した。", office.section)
    for page in (url, office.url("review_projects")):
        assert "水産課" in text(client.get(page))


def test_a_year_without_a_grant_has_none_to_review(client, office):
    client.force_login(office.planning)

    def state() -> str:
        row = text(client.get(office.url("reviews"))).split(">交付金の検証</a></th>")[1]
        return row.split('data-label="状態">')[1].partition("</td>")[0]

    assert state() == "対象なし"
    Grant.objects.create(strategy=office.plan, number=1, name="港の交付金")
    assert state() == "これから"


def test_a_project_that_the_year_does_not_have_leads_back_to_the_list(client, office):
    client.force_login(office.clerk)
    answer = client.get(office.url("review_project", 9999))
    assert answer.status_code == 404
    assert "のこの年度に、その事業はありません。" in text(answer)
    assert "事業の実績の一覧へ" in text(answer)
