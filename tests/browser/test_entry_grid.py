"""The entry grid with keyboard and clipboard, two people at once, and a session that ends."""

import re
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from accounts import idle
from accounts.models import Section
from accounts.roles import Role, sync_groups
from entry.models import KeptInput
from indicators.entries import value_problems
from indicators.models import Actual, Evidence, Indicator
from indicators.recording import move
from indicators.rules.typed_numbers import read_typed_number
from plans.search import fold
from tests.browser.conftest import PASSWORD
from tests.factories import (
    PDF,
    load_city,
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from trail.history import Change

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

GRID = "/entry/2017/"

ODD_NUMBERS = [
    "1.5", "1,23", "1，234．5", "−5", "ー5", "△ 5", "▲1,234.5", "1.2e3", "１２．３％", "約50",
    "50人", "１２万", " 12 ", "0.0", "-0", "+5", "1'234", "12.30", "٣", "½", "①", "1" * 60, "5千円",
    "5円", "〇", "0.1234567", "\u200b5", "1、234", "(5)",
]  # fmt: skip


TEXTS = "ids => ids.map(id => document.getElementById(id).textContent)"


@pytest.fixture
def section(transactional_db) -> Section:
    sync_groups()
    make_fiscal_year(2017)
    return make_section("水産課")


@pytest.fixture
def make_rows(section) -> Callable[..., list[Indicator]]:
    measure = make_measure(make_goal(make_strategy()))

    def make(count: int = 1, **fields) -> list[Indicator]:
        found = [make_indicator(section, **fields) for _ in range(count)]
        for indicator in found:
            make_kpi(measure, indicator, kind="level")
        return found

    return make


@pytest.fixture
def open_grid(open_page) -> Callable[..., Page]:
    """Return a function that logs a person in and waits until the grid is ready for keys."""

    def open_(user) -> Page:
        page = open_page(user, GRID)
        # Not by a pattern: the log-in's own address ends with that of the grid.
        page.wait_for_url(lambda url: urlsplit(url).path == GRID)
        # The browser puts the focus there only after it has drawn the page.
        expect(page.locator("[autofocus]")).to_be_focused()
        return page

    return open_


def cell_id(indicator: Indicator, field: str = "value") -> str:
    return f"r{indicator.pk}-{field}"


def cell(page: Page, indicator: Indicator, field: str = "value"):
    return page.locator(f"#{cell_id(indicator, field)}")


def fill(page: Page, texts: dict[str, str]) -> None:
    """Fill many cells, as Playwright's own `fill` does one by one: with five messages for each."""
    page.evaluate(
        """texts => Object.entries(texts).forEach(([id, text]) => {
          const field = document.getElementById(id);
          field.focus();
          field.select();
          document.execCommand(text ? "insertText" : "delete", false, text);
        })""",
        texts,
    )


def paste(page: Page, text: str) -> None:
    """Put a text on the clipboard, as Excel would, and press Ctrl+V."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def numbers() -> list[int]:
    return [int(actual.value) for actual in Actual.objects.order_by("indicator_id")]


def kept(page: Page) -> None:
    """Wait until the page says that it has kept what was typed."""
    expect(page.locator("#grid-state")).to_contain_text("保管しました")


def test_ten_values_are_typed_without_the_mouse(section, make_rows, open_grid):
    make_rows(10)
    page = open_grid(make_user(Role.CLERK, section))
    for number in range(10, 20):
        page.keyboard.type(str(number))
        page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="一時保存する")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("10件の値を保存しました。")
    assert numbers() == list(range(10, 20))


def test_arrows_and_tab_move_between_cells_but_not_out_of_a_text(section, make_rows, open_grid):
    first, second, third = make_rows(3)
    page = open_grid(make_user(Role.CLERK, section))
    expect(cell(page, first)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(cell(page, second)).to_be_focused()
    page.keyboard.type("125")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("3")
    expect(cell(page, second)).to_have_value("1235")
    page.keyboard.press("ArrowRight")
    expect(cell(page, second)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(cell(page, second, "provisional")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(cell(page, second)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(cell(page, third)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    expect(cell(page, second, "provisional")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Enter")
    expect(cell(page, first, "provisional")).to_be_focused()


def test_a_share_is_typed_as_numerator_and_denominator(section, make_rows, open_grid):
    [share] = make_rows(1, unit="％", decimals=1, ratio=True)
    [people] = make_rows(1)
    page = open_grid(make_user(Role.CLERK, section))
    expect(cell(page, share)).to_be_focused()
    page.keyboard.press("Enter")
    for text in ("３１", "1,112"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    expect(cell(page, people)).to_be_focused()
    expect(page.locator(f"#r{share.pk}-reading")).to_have_text("＝ 2.8％（31÷1,112）")
    page.get_by_role("button", name="一時保存する").click()
    expect(page.get_by_role("status")).to_contain_text("1件の値を保存しました。")
    actual = Actual.objects.get()
    assert (str(actual.value), actual.numerator, actual.denominator) == ("2.8000", 31, 1112)


def test_what_was_read_is_shown_while_one_types(section, make_rows, open_grid):
    [people] = make_rows()
    page = open_grid(make_user(Role.CLERK, section))
    reading = page.locator(f"#r{people.pk}-reading")
    page.keyboard.type("１，２３４")
    expect(reading).to_have_text("＝ 1,234人")
    page.keyboard.type("．．")
    expect(page.locator(f"#r{people.pk}-notes")).to_contain_text("は数として読めません。")
    kept(page)


@pytest.mark.parametrize(
    "unit",
    [{"unit": "人", "decimals": 4}, {"unit": "％", "decimals": 1}]
    + [{"unit": "円", "display_unit": name} for name in ("千円", "百万円", "億円")],
    ids=lambda unit: unit.get("display_unit", unit["unit"]),
)
def test_what_the_page_shows_back_is_what_is_saved(section, make_rows, open_grid, unit):
    """For every odd way of writing a number, the page and the server's parser agree."""
    rows = make_rows(len(ODD_NUMBERS), **unit, minimum=None)
    page = open_grid(make_user(Role.CLERK, section))
    fill(page, {cell_id(row): text for row, text in zip(rows, ODD_NUMBERS, strict=True)})
    read, refused, said = {}, [], []
    for indicator, text in zip(rows, ODD_NUMBERS, strict=True):
        try:
            value = read_typed_number(
                text.strip(), unit=indicator.unit, shown_unit=indicator.shown_unit,
                factor=indicator.display_factor,
            )  # fmt: skip
        except ValueError as error:
            refused.append(indicator)
            said.append(str(error))
            continue
        if problems := value_problems(value, indicator):
            refused.append(indicator)
            said.append(problems[0])
            continue
        read[indicator.pk] = value
        said.append(f"＝ {indicator.format(value)}{indicator.shown_unit}")
    # All rows are answered at once, the last row as soon as it has been sent.
    expect(page.locator(f"#row-{rows[-1].pk}")).to_contain_text(said[-1])
    shown = page.evaluate(TEXTS, [f"row-{indicator.pk}" for indicator in rows])
    for text, about_it, row in zip(ODD_NUMBERS, said, shown, strict=True):
        assert " ".join(about_it.split()) in " ".join(row.split()), text
    fill(page, {cell_id(row): "" for row in refused})
    assert read
    assert refused
    page.get_by_role("button", name="一時保存する").click()
    expect(page.get_by_role("status")).to_contain_text(f"{len(read)}件の値を保存しました。")
    assert dict(Actual.objects.values_list("indicator_id", "value")) == read


class TestPasting:
    @pytest.fixture
    def page(self, section, make_rows, open_grid) -> Page:
        self.rows = make_rows(4)
        page = open_grid(make_user(Role.CLERK, section))
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        return page

    def expect_values(self, page: Page, *texts: str, field: str = "value") -> None:
        """Wait until the rows have these texts: what is pasted comes a moment after the keys."""
        for row, text in zip(self.rows, texts, strict=True):
            expect(cell(page, row, field)).to_have_value(text)

    def test_a_column_fills_the_cells_below(self, page):
        paste(page, "12\r\n1,234\r\n▲5\r\n")
        expect(page.locator("#grid-state")).to_contain_text("3個のセルに貼り付けました。")
        self.expect_values(page, "12", "1,234", "▲5", "")

    def test_a_block_fills_the_cells_to_the_right_and_quoted_cells_keep_their_lines(self, page):
        cell(page, self.rows[1]).focus()
        paste(page, '12\t\t\t未公表\tR8.9\t\t"一行目\n二""行目"\n13\t\t\t\t\t○\tなし\n')
        self.expect_values(page, "", "12", "13", "")
        self.expect_values(page, "", '一行目\n二"行目', "なし", "", field="remarks")
        self.expect_values(page, "", "unpublished", "", "", field="availability")
        self.expect_values(page, "", "R8.9", "", "", field="expected_month")
        expect(cell(page, self.rows[2], "provisional")).to_be_checked()

    def test_what_has_no_cell_is_counted_and_empty_cells_change_nothing(self, page):
        cell(page, self.rows[3]).fill("7")
        cell(page, self.rows[2]).focus()
        paste(page, "1\tたぶん\n\t\n9\t\n")
        expect(page.locator("#grid-state")).to_contain_text(
            f"1個のセルに貼り付けました。欄がない2個（「{self.rows[2].name}の分子」）は"
        )
        self.expect_values(page, "", "", "1", "7")

    def test_a_mark_is_pasted_as_the_server_reads_it(self, page):
        read = {"○": True, "１": True, "✓": True, "×": False, "確定値": False}
        mark, state = cell(page, self.rows[0], "provisional"), expect(page.locator("#grid-state"))
        for number, (text, is_checked) in enumerate(read.items(), 5):
            mark.set_checked(not is_checked)
            cell(page, self.rows[0]).focus()
            paste(page, f"{number}\t\t\t\t\t{text}\n")
            expect(cell(page, self.rows[0])).to_have_value(str(number))
            expect(mark).to_be_checked(checked=is_checked)
            state.not_to_contain_text("印として読めない")
        mark.set_checked(True)
        cell(page, self.rows[0]).focus()
        paste(page, "99\t\t\t\t\tたぶん\n")
        expect(cell(page, self.rows[0])).to_have_value("99")
        expect(mark).to_be_checked()
        state.to_contain_text("印として読めない1個（「")
        state.to_contain_text("速報値：たぶん」）は貼り付けていません。")

    def test_pasting_is_undone_by_key_and_by_button(self, page):
        for old, undo in (
            ("99", lambda: page.keyboard.press("Control+z")),
            ("98", page.get_by_role("button", name="元に戻す").click),
        ):
            cell(page, self.rows[0]).fill(old)
            paste(page, "1\n2\n3\n4\n")
            self.expect_values(page, "1", "2", "3", "4")
            undo()
            self.expect_values(page, old, "", "", "")

    def test_a_single_cell_is_pasted_like_any_text(self, page):
        paste(page, "45")
        self.expect_values(page, "45", "", "", "")
        page.keyboard.press("F2")
        page.keyboard.type("改修の影響")
        page.keyboard.press("Home")
        paste(page, "大規模な\r\n")
        self.expect_values(page, "大規模な改修の影響", "", "", "", field="remarks")

    def test_cells_of_a_table_go_into_the_remarks_of_their_rows_and_lines_into_one(self, page):
        page.keyboard.press("F2")
        paste(page, "一行目\n二行目\n")
        self.expect_values(page, "一行目\n二行目\n", "", "", "", field="remarks")
        page.evaluate(
            """() => {
                 const kinds = {"text/plain": "改修\\n合併\\n", "text/html": "<table></table>"};
                 const blobs = Object.entries(kinds).map(([k, t]) => [k, new Blob([t], {type: k})]);
                 return navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
               }"""
        )
        page.keyboard.press("Control+v")
        self.expect_values(page, "改修", "合併", "", "", field="remarks")

    def test_names_or_codes_say_where_values_go(self, page):
        self.rows[1].name, self.rows[2].name = "来館者数", "宿泊者数"
        for row in self.rows:
            row.save()
        page.reload()
        cell(page, self.rows[0]).focus()
        paste(
            page,
            f"指標\t単位\t実績値\t備考\n宿泊者 数\t人\t12\t\n"
            f"{self.rows[3].code}\t人\t7\t改修\n知らない指標\t人\t9\t\n",
        )
        expect(page.locator("#grid-state")).to_contain_text(
            "指標名か番号で合わせて、3個のセルに貼り付けました。"
            "この画面の指標と合わない1行（「知らない指標」）は貼り付けていません。"
        )
        self.expect_values(page, "", "", "12", "7")
        self.expect_values(page, "", "", "", "改修", field="remarks")
        paste(page, "来館者数\t５\n")
        self.expect_values(page, "", "5".replace("5", "５"), "12", "7")

    def name_rows(self, page: Page, *names: str) -> None:
        for row, row.name in zip(self.rows, names, strict=False):
            row.save()
        page.reload()
        cell(page, self.rows[0]).focus()

    def test_a_row_listed_twice_takes_none_of_two_figures(self, page):
        self.name_rows(page, "輸出入貿易額", "来館者数", "宿泊者数")
        paste(
            page,
            "指標名\t実績値\t備考\n輸出入貿易額\t5200\t\n来館者数\t7\t\n輸出入貿易額\t5300\t\n"
            "宿泊者数\t9\t\n宿泊者数\t9\t改修\n",
        )
        state = page.locator("#grid-state")
        expect(state).to_contain_text(
            "3個のセルに貼り付けました。"
            "「輸出入貿易額」は、内容の違う行が二つ以上あるため、どの行も貼り付けていません。"
        )
        self.expect_values(page, "", "7", "9", "")
        state.get_by_role("button", name="元に戻す").click()
        self.expect_values(page, "", "", "", "")
        self.expect_values(page, "", "", "", "", field="remarks")

    def test_what_names_no_single_place_is_named_and_left_out(self, page):
        self.name_rows(page, "来館者数", "来館者数", "宿泊者数")
        state = page.locator("#grid-state")
        codes = [row.code for row in self.rows]
        paste(page, f"来館者数\t\t5\n来館者数\t{codes[1]}\t6\n宿泊者数\t{codes[3]}\t7\n")
        expect(state).to_contain_text(
            "1個のセルに貼り付けました。"
            "指標を一つに決められない2行（「来館者数」「宿泊者数」）は貼り付けていません。"
        )
        self.expect_values(page, "", "6", "", "")
        paste(page, "指標名\t実績値\t実績値\n宿泊者数\t5\t6\n")
        expect(state).to_contain_text("見出し「実績値」の列が二つ以上あり")
        self.expect_values(page, "", "6", "", "")

    def test_no_column_is_guessed_to_have_the_values(self, page):
        self.name_rows(page, "来館者数", "宿泊者数")
        cell(page, self.rows[0]).fill("99")
        state = page.locator("#grid-state")
        for text, said in (
            (
                "指標\tH28実績\tH30実績\n来館者数\t27.5\t28\n",
                "数の列が2列（「H28実績」「H30実績」）あり",
            ),
            ("指標\t目標値\n来館者数\t28\n", "見出し「目標値」の列が、この年度の実績値か"),
            (
                "来館者数\t27.5\t28.4\n宿泊者数\t2\t3\n",
                "数の列が2列（「左から2列目」「左から3列目」）",
            ),
            (
                "来館者数\t人\t28\n宿泊者数\t人\t3\n",
                "「左から2列目」（「人」「人」）は数ではありません",
            ),
            ("KPI9-ア-1-1\t28\nKPI9-ア-1-2\t3\n", "「KPI9-ア-1-1」「KPI9-ア-1-2」は数ではないため"),
            ("外国人の数\nほかの数\n", "「外国人の数」「ほかの数」は数ではないため"),
        ):
            cell(page, self.rows[0]).select_text()
            paste(page, text)
            expect(state).to_contain_text(said)
            expect(state).to_contain_text("何も貼り付けていません。")
            self.expect_values(page, "99", "", "", "")

    def test_the_column_of_the_year_and_places_as_the_form_writes_them_are_known(self, page):
        self.name_rows(page, "来館者数", "宿泊者数")
        places = page.locator("[data-row]").evaluate_all(
            "all => all.map((one) => one.dataset.codes)"
        )
        first, second = [next(w for w in text.split() if "KPI" in w) for text in places[:2]]
        paste(
            page,
            f'番号\t目標\tH28実績\tH29実績\n{first}\t9\t5\t6\n"{second}（計画）\nKPI0-1"\t9\t7\t8\n',
        )
        expect(page.locator("#grid-state")).to_contain_text(
            "2個のセルに貼り付けました。見出し「目標」「H28実績」の列は貼り付けていません。"
        )
        self.expect_values(page, "6", "8", "", "")
        paste(page, "来館者数\t1\n知らない数\t2\n別の数\t3\nもう一つ\t4\n")
        expect(page.locator("#grid-state")).to_contain_text(
            "合わない3行（「知らない数」「別の数」「もう一つ」）は貼り付けていません。"
        )
        self.expect_values(page, "1", "8", "", "")

    def test_a_block_is_copied_filled_down_and_every_step_undone(self, page):
        page.keyboard.type("4")
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Control+d")
        self.expect_values(page, "4", "4", "4", "")
        page.keyboard.press("Control+c")
        expect(page.locator("#grid-state")).to_contain_text("3行1列をコピーしました。")
        assert page.evaluate("navigator.clipboard.readText()") == "4\r\n4\r\n4\r\n"
        page.keyboard.press("Delete")
        self.expect_values(page, "", "", "", "")
        for _ in range(3):
            page.keyboard.press("Control+z")
        self.expect_values(page, "", "", "", "")
        page.keyboard.press("Control+y")
        page.keyboard.press("Control+y")
        self.expect_values(page, "4", "4", "4", "")

    def test_pasted_values_are_read_and_saved(self, page):
        paste(page, "１２\n1,234\n５６\n7\n")
        expect(page.locator(f"#r{self.rows[0].pk}-reading")).to_have_text("＝ 12人")
        page.get_by_role("button", name="課長に確認を依頼する").click()
        expect(page.get_by_role("status")).to_contain_text(
            "4件の値を保存しました。4件の確認を課長に依頼しました。未入力はありません。"
        )
        assert numbers() == [12, 1234, 56, 7]


def test_no_key_that_moves_chooses_why_there_is_no_value(section, make_rows, open_grid):
    first, second = make_rows(2)
    page = open_grid(make_user(Role.CLERK, section))
    for row in (first, second):
        page.locator(f"#row-{row.pk} summary").click()
    cell(page, first, "availability").focus()
    for key in ("PageDown", "End", "Home", "PageUp"):
        page.keyboard.press(key)
        expect(cell(page, first, "availability")).to_have_value("")
    page.keyboard.press("ArrowDown")
    expect(cell(page, second, "availability")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(cell(page, first, "remarks")).to_be_focused()
    for row in (first, second):
        expect(cell(page, row, "availability")).to_have_value("")


def test_the_judgement_and_the_sum_are_shown_while_one_types(section, make_rows, open_grid):
    make_rows()
    total = make_indicator(section, unit="件")
    make_kpi(make_measure(make_goal(make_strategy())), total, kind="total", target=10)
    make_actual(total, 2016, 3)
    page = open_grid(make_user(Role.CLERK, section))
    row = page.locator(f"#row-{total.pk}")
    cell(page, total).fill("2")
    expect(row.locator(".forecast")).to_contain_text("累計 5件")
    expect(row.locator(".status")).to_be_visible()
    cell(page, total).fill("2..")
    expect(row.locator(".forecast")).to_have_text("")


def test_last_years_remarks_are_taken_over_with_one_key(section, make_rows, open_grid):
    first, second = make_rows(2)
    make_actual(first, 2016, 5, remarks="改修のため\n休館した")
    page = open_grid(make_user(Role.CLERK, section))
    cell(page, second).focus()
    page.keyboard.press("F4")
    expect(page.locator("#grid-state")).to_have_text("前年度の備考はありません。")
    cell(page, first).focus()
    page.keyboard.press("F4")
    expect(cell(page, first, "remarks")).to_have_value("改修のため\n休館した")
    page.keyboard.press("Control+z")
    expect(cell(page, first, "remarks")).to_have_value("")


def test_an_error_is_shown_and_everything_stays(section, make_rows, open_grid):
    first, second = make_rows(2)
    page = open_grid(make_user(Role.CLERK, section))
    cell(page, first).fill("12..3")
    cell(page, second).fill("5")
    page.get_by_role("button", name="一時保存する").click()
    expect(page).to_have_title(re.compile("^エラー："))
    page.get_by_role("link", name=re.compile("数として読めません")).click()
    expect(cell(page, first)).to_be_focused()
    expect(cell(page, second)).to_have_value("5")
    page.keyboard.press("Control+a")
    assert numbers() == [5]
    page.keyboard.type("12")
    page.get_by_role("button", name="一時保存する").click()
    expect(page.get_by_role("status")).to_contain_text("1件の値を保存しました。")
    assert sorted(numbers()) == [5, 12]


def test_the_second_of_two_people_chooses(section, make_rows, open_grid):
    shared, own = make_rows(2)
    first = open_grid(make_user(Role.CLERK, section, full_name="見本 花子"))
    second = open_grid(make_user(Role.CLERK, section, full_name="試用 太郎"))
    cell(first, shared).fill("45")
    first.get_by_role("button", name="一時保存する").click()
    expect(first.get_by_role("status")).to_contain_text("1件の値を保存しました。")

    cell(second, shared).fill("50")
    cell(second, own).fill("7")
    second.get_by_role("button", name="一時保存する").click()
    expect(second.get_by_role("main")).to_contain_text("見本 花子が「45人」に変更しました。")
    second.get_by_label("この画面で入力した「50人」にする").check()
    second.get_by_role("button", name="選んだ内容で続ける").click()
    expect(second.get_by_role("status")).to_contain_text("2件の値を保存しました。")
    assert numbers() == [50, 7]


class TestExpiredSession:
    @pytest.fixture
    def hours_later(self, monkeypatch) -> Callable[[int], None]:
        start = idle.now()
        return lambda hours: monkeypatch.setattr(idle, "now", lambda: start + hours * 3600)

    @staticmethod
    def log_in_again(page: Page, user) -> None:
        page.get_by_label("職員番号").fill(user.username)
        page.get_by_label("パスワード").fill(PASSWORD)
        page.get_by_role("button", name="ログイン").click()
        page.get_by_role("link", name="この内容を使う").click()

    def test_what_was_sent_too_late_is_there_after_the_log_in(
        self, section, make_rows, open_grid, hours_later
    ):
        [people] = make_rows()
        user = make_user(Role.CLERK, section)
        page = open_grid(user)
        cell(page, people).fill("45")
        hours_later(2)
        page.get_by_role("button", name="一時保存する").click()
        expect(page.get_by_role("main")).to_contain_text("最後に送信した内容は、保管してあります。")
        self.log_in_again(page, user)
        expect(cell(page, people)).to_have_value("45")
        page.get_by_role("button", name="一時保存する").click()
        expect(page.get_by_role("status")).to_contain_text("1件の値を保存しました。")
        assert not KeptInput.objects.exists()

    def test_a_log_out_in_another_tab_is_not_called_automatic(self, section, make_rows, open_grid):
        [people] = make_rows()
        user = make_user(Role.CLERK, section)
        page = open_grid(user)
        page.context.clear_cookies(name="sessionid")
        cell(page, people).fill("45")
        page.get_by_role("button", name="一時保存する").click()
        main = page.get_by_role("main")
        expect(main).to_contain_text("ログアウトしています")
        expect(main).not_to_contain_text("分のあいだ")
        expect(main).to_contain_text("最後に送信した内容は、保管してあります。")
        page.get_by_label("職員番号").fill(user.username)
        page.get_by_label("パスワード").fill(PASSWORD)
        page.get_by_role("button", name="ログイン").click()
        expect(cell(page, people)).to_have_value("45")

    def test_corrected_fields_lose_their_message_even_without_an_answer(
        self, section, make_rows, open_grid
    ):
        people, boats = make_rows(2)
        page = open_grid(make_user(Role.CLERK, section))
        cell(page, people).fill("N/A")
        page.get_by_role("button", name="一時保存する").click()
        wrong = page.locator(".wrong")
        expect(wrong).to_contain_text("数として読めません")
        cell(page, boats).fill("x")
        notes = page.locator(f"#row-{boats.pk} .notes")
        expect(notes).to_contain_text("数として読めません")
        page.context.clear_cookies(name="sessionid")
        cell(page, people).fill("13")
        cell(page, boats).fill("14")
        expect(page.locator("#grid-state")).to_contain_text("ログアウトしています")
        expect(wrong).to_have_count(0)
        expect(notes).to_have_text("")

    def test_the_way_back_to_a_refused_page_shows_what_was_typed(
        self, section, make_rows, open_grid
    ):
        [people] = make_rows()
        page = open_grid(make_user(Role.CLERK, section))
        cell(page, people).fill("N/A")
        page.get_by_role("button", name="一時保存する").click()
        expect(page.get_by_role("alert")).to_contain_text("数として読めません")
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/")
        page.go_back()
        expect(cell(page, people)).to_have_value("N/A")
        expect(page.locator(".wrong")).to_contain_text("数として読めません")
        cell(page, people).fill("12")
        page.get_by_role("button", name="一時保存する").click()
        expect(page.get_by_role("status")).to_contain_text("1件の値を保存しました。")
        assert urlsplit(page.url).query == ""
        assert not KeptInput.objects.exists()

    def test_the_page_says_so_while_one_types_and_nothing_is_lost(
        self, section, make_rows, open_grid, hours_later
    ):
        [people] = make_rows()
        user = make_user(Role.CLERK, section)
        page = open_grid(user)
        hours_later(2)
        page.keyboard.type("45")
        link = page.get_by_role("link", name="もう一度ログインする")
        expect(link).to_be_visible()
        page.on("dialog", lambda dialog: dialog.accept())
        link.click()
        self.log_in_again(page, user)
        expect(cell(page, people)).to_have_value("45")

    def test_what_was_kept_before_is_there_though_nothing_was_sent(
        self, section, make_rows, open_grid, hours_later
    ):
        [people] = make_rows()
        user = make_user(Role.CLERK, section)
        page = open_grid(user)
        page.keyboard.type("45")
        kept(page)
        hours_later(2)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(GRID)
        self.log_in_again(page, user)
        expect(cell(page, people)).to_have_value("45")

    def test_what_the_server_did_not_get_stays_and_comes_back_from_the_browser(
        self, section, make_rows, open_page
    ):
        [people] = make_rows()
        user = make_user(Role.CLERK, section)
        make_actual(people, 2017, 6482, by=user)
        page = open_page(user, GRID)
        cell(page, people).fill("8")
        kept(page)
        waiting = []
        page.route("**/kept/", lambda route: waiting.append(route))
        cell(page, people).fill("80")
        cell(page, people).press("F2")
        cell(page, people, "remarks").fill("数え直した。")
        page.get_by_role("button", name="一時保存する").click()
        state = page.locator("#grid-state")
        expect(state).to_have_text("保存しています。")
        page.route("**/kept/", lambda route: route.fulfill(body="no answer of ours"))
        for route in waiting:
            route.fulfill(body="no answer of ours")
        expect(state).to_contain_text("まだ保存していません。")
        expect(state).to_contain_text("このパソコンのブラウザーに残しています。")
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/")
        page.unroute("**/kept/")
        page.go_back()
        expect(cell(page, people)).to_have_value("80")
        expect(cell(page, people, "remarks")).to_have_value("数え直した。")
        page.get_by_role("button", name="一時保存する").click()
        expect(page.get_by_role("status")).to_contain_text("1件の値を保存しました。")
        assert numbers() == [80]
        page.reload()
        expect(state).not_to_contain_text("保存していない")
        expect(page.get_by_role("main")).not_to_contain_text("保存していない入力が残っています")

    def test_leaving_with_unsaved_input_is_asked_about(self, section, make_rows, open_grid):
        [people] = make_rows()
        page = open_grid(make_user(Role.CLERK, section))
        cell(page, people).fill("45")
        asked = []

        def stay(dialog):
            asked.append(dialog.type)
            dialog.accept()

        page.on("dialog", stay)
        page.get_by_role("link", name="概要").first.click()
        expect(page).not_to_have_url(re.compile(GRID))
        assert asked == ["beforeunload"]


def test_evidence_is_attached_in_the_row_while_one_types(section, make_rows, open_grid):
    first, _ = make_rows(2)
    page = open_grid(make_user(Role.CLERK, section))
    page.keyboard.type("45")
    page.keyboard.press("F2")
    row = page.locator(f"#row-{first.pk}")
    for content, told in ((b"MZ", ".wrong"), (PDF, ".files li")):
        with page.expect_file_chooser() as chooser:
            row.get_by_role("button", name="添付する").click()
        file = {"name": "調査票.pdf", "mimeType": "application/pdf", "buffer": content}
        chooser.value.set_files(file)
        expect(row.locator(told)).to_contain_text("調査票.pdf")
    expect(row.locator(".opener small")).to_have_text("資料1件")
    expect(cell(page, first)).to_have_value("45")
    assert not Actual.objects.exists()
    assert Evidence.objects.get().indicator == first


def test_the_form_works_without_scripts(section, make_rows, browser, live_server):
    first, second = make_rows(2)
    user = make_user(Role.CLERK, section, password=PASSWORD)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(GRID)
    page.get_by_label("職員番号").fill(user.username)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    cell(page, first).fill("45")
    page.locator(f"#row-{second.pk} summary").click()
    cell(page, second, "availability").select_option("調査未実施")
    cell(page, first).press("Enter")
    expect(page.get_by_role("status")).to_contain_text("2件の値を保存しました。")
    context.close()
    assert Actual.objects.get(indicator=first).value == 45


class TestCompactRows:
    """At 1366 × 768 pixels, with more rows than the window has room for."""

    @pytest.fixture
    def page(self, section, make_rows, open_grid) -> Page:
        self.rows = make_rows(20)
        names = [f"新規に創業した事業者のうち市外から来たものの数{number}" for number in range(20)]
        for row, row.name in zip(self.rows, names, strict=True):
            row.save()
        make_actual(self.rows[0], 2017, 5, remarks="改修のため")
        return open_grid(make_user(Role.CLERK, section))

    @staticmethod
    def top_of(page: Page, selector: str) -> float:
        return page.locator(selector).first.evaluate("e => e.getBoundingClientRect().top")

    def test_twelve_rows_are_seen_at_once_between_the_heading_and_the_buttons(self, page):
        page.wait_for_function(
            "row => document.getElementById(row).getBoundingClientRect().top < 90",
            arg=f"row-{self.rows[0].pk}",
        )
        heading = page.locator("#grid thead th").first.evaluate(
            "e => e.getBoundingClientRect().bottom"
        )
        save = self.top_of(page, ".save")
        seen = page.locator("#grid tbody").evaluate_all(
            """(rows, [top, bottom]) => rows.filter(row => {
                 const box = row.getBoundingClientRect();
                 return box.top >= top - 1 && box.bottom <= bottom + 1; }).length""",
            [heading, save],
        )
        assert seen >= 12
        for always in (".grid-bar", "#grid thead th", ".save button"):
            expect(page.locator(always).first).to_be_in_viewport()

    def test_progress_counts_while_one_types_and_a_name_is_found(self, page):
        progress = page.locator("#grid-progress")
        expect(progress).to_have_text("20件のうち1件入力済み")
        page.keyboard.type("5")
        expect(progress).to_have_text("20件のうち2件入力済み")
        cell(page, self.rows[2]).fill("12..3")
        expect(page.locator(f"#row-{self.rows[2].pk} .notes")).to_contain_text("数として読めません")
        expect(progress).to_have_text("20件のうち2件入力済み")
        cell(page, self.rows[2]).fill("12")
        expect(progress).to_have_text("20件のうち3件入力済み")
        page.get_by_label("指標名で探す").fill("もの の数１７")
        expect(page.locator("#grid tbody:visible")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(cell(page, self.rows[17])).to_be_focused()

    def test_what_the_search_hides_is_not_sent_on_and_what_was_typed_there_is_shown(
        self, page, section
    ):
        typed, hidden = self.rows[3], self.rows[5]
        make_actual(hidden, 2017, 5, by=make_user(Role.CLERK, section))
        page.reload()
        cell(page, typed).fill("7")
        page.get_by_label("指標名で探す").fill("もの の数１７")
        cell(page, self.rows[17]).fill("8")
        send = page.get_by_role("button", name="課長に確認を依頼する")
        send.click()
        expect(page.locator("#grid-state")).to_contain_text("1件にも、保存していない入力がある")
        expect(cell(page, typed)).to_be_focused()
        send.click()
        expect(page.get_by_role("status")).to_contain_text(
            "2件の値を保存しました。2件の確認を課長に依頼しました。"
            "絞り込みのため表示していない1件は、依頼していません。"
        )
        sent = Actual.objects.filter(state="submitted").values_list("indicator", flat=True)
        assert {*sent} == {typed.pk, self.rows[17].pk}

    def test_the_page_searches_names_as_the_server_does(self, page):
        texts = [
            "ＫＰＩ", "ﾊﾟｰﾄ", "パート", "サービス・センタ－", "ギョ港", "Straße", "ΟΔΟΣ", "a b　c",
            "ヴ", "ヶ", "か\u3099", "１２％", "①", "㈱", "ゞ", "\u200bゼロ幅", "─線─", "İ", "ﾞ", "·",
        ]  # fmt: skip
        folded = page.evaluate("texts => texts.map(fold)", texts)
        assert folded == [fold(text) for text in texts]

    def test_what_is_below_the_line_opens_by_key_and_by_click(self, page):
        remarks = cell(page, self.rows[1], "remarks")
        expect(remarks).to_be_hidden()
        page.keyboard.press("F2")
        expect(remarks).to_be_focused()
        page.keyboard.press("F2")
        expect(remarks).to_be_hidden()
        expect(cell(page, self.rows[1])).to_be_focused()
        page.locator(f"#row-{self.rows[0].pk} summary").click()
        expect(cell(page, self.rows[0], "remarks")).to_have_value("改修のため")
        expect(page.locator(f"#row-{self.rows[0].pk} .opener small")).to_have_text("備考あり")


ROOM_BESIDE_THE_RING = """unit => {
    const field = document.activeElement, ring = getComputedStyle(field);
    return unit.getBoundingClientRect().left - field.getBoundingClientRect().right
        - parseFloat(ring.outlineWidth) - parseFloat(ring.outlineOffset); }"""
"""In pixels: between the focus ring of a field and the unit behind it."""


def test_large_figures_and_names_of_files_have_room_in_any_window(section, make_rows, reading_as):
    [gifts] = make_rows(1, name="ふるさと納税の寄附受納額", unit="円", display_unit="千円")
    gifts.kpis.update(kind="total", target=1_000_000_000)
    make_actual(gifts, 2015, 3_126_631_000)
    make_actual(gifts, 2016, 1_105_300_000)
    page = reading_as(make_user(Role.CLERK, section))
    past = page.locator(".past")
    for width in (1366, 1024, 800, 390):
        page.set_viewport_size({"width": width, "height": 768})
        page.goto(GRID)
        expect(past).to_contain_text("累計 4,231,931千円")
        assert past.evaluate(
            "e => [e, ...e.children].every(one => one.scrollWidth <= one.clientWidth)"
        )
        name, figures = (page.locator(one).bounding_box() for one in ("#grid tbody th", ".past"))
        assert name["width"] >= 100, width
        assert width == 390 or name["x"] + name["width"] <= figures["x"] + 1, width
        cell(page, gifts).focus()
        assert page.locator(".number .unit").evaluate(ROOM_BESIDE_THE_RING) >= 2, width
        page.locator("summary", has_text="備考など").click()
        # 24 signs of 16 pixels; on a telephone all the width there is.
        least = {1366: 24 * 16, 390: 300}.get(width, 12 * 16)
        assert page.locator(".files").bounding_box()["width"] >= least, width


def test_on_a_telephone_the_buttons_stay_in_view_and_nothing_covers_them(
    section, make_rows, open_grid
):
    rows = make_rows(9)
    page = open_grid(make_user(Role.CLERK, section))
    page.set_viewport_size({"width": 390, "height": 844})
    cell(page, rows[0]).fill("x")
    page.get_by_role("button", name="一時保存する").click()
    expect(page.get_by_role("alert")).to_be_visible()
    for place in (0, 0.3, 0.6, 1):
        page.evaluate("place => window.scrollTo(0, place * document.body.scrollHeight)", place)
        assert page.locator(".save button").evaluate_all(
            """buttons => buttons.every(button => {
                 const {x, y, width, height} = button.getBoundingClientRect();
                 return document.elementFromPoint(x + width / 2, y + height / 2) === button; })"""
        ), place


def test_twelve_rows_of_two_sections_are_seen_at_once_with_real_names(db, reading_as):
    load_city()
    make_fiscal_year(2017)
    numbers = Counter(Indicator.objects.values_list("entered_by", flat=True))
    sections = Section.objects.filter(pk__in=[pk for pk, _ in numbers.most_common(2)])
    clerk = make_user(Role.CLERK, *sections)
    rows = Indicator.objects.filter(entered_by__in=sections).order_by("pk")
    head = make_user(Role.HEAD, *sections)
    for indicator in rows[:2]:
        actual = make_actual(indicator, 2017, 5, by=clerk, remarks="前年度と同じ方法による。")
        move({actual.pk: 1}, "submitted", Change(by=clerk))
        move({actual.pk: 2}, "returned", Change(by=head, reason="けたを確かめてください。" * 4))
    page = reading_as(clerk)
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(GRID)
    seen = page.evaluate(
        """() => {
             const rows = [...document.querySelectorAll("#grid tbody")];
             const most = [];
             for (const first of rows) {
               first.scrollIntoView();
               const top = document.querySelector("#grid thead th").getBoundingClientRect().bottom;
               const end = document.querySelector(".save").getBoundingClientRect().top;
               most.push(rows.filter(row => {
                 const box = row.getBoundingClientRect();
                 return box.top >= top - 1 && box.bottom <= end + 1; }).length);
             }
             return most; }"""
    )
    heights = page.locator("#grid tbody").evaluate_all("rows => rows.map(r => r.offsetHeight)")
    assert seen[0] >= 12, (seen, heights)
