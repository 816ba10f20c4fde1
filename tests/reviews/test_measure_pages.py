"""The pages of 内部評価: what each person sees, writes and moves on."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from reviews.models import MeasureReview, ReviewChoices, State
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

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

YEAR = 2017


class Office:
    """A measure with one KPI, and the people of its section."""

    def __init__(self) -> None:
        self.section = make_section("水産課")
        self.clerk = make_user(Role.CLERK, self.section)
        self.head = make_user(Role.HEAD, self.section)
        self.planning = make_user(Role.PLANNING)
        make_fiscal_year(YEAR)
        self.measure = make_measure(title="漁業の振興")
        indicator = make_indicator(self.section, name="水揚げ量")
        self.kpi = make_kpi(self.measure, indicator=indicator)
        make_actual(indicator, YEAR, 1)
        plan = self.measure.strategy
        self.list_url = f"{reverse('review_measures', args=[plan.code])}?year={YEAR}"
        self.url = f"{reverse('review_measure', args=[plan.code, self.measure.code])}?year={YEAR}"

    def typed(self, **fields):
        stored = MeasureReview.objects.filter(measure=self.measure).first()
        return {"seen": stored.version if stored else 0, **fields}


@pytest.fixture
def office(db) -> Office:
    return Office()


def as_(client, user):
    client.force_login(user)
    return client


def text(response) -> str:
    return response.content.decode()


def test_the_list_counts_what_is_not_written(client, office):
    page = text(as_(client, office.clerk).get(office.list_url))
    assert "内部評価（1件）は、まだ入力されていません。" in page
    assert "漁業の振興" in page


def test_a_clerk_writes_and_the_page_shows_it(client, office):
    as_(client, office.clerk)
    sent = office.typed(
        results="水揚げが増えた。", policy="継続", **{f"comment-{office.kpi.pk}": "回復"}
    )
    assert "保存しました。" in text(client.post(office.url, sent, follow=True))
    review = MeasureReview.objects.get()
    assert (review.results, review.policy, review.state) == (
        "水揚げが増えた。",
        "継続",
        State.DRAFT,
    )
    assert review.kpi_reviews.get().comment == "回復"
    assert "水揚げが増えた。" in text(client.get(office.url))


def test_text_from_a_word_processor_loses_its_control_characters(client, office):
    as_(client, office.clerk).post(office.url, office.typed(results="増え\x0bた\x07。"))
    assert MeasureReview.objects.get().results == "増え\nた。"


def test_two_people_at_one_evaluation_lose_nothing(client, office):
    seen_by_both = office.typed()
    as_(client, office.head).post(office.url, seen_by_both | {"results": "課長の文"})
    answer = as_(client, office.clerk).post(office.url, seen_by_both | {"results": "担当の文"})
    page = text(answer)
    assert f"{office.head}が変更しました" in page
    assert "今保存されている内容：「課長の文」" in page
    assert "担当の文</textarea>" in page
    assert MeasureReview.objects.get().results == "課長の文"
    client.post(office.url, office.typed(results="担当の文"))
    assert MeasureReview.objects.get().results == "担当の文"


def test_another_grade_needs_a_reason_and_keeps_what_was_typed(client, office):
    as_(client, office.clerk)
    page = text(client.post(office.url, office.typed(grade="Ａ 順調", results="残る文")))
    proposed = client.get(office.url).context["row"].proposed
    assert proposed
    assert f"案「{proposed}」と違います" in page
    assert "残る文</textarea>" in page
    assert not MeasureReview.objects.exists()


def test_a_plan_has_its_own_grades(client, office):
    ReviewChoices.objects.create(strategy=office.measure.strategy, grades=["S", "A", "B"])
    page = text(as_(client, office.clerk).get(office.url))
    assert '<option value="S">S</option>' in page
    assert "Ａ 順調" not in page


def test_the_way_to_confirmation(client, office):
    as_(client, office.clerk).post(office.url, office.typed(**WRITTEN))
    review = MeasureReview.objects.get()

    def step(user, key, **more):
        review.refresh_from_db()
        value = f"{review.pk}:{review.version}"
        return as_(client, user).post(
            office.url, {"step": key, "value": value, **more}, follow=True
        )

    assert "1件を「課長確認待ち」にしました" in text(step(office.clerk, "ask"))
    assert "差し戻す理由を入力してください" in text(step(office.head, "return"))
    step(office.head, "return", reason="課題も書いてください。")
    assert "課題も書いてください。" in text(client.get(office.list_url))
    step(office.clerk, "paper", decided_on="2018-06-20", document="根総政第5号")
    assert "1件を「確認済み」にしました" in text(step(office.planning, "confirm"))
    review.refresh_from_db()
    assert (review.state, review.confirmed_by) == (State.CONFIRMED, office.planning)
    assert "<textarea" not in text(as_(client, office.clerk).get(office.url))


def test_what_was_typed_is_shown_where_the_page_takes_nothing_any_more(client, office):
    sent = office.typed(results="x")
    as_(client, office.clerk).post(office.url, sent)
    MeasureReview.objects.update(state=State.CONFIRMED)
    typed = {"results": "残る文", "policy": "継続", f"comment-{office.kpi.pk}": "残る注"}
    page = text(client.post(office.url, office.typed(**typed)))
    assert "企画担当が確認済みです。" in page
    assert "入力した内容（保存していません）" in page
    for label, said in (("取組と成果", "残る文"), ("次年度の方針", "継続"), ("水揚げ量", "残る注")):
        assert f"<dt>{label}</dt><dd>{said}</dd>" in page
    assert MeasureReview.objects.get().results == "x"
    assert "保存していません" not in text(client.get(office.url))


@pytest.mark.parametrize("button", ["save", "step"])
def test_what_was_typed_is_shown_if_the_section_has_changed(client, office, button):
    sent = office.typed(results="相談会を開いた。", **{button: "ask"})
    office.clerk.sections.set([make_section("税務課")])
    answer = as_(client, office.clerk).post(office.url, sent)
    assert answer.status_code == 403
    assert "担当課が変わったことがあります。" in text(answer)
    assert "<dt>取組と成果</dt><dd>相談会を開いた。</dd>" in text(answer)
    assert not MeasureReview.objects.exists()


def test_another_section_reads_and_cannot_write(client, office):
    as_(client, make_user(Role.CLERK, make_section("税務課")))
    assert "一時保存する" not in text(client.get(office.url))
    assert client.post(office.url, office.typed(results="x")).status_code == 403
    assert not MeasureReview.objects.exists()


def test_queries_do_not_grow_with_the_measures(client, office, django_assert_max_num_queries):
    as_(client, office.clerk)
    client.get(office.list_url)
    with django_assert_max_num_queries(40) as few:
        client.get(office.list_url)
    for _ in range(5):
        make_kpi(make_measure(office.measure.group.goal))
    with django_assert_max_num_queries(len(few)):
        client.get(office.list_url)


def test_planning_changes_the_lists_of_a_plan(client, office):
    url = reverse("review_choices", args=[office.measure.strategy.code])
    as_(client, office.planning)
    # Nor can those be told apart in a paste that differ in width and spaces.
    for grades in ("A\nA", "A順調\nＡ　順調"):
        page = text(client.post(url, {"grades": grades, "policies": "", "verdicts": ""}))
        assert "同じものが2つあります" in page
    client.post(url, {"grades": "A\n B \n\n", "policies": "", "verdicts": ""})
    choices = ReviewChoices.objects.get()
    assert choices.grade_labels == ("A", "B")
    assert choices.policy_labels[0] == "拡充"
    assert '<option value="B">B</option>' in text(client.get(office.url))


def test_a_step_also_saves_the_fields(client, office):
    as_(client, office.clerk).post(office.url, office.typed(results="前の文"))
    review = MeasureReview.objects.get()
    sent = office.typed(**WRITTEN) | {"results": "後の文"}
    sent |= {"step": "ask", "value": f"{review.pk}:{review.version}"}
    client.post(office.url, sent)
    review.refresh_from_db()
    assert (review.results, review.state) == ("後の文", State.SUBMITTED)


def test_a_step_that_judges_is_refused_while_something_is_not_saved(client, office):
    written = WRITTEN | {"results": "前の文"}
    as_(client, office.clerk).post(office.url, office.typed(**written))
    review = MeasureReview.objects.get()
    client.post(office.url, {"step": "ask", "value": f"{review.pk}:{review.version}"})
    review.refresh_from_db()
    sent = office.typed(**written) | {"results": "課長の文", "step": "return", "reason": "不足"}
    as_(client, office.head)
    page = text(client.post(office.url, sent | {"value": f"{review.pk}:{review.version}"}))
    assert "保存していない入力があります" in page
    assert "課長の文</textarea>" in page
    review.refresh_from_db()
    assert (review.results, review.state) == ("前の文", State.SUBMITTED)


def test_a_comment_of_somebody_else_is_not_emptied(client, office):
    as_(client, office.clerk).post(office.url, office.typed(results="x"))
    seen = office.typed(results="x")
    comment = f"comment-{office.kpi.pk}"
    client.post(office.url, seen | {comment: "回復した。", f"{comment}-seen": ""})
    as_(client, office.head)
    old_page = seen | {"results": "課長の文", comment: "", f"{comment}-seen": ""}
    client.post(office.url, old_page)
    review = MeasureReview.objects.get()
    assert review.results == "課長の文"
    assert review.kpi_reviews.get().comment == "回復した。"
