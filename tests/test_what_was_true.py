"""What was true of a year stays true of that year, whatever the plan becomes afterwards."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Section
from accounts.roles import Role
from goals.models import BasicGoal, Strategy
from kpis.models import KPI
from plans.loading import load_strategy
from plans.tree import read_tree
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from reports.strategy_json import strategy_as_json
from tests.accounts.test_earlier_years import act as reorganise
from tests.admin_addresses import add_page, page_of
from tests.factories import FIXTURES, load_city, make_user, make_values
from tests.formula_evaluation import evaluated
from tests.plans.revising import act, decide
from tests.quick_trees import plans_read_once
from tests.recalculation import Address, cells
from tests.reports.test_recalculation import assert_as_on_the_page

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

EARLIER = (2015, 2016)
YEAR_BEFORE = EARLIER[-1]
JUDGED_SHEETS = (
    "総括表",
    "数値目標",
    "KPI",
    "条件",
    "計算",
    "前年度の計算",
    "具体的事業",
    "データ",
)

LATER = re.compile(
    r'<nav class="years.*?</nav>|<section aria-labelledby="revisions">.*?</section>'
    r"|<section[^>]*><h2 id=.others.>ほかの総合戦略</h2>.*?</section>",
    re.S,
)
"""What tells of other years and plans: the choice of one, and what revisions did since."""
FACTS = Facts("監査 花子", datetime(2026, 10, 1, 9, 30, tzinfo=UTC))


def as_text(code: str, year: int) -> str:
    return json.dumps(strategy_as_json(read_tree(code, year)), ensure_ascii=False, indent=2)


def cells_of(code: str, year: int) -> dict[Address, object]:
    """Return what is in the judged sheets of 検証報告書: formulas with their results, too."""
    found = cells(review_workbook(read_tree(code, year), facts=FACTS))
    contents: dict[Address, object] = found.formulas | found.constants
    said = {
        address: content for address, content in contents.items() if address[0] in JUDGED_SHEETS
    }
    assert {sheet for sheet, _ in said} == {*JUDGED_SHEETS}
    return said


def pages_of(client: Client, code: str, year: int) -> dict[str, str]:
    """Return what the pages of a year say, without the choice of another year or plan."""
    tree = read_tree(code, year)
    paths = ["", "list/", "projects/"]
    paths += [goal.url_from_overview for goal in tree.goals]
    paths += [part.url_from_overview for part in (*tree.measures, *tree.listings)]
    return {path: _said(client, f"/strategies/{code}/{path}?year={year}") for path in paths}


def _said(client: Client, address: str) -> str:
    html = client.get(address).content.decode()
    said = LATER.sub("", html[html.index("<main") : html.index("</main>")])
    return re.sub(r"\s*\n\s*", "\n", said)


def what_is_said(client: Client, code: str) -> list[object]:
    """Return the JSON of all earlier years, and the workbook and the pages of the last of them."""
    with plans_read_once():
        return [
            *(as_text(code, year) for year in EARLIER),
            cells_of(code, YEAR_BEFORE),
            pages_of(client, code, YEAR_BEFORE),
        ]


def the_acts(client: Client, strategy: Strategy) -> None:
    """Raise a target in the third year, replace a KPI, add and rename goals, extend the plan,
    change its rules of judging, merge two sections, load the next plan.
    """
    revision = decide(client, strategy, 2017)
    raised = KPI.objects.filter(kind="level", baseline__isnull=False).first()
    step = abs(raised.target - raised.baseline)
    target = raised.target + (step if raised.direction == "up" else -step / 2)
    act(client, page_of(raised), as_revision=revision.pk, target=target, doubts="改訂による。")
    total = KPI.objects.filter(kind="total").first()
    act(client, page_of(total), as_revision=revision.pk, target=total.target * 2, doubts="改訂。")
    ended = KPI.objects.exclude(pk__in=(raised.pk, total.pk)).last()
    act(
        client, add_page(KPI), as_revision=revision.pk, measure=ended.measure.pk, position="9",
        name="新しいKPI", sentence="５年で１０人", indicator=total.indicator.pk, target="10",
        reading_confirmed="on",
    )  # fmt: skip
    new = KPI.objects.get(name="新しいKPI")
    act(
        client, page_of(ended), as_revision=revision.pk, ends="on", replacement=new.pk,
        end_reason="統計がなくなるため。",
    )  # fmt: skip
    act(
        client, add_page(BasicGoal), as_revision=revision.pk, strategy=strategy.pk, position="9",
        title="新しい目標",
    )  # fmt: skip
    for part in (strategy.goals.first(), ended.measure.group, ended.measure):
        act(client, page_of(part), as_revision=revision.pk, title="改めた名称")
    act(client, page_of(strategy), as_revision=revision.pk, last_fiscal_year="2021")
    rules = reverse("admin:goals_strategy_judging", args=[strategy.pk])
    act(client, rules, as_revision=revision.pk, mostly_on_track="90", mark_fair="◇", save="1")
    merged = Section.objects.filter(indicators__isnull=False).distinct()[:2]
    reorganise(
        client, "merge", {"sections": [one.pk for one in merged], "name": "新しい課",
                          "first_fiscal_year": "2017"},
    )  # fmt: skip
    following = json.loads((FIXTURES / "shiraho_2020.json").read_text(encoding="utf-8"))
    load_strategy(following)
    raised.refresh_from_db()
    ended.refresh_from_db()
    strategy.refresh_from_db()
    assert (raised.from_fiscal_year, ended.last_fiscal_year) == (2017, 2016)
    assert (strategy.last_fiscal_year, strategy.mostly_on_track) == (2021, 90)
    goals = read_tree(strategy.code, 2017).goals
    assert (goals[0].title, goals[-1].title) == ("改めた名称", "新しい目標")
    assert raised.target == Decimal(target)


def test_earlier_years_stay_as_they_were_whatever_the_plan_becomes():
    strategy = load_city()
    make_values(strategy)
    planning, reader = Client(), Client()
    planning.force_login(make_user(Role.PLANNING))
    reader.force_login(make_user(Role.READER))
    code = strategy.code
    before = what_is_said(reader, code)
    the_acts(planning, strategy)
    for old, new in zip(before, what_is_said(reader, code), strict=True):
        assert new == old
    for year in (2017, 2018):
        tree = read_tree(code, year)
        assert_as_on_the_page(tree, evaluated(review_workbook(tree, facts=FACTS)))
