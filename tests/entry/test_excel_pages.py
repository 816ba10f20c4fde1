"""The Excel form as pages: downloaded, uploaded, previewed, confirmed; and who may."""

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from entry import form_pages
from entry.excel.columns import Header
from entry.excel.comparing import FormImporter
from indicators.models import Actual
from tables import import_pages, own_process
from tables.marks import AUTHOR
from tests.entry.city import City, make_city
from tests.entry.excel_forms import Paper, form_for
from tests.factories import make_actual, make_fiscal_year, make_user
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

FORM, IMPORT = reverse("entry_form", args=[2017]), reverse("entry_import", args=[2017])
APPLY, MARKED = (reverse(f"entry_import_{what}", args=[2017]) for what in ("apply", "marked"))


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.fixture
def as_clerk(client, city) -> Client:
    client.force_login(city.clerk)
    return client


def send(client: Client, content: bytes, name: str = "様式.xlsx", **said: str):
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content), **said})


def confirm(client: Client, preview, **more: str):
    data = form_data(preview.content.decode())
    return client.post(APPLY, {"confirm": "", "ticket": data["ticket"], **more}, follow=True)


def filled(city: City, by=None, **fields) -> bytes:
    return Paper(form_for(by or city.clerk)).fill("来館者数", **fields).saved()


def names_in(content: bytes) -> list[str]:
    paper = Paper(content)
    column = paper.column(Header.NAME)
    first = paper.header_row() + 1
    return [paper.sheet.cell(row, column).value for row in range(first, paper.sheet.max_row + 1)]


# Downloading the form


def test_a_clerk_gets_the_form_of_their_section(as_clerk):
    response = as_clerk.get(FORM)
    assert names_in(response.content) == ["来館者数", "満足度", "水揚げ額"]
    assert "form_2017_all.xlsx" in response["Content-Disposition"]
    event = Event.objects.get(kind="export")
    assert (event.subject, event.door) == ("実績入力様式_平成29年度_水産課.xlsx", "form")
    assert "水産課、3指標" in event.detail


def test_planning_gets_all_sections_or_one(client, city):
    client.force_login(city.planning)
    assert len(names_in(client.get(FORM).content)) == 4
    one = client.get(FORM, {"section": city.other_section.pk})
    assert names_in(one.content) == ["作付面積"]


def test_the_form_of_another_section_is_refused(as_clerk, city):
    for section in (city.other_section.pk, "x", "²", -1):
        assert as_clerk.get(FORM, {"section": section}).status_code == 403


def test_there_is_no_form_of_a_section_that_does_not_exist(client, city):
    client.force_login(city.planning)
    for section in (city.other_section.pk + 1000, "9" * 30):
        assert client.get(FORM, {"section": section}).status_code == 403


def test_readers_and_auditors_have_no_form(client, city):
    for role in (Role.READER, Role.AUDITOR):
        client.force_login(make_user(role, city.section))
        assert client.get(FORM).status_code == 403
        assert client.get(IMPORT).status_code == 403


def test_a_clerk_without_indicators_reads_so(client, city):
    client.force_login(make_user(Role.CLERK, city.planning.sections.get()))
    page = client.get(FORM, follow=True)
    assert "入力が必要な指標はありません。" in text_of(page)


def test_a_year_that_does_not_exist_is_not_found(as_clerk):
    assert as_clerk.get(reverse("entry_form", args=[2031])).status_code == 404
    assert as_clerk.get(reverse("entry_import", args=[2031])).status_code == 404


def test_the_page_offers_the_form_and_planning_that_of_each_section(client, city):
    client.force_login(city.clerk)
    page = read_page(client.get(IMPORT))
    assert FORM in page.links
    assert f"{FORM}?section={city.section.pk}" not in page.links
    client.force_login(city.planning)
    page = read_page(client.get(IMPORT))
    assert f"{FORM}?section={city.other_section.pk}" in page.links


def test_invented_values_are_marked_in_the_form(as_clerk, city):
    strategy = city.visitors.kpis.get().measure.group.goal.strategy
    type(strategy).objects.update(invented=True)
    sheet = Paper(as_clerk.get(FORM).content).sheet
    assert sheet["A2"].value == "試用環境です。実績値は架空のものです。"


# Importing it


def test_what_was_previewed_is_recorded_after_one_confirmation(as_clerk, city):
    preview = send(as_clerk, filled(city, VALUE="１，２３４", REMARKS="新館の開館"))
    text = text_of(preview)
    assert (
        "新しく登録する値1、変更する値0、変わらない値0、空欄2。まだ何も保存していません。" in text
    )
    assert "来館者数水産課5行目 実績値1,234人 備考新館の開館" in text
    assert not Actual.objects.exists()
    page = confirm(as_clerk, preview)
    assert "Excel様式を取り込みました（新しく登録する値1" in text_of(page)
    actual = city.stored(city.visitors)
    assert (actual.value, actual.entered_by, actual.state) == (1234, city.clerk, "draft")
    # One more click sends everything that was imported to the head.
    assert page.redirect_chain[-1][0] == "/entry/2017/answer/?state=draft&all=on"
    ticked = form_data(page.content.decode())
    assert ticked["value"] == f"{actual.pk}:1"
    as_clerk.post(page.redirect_chain[-1][0], ticked | {"step": "ask"})
    assert city.stored(city.visitors).state == "submitted"
    event = Event.objects.get(kind="import")
    assert (event.subject, event.by, event.door) == ("実績入力様式", city.clerk, "form")


def test_the_first_page_of_a_clerk_takes_it_in(as_clerk, city):
    page = read_page(as_clerk.get("/"))
    assert 'enctype="multipart/form-data" action="/entry/2017/import/"' in page.html
    assert 'type="file" id="file" name="file"' in page.html


def test_the_import_can_be_cancelled(as_clerk, city):
    preview = send(as_clerk, filled(city, VALUE=5))
    data = form_data(preview.content.decode())
    page = as_clerk.post(APPLY, {"cancel": "", "ticket": data["ticket"]}, follow=True)
    assert "取込みをやめました。何も変更していません。" in text_of(page)
    again = as_clerk.post(APPLY, {"confirm": "", "ticket": data["ticket"]}, follow=True)
    assert "このファイルは残っていません" in text_of(again)
    assert not Actual.objects.exists()


def test_nothing_is_recorded_if_one_row_is_wrong(as_clerk, city):
    paper = Paper(form_for(city.clerk)).fill("来館者数", VALUE=5).fill("満足度", VALUE="約50")
    preview = send(as_clerk, paper.saved())
    page = read_page(preview)
    assert page.title.startswith("エラー：")
    text = text_of(preview)
    assert "何も保存していません。下の表のところを直し" in text
    assert "直すところ（1か所、1行）" in text
    assert "シート「実績入力」のJ6満足度" in text
    assert "「50」と入力し、「約」は備考に書いてください。" in text
    assert "この内容で取り込む" not in text
    confirm(as_clerk, preview)
    assert not Actual.objects.exists()


def test_what_changed_between_preview_and_confirmation_is_shown_again(as_clerk, city):
    preview = send(as_clerk, filled(city, VALUE=5))
    city.store(city.visitors, 7)
    text = text_of(confirm(as_clerk, preview))
    assert "確かめてから取り込むまでの間に、登録されている内容が変わりました。" in text
    assert "「7人」に変更しました。" in text
    assert "様式の「5人」にする" in text
    assert city.stored(city.visitors).value == 7


def test_the_preview_asks_what_to_keep_and_shows_the_result_before_it_is_recorded(as_clerk, city):
    city.store(city.visitors, 45)
    content = Paper(form_for(city.clerk)).fill("来館者数", VALUE=46).fill("水揚げ額", VALUE=3)
    make_actual(city.visitors, 2017, 47, by=city.head, version=1)
    asked = send(as_clerk, content.saved())
    assert "様式を受け取ったとき：「45人」" in text_of(asked)
    assert "この内容で取り込む" not in text_of(asked)
    data = form_data(asked.content.decode())
    again = as_clerk.post(APPLY, data)
    page = read_page(again)
    assert "来館者数：実績値を選んでください。" in page.main
    assert page.title.startswith("エラー：")
    data = form_data(again.content.decode())
    choice = f"r{city.visitors.pk}-choice-value"
    shown = as_clerk.post(APPLY, data | {choice: "mine:2"})
    text = text_of(shown)
    assert "登録されている内容が変わりました" not in text
    assert "実績値47人→から46人" in "".join(text.split())
    assert not Actual.objects.filter(indicator=city.sales).exists()
    sent = form_data(shown.content.decode())
    assert sent[choice] == "mine:2"
    as_clerk.post(APPLY, sent | {"confirm": ""})
    assert (city.stored(city.visitors).value, city.stored(city.sales).value) == (46, 3000)


def test_a_change_made_at_the_last_moment_is_not_overwritten(as_clerk, city, monkeypatch):
    preview = send(as_clerk, filled(city, VALUE=5))

    write = FormImporter.write

    def too_late(importer, comparisons):
        city.store(city.visitors, 7)
        write(importer, comparisons)

    monkeypatch.setattr(FormImporter, "write", too_late)
    text = text_of(confirm(as_clerk, preview))
    assert "登録されている内容が変わりました" in text
    assert not Event.objects.filter(kind="import").exists()


def test_nobody_confirms_the_preview_of_another_user(client, city):
    client.force_login(city.clerk)
    preview = send(client, filled(city, VALUE=5))
    client.force_login(city.planning)
    assert "このファイルは残っていません" in text_of(confirm(client, preview))
    assert not Actual.objects.exists()


def test_a_ticket_is_valid_for_its_own_year_only(as_clerk, city):
    make_fiscal_year(2018)
    ticket = form_data(send(as_clerk, filled(city, VALUE=5)).content.decode())["ticket"]
    other = reverse("entry_import_apply", args=[2018])
    page = as_clerk.post(other, {"confirm": "", "ticket": ticket}, follow=True)
    assert "このファイルは残っていません" in text_of(page)


def test_a_form_of_another_year_is_refused(as_clerk, city):
    make_fiscal_year(2018)
    preview = send(as_clerk, form_for(city.clerk, 2018))
    assert "この様式は、平成30年度（2018）のものです。" in text_of(preview)
    assert reverse("entry_import_marked", args=[2017]) not in preview.content.decode()


def test_an_unchanged_form_needs_no_confirmation(as_clerk, city):
    city.store(city.visitors, 5)
    text = text_of(send(as_clerk, form_for(city.clerk)))
    assert "取り込むものはありません（" in text
    assert "入力されている1件は、登録されている値と同じです。" in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "中身が空です"),
        (b"%PDF-1.4 \x00\x01", "ExcelブックでもCSVでもありません"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 50, "古いExcel形式"),
    ],
)
def test_what_no_upload_may_be_is_refused(as_clerk, content, message):
    response = send(as_clerk, content)
    assert read_page(response).title.startswith("エラー：")
    assert message in text_of(response)


def test_a_missing_file_is_asked_for(as_clerk):
    assert "取り込むファイルを選んでください。" in text_of(as_clerk.post(IMPORT, {}))


def test_csv_is_taken_as_well(as_clerk, city):
    paper = Paper(form_for(city.clerk)).fill("来館者数", VALUE=5)
    preview = send(as_clerk, paper.as_csv("cp932"), "様式.csv")
    assert "新しく登録する値1" in text_of(preview)
    confirm(as_clerk, preview)
    assert city.stored(city.visitors).value == 5


def test_an_ended_year_asks_planning_for_kind_and_reason(client, city):
    city.store(city.visitors, 4)
    client.force_login(city.planning)
    content = filled(city, city.planning, VALUE=5)
    city.year.entry_is_open = False
    city.year.save()
    preview = send(client, content)
    assert "変更の種類（確定値への更新、遡及改定、訂正）を選んでください" in text_of(preview)
    said = {"reason": "集計の訂正", "change_kind": "corrected"}
    preview = send(client, content, **said)
    assert "変更の理由：集計の訂正" in text_of(preview)
    confirm(client, preview, change_kind="corrected")
    row = city.stored(city.visitors).history.first()
    assert (row.history_change_reason, row.change_kind) == ("集計の訂正", "corrected")


def test_a_kind_other_than_the_previewed_one_is_not_recorded(client, city):
    city.store(city.visitors, 4)
    client.force_login(city.planning)
    content = filled(city, city.planning, VALUE=5)
    city.year.entry_is_open = False
    city.year.save()
    preview = send(client, content, reason="集計の訂正", change_kind="corrected")
    confirm(client, preview, change_kind="revised")
    assert city.stored(city.visitors).value == 4


def test_the_first_values_of_a_past_year_ask_for_a_reason_only(client, city):
    city.year.delete()
    make_fiscal_year(2017, is_open=False)
    client.force_login(city.planning)
    assert 'name="change_kind"' not in client.get("/entry/2017/import/").content.decode()
    preview = send(client, filled(city, city.planning, VALUE=5))
    assert "変更の理由を入力してください" in text_of(preview)
    assert "変更の種類" not in text_of(preview)
    confirm(client, send(client, filled(city, city.planning, VALUE=5), reason="転記"))
    assert (city.stored(city.visitors).value, city.stored(city.visitors).change_kind) == (5, "")
    assert 'name="change_kind"' in client.get("/entry/2017/import/").content.decode()


# Several forms at once


def send_two(client: Client, *contents: bytes):
    files = [SimpleUploadedFile(f"{number}.xlsx", c) for number, c in enumerate(contents, 1)]
    return client.post(IMPORT, {"file": files})


def confirm_two(client: Client, preview):
    tickets = re.findall(r'name="ticket"\s+value="([^"]+)"', preview.content.decode())
    return client.post(APPLY, {"confirm": "", "ticket": tickets}, follow=True)


def test_planning_takes_in_the_forms_of_several_sections_at_once(client, city):
    client.force_login(city.planning)
    fish = Paper(form_for(city.clerk)).fill("来館者数", VALUE=5).saved()
    farm = Paper(form_for(city.other_clerk)).fill("作付面積", VALUE=7).saved()
    preview = send_two(client, fish, farm)
    text = text_of(preview)
    assert "新しく登録する値2、変更する値0、変わらない値0、空欄2。" in text
    assert "「1.xlsx」の内容" in text
    assert "「2.xlsx」の内容" in text
    confirm_two(client, preview)
    assert (city.stored(city.visitors).value, city.stored(city.fields).value) == (5, 7)
    assert Event.objects.get(kind="import").detail.startswith("1.xlsx、2.xlsx：")


def test_no_form_is_imported_if_one_is_wrong(client, city):
    client.force_login(city.planning)
    fish = Paper(form_for(city.clerk)).fill("来館者数", VALUE=5).saved()
    farm = Paper(form_for(city.other_clerk)).fill("作付面積", VALUE="約7").saved()
    preview = send_two(client, fish, farm)
    assert "取り込めません" in text_of(preview)
    confirm_two(client, preview)
    assert not Actual.objects.exists()


def test_two_forms_with_the_same_indicator_are_refused(client, city):
    client.force_login(city.planning)
    forms = [Paper(form_for(city.clerk)).fill("来館者数", VALUE=v).saved() for v in (5, 6)]
    text = text_of(send_two(client, *forms))
    assert "同じ指標の値が、「2.xlsx」にもあります。" in text
    assert "同じ指標の値が、「1.xlsx」にもあります。" in text
    assert "この内容で取り込む" not in text


def test_many_files_that_take_long_in_all_are_refused(client, city, monkeypatch):
    now = iter(range(0, 1000, 7))
    monkeypatch.setattr("tables.import_pages.time.monotonic", lambda: next(now))
    client.force_login(make_user(Role.PLANNING))
    content = form_for(city.clerk, 2017)
    files = [SimpleUploadedFile(f"{number}.xlsx", content) for number in range(5)]
    text = text_of(client.post(IMPORT, {"file": files}))
    assert "選んだ5個のファイルのうち、1個を読み取ったところで12秒を超えました。" in text


def test_two_files_of_the_same_name_are_distinguished(client, city):
    client.force_login(city.planning)
    forms = [Paper(form_for(city.clerk)).fill("来館者数", VALUE=v).saved() for v in (5, 6)]
    files = [SimpleUploadedFile("様式.xlsx", content) for content in forms]
    text = text_of(client.post(IMPORT, {"file": files}))
    assert "「様式.xlsx（1番目に選んだファイル）」の内容" in text
    assert "同じ指標の値が、「様式.xlsx（2番目に選んだファイル）」にもあります。" in text


def test_only_users_who_may_change_an_ended_year_are_asked_for_kind_and_reason(client, city):
    city.store(city.visitors, 4)
    city.year.entry_is_open = False
    city.year.save()
    for user, asked in ((city.clerk, False), (city.head, False), (city.planning, True)):
        client.force_login(user)
        page = read_page(client.get(IMPORT))
        assert ("変更の種類" in page.main) == asked
        assert ("変更の理由" in page.main) == asked


def test_too_many_forms_are_refused(as_clerk, city, monkeypatch):
    monkeypatch.setattr(import_pages, "MAX_FILES", 1)
    content = filled(city, VALUE=5)
    assert "一度に選べるのは1個までです（2個" in text_of(send_two(as_clerk, content, content))


def test_too_much_at_once_is_refused(as_clerk, city, monkeypatch):
    monkeypatch.setattr(import_pages, "MAX_TIMES_ONE", 0)
    assert "大きさの合計が、上限を超えています" in text_of(send(as_clerk, filled(city, VALUE=5)))


# The faulty cells marked


def marked_by(client: Client, preview) -> Paper:
    ticket = form_data(preview.content.decode())["ticket"]
    response = client.post(MARKED, {"ticket": ticket})
    assert response.status_code == 200
    return Paper(response.content)


def test_the_same_workbook_comes_back_with_the_faulty_cells_marked(as_clerk, city):
    paper = Paper(form_for(city.clerk)).fill("来館者数", VALUE="約50", MEMO="係に確認")
    paper.cell("満足度", Header.VALUE).value = 286
    paper.book.create_sheet("計算")["B2"] = "=SUM(1,2)"
    marked = marked_by(as_clerk, send(as_clerk, paper.saved()))
    for name, message in (("来館者数", "「約」は備考に"), ("満足度", "0から100まで")):
        cell = marked.cell(name, Header.VALUE)
        assert message in cell.comment.text
        assert cell.fill.start_color.rgb == "FFFFC000"
    assert marked.cell("水揚げ額", Header.VALUE).comment is None
    assert marked.cell("来館者数", Header.VALUE).value == "約50"
    assert marked.cell("来館者数", Header.MEMO).value == "係に確認"
    assert marked.book["計算"]["B2"].value == "=SUM(1,2)"
    assert marked.sheet.protection.sheet
    assert marked.sheet.data_validations.count > 0


def test_a_marked_workbook_comes_back_and_what_is_right_is_not_marked_again(as_clerk, city):
    paper = Paper(form_for(city.clerk)).fill("来館者数", VALUE="約50").fill("満足度", VALUE=286)
    marked = marked_by(as_clerk, send(as_clerk, paper.saved()))
    marked.fill("来館者数", VALUE=50)
    again = marked_by(as_clerk, send(as_clerk, marked.saved()))
    right = again.cell("来館者数", Header.VALUE)
    assert (right.comment, right.fill.start_color.rgb) == (None, "00000000")
    assert again.cell("満足度", Header.VALUE).comment.author == AUTHOR
    again.fill("満足度", VALUE=86)
    preview = send(as_clerk, again.saved())
    confirm(as_clerk, preview)
    assert (city.stored(city.visitors).value, city.stored(city.share).value) == (50, 86)


def test_a_comment_that_was_there_stays(as_clerk, city):
    paper = Paper(form_for(city.clerk)).fill("来館者数", VALUE="約50")
    cell = paper.cell("来館者数", Header.VALUE)
    cell.comment = openpyxl.comments.Comment("係長に確認", "水産")
    marked = marked_by(as_clerk, send(as_clerk, paper.saved()))
    assert marked.cell("来館者数", Header.VALUE).comment.text.startswith("係長に確認\n")


def test_a_csv_file_has_no_cells_to_mark(as_clerk, city):
    paper = Paper(form_for(city.clerk)).fill("来館者数", VALUE="約50")
    preview = send(as_clerk, paper.as_csv(), "様式.csv")
    assert "直すところに印を付けたファイルを受け取る" not in text_of(preview)
    assert "J5" in text_of(preview)


def test_a_workbook_of_which_only_the_cells_can_be_read_is_not_marked(as_clerk, city):
    content = Paper(form_for(city.clerk)).fill("来館者数", VALUE="約50").saved()
    content = repacked(content, lambda sheet: re.sub(rb' s="\d+"', b' s="9999"', sheet))
    preview = send(as_clerk, content)
    assert "「50」と入力し" in text_of(preview)
    ticket = form_data(preview.content.decode())["ticket"]
    response = as_clerk.post(MARKED, {"ticket": ticket}, follow=True)
    assert "印を付けられません。もう一度選び、画面に示すセルを直してください。" in text_of(response)


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (own_process.TooExpensive, "もう一度選び、画面に示すセルを直してください。"),
        (own_process.Crashed, "サーバーの不具合のため、読み取れませんでした。"),
    ],
)
def test_the_reason_why_a_workbook_was_not_marked_is_shown(
    as_clerk, city, monkeypatch, end, message
):
    def ended(*arguments):
        raise end

    preview = send(as_clerk, Paper(form_for(city.clerk)).fill("来館者数", VALUE="約50").saved())
    ticket = form_data(preview.content.decode())["ticket"]
    monkeypatch.setattr(own_process, "run", ended)
    response = as_clerk.post(MARKED, {"ticket": ticket}, follow=True)
    assert f"には、印を付けられません。{message}" in text_of(response)


def repacked(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with its first sheet changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part) if name == "xl/worksheets/sheet1.xml" else part)
    return stream.getvalue()


def test_marks_need_a_ticket(as_clerk):
    page = as_clerk.post(MARKED, {"ticket": "x"}, follow=True)
    assert "このファイルは残っていません" in text_of(page)


def test_a_form_of_1000_rows_is_previewed_in_part(as_clerk, city, monkeypatch):
    monkeypatch.setattr(form_pages, "SHOWN_ROWS", 1)
    paper = Paper(form_for(city.clerk)).fill("来館者数", VALUE=5).fill("水揚げ額", VALUE=5)
    text = text_of(send(as_clerk, paper.saved()))
    assert "新しく登録する値（2件のうち、はじめの1件）" in text
    assert "5千円" not in text


def test_files_are_workbooks_that_excel_opens(as_clerk):
    book = openpyxl.load_workbook(io.BytesIO(as_clerk.get(FORM).content))
    assert book.sheetnames == ["実績入力", "記入のしかた"]
