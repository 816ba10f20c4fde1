"""Three user journeys through the trial: the mayor's office, planning, an auditor."""

import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from accounts.models import User
from demo.people import stored_passwords
from tests.stored_again import stored_again

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

OVERVIEW = "/strategies/nemuro-2015/"
HEADING = "令和2年度 効果検証（令和元年度実績）"
CORRECTED = "独身者の出会いの場に参加した人数"
"""Planning corrected its value for 2018 from 38 to 41 people in January 2020."""

LOG_INS = "logins.txt"
_log_ins: list[bytes] = []
"""The file that was written with the trial."""


@pytest.fixture
def open_as(transactional_db, settings, tmp_path: Path, open_page):
    """Return a function that opens the first page of a person of the trial."""
    from accounts.roles import sync_groups

    def make_trial() -> None:
        sync_groups()
        call_command("demo", stdout=io.StringIO())
        _log_ins.append((tmp_path / LOG_INS).read_bytes())

    settings.DATA_DIR = tmp_path
    stored_again("the trial", make_trial)
    (tmp_path / LOG_INS).write_bytes(_log_ins[0])
    return lambda number: open_page(User.objects.get(username=number))


def main(page: Page):
    return page.get_by_role("main")


def log_in_of(number: str, folder: Path) -> str:
    """Return the password of a person of the trial."""
    return stored_passwords(folder / LOG_INS)[number]


def test_the_mayors_office_sees_what_lags_and_why_and_prints_it(open_as):
    page = open_as("900003")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "令和2年度 効果検証（令和元年度実績）"
    )
    expect(main(page)).to_contain_text("49指標（実48、再掲1）のうち、達成・順調は")
    expect(main(page)).to_contain_text("実績未把握")

    laggards = main(page).get_by_role("list").filter(has_text="理由").get_by_role("listitem")
    assert 1 <= laggards.count() <= 5
    worst = laggards.first
    expect(worst).to_contain_text("× 基準値より後退")
    expect(worst.get_by_text("備考：")).to_be_hidden()
    worst.get_by_text("理由", exact=True).click()
    reason = worst.get_by_text("備考：").locator("xpath=..").inner_text().removeprefix("備考：")
    name = worst.get_by_role("link").first.inner_text()
    worst.get_by_role("link").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    verdict = page.get_by_role("region", name=re.compile("の判定"))
    expect(verdict).to_contain_text("基準値より後退")
    expect(verdict).to_contain_text(reason)
    assert page.pdf(format="A4").startswith(b"%PDF")

    page.get_by_role("link", name="概要", exact=True).first.click()
    page.get_by_role("link", name="この年度をまとめて印刷する").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "令和2年度 効果検証（令和元年度実績）"
    )
    expect(main(page)).to_contain_text("付録2 指標の定義")
    assert page.pdf(format="A3", landscape=True).startswith(b"%PDF")


def test_planning_narrows_the_list_compares_two_years_and_searches(open_as):
    page = open_as("900001")
    page.get_by_role("navigation", name="主な画面").get_by_role("link", name="概要").click()
    expect(page.get_by_role("heading", name=re.compile("^良くなった指標"))).to_be_visible()

    page.get_by_role("navigation", name="主な画面").get_by_role("link", name="指標の一覧").click()
    page.get_by_text("条件を選ぶ").click()
    conditions = page.get_by_role("form", name="指標の条件")
    conditions.get_by_label("担当課", exact=True).select_option("水産課")
    conditions.get_by_role("button", name="条件に合う指標を表示する").click()
    assert "section=" in page.url
    rows = main(page).locator("table.listings tbody tr:not(.group)")
    found = rows.count()
    assert 1 <= found < 49
    expect(main(page)).to_contain_text(f"{found}件")
    page.reload()
    chosen = page.get_by_label("担当課", exact=True).locator("option:checked")
    expect(chosen).to_have_text("水産課")
    main(page).get_by_role("link", name="条件を解除する").last.click()
    expect(rows).to_have_count(49)

    page.get_by_role("navigation", name="主な画面").get_by_role("link", name="概要").click()
    better = main(page).get_by_role("link", name=re.compile("^改善は")).first
    number = int(re.search(r"改善は(\d+)件", better.inner_text())[1])
    better.click()
    assert "change=better" in page.url
    expect(rows).to_have_count(number)

    page.get_by_role("navigation", name="主な画面").get_by_role("link", name="概要").click()
    page.get_by_role("link", name="2つの年度を選んで比べる").click()
    years = page.get_by_role("form", name="比べる年度")
    years.get_by_label("前の年度").select_option("平成28年度（2016）")
    years.get_by_label("後の年度").select_option("平成30年度（2018）")
    years.get_by_role("button", name="この2つの年度を比べる").click()
    expect(main(page)).to_contain_text("平成28年度から平成30年度までに、悪化は")
    flow = main(page).locator(".flows td.better a").first
    number = int(re.search(r"(\d+)件、改善", flow.text_content())[1])
    flow.click()
    changed = page.locator(":target").get_by_role("row")
    expect(changed).to_have_count(1 + number)
    name = changed.nth(1).get_by_role("rowheader").get_by_role("link")
    shown = name.inner_text().lstrip("①②③④⑤⑥⑦⑧⑨⑩")
    changed.nth(1).get_by_role("cell").nth(2).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(shown)
    assert "year=2016" in page.url
    page.go_back()
    main(page).locator(".flows td.same a").first.click()
    expect(page.locator(":target").get_by_role("row").nth(1)).to_be_visible()

    search = page.get_by_role("banner").get_by_role("search")
    search.get_by_label("この計画を検索する").fill("ﾊﾟﾊﾟﾏﾏ")
    search.get_by_role("button", name="検索").click()
    main(page).get_by_role("link", name="パパママ学級への男性参加率").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("パパママ学級への男性参加率")


def test_an_auditor_follows_a_figure_down_to_its_value_and_back_in_time(open_as):
    page = open_as("900004")
    page.goto(f"{OVERVIEW}listings/?year=2018")
    page.get_by_role("table").get_by_role("link", name=CORRECTED, exact=True).click()
    verdict = page.get_by_role("region", name="平成30年度（2018）の判定")
    figure = verdict.locator(".decided").inner_text()

    used = page.get_by_role("row").filter(has_text="判定に使用")
    expect(used).to_contain_text(figure.split()[-1])
    expect(used).to_contain_text("166")
    page.get_by_role("link", name=re.compile("平成30年度.*41")).first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("平成30年度（2018）の値")
    correction = page.get_by_role("row").filter(has_text="漁業後継者の婚活の催し")
    expect(correction).to_contain_text("38")
    expect(correction).to_contain_text("41")
    expect(correction).to_contain_text("見本")

    page.goto(f"{OVERVIEW}?year=2018")
    page.get_by_text("過去の時点のデータで見る").click()
    page.get_by_label("いつの時点のデータで見ますか").fill("令和元年12月31日")
    page.get_by_role("button", name="この時点で表示する").click()
    expect(page.locator("body")).to_contain_text("令和元年12月31日（2019年12月31日）")
    page.get_by_role("navigation", name="主な画面").get_by_role("link", name="指標の一覧").click()
    page.get_by_role("table").get_by_role("link", name=CORRECTED, exact=True).click()
    row = page.get_by_role("row").filter(has_text="平成30年度（2018）")
    expect(row.first).to_contain_text("38人")
    expect(page.get_by_role("main")).not_to_contain_text("166人")


def test_the_keyboard_alone_leads_into_the_page_and_shows_where_it_is(open_as):
    page = open_as("900003")
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADING)
    page.reload()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="本文へ進む")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(main(page)).to_be_focused()
    page.keyboard.press("Tab")
    focus = page.evaluate(
        """() => { const e = document.activeElement, style = getComputedStyle(e);
             return [!!e.closest("main"), style.outlineStyle, parseFloat(style.outlineWidth)]; }"""
    )
    assert focus[0]
    assert focus[1] == "solid"
    assert focus[2] >= 3


def test_eight_keys_lead_from_the_log_in_to_the_reason_of_what_is_worst(
    open_as, new_page, settings
):
    password = log_in_of("900003", settings.DATA_DIR)
    page = new_page()
    page.goto("/login/")
    page.get_by_label("職員番号").fill("900003")
    page.get_by_label("パスワード").fill(password)
    pressed = 0

    def press(key: str) -> None:
        nonlocal pressed
        page.keyboard.press(key)
        pressed += 1

    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADING)
    press("Tab")
    press("Tab")
    expect(page.get_by_role("link", name="遅れている指標へ進む")).to_be_focused()
    press("Enter")
    press("Tab")
    worst = main(page).get_by_role("list").filter(has_text="理由").get_by_role("listitem").first
    expect(worst.get_by_role("link")).to_be_focused()
    expect(worst).to_contain_text("×")
    press("Tab")
    press("Enter")
    expect(worst.get_by_text("備考：")).to_be_in_viewport()
    assert pressed <= 8


def test_nothing_covers_what_has_the_focus(open_as):
    """Every focused element is visible: no sticky bar covers it (WCAG 2.4.11)."""
    page = open_as("900101")
    for path in (f"{OVERVIEW}?year=2018", "/entry/2019/", "/admin/indicators/indicator/"):
        page.goto(path)
        hidden = []
        for _ in range(40):
            page.keyboard.press("Tab")
            hidden += page.evaluate(
                """() => { const e = document.activeElement, box = e.getBoundingClientRect();
                     if (e === document.body || !box.width) return [];
                     const seen = document.elementFromPoint(
                       box.x + Math.min(box.width, innerWidth) / 2, box.y + box.height / 2);
                     const mine = seen && (e.contains(seen) || seen.contains(e));
                     return mine ? [] : [e.outerHTML.slice(0, 100)]; }"""
            )
        assert hidden == [], path
