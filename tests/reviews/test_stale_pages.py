"""Two people at one page of the year's end: a page opened before overwrites nothing unseen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import reverse

from accounts.roles import Role
from reviews.models import Answered, MeasureReview, ProjectYear, State
from tests.factories import make_project, make_user
from tests.html import form_data, sent_untouched, told
from tests.reviews.office import WRITTEN, YEAR, Office

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@dataclass(frozen=True)
class Kind:
    """A kind of page with two of its texts."""

    model: type[Answered]
    url: str
    first: str
    label: str
    second: str
    rest: Mapping[str, str] = field(default_factory=dict)
    """What else has to be filled in before it is sent on."""

    @property
    def policy(self) -> str:
        """What the field of the policy is called."""
        return str(self.model._meta.get_field("policy").verbose_name)


@pytest.fixture
def office(db) -> Office:
    return Office()


@pytest.fixture(params=["measure", "project"])
def kind(request, office) -> Kind:
    if request.param == "measure":
        url = office.page_of(office.measure)
        return Kind(MeasureReview, url, "results", "取組と成果", "causes", WRITTEN)
    project = make_project(office.measure, name="種苗放流", section=office.section)
    address = reverse("review_project", args=[office.plan.code, project.pk])
    rest = {"settlement": "0", "policy": "継続"}
    return Kind(ProjectYear, f"{address}?year={YEAR}", "done", "実施内容", "output", rest)


@pytest.fixture
def colleague(office):
    return make_user(Role.CLERK, office.section, full_name="岬 二郎")


def opened(client, user, kind: Kind) -> dict[str, str]:
    """Return what the page sends if nothing is typed."""
    client.force_login(user)
    return form_data(client.get(kind.url).content.decode())


def send(client, user, kind: Kind, data: Mapping[str, Any]):
    client.force_login(user)
    return client.post(kind.url, data, follow=True)


def test_what_each_of_two_typed_is_kept(client, office, kind, colleague):
    page = opened(client, colleague, kind)
    texts = {kind.first: "放流した。\r\n育てた。", "policy": "継続"}
    send(client, office.clerk, kind, page | texts)
    answer = told(send(client, colleague, kind, page | {kind.second: "水温"}))
    assert "保存しました。" in answer
    kept = f"{office.clerk}が変更した「{kind.label}」「{kind.policy}」は、そのまま残しました"
    assert kept in answer
    row: Any = kind.model.objects.get()
    stored = getattr(row, kind.first), row.policy, getattr(row, kind.second)
    assert stored == ("放流した。\n育てた。", "継続", "水温")


def test_both_changed_the_same_field(client, office, kind, colleague):
    page = opened(client, colleague, kind)
    send(client, office.clerk, kind, page | {kind.first: "渚の文", "policy": "継続"})
    typed = {kind.first: "二郎の文", kind.second: "水温"}
    refused = send(client, colleague, kind, page | typed)
    assert f"「{kind.label}」に今保存されている内容：「渚の文」" in told(refused)
    assert f"{office.clerk}が変更しました（「{kind.policy}」）" in told(refused)
    row: Any = kind.model.objects.get()
    assert (getattr(row, kind.first), getattr(row, kind.second)) == ("渚の文", "")
    shown = form_data(refused.content.decode())
    assert (shown[kind.first], shown[kind.second], shown["policy"]) == (
        "二郎の文",
        "水温",
        "継続",
    )
    send(client, colleague, kind, shown)
    row.refresh_from_db()
    assert (getattr(row, kind.first), row.policy) == ("二郎の文", "継続")


def test_a_head_answers_only_what_he_has_seen(client, office, kind):
    first = {**kind.rest, kind.first: "前の文"}
    send(client, office.clerk, kind, opened(client, office.clerk, kind) | first)
    page = opened(client, office.head, kind) | {"step": "answer"}
    corrected = opened(client, office.clerk, kind) | {kind.first: "直した文"}
    send(client, office.clerk, kind, corrected)
    refused = send(client, office.head, kind, page)
    assert f"{office.clerk}が変更しました（「{kind.label}」）" in told(refused)
    row: Any = kind.model.objects.get()
    assert (getattr(row, kind.first), row.state) == ("直した文", State.DRAFT)
    shown = form_data(refused.content.decode())
    assert shown[kind.first] == "直した文"
    send(client, office.head, kind, shown | {"step": "answer"})
    row.refresh_from_db()
    assert (getattr(row, kind.first), row.state) == ("直した文", State.ANSWERED)


def test_a_stale_page_does_not_take_an_answer_back_unasked(client, office, kind):
    first = {**kind.rest, kind.first: "前の文"}
    send(client, office.clerk, kind, opened(client, office.clerk, kind) | first)
    page = opened(client, office.clerk, kind) | {kind.second: "水温"}
    answering = opened(client, office.head, kind) | {"step": "answer"}
    send(client, office.head, kind, answering)
    refused = send(client, office.clerk, kind, page)
    assert "今は「回答済み」で、保存すると、もう一度回答と確認が必要になります" in told(refused)
    row: Any = kind.model.objects.get()
    assert (getattr(row, kind.second), row.state) == ("", State.ANSWERED)
    send(client, office.clerk, kind, form_data(refused.content.decode()))
    row.refresh_from_db()
    assert (getattr(row, kind.second), row.state) == ("水温", State.DRAFT)


def test_another_fault_does_not_hide_what_others_stored(client, office, kind, colleague):
    page = opened(client, colleague, kind)
    send(client, office.clerk, kind, page | {kind.first: "渚の文"})
    refused = send(client, colleague, kind, page | {kind.second: "水温", "policy": "なぞ"})
    assert "選択肢にありません" in told(refused)
    assert form_data(refused.content.decode())[kind.first] == "渚の文"


def test_lines_that_a_browser_sends_are_no_change(client, office, kind):
    page = opened(client, office.clerk, kind)
    send(client, office.clerk, kind, page | {kind.first: "一行\r\n二行"})
    old = sent_untouched(client.get(kind.url).content.decode())
    send(client, office.clerk, kind, opened(client, office.clerk, kind) | {kind.first: "直した"})
    send(client, office.head, kind, old)
    assert getattr(kind.model.objects.get(), kind.first) == "直した"
    send(client, office.clerk, kind, opened(client, office.clerk, kind) | {kind.first: "一\n二"})
    version = kind.model.objects.get().version
    untouched = sent_untouched(client.get(kind.url).content.decode())
    send(client, office.head, kind, untouched)
    assert kind.model.objects.get().version == version


def test_comments_and_outlooks_merge_for_themselves(client, office, colleague):
    kind = Kind(MeasureReview, office.page_of(office.measure), "results", "", "causes")
    comment, outlook = f"comment-{office.kpi.pk}", f"outlook-{office.kpi.pk}"
    page = opened(client, colleague, kind)
    send(client, office.clerk, kind, page | {comment: "回復", "results": "渚の文"})
    send(client, colleague, kind, page | {outlook: "will_meet"})
    said = MeasureReview.objects.get().kpi_reviews.get()
    assert (said.comment, said.outlook) == ("回復", "will_meet")
    refused = send(client, colleague, kind, page | {comment: "横ばい"})
    # Who changed it comes before what it says now.
    who = told(refused).index(f"{office.clerk}が、")
    assert who < told(refused).index("「水揚げ量のコメント」に今保存されている内容：「回復」")
    shown = form_data(refused.content.decode())
    assert (shown[comment], shown[outlook], shown["results"]) == ("横ばい", "will_meet", "渚の文")
    send(client, colleague, kind, shown)
    said.refresh_from_db()
    assert said.comment == "横ばい"


def test_money_of_a_project_is_one_part(client, office, colleague):
    project = make_project(office.measure, name="種苗放流", section=office.section)
    address = reverse("review_project", args=[office.plan.code, project.pk])
    kind = Kind(ProjectYear, f"{address}?year={YEAR}", "done", "実施内容", "output")
    page = opened(client, colleague, kind)
    send(client, office.clerk, kind, page | {"budget": "1,500", "settlement": "1234"})
    send(client, colleague, kind, page | {"done": "二郎の文"})
    row = ProjectYear.objects.get()
    assert (row.budget, row.settlement, row.done) == (1_500_000, 1_234_000, "二郎の文")
    refused = send(client, colleague, kind, page | {"budget": "900", "done": "二郎の文"})
    assert "「予算額、決算額、財源（千円）」に今保存されている内容" in told(refused)
    assert "予算額（千円）1,500、決算額（千円）1,234" in told(refused)
    send(client, colleague, kind, page | {"budget": "１５００", "settlement": "1,234"})
    row.refresh_from_db()
    assert (row.budget, row.done) == (1_500_000, "二郎の文")
