"""A whole year, by all roles: from its opening to the publication of what it came to, and 正誤."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role, sync_groups
from indicators.models import FiscalYear
from measures.models import Measure
from reviews.models import Edition, MeasureReview
from tests.factories import make_indicator, make_kpi, make_measure, make_project, make_section
from tests.factories import make_user as make_person

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

YEAR = 2017
NAME = "水揚げ量"


class People:
    """A page for each person, logged in once."""

    def __init__(self, open_page, measure: Measure, section) -> None:
        self.measure = measure
        self.base = f"/strategies/{measure.strategy.code}/reviews/"
        roles = {
            "planning": (Role.PLANNING, "企画 花子"),
            "colleague": (Role.PLANNING, "企画 次郎"),
            "clerk": (Role.CLERK, "水産 渚"),
            "head": (Role.HEAD, "水産 良子"),
            "auditor": (Role.AUDITOR, "監査 正"),
            "reader": (Role.READER, "閲覧 文"),
        }
        self.users = {
            key: make_person(role, *([section] if key in ("clerk", "head") else ()), full_name=name)
            for key, (role, name) in roles.items()
        }
        self._open, self._pages = open_page, {}

    def __call__(self, who: str, path: str = "") -> Page:
        """Return the page of a person, at an address of the year's end or from the root."""
        address = path if path.startswith("/") else f"{self.base}{path}?year={YEAR}"
        if who not in self._pages:
            self._pages[who] = self._open(self.users[who], address)
        else:
            self._pages[who].goto(address)
        return self._pages[who]


@pytest.fixture
def people(transactional_db, open_page, settings) -> People:
    settings.PUBLIC_PAGES = True
    sync_groups()
    section = make_section("水産課")
    measure = make_measure(title="漁業の振興")
    make_kpi(measure, make_indicator(section, name=NAME, unit="t"), name=NAME)
    make_project(measure, name="漁港の整備", section=section)
    return People(open_page, measure, section)


def press(page: Page, name: str, says: str) -> None:
    """Press a button and wait for what the next page says."""
    page.get_by_role("button", name=name, exact=True).first.click()
    expect(page.locator("body")).to_contain_text(says)


def fill(page: Page, **fields: str) -> None:
    """Fill in fields by their names, choices by their labels."""
    for name, text in fields.items():
        field = page.locator(f"[name='{name}']").first
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=text)
        else:
            field.fill(text)


def open_the_year(people: People) -> None:
    page = people("planning", "/entry/new/")
    fill(page, year="平成29年度")
    press(page, "年度を作る", "を作りました")
    page.goto(f"/entry/{YEAR}/open/")
    press(page, "入力の受付を開始する", "受付を開始しました")


def enter_and_ask(people: People, value: str) -> None:
    page = people("clerk", f"/entry/{YEAR}/")
    page.get_by_label(f"実績値：{NAME}").fill(value)
    press(page, "一時保存する", "保存しました")
    page.goto(f"/entry/{YEAR}/answer/?state=draft&all=on")
    press(page, "課長に確認を依頼する", "1件を「課長確認待ち」にしました")


def enter_return_answer_and_confirm(people: People) -> None:
    enter_and_ask(people, "450")
    page = people("head", f"/entry/{YEAR}/answer/")
    page.get_by_label(f"{NAME}を選ぶ").check()
    page.get_by_label("差し戻す理由").fill("けたを確かめてください。")
    press(page, "担当者に差し戻す", "1件を「差戻し」にしました")
    enter_and_ask(people, "45")
    people("head", f"/entry/{YEAR}/answer/")
    page.get_by_label(f"{NAME}を選ぶ").check()
    press(page, "回答する", "1件を「回答済み」にしました")
    page = people("planning", f"/entry/{YEAR}/answer/?state=answered&all=on")
    press(page, "内容を確認した", "1件を「確認済み」にしました")


def write_answer_and_confirm(people: People, path: str, **fields: str) -> None:
    """A clerk writes of a project or a measure, the head answers, planning confirms."""
    page = people("clerk", path)
    fill(page, **fields)
    press(page, "一時保存する", "保存しました")
    people("clerk", path)
    press(page, "課長に確認を依頼する", "課長確認待ち")
    press(people("head", path), "回答する", "回答済み")
    press(people("planning", path), "内容を確認した", "確認済み")


def hold_the_council(people: People) -> None:
    page = people("planning", "council/0/")
    fill(page, name="推進会議", held_on="2018-10-20", **{"member-0-name": "浜田 一"})
    press(page, "保存する", "会議を保存しました")
    people("planning", "council/goals/")
    fill(page, **{"goal-1-verdict": "有効であった", "goal-1-summary": "成果があった。"})
    press(page, "保存する", "外部評価を保存しました")
    people("planning", "council/1/add/")
    fill(page, about=f"KPI {NAME}", text="もっと高く。", section="水産課")
    press(page, "保存する", "意見1を登録しました")
    page = people("clerk", "council/1/1/")
    fill(page, answer="次の計画で見直します。", response="次年度に反映")
    press(page, "保存する", "意見を保存しました")


def decide(people: People) -> None:
    """推進本部 decides on the evaluation."""
    page = people("planning", "decisions/")
    page.get_by_role("checkbox", name="漁業の振興を選ぶ").check()
    fill(page, decided_on="2018-11-05", **{f"text-{MeasureReview.objects.get().pk}": "継続する。"})
    press(page, "決定を記録する", "1件の決定を記録しました")


def fix_and_publish(people: People) -> None:
    page = people("planning", "editions/fix/")
    expect(page.get_by_role("main")).to_contain_text("すべて確認済みです")
    fill(page, decided_on="2019-01-10", document_number="根総政第1号")
    press(page, "検証調書を確定する", "第1号を確定しました")
    page = people("colleague", "editions/1/publish/")
    fill(page, published_on="2019-01-20")
    press(page, "公表する", "を公表しました")


def correct(people: People) -> None:
    page = people("planning", "editions/1/erratum/")
    fill(page, place="3ページ", wrong="漁業の進行", right="漁業の振興", entered_on="2019-02-01")
    fill(page, reason="誤記")
    press(page, "正誤を登録する", "正誤1を登録しました")


def seen_by_the_auditor(people: People) -> None:
    page = people("auditor", "published/")
    main = page.get_by_role("main")
    expect(main).to_contain_text("公表した検証調書と違う値は、ありません")
    for said in ("企画 花子", "企画 次郎", "水産 渚", "継続する。"):
        expect(main).to_contain_text(said)
    people("auditor", "editions/1/")
    expect(main).to_contain_text("公表済み")
    expect(main).to_contain_text("漁業の進行")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="正誤表を添えて受け取る（ZIP）").first.click()
    assert waiting.value.suggested_filename.endswith("_正誤表付き.zip")


def seen_without_log_in(page: Page) -> None:
    page.goto("/public/")
    page.get_by_role("link", name="平成29年度実績の検証（第1号）").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("この号には、正誤が1件あります。")
    main.get_by_role("link", name=NAME).click()
    expect(main.get_by_role("img", name=f"{NAME}の推移").first).to_be_visible()
    page.get_by_role("link", name=re.compile("漁業の振興$")).click()
    for said in ("増えた。", "岸壁を直した。", "予算額 1,200千円"):
        expect(main).to_contain_text(said)
    page.get_by_role("link", name="正誤表").first.click()
    expect(main).to_contain_text("漁業の進行")
    assert page.context.cookies() == []


def closed_to_the_reader(people: People) -> None:
    page = people("reader", "editions/1/")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("検証調書")


def test_a_year_goes_from_its_opening_to_its_publication_by_all_roles(people, new_page):
    open_the_year(people)
    enter_return_answer_and_confirm(people)
    project = people.measure.projects.get().pk
    done = {"done": "岸壁を直した。", "policy": "継続"}
    money = {"budget": "1200", "settlement": "1100", "general": "1100"}
    write_answer_and_confirm(people, f"projects/{project}/", **done, **money)
    evaluated = {"results": "増えた。", "issues": "燃料が高い。", "policy": "継続"}
    evaluated |= {"grade": "Ａ 順調", "grade_reason": "見込みによる。"}
    write_answer_and_confirm(people, f"measures/{people.measure.code}/", **evaluated)
    hold_the_council(people)
    decide(people)
    fix_and_publish(people)
    correct(people)
    seen_by_the_auditor(people)
    seen_without_log_in(new_page())
    closed_to_the_reader(people)
    assert FiscalYear.objects.get().published_on is not None
    assert re.search("岸壁を直した", Edition.objects.get().data)
