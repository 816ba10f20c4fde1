"""Which plan is opened first, and the chooser of plans in the head of every page."""

import pytest

from accounts.roles import Role
from goals.models import Strategy
from kpis.models import KPI
from measures.models import Measure
from plans.opened_plan import in_order_of_opening
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_kpi,
    make_numeric_target,
    make_strategy,
    make_user,
)
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]

CHOOSER = '<details class="plan-chooser">'


def plan_of(first: int, state: str = "running", *values: int, **fields) -> Strategy:
    """Return a plan of five years with a KPI and a target, the KPI with values in these years."""
    plan = make_strategy(
        code=f"plan-of-{first}",
        title=f"{first}年からの総合戦略",
        first_fiscal_year=first,
        last_fiscal_year=first + 4,
        state=state,
        **fields,
    )
    group = make_goal(plan).measure_groups.create(position=1, symbol="ア", title="区分")
    kpi = make_kpi(Measure.objects.create(group=group, position=1, title="施策"))
    for year in values:
        make_actual(kpi.indicator, year)
    return plan


def codes() -> list[str]:
    return [plan.code.removeprefix("plan-of-") for plan in in_order_of_opening(drafts=True)]


def test_a_plan_without_values_does_not_take_the_place_of_one_with_values():
    plan_of(2015, "running", 2017)
    plan_of(2020)
    assert codes() == ["2015", "2020"]
    plan_of(2025, "draft", 2025)
    assert codes() == ["2015", "2020", "2025"]


def test_running_plans_come_first_and_then_the_newest_year_with_a_value():
    plan_of(2010, "ended", 2014)
    plan_of(2015, "running", 2017)
    plan_of(2017, "running", 2018)
    assert codes() == ["2017", "2015", "2010"]
    Strategy.objects.filter(code="plan-of-2017").update(state="ended")
    assert codes() == ["2015", "2017", "2010"]


def test_values_of_numeric_targets_count_and_those_of_other_years_do_not():
    plan_of(2015, "running", 2016)
    later = plan_of(2016, "running", 2015)
    assert codes() == ["2015", "2016"]
    make_actual(make_numeric_target(later.goals.get()).indicator, 2018)
    assert codes() == ["2016", "2015"]


def test_the_order_takes_one_query(django_assert_num_queries):
    for first in (2010, 2015, 2020):
        plan_of(first, "running", first)
    with django_assert_num_queries(1):
        codes()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.READER])
def test_every_first_page_is_of_the_plan_with_values(client, role):
    plan_of(2015, "running", 2017)
    plan_of(2020)
    client.force_login(make_user(role))
    page = read_page(client.get("/"))
    assert "/strategies/plan-of-2015/" in {link.partition("?")[0] for link in page.links}
    assert "2015年からの総合戦略</a></p>" in page.html
    assert CHOOSER in page.html


def test_readers_are_led_to_the_plan_with_values(client):
    plan_of(2015, "running", 2017)
    plan_of(2020)
    plan_of(2025, "draft")
    client.force_login(make_user(Role.READER))
    assert client.get("/").url == "/strategies/plan-of-2015/"
    assert client.get("/reports/").url == "/strategies/plan-of-2015/reports/"


def test_one_plan_needs_no_chooser(client):
    plan_of(2015)
    plan_of(2020, "draft")
    client.force_login(make_user(Role.READER))
    assert CHOOSER not in client.get("/strategies/plan-of-2015/").content.decode()
    client.force_login(make_user(Role.PLANNING))
    html = client.get("/strategies/plan-of-2020/").content.decode()
    assert CHOOSER in html
    assert "作成中の計画です。企画担当のほかには見えません。" in html


def test_the_chooser_stays_on_the_kind_of_page_and_keeps_what_both_plans_have(client):
    plan_of(2015)
    plan_of(2018, "ended")
    client.force_login(make_user(Role.READER))
    links = read_page(client.get("/strategies/plan-of-2015/list/?year=2019")).links
    assert "/strategies/plan-of-2018/list/?year=2019" in links
    links = read_page(client.get("/strategies/plan-of-2015/list/?year=2016")).links
    assert "/strategies/plan-of-2018/list/" in links
    page = read_page(client.get("/strategies/plan-of-2015/kpis/1-ア-1-1/?year=2016"))
    assert "/strategies/plan-of-2018/" in page.links
    assert "平成30年度～令和4年度、終了" in page.html
    assert "平成27年度～令和元年度、実施中、表示中" in page.html


def test_entry_pages_show_the_plans_of_their_year(client):
    plan_of(2015, "running", 2015)
    plan_of(2019)
    for year in (2018, 2019, 2021):
        make_fiscal_year(year)
    client.force_login(make_user(Role.PLANNING))
    names = {
        2018: "2015年からの総合戦略</a></p>",
        2019: "2015年からの総合戦略、2019年からの総合戦略</a></p>",
        2021: "2019年からの総合戦略</a></p>",
    }
    for year, name in names.items():
        html = client.get(f"/entry/{year}/status/").content.decode()
        assert f"</span>{name}" in html
        assert CHOOSER in html
    for path in ("/changes/", "/admin/", "/entry/"):
        html = client.get(path).content.decode()
        assert f"</span>{names[2018]}" in html
        assert CHOOSER in html


def test_planning_finds_the_draft_where_there_is_no_other_plan(client):
    plan_of(2020, "draft")
    client.force_login(make_user(Role.PLANNING))
    page = client.get("/", follow=True)
    assert "は作成中です。" in text_of(page)
    assert "/strategies/plan-of-2020/" in read_page(page).links
    client.force_login(make_user(Role.READER))
    assert "表示できる総合戦略がまだありません" in text_of(client.get("/"))


def test_the_search_finds_in_all_plans_but_drafts(client):
    for first, state in ((2015, "running"), (2020, "ended"), (2025, "draft")):
        plan_of(first, state).goals.update(title=f"{first}年からの漁業")
    client.force_login(make_user(Role.READER))
    response = client.get("/strategies/plan-of-2015/search/?q=漁業")
    text, links = text_of(response), read_page(response).links
    assert "「漁業」は、1件見つかりました。" in text
    assert "2020年からの総合戦略 1件" in text
    assert "/strategies/plan-of-2020/goals/1/?year=2020" in links
    assert "2025年から" not in text
    text = text_of(client.get("/strategies/plan-of-2015/search/?q=2020年からの漁業"))
    assert "この計画には見つかりませんでした。" in text
    client.force_login(make_user(Role.PLANNING))
    assert "2025年から" in text_of(client.get("/strategies/plan-of-2015/search/?q=漁業"))


@pytest.mark.parametrize("first", [2015, 2020])
def test_a_page_of_the_admin_names_the_plan_of_what_is_edited(client, first):
    plans = {2015: plan_of(2015, "running", 2017), 2020: plan_of(2020, "draft")}
    plan = plans[first]
    kpi = KPI.objects.get(measure__group__goal__strategy=plan)
    client.force_login(make_user(Role.PLANNING))
    for path in (
        f"goals/strategy/{plan.pk}/change/",
        f"goals/strategy/{plan.pk}/judging/",
        f"goals/basicgoal/{plan.goals.get().pk}/history/",
        f"kpis/kpi/{kpi.pk}/change/",
        f"kpis/kpi/{kpi.pk}/delete/",
        f"kpis/kpi/?plan={plan.pk}",
        f"goals/revision/add/?strategy={plan.pk}",
    ):
        html = client.get(f"/admin/{path}").content.decode()
        head = html[html.index('<p class="site-name">') :]
        assert f"</span>{plan.title}</a></p>" in head[: head.index("</p>") + 4], path


def test_a_page_that_is_not_there_has_the_head_of_the_plan_of_its_address(client):
    ended = plan_of(2015, "ended", 2017)
    plan_of(2020, "running", 2021)
    draft = plan_of(2025, "draft")
    client.force_login(make_user(Role.READER))
    for path in ("goals/9/", "kpis/1-ア-1-9/", "?year=2030", "?year=x", "?as_of=2999-01-01"):
        page = client.get(f"/strategies/{ended.code}/{path}")
        html = page.content.decode()
        assert page.status_code == 404
        assert f"</span>{ended.title}</a></p>" in html, path
        assert f'href="/strategies/{ended.code}/list/"' in html
        shown = html[: html.index("、表示中")].rpartition("<li>")[2]
        assert f">{ended.title}</a>" in shown
    hidden = client.get(f"/strategies/{draft.code}/")
    assert hidden.status_code == 404
    assert draft.title not in hidden.content.decode()
