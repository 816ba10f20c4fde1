"""Projects through bulk import: their place, and re-listings with their homes in one file."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from kpis.models import KPI
from measures.models import MeasureGroup, Project
from plans.tree import read_tree
from tests.factories import (
    make_goal,
    make_kpi,
    make_measure,
    make_project,
    make_strategy,
    make_user,
)
from tests.html import form_data
from tests.importing import confirm, exported_rows, text_of, upload
from tests.plan_of_other_levels import load_other_levels

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

HEADERS = [
    "総合戦略コード", "基本目標", "施策の区分", "具体的施策", "順番", "区分", "事業名", "再掲元",
]  # fmt: skip


@pytest.fixture(autouse=True)
def planning(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


@pytest.fixture
def goal():
    return make_goal(make_strategy(code="plan"))


@pytest.mark.both_databases
def test_a_project_and_its_relisting_come_in_one_file_in_any_order(client, goal):
    make_measure(goal)
    make_measure(goal)
    rows = [
        ["plan", "1", "ア", "1", "1", "", "相談事業", "1-ア-2-1"],
        ["plan", "1", "ア", "2", "1", "新規", "相談事業", ""],
    ]
    preview = upload(client, Project, [HEADERS, *rows])
    assert "新しく登録する行 2" in text_of(preview)
    confirm(client, Project, preview)
    relisted = Project.objects.get(measure__position=1)
    assert relisted.relisted_from == Project.objects.get(measure__position=2)
    assert relisted.relisted_from.category == "新規"


def test_a_changed_project_is_kept_with_its_history(client, goal, planning):
    project = make_project(make_measure(goal))
    header, row = exported_rows(client, Project)
    row[header.index("区分")] = "拡充"
    row[header.index("内容")] = ""
    confirm(client, Project, upload(client, Project, [header, row], reason="見直し"))
    project.refresh_from_db()
    assert (project.category, project.content) == ("拡充", "")
    history = project.history.first()
    assert (history.door, history.history_change_reason) == ("import", "見直し")


@pytest.mark.parametrize(
    ("home", "said"),
    [
        ("1-ア-9-1", "「1-ア-9-1」の事業は登録されていません。"),
        ("相談事業", "「相談事業」は事業の場所として読めません。「1-ア-2-3」のように"),
        ("1-ア-1-1", "再掲元に、その事業自身を選ぶことはできません。"),
        ("1-ア-1-2", "それ自体が再掲です。"),
    ],
)
def test_an_unsuitable_home_is_refused(client, goal, home, said):
    measure = make_measure(goal)
    make_project(measure)
    make_project(measure, relisted_from=make_project(make_measure(goal)))
    header, row, *_ = exported_rows(client, Project)
    row[header.index("再掲元")] = home
    assert said in text_of(upload(client, Project, [header, row]))


def test_a_category_that_does_not_exist_is_refused(client, goal):
    make_project(make_measure(goal))
    header, row = exported_rows(client, Project)
    row[header.index("区分")] = "継続"
    assert "「継続」はありません。「新規」「拡充」「民間等」のどれかを" in text_of(
        upload(client, Project, [header, row])
    )


@pytest.mark.both_databases
@pytest.mark.parametrize("symbol", ["Ａ", "（A）", "A", "(Ａ)"])
@pytest.mark.parametrize("stored", ["Ａ", "A"])
def test_a_symbol_is_found_however_wide_it_is_written(client, goal, stored, symbol):
    measure = make_measure(goal)
    MeasureGroup.objects.filter(pk=measure.group_id).update(symbol=stored)
    home = make_project(measure)
    rows = [
        ["plan", "1", symbol, "1", "1", "", home.name, ""],
        ["plan", "1", symbol, "1", "2", "", home.name, f"1-{symbol}-1-1"],
    ]
    preview = upload(client, Project, [HEADERS, *rows])
    assert "誤り" not in text_of(preview)
    confirm(client, Project, preview)
    assert Project.objects.get(position=2).relisted_from == home


@pytest.mark.parametrize("symbol", ["/", "?", "#", "ア-", "ア イ", "ア/", "%", "（ア）"])
def test_a_symbol_that_breaks_an_address_is_refused(client, goal, symbol):
    group = make_measure(goal).group
    url = reverse("admin:measures_measuregroup_change", args=[group.pk])
    data = form_data(client.get(url).content.decode())
    html = client.post(url, data | {"symbol": symbol}).content.decode()
    assert f"記号「{symbol}」は、画面のアドレスに使えません。" in html
    group.refresh_from_db()
    assert group.symbol == "ア"


def test_a_symbol_that_differs_from_another_by_its_width_only_is_refused(client, goal):
    group = make_measure(goal).group
    MeasureGroup.objects.create(goal=goal, position=2, symbol="A", title="もう一つ")
    url = reverse("admin:measures_measuregroup_change", args=[group.pk])
    data = form_data(client.get(url).content.decode())
    html = client.post(url, data | {"symbol": "Ａ"}).content.decode()
    assert "記号「Ａ」は、全角と半角の違いだけで、同じ基本目標の「A」と同じです。" in html


@pytest.mark.parametrize("symbol", ["?", "#", "%"])
def test_the_links_of_a_symbol_from_before_symbols_were_checked_lead_to_its_pages(
    client, goal, symbol
):
    measure = make_measure(goal)
    make_kpi(measure)
    MeasureGroup.objects.update(symbol=symbol)
    plan = read_tree("plan", 2017)
    [listing] = plan.listings
    for url in (listing.url, *(found.url for found in plan.measures)):
        assert client.get(url).status_code == 200, url


def test_a_plan_without_groups_comes_back_with_all_that_it_carries(client):
    load_other_levels()
    header, *rows = exported_rows(client, Project)
    first = next(row for row in rows if row[header.index("交付金")])
    group, grants, sdgs = map(header.index, ("施策の区分", "交付金", "SDGs"))
    assert first[group] in ("", None)
    assert (first[grants], first[sdgs]) == ("関係人口の交付金、港の交付金", "3、11")
    assert "取り込むものはありません" in text_of(upload(client, Project, [header, *rows]))
    first[grants], first[sdgs], first[header.index("区分")] = "港の交付金", "１、２", "市民"
    confirm(client, Project, upload(client, Project, [header, *rows], reason="見直し"))
    project = Project.objects.get(sdgs=[1, 2])
    assert (project.grants, project.category) == ([2], "市民")
    first[grants], first[header.index("区分")] = "山の交付金", "新規"
    said = text_of(upload(client, Project, [header, *rows], reason="見直し"))
    assert "交付金「山の交付金」は、この計画に登録されていません" in said
    assert "「新規」はありません。「皆増」「拡大」「市民」のどれかを" in said


def test_kpis_directly_under_a_goal_come_back(client):
    load_other_levels()
    header, *rows = exported_rows(client, KPI)
    assert [row[header.index("具体的施策")] for row in rows][:2] == ["0", "1"]
    assert "取り込むものはありません" in text_of(upload(client, KPI, [header, *rows]))
