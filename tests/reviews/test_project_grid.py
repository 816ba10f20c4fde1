"""事業の実績を一覧で入力する: what is typed, stored, refused, merged and kept."""

import re
from datetime import date

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import idle
from entry.models import KeptInput
from reviews.models import Edition, ProjectYear, State
from reviews.projects import saving
from tests.factories import make_measure, make_project, make_section
from tests.reviews.projects_office import PASSWORD, YEAR, Office, text
from trail.history import NOTHING_CHANGED, Door

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


COMPLETE = {"done": "放流した。", "settlement": "5", "general": "5", "policy": "継続"}


@pytest.fixture
def office(db) -> Office:
    return Office()


def test_all_projects_are_saved_with_one_button_through_the_grids_door(client, office):
    office.log_in(client)
    one = {"done": "放流した。\r\n二回目", "budget": "1,500", "settlement": "１２３４．５６７"}
    one |= {"national": "1000", "general": "234.567", "grant": "港の 交付金", "policy": "継　続"}
    other = {"outcome": "増えた。", "ends_in": "R7"}
    sent = office.typed(client, {office.one: one, office.other: other})
    assert "2件の事業を保存しました。" in text(client.post(office.grid, sent, follow=True))
    one, other = ProjectYear.objects.order_by("project")
    assert (one.budget, one.settlement, one.general) == (1_500_000, 1_234_567, 234_567)
    assert (one.grant, one.policy, one.state) == (office.grant, "継続", State.DRAFT)
    assert (other.ends_in, other.outcome) == (2025, "増えた。")
    assert {row.door for row in ProjectYear.history.all()} == {Door.GRID}
    # Untouched rows are left alone, and nothing is kept.
    untouched = office.typed(client, {})
    assert NOTHING_CHANGED in text(client.post(office.grid, untouched, follow=True))
    assert not KeptInput.objects.exists()


def test_right_rows_are_saved_and_faulty_ones_stay_as_they_were_typed(client, office):
    office.log_in(client)
    sent = office.typed(client, {
        office.one: {"done": "放流した。"},
        office.other: {"settlement": "5", "national": "3", "done": "講習会を開いた。"},
    })  # fmt: skip
    page = text(client.post(office.grid, sent))
    assert "1件を保存し、1件は保存していません" in page
    assert "講習会：財源の合計（3千円）が、決算額（5千円）と違います" in page
    assert "講習会を開いた。</textarea>" in page
    assert [row.project for row in ProjectYear.objects.all()] == [office.one]
    assert list(KeptInput.objects.get().typed) != []
    again = text(client.get(f"{office.grid}&kept=1"))
    assert "講習会を開いた。</textarea>" in again


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("budget", "12..3", "種苗放流：予算額（千円）「12..3」"),
        ("settlement", "5千人", "種苗放流：決算額（千円）「5千人」"),
        ("budget", "9" * 20, f"予算額（千円）「{'9' * 20}」は大きすぎます。10兆円より小さい額を"),
        ("grant", "別の交付金", "種苗放流：交付金の名称「別の交付金」は、この計画にありません"),
        ("policy", "拡大", "種苗放流：今後の方針「拡大」は選択肢にありません"),
        ("ends_in", "H20", "種苗放流：終了年度「2008」が、対象の年度より前です"),
        ("done", "長" * 4001, "種苗放流：実施内容は4,000字以内で入力してください（4,001字）"),
    ],
)
def test_what_is_wrong_is_named_with_project_field_and_value(client, office, field, typed, message):
    office.log_in(client)
    sent = office.typed(client, {office.one: {field: typed}})
    assert message in text(client.post(office.grid, sent))
    assert not ProjectYear.objects.exists()


def test_control_characters_from_word_are_cleaned(client, office):
    office.log_in(client)
    sent = office.typed(client, {office.one: {"done": "一\x0b二\x00三\x07"}})
    client.post(office.grid, sent)
    assert ProjectYear.objects.get().done == "一\n二三"


def test_what_has_no_money_here_has_no_fields_for_it(client, office):
    office.other.implementer = "漁業協同組合"
    office.other.save()
    measure = make_measure(office.measure.group.goal, title="別の施策")
    relisted = make_project(measure, section=office.section)
    relisted.relisted_from = office.one
    relisted.save()
    office.log_in(client)
    page = text(client.get(office.grid))
    assert "市の事業ではないため、金額は入力しません。" in page
    assert "再掲のため、金額は最初に掲げた事業に入力します。" in page
    assert f'name="r{office.one.pk}-budget"' in page
    assert f'name="r{office.other.pk}-budget"' not in page
    sent = office.typed(client, {office.other: {"budget": "5"}})
    assert "市の事業ではありません" in text(client.post(office.grid, sent))


def test_two_people_at_one_row_are_merged_or_asked(client, office):
    office.log_in(client)
    opened = office.typed(client, {office.one: {"done": "私の文", "issues": "私の課題"}})
    office.write(office.colleague, outcome="同僚の成果")
    client.post(office.grid, opened)
    row = ProjectYear.objects.get()
    assert (row.done, row.outcome, row.issues) == ("私の文", "同僚の成果", "私の課題")

    opened = office.typed(client, {office.one: {"done": "後の文", "budget": "7"}})
    office.write(office.colleague, seen=row.version, done="同僚の文")
    page = text(client.post(office.grid, opened))
    assert "ほかの人の変更と重なりました" in page
    assert "今の登録「同僚の文」を残す" in page
    assert ProjectYear.objects.get().budget is None  # nothing before it is decided
    key = f"r{office.one.pk}-choice-done"
    version = ProjectYear.objects.get().version
    client.post(office.grid, opened | {key: f"theirs:{version}", "choosing": "1"})
    row = ProjectYear.objects.get()
    assert (row.done, row.budget) == ("同僚の文", 7000)


def test_an_answered_row_is_asked_about_before_it_becomes_a_draft(client, office):
    row = office.write(office.clerk, done="放流した。")
    ProjectYear.objects.update(state=State.ANSWERED)
    office.log_in(client)
    sent = office.typed(client, {office.one: {"done": "直した。"}})
    assert "次の1件は「回答済み」です" in text(client.post(office.grid, sent))
    assert ProjectYear.objects.get().state == State.ANSWERED
    sent[f"r{office.one.pk}-reopen"] = str(row.version)
    assert "「入力中」に戻りました" in text(client.post(office.grid, sent, follow=True))


def test_only_ones_own_projects_are_there_and_lost_ones_are_told(client, office):
    office.log_in(client)
    sent = office.typed(client, {office.one: {"done": "放流した。"}})
    office.one.section = make_section("税務課")
    office.one.save()
    page = text(client.post(office.grid, sent, follow=True))
    assert "「種苗放流」に入力した実施内容「放流した。」は、保存していません" in page
    assert f'name="r{office.one.pk}-done"' not in page
    assert not ProjectYear.objects.exists()


def test_a_year_that_cannot_be_written_shows_what_is_stored(client, office):
    office.write(office.planning, done="放流した。")
    ProjectYear.objects.update(state=State.CONFIRMED)
    office.log_in(client)
    page = text(client.get(office.grid))
    assert "放流した。</dd>" in page
    assert "「確認済み」の1件は、変えられません。" in page
    alone = reverse("review_project", args=[office.plan.code, office.one.pk])
    page_of_one = text(client.get(f"{alone}?year={YEAR}"))
    assert "企画担当が確認したため、変えられません。" in page_of_one
    assert f'name="r{office.one.pk}-done"' not in page


def test_typing_is_kept_and_its_faults_are_reported(client, office):
    office.log_in(client)
    sent = office.typed(client, {office.one: {"budget": "12..3"}})
    answer = client.post(office.url("review_project_kept"), sent).json()
    assert "「12..3」" in answer["rows"][str(office.one.pk)]["faults"][0]
    assert answer["kept"] == [office.one.pk]
    assert "保存していない入力が残っています" in text(client.get(office.grid))
    client.post(office.url("review_project_discard"))
    assert not KeptInput.objects.exists()


CLOSED = "企画担当が確認したため、もう入力できません。"


def test_kept_texts_of_rows_that_take_nothing_any_more_are_there_to_be_copied(client, office):
    row = office.write(office.clerk, done="放流した。")
    office.log_in(client)
    typed = {office.one: {"done": "直した。", "policy": "継続"}, office.other: {"done": "講習"}}
    client.post(office.url("review_project_kept"), office.typed(client, typed))
    ProjectYear.objects.filter(pk=row.pk).update(state=State.CONFIRMED)
    page = text(client.get(office.grid))
    assert "（2件）を保管しています" in page
    assert "次の1件は、この画面の欄に戻せません。" in page
    for address in (office.grid, f"{office.grid}&kept=1"):
        page = text(client.get(address))
        assert CLOSED in page
        assert "<dt>実施内容</dt><dd>直した。</dd>\n<dt>今後の方針</dt><dd>継続</dd>" in page
    assert "講習</textarea>" in page  # the other one is back in its row
    # One is dropped, the other one stays.
    [first, *_] = re.findall(r'<button[^>]* name="row" value="([^"]*)"', page)
    client.post(office.url("review_project_discard"), {"row": first})
    page = text(client.get(office.grid))
    assert CLOSED not in page
    assert "（1件）を保管しています" in page
    # Also in a year that is fixed.
    Edition.objects.create(
        strategy=office.plan, fiscal_year=office.year, number=1, decided_on=date(2018, 9, 1)
    )
    page = text(client.get(office.grid))
    assert "この年度には、もう入力できません。" in page
    assert "<dt>実施内容</dt><dd>講習</dd>" in page
    assert "この内容を使う" not in page


def test_what_is_kept_of_a_project_that_others_write_now_is_shown(client, office):
    office.log_in(client)
    sent = office.typed(client, {office.one: {"done": "放流した。"}})
    client.post(office.url("review_project_kept"), sent)
    office.one.section = make_section("税務課")
    office.one.save()
    page = text(client.get(office.grid))
    assert "担当課が変わったか、この年度の計画からなくなったため" in page
    assert "<dt>実施内容</dt><dd>放流した。</dd>" in page


def test_what_one_page_keeps_of_a_project_stays_beside_what_another_one_does(client, office):
    office.log_in(client)
    kept = office.url("review_project_kept")
    client.post(kept, office.typed(client, {office.one: {"done": "放流した。", "issues": "水温"}}))
    # Another page that did not show it, while typing, and when it saves.
    other = office.typed(client, {office.one: {"done": "別の内容"}})
    client.post(kept, other)
    page = text(client.get(f"{office.grid}&kept=1"))
    assert "別の内容</textarea>" in page
    assert "<dt>実施内容</dt><dd>放流した。</dd>\n<dt>課題</dt><dd>水温</dd>" in page
    client.post(office.grid, other)
    assert ProjectYear.objects.get().done == "別の内容"
    page = text(client.get(f"{office.grid}&kept=1"))
    assert "放流した。</textarea>" in page


def test_a_grid_sent_after_the_session_is_kept(client, office, monkeypatch):
    client.post("/login/", {"username": office.clerk.username, "password": PASSWORD})
    sent = office.typed(client, {office.one: {"done": "放流した。"}})
    later = idle.now() + 8 * 3600
    monkeypatch.setattr(idle, "now", lambda: later)
    # A year that there is not, and nothing typed, keep nothing.
    for address, data in ((office.grid.replace(str(YEAR), "x"), sent), (office.grid, {})):
        client.post(address, data)
        assert not KeptInput.objects.exists()
        client.post("/login/", {"username": office.clerk.username, "password": PASSWORD})
        later += 8 * 3600
    assert client.post(office.grid, sent).url.endswith("&ended=idle&form=kept")
    assert KeptInput.objects.get().typed[f"r{office.one.pk}-done"] == "放流した。"


def test_the_grid_asks_as_many_queries_for_88_projects_as_for_two(client, office):
    office.write(office.clerk, done="した。")
    office.log_in(client)
    client.get(office.grid)
    with CaptureQueriesContext(connection) as few:
        client.get(office.grid)
    for number in range(86):
        project = make_project(office.measure, name=f"事業{number}", section=office.section)
        office.write(office.clerk, project=project, done="した。", budget=1000)
    with CaptureQueriesContext(connection) as many:
        assert "事業85" in text(client.get(office.grid))
    assert len(many) == len(few)


def test_the_second_button_saves_and_sends_to_the_head(client, office):
    office.log_in(client)
    office.write(office.colleague, project=office.other, done="講習した。", settlement=900_000)
    sent = office.typed(client, {office.one: COMPLETE | {"budget": "x"}})
    del sent["save"]
    page = text(client.post(office.grid, sent | {"step": "1"}))
    assert "「x」" in page
    assert set(ProjectYear.objects.values_list("state", flat=True)) == {State.DRAFT}
    sent[f"r{office.one.pk}-budget"] = "5"
    page = text(client.post(office.grid, sent | {"step": "1"}, follow=True))
    assert "1件の事業を保存しました。1件の確認を課長に依頼しました。" in page
    assert "次の1件は、空欄があるため依頼していません：「講習会」（決算額900千円の財源、" in page
    assert "足りない欄</span> 決算額900千円の財源、今後の方針</small>" in page
    states = ProjectYear.objects.order_by("project").values_list("state", flat=True)
    assert [*states] == [State.SUBMITTED, State.DRAFT]


def test_what_somebody_changed_since_is_not_sent_unseen(client, office):
    office.log_in(client)
    stored = office.write(office.clerk, done="放流した。", settlement=0, policy="継続")
    sent = office.typed(client, {})
    office.write(office.colleague, seen=stored.version, done="直した。")
    page = text(client.post(office.grid, sent | {"step": "1"}, follow=True))
    assert "依頼していません。「種苗放流」は" in page
    assert ProjectYear.objects.get().state == State.DRAFT


def test_a_row_confirmed_meanwhile_is_refused_and_the_others_are_saved(client, office):
    row = office.write(office.clerk, done="放流した。")
    office.log_in(client)
    sent = office.typed(client, {office.one: {"done": "直した。"}, office.other: {"done": "講習"}})
    ProjectYear.objects.filter(pk=row.pk).update(state=State.CONFIRMED, version=2)
    page = text(client.post(office.grid, sent))
    assert "1件を保存し、1件は保存していません" in page
    assert "種苗放流：「種苗放流」は、企画担当が確認済みです。" in page
    assert "直した。</textarea>" in page
    stored = ProjectYear.objects.order_by("project").values_list("done", flat=True)
    assert [*stored] == ["放流した。", "講習"]


def test_what_a_colleague_saves_in_the_same_moment_is_merged(client, office, monkeypatch):
    office.log_in(client)
    sent = office.typed(client, {office.one: {"done": "私の文"}})
    record = saving.record_reviews

    def slower(*args):
        monkeypatch.setattr(saving, "record_reviews", record)
        office.write(office.colleague, outcome="同僚の成果")
        return record(*args)

    monkeypatch.setattr(saving, "record_reviews", slower)
    assert "1件の事業を保存しました。" in text(client.post(office.grid, sent, follow=True))
    row = ProjectYear.objects.get()
    assert (row.done, row.outcome) == ("私の文", "同僚の成果")


def test_nothing_is_lost_where_the_database_cannot_be_written(client, office, monkeypatch):
    office.log_in(client)
    sent = office.typed(client, {office.one: {"done": "放流した。"}})

    def fail(*args):
        raise DatabaseError("locked")

    monkeypatch.setattr(saving, "record_reviews", fail)
    page = text(client.post(office.grid, sent))
    assert "現在、保存できません。入力した内容は画面に残っています。" in page
    assert "放流した。</textarea>" in page
    assert KeptInput.objects.get().typed[f"r{office.one.pk}-done"] == "放流した。"


def test_amounts_changed_by_two_are_chosen_as_a_whole(client, office):
    office.log_in(client)
    opened = office.typed(client, {office.one: {"settlement": "5", "general": "5"}})
    office.write(office.colleague, settlement=7000, national=7000)
    page = text(client.post(office.grid, opened | {"choosing": "1"}))
    assert "今の登録「決算額 7、国庫支出金 7」を残す" in page
    assert "種苗放流：予算額、決算額、財源（千円）を選んでください。" in page
    chosen = {f"r{office.one.pk}-choice-money": "mine:1", "choosing": "1"}
    client.post(office.grid, opened | chosen)
    row = ProjectYear.objects.get()
    assert (row.settlement, row.national, row.general) == (5000, None, 5000)


def test_what_was_returned_is_not_sent_again_before_it_is_corrected(client, office):
    office.write(office.clerk, done="放流した。", settlement=0, policy="継続")
    ProjectYear.objects.update(state=State.RETURNED, return_reason="課題も書く。")
    office.log_in(client)
    sent = office.typed(client, {}) | {"step": "1"}
    page = text(client.post(office.grid, sent, follow=True))
    assert "差戻しの1件は、直していないので依頼していません。" in page
    sent[f"r{office.one.pk}-issues"] = "水温"
    assert "1件の確認を課長に依頼しました。" in text(client.post(office.grid, sent, follow=True))
