"""The Excel form of 事業の実績: its content, what is imported, what is refused, cell by cell."""

import io
from datetime import date
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from entry.excel.columns import normal
from reviews.models import Edition, ProjectYear, State
from reviews.projects.sheet import CHOICES_SHEET, PROJECTS_SHEET, ProjectHeader, ProjectKey
from tests.factories import make_indicator, make_kpi, make_project, make_section, make_user
from tests.html import form_data
from tests.reviews.projects_office import YEAR, Office, text
from trail.history import Door

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


class Form:
    """The form of the clerk's section, open in Excel."""

    def __init__(self, client: Any, office: Office) -> None:
        self.client, self.office = client, office
        response = client.get(office.url("review_project_form"))
        content = getattr(response, "streaming_content", None) or [response.content]
        self.book = openpyxl.load_workbook(io.BytesIO(b"".join(content)))
        self.sheet = self.book[PROJECTS_SHEET]

    @property
    def header_row(self) -> int:
        return next(
            row[0].row
            for row in self.sheet.iter_rows()
            if ProjectHeader.KEY in {c.value for c in row}
        )

    def cell(self, name: str, header: str) -> Any:
        headers = {normal(str(one.value)): one.column for one in self.sheet[self.header_row]}
        names = self.sheet.iter_rows(min_col=headers[normal(ProjectHeader.NAME)], max_col=2)
        row = next(one[0].row for one in names if one[0].value == name)
        return self.sheet.cell(row, headers[normal(header)])

    def fill(self, name: str, **typed: Any) -> "Form":
        for header, content in typed.items():
            self.cell(name, HEADERS.get(header, header)).value = content
        return self

    def sent(self) -> str:
        """Send the form and return the preview."""
        file = io.BytesIO()
        self.book.save(file)
        upload = SimpleUploadedFile("様式.xlsx", file.getvalue())
        url = self.office.url("review_project_import")
        self.preview = text(self.client.post(url, {"file": upload}))
        return self.preview

    def confirmed(self, **chosen: str) -> str:
        """Confirm what the preview showed and return the page after that."""
        data = form_data(self.preview) | {"confirm": ""} | chosen
        url = self.office.url("review_project_import_apply")
        self.preview = text(self.client.post(url, data, follow=True))
        return self.preview


HEADERS = {"予算額": "予算額（千円）", "決算額": "決算額（千円）", "国庫": "国庫支出金（千円）"}


@pytest.fixture
def office(db) -> Office:
    return Office()


@pytest.fixture
def form(client, office) -> Form:
    office.write(office.clerk, done="放流した。", budget=1_500_000, grant=office.grant)
    office.other.implementer = "漁業協同組合"
    office.other.save()
    office.log_in(client)
    return Form(client, office)


def test_the_form_is_locked_but_for_the_cells_to_fill_and_has_what_is_stored(form):
    assert form.sheet.protection.sheet
    assert form.cell("種苗放流", "実施内容").value == "放流した。"
    assert form.cell("種苗放流", "予算額（千円）").value == 1500
    assert form.cell("種苗放流", "交付金の名称").value == "港の交付金"
    assert not form.cell("種苗放流", "決算額（千円）").protection.locked
    assert form.cell("種苗放流", ProjectHeader.STATE).protection.locked
    assert form.cell("講習会", "予算額（千円）").value == "市の事業ではない"
    assert form.cell("講習会", "予算額（千円）").protection.locked
    assert not form.cell("講習会", "成果").protection.locked
    lists = [one.formula1 for one in form.sheet.data_validations.dataValidation if one.formula1]
    assert {one.partition("!")[0] for one in lists} == {f"'{CHOICES_SHEET}'"}
    assert form.book[CHOICES_SHEET].sheet_state == "hidden"


def test_projects_without_a_section_carry_that_of_their_measures_indicators(client, office):
    office.one.section = office.other.section = None
    office.one.save()
    office.other.save()
    make_kpi(office.measure, indicator=make_indicator(harbour := make_section("漁港課")))
    for user, name in ((office.clerk, "水産課"), (make_user(Role.CLERK, harbour), "漁港課")):
        office.log_in(client, user)
        answer = client.get(office.url("review_project_form"))
        assert unquote(answer["Content-Disposition"]).endswith(f"_平成29年度_{name}.xlsx")
        assert "担当課：水産課、漁港課" in text(client.get(office.grid))
        assert "水産課、漁港課" in text(client.get(office.url("review_projects")))
    assert Form(client, office).cell("種苗放流", ProjectHeader.SECTION).value == "水産課、漁港課"


def test_a_form_comes_back_through_preview_and_its_own_door(form, office):
    form.fill("種苗放流", 成果="増えた。\n二行目", 決算額="1,234", 国庫=1000, 今後の方針="継　続")
    form.fill("種苗放流", **{"一般財源（千円）": 234, "終了年度": "R7"})
    page = form.fill("講習会", 課題="参加者\x85が少ない").sent()
    assert "新しく登録する事業1、変更する事業1" in page
    assert "まだ何も保存していません" in page
    assert ProjectYear.objects.count() == 1
    assert "Excel様式を取り込みました" in form.confirmed()
    one, other = ProjectYear.objects.order_by("project")
    assert (one.done, one.outcome, one.settlement) == ("放流した。", "増えた。\n二行目", 1_234_000)
    assert (one.grant, one.policy, one.ends_in) == (office.grant, "継続", 2025)
    assert (other.issues, other.budget) == ("参加者\nが少ない", None)
    assert set(ProjectYear.history.values_list("door", flat=True)[:2]) == {Door.FORM}
    # Once more, it has nothing new.
    assert "取り込むものはありません" in form.sent()


@pytest.mark.parametrize(
    ("name", "typed", "place", "message"),
    [
        ("種苗放流", {"予算額": "12..3"}, "H5", "「12..3」"),
        (
            "種苗放流",
            {"決算額": 5, "国庫": 3},
            "I5",
            "財源の合計（3千円）が、決算額（5千円）と違います",
        ),
        ("種苗放流", {"予算額": "=1/0"}, "H5", "数式の計算結果が、ファイルに保存されていません"),
        ("種苗放流", {"今後の方針": "拡大"}, "P5", "今後の方針「拡大」は選択肢にありません"),
        ("種苗放流", {"交付金の名称": "別の"}, "O5", "この計画にありません"),
        ("講習会", {"予算額": 5}, "H6", "市の事業ではありません"),
        ("講習会", {"成果": "x" * 4001}, "F6", "4,000字以内"),
    ],
)
def test_errors_are_reported_by_cell_and_nothing_is_saved(form, name, typed, place, message):
    before = ProjectYear.history.count()
    form.fill("種苗放流", 成果="増えた。")
    page = form.fill(name, **typed).sent()
    assert f"シート「{PROJECTS_SHEET}」の{place}" in page
    assert message in page
    assert "何も保存していません" in page
    data = form_data(page)
    marked = form.client.post(form.office.url("review_project_import_marked"), data)
    assert marked["Content-Type"].endswith("sheet")
    assert ProjectYear.history.count() == before


def test_rows_may_be_sorted_and_removed_but_not_added_or_exchanged(form):
    sheet = form.sheet
    for column in range(1, sheet.max_column + 1):
        upper, lower = sheet.cell(5, column), sheet.cell(6, column)
        upper.value, lower.value = lower.value, upper.value
    form.fill("種苗放流", 成果="増えた。")
    assert "変更する事業1" in form.sent()
    sheet.cell(6, 2).value = "別の事業"
    assert "この行は「種苗放流」の行ですが、事業の欄は「別の事業」です" in form.sent()
    sheet.cell(6, 2).value = "種苗放流"
    sheet.cell(7, 4).value = "足した行"
    assert "行を追加しても取り込めません" in form.sent()
    sheet.delete_rows(7)
    form.cell("種苗放流", ProjectHeader.KEY).value += "x"
    assert "照合用の列が書き換えられているため、どの事業のことか分かりません" in form.sent()
    sheet.delete_rows(6)
    assert "取り込むものはありません" in form.sent()


def test_files_that_are_not_this_form_are_refused(form, client, office):
    url = office.url("review_project_import")
    damaged = SimpleUploadedFile("様式.xlsx", b"PK\x03\x04 damaged")
    assert "エラー：" in text(client.post(url, {"file": damaged}))
    other = openpyxl.Workbook()
    other.active.append(["指標", "実績値"])
    form.book = other
    assert "事業の実績様式ではありません" in form.sent()


def test_forms_of_another_year_plan_or_section_are_refused(form, office):
    key = form.cell("種苗放流", ProjectHeader.KEY)
    form.fill("種苗放流", 成果="増えた。")
    for plan, year, told in (
        (office.plan.code, YEAR - 1, "この行は、平成28年度（2016）の様式のものです"),
        ("another", YEAR, "この行は、別の計画（another）の様式のものです"),
    ):
        key.value = ProjectKey(plan, year, office.one.pk, 1).signed()
        assert told in form.sent()
    key.value = ProjectKey(office.plan.code, YEAR, office.one.pk, 1).signed()
    office.one.section = make_section("税務課")
    office.one.save()
    assert "「種苗放流」を入力できるのは、税務課です" in form.sent()


def test_what_somebody_saved_meanwhile_is_merged_or_asked_about(form, office):
    office.write(office.colleague, seen=1, issues="同僚の課題")
    page = form.sent()
    assert "この様式では変更していません。" in page
    assert "登録されている値と同じです" not in page
    form.fill("種苗放流", 成果="増えた。").sent()
    form.confirmed()
    row = ProjectYear.objects.get(project=office.one)
    assert (row.outcome, row.issues, row.done) == ("増えた。", "同僚の課題", "放流した。")

    office.write(office.colleague, seen=row.version, done="同僚の文")
    page = form.fill("種苗放流", 実施内容="私の文").sent()
    assert "残す内容を選んでください" in page
    version = ProjectYear.objects.get(project=office.one).version
    page = form.confirmed(**{f"r{office.one.pk}-choice-done": f"mine:{version}"})
    assert ProjectYear.objects.get(project=office.one).done == "同僚の文"
    form.confirmed()
    assert ProjectYear.objects.get(project=office.one).done == "私の文"


def test_a_confirmed_project_and_a_change_after_the_preview_are_refused(form, office):
    form.fill("種苗放流", 成果="増えた。").sent()
    ProjectYear.objects.update(state=State.CONFIRMED, version=2)
    assert "企画担当が確認済みです" in form.confirmed()
    assert ProjectYear.objects.get().outcome == ""


def test_a_preview_asks_as_many_queries_for_88_projects_as_for_two(client, office):
    office.write(office.clerk, done="した。")
    office.log_in(client)
    few = Form(client, office).fill("種苗放流", 予算額=3).fill("講習会", 予算額=3)
    few.sent()
    with CaptureQueriesContext(connection) as of_two:
        few.sent()
    for number in range(86):
        make_project(office.measure, name=f"事業{number}", section=office.section)
    many = Form(client, office)
    for number in range(86):
        many.fill(f"事業{number}", 予算額=3)
    with CaptureQueriesContext(connection) as of_many:
        assert "新しく登録する事業86" in many.sent()
    assert len(of_many) <= len(of_two)


def test_cells_that_change_nothing_are_reported_and_leave_what_is_stored(form, office):
    form.fill("種苗放流", 実施内容=None, 予算額=None, 交付金の名称=None)
    assert "空欄のため変更しません。" in form.sent()
    form.fill("種苗放流", 実施内容="放流した。")
    # Somebody else changes it after the form was received: the form says nothing new of it.
    row = office.write(office.colleague, seen=1, outcome="増えた。", issues="同僚の課題")
    assert "様式を受け取った後に変更された内容を残します" in form.sent()
    # Both write the same.
    assert "取り込むものはありません" in form.fill("種苗放流", 成果="増えた。").sent()
    assert ProjectYear.objects.get().version == row.version


def test_two_files_about_one_project_are_refused(form, office):
    form.fill("種苗放流", 成果="増えた。")
    file = io.BytesIO()
    form.book.save(file)
    files = [SimpleUploadedFile(f"{n}.xlsx", file.getvalue()) for n in (1, 2)]
    page = text(form.client.post(office.url("review_project_import"), {"file": files}))
    assert "同じ事業の実績が、「2.xlsx」にもあります。どちらかを空欄にしてください。" in page
    assert "同じ事業の実績が、「1.xlsx」にもあります。" in page


def test_rows_of_other_sections_are_left_out_if_nobody_filled_them_in(form, office):
    other = make_section("税務課")
    form.fill("種苗放流", 成果="増えた。")
    office.other.section = other
    office.other.save()
    page = form.sent()
    assert "変更する事業1" in page
    assert "この年度にあなたの課が入力する事業でない1行は" in page
    form.fill("講習会", 成果="=1/0")  # somebody did, though it cannot be read
    assert "「講習会」を入力できるのは、税務課です" in form.sent()
    form.fill("講習会", 成果=None).fill("種苗放流", 成果=None)
    office.one.section = other
    office.one.save()
    assert "あなたが平成29年度（2017）に入力する事業の行がありません（5行目：" in form.sent()
    key = ProjectKey(office.plan.code, YEAR, 9999, 0).signed()
    form.fill("講習会", **{ProjectHeader.KEY: key}, 成果="増えた。")
    assert "この事業は、この年度の計画にありません" in form.sent()


def test_a_copied_row_and_a_day_instead_of_an_amount_are_refused(form):
    form.fill("種苗放流", 予算額=date(2018, 4, 1))
    assert "は日付です。表示形式を「標準」にして" in form.sent()
    for column in range(1, form.sheet.max_column + 1):
        form.sheet.cell(7, column).value = form.sheet.cell(5, column).value
    page = form.sent()
    assert "同じ事業の行が、ほかにもあります（7行目）" in page
    assert "は日付です" not in page


def test_the_preview_says_what_becomes_a_draft_again(form):
    ProjectYear.objects.update(state=State.SUBMITTED)
    assert (
        "入力中（もう一度、回答か決裁が必要です）" in form.fill("種苗放流", 成果="増えた。").sent()
    )


def test_a_year_fixed_after_the_preview_takes_nothing_in(form, office):
    form.fill("種苗放流", 成果="増えた。").sent()
    Edition.objects.create(
        strategy=office.plan, fiscal_year=office.year, number=1, decided_on=date(2018, 9, 1)
    )
    assert "検証調書は確定しています" in form.confirmed()
    assert ProjectYear.objects.get().outcome == ""


def test_planning_gets_the_form_of_one_section(client, office):
    office.other.section = harbour = make_section("漁港課")
    office.other.save()
    office.log_in(client, office.planning)
    address = office.url("review_project_form")
    assert f"section={harbour.pk}" in text(client.get(office.url("review_project_import")))
    answer = client.get(f"{address}&section={harbour.pk}")
    assert unquote(answer["Content-Disposition"]).endswith("_漁港課.xlsx")
    assert client.get(f"{address}&section=x").status_code == 403
    page = text(client.get(f"{address}&section=99999", follow=True))
    assert "入力が必要な事業はありません。" in page


def test_an_import_that_is_given_up_changes_nothing(form, office):
    form.fill("種苗放流", 成果="増えた。").sent()
    data = form_data(form.preview) | {"cancel": ""}
    page = text(form.client.post(office.url("review_project_import_apply"), data, follow=True))
    assert "取込みをやめました。何も変更していません。" in page
    assert ProjectYear.objects.get().version == 1
