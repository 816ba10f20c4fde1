"""Damaged and careless workbooks: an error at the right cell, or read as they are meant."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from goals.models import Strategy
from kpis.models import KPI
from plans.workbook.marking import marked_book
from tables.marks import AUTHOR
from tables.uploads import UploadError, accept
from tests.plans.workbook.books import (
    as_json,
    changed,
    column,
    compared,
    doubts_of,
    empty_form,
    faults_of,
    first_row,
    put_items,
    slim,
    taken_in,
    written,
)
from tests.plans.workbook.green_city import CODE, green_city
from trail.installation import Installation

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

Change = Callable[[Workbook], None]


@pytest.fixture(scope="module")
def content() -> bytes:
    return slim(green_city())


def put(sheet: str, header: str, text: Any, row: int = 0) -> Change:
    """Return a change of the cell below a header, in the row-th line of a sheet."""

    def change(book: Workbook) -> None:
        of = book[sheet]
        of.cell(first_row(of) + row, column(of, header)).value = text

    return change


def item(name: str, text: Any) -> Change:
    return lambda book: put_items(book, {name: text})


def rename(sheet: str, header: str, other: str) -> Change:
    def change(book: Workbook) -> None:
        of = book[sheet]
        of.cell(3, column(of, header)).value = other

    return change


def both(*changes: Change) -> Change:
    def change(book: Workbook) -> None:
        for one in changes:
            one(book)

    return change


REFUSED: dict[str, tuple[Change, str, str]] = {
    "no title": (item("名称", None), "シート「計画」のB5", "名称が空欄です"),
    "no city": (item("市町村名", " "), "シート「計画」のB6", "市町村名が空欄です"),
    "code of the city": (
        item("団体コード", "12-345"),
        "シート「計画」のB7",
        "6桁の数字ではありません",
    ),
    "check digit": (item("団体コード", "990002"), "シート「計画」のB7", "検査数字"),
    "first year": (item("最初の年度", "来年"), "シート「計画」のB8", "年度として読めません"),
    "years the wrong way round": (item("最後の年度", "R5"), "シート「計画」のB9", "より前です"),
    "code of the plan": (
        item("計画のコード", "みどり"),
        "シート「計画」のB10",
        "アドレスに使えません",
    ),
    "threshold": (item("順調とする割合（％）", "高い"), "シート「計画」", "数として読めません"),
    "two goals of one number": (
        put("基本目標", "番号", "1", 1),
        "シート「基本目標」のB6",
        "二つあります",
    ),
    "goal that is not there": (
        put("数値目標", "基本目標", "基本目標9"),
        "シート「数値目標」のB6",
        "ありません",
    ),
    "unit against the sentence": (
        put("KPI", "単位", "人"),
        "シート「KPI」のF6",
        "文言から読み取れる「件」",
    ),
    "target against the sentence": (put("KPI", "目標値", 200), "シート「KPI」のI6", "目標の文言"),
    "baseline against the sentence": (
        put("数値目標", "基準値", "▲100", 1),
        "シート「数値目標」のG7",
        "-120",
    ),
    "a number that is none": (put("KPI", "目標値", "約26", 1), "シート「KPI」のI7", "「26」"),
    "a number with another unit": (put("KPI", "目標値", "26％", 1), "シート「KPI」のI7", "％"),
    "year as a day": (
        put("KPI", "基準年度", "4月1日", 1),
        "シート「KPI」のH7",
        "年度として読めません",
    ),
    "kind that there is not": (put("KPI", "種類", "比率", 1), "シート「KPI」のK7", "期末水準"),
    "measure that is not there": (
        put("KPI", "具体的施策", "1-⑨"),
        "シート「KPI」のB6",
        "ありません",
    ),
    "nothing to read": (
        put("KPI", "目標の文言", None),
        "シート「KPI」のE6",
        "目標の文言も目標値も空欄",
    ),
    "no name": (put("KPI", "指標名", None), "シート「KPI」のD6", "指標名が空欄です"),
    "a sentence without direction": (
        put("KPI", "目標の文言", "別途定める", 2),
        "シート「KPI」のK8",
        "読み取れません",
    ),
    "category that there is not": (
        put("具体的事業", "区分", "民間等"),
        "シート「具体的事業」のD6",
        "区分の一覧",
    ),
    "again without a home": (
        put("具体的事業", "事業名", "祭り（再掲）", 3),
        "シート「具体的事業」のE9",
        "再掲元がありません",
    ),
    "yearly target of nothing": (
        put("年度別目標値", "指標", "KPI9-9-9"),
        "シート「年度別目標値」のB5",
        "ありません",
    ),
    "yearly target that is no number": (
        put("年度別目標値", "R8", "未定"),
        "シート「年度別目標値」のF5",
        "数として読めません",
    ),
    "code of an indicator": (
        put("KPI", "指標コード", "就農"),
        "シート「KPI」のAH6",
        "半角の英数字",
    ),
    "an error of Excel": (put("KPI", "目標値", "#REF!", 1), "シート「KPI」のI7", "#REF!"),
    "too many decimals": (put("KPI", "小数点以下の桁数", 9, 1), "シート「KPI」のP7", "0から4まで"),
    "a number of SDGs": (put("KPI", "SDGs", "3、18"), "シート「KPI」のAI6", "1から17まで"),
    "a grant that is not there": (
        put("具体的事業", "交付金", "推進交付金"),
        "シート「具体的事業」のL6",
        "交付金",
    ),
    "an example that was typed over": (
        put("KPI", "指標名", "空き家の数", -1),
        "シート「KPI」のB5",
        "「例」の行に書かれています",
    ),
    "year of the baseline against the sentence": (
        both(
            put("数値目標", "目標の文言", "120人（R4）→150人（R12）", 1),
            put("数値目標", "基準年度", "R5", 1),
        ),
        "シート「数値目標」のH7",
        "令和4年度",
    ),
    "baseline after the target": (
        put("KPI", "基準年度", "R13", 1),
        "シート「KPI」のH7",
        "より前ではありません",
    ),
    "a range in one cell": (put("KPI", "目標値", "15～20", 1), "シート「KPI」のI7", "目標値の上限"),
    "a share in tenths": (put("KPI", "目標値", "６割", 3), "シート「KPI」のI9", "「60」"),
    "a letter like a digit": (put("KPI", "目標値", "2O", 1), "シート「KPI」のI7", "似た英字"),
    "decimals that no value has": (
        put("KPI", "目標値", "26.123456", 1),
        "シート「KPI」のI7",
        "4桁まで",
    ),
    "a number with the name of another measure": (
        put("KPI", "具体的施策", "1-① 移住を進める"),
        "シート「KPI」のB6",
        "名称は「起業を支える」",
    ),
    "two sections": (put("KPI", "担当課", "商工課\n農林課"), "シート「KPI」のM6", "一つだけ"),
    "one code for two units": (
        both(put("KPI", "指標コード", "x"), put("KPI", "指標コード", "x", 1)),
        "シート「KPI」のF7",
        "単位は「件」",
    ),
    "kind against the sentence": (
        put("KPI", "種類", "期末水準"),
        "シート「KPI」のK6",
        "「期間累計」",
    ),
    "two rows of yearly targets": (
        both(put("年度別目標値", "指標", "起業の件数", 1), put("年度別目標値", "R8", 25, 1)),
        "シート「年度別目標値」のB6",
        "行が二つあります",
    ),
    "yearly targets of another name": (
        put("年度別目標値", "指標名", "就農者数"),
        "シート「年度別目標値」のC5",
        "名称は「起業の件数」",
    ),
    "yearly target of the last year": (
        put("年度別目標値", "R12", 60),
        "シート「年度別目標値」のJ5",
        "目標値と同じ70件",
    ),
    "a value of a year to come": (
        both(rename("実績値", "R5（2023）", "R40")),
        "シート「実績値」のE5",
        "まだ始まっていません",
    ),
    "two judgements of one word": (
        item("呼び方：順調", "遅れ"),
        "シート「計画」のB",
        "両方の呼び方",
    ),
    "thresholds in the wrong order": (
        item("おおむね順調とする割合（％）", 40),
        "シート「計画」のB",
        "割合",
    ),
    "two columns of one header": (
        rename("KPI", "単位", "目標値"),
        "シート「KPI」の",
        "二つあります",
    ),
    "a header that is gone": (rename("KPI", "指標名", "なまえ"), "シート「KPI」", "見出し"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_error_is_at_its_cell(content, name):
    change, place, message = REFUSED[name]
    found = faults_of(compared(changed(content, change)))
    assert any(at.startswith(place) and message in said for at, said in found), found
    assert len(found) == (3 if name == "a sentence without direction" else 1), found


DOUBTED: dict[str, tuple[Change, str]] = {
    "fewer years than the plan": (put("KPI", "目標の文言", "３年間で延べ25人", 2), "（3年）"),
    "a target year far ahead": (put("KPI", "目標年度", "2099", 1), "69年後"),
    "a share that lost its format": (put("KPI", "目標値", 0.783, 3), "78.3％のことなら"),
    "a number behind the name": (
        put("KPI", "指標名", "観光入込客数　45.2万人", 2),
        "数「45.2万人」",
    ),
    "a plan of many years": (item("最後の年度", "R40"), "35年間です"),
    "a column without a header": (rename("KPI", "基準年度", ""), "見出しが空欄のため読みません"),
    "no sheet of projects": (
        lambda book: book.remove(book["具体的事業"]),
        "ないものとして読みました",
    ),
    "another city": (item("団体コード", "012238"), "登録されている青葉町"),
}


@pytest.mark.parametrize("name", DOUBTED)
def test_what_can_hardly_be_meant_is_asked_about(content, name):
    Installation.objects.update_or_create(
        pk=1, defaults={"city": "青葉町", "city_code": "990001", "planning_office": "企画課"}
    )
    change, message = DOUBTED[name]
    found = compared(changed(content, change))
    assert faults_of(found) == []
    assert any(message in said for _, said in doubts_of(found)), doubts_of(found)


def without_sheets(book: Workbook) -> None:
    for title in ("施策の区分", "年度別目標値", "担当課", "交付金", "実績値", "記入のしかた"):
        del book[title]


def blank_rows(book: Workbook) -> None:
    for title in ("基本目標", "KPI", "具体的事業"):
        book[title].insert_rows(first_row(book[title]) + 1, 3)


def moved_columns(book: Workbook) -> None:
    sheet = book["KPI"]
    sheet.move_range(f"A3:{openpyxl.utils.get_column_letter(sheet.max_column)}20", cols=2)
    sheet["B3"] = "整理番号"
    sheet["B6"] = "x"


def merged_cells(book: Workbook) -> None:
    sheet = book["具体的施策"]
    row = first_row(sheet)
    sheet.merge_cells(start_row=row, end_row=row + 1, start_column=2, end_column=2)


def pasted_from_a_pdf(book: Workbook) -> None:
    sheet = book["KPI"]
    row = first_row(sheet)
    sheet.cell(row, column(sheet, "指標名")).value = "起業\nの件数"
    sheet.cell(row, column(sheet, "目標の文言")).value = "７年間で\n70件"
    sheet.cell(row + 1, column(sheet, "指標名")).value = "就 農 者 数"


def headers_once_more(book: Workbook) -> None:
    sheet = book["KPI"]
    row = first_row(sheet) + 6
    for cell in sheet[3]:
        sheet.cell(row, cell.column).value = cell.value


def renamed_sheets(book: Workbook) -> None:
    book["KPI"].title = "重要業績評価指標（ＫＰＩ）"
    book["具体的事業"].title = "主な事業"


def number_of_the_city(book: Workbook) -> None:
    put_items(book, {"団体コード": 12238})


def a_full_width_everything(book: Workbook) -> None:
    sheet = book["KPI"]
    sheet.cell(first_row(sheet) + 1, column(sheet, "具体的施策")).value = "施策　１－②"
    sheet.cell(first_row(sheet) + 1, column(sheet, "単位")).value = "人 "


READ = {
    "without optional sheets": without_sheets,
    "blank rows": blank_rows,
    "moved and added columns": moved_columns,
    "merged cells": merged_cells,
    "pasted from a PDF": pasted_from_a_pdf,
    "headers once more": headers_once_more,
    "renamed sheets": renamed_sheets,
    "a code that lost its zero": number_of_the_city,
    "wide signs": a_full_width_everything,
}


@pytest.mark.parametrize("name", READ)
def test_a_careless_workbook_is_read_as_intended(content, name):
    plain, careless = compared(content), compared(changed(content, READ[name]))
    assert faults_of(careless) == []
    assert plain.described is not None
    assert careless.described is not None
    expected, plan = plain.described.plan, careless.described.plan
    if name == "a code that lost its zero":
        assert plan["strategy"]["city_code"] == "012238"
        assert any("先頭の0を補って" in text for _, text in doubts_of(careless))
        plan["strategy"]["city_code"] = expected["strategy"]["city_code"]
    if name == "without optional sheets":
        for one in (expected, plan):
            one["goals"][0]["measure_groups"][0]["measures"][0]["kpis"][0]["yearly_targets"] = {}
    assert plan == expected


def test_a_unit_may_be_any(content):
    def change(book: Workbook) -> None:
        for header, text in (("単位", "万人"), ("基準値", "４５．２"), ("目標値", "60")):
            put("KPI", header, text, 1)(book)

    found = compared(changed(content, change))
    assert faults_of(found) == []
    assert found.described is not None
    [kpi] = found.described.plan["goals"][0]["measure_groups"][0]["measures"][1]["kpis"]
    assert (kpi["target"], kpi["baseline"]["value"]) == ("60", "45.2")
    assert kpi["indicator"]["unit"] == "万人"


def test_all_errors_are_reported_at_once_and_marked_in_the_same_workbook(content):
    def change(book: Workbook) -> None:
        item("最初の年度", "来年")(book)
        put("KPI", "目標値", "約26", 1)(book)
        put("具体的事業", "区分", "民間等")(book)

    damaged = changed(content, change)
    found = compared(damaged)
    assert len(found.faults) == 3
    book = openpyxl.load_workbook(io.BytesIO(marked_book(accept("計画様式.xlsx", damaged), found)))
    marked = {
        (sheet.title, cell.coordinate): cell.comment.text
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment is not None and cell.comment.author == AUTHOR
    }
    assert {sheet for sheet, _ in marked} == {"計画", "KPI", "具体的事業"}
    assert "約26" in marked["KPI", "I7"]


def test_errors_of_one_row_do_not_make_errors_of_those_that_refer_to_it(content):
    def change(book: Workbook) -> None:
        put("具体的施策", "番号", "無")(book)

    found = faults_of(compared(changed(content, change)))
    assert [place for place, _ in found] == ["シート「具体的施策」のD5"]


def test_the_empty_form_and_another_workbook_are_refused():
    assert "何も書かれていません" in faults_of(compared(empty_form()))[0][1]
    other = Workbook()
    other.active["A1"] = "議事録"
    file = io.BytesIO()
    other.save(file)
    assert "計画様式ではありません" in faults_of(compared(file.getvalue()))[0][1]
    with pytest.raises(UploadError, match="取り込めません"):
        compared(b"PK\x03\x04 cut off")


def test_the_mark_of_a_relisting_may_come_first(content):
    found = compared(changed(content, put("具体的事業", "事業名", "【再掲】創業支援事業", 3)))
    assert faults_of(found) == []


def test_a_plan_with_the_name_of_a_running_one_is_questioned(content):
    taken_in(content)
    Strategy.objects.update(state="running")
    again = changed(content, item("計画のコード", None))
    found = compared(again, **{"share-others": "share"})
    assert any("同じ名称の計画が" in said for _, said in doubts_of(found))


def test_a_running_plan_is_not_changed_by_a_workbook(content):
    taken_in(content)
    Strategy.objects.update(state="running")
    [(place, message)] = faults_of(compared(content, **{"share-others": "share"}))
    assert place == "シート「計画」のB10"
    assert "計画の改訂で変えます" in message


def test_a_corrected_workbook_updates_the_draft(content):
    taken_in(content)

    def correct(book: Workbook) -> None:
        put("KPI", "目標の文言", "年間180件", 2)(book)
        sheet = book["具体的事業"]
        for cell in sheet[first_row(sheet) + 1]:
            cell.value = None
        put("具体的施策", "名称", "定住を支える", 3)(book)

    corrected = changed(content, correct)
    found = compared(corrected)
    assert not found.is_new
    assert [change.label for change in found.added] == ["2-2 定住を支える"]
    assert any("移住相談の件数" in change.label for change in found.changed)
    assert any("空き店舗活用事業" in one for one in found.gone)
    taken_in(corrected)
    again = compared(corrected)
    assert (again.changes, again.gone) == ([], [])


def test_a_form_that_was_given_out_still_finds_contradictions(content):
    taken_in(content)
    form = slim(written(as_json(CODE)))
    for sheet, row, header in (("KPI", 1, "目標値"), ("数値目標", 0, "基準値")):
        damaged = changed(form, put(sheet, header, 11, row))
        found = faults_of(compared(damaged))
        assert len(found) == 1, found
        assert "目標の文言から読み取れる" in found[0][1]


def test_a_reason_lets_a_contradiction_pass_but_not_unseen(content):
    reason = put("KPI", "読み方の疑問点", "議会で12件に改めた。")
    found = compared(changed(content, both(put("KPI", "目標値", 80), reason)))
    assert any("理由があるものとして" in said for _, said in doubts_of(found))


def test_a_change_of_the_section_alone_is_a_change(content):
    taken_in(content)
    found = taken_in(changed(content, put("KPI", "担当課", "観光課", 2)))
    assert [one.name for change in found.changes for one in change.fields] == ["担当課"]
    assert found.new_sections == ["観光課"]
    assert KPI.objects.get(name="移住相談の件数").indicator.section.name == "観光課"
