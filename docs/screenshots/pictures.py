"""The pictures, and the steps that produce what they show.

They are taken in this order, and later ones may show what earlier ones did. Buttons and fields are
found by their labels, so that a picture fails if the manual is wrong.
"""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
from playwright.sync_api import Locator, Page

from docs.screenshots.office import WIDTH, Office, log_in, picture, window
from docs.screenshots.printed import printed, without_print_areas
from docs.screenshots.states import STATES
from docs.screenshots.trial import START
from docs.screenshots.year_end_pictures import YEAR_END
from japanese.calendar_days import era_day

Taker = Callable[[Office], list[bytes]]

PICTURES: dict[str, Taker] = {}

PLANNING, SECOND_IN_PLANNING, READER, AUDITOR = "900001", "900002", "900003", "900004"
CLERK, HEAD, CLERK_OF_TWO_SECTIONS = "900101", "900102", "900111"

CLOSED_YEAR, OPEN_YEAR = 2018, 2019


def takes(name: str) -> Callable[[Taker], Taker]:
    """Register the function that takes the picture docs/images/NAME.png."""

    def register(taker: Taker) -> Taker:
        PICTURES[name] = taker
        return taker

    return register


# Looking at a year


@takes("overview")
def overview(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/?year={CLOSED_YEAR}")
    return picture(page, bottom=page.locator(".plan-map"))


@takes("map-over-years")
def map_over_years(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/?year={CLOSED_YEAR}")
    page.get_by_role("link", name="年度ごとの推移").click()
    tables = page.locator(".map-years")
    return picture(page, bottom=tables.first)


@takes("panels")
def panels(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/measures/1-ア-4/?year={CLOSED_YEAR}")
    heading = page.get_by_role("heading", name="年度ごとの進み方")
    return picture(page, top=heading, bottom=page.locator(".panels"))


# People who prepare the papers


@takes("reports")
def reports(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/reports/?year={CLOSED_YEAR}")
    return picture(page, bottom=page.get_by_role("table"))


@takes("council-paper")
def council_paper(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/papers/council/?year={CLOSED_YEAR}")
    return picture(page, bottom=page.get_by_role("row").nth(5))


@takes("assembly-paper")
def assembly_paper(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/papers/assembly/?year={CLOSED_YEAR}")
    return picture(page, bottom=page.get_by_role("heading", name="遅れている指標").first)


@takes("measure-sheet")
def measure_sheet(office: Office) -> list[bytes]:
    content = report_of(office.person(READER, REPORTS), "評価シート")
    return [printed(content, "留守家庭児童会", width=1100, height=1330)]


@takes("review-workbook")
def review_workbook(office: Office) -> list[bytes]:
    content = report_of(office.person(AUDITOR, REPORTS), "検証報告書")
    return [printed(content, "重要業績評価指標", width=WIDTH, height=480)]


@takes("review-calculation")
def review_calculation(office: Office) -> list[bytes]:
    content = report_of(office.person(AUDITOR, REPORTS), "検証報告書")
    everything = without_print_areas(content)
    return [printed(everything, "起点からの変化", width=WIDTH, height=480)]


@takes("lagging")
def lagging(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/?year={CLOSED_YEAR}")
    page.locator("ol.lagging-briefly").get_by_text("理由").first.click()
    heading = page.get_by_role("heading", name="遅れている指標")
    return picture(page, top=heading, bottom=page.locator("#waiting + dl"))


@takes("filtered")
def filtered(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/listings/?year={CLOSED_YEAR}")
    page.get_by_text("条件を選ぶ").click()
    page.get_by_label("担当課", exact=True).select_option("総合政策室")
    press(page, "条件に合う指標を表示する")
    page.get_by_role("link", name="判定の悪い順").click()
    return picture(page, bottom=page.get_by_role("row").nth(6))


@takes("two-years")
def two_years(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/?year={CLOSED_YEAR}")
    page.get_by_role("link", name="2つの年度を選んで比べる").click()
    page.locator("select[name=from]").select_option("2016")
    press(page, "この2つの年度を比べる")
    return window(page)


@takes("section")
def section(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/?year={CLOSED_YEAR}")
    page.get_by_role("link", name="担当課ごとに見る").click()
    page.get_by_role("link", name="こども子育て課", exact=True).click()
    page.wait_for_load_state()
    return picture(page, bottom=page.locator(".section-years").get_by_role("row").nth(7))


@takes("target")
def target(office: Office) -> list[bytes]:
    page = office.person(READER, "/strategies/nemuro-2015/kpis/1-ア-2-2/?year=2018")
    return picture(page, bottom=page.locator("figure.chart"))


@takes("calculation")
def calculation(office: Office) -> list[bytes]:
    page = office.person(READER, "/strategies/nemuro-2015/kpis/1-ア-2-2/?year=2018")
    heading = page.get_by_role("heading", name="判定のしかた")
    return picture(page, top=heading, bottom=page.locator("table.boundaries"))


@takes("chart")
def chart(office: Office) -> list[bytes]:
    page = office.person(READER, "/strategies/nemuro-2015/kpis/1-ア-2-2/?year=2018")
    heading = page.get_by_role("heading", name="推移")
    return picture(page, top=heading, bottom=page.locator("table.values"))


@takes("search")
def search(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/?year={CLOSED_YEAR}")
    page.get_by_label("この計画を検索する").first.fill("ﾊﾟﾊﾟﾏﾏ")
    page.get_by_role("button", name="検索").first.click()
    page.wait_for_load_state()
    return picture(page)


@takes("as-of")
def as_of(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/?year={CLOSED_YEAR}")
    page.get_by_text("過去の時点のデータで見る").click()
    page.get_by_label("いつの時点のデータで見ますか").fill("令和元年12月31日")
    press(page, "この時点で表示する")
    return picture(page, bottom=page.locator(".band-counts"))


@takes("printed-year")
def printed_year(office: Office) -> list[bytes]:
    page = office.person(READER, f"/strategies/nemuro-2015/print/?year={CLOSED_YEAR}")
    listing = page.locator(".printed-listing").nth(4)
    return picture(page, top=listing, bottom=listing)


# Clerks


@takes("log-in")
def log_in_page(office: Office) -> list[bytes]:
    page = office.stranger()
    page.goto("/login/")
    return picture(page, bottom=page.get_by_role("main"))


@takes("enter-by-year")
def enter_by_year(office: Office) -> list[bytes]:
    page = open_indicator(office.person(CLERK, "/admin/indicators/indicator/"), "季節労働者数")
    field(page, "照会先").fill("ハローワーク根室")
    field(page, "引継ぎメモ").fill(
        "ハローワークに、4月の初めに電話で照会します。\n各年度の3月末の人数です。"
    )
    press(page, "保存")
    page.goto(f"/admin/indicators/fiscalyear/{OPEN_YEAR}/change/")
    page.get_by_text("引継ぎメモ", exact=True).first.click()
    fill(page, "新規創業件数", "実績値", "5")
    fill(page, "新規創業件数", "備考", "3月の1件を加えました。")
    return picture(page, bottom=row_of(page, "商店街における出店店舗数"))


@takes("enter-by-indicator")
def enter_by_indicator(office: Office) -> list[bytes]:
    page = office.person(CLERK, "/admin/indicators/indicator/")
    name = "就業規則に出産休暇を定めている企業の割合"
    page = open_indicator(page, name)
    fill(page, "令和元年度（2019）", "分子", "171")
    fill(page, "令和元年度（2019）", "分母", "１９８")
    values = page.get_by_role("heading", name="実績値", exact=True)
    return picture(page, top=values, bottom=page.get_by_role("button", name="保存", exact=True))


@takes("enter-conflict")
def enter_conflict(office: Office) -> list[bytes]:
    address = f"/admin/indicators/fiscalyear/{OPEN_YEAR}/change/"
    slower = office.person(CLERK, address)
    faster = office.person(HEAD, address)
    fill(faster, "新規創業件数", "実績値", "5")
    press(faster, "保存")
    office.clock.set(14, 20)
    fill(slower, "新規創業件数", "実績値", "6")
    fill(slower, "人口１，０００人当たりの法人数", "実績値", "27..6")
    press(slower, "保存")
    return picture(
        slower,
        top=slower.get_by_role("heading", name="実績値", exact=True),
        bottom=row_of(slower, "人口１，０００人当たりの法人数"),
    )


@takes("excel-import")
def excel_import(office: Office) -> list[bytes]:
    page = office.person(CLERK, f"/entry/{OPEN_YEAR}/import/")
    return picture(page, bottom=page.get_by_role("link", name="Excel様式を受け取る"))


@takes("excel-form")
def excel_form(office: Office) -> list[bytes]:
    page = office.person(CLERK, f"/entry/{OPEN_YEAR}/import/")
    form = filled_in(form_of(page)["buffer"], SHARE_AND_CORRECTION)
    return [printed(form, "実績入力", width=1680, top=44, height=440)]


@takes("excel-preview")
def excel_preview(office: Office) -> list[bytes]:
    page = office.person(CLERK, f"/entry/{OPEN_YEAR}/import/")
    send_form(page, form_of(page), SHARE_AND_CORRECTION)
    heading = page.locator("main .above")
    return picture(page, top=heading, bottom=page.get_by_role("table").last)


@takes("excel-faults")
def excel_faults(office: Office) -> list[bytes]:
    page = office.person(CLERK, f"/entry/{OPEN_YEAR}/import/")
    send_form(
        page,
        form_of(page),
        {
            ("新規創業件数", "実績値"): "約5",
            ("商店街における出店店舗数", "実績値"): 2.5,
            ("就業規則に出産休暇を定めている企業の割合", "分子"): 171,
        },
    )
    heading = page.locator("main .above")
    button = page.get_by_role("button", name="直すところに印を付けたファイルを受け取る")
    return picture(page, top=heading, bottom=button)


@takes("excel-preview-planning")
def excel_preview_planning(office: Office) -> list[bytes]:
    clerk = office.person(CLERK, f"/entry/{OPEN_YEAR}/import/")
    other = office.person(CLERK_OF_TWO_SECTIONS, f"/entry/{OPEN_YEAR}/import/")
    forms = [form_of(clerk), form_of(other)]
    page = office.person(PLANNING, f"/entry/{OPEN_YEAR}/import/")
    typed = SHARE_AND_CORRECTION | {("幼稚園・保育所待機児童数", "実績値"): 0}
    send_form(page, *forms, typed)
    heading = page.locator("main .above")
    return picture(page, top=heading, bottom=page.get_by_role("table").last)


@takes("returned-value")
def returned_value(office: Office) -> list[bytes]:
    address = f"/strategies/nemuro-2015/kpis/1-ア-1-1/values/{OPEN_YEAR}/"
    page = office.person(CLERK_OF_TWO_SECTIONS, address)
    return picture(page, bottom=page.get_by_role("link", name="実績値を入力・修正する"))


@takes("evidence")
def evidence(office: Office) -> list[bytes]:
    page = office.person(CLERK, f"/entry/{OPEN_YEAR}/seasonal-workers/evidence/")
    return picture(page, bottom=page.get_by_role("main"))


@takes("decision-on-paper")
def decision_on_paper(office: Office) -> list[bytes]:
    page = office.person(CLERK, f"/entry/{OPEN_YEAR}/answer/?all=on")
    page.get_by_text("紙で決裁したとき").click()
    page.get_by_label("決裁日").fill(era_day(START.date()))
    page.get_by_label("文書番号").fill("商労観第12号")
    return picture(page, bottom=page.get_by_role("button", name="決裁済みとして記録する"))


# Heads


@takes("head-first-page")
def head_first_page(office: Office) -> list[bytes]:
    page = office.person(HEAD, "/")
    return picture(page, bottom=page.get_by_role("button", name="担当者に差し戻す"))


# Everybody


@takes("password")
def password(office: Office) -> list[bytes]:
    page = office.person(CLERK, "/password/")
    return picture(page, bottom=page.get_by_role("button", name="パスワードを変更する"))


@takes("locked-out")
def locked_out(office: Office) -> list[bytes]:
    page = office.stranger()
    page.goto("/login/")
    for _ in range(5):
        log_in(page, CLERK_OF_TWO_SECTIONS, "wrong")
    return picture(page, bottom=page.get_by_role("main"))


# Planning


@takes("admin")
def admin(office: Office) -> list[bytes]:
    page = office.person(PLANNING, "/admin/")
    return picture(page, bottom=page.get_by_role("main"))


@takes("user-add")
def user_add(office: Office) -> list[bytes]:
    page = office.person(PLANNING, "/admin/accounts/user/add/")
    field(page, "職員番号").fill("900301")
    field(page, "氏名").fill("見本 次郎")
    for label in ("担当者", "水産課", "農林課"):
        page.get_by_label(label, exact=True).check()
    return picture(page, bottom=page.get_by_role("button", name="保存", exact=True))


@takes("user-locked")
def user_locked(office: Office) -> list[bytes]:
    page = office.person(PLANNING, "/admin/accounts/user/")
    office.clock.set(14, 30)
    page.get_by_role("link", name="ロック中").click()
    choose(page, "ロックを解除する")
    return picture(page, bottom=page.locator("#changelist-form"))


@takes("user-password")
def user_password(office: Office) -> list[bytes]:
    page = office.person(PLANNING, "/admin/accounts/user/")
    page.get_by_role("link", name=CLERK_OF_TWO_SECTIONS).click()
    page.get_by_role("link", name="パスワードを設定し直す").click()
    return picture(page, bottom=page.locator(".submit-row"))


@takes("section-merge")
def section_merge(office: Office) -> list[bytes]:
    page = office.person(PLANNING, "/admin/accounts/section/reorganise/merge/")
    for name in ("商工労働観光課", "水産課"):
        page.get_by_label(name, exact=True).check()
    field(page, "新しい課の名称").fill("産業振興課")
    field(page, "適用する最初の年度").fill("令和2")
    field(page, "理由").fill("令和2年4月の機構改革")
    page.get_by_role("button", name="変わるものを確かめる").click()
    return picture(page, bottom=page.locator("caption").first)


@takes("hand-over-select")
def hand_over_select(office: Office) -> list[bytes]:
    page = office.person(PLANNING, "/admin/indicators/indicator/")
    page.locator("#changelist-filter").get_by_role("link", name="水産課", exact=True).first.click()
    choose(page, "担当課・入力する課を移す")
    return picture(page, bottom=page.locator("#changelist-form"))


@takes("hand-over")
def hand_over(office: Office) -> list[bytes]:
    page = office.person(PLANNING, "/admin/indicators/indicator/")
    page.locator("#changelist-filter").get_by_role("link", name="水産課", exact=True).first.click()
    choose(page, "担当課・入力する課を移す")
    press(page, "実行")
    field(page, "新しい担当課").select_option("農林課")
    field(page, "新しい入力する課").select_option("農林課")
    field(page, "理由").fill("令和2年4月の機構改革")
    return picture(page, bottom=page.get_by_role("listitem").filter(has_text="担当課：").last)


@takes("planning-first-page")
def planning_first_page(office: Office) -> list[bytes]:
    page = office.person(PLANNING, "/")
    return picture(page, bottom=page.get_by_role("row", name="総合政策室"))


@takes("year-settings")
def year_settings(office: Office) -> list[bytes]:
    page = office.person(PLANNING, f"/entry/{OPEN_YEAR}/year/")
    return picture(page, bottom=page.get_by_label("回答期限"))


@takes("inquiry")
def inquiry(office: Office) -> list[bytes]:
    page = office.person(PLANNING, f"/entry/{OPEN_YEAR}/inquiry/")
    page.get_by_role("link", name="こども子育て課").click()
    page.wait_for_load_state()
    return picture(page, bottom=page.get_by_role("article"))


@takes("answer-status")
def answer_status(office: Office) -> list[bytes]:
    page = office.person(PLANNING, f"/entry/{OPEN_YEAR}/status/")
    return picture(page, bottom=page.get_by_role("row", name="計（12課）"))


@takes("readings")
def readings(office: Office) -> list[bytes]:
    page = office.person(PLANNING, "/admin/goals/numerictarget/")
    page.locator("#changelist-filter").get_by_role("link", name="未確認", exact=True).click()
    choose(page, "読み方を確認した")
    return picture(page, bottom=page.locator("#changelist-form"))


@takes("reading")
def reading(office: Office) -> list[bytes]:
    page = office.person(PLANNING, "/admin/goals/numerictarget/")
    page.get_by_role("link", name="数値目標2-1 ２０～３９歳女性の人口").click()
    top = page.get_by_role("heading", name="読み方", exact=True)
    return picture(page, top=top, bottom=page.get_by_text("確認した読み方だけが判定に使われます。"))


@takes("bulk-export")
def bulk_export(office: Office) -> list[bytes]:
    page = exported_values(office)
    page.locator("summary", has_text="列の説明").click()
    return picture(page, bottom=page.locator("details"))


@takes("bulk-faults")
def bulk_faults(office: Office) -> list[bytes]:
    rows = table_of(office)
    rows[place_of(rows, "季節労働者数")]["実績値"] = "約470"
    rows[place_of(rows, "新規創業件数")]["実績値"] = "4.5"
    rows[place_of(rows, "当たりの就職者数")]["版"] = "1"
    page = upload(office, rows)
    return picture(page, bottom=page.get_by_role("table", name="直すところ"))


@takes("bulk-preview")
def bulk_preview(office: Office) -> list[bytes]:
    page = upload(office, corrected(table_of(office)))
    return picture(page, bottom=page.get_by_role("table", name="新しく登録する行"))


@takes("bulk-done")
def bulk_done(office: Office) -> list[bytes]:
    office.clock.set(15, 10)
    page = upload(office, corrected(table_of(office)))
    press(page, "この内容で取り込む")
    return picture(page, bottom=page.locator(".messagelist"))


@takes("check-values")
def check_values(office: Office) -> list[bytes]:
    page = office.person(SECOND_IN_PLANNING, f"/entry/{OPEN_YEAR}/answer/?all=on")
    return picture(page, bottom=page.get_by_role("button", name="内容を確認した"))


# The entry grid: last, because values saved here would show in other pictures

GRID = f"/entry/{OPEN_YEAR}/"


@takes("enter-grid")
def enter_grid(office: Office) -> list[bytes]:
    page = grid_of(office, CLERK)
    cell(page, "商店街における出店店舗数", "実績値").fill("２")
    cell(page, "冬期間における観光客入込数の割合", "分子").fill("81,300")
    cell(page, "冬期間における観光客入込数の割合", "分母").fill("428,900")
    page.get_by_text("に保管しました。").wait_for()
    to_top(page, "商店街における出店店舗数")
    return window(page, 760)


@takes("enter-paste")
def enter_paste(office: Office) -> list[bytes]:
    page = grid_of(office, CLERK)
    first = cell(page, "人口１，０００人当たりの法人数", "実績値")
    first.focus()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", "27.8\r\n2\r\n1\r\n")
    page.keyboard.press("Control+v")
    page.get_by_role("button", name="元に戻す").wait_for()
    page.get_by_text("＝ 27.8件").wait_for()
    to_top(page, "人口１，０００人当たりの法人数")
    return window(page, 640)


@takes("enter-error")
def enter_error(office: Office) -> list[bytes]:
    page = grid_of(office, CLERK)
    cell(page, "商店街における出店店舗数", "実績値").fill("12..3")
    cell(page, "人口１，０００人当たりの法人数", "実績値").fill("278")
    press(page, "一時保存する")
    page.get_by_role("alert").wait_for()
    page.evaluate("window.scrollTo(0, 0)")
    return window(page, 640)


@takes("enter-choice")
def enter_choice(office: Office) -> list[bytes]:
    slower = grid_of(office, CLERK)
    faster = grid_of(office, HEAD)
    cell(faster, "商店街における出店店舗数", "実績値").fill("1")
    press(faster, "一時保存する")
    cell(slower, "商店街における出店店舗数", "実績値").fill("2")
    press(slower, "一時保存する")
    return picture(slower, bottom=slower.get_by_role("button", name="選んだ内容で続ける"))


def grid_of(office: Office, number: str) -> Page:
    """Return the grid of a user, without input kept from an earlier picture."""
    page = office.person(number, GRID)
    kept = page.get_by_text("保管している内容を見る、捨てる")
    if kept.count():
        kept.click()
        page.get_by_role("button", name="捨てる").last.click()
        page.goto(GRID)
    return page


def cell(page: Page, indicator: str, label: str) -> Locator:
    """Return a field of the grid by its indicator and label."""
    return page.get_by_label(f"{label}：{indicator}", exact=True)


def to_top(page: Page, indicator: str) -> None:
    """Scroll the row of an indicator below the heading of the table."""
    row = page.get_by_role("row").filter(has_text=indicator).first
    row.evaluate("row => window.scrollTo(0, row.getBoundingClientRect().top + scrollY - 90)")


# Auditors


@takes("values-of-a-year")
def values_of_a_year(office: Office) -> list[bytes]:
    page = office.person(AUDITOR, f"/strategies/nemuro-2015/kpis/1-ア-1-1/?year={CLOSED_YEAR}")
    return picture(page, bottom=page.get_by_text("太字は、判定に用いた値です。"))


@takes("value-history")
def value_history(office: Office) -> list[bytes]:
    page = office.person(AUDITOR, f"/strategies/nemuro-2015/kpis/1-ア-1-1/?year={CLOSED_YEAR}")
    page.get_by_role("main").get_by_role("table").get_by_role("link", name="（2018）").click()
    page.wait_for_url("**/values/2018/**")
    return picture(page, bottom=page.get_by_role("table").last)


@takes("changes")
def changes(office: Office) -> list[bytes]:
    page = office.person(AUDITOR, "/changes/")
    field(page, "入力経路").select_option("一括取込")
    press(page, "この条件で探す")
    return picture(page, bottom=page.get_by_role("table"))


@takes("changes-after-confirmation")
def changes_after_confirmation(office: Office) -> list[bytes]:
    page = office.person(AUDITOR, "/changes/")
    page.get_by_role("link", name="確認後に変更された値").click()
    heading = page.get_by_role("heading", name="見つかった変更")
    return picture(page, top=heading, bottom=page.get_by_role("table"))


@takes("moves")
def moves(office: Office) -> list[bytes]:
    page = office.person(AUDITOR, "/changes/")
    page.get_by_role("link", name="備考がなく大きく動いた値").click()
    return picture(page, bottom=page.get_by_role("row").nth(4))


@takes("events")
def events(office: Office) -> list[bytes]:
    page = office.person(AUDITOR, "/admin/accounts/event/")
    return picture(page, bottom=page.locator("#result_list tbody tr").nth(9))


# Actions on these pages


def field(page: Page, label: str) -> Locator:
    """Return the field with this label; the admin adds a full-width colon to it."""
    return page.get_by_label(re.compile(rf"^{label}[:：]?$"))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def open_indicator(page: Page, name: str) -> Page:
    """Open an indicator from the admin's list."""
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_load_state()
    return page


def row_of(page: Page, name: str) -> Locator:
    """Return the row of values with this indicator or year."""
    return page.locator("tr.form-row", has=page.get_by_role("rowheader", name=name)).first


def fill(page: Page, row: str, column: str, text: str) -> None:
    """Fill in a cell among the rows of values."""
    headers = page.locator(".values thead th").all_inner_texts()
    row_of(page, row).get_by_role("cell").nth(headers.index(column) - 1).get_by_role(
        "textbox"
    ).fill(text)


def choose(page: Page, action: str, row: str = "") -> None:
    """Tick rows of a list (all, or the one with this text) and run an action on them."""
    page.wait_for_load_state()
    if row:
        page.get_by_role("row").filter(has_text=row).get_by_role("checkbox").check()
    else:
        page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(label=action)


def exported_values(office: Office) -> Page:
    """Open the page that exports the values of the year that is being entered."""
    page = office.person(PLANNING, "/admin/indicators/actual/")
    page.locator("#changelist-filter").get_by_role("link", name=f"（{OPEN_YEAR}）").click()
    page.wait_for_load_state()
    page.get_by_role("link", name="一括出力").click()
    page.wait_for_load_state()
    return page


def table_of(office: Office) -> list[dict[str, str]]:
    """Export the values and return the rows of the file."""
    page = exported_values(office)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSVで受け取る").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


SHARE_AND_CORRECTION = {
    ("就業規則に出産休暇を定めている企業の割合", "分子"): 171,
    ("就業規則に出産休暇を定めている企業の割合", "分母"): "１９８",
    ("季節労働者数", "実績値"): 470,
    ("季節労働者数", "備考"): "3月分を訂正しました。",
}
"""The texts to type into the Excel form, by (indicator, column)."""


REPORTS = f"/strategies/nemuro-2015/reports/?year={CLOSED_YEAR}"


def report_of(page: Page, name: str) -> bytes:
    """Download a workbook from the page of reports."""
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))
    with page.expect_download() as download:
        row.get_by_role("button", name="Excelで受け取る").click()
    return download.value.path().read_bytes()


def form_of(page: Page) -> dict[str, Any]:
    """Download the Excel form from the page that imports it."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel様式を受け取る", exact=True).click()
    return {
        "name": download.value.suggested_filename,
        "mimeType": "application/octet-stream",
        "buffer": download.value.path().read_bytes(),
    }


def filled_in(form: bytes, typed: dict[tuple[str, str], Any]) -> bytes:
    """Return an Excel form with texts typed into it, by (indicator, column)."""
    book = openpyxl.load_workbook(io.BytesIO(form))
    sheet = book.worksheets[0]
    rows = {row[1].value: row for row in sheet.iter_rows()}
    headers = [cell.value for cell in rows["指標"]]
    for (name, header), text in typed.items():
        if name in rows:
            rows[name][headers.index(header)].value = text
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def send_form(page: Page, *files: Any) -> None:
    """Type texts (the last argument, see `filled_in`) into Excel forms and preview them."""
    *forms, typed = files
    for form in forms:
        form["buffer"] = filled_in(form["buffer"], typed)
    field(page, "取り込むファイル（必須）").set_input_files(forms)
    press(page, "取り込む前に内容を確かめる")


def place_of(rows: list[dict[str, str]], name: str) -> int:
    return next(place for place, row in enumerate(rows) if name in row["指標名"])


def corrected(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the table with one value corrected and one missing value added."""
    row = rows[place_of(rows, "季節労働者数")]
    row["実績値"], row["備考"] = "４７０", "3月分を訂正しました。"
    new = dict.fromkeys(rows[0], "") | {"指標コード": "seasonal-waiting-children"}
    new |= {"年度": f"令和{OPEN_YEAR - 2018}", "実績値": "1"}
    return [*rows, new]


def upload(office: Office, rows: list[dict[str, str]]) -> Page:
    """Upload the rows as a file and return the page with the preview."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    page = office.person(PLANNING, "/admin/indicators/actual/")
    page.get_by_role("link", name="一括取込").click()
    field(page, "取り込むファイル").set_input_files(
        {
            "name": "実績値_20200618.csv",
            "mimeType": "text/csv",
            "buffer": stream.getvalue().encode("utf-8-sig"),
        }
    )
    field(page, "変更の理由").fill("担当課からの連絡による訂正")
    press(page, "取り込む前に内容を確かめる")
    return page


# Last: the overview on three screens, because another plan is loaded for it,
# and the year's end, because what is written for it would show in other pictures.

PICTURES |= STATES | YEAR_END
