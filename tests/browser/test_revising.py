"""Planning raises a target by a revision and prints old beside new; a reader sees the step."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from goals.models import NumericTarget
from tests.browser.test_paper import run
from tests.factories import make_actual, make_fiscal_year, make_user

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

PLAN = "/strategies/nemuro-2015/"


def test_planning_revises_a_target_and_a_reader_sees_the_step(nemuro, open_page, tmp_path: Path):
    births = NumericTarget.objects.get(name="合計特殊出生率")
    for year, value in ((2015, "1.40"), (2016, "1.44"), (2017, "1.47")):
        make_actual(births.indicator, year, value)
    make_fiscal_year(2018)

    page = open_page(make_user(Role.PLANNING), f"{PLAN}list/")
    page.get_by_role("link", name="計画の改訂").click()
    page.get_by_role("link", name="改訂を登録する").click()
    page.get_by_label("決定した日").fill("平成29年3月24日")
    page.get_by_label("決定したところ").select_option(label="推進本部")
    page.get_by_label("適用する最初の年度").fill("平成29年度")
    page.get_by_label("改訂の理由").fill("実績が目標を上回って推移しているため。")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("改訂を登録しました。")).to_be_visible()

    page.goto(page.url.split("/admin/")[0] + f"/admin/goals/numerictarget/{births.pk}/change/")
    page.get_by_label("目標の文言").fill("１．６０とする")
    page.locator("#id_target").fill("1.60")
    page.locator("#id_as_revision").select_option(label="第1回改訂（平成29年度から）")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("平成28年度までの内容と判定は、改訂前のままです。")).to_be_visible()

    page.goto(page.url.split("/admin/")[0] + f"{PLAN}revisions/1/")
    table = page.get_by_role("table")
    expect(table).to_contain_text("１．６０とする")
    expect(table.locator("ins").first).to_be_visible()
    heads = [head.bounding_box() for head in table.locator("thead th").all()]
    assert abs(heads[1]["width"] - heads[2]["width"]) < 2
    printed = tmp_path / "page.pdf"
    page.pdf(path=printed, format="A4")
    text = run("pdftotext", "-layout", printed, "-")
    assert "新旧対照表" in text
    assert "実績が目標を上回って推移しているため。" in text.replace("\n", "")

    reader = open_page(make_user(Role.READER), f"{PLAN}targets/1-1/?year=2017")
    legend = reader.locator("figure").first
    expect(legend).to_contain_text("計画の改訂で、目標や目安値が変わった年度")
    expect(legend).to_contain_text("改訂前の目標値")
    reader.get_by_role("link", name="第1回改訂（平成29年度から）").click()
    expect(reader.get_by_role("heading", level=1)).to_contain_text("新旧対照表")
