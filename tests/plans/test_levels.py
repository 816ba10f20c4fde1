"""Plans with other levels and words: loading, exporting and the addresses of what is in them."""

import csv
import io
import json
from copy import deepcopy

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Section
from accounts.roles import Role
from goals.models import Grant, Strategy
from indicators.plan_words import STANDARD_WORDS, Words, check_words, own_words, words_from
from measures.models import Measure, MeasureGroup, Project
from plans.loading import LoadError, load_strategy
from plans.tree import read_plain_tree, read_tree
from reports.strategy_json import strategy_as_json
from tests.factories import (
    load_city,
    make_goal,
    make_measure,
    make_project,
    make_section,
    make_user,
)
from tests.pages import text_of
from tests.plan_of_other_levels import CODE, WORDS, load_other_levels, other_levels

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


def exported() -> dict:
    return strategy_as_json(read_plain_tree(CODE))


def first_goal() -> dict:
    """Return the plan with its first goal only: all that tests change is there."""
    data = other_levels()
    del data["goals"][1:]
    return data


def refused(data: dict) -> str:
    with pytest.raises(LoadError) as error:
        load_strategy(data)
    assert not Strategy.objects.exists()
    return "\n".join(error.value.problems)


def test_a_plan_of_other_levels_is_exported_as_it_was_loaded():
    load_other_levels()
    wanted = json.dumps(other_levels(), ensure_ascii=False, indent=1)
    assert json.dumps(exported(), ensure_ascii=False, indent=1) == wanted


def test_loading_it_again_changes_nothing():
    load_other_levels()
    result = load_strategy(other_levels())
    assert (result.created, result.changed) == (0, 0)


def test_places_tell_whether_there_is_a_group():
    load_other_levels()
    goal = read_tree(CODE).goals[0]
    directly, measure = goal.parts
    assert [kpi.place for kpi in directly.kpis] == ["1-0-1"]
    assert (measure.place, measure.label, measure.label_in_plan) == ("1-1", "①", "政策の柱1①")
    assert [kpi.place for kpi in measure.kpis] == ["1-1-1"]
    assert goal.measures == (measure,)
    assert (directly.title, directly.label, directly.url) == ("", "", goal.url)
    relisted = next(p for p in read_tree(CODE).projects if p.relisted_from)
    assert (relisted.home, relisted.home_label) == ("2-1", "政策の柱2①")


def test_a_goal_across_all_others_has_no_number_unless_there_are_several():
    data = other_levels()
    load_strategy(data)
    assert [goal.label for goal in read_tree(CODE).goals] == ["政策の柱1", "政策の柱2", "横串の柱"]
    data["goals"][1]["cross_cutting"] = True
    load_strategy(data)
    assert [goal.label for goal in read_tree(CODE).goals] == ["政策の柱1", "横串の柱1", "横串の柱2"]


def test_parts_carry_what_the_file_says():
    load_other_levels()
    tree = read_tree(CODE)
    measure = tree.goals[0].measures[0]
    project = measure.projects[0]
    assert measure.carried.sdgs_label == "3、11"
    assert [grant.label for grant in project.carried.grants] == [
        "関係人口の交付金（推進タイプ、令和2年度から令和4年度まで）",
        "港の交付金",
    ]
    assert (project.budget_item, project.carried.general_plan_code) == ("3款2項1目", "2-1-3")
    assert project.section == tree.goals[0].parts[0].kpis[0].indicator.section
    assert tree.goals[0].parts[0].kpis[0].carried.sdgs == (4,)


def test_an_earlier_day_has_the_words_and_grants_of_that_day():
    strategy = load_other_levels()
    day = timezone.localdate(strategy.history.first().history_date)
    tree = read_tree(CODE, as_of=day)
    assert (tree.words.goal, [grant.name for grant in tree.grants]) == (
        "政策の柱", ["関係人口の交付金", "港の交付金"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["strategy"]["words"].update(goal=" "), "基本目標の呼び方が空です"),
        (lambda d: d["strategy"]["words"].update(gaol="柱"), "「gaol」という項目はありません"),
        (lambda d: d["strategy"]["words"].update(group="取組"), "「取組」が、施策の区分の呼び方と"),
        (lambda d: d["strategy"]["words"].update(categories=[]), "1個から20個まで"),
        (
            lambda d: d["strategy"]["words"]["categories"].append({"name": "皆増"}),
            "「皆増」は、「皆増」と同じか",
        ),
        (lambda d: measures(d)[1]["projects"][0].update(category="新規"), "この計画にありません"),
        (lambda d: measures(d)[1].update(sdgs=[3, 18]), "SDGsの番号「18」は使えません"),
        (lambda d: measures(d)[1].update(grants=[7]), "番号7の交付金がありません"),
        (lambda d: measures(d)[1].update(title=""), "番号1の施策の名称がありません"),
        (lambda d: measures(d)[0].update(title="名のある"), "の番号が0です"),
        (lambda d: d["goals"][0]["measure_groups"][0].update(title="束"), "記号を入力するか"),
        (lambda d: d["goals"][0]["measure_groups"][0].update(symbol="ア"), "名称を入力するか"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(change, message):
    data = first_goal()
    change(data)
    assert message in refused(data)


def measures(data: dict) -> list[dict]:
    return data["goals"][0]["measure_groups"][0]["measures"]


@pytest.mark.parametrize("symbol", ["Ⅰ", "A", "Ａ", "ｱ", "い", "1", "⑴", "①", "甲"])
def test_a_symbol_survives_in_any_width(symbol):
    data = first_goal()
    named = data["goals"][0]["measure_groups"][0]
    named["measures"] = [m for m in named["measures"] if m["position"]]
    named |= {"symbol": symbol, "title": "名のある束"}
    load_strategy(data)
    assert exported()["goals"][0]["measure_groups"][0]["symbol"] == symbol
    assert read_tree(CODE).goals[0].measures[0].place == f"1-{symbol}-1"


def test_two_symbols_of_a_file_that_differ_in_width_only_are_refused():
    data = first_goal()
    groups = data["goals"][0]["measure_groups"]
    groups += [
        {"symbol": "ア", "title": "一つ目", "measures": []},
        {"symbol": "ｱ", "title": "二つ目", "measures": []},
    ]
    assert "記号「ｱ」は、「ア」と" in refused(data)


@pytest.mark.parametrize("symbol", ["ア-1", "ア/", "㋐", "ア?", "（ア）"])
def test_a_symbol_that_would_break_an_address_is_refused(symbol):
    data = first_goal()
    data["goals"][0]["measure_groups"].append({"symbol": symbol, "title": "束", "measures": []})
    assert f"記号「{symbol}」は、画面のアドレスに使えません" in refused(data)


def test_number_0_is_allowed_only_in_a_group_without_a_symbol():
    group = make_measure().group
    with pytest.raises(ValidationError, match="直下を表します"):
        Measure(group=group, position=0, title="").full_clean()


def test_only_one_group_of_a_goal_is_without_a_symbol():
    goal = make_goal()
    MeasureGroup.objects.create(goal=goal, position=1)
    with pytest.raises(ValidationError):
        MeasureGroup(goal=goal, position=2).full_clean()


def test_two_grants_of_a_plan_have_two_names():
    strategy = make_goal().strategy
    Grant.objects.create(strategy=strategy, number=1, name="港の交付金")
    with pytest.raises(ValidationError, match="もう登録してあります"):
        Grant(strategy=strategy, number=2, name="港の交付金").full_clean()


def test_a_project_has_a_category_of_its_plan():
    project = make_project()
    project.category = "継続"
    with pytest.raises(ValidationError, match="「新規」「拡充」「民間等」のどれか（空欄は継続）"):
        project.full_clean()
    assert Project.objects.get().category == ""


def test_a_project_is_not_given_to_a_section_that_is_closed():
    project = make_project(section=make_section("水産課"))
    Section.objects.update(is_active=False)
    Project.objects.get().full_clean()  # what it has already stays
    project.section = make_section("農林課", is_active=False)
    with pytest.raises(ValidationError, match="「農林課」は、使用中でない課です"):
        project.full_clean()


def test_standard_words_leave_nothing_to_store():
    assert own_words(STANDARD_WORDS) == {}
    assert words_from({}) == STANDARD_WORDS
    assert own_words(words_from({"measure": "具体的施策", "kpi_short": "KPI"})) == {}


def test_own_words_come_back_as_they_were_given():
    assert check_words(deepcopy(WORDS)) == []
    kept = {name: word for name, word in WORDS.items() if name != "measure_short"}
    assert own_words(words_from(WORDS)) == kept


def test_a_long_word_replaces_a_missing_short_one():
    assert words_from({"measure": "取組"}).measure_short == "取組"
    both = words_from({"measure": "重点プロジェクト", "measure_short": "施策"})
    assert both.measure_short == "施策"
    assert own_words(both) == {"measure": "重点プロジェクト", "measure_short": "施策"}


def test_projects_of_a_category_that_is_not_the_citys_are_known_by_the_plan():
    assert not Words().is_of_city("民間等")
    assert words_from(WORDS).is_of_city("皆増")
    assert words_from(WORDS).is_of_city("")
    assert not words_from(WORDS).is_of_city("市民")


@pytest.fixture
def read(client):
    """Return a function that returns the text of a page of the plan."""
    load_other_levels()
    client.force_login(make_user(Role.READER))
    return lambda path: text_of(client.get(f"/strategies/{CODE}/{path}"))


def test_pages_show_what_parts_carry(read):
    page = read("measures/1-1/")
    assert "SDGs3、11 交付金関係人口の交付金（推進タイプ、" in page
    assert "総合計画コード2-1-3" in page
    assert "SDGs4" in read("kpis/1-0-1/")
    assert "予算科目：3款2項1目" in read("projects/")


def test_projects_are_narrowed_to_what_they_or_their_measures_carry(read):
    first = other_levels()["goals"][0]["measure_groups"][0]["measures"][1]["projects"]
    every = read("projects/?sdg=11")
    assert "延べ3事務" in every
    assert all(one["name"] in every for one in first)
    assert "延べ1事務" in read("projects/?grant=2&by=category")
    assert "条件に合う事務事業はありません" in read("projects/?sdg=4")
    assert "SDGsの条件「9」は、この計画にありません" in read("projects/?sdg=9")


def test_projects_are_narrowed_to_a_section(read):
    project = read_tree(CODE).goals[0].measures[0].projects[0]
    assert "延べ1事務" in read(f"projects/?section={project.section_id}")


def test_the_plan_and_its_listings_are_narrowed_to_what_parts_carry(read):
    listing = read_tree(CODE).goals[0].parts[0].kpis[0]
    other = read_tree(CODE).goals[0].measures[0].kpis[0]
    page = read("list/?sdg=4")
    assert listing.sentence in page
    assert other.sentence not in page
    assert "条件に合う指標は1件" in read("listings/?sdg=4")
    assert "条件に合う指標は1件" in read("listings/?grant=1")


def test_data_of_a_kpi_have_what_it_or_its_measure_carries(client):
    plan = load_other_levels()
    client.force_login(make_user(Role.READER))
    content = b"".join(client.get(f"/strategies/{CODE}/data/2020.csv").streaming_content)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    found = {(row["記載名"], row["SDGs"], row["交付金"], row["総合計画コード"]) for row in rows}
    directly, below = (part.kpis[0] for part in read_tree(plan.code).goals[0].parts)
    assert (directly.name, "4", "", "") in found
    assert (below.name, "3、11", "関係人口の交付金", "2-1-3") in found
    assert {row["指標の区分"] for row in rows} == {WORDS["numeric_target"], WORDS["kpi_short"]}


def test_pages_of_a_plan_that_carries_nothing_ask_for_nothing(client):
    load_city("shiraho_2020")
    client.force_login(make_user(Role.READER))
    for path in ("projects/", "list/", "listings/"):
        text = text_of(client.get(f"/strategies/shiraho-2020/{path}"))
        assert "SDGs" not in text
        assert "条件に合うものを表示する" not in text
