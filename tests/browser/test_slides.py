"""説明用の画面 on projectors and on paper: nothing overflows, and the keys move on."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_strategy,
    make_user,
    make_values,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

SLIDES = "/strategies/nemuro-2015/slides/"
PROJECTORS = ((1024, 768), (1366, 768), (1920, 1080))
INVENTED = "実績値は架空のものです。"

FAULTS = """() => [...document.querySelectorAll(".slide")].flatMap((slide, i) => {
  const {right, height} = slide.getBoundingClientRect();
  const small = [...slide.querySelectorAll("*")].filter(e =>
    e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
    && parseFloat(getComputedStyle(e).fontSize) < 24);
  const wide = [...slide.querySelectorAll("*")].filter(e =>
    e.getClientRects().length && e.getBoundingClientRect().right > right + 1);
  return [
    height > innerHeight + 1 && `${i + 1}: ${height} px high`,
    slide.scrollHeight > slide.clientHeight + 1 && `${i + 1}: runs over at the bottom`,
    slide.scrollWidth > slide.clientWidth && `${i + 1}: runs over at the side`,
    ...wide.map(e => `${i + 1}: ${e.className} is too wide`),
    ...small.map(e => `${i + 1}: ${e.textContent} is too small`),
  ].filter(Boolean);
})"""


def faults(page: Page, path: str) -> list[str]:
    """Return what is wrong with the slides of an address on each projector."""
    found = []
    page.goto(f"{path}&page=all")
    assert page.locator(".slide").count() > 1
    for width, height in PROJECTORS:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{width} × {height}, slide {fault}" for fault in page.evaluate(FAULTS)]
    return found


@pytest.mark.parametrize("years", [(), (2015,), (2015, 2017, 2019)], ids=["none", "one", "all"])
def test_no_slide_of_the_city_runs_over(reading_as, years):
    strategy = load_city()
    strategy.invented = True
    strategy.save()
    if years:
        make_values(strategy)
    page = reading_as(make_user(Role.READER))
    for year in years or (2015,):
        assert faults(page, f"{SLIDES}?year={year}") == []


def test_slides_with_long_names_and_many_targets_do_not_run_over_either(reading_as):
    strategy = make_strategy(code="long", title="まち" * 60, city="市" * 40, invented=True)
    for title in ("ひとが集い、仕事が生まれる" * 15, "短い"):
        goal = make_goal(strategy, title=title)
        for number in range(12):
            target = make_numeric_target(goal, name=f"{number}年に訪れる人" * 12)
            make_actual(target.indicator, 2015, number % 4, remarks="理由がある" * 90)
            kpi = make_kpi(make_measure(goal), kind="every_year", target=100)
            make_actual(kpi.indicator, 2015, 1)
            make_actual(kpi.indicator, 2016, number * 20)
    page = reading_as(make_user(Role.READER))
    assert faults(page, "/strategies/long/slides/?year=2016") == []


def test_what_runs_over_is_found(reading_as):
    load_city()
    page = reading_as(make_user(Role.READER))
    page.goto(f"{SLIDES}?year=2015&page=all")
    page.evaluate("""() => {
      document.querySelectorAll(".slide p")[1].style.height = "900px";
      document.querySelector("h1").style.fontSize = "12px";
    }""")
    found = " ".join(page.evaluate(FAULTS))
    assert "px high" in found
    assert "is too small" in found


def test_keys_of_a_presenter_lead_from_slide_to_slide(reading_as):
    make_values(load_city())
    page = reading_as(make_user(Role.READER))
    page.goto(f"{SLIDES}?year=2017")
    last = int(re.search(r"1／(\d+)", page.locator("nav").inner_text())[1])

    def press(key: str, number: int) -> None:
        page.keyboard.press(key)
        expect(page.locator("nav")).to_contain_text(f"{number}／{last}")
        page.wait_for_load_state()

    for key, number in (
        ("ArrowRight", 2), ("PageDown", 3), ("ArrowLeft", 2), ("PageUp", 1), ("ArrowLeft", 1),
        ("End", last), ("ArrowRight", last), ("Home", 1), ("Control+ArrowRight", 1),
    ):  # fmt: skip
        press(key, number)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.get_by_role("link", name="次へ").click()
    expect(page.locator("nav")).to_contain_text(f"2／{last}")
    assert "year=2017" in page.url
    page.wait_for_load_state()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/strategies/nemuro-2015/\?year=2017$"))


def test_a_slide_higher_than_the_window_is_read_to_its_end_first(reading_as):
    make_values(load_city())
    page = reading_as(make_user(Role.READER))
    page.set_viewport_size({"width": 390, "height": 400})
    page.goto(f"{SLIDES}?year=2017&page=2")
    page.keyboard.press("PageDown")
    page.wait_for_function("scrollY > 0")
    assert "page=2" in page.url
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.keyboard.press("PageDown")
    page.wait_for_url("**page=3")


def test_each_slide_is_one_sheet_of_paper(reading_as, tmp_path: Path):
    strategy = load_city()
    strategy.invented = True
    strategy.save()
    make_values(strategy)
    page = reading_as(make_user(Role.READER))
    page.goto(f"{SLIDES}?year=2017&page=all")
    titles = page.locator(".slide-title").all_inner_texts()
    path = tmp_path / "slides.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    size = run("pdfinfo", path)
    assert re.search(r"Page size:\s+841\.\d+ x 59[45]\.", size)
    sheets = run("pdftotext", path, "-").split("\f")[:-1]
    assert len(sheets) == len(titles)
    for number, (sheet, title) in enumerate(zip(sheets, titles, strict=True), 1):
        text = re.sub(r"\s", "", sheet)
        assert re.sub(r"\s", "", title) in text
        assert INVENTED in text
        assert f"{number}／{len(titles)}" in text
        assert "印刷する" not in text
    page.goto(f"{SLIDES}?year=2017&page=2")
    page.pdf(path=path, prefer_css_page_size=True)
    [sheet, _] = run("pdftotext", path, "-").split("\f")
    assert f"2／{len(titles)}" in sheet
    assert "次へ" not in sheet


def run(*command: object) -> str:
    done = subprocess.run(map(str, command), capture_output=True, text=True, check=True)
    return done.stdout
