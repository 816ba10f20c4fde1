"""Planning has the text of a plan's list read, fills in what it does not say, and takes it in."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import Section
from accounts.roles import Role
from tests.factories import FIXTURES, make_user
from tests.plans.workbook.books import as_json, changed, put_items

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

SAID = {
    "市町村名": "根室市",
    "団体コード": "012238",
    "最初の年度": "平成27年度",
    "最後の年度": "令和元年度",
    "計画のコード": "nemuro-2015",
}

ASSUMED = {
    "code", "minimum", "maximum", "moment", "ratio", "running_total", "carry_years", "section",
    "entered_by", "method", "source", "display_unit", "note", "confirmed", "doubts",
}  # fmt: skip
"""What the fixture assumes and the list does not say."""


def said(data):
    """Return of a plan's JSON what the list itself says."""
    if isinstance(data, dict):
        return {key: said(value) for key, value in data.items() if key not in ASSUMED}
    return [said(one) for one in data] if isinstance(data, list) else data


def test_the_citys_list_becomes_its_plan(open_page, transactional_db, tmp_path: Path):
    planning = make_user(Role.PLANNING, Section.objects.create(name="企画課"))
    page = open_page(planning, "/plan-workbook/")
    page.get_by_role("textbox", name="一覧の文字").fill(
        (FIXTURES / "nemuro_2015_list.txt").read_text("utf-8")
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="書き込んだ様式を受け取る").click()
    content = changed(download.value.path().read_bytes(), lambda book: put_items(book, SAID))
    file = tmp_path / "計画様式.xlsx"
    file.write_bytes(content)

    page.goto("/plan-workbook/")
    page.get_by_label("取り込むファイル").set_input_files(file)
    page.get_by_role("button", name="取り込む前に内容を確かめる").click()
    expect(page.get_by_role("heading", name="取り込んだ後の計画")).to_be_visible()
    expect(page.get_by_text("具体的施策16、KPI39、具体的事業96")).to_be_visible()
    page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.get_by_text("計画を取り込みました")).to_be_visible()

    plan = json.loads((FIXTURES / "nemuro_2015.json").read_text("utf-8"))
    expected, found = said(plan), said(as_json("nemuro-2015"))
    for other in (expected, found):  # two readings that the fixture decided otherwise
        [one] = [
            kpi
            for goal in other["goals"]
            for group in goal["measure_groups"]
            for measure in group["measures"]
            for kpi in measure["kpis"]
            if kpi["name"] == "産学官金連携事業による研究成果の件数"
        ]
        del one["kind"], one["baseline"]
        women = [
            target
            for goal in other["goals"]
            for target in goal["numeric_targets"]
            if target["sentence"].startswith("５年で３２人減少を抑制し")
        ]
        assert len(women) == 2
        for target in women:
            del target["indicator"]
    assert found == expected
