"""Several projects or measures are moved on at once, from their lists."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.roles import Role
from reviews.models import Edition, MeasureReview, ProjectYear, State
from tests.factories import make_project, make_user
from tests.html import sent_untouched
from tests.reviews.empty_edition import empty_edition
from tests.reviews.office import WRITTEN, YEAR, Office, text

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


class Kind:
    """Three rows of one kind: two of the clerk's section, one of another."""

    def __init__(self, office: Office, model, name: str, rows: list) -> None:
        self.office, self.model, self.rows = office, model, rows
        self.base = reverse(name, args=[office.plan.code])

    def url(self, state: str = "") -> str:
        return f"{self.base}?year={YEAR}" + (f"&state={state}" if state else "")

    def states(self) -> list[str]:
        return list(self.model.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture(params=["projects", "measures"])
def kind(db, request) -> Kind:
    office = Office()
    measures = [office.measure, office.second, office.foreign]
    stored = {"fiscal_year_id": YEAR, "entered_by": office.clerk}
    if request.param == "measures":
        stored |= WRITTEN
        rows = [MeasureReview.objects.create(measure=one, **stored) for one in measures]
        return Kind(office, MeasureReview, "review_measures", rows)
    sections = [office.section, office.section, office.other]
    projects = [
        make_project(one, name=f"{one.title}事業", section=section)
        for one, section in zip(measures, sections, strict=True)
    ]
    stored |= {"done": "放流した。", "settlement": 0, "policy": "継続"}
    rows = [ProjectYear.objects.create(project=one, **stored) for one in projects]
    return Kind(office, ProjectYear, "review_projects", rows)


def ticked(page: str) -> list[str]:
    return sent_untouched(page).get("value", [])


def press(client, kind: Kind, user, state: str, step: str, **more) -> str:
    """Take a step with what the list has ticked by itself."""
    client.force_login(user)
    page = text(client.get(kind.url(state)))
    return text(
        client.post(kind.url(state), {"step": step, "value": ticked(page), **more}, follow=True)
    )


def test_all_that_wait_go_to_the_head_back_and_to_planning(client, kind):
    office = kind.office
    assert "2件を「課長確認待ち」にしました" in press(client, kind, office.clerk, "draft", "ask")
    assert kind.states() == ["submitted", "submitted", "draft"]
    page = press(client, kind, office.head, "submitted", "return")
    assert "差し戻す理由を入力してください" in page
    press(client, kind, office.head, "submitted", "return", reason="課題も書いてください。")
    assert kind.states() == ["returned", "returned", "draft"]
    paper = {"decided_on": "2018-06-20", "document": "根総政第5号"}
    press(client, kind, office.clerk, "returned", "paper", **paper)
    assert kind.states() == ["answered", "answered", "draft"]
    page = press(client, kind, office.planning, "answered", "confirm")
    assert "2件を「確認済み」にしました" in page
    assert kind.states() == ["confirmed", "confirmed", "draft"]


def fix_the_year(office: Office) -> None:
    Edition.objects.create(
        strategy=office.plan, fiscal_year_id=YEAR, number=1, data=empty_edition(YEAR),
        decided_on="2019-01-10", document_number="1", sha256="0" * 64,
    )  # fmt: skip


def test_planning_returns_what_it_confirmed_until_the_year_is_fixed(client, kind):
    office = kind.office
    # A corrected value may have made it incomplete since: that does not keep it from going back.
    kind.model.objects.update(state="confirmed", policy="")
    client.force_login(office.planning)
    page = text(client.get(kind.url("confirmed")))
    assert ">選んだ" in page
    assert "を差し戻す</h2>" in page
    assert ticked(page) == [], "what is finished is not returned by one slip"
    assert "には、印を付けていません" not in page
    assert len(ticked(text(client.post(kind.url("confirmed"), {"tick": "all"})))) == 3
    first = kind.rows[0]
    sent = {"step": "return", "value": [f"{first.pk}:{first.version}"]}
    assert "差し戻す理由を入力してください" in text(client.post(kind.url("confirmed"), sent))
    client.post(kind.url("confirmed"), sent | {"reason": "数を確かめてください。"})
    assert kind.states() == ["returned", "confirmed", "confirmed"]
    first.refresh_from_db()
    assert (first.return_reason, first.confirmed_by) == ("数を確かめてください。", None)
    assert first.history.latest().history_user == office.planning
    client.force_login(office.clerk)
    assert "差戻し" in text(client.get(kind.url()))
    second = kind.rows[1]
    sent = {"step": "return", "value": [f"{second.pk}:{second.version}"], "reason": "戻す。"}
    client.force_login(office.head)
    client.post(kind.url("confirmed"), sent)
    fix_the_year(office)
    client.force_login(office.planning)
    client.post(kind.url("confirmed"), sent)
    assert kind.states() == ["returned", "confirmed", "confirmed"]


def test_a_page_has_the_step_back_of_what_is_confirmed(client, kind):
    kind.model.objects.update(state="confirmed")
    client.force_login(kind.office.planning)
    [url] = re.findall(r'<a\s+href="([^"]+)">[^<]*漁業の振興', text(client.get(kind.url())))
    page = text(client.get(url))
    assert "担当者に差し戻す</button>" in page
    assert '<h2 id="steps-heading">差し戻す</h2>' in page
    client.force_login(kind.office.head)
    assert "担当者に差し戻す" not in text(client.get(url))
    fix_the_year(kind.office)
    client.force_login(kind.office.planning)
    assert "担当者に差し戻す" not in text(client.get(url))


def test_a_list_names_who_brought_a_row_into_its_state(client, kind):
    """Not who typed it: after a return the section asks who returned it."""
    office = kind.office
    for name in ("clerk", "head", "planning"):
        user = getattr(office, name)
        user.full_name = f"{name}の人"
        user.save()
    kind.model.objects.update(entered_at=datetime(2018, 4, 2, 3, 0, tzinfo=UTC))

    def told() -> list[str]:
        client.force_login(office.planning)
        cells = text(client.get(kind.url())).split('data-label="状態"><span>')[1:]
        return [re.sub(r"<small[^>]*>", "：", cell.partition("</small")[0]) for cell in cells]

    day = date_format(timezone.localdate(), "n月j日")
    assert told()[:2] == ["入力中：clerkの人、4月2日"] * 2
    press(client, kind, office.clerk, "draft", "ask")
    press(client, kind, office.head, "submitted", "return", reason="課題も書いてください。")
    assert told() == [*[f"差戻し：headの人、{day}"] * 2, "入力中：clerkの人、4月2日"]
    kind.model.objects.filter(state="returned").update(state="answered")
    press(client, kind, office.planning, "answered", "confirm")
    assert told()[:2] == [f"確認済み：planningの人、{day}"] * 2


def test_nothing_is_moved_where_one_is_refused_and_each_is_named(client, kind):
    office = kind.office
    client.force_login(office.head)
    sent = ticked(text(client.get(kind.url("draft"))))
    changed, _, foreign = kind.rows
    changed.version += 1
    changed.save()
    sent.append(f"{foreign.pk}:1")
    page = text(client.post(kind.url("draft"), {"step": "answer", "value": sent}))
    assert "何も変更していません" in page
    assert "変更しました。今の内容を確かめ" in page
    assert "税の収納" in page
    assert f'href="#pick-{changed.pk}"' in page
    assert kind.states() == ["draft"] * 3


@pytest.mark.parametrize("kind", ["measures"], indirect=True)
def test_a_list_whose_rows_others_have_moved_on_says_so_and_repeats_the_reason(client, kind):
    kind.model.objects.update(state=State.SUBMITTED)
    client.force_login(kind.office.head)
    url = kind.url("submitted")
    sent = sent_untouched(text(client.get(url))) | {
        "step": "return",
        "reason": "数え直してください",
    }
    kind.model.objects.update(state=State.ANSWERED)
    page = text(client.post(url, sent))
    assert "は、もうありません。" in page
    assert "入力した理由「数え直してください」は、保存していません。" in page


def test_rows_are_chosen_and_their_own_are_left_to_others(client, kind):
    office = kind.office
    client.force_login(office.clerk)
    page = text(client.post(kind.url("draft"), {"tick": "none", "reason": "x"}))
    assert ticked(page) == []
    assert "選ばれていません" in text(client.post(kind.url("draft"), {"step": "ask"}))
    first = kind.rows[0]
    client.post(kind.url("draft"), {"step": "ask", "value": f"{first.pk}:1"})
    assert kind.states() == ["submitted", "draft", "draft"]
    kind.model.objects.update(state=State.ANSWERED, entered_by=office.planning)
    client.force_login(office.planning)
    page = text(client.get(kind.url("answered")))
    assert "自分で入力したものです" in page
    assert "選んだ" not in page
    client.force_login(make_user(Role.AUDITOR))
    assert "次に進めるもの" not in text(client.get(kind.url("answered")))
    assert client.post(kind.url("answered"), {"step": "ask"}).status_code == 403


def test_a_section_sees_its_own_rows_first(client, kind):
    def shown(user, more: str = "") -> tuple[bool, bool]:
        client.force_login(user)
        page = text(client.get(kind.url() + more))
        return "漁業の振興" in page, "税の収納" in page

    assert shown(kind.office.clerk) == (True, False)
    page = text(client.get(kind.url()))
    assert re.search(r'aria-current="true">自分の課 <b>2</b>件', page)
    assert re.search(r"rows=all[^>]*>すべて <b>3</b>件", page)
    assert shown(kind.office.clerk, "&rows=all") == (True, True)
    assert shown(kind.office.planning) == (True, True)
    assert "自分の課" not in text(client.get(kind.url()))


REASON = "案と違う評価にした理由"
LACKING = [
    ("projects", {"done": " "}, "実施内容", "実施していないときは、その理由を入力してください。"),
    ("projects", {"settlement": None}, "決算額", "支出がないときは「0」と入力してください。"),
    (
        "projects",
        {"settlement": 900_000},
        "決算額900千円の財源",
        "合計が決算額（900千円）と同じになるように",
    ),
    ("projects", {"policy": ""}, "今後の方針", "今後の方針を選んでください。"),
    ("measures", {"results": " "}, "取組と成果", "取組と成果を入力してください。"),
    ("measures", {"grade": ""}, "評価", "指標の判定による案は「Ｄ 遅れ」です"),
    ("measures", {"policy": ""}, "次年度の方針", "次年度の方針を選んでください。"),
    # It fitted when it was written; a corrected value has changed the proposal since.
    (
        "measures",
        {"grade_reason": "", "proposed_grade": "Ａ 順調"},
        REASON,
        "評価「Ａ 順調」は、今の実績値による案「Ｄ 遅れ」と違います。",
    ),
]


@pytest.mark.parametrize(
    ("kind", "fields", "label", "remedy"),
    LACKING,
    indirect=["kind"],
    ids=[f"{kind} {label}" for kind, _, label, _ in LACKING],
)
def test_what_is_not_complete_is_flagged_and_not_moved(client, kind, fields, label, remedy):
    office = kind.office
    lacking, complete, _ = kind.rows
    kind.model.objects.filter(pk=lacking.pk).update(**fields)
    for state, user, step in (
        ("draft", office.clerk, "ask"),
        ("submitted", office.head, "answer"),
        ("answered", office.planning, "confirm"),
    ):
        kind.model.objects.update(state=state)
        client.force_login(user)
        page = text(client.get(kind.url(state)))
        assert f"足りない欄</span> {label}</small>" in page
        assert f"{lacking.pk}:1" not in ticked(page)
        assert f"{complete.pk}:1" in ticked(page)
        sent = {"step": step, "value": [f"{lacking.pk}:1", f"{complete.pk}:1"]}
        page = text(client.post(kind.url(state), sent))
        assert re.search(f"「[^」]*漁業の振興[^」]*」：{label}が空欄のため", page)
        assert remedy in page
        assert kind.states() == [state] * 3
    # It can be returned.
    sent = {"step": "return", "reason": "不足", "value": f"{lacking.pk}:1"}
    client.post(kind.url("answered"), sent)
    assert kind.states() == ["returned", "answered", "answered"]


@pytest.mark.parametrize("kind", ["projects"], indirect=True)
def test_what_has_no_money_is_complete_without_it(client, kind):
    private, relisted, _ = (row.project for row in kind.rows)
    private.category, relisted.relisted_from = "民間等", private
    private.save()
    relisted.save()
    kind.model.objects.update(settlement=None)
    assert "2件を「課長確認待ち」に" in press(client, kind, kind.office.clerk, "draft", "ask")
