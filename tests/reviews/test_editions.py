"""検証調書: what is frozen, what nobody can change any more, and its 正誤."""

import json
import re
from datetime import date
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from goals.models import Grant
from indicators.models import Actual, FiscalYear
from reviews.editions.editions_of_plan import fixed_plans
from reviews.editions.freezing import public_kinds
from reviews.editions.publishing import agree_to_withdraw, ask_to_withdraw, publish
from reviews.models import (
    Council,
    Edition,
    Erratum,
    GoalReview,
    GrantReview,
    MeasureReview,
    Opinion,
    Publication,
    Withdrawal,
)
from reviews.recording import ReviewError
from tests.factories import make_fiscal_year, make_goal, make_measure, make_project, make_strategy
from tests.html import form_data
from tests.reviews.edition_office import YEAR
from tests.reviews.empty_edition import empty_edition

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]


def text(response) -> str:
    return response.content.decode()


def test_a_year_is_fixed_with_its_data_and_files(office, client):
    client.force_login(office.planning)
    office.fix(client)
    fixed = Edition.objects.get()
    data = json.loads(fixed.data)
    listing = data["plan"]["goals"][0]["measure_groups"][0]["measures"][0]["kpis"][0]
    assert listing["actuals"][str(YEAR)]["value"] == "45"
    assert data["measure_reviews"][0]["results"] == "増えた。"
    named = (data["number"], data["decided_on"], data["document_number"])
    assert named == (1, "2019-01-10", "根総政第1号")
    assert fixed.sha256 == sha256(fixed.data.encode()).hexdigest()
    files = {file.kind: bytes(file.content) for file in fixed.files.all()}
    assert files["json"] == fixed.data.encode()
    for kind in ("xlsx", "pubxlsx"):
        assert load_workbook(BytesIO(files[kind])).sheetnames


def test_no_name_of_the_staff_is_in_an_edition(office, fixed):
    for name in ("企画 花子", office.clerk.full_name):
        assert name not in fixed.data


def test_only_confirmed_values_are_in_an_edition(office, client):
    Actual.objects.filter(pk=office.value.pk).update(state="answered")
    client.force_login(office.planning)
    page = text(office.fix(client))
    assert "終わっていないものが1件あります" in page
    assert "水揚げ量（水産課、回答済み）" in page
    assert not Edition.objects.exists()
    office.fix(client, reason="統計の確定を待たないため。")
    data = json.loads(Edition.objects.get().data)
    listing = data["plan"]["goals"][0]["measure_groups"][0]["measures"][0]["kpis"][0]
    assert str(YEAR) not in listing["actuals"]
    assert data["left_open"] == {
        "groups": [{"heading": "確認していない実績値", "names": ["水揚げ量（水産課、回答済み）"]}],
        "matters": ["水揚げ量（水産課、回答済み）"],
        "reason": "統計の確定を待たないため。",
    }
    page = text(client.get(office.url("review_edition", 1)))
    assert "<summary>確認していない実績値（1件）</summary>" in page


def test_open_matters_with_equal_names_are_distinguished_by_their_place(office, client):
    home = make_project(office.measure, name="漁港の整備")
    other = make_measure(office.measure.group.goal, title="港の活用")
    again = make_project(other, name="漁港の整備", relisted_from=home)
    make_project(other, name="漁協の支援")
    client.force_login(office.planning)
    page = text(client.get(f"{office.url('review_fix')}?year={YEAR}"))
    for place in (f"{home.measure.code}-{home.position}", f"{other.code}-{again.position}"):
        assert f"漁港の整備（{place}、未入力）" in page
    assert "漁協の支援（未入力）" in page


def test_fixing_a_year_ends_its_entry(office, client):
    client.force_login(office.planning)
    url = f"{office.url('review_fix')}?year={YEAR}"
    make_fiscal_year(YEAR, is_open=False)
    assert "入力の受付中です" not in text(client.get(url))
    make_fiscal_year(YEAR, is_open=True)
    assert "確定すると、受付を終えます" in text(client.get(url))
    office.fix(client)
    year = FiscalYear.objects.get(pk=YEAR)
    assert not year.entry_is_open
    assert year.entry_ended_on


def test_entry_continues_while_another_plan_of_the_year_is_not_fixed(office, client):
    client.force_login(office.planning)
    make_fiscal_year(YEAR, is_open=True)
    make_strategy(code="other", title="ほかの計画")
    page = text(client.get(f"{office.url('review_fix')}?year={YEAR}"))
    assert "確定しても受付は続きます" in page
    office.fix(client)
    assert FiscalYear.objects.get(pk=YEAR).entry_is_open


def test_a_year_is_fixed_once(office, client, fixed):
    assert "第1号は、確定してあります" in text(office.fix(client)), "the same form came twice"
    client.force_login(office.other)
    assert "もう確定しています" in text(office.fix(client))
    assert Edition.objects.count() == 1


def test_what_is_open_is_listed_with_the_page_where_it_is_finished(office, client):
    project = make_project(office.measure, name="漁港の整備")
    grant = Grant.objects.create(strategy=office.plan, number=1, name="港の交付金")
    over = Grant.objects.create(
        strategy=office.plan, number=2, name="昔の交付金", last_fiscal_year=YEAR - 1
    )
    council = Council.objects.create(
        strategy=office.plan, fiscal_year_id=YEAR, number=1, name="会議", held_on="2018-10-20"
    )
    Opinion.objects.create(council=council, number=1, kpi=office.kpi, text="もっと。")
    client.force_login(office.planning)
    page = text(client.get(f"{office.url('review_fix')}?year={YEAR}"))
    for address, name in (
        (office.url("review_project", project.pk), "漁港の整備（未入力）"),
        (office.url("review_grant", grant.number), "港の交付金"),
        (office.url("review_opinion", 1, 1), "意見1（KPI 水揚げ量）"),
    ):
        assert f'<a href="{address}?year={YEAR}">{name}</a>' in page
    assert over.name not in page


def test_what_a_year_may_do_without_is_listed_and_needs_no_reason(office, client):
    client.force_login(office.planning)
    page = text(client.get(f"{office.url('review_fix')}?year={YEAR}"))
    for name in (
        "推進本部の決定（確認済みの内部評価1件のすべて）",
        "会議",
        "外部評価（基本目標1件のすべて）",
    ):
        assert f">{name}</a>" in page
    assert "終わっていないものを残して確定する理由" not in page
    other = make_measure(office.measure.group.goal, title="漁港の整備")
    MeasureReview.objects.create(
        measure=other, fiscal_year_id=YEAR, state="confirmed", decided_on=date(2018, 8, 1)
    )
    Council.objects.create(
        strategy=office.plan, fiscal_year_id=YEAR, number=1, name="会議", held_on="2018-10-20"
    )
    goal = make_goal(office.plan, title="産業")
    GoalReview.objects.create(goal=goal, fiscal_year_id=YEAR, verdict="有効であった")
    page = text(client.get(f"{office.url('review_fix')}?year={YEAR}"))
    decided = f"{office.url('review_measure', office.measure.code)}?year={YEAR}"
    assert re.search(f'<a href="{re.escape(decided)}">[^<]*漁業の振興</a>', page)
    assert ">会議</a>" not in page
    assert f">外部評価（{office.measure.group.goal}" in page
    assert "産業）</a>" not in page
    assert "漁港の整備</a>" not in page


def test_the_year_of_a_draft_is_not_fixed(office, client):
    office.plan.state = "draft"
    office.plan.save()
    client.force_login(office.planning)
    assert "作成中の計画なので" in text(office.fix(client))
    assert not Edition.objects.exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("2099-01-10", "まだ来ていない日"),
        ("明日", "「明日」"),
        ("1990-01-01", "が終わる前です"),
        ("", "決裁日を入力してください"),
    ],
)
def test_a_day_of_decision_that_cannot_be_is_refused(office, client, typed, message):
    client.force_login(office.planning)
    assert message in text(office.fix(client, decided_on=typed))
    assert not Edition.objects.exists()


@pytest.mark.parametrize("reported", ["meeting", "decision", "opinion"])
def test_a_year_is_not_decided_on_before_what_it_reports(office, client, reported):
    day = date(2019, 1, 11)
    if reported == "meeting":
        Council.objects.create(
            strategy=office.plan, fiscal_year_id=YEAR, number=1, name="会議", held_on=day
        )
    elif reported == "decision":
        MeasureReview.objects.update(decided_on=day, decision="決定する。")
    else:
        grant = Grant.objects.create(strategy=office.plan, name="港の交付金", number=1)
        GrantReview.objects.create(grant=grant, fiscal_year_id=YEAR, opinion_on=day)
    name = {
        "meeting": "会議（第1回）の開催日",
        "decision": "推進本部の決定日",
        "opinion": "「港の交付金」の意見の日",
    }[reported]
    client.force_login(office.planning)
    page = text(office.fix(client, reason="残します。"))
    assert f"決裁日「平成31年1月10日」が、{name}「平成31年1月11日」より前です。" in page
    assert not Edition.objects.exists()


def test_a_year_that_is_fixed_takes_no_evaluation(office, client, fixed):
    client.force_login(office.clerk)
    url = f"{office.url('review_measure', office.measure.code)}?year={YEAR}"
    page = text(client.post(url, {"seen": "1", "results": "直した。"}))
    assert "検証調書は確定しています" in page
    assert MeasureReview.objects.get().results == "増えた。"


def test_publishing_records_the_day(office, client, fixed):
    url = office.url("review_publish", 1)
    assert "決裁日" in text(client.post(url, {"published_on": "2018-12-01"}))
    client.post(url, {"published_on": "2019-01-20"})
    assert Publication.objects.get().published_on == date(2019, 1, 20)
    assert make_fiscal_year(YEAR).published_on == date(2019, 1, 20)


def test_a_day_of_publication_is_corrected_with_a_reason(office, client, fixed):
    url = office.url("review_publish", 1)
    client.post(url, {"published_on": "2019-01-20"})
    shown = text(client.get(url))
    assert re.findall(r"<label for=.id_(\w+)", shown) == ["published_on", "reason"]
    page = form_data(shown)
    assert "今の公表日と同じです" in text(client.post(url, page | {"reason": "誤り"}))
    sent = page | {"published_on": "2019-01-25"}
    assert "直す理由" in text(client.post(url, sent))
    shown = text(client.post(url, sent | {"reason": "日の誤記"}, follow=True))
    assert "日の誤記" in shown
    [publication] = Publication.objects.all()
    assert publication.published_on == date(2019, 1, 25)
    assert make_fiscal_year(YEAR).published_on == date(2019, 1, 25)
    assert publication.history.latest().history_change_reason == "日の誤記"
    # Somebody who saw the first day does not undo the correction unseen.
    late = sent | {"published_on": "2019-01-22", "reason": "x"}
    assert "1月25日に直されています" in text(client.post(url, late))
    assert Publication.objects.get().published_on == date(2019, 1, 25)


def test_an_edition_without_public_files_is_not_published(office, client):
    client.force_login(office.planning)
    Edition.objects.create(
        strategy=office.plan, fiscal_year_id=YEAR, number=1, data=empty_edition(YEAR),
        decided_on=date(2019, 1, 10), document_number="1", sha256="0" * 64,
    )  # fmt: skip
    page = client.post(office.url("review_publish", 1), {"published_on": "2019-01-20"})
    assert "公表用のファイルがない号です" in text(page)
    assert not Publication.objects.exists()


AGREES = {"agrees": "yes"}


def test_an_edition_is_withdrawn_by_two_people(office, client, fixed):
    url = office.url("review_withdraw", 1)
    client.post(url, {"reason": "集計の誤り。"})
    assert fixed_plans(YEAR)
    assert "自分で申し出た取下げは、認められません" in text(client.post(url, AGREES, follow=True))
    client.force_login(office.other)
    page = text(client.post(url, {"reason": "自分の理由。"}))
    assert "がもう申し出ています" in page
    assert fixed_plans(YEAR), "who meant to ask has agreed to nothing"
    client.post(url, AGREES)
    assert "取り下げてあります" in text(client.post(url, AGREES, follow=True)), "sent twice"
    assert Withdrawal.objects.get().agreed_by == office.other
    assert not fixed_plans(YEAR)
    office.fix(client)
    again = Edition.objects.order_by("number").last()
    assert again.number == 2
    assert json.loads(again.data) == {**json.loads(fixed.data), "number": 2}
    assert again.sha256 != fixed.sha256, "told apart, though both say the same"


def test_a_published_edition_cannot_be_withdrawn(office, client, fixed):
    client.post(office.url("review_publish", 1), {"published_on": "2019-01-20"})
    page = client.post(office.url("review_withdraw", 1), {"reason": "x"})
    assert "公表した検証調書は、取り下げられません" in text(page)
    assert not Withdrawal.objects.exists()


def test_an_edition_is_not_published_while_somebody_asks_to_withdraw_it(office, client, fixed):
    client.post(office.url("review_withdraw", 1), {"reason": "集計の誤り。"})
    page = client.post(office.url("review_publish", 1), {"published_on": "2019-01-20"})
    assert "取下げの申出がある" in text(page)
    assert not Publication.objects.exists()


def test_a_request_to_withdraw_is_taken_back(office, client, fixed):
    url = office.url("review_withdraw", 1)
    client.post(url, {"reason": "集計の誤り。"})
    client.force_login(office.other)
    for said in ("の取下げの申出を取り消しました", "申出は、取り消されています"):
        assert said in text(client.post(url, {"takes_back": "yes"}, follow=True))
    assert fixed_plans(YEAR)
    client.post(office.url("review_publish", 1), {"published_on": "2019-01-20"})
    assert Publication.objects.exists()


def test_nobody_withdraws_with_somebody_who_has_left_planning(office, client, fixed):
    url = office.url("review_withdraw", 1)
    client.post(url, {"reason": "集計の誤り。"})
    office.planning.is_active = False
    office.planning.save()
    client.force_login(office.other)
    assert "もう企画担当ではありません" in text(client.get(url))
    assert "もう企画担当ではありません" in text(client.post(url, AGREES, follow=True))
    assert fixed_plans(YEAR)


def test_the_first_of_publication_and_withdrawal_wins(office, fixed):
    seen_by_one, seen_by_other = (Edition.objects.get() for _ in range(2))
    publish(seen_by_one, date(2019, 1, 20), office.planning)
    with pytest.raises(ReviewError, match="公表した検証調書は、取り下げられません"):
        ask_to_withdraw(seen_by_other, "誤り", office.other)
    with pytest.raises(ReviewError, match="もう公表しています"):
        publish(seen_by_other, date(2019, 1, 21), office.other)
    office.other.groups.clear()
    with pytest.raises(ReviewError, match="企画担当でなくなった"):
        ask_to_withdraw(seen_by_other, "誤り", office.other)


def test_an_erratum_is_shown_with_the_edition(office, client, fixed):
    url = office.url("review_erratum", 1)
    sent = {"place": "3ページ", "wrong": "45", "right": "45", "entered_on": "2019-02-01"}
    assert "誤と同じです" in text(client.post(url, sent | {"reason": "誤記"}))
    too_early = sent | {"right": "54", "reason": "誤記", "entered_on": "1980-01-01"}
    assert "より前です" in text(client.post(url, too_early))
    client.post(url, sent | {"right": "54", "reason": "誤記"})
    assert Erratum.objects.get().right == "54"
    page = text(client.get(office.url("review_edition", 1)))
    assert "誤記" in page
    assert Edition.objects.get().data == fixed.data


def test_an_erratum_that_names_a_person_or_a_withheld_value_needs_confirmation(
    office, client, fixed
):
    Actual.objects.filter(pk=office.value.pk).update(withheld=True)
    url = office.url("review_erratum", 1)
    unit = office.indicator.unit
    sent = {
        "place": "3ページ", "wrong": "54", "right": f"４５{unit}", "entered_on": "2019-02-01",
        "reason": "企画　花子の誤記",
    }  # fmt: skip
    page = text(client.post(url, sent, follow=True))
    assert f"秘匿の値「45{unit}」" in page
    assert "氏名「企画 花子」" in page
    assert "企画　花子の誤記</textarea>" in page
    assert not Erratum.objects.exists()
    # Where a value is 秘匿, a number without its unit and a shortened name may reveal it as well.
    bare = sent | {"right": "45", "reason": "誤記"}
    page = text(client.post(url, bare, follow=True))
    assert f"秘匿の値がある指標（「{office.indicator.name}」）があります。" in page
    assert not Erratum.objects.exists()
    client.post(url, sent | {"checked": "on"})
    assert Erratum.objects.get().reason == "企画　花子の誤記"


def test_an_erratum_sent_twice_is_stored_once_and_another_date_is_not_dropped(
    office, client, fixed
):
    url = office.url("review_erratum", 1)
    sent = {
        "place": "3ページ", "wrong": "45", "right": "54", "entered_on": "2019-02-01",
        "reason": "誤記",
    }  # fmt: skip
    client.post(url, sent)
    assert "正誤1は、登録してあります。" in text(client.post(url, sent, follow=True))
    page = text(client.post(url, sent | {"entered_on": "2019-02-03", "reason": "集計の誤り"}))
    assert "箇所・誤・正が同じ正誤1（日付：平成31年2月1日" in page
    assert "集計の誤り</textarea>" in page
    assert "まだ来ていない日です" in text(client.post(url, sent | {"entered_on": "2099-02-03"}))
    assert Erratum.objects.get().entered_on == date(2019, 2, 1)


def test_a_long_erratum_continues_in_rows_that_are_printed_in_full(office, client, fixed):
    url = office.url("review_erratum", 1)
    sent = {
        "place": "3ページ", "wrong": "誤" * 3_000, "right": "正", "entered_on": "2019-02-01",
        "reason": "誤記",
    }  # fmt: skip
    client.post(url, sent)
    content = client.get(office.url("review_edition_errata", 1)).content
    [sheet] = load_workbook(BytesIO(content)).worksheets
    found = [row for row in sheet.iter_rows(values_only=True) if row[0] in ("1", "続き")]
    assert "".join(row[2] for row in found) == "誤" * 3_000
    assert [row[3] for row in found] == ["正", *[""] * (len(found) - 1)]
    heights = [one.height for one in sheet.row_dimensions.values()]
    assert max(heights) < 409  # no row is as tall as Excel allows, and cut there


def test_a_file_of_an_edition_with_errata_is_also_offered_with_them(office, client, fixed):
    address = office.url("review_edition_file", 1, "json")
    before = client.get(address).content
    sent = {"place": "3ページ", "wrong": "=1+1", "right": "54", "entered_on": "2019-02-01"}
    client.post(office.url("review_erratum", 1), sent | {"reason": "誤記"})
    page = text(client.get(office.url("review_edition", 1)))
    assert 'href="file.json.zip"' in page
    assert client.get(address).content == before
    archive = ZipFile(BytesIO(client.get(f"{address}.zip").content))
    [name, errata] = archive.namelist()
    assert archive.read(name) == before
    assert archive.read(errata) == client.get(office.url("review_edition_errata", 1)).content
    [sheet] = load_workbook(BytesIO(archive.read(errata))).worksheets
    assert sheet["A1"].value == "検証調書 第1号（平成29年度（2017）実績）正誤表"
    header = next(row for row in sheet if row[0].value == "番号")[0].row
    day = "平成31年2月1日\n（2019年2月1日）"
    found = [cell.value for cell in sheet[header + 1]]
    assert found == ["1", "3ページ", "=1+1", "54", day, "誤記"]
    assert sheet.cell(header + 1, 3).data_type == "s"
    assert sheet.print_title_rows == f"$1:${header}"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


class TestAValueThatEditionsAlreadyShow:
    """The person who marks it 秘匿 sees where it stays, and confirms that."""

    @pytest.fixture
    def url(self, office):
        return reverse("entry_withheld", args=[YEAR, office.indicator.code])

    def mark(self, office, **more):
        version = Actual.objects.get(pk=office.value.pk).version
        return {"mark": "set", "version": version, "reason": "人数が少ないため。", **more}

    def test_the_page_names_editions_files_and_remedies(self, office, client, fixed, url):
        page = text(client.get(url))
        assert "検証調書 第1号（平成29年度実績）（確定）" in page
        assert "この号を取り下げて確定し直すと" in page
        public = fixed.files.filter(kind__in=public_kinds())
        assert public.count() > 1
        assert all(f"<li>{one.name}</li>" in page for one in public)
        publish(fixed, date(2019, 1, 20), office.planning)
        page = text(client.get(url))
        assert "（公表済み）" in page
        assert "公表した号は、後から直せません。" in page

    def test_it_is_marked_only_by_who_has_seen_them(self, office, client, fixed, url):
        refused = text(client.post(url, self.mark(office), follow=True))
        assert "確定した1つの号に残ります" in refused
        assert "人数が少ないため。</textarea>" in refused
        assert not Actual.objects.get(pk=office.value.pk).withheld
        client.post(url, self.mark(office, seen="on"))
        assert Actual.objects.get(pk=office.value.pk).withheld

    def test_nothing_is_asked_where_no_edition_shows_it(self, office, client, fixed, url):
        ask_to_withdraw(fixed, "誤り", office.planning)
        agree_to_withdraw(Edition.objects.get(), office.other)
        assert "そのまま残る検証調書" not in text(client.get(url))
        client.post(url, self.mark(office))
        assert Actual.objects.get(pk=office.value.pk).withheld
        office.fix(client)
        assert "秘匿の印を外す" in text(client.get(url))
        Actual.objects.filter(pk=office.value.pk).update(withheld=False)
        assert "そのまま残る検証調書" not in text(client.get(url))
