"""Part by part: what a workbook of a plan may say, and each error with its cell."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from openpyxl.workbook import Workbook

from accounts.roles import Role
from goals.models import NumericTarget, Strategy
from indicators.models import Actual, Indicator
from indicators.rules.terms import TARGET_AWAITED
from kpis.models import KPI
from measures.models import Measure, Project
from plans.workbook.described import identity
from tests.factories import FIXTURES, make_user
from tests.plans.workbook.books import (
    as_json,
    changed,
    column,
    compared,
    doubts_of,
    faults_of,
    fill,
    first_row,
    put_items,
    slim,
    taken_in,
    written,
)
from tests.plans.workbook.green_city import CODE, green_city
from trail.installation import Installation

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

SHARED = {"share-others": "share"}


@pytest.fixture(scope="module")
def content() -> bytes:
    return slim(green_city())


def messages_of(content: bytes) -> str:
    """Return all errors of a workbook, a line each."""
    return "\n".join(f"{place} {message}" for place, message in faults_of(compared(content)))


def put(book: Workbook, sheet: str, row: int, **cells: object) -> None:
    of = book[sheet]
    for header, text in cells.items():
        of.cell(first_row(of) + row, column(of, header)).value = text


def test_groups_are_named_by_symbol_or_title(content):
    def change(book: Workbook) -> None:
        fill(
            book["施策の区分"],
            {"基本目標": 1, "記号": "（ア）", "名称": "（ア）起業"},
            {"記号": "イ", "名称": "担い手"},
        )
        put(book, "具体的施策", 0, 区分="ｱ")
        put(book, "具体的施策", 1, 区分="担い手")
        put(book, "KPI", 1, 具体的施策="1-イ-②")
        put(book, "年度別目標値", 0, 指標="起業の件数")

    taken_in(changed(content, change))
    assert {measure.code for measure in Measure.objects.exclude(title="")} == {
        "1-ア-1", "1-イ-2", "2-1",
    }  # fmt: skip


def test_errors_of_groups(content):
    def change(book: Workbook) -> None:
        fill(
            book["施策の区分"],
            {"基本目標": 1, "記号": "ア", "名称": "起業"},
            {"記号": "（ｱ）", "名称": "もう一つ"},
            {"記号": "-", "名称": "線"},
            {"記号": "ウ"},
        )
        put(book, "具体的施策", 0, 区分="エ")

    found = messages_of(changed(content, change))
    assert "シート「施策の区分」のC6 基本目標1に、記号「ｱ」の施策の区分が二つあります" in found
    assert "記号「-」は、画面のアドレスに使えません" in found
    assert "施策の区分の名称が空欄です" in found
    assert "シート「具体的施策」のC5 基本目標1に、施策の区分「エ」がありません（ア）" in found


def test_a_measure_outside_the_groups_is_asked_about(content):
    def change(book: Workbook) -> None:
        fill(book["施策の区分"], {"基本目標": 1, "記号": "ア", "名称": "起業"})

    found = compared(changed(content, change))
    assert any("に入らない具体的施策としました" in said for _, said in doubts_of(found))


def test_errors_of_the_plan_itself_are_reported_together(content):
    def change(book: Workbook) -> None:
        put_items(
            book,
            {
                "団体コード": None, "最初の年度": None, "最後の年度": date(2026, 4, 1),
                "順調とする割合（％）": "80.55", "架空の値を含む": "たぶん",
                "基本目標の呼び方": "政策/柱",
            },
        )  # fmt: skip

    found = messages_of(changed(content, change))
    for said in (
        "団体コードが空欄です", "最初の年度が空欄です", "日付（2026-04-01）になっています",
        "小数点以下1桁までで", "「たぶん」は、「はい」か「いいえ」で", "政策/柱",
    ):  # fmt: skip
        assert said in found, said


def test_the_city_of_the_installation_is_taken_where_the_form_says_none(content):
    Installation.objects.create(city="青葉町", city_code="990001", planning_office="企画課")
    empty = changed(content, lambda book: put_items(book, {"市町村名": None, "団体コード": None}))
    taken_in(empty)
    assert (Strategy.objects.get().city, Strategy.objects.get().city_code) == ("青葉町", "990001")


def test_errors_of_goals_and_sections(content):
    def change(book: Workbook) -> None:
        put(book, "基本目標", 1, 名称=None)
        fill(book["担当課"], {"担当課": "商工課"}, {"担当課": "商工課"}, {"部": "総務部"})

    found = messages_of(changed(content, change))
    assert "シート「基本目標」のC6 基本目標の名称が空欄です" in found
    assert "担当課「商工課」が二度あります" in found
    assert "担当課が空欄です" in found

    def none(book: Workbook) -> None:
        for sheet in (
            "基本目標",
            "数値目標",
            "具体的施策",
            "KPI",
            "具体的事業",
            "年度別目標値",
            "実績値",
        ):
            book[sheet].delete_rows(first_row(book[sheet]), 20)
        fill(book["担当課"], {"担当課": "商工課"})

    assert "基本目標が一つもありません" in messages_of(changed(content, none))


def test_a_goal_across_all_others_may_be_called_by_its_level(content):
    def change(book: Workbook) -> None:
        put(book, "数値目標", 1, 基本目標="横断的目標")

    taken_in(changed(content, change))
    assert NumericTarget.objects.get(name="社会増減数").goal.is_cross_cutting


def test_errors_of_numbers_dates_and_flags(content):
    def change(book: Workbook) -> None:
        put(book, "KPI", 0, 番号="無")
        put(book, "KPI", 1, 基準年度=date(2024, 4, 1))
        put(book, "KPI", 2, 累計で入力="たぶん")
        put(book, "KPI", 3, 前の値で代えられる年数=99)
        put(book, "具体的事業", 0, 番号="あ")
        put(book, "具体的事業", 1, 番号=1)
        put(book, "具体的事業", 3, 再掲元="9-9")

    found = messages_of(changed(content, change))
    assert "番号「無」は" in found
    assert "基準年度が日付（2024-04-01）になっています" in found
    assert "累計で入力「たぶん」は" in found
    assert "前の値で代えられる年数「99」は、0から10までの整数で" in found
    assert "シート「具体的事業」のC6 番号「あ」は" in found


def test_the_same_number_twice(content):
    def change(book: Workbook) -> None:
        put(book, "具体的事業", 0, 番号=1)
        put(book, "具体的事業", 1, 番号="①")
        put(book, "数値目標", 0, 番号=1)
        put(book, "数値目標", 1, 基本目標=1, 番号="1")
        put(book, "KPI", 3, 基準値=None)

    found = messages_of(changed(content, change))
    assert "1番の事業が二つあります" in found
    assert "数値目標1-1が二つあります" in found
    assert "基準年度だけがあり、基準値が空欄です" in found


def test_targets_of_every_kind(content):
    def change(book: Workbook) -> None:
        up = {"種類": "毎年度", "方向": "多い（高い）ほどよい"}
        put(book, "KPI", 1, 目標値=20, 目標値の上限=30, 基準値="－", 基準年度=None, **up)
        beyond = {"目標の文言": "前年度を上回る", "比べる値": "前年度の値を上回る（下回る）"}
        put(book, "KPI", 2, **beyond, **up)
        put(book, "数値目標", 1, 目標の文言=None, 種類="期末水準", 方向="多い（高い）ほどよい")

    found = taken_in(changed(content, change))
    assert any("目標値未入力としました" in said for _, said in doubts_of(found))
    assert NumericTarget.objects.get(name="社会増減数").relation == TARGET_AWAITED
    assert KPI.objects.get(name="就農者数").upper == 30
    assert KPI.objects.get(name="移住相談の件数").relation == "beyond_previous_year"
    form = as_json(CODE)
    again = compared(written(form))
    assert (faults_of(again), again.changes) == ([], [])


def test_values_that_differ_from_what_is_registered(content):
    taken_in(content)
    actual = Actual.objects.get(fiscal_year=2022)
    Actual.objects.filter(pk=actual.pk).update(value=99)
    found = messages_of(content)
    assert (
        "シート「実績値」のD5 令和4年度（2022）の実績値「11」が、登録されている値「99」と違います"
        in found
    )


def test_values_that_nobody_may_enter(content):
    def change(book: Workbook) -> None:
        put(book, "KPI", 1, 入力できる最大値=11)

    assert "シート「実績値」のE5" in messages_of(changed(content, change))


def test_what_a_draft_has_no_more_goes_with_its_indicators(content):
    taken_in(content)

    def change(book: Workbook) -> None:
        for sheet, rows in (("KPI", (0, 3)), ("具体的施策", (2,)), ("基本目標", (2,))):
            for row in rows:
                for cell in book[sheet][first_row(book[sheet]) + row]:
                    cell.value = None
        put(book, "KPI", 2, 具体的施策="1-①")
        put(book, "具体的事業", 2, 具体的施策="1-①")
        for cell in book["年度別目標値"][first_row(book["年度別目標値"])]:
            cell.value = None

    found = taken_in(changed(content, change))
    gone = "\n".join(found.gone)
    for name in ("起業の件数", "電子申請の割合", "移住を進める", "デジタルで支える"):
        assert name in gone
    assert "指標「起業の件数」（ほかの計画になく、実績値もないもの）" in gone
    assert not Indicator.objects.filter(name="起業の件数").exists()
    last = KPI.history.filter(name="電子申請の割合").latest("history_date")
    assert (last.history_type, last.history_change_reason) == ("-", "計画様式の取込み")
    assert Project.objects.filter(name="お試し移住").get().measure.title == "起業を支える"


def test_a_workbook_without_the_sheet_of_the_plan(content):
    found = messages_of(changed(content, lambda book: book.remove(book["計画"])))
    assert "シート「計画」がありません" in found


def test_items_may_stand_anywhere_and_years_be_called_otherwise(content):
    def change(book: Workbook) -> None:
        book["計画"].delete_rows(1, 3)  # with the headers
        sheet = book["実績値"]
        sheet.cell(3, column(sheet, "令和4年度")).value = "実績（最新）"

    found = taken_in(changed(content, change))
    assert found.actuals == 1
    assert any("「実績（最新）」の列は" in note for note in found.document.notes)


class TestCommandsAndFiles:
    def test_what_is_wrong_with_the_arguments(self, tmp_path, content):
        file, out = tmp_path / "plan.xlsx", str(tmp_path / "out.xlsx")
        file.write_bytes(content)
        binary = tmp_path / "list.txt"
        binary.write_bytes(b"PK\x03\x04")
        for said, arguments in (
            ("企画担当はいません", ("new_strategy", str(file), "--by", "none")),
            ("取り込めません", ("new_strategy", str(FIXTURES / "nemuro_2015.json"))),
            ("どちらか一つ", ("plan_workbook", "x", "--from-text", str(binary), "-o", out)),
            (
                "文字のファイルではありません",
                ("plan_workbook", "--from-text", str(binary), "-o", out),
            ),
            ("開けません", ("plan_workbook", "--from-text", str(tmp_path / "no.txt"), "-o", out)),
            ("書き込めません", ("plan_workbook", "-o", str(tmp_path / "no" / "out.xlsx"))),
        ):
            with pytest.raises(CommandError, match=said):
                call_command(*arguments)

    def test_a_file_that_is_not_a_list_is_refused_on_the_page(self, settings):
        client = Client()
        client.force_login(make_user(Role.PLANNING))
        address = reverse("plan_form_from_text")
        for name, content, said in (
            ("一覧.txt", b"PK\x03\x04", "文字のファイルではありません"),
            ("一覧.txt", "一覧".encode("cp932") + b"\xff", "文字のファイルではありません"),
            ("一覧.txt", b" ", "ファイルが空です"),
            ("一覧.txt", b"a" * 2_000_001, "大きすぎます"),
        ):
            file = SimpleUploadedFile(name, content)
            answer = client.post(address, {"list": file}, follow=True)
            assert said in answer.text
        wide = "基本目標１　しごと".encode("utf-16")
        assert client.post(address, {"list": SimpleUploadedFile("a.txt", wide)}).status_code == 200

    def test_a_ticket_that_is_gone_leads_back(self, content):
        client = Client()
        client.force_login(make_user(Role.PLANNING))
        answer = client.post(reverse("plan_workbook_marked"), {"ticket": "x"}, follow=True)
        assert "もう一度選んでください" in answer.text
        file = SimpleUploadedFile("計画様式.xlsx", content)
        page = client.post(reverse("plan_workbook"), {"file": file})
        ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
        marked = client.post(reverse("plan_workbook_marked"), {"ticket": ticket}, follow=True)
        assert "印を付けるところがありません" in marked.text


def test_what_is_registered_is_gone_through_once_for_all_listings(content, monkeypatch):
    taken_in(content)
    Strategy.objects.update(state="running")
    again = changed(content, lambda book: put_items(book, {"計画のコード": "again-2025"}))
    asked = []

    def counted(name: str, unit: str) -> tuple[str, str]:
        asked.append(name)
        return identity(name, unit)

    monkeypatch.setattr("plans.workbook.listed.identity", counted)
    found = compared(again)
    registered = Indicator.objects.count()
    listings = NumericTarget.objects.count() + KPI.objects.count()
    assert len(found.questions) == listings
    assert len(asked) == registered + listings
