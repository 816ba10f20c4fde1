"""Files loaded over a plan that was revised: no version, and no end, is lost."""

import json
from decimal import Decimal

import pytest

from accounts.roles import Role
from kpis.models import KPI
from measures.models import Project
from plans.loading import load_strategy
from plans.tree import read_plain_tree
from reports.strategy_json import strategy_as_json
from tests.admin_addresses import page_of
from tests.factories import (
    make_indicator,
    make_kpi,
    make_project,
    make_user,
)
from tests.plans.plan_files import refusal
from tests.plans.revising import act, decide

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def planning(client):
    client.force_login(make_user(Role.PLANNING))
    return client


@pytest.fixture
def kpi():
    """A share that is to rise from 80 to 90 %."""
    return make_kpi(
        indicator=make_indicator(unit="％", decimals=1, maximum=Decimal(100)),
        sentence="５年で９０％に向上",
        kind="level",
        target=Decimal(90),
        baseline=Decimal(80),
        baseline_kind="measured",
    )


def raise_target(client, kpi, revision, target="100"):
    said = {"sentence": f"５年で{target}％に向上", "target": target}
    return act(client, page_of(kpi), as_revision=revision.pk, **said)


def snapshot(strategy):
    return json.loads(json.dumps(strategy_as_json(read_plain_tree(strategy.code))))


@pytest.fixture
def revised(planning, kpi):
    """The plan of `kpi`: its target raised from 2017 on, and a project that ended with 2016."""
    revision = decide(planning, kpi.strategy, 2017)
    raise_target(planning, kpi, revision)
    project = make_project(kpi.measure)
    act(planning, page_of(project), as_revision=revision.pk, ends="on", end_reason="統合のため")
    return kpi.strategy


def kpi_of(described):
    return described["goals"][0]["measure_groups"][0]["measures"][0]["kpis"][0]


def test_a_file_from_before_the_revision_is_refused(planning, kpi):
    old = snapshot(kpi.strategy)
    raise_target(planning, kpi, decide(planning, kpi.strategy, 2017))
    after = snapshot(kpi.strategy)
    problems = refusal(old)
    assert len(problems) == 1
    for part in (
        f"「{kpi.strategy.title}」の第1回改訂（平成29年度から）",
        f"「manage.py export_strategy {kpi.strategy.code}」で出力し、",
    ):
        assert part in problems[0]
    assert snapshot(kpi.strategy) == after


@pytest.mark.both_databases
def test_a_file_with_another_year_of_the_revision_is_refused(revised):
    described = snapshot(revised)
    described["strategy"]["revisions"][0]["from_year"] = 2018
    assert "第1回改訂（平成29年度から）が、ファイルの revisions に" in refusal(described)[0]


def leave_out_versions(listing):
    del listing["versions"]


def leave_out_the_first(listing):
    del listing["versions"][0]


def leave_out_the_last(listing):
    del listing["versions"][1]


def turn_round(listing):
    listing["versions"].reverse()


def name_a_year_without_revision(listing):
    listing["versions"][1]["from_year"] = 2018


def have_no_number(listing):
    listing["versions"][0]["kind"] = "described"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (have_no_number, "の1番目の版：目標値（90.0）：種類「記述目標」には目標値がありません。"),
        (leave_out_versions, "の当初の版、平成29年度（2017）からの版が、ファイルの versions に"),
        (leave_out_the_first, "の当初の版、平成29年度（2017）からの版が、ファイルの versions に"),
        (leave_out_the_last, "の当初の版、平成29年度（2017）からの版が、ファイルの versions に"),
        (turn_round, "from_year の古い順に並べてください。"),
        (name_a_year_without_revision, "平成30年度（2018）からの版がありますが、"),
    ],
)
def test_a_file_whose_versions_do_not_fit_is_refused(revised, spoil, message):
    described = snapshot(revised)
    spoil(kpi_of(described))
    assert message in refusal(described)[0]


@pytest.mark.both_databases
def test_a_file_may_bring_the_next_revision(revised):
    described = snapshot(revised)
    [first] = described["strategy"]["revisions"]
    described["strategy"]["revisions"].append(first | {"number": 2, "from_year": 2018})
    listing = kpi_of(described)
    newest = listing["versions"][-1]
    listing["versions"].append(newest | {"from_year": 2018, "revision": 2, "target": "95.0"})
    listing["target"] = "95.0"
    load_strategy(described)
    loaded = KPI.objects.get()
    assert (loaded.from_fiscal_year, loaded.target) == (2018, 95)
    versions = [(one.from_fiscal_year, one.target) for one in loaded.earlier_versions.all()]
    assert sorted(versions, key=lambda one: one[0] or 0) == [(None, 90), (2017, 100)]


def test_what_ended_does_not_run_again_because_the_file_leaves_its_end_out(revised):
    described = snapshot(revised)
    [project] = described["goals"][0]["measure_groups"][0]["measures"][0]["projects"]
    del project["last_year"], project["ending_reason"]
    result = load_strategy(described)
    assert result.changed == 0
    assert any("平成28年度（2016）で終了したままにしました。" in note for note in result.notes)
    project = Project.objects.get()
    assert (project.last_fiscal_year, project.ending_reason) == (2016, "統合のため")
