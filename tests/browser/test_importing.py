"""Bulk import as planning sees it: three bad rows of two hundred, then the corrected file."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.roles import Role
from indicators.models import Actual
from tests.factories import make_fiscal_year, make_indicator, make_section, make_user
from tests.importing import xlsx_file

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

ROWS = 200
WRONG = {17: "約50", 80: -1, 199: "12..3"}
IMPORT = "/admin/indicators/actual/import/"


@pytest.fixture
def planning(transactional_db) -> User:
    from accounts.roles import sync_groups

    sync_groups()
    make_fiscal_year(2017)
    section = make_section("水産課")
    for number in range(ROWS):
        make_indicator(section, code=f"i{number}", name=f"漁業指標{number}")
    return make_user(Role.PLANNING, make_section("総合政策室"), full_name="企画 花子")


def values(path: Path, wrong: dict) -> Path:
    """Return an Excel file with a value for each indicator."""
    rows = [[f"i{n}", 2017, wrong.get(n, n * 10), None] for n in range(ROWS)]
    path.write_bytes(xlsx_file([["指標コード", "年度", "実績値", "版"], *rows], "実績値"))
    return path


def send(page: Page, path: Path) -> None:
    page.get_by_label("取り込むファイル").set_input_files(path)
    page.get_by_label("変更の理由").fill("平成29年度の実績の登録")
    page.get_by_role("button", name="取り込む前に内容を確かめる").click()


def test_three_bad_rows_of_two_hundred_are_named_and_the_corrected_file_is_applied(
    planning, open_page, tmp_path
):
    page = open_page(planning, "/admin/indicators/actual/")
    page.get_by_role("link", name="一括取込").click()
    send(page, values(tmp_path / "実績.xlsx", WRONG))

    expect(page.get_by_role("alert")).to_contain_text(
        "200行のうち3行に誤りがあるため、何も取り込んでいません。"
    )
    faults = page.get_by_role("table", name=re.compile("直すところ"))
    for number, typed in WRONG.items():
        row = faults.get_by_role("row", name=f"シート「実績値」のC{number + 2}")
        expect(row).to_contain_text(str(typed))
    expect(faults.get_by_role("row")).to_have_count(1 + len(WRONG))
    assert not Actual.objects.exists()

    send(page, values(tmp_path / "実績（修正）.xlsx", {}))
    expect(page.get_by_text("新しく登録する行 200、変更する行 0、変わらない行 0。")).to_be_visible()
    assert not Actual.objects.exists()
    page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.locator(".messagelist")).to_contain_text(
        "実績値を取り込みました（新規200行、変更0行、変更なし0行）。"
    )
    assert Actual.objects.count() == ROWS

    actual = Actual.objects.get(indicator__code="i7")
    assert (actual.value, actual.history.get().door) == (70, "import")
    page.goto(f"/admin/indicators/actual/{actual.pk}/history/")
    row = page.locator("#change-history").get_by_role("row").nth(1)
    expect(row).to_contain_text("企画 花子")
    expect(row).to_contain_text("一括取込")
    expect(row).to_contain_text("平成29年度の実績の登録")


def test_an_export_is_changed_and_comes_back(planning, open_page, tmp_path):
    page = open_page(planning, "/admin/indicators/indicator/")
    page.get_by_role("link", name="一括出力").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSVで受け取る").click()
    name = download.value.suggested_filename
    assert name.startswith("指標_")
    path = tmp_path / name
    download.value.save_as(path)
    path.write_bytes(path.read_bytes().replace("漁業指標7,".encode(), "漁獲量,".encode()))

    page.goto("/admin/indicators/indicator/import/")
    send(page, path)
    table = page.get_by_role("table", name=re.compile("変更する行"))
    expect(table.get_by_role("row").nth(1)).to_contain_text("漁業指標7")
    expect(table.get_by_role("row").nth(1)).to_contain_text("漁獲量")
    page.get_by_role("button", name="やめる").click()
    expect(page.locator(".messagelist")).to_contain_text("取込みをやめました。")
