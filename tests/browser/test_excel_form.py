"""The Excel form as a clerk uses it: downloaded, filled in, uploaded, previewed, confirmed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from entry.excel.columns import Header
from tests.entry.city import City, make_city
from tests.entry.excel_forms import Paper, form_for, saved_by_libreoffice
from tests.factories import make_actual, make_fiscal_year

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

IMPORT = "/entry/2017/import/"


@pytest.fixture
def city(transactional_db) -> City:
    from accounts.roles import sync_groups

    sync_groups()
    return make_city()


def downloaded(page: Page) -> Paper:
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel様式を受け取る", exact=True).click()
    assert download.value.suggested_filename == "実績入力様式_平成29年度_水産課.xlsx"
    return Paper(download.value.path().read_bytes())


def send(page: Page, content: bytes, path: Path) -> None:
    path.write_bytes(content)
    page.get_by_label("取り込むファイル").set_input_files(path)
    page.get_by_role("button", name="取り込む前に内容を確かめる").click()


def fill_in(paper: Paper) -> Paper:
    paper.fill("来館者数", VALUE="１，２３４", REMARKS="新館の開館")
    paper.fill("満足度", NUMERATOR=46, DENOMINATOR=50, PROVISIONAL="はい")
    return paper.fill("水揚げ額", AVAILABILITY="未公表", EXPECTED_MONTH="2018-09")


def look_and_confirm(page: Page, city: City) -> None:
    expect(page.get_by_text("新しく登録する値3、変更する値0")).to_be_visible()
    new = page.get_by_role("table", name=re.compile("新しく登録する値"))
    expect(new.get_by_role("row", name="来館者数")).to_contain_text("1,234人")
    expect(new.get_by_role("row", name="満足度")).to_contain_text("92.0％")
    expect(new.get_by_role("row", name="水揚げ額")).to_contain_text("未公表")
    assert city.stored(city.visitors) is None
    page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.get_by_text("Excel様式を取り込みました（新しく登録する値3")).to_be_visible()
    values = {i.name: city.stored(i) for i in (city.visitors, city.share, city.sales)}
    assert values["来館者数"].value == 1234
    assert (values["満足度"].numerator, values["満足度"].provisional) == (46, True)
    assert values["水揚げ額"].expected_month == "2018-09"
    assert {value.history.get().door for value in values.values()} == {"form"}


def test_a_form_is_downloaded_filled_in_uploaded_previewed_and_confirmed(city, open_page, tmp_path):
    page = open_page(city.clerk, IMPORT)
    send(page, fill_in(downloaded(page)).saved(), tmp_path / "様式.xlsx")
    look_and_confirm(page, city)


def test_the_same_with_a_form_that_libreoffice_saved(city, open_page, tmp_path):
    page = open_page(city.clerk, IMPORT)
    content = saved_by_libreoffice(fill_in(downloaded(page)).saved())
    send(page, content, tmp_path / "様式（LibreOffice）.xlsx")
    look_and_confirm(page, city)


def test_faulty_cells_come_back_marked_and_the_corrected_file_is_taken(city, open_page, tmp_path):
    page = open_page(city.clerk, IMPORT)
    paper = downloaded(page).fill("来館者数", VALUE="約50").fill("水揚げ額", VALUE="3")
    send(page, paper.saved(), tmp_path / "様式.xlsx")
    expect(page.get_by_role("alert")).to_contain_text("何も保存していません。")
    expect(page.get_by_role("row", name="シート「実績入力」のJ5")).to_contain_text(
        "「50」と入力し、「約」は備考に書いてください。"
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="直すところに印を付けたファイルを受け取る").click()
    assert download.value.suggested_filename == "様式（直すところに印）.xlsx"
    marked = Paper(download.value.path().read_bytes())
    assert "備考に書いて" in marked.cell("来館者数", Header.VALUE).comment.text
    send(page, marked.fill("来館者数", VALUE=50).saved(), tmp_path / "直した様式.xlsx")
    page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.get_by_text("Excel様式を取り込みました")).to_be_visible()
    assert (city.stored(city.visitors).value, city.stored(city.sales).value) == (50, 3000)


def test_a_stale_row_names_who_saved_first_and_asks_what_to_keep(city, open_page, tmp_path):
    city.store(city.visitors, 45)
    page = open_page(city.clerk, IMPORT)
    paper = downloaded(page).fill("来館者数", VALUE=46)
    make_actual(city.visitors, 2017, 47, by=city.head, version=1)
    send(page, paper.saved(), tmp_path / "様式.xlsx")
    expect(page.get_by_text("水産課の水産 課長が「47人」に変更しました。")).to_be_visible()
    expect(page.get_by_role("button", name="この内容で取り込む")).to_have_count(0)
    page.get_by_label("様式の「46人」にする").check()
    page.get_by_role("button", name="選んだ内容で確かめる").click()
    page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.get_by_text("Excel様式を取り込みました")).to_be_visible()
    assert city.stored(city.visitors).value == 46


def test_the_form_of_another_year_is_refused(city, open_page, tmp_path):
    make_fiscal_year(2018)
    page = open_page(city.clerk, IMPORT)
    send(page, form_for(city.clerk, 2018), tmp_path / "様式.xlsx")
    expect(page.get_by_role("table", name=re.compile("直すところ"))).to_contain_text(
        "この様式は、平成30年度（2018）のものです。平成29年度（2017）には取り込めません。"
    )
