"""Listings in the admin: a reading is proposed, checked against the rules, and confirmed."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from goals.models import NumericTarget
from kpis.models import KPI
from tests.factories import (
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_user,
)
from tests.html import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

ADD = "admin:kpis_kpi_add"


@pytest.fixture
def planning(client):
    user = make_user(Role.PLANNING, full_name="企画 一郎")
    client.force_login(user)
    return user


def typed(**fields):
    """Return what a form for a new KPI sends with nothing of the reading filled in."""
    indicator = fields.pop("indicator", None) or make_indicator()
    data = {
        "measure": fields.pop("measure", None) or make_measure().pk,
        "position": "1",
        "name": indicator.name,
        "sentence": "５年で男女２００人",
        "indicator": indicator.pk,
        "tolerance": "0",
        "yearly_targets-TOTAL_FORMS": "0",
        "yearly_targets-INITIAL_FORMS": "0",
    }
    return data | fields


def post(client, data):
    return client.post(reverse(ADD), data).content.decode()


def test_what_is_left_empty_is_read_from_the_sentence(client, planning):
    indicator = make_indicator(unit="％", decimals=1)
    sentence = "５年で３０．０％とし２２．３ポイント向上"
    post(client, typed(indicator=indicator, sentence=sentence))
    kpi = KPI.objects.get()
    assert (kpi.kind, kpi.direction, kpi.target) == ("level", "up", Decimal("30.0"))
    assert (kpi.baseline, kpi.baseline_kind) == (Decimal("7.7"), "measured")
    assert not kpi.is_confirmed


def test_a_sentence_in_no_known_form_is_named_with_a_remedy(client, planning):
    html = post(client, typed(sentence="がんばる"))
    assert "目標の文言「がんばる」から目標値を読み取れません。目標値を入力してください。" in html
    assert not KPI.objects.exists()
    assert form_data(html)["sentence"] == "がんばる"


def test_a_sentence_of_a_form_that_no_kind_can_hold_is_named_and_needs_a_number(client, planning):
    html = post(client, typed(sentence="過去最高値を上回る"))
    said = "目標値を入力してください。「過去最高値」と比べる目標である。"
    assert f"目標の文言「過去最高値を上回る」から目標値を読み取れません。{said}" in html
    assert not KPI.objects.exists()
    reason = "平成20年度の210人を上回ることとした。"
    fields = {"kind": "every_year", "direction": "up", "target": "210", "doubts": reason}
    post(client, typed(sentence="過去最高値を上回る", **fields))
    assert KPI.objects.get().target == 210


def test_the_year_of_a_baseline_is_read_with_it(client, planning):
    post(client, typed(sentence="100人（令和元(2019)年度）→200人（R6）"))
    kpi = KPI.objects.get()
    assert (kpi.baseline, kpi.baseline_year, kpi.target) == (100, 2019, 200)


def test_a_sentence_in_no_known_form_can_be_read_by_a_person(client, planning):
    post(client, typed(sentence="がんばる", kind="total", direction="up", target="5"))
    assert KPI.objects.get().target == 5


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "total", "direction": "up", "target": "0"}, "0より大きい"),
        ({"kind": "total", "direction": "down", "target": "5"}, "改善の方向"),
        (
            {
                "kind": "level",
                "direction": "up",
                "target": "5",
                "baseline": "8",
                "baseline_kind": "measured",
            },
            "抑制",
        ),
        (
            {
                "kind": "restraint",
                "direction": "up",
                "target": "9",
                "baseline": "8",
                "baseline_kind": "measured",
            },
            "期末水準",
        ),
        (
            {"kind": "level", "direction": "up", "target": "5", "baseline": "3"},
            "基準値と基準値の種類は、両方入力するか、両方空欄に",
        ),
        ({"kind": "level", "direction": "up", "target": "5.5"}, "小数点以下の桁数が多すぎます"),
        ({"kind": "level", "direction": "up", "target": "abc"}, "数"),
    ],
)
def test_a_reading_against_the_rules_is_refused_with_a_remedy(client, planning, fields, message):
    assert message in post(client, typed(sentence="５年で５人とする", **fields))
    assert not KPI.objects.exists()


def test_yearly_targets_are_compared_with_the_target(client, planning):
    data = typed(kind="total", direction="up", target="200") | {
        "yearly_targets-TOTAL_FORMS": "1",
        "yearly_targets-0-fiscal_year": "2019",
        "yearly_targets-0-value": "150",
    }
    html = post(client, data)
    assert "最後の年度" in html or "最終年度" in html or "令和元年度" in html
    assert not KPI.objects.exists()
    post(client, data | {"yearly_targets-0-value": "200"})
    assert KPI.objects.get().yearly_targets.get().value == 200


@pytest.mark.parametrize(
    ("year", "value", "message"),
    [
        ("2020", "200", "2020年度の年度別目標値は、計画の期間"),
        ("2016", "40.5", "「40.5」の小数点以下の桁数が多すぎます"),
    ],
)
def test_an_impossible_yearly_target_is_named(client, planning, year, value, message):
    data = typed(kind="total", direction="up", target="200") | {
        "yearly_targets-TOTAL_FORMS": "1",
        "yearly_targets-0-fiscal_year": year,
        "yearly_targets-0-value": value,
    }
    assert message in post(client, data)
    assert not KPI.objects.exists()


def with_sums(*sums):
    """Return what a form sends for a total of 10 with these 年度別目標値 from 2015 on."""
    rows = {"yearly_targets-TOTAL_FORMS": str(len(sums))}
    for number, value in enumerate(sums):
        rows |= {
            f"yearly_targets-{number}-fiscal_year": str(2015 + number),
            f"yearly_targets-{number}-value": value,
        }
    return typed(sentence="５年で１０人", kind="total", direction="up", target="10") | rows


def test_sums_that_fall_are_refused(client, planning):
    html = post(client, with_sums("2", "5", "4", "8", "10"))
    assert "平成29年度の年度別目標値は、その年度だけの数ではなく" in html
    assert "（5人）以上の値を入力してください（入力値：4人）" in html
    assert not KPI.objects.exists()


def test_unchanged_running_totals_are_questioned_and_can_be_intended(client, planning):
    data = with_sums("2", "2", "2", "2")
    html = post(client, data)
    assert "前の年度と同じです（平成28年度（2016）「2」、" in html
    assert "「前の年度と同じ年度別目標値も、累計として正しい」に印を付けて" in html
    assert form_data(html)["yearly_targets-3-value"] == "2"
    assert not KPI.objects.exists()
    post(client, data | {"sums_are_meant": "on"})
    kpi = KPI.objects.get()
    assert kpi.yearly_targets.count() == 4

    url = reverse("admin:kpis_kpi_change", args=[kpi.pk])
    client.post(url, form_data(client.get(url).content.decode()) | {"name": "別の記載名"})
    kpi.refresh_from_db()
    assert kpi.name == "別の記載名", "what is stored is not asked about again"


@pytest.mark.parametrize(
    "sums", [("0", "0", "5", "10"), ("2", "4", "6", "8", "10"), ("4", "10", "10")]
)
def test_sums_that_rise_are_not_asked_about(client, planning, sums):
    post(client, with_sums(*sums))
    assert KPI.objects.get().yearly_targets.count() == len(sums)


def test_the_page_says_that_it_wants_sums(client, planning):
    html = client.get(reverse(ADD)).content.decode()
    assert "年度別目標値（期間累計の目標では、その年度末までの累計）" in html


@pytest.mark.both_databases
def test_a_reading_is_confirmed_on_its_page_and_by_whom_is_kept(client, planning):
    kpi = make_kpi(confirmed_at=None)
    url = reverse("admin:kpis_kpi_change", args=[kpi.pk])
    data = form_data(client.get(url).content.decode())
    client.post(url, data | {"reading_confirmed": "on"})
    kpi.refresh_from_db()
    assert kpi.confirmed_by == planning
    assert kpi.history.first().history_user == planning

    data = form_data(client.get(url).content.decode())
    assert data["reading_confirmed"] == "on"
    data.pop("reading_confirmed")
    client.post(url, data)
    kpi.refresh_from_db()
    assert not kpi.is_confirmed


AGAINST = "目標値「200」は、目標の文言「５年間６０件」から読み取れる「60」と違います。"


def test_a_reading_against_its_sentence_is_not_confirmed_from_the_list(client, planning):
    wrong = make_kpi(sentence="５年間６０件", confirmed_at=None)
    right = make_kpi(confirmed_at=None)
    meant = make_kpi(sentence="５年間６０件", confirmed_at=None, doubts="前計画の分を含む。")
    url = reverse("admin:kpis_kpi_changelist")
    data = {"action": "confirm_readings", "_selected_action": [wrong.pk, right.pk, meant.pk]}
    html = client.post(url, data, follow=True).content.decode()
    assert "2件の読み方を確認済みにしました。" in html
    assert f"「{wrong}」は、読み方が目標の文言と違うため、確認済みにしていません。" in html
    assert not KPI.objects.get(pk=wrong.pk).is_confirmed
    assert KPI.objects.get(pk=meant.pk).is_confirmed


def test_a_reading_against_its_sentence_needs_a_reason_on_its_page(client, planning):
    kpi = make_kpi(sentence="５年間６０件", confirmed_at=None)
    url = reverse("admin:kpis_kpi_change", args=[kpi.pk])
    data = form_data(client.get(url).content.decode()) | {"reading_confirmed": "on"}
    assert AGAINST in client.post(url, data).content.decode()
    client.post(url, data | {"doubts": "前計画の分を含む。"})
    kpi.refresh_from_db()
    assert kpi.is_confirmed
    data = form_data(client.get(url).content.decode()) | {"name": "別の記載名"}
    client.post(url, data)
    kpi.refresh_from_db()
    assert kpi.name == "別の記載名"


def test_a_target_that_its_sentence_does_not_have_needs_a_reason(client, planning):
    data = typed(sentence="６０件。詳しくは別に定める", kind="total", direction="up")
    html = post(client, data | {"target": "200"})
    assert "目標値「200」は、目標の文言「６０件。詳しくは別に定める」" in html
    assert not KPI.objects.exists()
    post(client, data | {"target": "60"})
    assert KPI.objects.get().target == 60


@pytest.mark.both_databases
def test_readings_are_confirmed_from_the_list_with_history(client, planning):
    targets = [make_numeric_target(confirmed_at=None) for _ in range(2)]
    url = reverse("admin:goals_numerictarget_changelist")
    data = {"action": "confirm_readings", "_selected_action": [t.pk for t in targets]}
    client.post(url, data)
    assert NumericTarget.objects.filter(confirmed_by=planning).count() == 2
    assert targets[0].history.first().history_change_reason == "読み方を確認"


def test_clerks_see_listings_and_change_none(client):
    kpi = make_kpi(confirmed_at=None)
    client.force_login(make_user(Role.CLERK, kpi.indicator.section))
    url = reverse("admin:kpis_kpi_change", args=[kpi.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"target": "1"}).status_code == 403
    list_url = reverse("admin:kpis_kpi_changelist")
    client.post(list_url, {"action": "confirm_readings", "_selected_action": [kpi.pk]})
    kpi.refresh_from_db()
    assert not kpi.is_confirmed


def test_a_relisting_of_a_relisting_is_refused(client, planning):
    goal = make_goal()
    home = make_project(make_measure(goal), name="人材確保対策事業")
    again = make_project(make_measure(goal), name="人材確保対策事業", relisted_from=home)
    third = make_project(make_measure(goal), name="人材確保対策事業")
    url = reverse("admin:measures_project_change", args=[third.pk])
    data = form_data(client.get(url).content.decode())
    html = client.post(url, data | {"relisted_from": str(again.pk)}).content.decode()
    assert "選択" in html or "再掲" in html
    third.refresh_from_db()
    assert third.relisted_from is None
    url = reverse("admin:measures_project_change", args=[home.pk])
    data = form_data(client.get(url).content.decode())
    html = client.post(url, data | {"relisted_from": str(third.pk)}).content.decode()
    assert "ほかの施策に再掲されています" in html


# 目標年度


def test_a_target_year_is_read_from_the_sentence_where_it_is_not_the_last_of_the_plan(
    client, planning
):
    post(client, typed(sentence="令和4年度までに２００人"))
    assert KPI.objects.get().target_year == 2022


@pytest.mark.parametrize("sentence", ["令和元年度までに２００人", "平成26年度に２００人"])
def test_the_last_year_of_the_plan_and_a_year_before_it_are_not_proposed(
    client, planning, sentence
):
    post(client, typed(sentence=sentence, doubts="計画を作った課に確かめた。"))
    assert KPI.objects.get().target_year is None


@pytest.mark.parametrize("text", ["2017", "H29", "平成29年度", "平成２９年度（2017）"])
def test_a_target_year_is_typed_and_shown_as_people_write_it(client, planning, text):
    post(client, typed(target_year=text))
    kpi = KPI.objects.get()
    assert kpi.target_year == 2017
    url = reverse("admin:kpis_kpi_change", args=[kpi.pk])
    data = form_data(client.get(url).content.decode())
    assert data["target_year"] == "平成29年度（2017）"
    kept = kpi.history.count()
    client.post(url, data | {"reading_confirmed": "on"})
    kpi.refresh_from_db()
    assert (kpi.target_year, kpi.is_confirmed, kpi.history.count()) == (2017, True, kept + 1)
    client.post(url, data | {"target_year": ""})
    kpi.refresh_from_db()
    assert (kpi.target_year, kpi.is_confirmed) == (None, False), "another reading is unconfirmed"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2014", "目標年度は、計画の最初の年度（平成27年度（2015））以後の年度にするか、"
                 "空欄にしてください（入力値：2014年度）。"),
        ("来年", "目標年度「来年」は年度として読めません。"
                 "「令和元年度」「R1」「2019」のように入力してください。"),
    ],
)  # fmt: skip
def test_an_impossible_target_year_is_named_and_kept(client, planning, text, message):
    html = post(client, typed(target_year=text, kind="total", direction="up", target="200"))
    assert message in html
    assert form_data(html)["target_year"] == text
    assert not KPI.objects.exists()


def test_a_target_year_against_the_sentence_needs_a_reason(client, planning):
    data = typed(
        sentence="令和4年度までに２００人", kind="level", direction="up", target="200",
        target_year="令和元年度",
    )  # fmt: skip
    html = post(client, data)
    assert (
        "目標年度「令和元年度（2019）」は、目標の文言「令和4年度までに２００人」から"
        "読み取れる「令和4年度（2022）」と違います。文言か目標年度を直すか、" in html
    )
    assert not KPI.objects.exists()
    post(client, data | {"doubts": "計画の期間に合わせて評価する。"})
    assert KPI.objects.get().target_year == 2019


def test_a_yearly_target_after_the_target_year_is_refused(client, planning):
    data = typed(
        sentence="平成29年度までに２００人", kind="level", direction="up", target="200",
        target_year="H29",
    ) | {
        "yearly_targets-TOTAL_FORMS": "1",
        "yearly_targets-0-fiscal_year": "2018",
        "yearly_targets-0-value": "200",
    }  # fmt: skip
    assert "平成30年度の年度別目標値は、目標年度（平成29年度）より後のため" in post(client, data)
    assert not KPI.objects.exists()
    post(client, data | {"yearly_targets-0-fiscal_year": "2017"})
    assert KPI.objects.get().yearly_targets.count() == 1
