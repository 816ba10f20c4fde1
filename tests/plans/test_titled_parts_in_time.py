"""基本目標, 施策の区分 and 具体的施策 that a revision adds, renames or ends."""

import json

import pytest

from accounts.roles import Role
from goals.models import BasicGoal, NumericTarget
from indicators.in_force import ENDED_WITH_THE_PART_ABOVE
from measures.models import Measure, MeasureGroup
from plans.loading import LoadError, load_strategy
from plans.revision_table import revised_parts
from plans.tree import read_plain_tree, read_tree
from reports.strategy_json import strategy_as_json
from tests.admin_addresses import add_page, page_of
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_project,
    make_user,
)
from tests.plans.revising import act, decide

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def planning(client):
    client.force_login(make_user(Role.PLANNING))
    return client


@pytest.fixture
def kpi():
    kpi = make_kpi()
    for year in (2015, 2016, 2017):
        make_actual(kpi.indicator, year, 5)
    return kpi


@pytest.fixture
def plan(kpi):
    return kpi.strategy


@pytest.fixture
def revision(planning, plan):
    return decide(planning, plan, 2017)


def as_text(plan, year):
    return json.dumps(strategy_as_json(read_tree(plan.code, year)), ensure_ascii=False)


def exported(plan):
    return strategy_as_json(read_plain_tree(plan.code))


def parts_of(plan, revision):
    plain = read_plain_tree(plan.code)
    node = next(one for one in plain.revisions if one.number == revision.number)
    return revised_parts(plain, node)


def acts(plan, revision):
    return [
        (one.kind, one.place, one.act, [(f.old, f.new) for f in one.fields])
        for one in parts_of(plan, revision)
    ]


def text_of(pieces):
    return "".join(text for text, _ in pieces)


def test_a_goal_that_a_revision_adds_is_in_no_earlier_year(planning, plan, revision):
    before = as_text(plan, 2016)
    html = act(
        planning, add_page(BasicGoal), strategy=plan.pk, position="2", title="新しい目標",
        as_revision=revision.pk,
    )  # fmt: skip
    assert "平成29年度から、計画に載ります。" in html
    assert as_text(plan, 2016) == before
    assert [goal.title for goal in read_tree(plan.code, 2017).goals][1:] == ["新しい目標"]
    address = f"/strategies/{plan.code}/goals/2/"
    assert planning.get(f"{address}?year=2017").status_code == 200
    gone = planning.get(f"{address}?year=2016")
    assert gone.status_code == 404
    assert "平成29年度からです" in gone.content.decode()
    assert acts(plan, revision)[0][:3] == ("基本目標", "2", "追加")


def test_what_is_added_below_a_new_goal_begins_with_it(planning, plan, revision):
    act(
        planning, add_page(BasicGoal), strategy=plan.pk, position="2", title="新しい目標",
        as_revision=revision.pk,
    )  # fmt: skip
    goal = plan.goals.get(position=2)
    act(
        planning, add_page(NumericTarget), goal=goal.pk, position="1", name="人口",
        sentence="５年で１０人", indicator=make_indicator().pk, reading_confirmed="on",
        change_reason="改訂による追加",
    )  # fmt: skip
    assert goal.numeric_targets.get().first_fiscal_year == 2017


@pytest.mark.parametrize("kind", [BasicGoal, MeasureGroup, Measure])
def test_a_part_that_a_revision_renames_keeps_its_title_in_earlier_years(
    planning, plan, revision, kind
):
    part = kind.objects.get()
    old = part.title
    before = as_text(plan, 2016)
    html = act(planning, page_of(part), as_revision=revision.pk, title="新しい名称")
    assert "平成28年度までの内容と判定は、改訂前のままです。" in html
    assert as_text(plan, 2016) == before
    later = strategy_as_json(read_tree(plan.code, 2017))
    assert f'"former_titles": [{{"last_year": 2016, "title": "{old}"}}]' in json.dumps(
        later, ensure_ascii=False
    )
    said = planning.get(f"/strategies/{plan.code}/list/?year=2017").content.decode()
    assert "新しい名称" in said
    ((_, _, done, fields),) = acts(plan, revision)
    assert (done, [(text_of(a), text_of(b)) for a, b in fields]) == ("変更", [(old, "新しい名称")])
    assert f"平成28年度まで {old}" in planning.get(page_of(part)).content.decode()


def test_a_title_is_taken_back_and_moves_with_its_revision(planning, plan, revision):
    goal = plan.goals.get()
    old = goal.title
    act(planning, page_of(goal), as_revision=revision.pk, title="二つ目")
    act(planning, page_of(goal), as_revision=revision.pk, title="三つ目")
    html = act(planning, page_of(goal), title="直した名称")
    assert ">平成29年度の画面に出ている内容が変わります。" in html
    goal.refresh_from_db()
    assert (goal.title, goal.former_titles) == ("三つ目", {"2016": old})
    assert f"平成28年度まで「{old}」" in planning.get("/changes/?kind=plan").content.decode()
    act(planning, page_of(revision), from_fiscal_year="2018", change_reason="年度の誤り")
    goal.refresh_from_db()
    assert goal.former_titles == {"2017": old}
    assert planning.get(page_of(goal)).status_code == 200
    act(planning, page_of(goal), take_back="on", change_reason="取りやめ")
    goal.refresh_from_db()
    assert (goal.title, goal.former_titles) == (old, {})


def test_a_typing_error_in_a_former_title_is_corrected(planning, plan, revision):
    goal = plan.goals.get()
    old = goal.title
    act(planning, page_of(goal), as_revision=revision.pk, title="新しい名称")
    for typed, message in (
        ("平成29年度まで 直した名称", "改訂前の名称の年度は、変えられません。"),
        ("直した名称", "改訂前の名称の行「直した名称」を読み取れません。"),
        ("平成28年度まで " + "あ" * 201, "は201文字です。"),
    ):
        assert message in act(planning, page_of(goal), former_titles=typed, change_reason="誤字")
    goal.refresh_from_db()
    assert goal.former_titles == {"2016": old}
    act(planning, page_of(goal), former_titles="H28まで　直した名称", change_reason="誤字")
    assert read_tree(plan.code, 2016).goals[0].title == "直した名称"
    assert read_tree(plan.code, 2017).goals[0].title == "新しい名称"


def test_an_ended_goal_ends_all_that_is_below_it(planning, plan, kpi, revision):
    before = as_text(plan, 2016)
    act(planning, page_of(plan.goals.get()), as_revision=revision.pk, ends="on", end_reason="達成")
    assert as_text(plan, 2016) == before
    tree = read_tree(plan.code, 2017)
    assert (tree.goals, tree.listings) == ((), ())
    kpi.refresh_from_db()
    assert kpi.last_fiscal_year == 2016


def test_only_what_ended_with_a_part_comes_back_with_it(planning, plan, kpi, revision):
    measure = kpi.measure
    with_it, project = make_kpi(measure), make_project(measure)
    act(planning, page_of(kpi), as_revision=revision.pk, ends="on", end_reason="見直し")
    act(planning, page_of(measure), as_revision=revision.pk, ends="on", end_reason="見直し")
    goal = plan.goals.get()
    act(planning, page_of(goal), as_revision=revision.pk, ends="on", end_reason="見直し")
    notes = {one.note for one in parts_of(plan, revision)}
    assert notes == {"見直し", ENDED_WITH_THE_PART_ABOVE}

    def running():
        parts = (goal, measure.group, measure, kpi, with_it, project)
        for part in parts:
            part.refresh_from_db()
        return [part.last_fiscal_year is None for part in parts]

    act(planning, page_of(goal), take_back="on", change_reason="取りやめ")
    assert running() == [True, True, False, False, False, False]
    act(planning, page_of(measure), take_back="on", change_reason="取りやめ")
    assert running() == [True, True, True, False, True, True]
    assert kpi.ending_reason == "見直し"


def test_published_years_and_numbers_are_not_changed_by_a_revision(planning, plan, revision):
    goal = plan.goals.get()
    html = act(planning, page_of(goal), as_revision=revision.pk, position="3")
    assert "番号は、改訂では変えられません。" in html
    year = make_fiscal_year(2017)
    year.published_on = "2018-08-01"
    year.save()
    html = act(planning, page_of(goal), as_revision=revision.pk, title="新しい名称")
    assert "平成29年度（2017）の結果は公表済みのため" in html
    goal.refresh_from_db()
    assert goal.former_titles == {}


def test_a_revised_plan_offers_no_rows_that_add_without_a_revision(planning, plan, revision):
    for part in (plan, plan.goals.get().measure_groups.get()):
        assert "-TOTAL_FORMS" in (html := planning.get(page_of(part)).content.decode())
        assert "-0-title" not in html


def test_a_plan_with_titles_in_time_is_loaded_as_it_was_exported(planning, plan, revision):
    for part in (plan.goals.get(), MeasureGroup.objects.get()):
        act(planning, page_of(part), as_revision=revision.pk, title="新しい名称")
    file = exported(plan)
    assert load_strategy(file).changed == 0
    texts = {year: as_text(plan, year) for year in (2016, 2017)}
    plan.delete()
    load_strategy(file)
    assert {year: as_text(plan, year) for year in (2016, 2017)} == texts
    del file["goals"][0]["former_titles"]
    with pytest.raises(LoadError, match="平成28年度（2016）までの名称が、ファイルの former_titles"):
        load_strategy(file)


def test_a_former_title_needs_its_revision(plan):
    file = exported(plan)
    file["goals"][0]["former_titles"] = [{"last_year": 2017, "title": "古い名称"}]
    with pytest.raises(LoadError, match="その次の年度から適用する改訂がありません"):
        load_strategy(file)
