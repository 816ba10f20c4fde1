"""KPI and 数値目標 through bulk import: place, reading, confirmation."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from goals.models import NumericTarget
from kpis.models import KPI, KPIYear
from tests.factories import (
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_strategy,
    make_user,
)
from tests.importing import confirm, exported_rows, text_of, upload

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.files]


@pytest.fixture(autouse=True)
def planning(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy(code="plan")))


PLACE = ["総合戦略コード", "基本目標", "施策の区分", "具体的施策", "番号"]


def test_a_changed_reading_has_to_be_confirmed_again(client, measure, planning):
    kpi = make_kpi(measure)
    header, row = exported_rows(client, KPI)
    assert row[:5] == ["plan", "1", "ア", "1", "1"]
    row[header.index("目標値")] = "３００"
    row[header.index("目標の文言")] = "５年で３００人"
    preview = upload(client, KPI, [header, row], reason="目標の見直し")
    page = text_of(preview)
    assert "目標値 200 300 読み方の確認（参考） はい いいえ" in page
    confirm(client, KPI, preview)
    kpi.refresh_from_db()
    assert (kpi.target, kpi.is_confirmed) == (300, False)
    history = kpi.history.first()
    assert (history.door, history.history_user) == ("import", planning)


def test_another_wording_of_the_name_leaves_the_confirmation(client, measure):
    kpi = make_kpi(measure)
    header, row = exported_rows(client, KPI)
    row[header.index("読み方の疑問点")] = "定義を確かめる"
    confirm(client, KPI, upload(client, KPI, [header, row]))
    kpi.refresh_from_db()
    assert kpi.is_confirmed
    assert kpi.doubts == "定義を確かめる"


def test_what_is_left_empty_of_a_reading_is_read_from_the_sentence(client, measure):
    make_indicator(code="births", decimals=2)
    header = [*PLACE, "指標コード", "記載名", "目標の文言", "種類", "改善の方向", "目標値"]
    header += ["基準値", "基準値の種類"]
    sentence = "５年で１．４９とし０．１２ポイント向上"
    row = [
        "plan",
        "1",
        "（ア）",
        "1",
        "1",
        "births",
        "合計特殊出生率",
        sentence,
        "",
        "",
        "",
        "",
        "",
    ]
    preview = upload(client, KPI, [header, row])
    assert "種類： 期末水準" in text_of(preview)
    confirm(client, KPI, preview)
    kpi = KPI.objects.get()
    assert (kpi.kind, kpi.direction, kpi.target, kpi.baseline, kpi.baseline_kind) == (
        "level",
        "up",
        Decimal("1.49"),
        Decimal("1.37"),
        "measured",
    )
    assert not kpi.is_confirmed


def test_the_year_of_a_baseline_is_read_from_the_sentence(client, measure):
    make_indicator(code="visitors")
    header = [*PLACE, "指標コード", "記載名", "目標の文言", "種類", "改善の方向", "目標値"]
    header += ["基準値", "基準値の種類", "基準値の年度"]
    sentence = "100人（R元）→200人（R6）"
    row = ["plan", "1", "ア", "1", "1", "visitors", "来訪者数", sentence, *[""] * 6]
    preview = upload(client, KPI, [header, row])
    confirm(client, KPI, preview)
    kpi = KPI.objects.get()
    assert (kpi.baseline, kpi.baseline_year, kpi.target) == (100, 2019, 200)
    assert kpi.target_year == 2024


def test_a_target_year_comes_in_and_goes_out(client, measure):
    kpi = make_kpi(measure)
    header, row = exported_rows(client, KPI)
    assert row[header.index("目標年度")] == ""
    row[header.index("目標年度")] = "平成29"
    preview = upload(client, KPI, [header, row])
    assert "目標年度 （空欄） 2017" in text_of(preview)
    confirm(client, KPI, preview)
    kpi.refresh_from_db()
    assert (kpi.target_year, kpi.is_confirmed) == (2017, False)
    header, row = exported_rows(client, KPI)
    assert row[header.index("目標年度")] == "2017"
    row[header.index("目標年度")] = "2014"
    page = text_of(upload(client, KPI, [header, row]))
    assert "目標年度は、計画の最初の年度（平成27年度（2015））以後の年度にするか、" in page


def test_what_cannot_be_read_is_named(client, measure):
    make_indicator(code="births")
    header = [*PLACE, "指標コード", "記載名", "目標の文言", "種類", "改善の方向", "目標値"]
    row = ["plan", "1", "ア", "1", "1", "births", "出生", "がんばる", "", "", ""]
    page = text_of(upload(client, KPI, [header, row]))
    assert "種類 （空欄） 空欄にはできません。" in page


def test_violated_rules_of_readings_are_reported_at_their_column(client, measure):
    make_kpi(measure)
    header, row = exported_rows(client, KPI)
    row[header.index("改善の方向")] = "少ない（低い）ほどよい"
    page = text_of(upload(client, KPI, [header, row]))
    assert "期間累計" in page
    assert "1行のうち1行に誤りがある" in page
    row[header.index("改善の方向")] = "多い（高い）ほどよい"
    row[header.index("目標値")] = "200.5"
    page = text_of(upload(client, KPI, [header, row]))
    assert "目標値 200.5 目標値「200.5」の小数点以下の桁数が多すぎます。" in page


def test_a_target_must_fit_its_yearly_targets(client, measure):
    kpi = make_kpi(measure)
    KPIYear.objects.create(listing=kpi, fiscal_year=2019, value=200)
    header, row = exported_rows(client, KPI)
    row[header.index("目標値")] = "300"
    row[header.index("目標の文言")] = "５年で３００人"
    page = text_of(upload(client, KPI, [header, row]))
    assert "1行のうち1行に誤りがある" in page


def test_a_reading_against_its_sentence_needs_a_reason(client, measure):
    kpi = make_kpi(measure)
    header, row = exported_rows(client, KPI)
    row[header.index("目標の文言")] = "５年間６０件"
    page = text_of(upload(client, KPI, [header, row]))
    assert "目標値「200」は、目標の文言「５年間６０件」から読み取れる「60」と違います。" in page
    assert "違ってよい理由を「読み方の疑問点」に書いてください。" in page
    row[header.index("読み方の疑問点")] = "計画の本文に、前計画の140件を含むとある。"
    confirm(client, KPI, upload(client, KPI, [header, row]))
    kpi.refresh_from_db()
    assert (kpi.sentence, kpi.target, kpi.is_confirmed) == ("５年間６０件", 200, False)


def test_a_place_that_does_not_exist_is_named(client, measure):
    make_kpi(measure)
    header, row = exported_rows(client, KPI)
    row[3] = "9"
    page = text_of(upload(client, KPI, [header, row]))
    assert (
        "総合戦略コード「plan」、基本目標「1」、施策の区分「ア」、具体的施策「9」の"
        "具体的施策は登録されていません。"
    ) in page


def test_numeric_targets_go_the_same_way(client):
    target = make_numeric_target(make_goal(make_strategy(code="plan")))
    header, row = exported_rows(client, NumericTarget)
    assert header[:3] == ["総合戦略コード", "基本目標", "番号"]
    row[header.index("記載名")] = "新しい名称"
    second = [*row]
    second[2], second[header.index("記載名")] = "2", "もう一つ"
    confirm(client, NumericTarget, upload(client, NumericTarget, [header, row, second]))
    target.refresh_from_db()
    assert target.name == "新しい名称"
    assert NumericTarget.objects.get(position=2).indicator == target.indicator
