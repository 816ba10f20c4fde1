"""The pictures of the year's end: a year is written, decided, fixed and published before them.

They come last, because what is written for them would show in other pictures. The clock goes back
to the autumn in which the trial's last finished year is evaluated.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from docs.screenshots.office import Office, picture, window
from docs.screenshots.printed import printed
from docs.screenshots.states import in_a_thread

Taker = Callable[[Office], list[bytes]]

PLANNING, CHECKING, CLERK = "900001", "900002", "900101"
YEAR, BEFORE = 2018, 2017
REVIEWS = "/strategies/nemuro-2015/reviews/"
MEASURE = f"{REVIEWS}measures/2-ア-1/?year={YEAR}"
CORRECTED = "seasonal-workers"
OUTCOME = "冊子を千部作り、4月から配っています。"
WITHHELD = "seasonal-waiting-children"

YEAR_END: dict[str, Taker] = {}


def takes(name: str) -> Callable[[Taker], Taker]:
    """Register the function that takes the picture docs/images/NAME.png."""

    def register(taker: Taker) -> Taker:
        YEAR_END[name] = taker
        return taker

    return register


def on_the_day(office: Office, day: date, work: Callable[[Any], Any], year: int = YEAR) -> None:
    """Let the offices work on a day; the clock stays there."""
    _move_to(office, day)

    def run() -> None:
        from docs.screenshots.year_end import YearEnd

        work(YearEnd(year))

    in_a_thread(run)


def write_on_page(office: Office, day: date, address: str, texts: Mapping[str, str]) -> None:
    """Let planning fill in a form of 検証調書 on a day, with all its ticks, and send it.

    `texts` are by the start of a field's label; a field that the form has not is left out.
    """
    _move_to(office, day)
    page = office.person(PLANNING, address)
    for label, text in texts.items():
        field = page.get_by_label(re.compile(rf"^{re.escape(label)}"))
        if field.count():
            field.fill(text)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("main").get_by_role("button").last.click()
    page.wait_for_url(re.compile(r"/editions/\d+/$"))


def fix_year(office: Office, day: date, document: str, year: int = YEAR) -> None:
    """Let planning fix a year as 検証調書 on a day."""
    texts = {
        "決裁日": day.isoformat(),
        "文書番号": document,
        "終わっていないもの": "照会先の回答が翌年になるため。",
    }
    write_on_page(office, day, of_year("editions/fix/", year), texts)


def publish(office: Office, number: int, day: date) -> None:
    """Let planning publish an edition on a day."""
    write_on_page(office, day, f"{REVIEWS}editions/{number}/publish/", {"公表日": day.isoformat()})


def _move_to(office: Office, day: date) -> None:
    office.move_to(datetime(day.year, day.month, day.day, 14, 0, tzinfo=ZoneInfo("Asia/Tokyo")))


def of_year(page: str, year: int = YEAR) -> str:
    """Return the address of a page of the year's end."""
    return f"{REVIEWS}{page}?year={year}"


# 事業の実績と評価


@takes("review-project-grid")
def review_project_grid(office: Office) -> list[bytes]:
    on_the_day(office, date(2018, 8, 20), lambda year: year.write_everything(), BEFORE)
    on_the_day(office, date(2018, 8, 24), lambda year: year.confirm_everything(), BEFORE)
    on_the_day(office, date(2018, 9, 3), lambda year: year.decide(date(2018, 9, 3)), BEFORE)
    on_the_day(
        office,
        date(2018, 10, 16),
        lambda year: year.hold_council(date(2018, 10, 15), {1: OUTCOME}),
        BEFORE,
    )
    on_the_day(
        office, date(2018, 10, 17), lambda year: year.write_grant(date(2018, 10, 15)), BEFORE
    )
    fix_year(office, date(2018, 12, 3), "総政第91号", BEFORE)
    publish(office, 1, date(2019, 1, 15))
    reason = "照会先から訂正の連絡があったため。"
    on_the_day(
        office, date(2019, 5, 20), lambda year: year.correct_value(CORRECTED, 3, reason), BEFORE
    )
    on_the_day(office, date(2019, 8, 8), lambda year: year.write_projects(slice(0, None, 3)))
    page = office.person(CLERK, of_year("projects/grid/"))
    for label, text in (
        ("実施内容", "市内の企業を訪ね、資格の取得を勧めました。"),
        ("活動実績", "訪問42社、登録14人"),
        ("成果", "登録した人のうち、9人が就職しました。"),
        ("課題", "冬の求人が少なく、登録の時期が偏っています。"),
        ("予算額（千円）", "1,200"),
        ("決算額（千円）", "1,134"),
        ("国庫支出金（千円）", "400"),
        ("一般財源（千円）", "734"),
    ):
        page.get_by_label(f"{label}：人材確保対策事業", exact=True).first.fill(text)
    page.get_by_text("に保管しました。").wait_for()
    page.evaluate("window.scrollTo(0, 0)")
    return window(page, 960)


@takes("review-measure")
def review_measure(office: Office) -> list[bytes]:
    page = office.person(CLERK, MEASURE)
    page.get_by_label("取組と成果").fill(
        "企業を42社訪ね、資格の取得を勧めました。14人が登録し、9人が就職しました。"
    )
    page.get_by_label("要因").fill("前年度に見直した周知の方法に効果があり、登録が増えました。")
    page.get_by_label("課題", exact=True).fill("冬の求人が少なく、登録の時期が偏っています。")
    page.get_by_label("評価", exact=True).select_option("Ｂ おおむね順調")
    heading = page.get_by_role("heading", name="の状況")
    return picture(page, top=heading, bottom=page.get_by_label("方針の理由"))


@takes("review-sheet")
def review_sheet(office: Office) -> list[bytes]:
    page = office.person(CLERK, MEASURE)
    with page.expect_download() as download:
        page.get_by_role("link", name="評価シート（Excel）を受け取る").click()
    content = download.value.path().read_bytes()
    return [printed(content, "取組と成果", width=1100, height=1330)]


@takes("review-confirm")
def review_confirm(office: Office) -> list[bytes]:
    on_the_day(office, date(2019, 8, 20), lambda year: year.write_everything())
    page = office.person(CHECKING, of_year("measures/"))
    page.get_by_role("link", name="次に進めるもの").click()
    page.wait_for_load_state()
    return picture(page, bottom=page.get_by_role("row").nth(5))


@takes("review-decisions")
def review_decisions(office: Office) -> list[bytes]:
    on_the_day(office, date(2019, 8, 28), lambda year: year.confirm_everything())
    page = office.person(PLANNING, of_year("decisions/"))
    page.get_by_label("決定日").first.fill("令和元年8月28日")
    page.get_by_label("決定の内容（印を付けたものに共通）").fill("評価のとおり決定する。")
    for box in page.get_by_role("checkbox").all():
        box.check()
    return picture(page, bottom=page.get_by_role("row").nth(3))


@takes("review-steps")
def review_steps(office: Office) -> list[bytes]:
    page = office.person(PLANNING, of_year(""))
    return picture(page, bottom=page.get_by_role("table"))


# 有識者会議


@takes("council-year")
def council_year(office: Office) -> list[bytes]:
    on_the_day(office, date(2019, 8, 28), lambda year: year.decide(date(2019, 8, 28)))
    on_the_day(office, date(2019, 10, 16), lambda year: year.hold_council(date(2019, 10, 15), {}))
    page = office.person(PLANNING, of_year("council/"))
    return picture(page, bottom=page.get_by_role("link", name="会議を登録する"))


@takes("council-opinion")
def council_opinion(office: Office) -> list[bytes]:
    page = office.person(PLANNING, of_year("council/1/1/"))
    page.get_by_label("期限").fill("令和2年3月31日")
    return picture(page, bottom=page.get_by_role("button", name="保存する"))


@takes("review-grant")
def review_grant(office: Office) -> list[bytes]:
    on_the_day(office, date(2019, 10, 17), lambda year: year.write_grant(date(2019, 10, 15)))
    page = office.person(PLANNING, of_year("grants/1/"))
    return picture(page, bottom=page.get_by_role("button", name="保存する"))


# 検証調書


@takes("edition-fix")
def edition_fix(office: Office) -> list[bytes]:
    on_the_day(office, date(2019, 12, 2), lambda year: year.withhold(WITHHELD))
    page = office.person(PLANNING, of_year("editions/fix/"))
    page.get_by_label("決裁日").fill("令和元年12月2日")
    page.get_by_label("文書番号").fill("総政第95号")
    page.get_by_label("終わっていないものを残して確定する理由").fill(
        "狩猟免許の人数は、照会先の回答が翌年になるため。"
    )
    return picture(page, bottom=page.get_by_role("button", name="検証調書を確定する"))


@takes("edition")
def edition(office: Office) -> list[bytes]:
    fix_year(office, date(2019, 12, 2), "総政第95号")
    page = office.person(PLANNING, f"{REVIEWS}editions/2/")
    return picture(page, bottom=page.get_by_role("heading", name="正誤表"))


@takes("public-edition")
def public_edition(office: Office) -> list[bytes]:
    publish(office, 2, date(2020, 1, 15))
    texts = {
        "箇所": "季節労働者数",
        "誤": "517人",
        "正": "519人",
        "日付": "2020-02-03",
        "理由": "集計の誤りのため（架空の例）。",
    }
    write_on_page(office, date(2020, 2, 3), f"{REVIEWS}editions/2/erratum/", texts)
    page = office.stranger()
    page.goto("/public/nemuro-2015/2/")
    return picture(page, bottom=page.get_by_role("row").nth(9))
