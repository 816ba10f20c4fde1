"""Whatever planning saves in the admin, no page, file or command breaks."""

import io

import pytest
from django.core.management import call_command
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Section
from goals.models import BasicGoal, NumericTarget, NumericTargetYear, Strategy
from indicators.models import Indicator
from indicators.rules.terms import (
    BaselineKind,
    Direction,
    Kind,
    LateValues,
    LevelFigure,
    RestraintRule,
)
from kpis.models import KPI, KPIYear
from measures.models import Measure, MeasureGroup, Project
from plans.tree import read_tree
from tests.access_table import Answer, Person, rules_for
from tests.accounts.test_access_table import ADDRESSES, Site
from tests.every_page import is_file
from tests.factories import (
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_strategy,
)
from tests.html import form_data, value_of_box
from tests.quick_trees import plans_read_once

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

EXAMPLES = 2
"""Each takes seconds. Raise it before a change of models, forms or rules."""

NUMBERS = st.sampled_from(
    ["", "0", "1", "2", "-3", "0.5", "79.25", "100", "150", "99999999999", "0.0001"]
)
YEARS = st.sampled_from(["2013", "2015", "2016", "2017", "2018", "2019", "2021", "2035"])
TEXTS = st.sampled_from(["名称", "長い名称" * 25, "=1+1", "/?#&%", "一\x0b二", "　", "<b>"])

LISTING: dict[str, st.SearchStrategy[str]] = {
    "name": TEXTS,
    "sentence": st.sampled_from(["５年で２００人", "ゼロ維持", "読めない"]),
    "kind": st.sampled_from(list(Kind)),
    "direction": st.sampled_from(list(Direction)),
    "target": NUMBERS,
    "baseline": NUMBERS,
    "baseline_kind": st.sampled_from(["", *BaselineKind]),
    "baseline_year": st.one_of(YEARS, st.just("")),
    "tolerance": NUMBERS,
    "yearly_targets-0-fiscal_year": YEARS,
    "yearly_targets-0-value": NUMBERS,
    "yearly_targets-1-DELETE": st.just("on"),
}

CHANGES: dict[type[models.Model], dict[str, st.SearchStrategy[str]]] = {
    Strategy: {
        "title": TEXTS,
        "first_fiscal_year": YEARS,
        "last_fiscal_year": YEARS,
        "on_track": st.sampled_from(["100", "90", "0"]),
        "mostly_on_track": st.sampled_from(["80", "0"]),
        "slightly_behind": st.sampled_from(["50", "0"]),
        "far_above": st.sampled_from(["", "120"]),
        "partly_achieved": st.sampled_from(["", "60"]),
        "level_figure": st.sampled_from(list(LevelFigure)),
        "worsened_first": st.sampled_from(["on", ""]),
        "restraint": st.sampled_from(list(RestraintRule)),
        "late_values": st.sampled_from(list(LateValues)),
        "word_on_track": st.sampled_from(["", "=1"]),
        "mark_open": st.sampled_from(["", "="]),
    },
    BasicGoal: {"position": NUMBERS, "title": TEXTS},
    MeasureGroup: {"position": NUMBERS, "symbol": st.sampled_from(["イ", "Ａ", "/", "?"])},
    Measure: {"position": NUMBERS, "title": TEXTS},
    Project: {"position": NUMBERS, "name": TEXTS, "content": TEXTS},
    Indicator: {
        "name": TEXTS,
        "unit": st.sampled_from(["円", "人", "％", ""]),
        "display_unit": st.sampled_from(["", "千円", "千人", "億円"]),
        "decimals": st.sampled_from(["0", "1", "4"]),
        "minimum": NUMBERS,
        "maximum": NUMBERS,
        "carry_years": st.sampled_from(["0", "1", "9"]),
        "running_total": st.sampled_from(["on", ""]),
        "ratio": st.sampled_from(["on", ""]),
        "is_active": st.just(""),
    },
    Section: {"name": TEXTS, "is_active": st.just("")},
    KPI: LISTING,
    NumericTarget: LISTING,
}
"""What is changed on the page of an object, by field."""

RULES_OF_JUDGING = CHANGES[Strategy].keys() - {
    "title", "first_fiscal_year", "last_fiscal_year"
}  # fmt: skip
"""The fields of a plan that have a page of their own."""

MODELS = list(CHANGES)


@st.composite
def edits(draw: st.DrawFn) -> tuple[type[models.Model], int, dict[str, str]]:
    """Return an edit: the model, which of its objects, and what is typed."""
    model = draw(st.sampled_from(MODELS))
    names = draw(st.lists(st.sampled_from(list(CHANGES[model])), min_size=1, max_size=3))
    return model, draw(st.integers(0, 3)), {name: draw(CHANGES[model][name]) for name in names}


def make_site() -> Site:
    """Return a site whose plan has listings of all kinds, with yearly targets and values."""
    strategy = make_strategy(code="plan")
    goal = make_goal(strategy)
    measure = make_measure(goal)
    yen = make_indicator(unit="円", display_unit="千円", decimals=0)
    share = make_indicator(unit="％", decimals=1, carry_years=1)
    level = make_kpi(
        measure, share, kind="level", direction="up", target=80, baseline=40,
        baseline_kind="measured",
    )  # fmt: skip
    total = make_kpi(measure, yen, target=1_000_000)
    make_kpi(measure, make_indicator(), kind="milestone", direction="up", target=1)
    restraint = make_numeric_target(
        goal, make_indicator(), kind="restraint", direction="up", target=90, baseline=100,
        baseline_kind="measured",
    )  # fmt: skip
    make_numeric_target(goal, share, kind="every_year", direction="up", target=50)
    for listing, year_model, values in (
        (level, KPIYear, {2016: 50, 2018: 70}),
        (total, KPIYear, {2015: 100_000, 2017: 500_000}),
        (restraint, NumericTargetYear, {2016: 98, 2018: 92}),
    ):
        for year, value in values.items():
            year_model.objects.create(listing=listing, fiscal_year=year, value=value)
    make_actual(share, 2015, "45.5")
    make_actual(share, 2016, None, availability="not_surveyed")
    for year in (2015, 2016, 2018):
        make_actual(yen, year, 123_456)
        make_actual(restraint.indicator, year, 97)
    make_project(make_project(measure).measure)
    return Site(level)


@pytest.fixture
def site(db) -> Site:
    return make_site()


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)
@given(st.lists(edits(), min_size=1, max_size=4))
@example([(Strategy, 0, {"last_fiscal_year": "2016"})])
def test_no_saved_state_breaks_a_page_a_file_or_a_command(site, changes):
    with transaction.atomic():
        client = Client()
        client.force_login(site.planning)
        for model, number, typed in changes:
            edit(client, model, number, typed)
        with plans_read_once():
            look_at_everything(client, site)
        transaction.set_rollback(True)


def test_files_of_a_shortened_plan_leave_out_a_path_that_contradicts_it(site, client):
    client.force_login(site.planning)
    edit(client, Strategy, 0, {"last_fiscal_year": "2016"})
    assert Strategy.objects.get().last_fiscal_year == 2016
    for file in ("workbook/", "data/2016.csv", "data/2016.json", "print/"):
        assert client.get(f"/strategies/plan/{file}").status_code == 200
    [level] = [x for x in read_tree("plan", 2016).listings if x.pk == site.kpi.pk][:1]
    assert level.assessment.label == "判定なし（目標の登録に矛盾あり）"
    assert level.expected_by_year == {}


def edit(client: Client, model: type[models.Model], number: int, typed: dict[str, str]) -> None:
    """Type something into the admin's page of an object and save; it may be refused.

    Where it changes judgements, say that this is meant.
    """
    objects = list(model._default_manager.order_by("pk"))
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
    pk = objects[number % len(objects)].pk
    rules = {field for field in typed if field in RULES_OF_JUDGING}
    for page, fields in (("change", typed.keys() - rules), ("judging", rules)):
        if not fields:
            continue
        path = reverse(name + page, args=[pk])
        data = form_data(client.get(path).content.decode())
        data.pop("take", None)  # the button that fills in a preset
        data |= {field: typed[field] for field in fields}
        for field in fields:
            if typed[field] == "":
                data.pop(field)  # an empty check box sends nothing
        response = client.post(path, data | {"save": "on"})
        if seen := value_of_box(response.content.decode(), "changes_seen"):
            meant = {"changes_seen": seen, "change_reason": "訂正", "save": "on"}
            response = client.post(path, data | meant)
        assert response.status_code in (200, 302)


def look_at_everything(client: Client, site: Site) -> None:
    """Get each address of the plan and run each command that reads it; what fails raises."""
    strategy = Strategy.objects.get()
    site.kpi.refresh_from_db()
    files = set()
    for address, pattern in ADDRESSES.items():
        [rule] = rules_for(address)
        if rule.get.to(Person.PLANNING) != Answer.OPEN or address.startswith("admin:"):
            continue
        path = site.path_to(address, pattern)
        if not path.startswith(("/strategies/", "/entry/")):
            continue
        if path.startswith("/strategies/"):
            path = path.replace("2017", str(strategy.last_fiscal_year))
        for query in ({}, {"year": strategy.first_fiscal_year}):
            response = client.get(path, query)
            assert response.status_code < 500, path
            if is_file(response):
                b"".join(response)
                files.add(path)
                break  # a file takes long, and its page was made of the same tree
    for model in (KPI, NumericTarget, Strategy):
        for action in ("changelist", "change"):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{action}"
            first = model._default_manager.first()
            path = reverse(name, args=[first.pk] if action == "change" else [])
            assert client.get(path).status_code == 200
    call_command("export_strategy", strategy.code, stdout=io.StringIO())
    call_command("export_report", strategy.code, output="/dev/null", stdout=io.StringIO())
    assert len(files) >= 10
