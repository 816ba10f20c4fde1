"""Files as a browser saves them: under their Japanese names, with the bytes that were logged."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from accounts.roles import Role
from tests.factories import make_strategy, make_user
from trail.events import Event

pytestmark = [pytest.mark.one_database, pytest.mark.slow]


@pytest.mark.parametrize(
    ("button", "name"),
    [
        (r"Excelで受け取る\s*（評価シート）", "基本目標1_評価シート.xlsx"),
        (r"CSVで受け取る\s*（データ）", "基本目標1_データ.csv"),
        (r"JSONで受け取る\s*（データ）", "基本目標1_データ.json"),
    ],
)
def test_a_file_arrives_under_its_japanese_name(nemuro, open_page, button, name):
    page = open_page(make_user(Role.READER), "/reports/")
    page.get_by_label("対象年度").select_option("2017")
    page.get_by_label("基本目標").select_option("1")
    with page.expect_download() as started:
        page.get_by_role("button", name=re.compile(button)).click()
    download = started.value
    assert download.suggested_filename == f"根室市創生総合戦略_平成29年度実績_{name}"
    digest = sha256(Path(download.path()).read_bytes()).hexdigest()
    [event] = Event.objects.filter(kind=Event.Kind.EXPORT)
    assert event.subject == download.suggested_filename
    assert digest in event.detail


def size_of_pages(pdf: bytes) -> list[tuple[int, int]]:
    """Return width and height of each page of a PDF, in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


def test_the_papers_print_on_their_paper_with_a_new_page_for_each_goal(nemuro, open_page):
    page = open_page(make_user(Role.READER), "/strategies/nemuro-2015/papers/assembly/?year=2017")
    page.get_by_role("heading", level=1).wait_for()
    sizes = size_of_pages(page.pdf(prefer_css_page_size=True))
    assert sizes == [(595, 842)] * 5  # opinions and evaluations come before the three goals
    page.goto("/strategies/nemuro-2015/papers/council/?year=2017")
    sizes = size_of_pages(page.pdf(prefer_css_page_size=True))
    assert set(sizes) == {(1191, 842)}
    assert len(sizes) >= 3


def test_a_note_says_that_a_file_is_made_and_it_arrives_when_its_turn_comes(
    transactional_db, open_page
):
    make_strategy()
    page = open_page(make_user(Role.AUDITOR), "/changes/")
    note = page.locator(".making")
    busy = {"Refresh": "1", "Content-Type": "text/html"}
    page.route("**/changes/csv", lambda route: route.fulfill(headers=busy, body=""), times=1)
    with page.expect_download() as started:
        page.get_by_role("link", name="CSVで受け取る").click()
        note.get_by_text("順番を待っています").wait_for()
    assert re.fullmatch(r"変更履歴_[\d-]+\.csv", started.value.suggested_filename)
    note.get_by_text("ファイルを受け取りました").wait_for()
