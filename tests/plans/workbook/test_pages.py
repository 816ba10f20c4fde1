"""The page that imports 計画様式.xlsx, the files that it sends, and the two commands."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from goals.models import Strategy
from indicators.models import Indicator
from kpis.models import KPI
from measures.models import Measure
from tests.factories import FIXTURES, load_city, make_user
from tests.html import form_data
from tests.plans.workbook.books import changed, empty_form, put_items, slim, without_codes
from tests.plans.workbook.green_city import CODE, green_city
from trail.events import Event
from trail.history import Door

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIST = FIXTURES / "nemuro_2015_list.txt"


@pytest.fixture(scope="module")
def content() -> bytes:
    return slim(green_city())


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_user(Role.PLANNING))
    return client


def send(client: Client, content: bytes):
    file = SimpleUploadedFile("計画様式.xlsx", content, XLSX)
    return client.post(reverse("plan_workbook"), {"file": file})


def confirm(client: Client, page, button: str = "confirm", **more: str):
    names = ("confirm", "cancel", "share-others")
    sent = {name: text for name, text in form_data(page.text).items() if name not in names}
    pressed = {button: ""} if button else {}
    return client.post(reverse("plan_workbook_apply"), {**sent, **pressed, **more})


def test_a_workbook_is_shown_first_and_taken_in_when_it_is_confirmed(client, content):
    page = send(client, content)
    assert "まだ何も保存していません" in page.text
    assert "就農者数" in page.text
    assert "読み方未確認" in page.text
    assert not Strategy.objects.exists()
    done = confirm(client, page)
    assert done.url == reverse("overview", args=[CODE])
    assert "計画を取り込みました" in client.get(done.url).text
    history = KPI.history.filter(name="就農者数").get()
    assert (history.door, history.history_change_reason) == (Door.IMPORT, "計画様式の取込み")
    assert Event.objects.filter(kind=Event.Kind.IMPORT, subject="計画様式").count() == 1


def test_nothing_is_imported_twice_or_after_the_user_cancelled(client, content):
    page = send(client, content)
    assert confirm(client, page, "cancel").url == reverse("plan_workbook")
    assert not Strategy.objects.exists()
    page = send(client, content)
    confirm(client, page)
    again = confirm(client, page)
    assert again.url == reverse("plan_workbook")
    assert "すでに取り込みました" in client.get(again.url).text


def test_a_faulty_workbook_comes_back_with_its_cells_marked(client, content):
    damaged = changed(content, lambda book: put_items(book, {"最初の年度": "来年"}))
    page = send(client, damaged)
    assert "取り込めません" in page.text
    assert "シート「計画」のB8" in page.text
    sent = form_data(page.text)
    file = client.post(reverse("plan_workbook_marked"), sent)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(file)))
    assert "来年" in book["計画"]["B8"].comment.text


def test_what_is_registered_may_be_shared_or_not(client, content):
    load_city("shiraho_2020")
    known = Indicator.objects.get(name="移住者数")

    def same_indicator(book) -> None:
        book["数値目標"]["D7"].value = "移住者数"
        book["数値目標"]["E7"].value = "７年で延べ150人"

    page = send(client, changed(content, same_indicator))
    assert "登録されている「移住者数」を共有する" in page.text
    undecided = confirm(client, page, "")
    assert "選ばれていないところがあります" in undecided.text
    decided = confirm(client, undecided, "", **{"share-t2-1": known.code})
    assert "この内容で取り込む" in decided.text
    confirm(client, decided)
    assert known.numerictargets.count() == 2


def test_the_forms_are_given_out(client, content):
    empty = openpyxl.load_workbook(io.BytesIO(client.get(reverse("plan_form")).content))
    assert empty.sheetnames[0] == "計画"
    load_city()
    filled = client.get(reverse("plan_form"), {"plan": "nemuro-2015"})
    book = openpyxl.load_workbook(io.BytesIO(filled.content))
    assert book["計画"]["B5"].value == "根室市創生総合戦略"
    assert client.get(reverse("plan_form"), {"plan": "none"}).status_code == 404


def test_the_text_of_a_list_comes_back_as_a_form(client):
    answer = client.post(reverse("plan_form_from_text"), {"text": LIST.read_text(encoding="utf-8")})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book["具体的事業"].max_row > 90
    assert "確かめるところ" in book.sheetnames
    old = SimpleUploadedFile("一覧.txt", LIST.read_text(encoding="utf-8").encode("cp932"))
    assert client.post(reverse("plan_form_from_text"), {"list": old}).status_code == 200
    empty = client.post(reverse("plan_form_from_text"), {"text": " "})
    assert "一覧の文字が空です" in client.get(empty.url).text


class TestCommands:
    def test_a_list_becomes_a_plan_with_what_the_fixture_assumes_left_open(self, tmp_path, capsys):
        file = tmp_path / "計画様式.xlsx"
        call_command("plan_workbook", "--from-text", str(LIST), "-o", str(file))
        items = {
            "市町村名": "根室市", "団体コード": "012238", "最初の年度": "H27", "最後の年度": "R1",
            "計画のコード": "nemuro-2015",
        }  # fmt: skip
        file.write_bytes(changed(file.read_bytes(), lambda book: put_items(book, items)))
        call_command("new_strategy", str(file))
        said = capsys.readouterr().out
        assert "担当課が空欄の指標が49件あります" in said
        assert Measure.objects.count() == 16

    def test_a_registered_plan_is_written_and_changes_nothing_when_it_comes_back(
        self, tmp_path, capsys
    ):
        load_city()
        Strategy.objects.update(state="draft")
        file = tmp_path / "out.xlsx"
        call_command("plan_workbook", "nemuro-2015", "-o", str(file))
        call_command("new_strategy", str(file), "--check")
        assert "登録しました" not in capsys.readouterr().out
        call_command("new_strategy", str(file))
        assert "変わるものはありません" in capsys.readouterr().out

    def test_errors_are_reported_by_cell_and_nothing_is_registered(self, tmp_path, content):
        file = tmp_path / "bad.xlsx"
        file.write_bytes(changed(content, lambda book: put_items(book, {"団体コード": "990002"})))
        with pytest.raises(CommandError, match="シート「計画」のB7：団体コード"):
            call_command("new_strategy", str(file))
        (tmp_path / "empty.xlsx").write_bytes(empty_form())
        with pytest.raises(CommandError, match="何も書かれていません"):
            call_command("new_strategy", str(tmp_path / "empty.xlsx"))
        with pytest.raises(CommandError, match="開けません"):
            call_command("new_strategy", str(tmp_path / "none.xlsx"))
        with pytest.raises(CommandError, match="登録されていません"):
            call_command("plan_workbook", "none", "-o", str(tmp_path / "x.xlsx"))
        assert not Strategy.objects.exists()

    def test_values_need_somebody_of_planning(self, tmp_path, content):
        file = tmp_path / "plan.xlsx"
        file.write_bytes(content)
        with pytest.raises(CommandError, match="企画担当"):
            call_command("new_strategy", str(file))
        planning = make_user(Role.PLANNING)
        call_command("new_strategy", str(file), "--by", planning.username)
        assert Strategy.objects.get().code == CODE

    def test_a_command_asks_what_the_page_asks(self, tmp_path):
        load_city("shiraho_2020")
        file = tmp_path / "plan.xlsx"
        call_command("plan_workbook", "shiraho-2020", "-o", str(file))

        def another(book) -> None:
            put_items(book, {"計画のコード": "shiraho-2027", "名称": "第2期"})
            without_codes(book)

        file.write_bytes(changed(file.read_bytes(), another))
        before = Indicator.objects.count()
        with pytest.raises(CommandError, match="--share"):
            call_command("new_strategy", str(file))
        call_command("new_strategy", str(file), "--share")
        assert Indicator.objects.count() == before


def test_the_fixture_is_what_the_text_says():
    """The list is the source of the fixture; a path that is gone would make other tests empty."""
    plan = json.loads(Path(FIXTURES / "nemuro_2015.json").read_text(encoding="utf-8"))
    assert plan["goals"][0]["title"] in LIST.read_text(encoding="utf-8").replace("\n", "")
