"""登録の訂正: the judgements that a correction changes are shown before it is saved."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Role
from indicators.models import Indicator
from indicators.plan_states import PlanState
from measures.models import Project
from tests.admin_addresses import page_of
from tests.factories import (
    make_actual,
    make_indicator,
    make_kpi,
    make_project,
    make_section,
    make_user,
)
from tests.html import form_data, sent_untouched, value_of_box
from tests.importing import confirm, exported_rows, text_of, upload

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

SEEN = "登録の誤りを直すもので、判定が変わることを確かめた"


@pytest.fixture
def kpi():
    """A level from 10 to 20 in 2015 to 2019, with 15 in 2016 and 16 in 2017."""
    listed = make_kpi(
        indicator=make_indicator(name="相談件数", unit="件"),
        name="相談件数",
        sentence="10件を20件に増加",
        kind="level",
        direction="up",
        target=20,
        baseline=10,
        baseline_kind="measured",
    )
    for year, value in ((2016, 15), (2017, 16)):
        make_actual(listed.indicator, year, value)
    return listed


@pytest.fixture
def send(client):
    """Return a function that changes fields on an admin page as it is shown, and sends it."""
    client.force_login(make_user(Role.PLANNING))

    def send_(url, shown=None, **typed):
        data = form_data(shown or client.get(url).content.decode())
        return client.post(url, {**data, **typed})

    return send_


@pytest.mark.both_databases
def test_a_correction_lists_each_judgement_that_changes_and_saves_nothing(kpi, send):
    response = send(page_of(kpi), target="15", sentence="10件を15件に増加")
    text = response.content.decode()
    assert response.status_code == 200
    assert "次の2件の判定が変わります。まだ保存していません。" in text
    assert "相談件数　平成28年度（2016）：◎ 順調（計画比 125.0％） → ◎ 目標値以上" in text
    assert "相談件数　平成29年度（2017）：◎ 順調（計画比 100.0％） → ◎ 目標値以上" in text
    assert "変更の理由を入力してください" in text
    assert SEEN in text
    assert 'value="15"' in text
    assert "変更しました" not in text
    kpi.refresh_from_db()
    assert kpi.target == 20
    assert kpi.history.count() == 1


@pytest.mark.both_databases
def test_with_reason_and_tick_it_is_saved(kpi, send, client):
    url = page_of(kpi)
    text = send(url, target="15", sentence="10件を15件に増加").content.decode()
    response = send(
        url, text, change_reason="転記の誤り", changes_seen=value_of_box(text, "changes_seen")
    )
    assert response.status_code == 302
    kpi.refresh_from_db()
    assert kpi.target == 15
    newest = kpi.history.order_by("-history_id").first()
    assert newest.history_change_reason == "転記の誤り"


@pytest.mark.parametrize("reason", ["", "　", "転記の誤り"])
def test_a_tick_for_other_changes_or_a_missing_reason_does_not_do(kpi, send, reason):
    url = page_of(kpi)
    text = send(url, target="15", sentence="10件を15件に増加").content.decode()
    tick = value_of_box(text, "changes_seen")
    if reason.strip():
        make_actual(kpi.indicator, 2018, 11)
    response = send(url, text, change_reason=reason, changes_seen=tick)
    assert response.status_code == 200
    page = response.content.decode()
    assert form_data(page).get("changes_seen") is None
    assert (value_of_box(page, "changes_seen") == tick) != bool(reason.strip())
    kpi.refresh_from_db()
    assert kpi.target == 20


ASKED = "平成28年度、平成29年度の画面に出ている内容が変わります。変更の理由を入力してください。"


def test_what_changes_no_judgement_needs_a_reason_once_years_show_it(kpi, send, client):
    url = page_of(kpi)
    text = send(url, name="相談の件数").content.decode()
    assert ASKED in text
    assert "判定が変わります" not in text
    kpi.refresh_from_db()
    assert kpi.name == "相談件数"
    assert send(url, text, change_reason="誤字").status_code == 302
    kpi.refresh_from_db()
    assert kpi.name == "相談の件数"


def test_a_row_of_yearly_targets_needs_a_reason_and_an_outlook_none(kpi, send):
    rows = {"yearly_targets-TOTAL_FORMS": "1", "yearly_targets-0-fiscal_year": "2018"}
    text = send(page_of(kpi), **rows, **{"yearly_targets-0-value": "18"}).content.decode()
    assert ASKED in text
    assert not kpi.yearly_targets.exists()
    rows = {"planning_outlooks-TOTAL_FORMS": "1", "planning_outlooks-0-fiscal_year": "2017"}
    rows["planning_outlooks-0-text"] = "届く見込み"
    assert send(page_of(kpi), **rows).status_code == 302
    assert kpi.planning_outlooks.exists()


def test_a_part_that_known_years_show_at_once_is_added_with_a_reason(kpi, send):
    url = reverse("admin:measures_project_add")
    typed = {"measure": kpi.measure.pk, "position": "1", "name": "相談事業"}
    text = send(url, **typed).content.decode()
    assert ASKED in text
    assert not kpi.measure.projects.exists()
    assert send(url, text, change_reason="登録漏れ").status_code == 302
    assert kpi.measure.projects.exists()


@pytest.mark.parametrize("what", ["title", "goal", "draft"])
def test_a_plan_asks_for_a_reason_unless_it_is_a_draft(kpi, send, what):
    plan = kpi.strategy
    if what == "draft":
        plan.state = "draft"
        plan.save()
    goal = what != "title"
    url = page_of(plan.goals.get()) if goal else page_of(plan)
    response = send(url, title="直した名称")
    assert (ASKED in response.content.decode()) == (what != "draft")
    assert (response.status_code == 302) == (what == "draft")


def test_changing_the_state_of_a_plan_is_not_a_correction(kpi, send):
    assert send(page_of(kpi.strategy), state="ended").status_code == 302


@pytest.mark.parametrize("field", ["name", "unit", "method", "source", "moment"])
def test_what_an_indicator_is_needs_a_reason_where_known_years_show_it(kpi, send, field):
    url = page_of(kpi.indicator)
    typed = {field: "calendar_year" if field == "moment" else "人"}
    text = send(url, **typed).content.decode()
    assert "平成28年度、平成29年度の画面に出ている内容が変わります。" in text
    assert Indicator.objects.get(pk=kpi.indicator.pk).history.count() == 1
    assert send(url, text, change_reason="誤り").status_code == 302
    assert getattr(Indicator.objects.get(pk=kpi.indicator.pk), field) == typed[field]


def test_memo_and_values_of_an_indicator_need_none_nor_does_what_no_year_shows(kpi, send):
    url = page_of(kpi.indicator)
    assert send(url, handover_memo="調査は5月").status_code == 302
    assert send(page_of(make_indicator()), name="別の件数").status_code == 302
    strategy = kpi.strategy
    strategy.state = PlanState.DRAFT
    strategy.save()
    assert send(url, name="相談の件数").status_code == 302


def test_an_import_asks_the_same_of_an_indicator(kpi, client):
    client.force_login(make_user(Role.PLANNING))
    header, row = exported_rows(client, Indicator)
    row[header.index("引継ぎメモ")] = "調査は5月"
    assert ASKED not in text_of(upload(client, Indicator, [header, row]))
    row[header.index("指標名")] = "相談の件数"
    assert ASKED in text_of(upload(client, Indicator, [header, row]))
    confirm(client, Indicator, upload(client, Indicator, [header, row], reason="誤字"))
    kpi.indicator.refresh_from_db()
    assert kpi.indicator.name == "相談の件数"


def test_an_import_names_each_of_its_reasons_and_the_general_one_alone_only(kpi, client):
    client.force_login(make_user(Role.PLANNING))
    kpi.kind, kpi.sentence = "total", "5年間で20件"
    kpi.baseline, kpi.baseline_kind = None, ""
    kpi.save()
    make_section("別の課")
    header, row = exported_rows(client, Indicator)
    row[header.index("担当課")] = "別の課"
    row[header.index("累計で入力")] = "はい"
    text = text_of(upload(client, Indicator, [header, row]))
    assert "過去の判定が変わります。" in text
    assert "これまでの年度の課が変わります。" in text
    assert ASKED not in text


def test_an_import_needs_a_reason_where_known_years_show_what_changes(kpi, client):
    client.force_login(make_user(Role.PLANNING))
    make_project(kpi.measure)
    header, row = exported_rows(client, Project)
    row[header.index("内容")] = "窓口の設置と巡回"
    preview = text_of(upload(client, Project, [header, row]))
    assert ASKED in preview
    again = upload(client, Project, [header, row], reason="誤字")
    confirm(client, Project, again)
    assert kpi.measure.projects.get().content == "窓口の設置と巡回"


def test_the_first_confirmation_of_a_reading_does_not_change_a_judgement(kpi, send):
    new = make_kpi(kpi.measure, kpi.indicator, sentence="５年で２００件", confirmed_at=None)
    response = send(page_of(new), reading_confirmed="on")
    assert response.status_code == 302
    new.refresh_from_db()
    assert new.is_confirmed


def taken_back(kpi):
    """Change a reading as a bulk import does: its confirmation goes."""
    kpi.target, kpi.sentence = 15, "10件を15件に増加"
    kpi.confirmed_by = kpi.confirmed_at = None
    kpi.save()


TOLD_AGAIN = "相談件数　平成29年度（2017）：判定しない → ◎ 目標値以上"


def test_a_reading_confirmed_again_on_its_page_shows_its_new_judgements(kpi, send):
    taken_back(kpi)
    text = send(page_of(kpi), reading_confirmed="on").content.decode()
    assert TOLD_AGAIN in text
    kpi.refresh_from_db()
    assert not kpi.is_confirmed
    seen = value_of_box(text, "changes_seen")
    assert (
        send(page_of(kpi), text, change_reason="改めた目標", changes_seen=seen).status_code == 302
    )
    kpi.refresh_from_db()
    assert kpi.is_confirmed


def test_a_reading_confirmed_again_from_the_list_shows_its_new_judgements(kpi, send, client):
    taken_back(kpi)
    first = make_kpi(kpi.measure, kpi.indicator, sentence="５年で２００件", confirmed_at=None)
    url = reverse("admin:kpis_kpi_changelist")
    page = client.post(
        url, {"action": "confirm_readings", "_selected_action": [kpi.pk, first.pk]}
    ).content.decode()
    assert "次の2件の判定が変わります。まだ保存していません。" in page
    assert TOLD_AGAIN in page
    assert "変更の理由を入力してください" in page
    kpi.refresh_from_db()
    assert not kpi.is_confirmed
    sent = sent_untouched(page) | {"action": "confirm_readings"}
    assert sent["_selected_action"] == [str(kpi.pk), str(first.pk)]
    sent |= {"change_reason": "改めた目標", "changes_seen": value_of_box(page, "changes_seen")}
    text = client.post(url, sent, follow=True).content.decode()
    assert "2件の読み方を確認済みにしました。" in text
    kpi.refresh_from_db()
    assert kpi.is_confirmed
    newest = kpi.history.order_by("-history_id").first()
    assert newest.history_change_reason == "改めた目標"


def test_years_that_fall_out_of_the_period_are_reported(kpi, send):
    text = send(page_of(kpi.strategy), last_fiscal_year="2016").content.decode()
    assert "平成29年度（2017）：◎ 順調（計画比 100.0％） → 判定しない" in text
    assert "平成28年度（2016）：◎ 順調（計画比 125.0％） → △" not in text


def test_an_unsaved_state_is_not_reported(kpi, send):
    text = send(page_of(kpi.strategy), last_fiscal_year="2016", state="ended").content.decode()
    assert "まだ保存していません" in text
    assert "を終了しました" not in text
    kpi.strategy.refresh_from_db()
    assert kpi.strategy.state == "running"


def test_decimals_of_an_indicator_are_corrected_in_the_same_way(kpi, send):
    kpi.indicator.decimals = 1
    kpi.indicator.save()
    make_actual(kpi.indicator, 2018, Decimal("17.5"))
    text = send(page_of(kpi.indicator), carry_years="1").content.decode()
    assert "判定が変わります" not in text


def test_rules_of_judging_are_reported_in_the_same_way(kpi, send, client):
    url = reverse("admin:goals_strategy_judging", args=[kpi.strategy.pk])
    text = client.get(url).content.decode()
    data = {"level_figure": "completion", "save": "保存"}
    response = send(url, text, **data)
    page = response.content.decode()
    assert "平成29年度（2017）：◎ 順調（計画比 100.0％） → △ やや遅れ（進捗率 60.0％）" in page
    kpi.strategy.refresh_from_db()
    assert kpi.strategy.level_figure == "pace"
    done = send(
        url,
        page,
        change_reason="要綱のとおり",
        changes_seen=value_of_box(page, "changes_seen"),
        **data,
    )
    assert done.status_code == 302
    kpi.strategy.refresh_from_db()
    assert kpi.strategy.level_figure == "completion"


@pytest.fixture
def preview(client):
    """Return a function that sends a table for the bulk import of indicators or KPIs."""
    client.force_login(make_user(Role.PLANNING))

    def preview_(model, rows, reason=""):
        text = "\r\n".join(",".join(row) for row in rows)
        file = SimpleUploadedFile("訂正.csv", text.encode())
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_import")
        return client.post(url, {"file": file, "reason": reason}).content.decode()

    return preview_


@pytest.mark.both_databases
def test_a_bulk_import_tells_the_same_and_needs_a_reason(kpi, preview, client):
    rows = [("指標コード", "累計で入力"), (kpi.indicator.code, "はい")]
    kpi.kind, kpi.sentence = "total", "5年間で20件"
    kpi.baseline, kpi.baseline_kind = None, ""
    kpi.save()
    told = "平成29年度（2017）：◎ 達成（進捗率 155.0％） → ◎ 順調（計画比 133.3％）"
    page = preview(Indicator, rows)
    assert told in page
    assert "変更の理由を入力してください" in page
    assert 'name="ticket"' not in page
    page = preview(Indicator, rows, "登録の誤り")
    assert told in page
    ticket = form_data(page)["ticket"]
    kpi.indicator.refresh_from_db()
    assert not kpi.indicator.running_total
    url = reverse("admin:indicators_indicator_process_import")
    client.post(url, {"ticket": ticket, "confirm": "1"})
    kpi.indicator.refresh_from_db()
    assert kpi.indicator.running_total
