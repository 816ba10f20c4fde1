"""A block of 事業の実績 is pasted from Excel into the grid, kept, corrected and saved."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import sync_groups
from reviews.models import ProjectYear
from tests.reviews.projects_office import Office

pytestmark = [pytest.mark.one_database, pytest.mark.slow]


@pytest.fixture
def office(transactional_db) -> Office:
    sync_groups()
    return Office()


def paste(page: Page, text: str) -> None:
    """Put a text on the clipboard, as Excel would, and press Ctrl+V."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def test_a_block_from_excel_is_pasted_and_saved(office, open_page):
    office.other.implementer = "漁業協同組合"
    office.other.save()
    page = open_page(office.clerk, office.grid)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_url(lambda url: urlsplit(url).path == urlsplit(office.grid).path)

    def field(project, name):
        return page.locator(f"#r{project.pk}-{name}")

    field(office.one, "done").focus()
    # Two rows, a quoted cell with line breaks and quotes, thousands with commas, an empty cell.
    lines = [
        '"放流した。\n「""春""」に二回"\t10回\t\t\t"1,500"\t"1,234"',
        "講習した。\t2回\t\t\t9\t9",
        "",
    ]
    paste(page, "\r\n".join(lines))
    state = page.locator("#grid-state")
    expect(state).to_contain_text(
        "6個のセルに貼り付けました。欄がない2個（「講習会の予算額（千円）」「講習会の決算額（千円）」）は"
    )
    expect(field(office.one, "done")).to_have_value('放流した。\n「"春"」に二回')
    expect(field(office.one, "budget")).to_have_value("1,500")
    expect(field(office.other, "output")).to_have_value("2回")
    page.keyboard.press("Control+z")
    expect(field(office.one, "done")).to_have_value("")
    page.keyboard.press("Control+y")
    # By name and header, in another order; errors are shown while typing.
    field(office.one, "done").focus()
    paste(page, "事業\t国庫支出金\t今後の方針\r\n講習会\t\t継続\r\n種苗放流\t1,000\t見直し\r\n")
    expect(state).to_contain_text("事業名か番号で合わせて、3個のセルに貼り付けました。")
    expect(field(office.one, "policy")).to_have_value("見直し")
    expect(page.locator(f"#r{office.one.pk}-notes")).to_contain_text("財源の合計（1,000千円）")
    field(office.one, "general").fill("234")
    expect(state).to_contain_text("保管しました")
    # A word that is not a choice stays where it was pasted, marked, until another one is chosen.
    field(office.other, "policy").focus()
    paste(page, "事業\t今後の方針\r\n講習会\t拡大する\r\n")
    expect(state).to_contain_text(
        "選択肢にない言葉が1個（「講習会の今後の方針：拡大する」）あります。"
    )
    expect(field(office.other, "policy")).to_have_value("拡大する")
    expect(field(office.other, "policy")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#r{office.other.pk}-notes")).to_contain_text("「拡大する」は選択肢に")
    field(office.other, "policy").focus()
    paste(page, "事業\t今後の方針\r\n講習会\t継　続 \r\n")
    expect(field(office.other, "policy")).to_have_value("継続")
    expect(field(office.other, "policy")).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="一時保存する").click()
    expect(page.get_by_role("status")).to_contain_text("2件の事業を保存しました。")
    one, other = ProjectYear.objects.order_by("project")
    assert (one.budget, one.settlement, one.national, one.general) == (
        1_500_000, 1_234_000, 1_000_000, 234_000,
    )  # fmt: skip
    assert (other.done, other.policy, other.budget) == ("講習した。", "継続", None)
