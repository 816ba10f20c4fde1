"""Sections and users from one workbook: previewed, all or nothing, errors by sheet and cell."""

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Section, User
from accounts.roles import Role
from accounts.staff_workbook import SECTIONS, USERS
from tables.sheet_cells import HELP_SHEET
from tests.factories import make_section, make_user
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

DEPARTMENTS = [["企画課", "総務部"], ["水産課", "経済部"]]
PEOPLE = [
    ["00123", "見本 花子", "", "担当者", "水産課"],
    ["00124", "見本 太郎", "taro@city.example.jp", "担当者、課長", "企画課、水産課"],
]


@pytest.fixture
def planning():
    return make_user(Role.PLANNING, username="00001", full_name="企画 一郎", password="x")


@pytest.fixture(autouse=True)
def logged_in(client, planning):
    client.force_login(planning)


def template(client) -> openpyxl.Workbook:
    response = client.get("/start/staff/form.xlsx")
    assert response["Content-Disposition"].startswith("attachment")
    return openpyxl.load_workbook(BytesIO(response.getvalue()))


def filled(client, sections=DEPARTMENTS, people=PEOPLE) -> openpyxl.Workbook:
    book = template(client)
    for name, rows in ((SECTIONS, sections), (USERS, people)):
        for row in rows:
            book[name].append(row)
    return book


def send(client, book, name="担当課と利用者.xlsx"):
    content = book
    if not isinstance(book, bytes):
        stream = BytesIO()
        book.save(stream)
        content = stream.getvalue()
    return client.post("/start/staff/", {"file": SimpleUploadedFile(name, content)})


def confirm(client, preview, button="confirm"):
    return client.post("/start/staff/apply/", form_data(preview.content.decode()) | {button: ""})


def faults(response) -> list[str]:
    """Return the rows of the table of faults."""
    assert "取り込めません" in text_of(response)
    return response.context["comparison"].places


def places(response) -> list[tuple[str, str]]:
    return [(place, fault.header) for place, _, fault in faults(response)]


def nothing_is_there() -> bool:
    return Section.objects.count() == 0 and User.objects.count() == 1


def test_the_template_asks_for_no_password_and_explains_each_column(client):
    make_section("財政課", department="総務部")
    make_section("昔の課", is_active=False)
    book = template(client)
    assert book.sheetnames == [SECTIONS, USERS, HELP_SHEET]
    assert [cell.value for cell in book[SECTIONS][1]] == ["名称", "部"]
    assert [[cell.value for cell in row] for row in book[SECTIONS].iter_rows(min_row=2)] == [
        ["財政課", "総務部"]
    ]
    headers = [cell.value for cell in book[USERS][1]]
    assert headers == ["職員番号", "氏名", "メールアドレス", "役割", "担当課"]
    assert "先頭の0も必要" in book[USERS]["A1"].comment.text
    assert book[USERS].column_dimensions["A"].width
    lists = {str(one.sqref): one.formula1 for one in book[USERS].data_validations.dataValidation}
    assert lists["D2:D1001"] == '"担当者,課長,企画担当,閲覧者,監査担当"'
    assert "担当課" in lists["E2:E1001"]
    said = " ".join(str(cell.value) for row in book.worksheets for cells in row for cell in cells)
    assert "根室" not in said


@pytest.mark.both_databases
def test_sections_and_users_are_previewed_and_then_stored(client, planning):
    preview = send(client, filled(client))
    text = text_of(preview)
    assert "担当課：新規2行" in text
    assert "利用者：新規2行" in text
    assert nothing_is_there()
    response = confirm(client, preview)
    assert response.url == "/start/passwords/"
    done = text_of(client.get(response.url))
    assert "取り込みました（担当課：新規2行、変更0行、変更なし0行、利用者：新規2行" in done
    assert list(Section.objects.values_list("name", "department", "position")) == [
        ("企画課", "総務部", 1), ("水産課", "経済部", 2),
    ]  # fmt: skip
    taro = User.objects.get(username="00124")
    assert set(taro.groups.values_list("name", flat=True)) == {"担当者", "課長"}
    assert set(taro.sections.values_list("name", flat=True)) == {"企画課", "水産課"}
    assert not taro.has_usable_password()
    assert Section.history.filter(history_user=planning, door="import").count() == 2
    event = Event.objects.get(kind="import")
    assert event.subject == "担当課と利用者"
    assert "担当課と利用者.xlsx" in event.detail


def test_a_second_time_changes_only_what_has_changed(client):
    confirm(client, send(client, filled(client)))
    assert "登録されている内容と同じです" in text_of(
        send(client, filled(client, sections=[], people=PEOPLE))
    )
    moved = [["00123", "見本 花子", "", "担当者", "企画課"]]
    preview = send(client, filled(client, sections=[], people=moved))
    assert "担当課：水産課 → 企画課" in text_of(preview)
    confirm(client, preview)
    assert User.objects.get(username="00123").sections.get().name == "企画課"


CLERK = ["00123", "見本 花子", "", "担当者", "水産課"]


def person(**changed: str) -> list[str]:
    """Return the row of a person, with other contents in some columns."""
    columns = {"number": 0, "name": 1, "mail": 2, "role": 3, "section": 4}
    row = list(CLERK)
    for name, content in changed.items():
        row[columns[name]] = content
    return row


FAULTS = {
    "section": ([], [CLERK], "シート「利用者」のE2", "「水産課」はありません"),
    "role": (DEPARTMENTS, [person(role="係長")], "シート「利用者」のD2", "「係長」はありません"),
    "name": (DEPARTMENTS, [person(name="")], "シート「利用者」のB2", "空欄"),
    "long name": (
        DEPARTMENTS,
        [person(name="花" * 100)],
        "シート「利用者」のB2",
        "100文字あります。60文字以内にしてください。",
    ),
    "number": (DEPARTMENTS, [person(number="")], "シート「利用者」のA2", "空欄"),
    "blank": (DEPARTMENTS, [person(number="0 1")], "シート「利用者」のA2", "空白を入れずに"),
    "mail": (DEPARTMENTS, [person(mail="x")], "シート「利用者」のC2", "有効なメールアドレス"),
    "zeros": (DEPARTMENTS, [person(number="1")], "シート「利用者」のA2", "先頭の0"),
    "twice": (DEPARTMENTS, [CLERK, CLERK], "シート「利用者」のA2", "同じもの"),
    "no name": ([["", "総務部"]], [], "シート「担当課」のA2", "空欄"),
    "width": ([["ICT課", ""], ["ＩＣＴ課", ""]], [], "シート「担当課」のA3", "同じもの"),
    "formula": ([["=A1", ""]], [], "シート「担当課」のA2", "数式"),
}


@pytest.mark.parametrize(("sections", "people", "place", "said"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_reported_with_sheet_and_cell_and_nothing_is_stored(
    client, sections, people, place, said, private_files
):
    told = [
        (where, fault.message)
        for where, _, fault in faults(send(client, filled(client, sections, people)))
    ]
    assert [message for where, message in told if where == place and said in message], told
    assert nothing_is_there()
    assert not list((private_files / "pending_imports").glob("*")), "A faulty workbook is not kept."


def test_faults_of_both_sheets_are_reported_together(client):
    book = filled(client, [["", "総務部"]], [["00123", "", "", "担当者", ""]])
    assert places(send(client, book)) == [
        ("シート「担当課」のA2", "名称"), ("シート「利用者」のB2", "氏名"),
    ]  # fmt: skip


@pytest.mark.both_databases
def test_a_fault_in_the_last_row_keeps_all_others_out(client):
    response = send(client, filled(client, people=[*PEOPLE, ["00125", "", "", "担当者", ""]]))
    assert places(response) == [("シート「利用者」のB4", "氏名")]
    assert nothing_is_there()


def test_columns_may_be_moved_and_a_sheet_left_out(client):
    book = filled(client)
    book[USERS].delete_cols(3)
    del book[HELP_SHEET]
    assert "利用者：新規2行" in text_of(send(client, book))
    del book[USERS]
    assert "担当課：新規2行" in text_of(send(client, book))


def test_a_renamed_sheet_is_a_fault_and_another_one_is_named(client):
    book = filled(client)
    book[USERS].title = "職員"
    [(_, _, fault)] = faults(send(client, book))
    assert "シート「利用者」がありません" in fault.message
    book = filled(client)
    book.create_sheet("メモ").append(["あれこれ"])
    assert "シート「メモ」は読みません" in text_of(send(client, book))


def test_missing_sheets_are_reported(client):
    book = template(client)
    del book[SECTIONS], book[USERS]
    [(_, _, fault)] = faults(send(client, book))
    assert "シート「担当課」も「利用者」もありません" in fault.message
    book.active.title = "Sheet1"
    [(_, _, fault)] = faults(send(client, book))
    assert "シート「担当課」「利用者」がありません。シート「Sheet1」がそれであれば" in fault.message
    book = template(client)
    del book[USERS]
    [(_, _, fault)] = faults(send(client, book))
    assert fault.message.startswith("シート「担当課」に行がありません。")


def test_wrong_headers_are_explained_by_the_template(client):
    book = filled(client)
    book[USERS]["A1"] = "番号"
    wrong, missing = [fault.message for _, _, fault in faults(send(client, book))]
    assert "「職員番号」「氏名」「メールアドレス」「役割」「担当課」のどれかに" in wrong
    assert "この画面で受け取った様式と同じ見出しにしてください。" in missing


def test_users_of_a_refused_section_are_not_refused_for_it(client):
    twice = [["企画課", ""], ["水産課", ""], ["水産課", ""]]
    response = send(client, filled(client, sections=twice))
    assert places(response) == [("シート「担当課」のA3", "名称"), ("シート「担当課」のA4", "名称")]
    assert [fault.cell for _, _, fault in faults(response)] == ["水産課", "水産課"]
    people = [person(section="水産課、農林課"), person(number="00124", section="農林課")]
    told = places(send(client, filled(client, sections=twice, people=people)))
    assert told[2:] == [("シート「利用者」のE2", "担当課"), ("シート「利用者」のE3", "担当課")]


def test_an_empty_template_and_another_file_are_refused(client):
    [(_, _, fault)] = faults(send(client, template(client)))
    assert "行がありません" in fault.message
    response = send(client, "職員番号,氏名\n1,花子\n".encode(), "利用者.csv")
    assert "Excelブック（.xlsx）ではありません" in text_of(response)
    assert "エラー：" in read_page(response).html
    assert nothing_is_there()


def test_users_without_any_rights_are_named_before_the_confirmation(client):
    people = [["00123", "見本 花子", "", "", "水産課"], ["00124", "見本 太郎", "", "課長", ""]]
    text = text_of(send(client, filled(client, people=people)))
    assert "利用者の2行目、見本 花子（00123）：役割がありません" in text
    assert "利用者の3行目、見本 太郎（00124）：担当課がありません" in text


def test_number_cells_that_may_have_lost_their_zeros_are_refused(client):
    people = [
        ["00123", "見本 花子", "", "担当者", "水産課"],
        [201, "見本 太郎", "", "課長", "水産課"],
    ]
    [(place, _, fault)] = faults(send(client, filled(client, people=people)))
    assert (place, fault.header, fault.cell) == ("シート「利用者」のA3", "職員番号", "201")
    assert "先頭の0が消えていませんか" in fault.message
    assert "0で始まる「00001」" in fault.message
    assert nothing_is_there()
    people[1][0] = "201"
    text = text_of(send(client, filled(client, people=people)))
    assert "利用者：新規2行" in text
    assert "数値のセル" not in text, "The same number as a text says that it is meant so."


def test_number_cells_are_named_before_the_confirmation(client):
    people = [
        [100201, "見本 花子", "", "担当者", "水産課"],
        ["12", "見本 太郎", "", "課長", "水産課"],
    ]
    text = text_of(send(client, filled(client, people=people)))
    assert "利用者の2行目、見本 花子（100201）：職員番号が数値のセルです。" in text
    assert "「100201」でよいか確かめてください" in text
    assert text.index("数値のセルです") < text.index("シート「担当課」の新しい行")
    assert "利用者の3行目" not in text


def test_what_changed_before_the_confirmation_is_shown_again(client):
    preview = send(client, filled(client))
    make_section("水産課", department="別の部")
    response = confirm(client, preview)
    text = text_of(response)
    assert "登録されている内容が変わりました" in text
    assert User.objects.count() == 1
    confirm(client, response)
    assert User.objects.count() == 3


def test_the_import_can_be_cancelled(client, private_files):
    preview = send(client, filled(client))
    assert list((private_files / "pending_imports").glob("*"))
    assert "取込みをやめました" in text_of(client.get(confirm(client, preview, "cancel").url))
    assert nothing_is_there()
    assert not list((private_files / "pending_imports").glob("*"))
