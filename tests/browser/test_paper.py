"""Pages on paper, A4 and A3 landscape: heading, printing date, page numbers, nothing cut."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Section, User
from accounts.roles import Role
from japanese.calendar_days import day_label
from tests.factories import load_city, make_user, make_values

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

PLAN = "/strategies/nemuro-2015/"
HEADING = "平成30年度 効果検証（平成29年度実績）"

# Names, as page.pdf takes them, with the size in points.
A4 = {"format": "A4"}, (595, 842)
A3_LANDSCAPE = {"format": "A3", "landscape": True}, (1191, 842)
PAPERS = (A4, A3_LANDSCAPE)

MARGINS = 24
"""Both margins at the sides of a page, in mm."""

CUT = """() => [...document.querySelectorAll("main *")]
  .filter(e => e.getClientRects().length && e.scrollWidth > e.clientWidth + 1
               && getComputedStyle(e).overflowX !== "visible" && !e.closest(".hidden")
               || e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + "." + e.className + ": " + e.textContent.slice(0, 40))"""


@pytest.fixture(scope="module")
def auditor(django_db_setup, django_db_blocker) -> Iterator[User]:
    """A reader of the real plan with values; shared by this module's tests and no others."""
    with django_db_blocker.unblock(), transaction.atomic():
        strategy = load_city()
        strategy.invented = True
        strategy.save()
        make_values(strategy)
        yield make_user(Role.AUDITOR)
        transaction.set_rollback(True)


@pytest.fixture
def page(auditor, reading_as) -> Page:
    return reading_as(auditor)


def printed(page: Page, paper: tuple, folder: Path) -> list[str]:
    """Return the texts of the pages that come out of the printer, all of the right size."""
    options, (width, height) = paper
    path = folder / "page.pdf"
    page.pdf(path=path, **options)
    about = run("pdfinfo", path)
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", about)
    assert (round(float(size[1])), round(float(size[2]))) == pytest.approx((width, height), abs=2)
    count = int(re.search(r"Pages:\s+(\d+)", about)[1])
    texts = run("pdftotext", "-layout", path, "-").split("\f")[:-1]
    assert len(texts) == count
    return texts


def run(*command: object) -> str:
    done = subprocess.run(map(str, command), capture_output=True, text=True, check=True)
    return done.stdout


def plain(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("path", "at_most"),
    [
        ("?year=2017", [(A4, 3), (A3_LANDSCAPE, 2)]),
        ("?year=2017&map=years", [(A4, 1), (A3_LANDSCAPE, 1)]),
        ("listings/?year=2017", [(A4, 7), (A3_LANDSCAPE, 7)]),
        ("listings/?year=2017&sort=judgement", [(A4, 7)]),
        ("compare/?from=2015&to=2017", [(A4, 5)]),
        ("goals/1/?year=2017", [(A4, 4)]),
        ("measures/1-ア-1/?year=2017", [(A4, 4)]),
        ("targets/1-1/?year=2017", [(A4, 4)]),
        ("kpis/1-ア-1-1/?year=2017", [(A4, 4), (A3_LANDSCAPE, 4)]),
        ("kpis/1-ア-1-1/values/2017/?year=2017", [(A4, 2)]),
        ("projects/?year=2017", [(A4, 9)]),
        ("list/?year=2017", [(A4, 9), (A3_LANDSCAPE, 9)]),
        ("charts/?year=2017", [(A4, 11)]),
    ],
)
def test_every_printed_page_says_what_it_is_of_and_when_it_was_printed(
    page, tmp_path, path, at_most
):
    page.goto(PLAN + path)
    title, today = page.locator("h1").inner_text(), day_label(timezone.localdate())
    for paper, most in at_most:
        texts = printed(page, paper, tmp_path)
        assert 1 <= len(texts) <= most, paper
        for number, text in enumerate(texts, 1):
            text = plain(text)
            assert text.startswith(plain(f"根室市 根室市創生総合戦略 {HEADING}"))
            assert "試用環境。実績値は架空のもの" in text
            assert plain(f"印刷日{today}") in text
            assert f"{number}/{len(texts)}ページ" in text
        whole = plain("".join(texts))
        assert plain(title) in whole
        for word in ("ログアウト", "パスワードの変更", "本文へ進む", "後の年度平成"):
            assert word not in whole
        assert "http" not in whole


@pytest.mark.parametrize(
    "path",
    [
        "?year=2017",
        "listings/?year=2017&sort=change",
        "kpis/1-ア-1-1/?year=2017",
        "print/?year=2017",
    ],
)
def test_nothing_is_cut_at_the_side_of_the_paper(page, path):
    page.emulate_media(media="print")
    page.goto(PLAN + path)
    for _, (points, _) in PAPERS:
        millimetres = points / 72 * 25.4 - MARGINS
        page.set_viewport_size({"width": round(millimetres / 25.4 * 96), "height": 900})
        assert page.evaluate(CUT) == [], points


def test_what_is_cut_is_found(page):
    page.goto(PLAN)
    page.evaluate("document.querySelector('main h1').style.minWidth = '3000px'")
    assert [found for found in page.evaluate(CUT) if found.startswith("H1")]


def test_the_map_is_whole_on_the_first_page_and_its_marks_tell_the_bands_apart(page, tmp_path):
    page.goto(PLAN + "?year=2017")
    for paper in PAPERS:
        first = plain(printed(page, paper, tmp_path)[0])
        for count, mark in zip(page.locator(".band-counts b").all(), "◎○△×", strict=False):
            assert first.count(mark) >= int(count.inner_text()), paper
        for goal in page.locator(".map-goal h3").all_inner_texts():
            assert plain(goal) in first, paper
    page.emulate_media(media="print")
    looks = {
        band: page.locator(f".map-parts ul a.{band}").first.evaluate(
            "e => { const s = getComputedStyle(e);"
            " return [s.borderTopStyle, s.borderLeftWidth, s.backgroundColor].join(); }"
        )
        for band in ("good", "caution", "bad", "open")
    }
    assert len(set(looks.values())) == len(looks), looks


A4_LANDSCAPE = {"format": "A4", "landscape": True}, (842, 595)


def test_a_head_prints_the_page_of_the_section_on_one_page(auditor, reading_as, tmp_path):
    section = Section.objects.get(name="こども子育て課")
    page = reading_as(make_user(Role.HEAD, section))
    page.goto(PLAN + "?year=2017")
    page.get_by_role("link", name="こども子育て課のページ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("こども子育て課")
    names = page.locator(".section-years th[scope=row] a").all_inner_texts()
    judgements = page.locator(".section-years .status").all_inner_texts()
    assert len(names) == len(judgements) >= 8
    [text] = printed(page, A4_LANDSCAPE, tmp_path)
    whole = plain(text)
    for said in [*names, "達成・順調は", "遅れている指標", "施策と事業", "児童相談室設置事業"]:
        assert plain(said) in whole, said
    for mark in "◎○△×":
        assert whole.count(mark) >= sum(one.startswith(mark) for one in judgements)
    # Chosen by the page itself, without a word of the person who prints it.
    page.pdf(path=tmp_path / "own.pdf", prefer_css_page_size=True)
    assert re.search(r"Page size:\s+84\d\S* x 59\d", run("pdfinfo", tmp_path / "own.pdf"))


def test_a_long_page_of_a_section_repeats_the_title_row(page, tmp_path):
    section = Section.objects.get(name="総合政策室")
    page.goto(f"{PLAN}sections/{section.pk}/?year=2017")
    page.evaluate(
        "const rows = document.querySelector('.section-years tbody');"
        "rows.innerHTML += rows.innerHTML + rows.innerHTML;"
    )
    texts = [plain(text) for text in printed(page, A4_LANDSCAPE, tmp_path)]
    assert sum("実績値目標値判定の根拠判定" in text for text in texts) >= 2


def test_the_whole_year_is_one_document(page, tmp_path):
    page.goto(PLAN + "?year=2017")
    page.get_by_role("link", name="この年度をまとめて印刷する").click()
    page.wait_for_url(f"**{PLAN}print/**")
    assert page.locator("h1").inner_text() == HEADING
    headings = page.locator(".printed-listing h4").all_inner_texts()
    for paper in PAPERS:
        texts = [plain(text) for text in printed(page, paper, tmp_path)]
        assert 15 <= len(texts) <= 50
        assert "49件（実48、再掲1）" in texts[0]
        assert "延べ96事業（実88、再掲8）" in texts[0]
        assert all(f"{number}/{len(texts)}ページ" in text for number, text in enumerate(texts, 1))
        # Each page begins with what it is of; a heading may have been broken into two lines.
        whole = "".join(texts)
        for heading in headings:
            assert plain(heading) in whole, heading
        # No listing is split: the first and the last of its years are on one page.
        for text in texts:
            first, last = (
                text.count(f"（{year}）") - text.count(f"（{year}）の備考") for year in (2015, 2019)
            )
            listings = text.count("年度ごとの値（")
            assert first == last == listings or not listings
