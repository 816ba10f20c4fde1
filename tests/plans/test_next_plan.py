"""次期計画を作る: a draft that carries over what was chosen, with baselines and without targets."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from goals.models import BasicGoal, Grant, NumericTarget, Strategy
from indicators.listing_rows import awaiting_target
from indicators.recording import move
from kpis.models import KPI
from measures.models import Measure, MeasureGroup, Project
from plans.loading import load_strategy
from plans.next_plan import (
    KINDS_OF_PARTS,
    carried_over,
    key_of,
    make_next_plan,
    new_plan,
    read_source,
)
from tests.factories import (
    load_city,
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_strategy,
    make_user,
    make_values,
)
from tests.html import form_data
from tests.pages import text_of
from tests.plan_of_other_levels import other_levels
from trail.history import Change, Door

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def planning(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


@pytest.fixture
def plan():
    return make_strategy(title="見本市総合戦略", code="mihon-2015", mostly_on_track=70)


@pytest.fixture
def goal(plan):
    return make_goal(plan)


@pytest.fixture
def measure(goal):
    return make_measure(goal)


def address(plan):
    return f"/strategies/{plan.code}/next/"


BOX = re.compile(r'name="keep"\s+value="([\w-]+)" id="[\w-]+"( checked)?>')


def boxes(html):
    """Return the keys of the check boxes of a page, each with whether it is ticked."""
    return {key: bool(ticked) for key, ticked in BOX.findall(html)}


def filled_in(client, plan, *, without=(), **fields):
    """Return the form as somebody opens it, with these parts unticked and these fields typed."""
    html = client.get(address(plan)).content.decode()
    data = form_data(html)
    ticked = [key for key, is_ticked in boxes(html).items() if is_ticked]
    data["keep"] = [key for key in ticked if key not in {key_of(part) for part in without}]
    return data | fields


def preview(client, plan, **kwargs):
    return client.post(address(plan), filled_in(client, plan, **kwargs))


def confirmed(html, data):
    """Return what the button of a preview sends: the form once more, with what was seen."""
    seen = re.search(r'name="seen" value="(\w+)"', html)
    assert seen, text_of_html(html)
    return data | {"seen": seen[1], "confirm": ""}


def text_of_html(html):
    return unescape(re.sub(r"<[^>]+>", " ", html))


def made(client, plan, **kwargs):
    """Go the whole way and return the next plan."""
    data = filled_in(client, plan, **kwargs)
    html = client.post(address(plan), data).content.decode()
    response = client.post(address(plan), confirmed(html, data))
    assert response.status_code == 302, text_of(response)
    return Strategy.objects.exclude(pk=plan.pk).get()


def confirm_values(*actuals):
    """Let another person of planning confirm values."""
    versions = {actual.pk: actual.version for actual in actuals}
    move(versions, "confirmed", Change(by=make_user(Role.PLANNING), door=Door.COMMAND))


def test_the_form_proposes_name_code_and_years_and_ticks_all(client, planning, plan, measure):
    make_project(measure)
    html = client.get(address(plan)).content.decode()
    data = form_data(html)
    assert data["title"] == "第2期見本市総合戦略"
    assert data["code"] == "mihon-2020"
    assert data["first_fiscal_year"] == "令和2年度（2020）"
    assert data["last_fiscal_year"] == "令和6年度（2024）"
    assert all(boxes(html).values())
    assert len(boxes(html)) == 4  # goal, group, measure, project
    assert "その下にあるものは、印が残っていても引き継ぎません" in html


@pytest.mark.parametrize(
    ("before", "after"),
    [("第２期見本市戦略", "第3期見本市戦略"), ("第９次総合計画", "第10次総合計画")],
)
def test_the_number_of_the_term_in_the_name_is_increased(client, planning, before, after):
    plan = make_strategy(title=before)
    assert form_data(client.get(address(plan)).content.decode())["title"] == after


def test_what_has_ended_is_not_ticked_at_first(client, planning, plan, measure):
    kept, ended = make_kpi(measure), make_kpi(measure, last_fiscal_year=2017)
    html = client.get(address(plan)).content.decode()
    assert boxes(html)[key_of(kept)]
    assert not boxes(html)[key_of(ended)]
    assert "平成29年度で終了" in html


def test_all_parts_continue_as_a_draft_with_the_rules_of_the_plan(client, planning, plan, measure):
    kpi = make_kpi(measure, name="相談件数")
    make_numeric_target(measure.group.goal)
    make_project(measure, category="拡充", implementer="商工会")
    new = made(client, plan, first_fiscal_year="R2", last_fiscal_year="2026")
    assert (new.state, new.first_fiscal_year, new.last_fiscal_year) == ("draft", 2020, 2026)
    assert (new.city, new.city_code, new.mostly_on_track) == ("見本市", "990002", 70)
    listing = KPI.objects.get(measure__group__goal__strategy=new)
    assert (listing.name, listing.indicator) == ("相談件数", kpi.indicator)
    assert (listing.kind, listing.direction, listing.target) == ("total", "up", None)
    assert (listing.sentence, listing.is_confirmed) == ("", False)
    assert len(awaiting_target(new)) == 2
    project = Project.objects.get(measure__group__goal__strategy=new)
    assert (project.category, project.implementer) == ("拡充", "商工会")
    for kind in KINDS_OF_PARTS:
        for part in kind.objects.filter(**{kind.plan_path: new}):
            part.full_clean()
    new.full_clean()


def test_new_projects_are_continued_ones(client, planning, plan, measure):
    make_project(measure, category="新規")
    html = preview(client, plan).content.decode()
    assert "区分を「新規」から空欄（継続）にします。" in html
    new = made(client, plan)
    assert Project.objects.get(measure__group__goal__strategy=new).category == ""


def test_parts_of_an_unticked_part_are_left_out(client, planning, plan, measure):
    other = make_goal(plan)
    make_kpi(make_measure(other), name="行かない指標")
    make_kpi(measure)
    html = preview(client, plan, without=[other]).content.decode()
    assert "引き継がないもの" in html
    assert "行かない指標" not in html
    new = made(client, plan, without=[other])
    assert new.goals.count() == 1
    assert KPI.objects.filter(measure__group__goal__strategy=new).count() == 1


def test_parts_are_renumbered_and_those_of_one_number_stay_together(
    client, planning, plan, goal, measure
):
    first = make_kpi(measure)
    make_kpi(measure, position=2, part="a", name="a")
    make_kpi(measure, position=2, part="b", name="b")
    lonely = make_kpi(measure, position=3, part="a")
    make_kpi(measure, position=3, part="b", name="alone")
    new = made(client, plan, without=[first, lonely])
    numbers = {
        kpi.name: kpi.number for kpi in KPI.objects.filter(measure__group__goal__strategy=new)
    }
    assert numbers == {"a": "1a", "b": "1b", "alone": "2"}


def test_what_revisions_did_stays_with_the_old_plan(client, planning, plan, measure):
    measure.former_titles = {"2016": "前の名称"}
    measure.first_fiscal_year = 2016
    measure.save()
    make_kpi(measure, from_fiscal_year=2018, target_year=2018, doubts="疑問")
    new = made(client, plan)
    copy = Measure.objects.get(group__goal__strategy=new)
    assert (copy.former_titles, copy.first_fiscal_year) == ({}, None)
    listing = copy.kpis.get()
    assert (listing.from_fiscal_year, listing.target_year, listing.doubts) == (None, None, "")


def listing_in(client, plan):
    """Make the next plan; return its only KPI."""
    return KPI.objects.get(measure__group__goal__strategy=made(client, plan))


def test_the_baseline_is_the_newest_confirmed_value(client, planning, plan, measure):
    kpi = make_kpi(measure, kind="level", sentence="80人", target=80)
    values = [make_actual(kpi.indicator, year, year - 2000) for year in (2016, 2017)]
    confirm_values(*values)
    make_actual(kpi.indicator, 2018, 99)
    text = text_of(preview(client, plan))
    assert "17人 平成29年度（2017） 現状値（確認済み）" in text
    assert "平成30年度の値は、確認済みでないため用いません。" in text
    new = listing_in(client, plan)
    assert (new.baseline, new.baseline_year, new.baseline_kind) == (17, 2017, "measured")


def test_without_a_confirmed_value_there_is_no_baseline_and_the_preview_says_so(
    client, planning, plan, measure
):
    kpi = make_kpi(measure, kind="level", sentence="80人", target=80, baseline=3,
                   baseline_kind="measured")  # fmt: skip
    make_actual(kpi.indicator, 2018, 99)
    text = text_of(preview(client, plan))
    assert "確認済みの実績値がないため、基準値はありません（平成30年度の値は未確認）。" in text
    assert "1指標のうち0指標に" in text
    new = listing_in(client, plan)
    assert (new.baseline, new.baseline_kind) == (None, "")


def test_the_baseline_of_a_total_is_the_sum_of_the_plan_as_that_of_the_previous_period(
    client, planning, plan, measure
):
    kpi = make_kpi(measure)
    confirm_values(*(make_actual(kpi.indicator, year, 10) for year in (2014, 2015, 2016, 2017)))
    text = text_of(preview(client, plan))
    assert "30人 平成29年度（2017） 前期間の実績" in text
    assert "平成27年度から平成29年度までの合計です。" in text
    assert "平成30年度、令和元年度は、確認済みの値がないため含みません。" in text
    new = listing_in(client, plan)
    assert (new.baseline, new.baseline_kind) == (30, "previous_period")


def test_the_baseline_of_a_running_total_is_its_newest_value(client, planning, plan, measure):
    kpi = make_kpi(measure, make_indicator(running_total=True))
    confirm_values(*(make_actual(kpi.indicator, year, year - 2000) for year in (2015, 2016)))
    new = listing_in(client, plan)
    assert (new.baseline, new.baseline_year, new.baseline_kind) == (16, 2016, "previous_period")


def test_special_targets_are_listed_and_stay_empty(client, planning, plan, measure):
    compared = make_indicator()
    for fields in (
        {"kind": "monitor", "sentence": "", "target": None, "name": "参考"},
        {"kind": "described", "sentence": "進める", "target": None, "name": "記述"},
        {"kind": "level", "sentence": "20～30人", "target": 20, "upper": 30, "name": "範囲"},
        {"kind": "every_year", "sentence": "全国以上", "target": None, "name": "比較",
         "relation": "reference", "reference": compared},
    ):  # fmt: skip
        kpi = make_kpi(measure, **fields)
        if fields["kind"] != "described":
            confirm_values(make_actual(kpi.indicator, 2018, 25))
    text = text_of(preview(client, plan))
    assert "参考指標のまま引き継ぎます。" in text
    assert "記述目標のため、基準値はありません。" in text
    assert "今の計画では範囲の目標です。" in text
    assert "の値以上」目標です。" in text
    new = made(client, plan)
    found = {kpi.name: kpi for kpi in KPI.objects.filter(measure__group__goal__strategy=new)}
    assert {str(one).split()[1] for one in awaiting_target(new)} == {"記述", "範囲", "比較"}
    for name, kpi in found.items():
        kpi.full_clean()
        assert (kpi.target, kpi.upper, kpi.reference, kpi.sentence) == (None, None, None, ""), name
        assert kpi.baseline == (None if name == "記述" else 25)


@pytest.fixture
def relisted(measure):
    """A project with two re-listings, the first of which comes before its home."""
    before = make_measure(measure.group.goal, position=2)
    measure.position = 3
    measure.save()
    after = make_measure(measure.group.goal, position=4)
    home = make_project(measure, name="事業", content="元の内容")
    return home, *(
        make_project(one, name="事業", content=f"再掲の内容{one.position}", relisted_from=home)
        for one in (before, after)
    )


def rows_of(new):
    rows = Project.objects.filter(measure__group__goal__strategy=new)
    return {row.content: row.relisted_from and row.relisted_from.content for row in rows}


@pytest.mark.both_databases
def test_relistings_continue_with_their_home(client, planning, plan, relisted):
    assert rows_of(made(client, plan)) == {
        "元の内容": None, "再掲の内容2": "元の内容", "再掲の内容4": "元の内容",
    }  # fmt: skip


@pytest.mark.both_databases
def test_the_first_relisting_takes_the_place_of_a_home_that_stays(client, planning, plan, relisted):
    text = text_of(preview(client, plan, without=relisted[:1]))
    assert "再掲でなく、この事業を元の掲載とします。" in text
    assert "先に掲げる事業の再掲とします。" in text
    new = made(client, plan, without=relisted[:1])
    assert rows_of(new) == {"再掲の内容2": None, "再掲の内容4": "再掲の内容2"}


@pytest.mark.both_databases
def test_everything_has_its_history_with_door_and_reason(client, planning, plan, measure):
    make_kpi(measure)
    make_project(measure)
    new = made(client, plan)
    for kind in (Strategy, BasicGoal, MeasureGroup, Measure, KPI, Project):
        [row] = kind.history.filter(history_change_reason__contains="次期計画を作成")
        assert (row.door, row.history_user, row.history_type) == (Door.PAGE, planning, "+")
    assert plan.title in new.history.get().history_change_reason


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": ""}, "名称を入力してください。"),
        ({"code": "第2期"}, "半角の英字"),
        ({"code": "mihon-2015"}, "「見本市総合戦略」が使っています"),
        ({"first_fiscal_year": ""}, "最初の年度を入力してください。"),
        ({"first_fiscal_year": "来年"}, "年度として読めません"),
        ({"last_fiscal_year": "R1"}, "最初の年度「令和2年度（2020）」より前です"),
        ({"first_fiscal_year": "H27"}, "今の計画の最初の年度（平成27年度）より後に"),
        ({"keep": []}, "引き継ぐ基本目標を、一つ以上選んでください"),
        ({"keep": ["basicgoal-0"]}, "削除されたものがあります"),
    ],
)
def test_errors_are_shown_and_what_was_typed_stays(
    client, planning, plan, measure, fields, message
):
    typed = {"title": "打った名称", "last_fiscal_year": "R8"} | fields
    response = preview(client, plan, without=[measure], **typed)
    html = response.content.decode()
    assert message in text_of(response)
    assert "<title>エラー：" in html
    data = form_data(html)
    assert (data["title"], data["last_fiscal_year"]) == (typed["title"], typed["last_fiscal_year"])
    if "keep" not in fields:
        assert not boxes(html)[key_of(measure)]
        assert boxes(html)[key_of(measure.group)]
    assert Strategy.objects.count() == 1


def test_back_from_the_preview_the_form_is_as_it_was(client, planning, plan, measure):
    data = filled_in(client, plan, without=[measure], title="打った名称")
    html = client.post(address(plan), data).content.decode()
    sent = form_data(html) | {"keep": data["keep"], "back": ""}
    html = client.post(address(plan), sent).content.decode()
    assert form_data(html)["title"] == "打った名称"
    assert [key for key, is_ticked in boxes(html).items() if not is_ticked] == [key_of(measure)]
    assert Strategy.objects.count() == 1


def test_the_second_of_two_same_forms_opens_the_plan_that_the_first_made(
    client, planning, plan, measure
):
    data = filled_in(client, plan)
    data = confirmed(client.post(address(plan), data).content.decode(), data)
    first = client.post(address(plan), data)
    second = client.post(address(plan), data, follow=True)
    assert second.redirect_chain == [(first.url, 302)]
    assert "すでに作ってあります" in text_of(second)
    assert Strategy.objects.count() == 2


def test_another_plan_with_the_code_is_not_taken_for_it(client, planning, plan, measure):
    data = filled_in(client, plan)
    data = confirmed(client.post(address(plan), data).content.decode(), data)
    make_strategy(code=data["code"], state="draft")
    assert "が使っています" in text_of(client.post(address(plan), data))
    assert Strategy.objects.count() == 2


@pytest.mark.both_databases
def test_what_changed_since_the_preview_is_shown_before_anything_is_made(
    client, planning, plan, measure
):
    kpi = make_kpi(measure, kind="level", sentence="80人", target=80)
    data = filled_in(client, plan)
    data = confirmed(client.post(address(plan), data).content.decode(), data)
    confirm_values(make_actual(kpi.indicator, 2018, 45))
    response = client.post(address(plan), data)
    assert "まだ作っていません。今の内容を確かめて" in text_of(response)
    assert "45人" in text_of(response)
    assert Strategy.objects.count() == 1
    assert client.post(address(plan), confirmed(response.content.decode(), data)).status_code == 302


def test_a_gap_and_an_overlap_of_the_plans_are_reported(client, planning, plan, measure):
    years = {"first_fiscal_year": "R3", "last_fiscal_year": "R7"}
    assert "計画のない年度があります" in text_of(preview(client, plan, **years))
    years["first_fiscal_year"] = "R1"
    assert "重なる年度は、両方の計画で判定します" in text_of(preview(client, plan, **years))


def test_no_plan_is_made_from_a_draft(client, planning):
    draft = make_strategy(state="draft", title="作りかけ")
    response = client.get(address(draft))
    assert response.status_code == 409
    assert "作成中のため" in text_of(response)
    assert "次期計画を作る" not in client.get(f"/strategies/{draft.code}/").content.decode()


def test_only_planning_finds_the_link_on_the_overview_and_in_the_admin(client, plan):
    pages = [f"/strategies/{plan.code}/", reverse("admin:goals_strategy_change", args=[plan.pk])]
    for role, is_shown in ((Role.PLANNING, True), (Role.AUDITOR, False)):
        client.force_login(make_user(role))
        for page in pages:
            html = client.get(page).content.decode()
            assert (f'href="{address(plan)}"' in html) is is_shown, (role, page)


INSERT = re.compile(r'INSERT INTO "(\w+)"')


def statements(client, plan, **kwargs):
    """Return the statements that making the next plan needs: reading, and the tables written."""
    data = filled_in(client, plan, **kwargs)
    data = confirmed(client.post(address(plan), data).content.decode(), data)
    with CaptureQueriesContext(connection) as queries:
        assert client.post(address(plan), data).status_code == 302
    texts = [query["sql"] for query in queries]
    written = [found[1] for text in texts if (found := INSERT.match(text))]
    others = [text for text in texts if text.startswith(("SELECT", "UPDATE", "DELETE"))]
    return others, written


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(client, planning):
    """SQLite takes few values at once, so that a table may be written in portions."""
    nemuro = load_city()
    make_values(nemuro)
    every = [part for kind in (NumericTarget, KPI, Project) for part in kind.objects.order_by("pk")]
    few = [part for part in every if part not in (*every[:1], KPI.objects.first())]
    homes = Project.objects.exclude(relistings=None).order_by("pk")
    kept = {homes[0].pk, homes[0].relistings.first().pk}
    few = [one for one in few if not (isinstance(one, Project) and one.pk in kept)]
    read_few, written_few = statements(client, nemuro, without=few, code="few")
    read_all, written_all = statements(client, nemuro, code="all")
    assert len(read_all) == len(read_few)
    assert set(written_all) == set(written_few)
    assert len(read_all) <= 25
    assert len(written_few) <= 18


def test_the_grants_of_a_plan_continue_with_the_parts_that_name_them(
    client, planning, plan, measure
):
    Grant.objects.create(strategy=plan, number=1, name="関係人口をつくる事業")
    make_project(measure, name="交流事業", grants=[1])
    source = read_source(plan)
    years = {"first_fiscal_year": 2020, "last_fiscal_year": 2024}
    new = new_plan(plan, code="mihon-2020", title="第2期", **years)
    chosen = {key_of(part) for part in source.every_part}
    make_next_plan(source, new, carried_over(source, chosen, new), by=planning)
    assert [grant.name for grant in new.grants.all()] == ["関係人口をつくる事業"]


def test_a_plan_of_other_levels_keeps_them_in_the_next_plan(client, planning):
    load_strategy(other_levels())
    plan = Strategy.objects.get()
    source = read_source(plan)
    html = client.get(address(plan)).text
    assert "政策の柱の直下" in html
    years = {"first_fiscal_year": 2027, "last_fiscal_year": 2031}
    new = new_plan(plan, code="next", title="次の設計図", **years)
    chosen = {key_of(part) for part in source.every_part}
    make_next_plan(source, new, carried_over(source, chosen, new), by=planning)
    assert new.words == plan.words
    directly = Measure.objects.filter(group__goal__strategy=new, title="")
    assert {(one.position, one.group.symbol) for one in directly} == {(0, "")}
    assert BasicGoal.objects.filter(strategy=new, is_cross_cutting=True).count() == 1
