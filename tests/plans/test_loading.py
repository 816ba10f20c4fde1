"""Loading a strategy: all or nothing, and never overwriting what people decided."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Section
from accounts.roles import Role
from goals.models import BasicGoal, NumericTarget, NumericTargetYear, Strategy
from indicators.models import Actual, Indicator
from kpis.models import KPI, KPIYear
from measures.models import Measure, MeasureGroup, Project
from plans.loading import LoadError, load_strategy
from tests.factories import make_actual, make_indicator, make_section, make_user
from tests.plans.plan_files import kpi, measure, project, read, refusal, relist, target
from tests.row_counts import row_counts
from trail.history import Door

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.files]

CITIES = ("nemuro_2015", "shiraho_2020")


@pytest.fixture
def data():
    """The small file, for tests to make invalid."""
    return read()


# Loading


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nemuro_2015", (3, 10, 6, 16, 39, 96, 8, 48)),
        ("shiraho_2020", (3, 5, 4, 4, 9, 12, 1, 13)),
    ],
)
def test_a_file_is_loaded_whole(name, expected):
    result = load_strategy(read(name))
    relisted = Project.objects.exclude(relisted_from=None)
    models = (BasicGoal, NumericTarget, MeasureGroup, Measure, KPI, Project)
    numbers = [*(model.objects.count() for model in models), relisted.count()]
    assert (*numbers, Indicator.objects.count()) == expected
    others = [model.objects.count() for model in (Strategy, Section, NumericTargetYear, KPIYear)]
    assert result.created == sum(numbers[:-1]) + Indicator.objects.count() + sum(others)
    assert (result.changed, result.unchanged, result.notes) == (0, result.unchanged, [])


@pytest.mark.parametrize("name", CITIES)
def test_loading_twice_changes_nothing(name):
    first = load_strategy(read(name))
    before = row_counts()
    result = load_strategy(read(name))
    assert (result.created, result.changed) == (0, 0)
    assert result.unchanged >= first.created - Section.objects.count()
    assert row_counts() == before


def test_history_says_who_why_when_and_by_which_door(data):
    person, at = make_user(Role.PLANNING), datetime(2020, 5, 1, tzinfo=UTC)
    load_strategy(data, by=person, reason="計画の策定", at=at)
    for model in (Strategy, Section, NumericTarget, KPI, KPIYear, Project, Indicator):
        for row in model.history.all():
            known = (row.history_user, row.history_change_reason, row.history_date, row.door)
            assert known == (person, "計画の策定", at, Door.COMMAND)
    confirmed = NumericTarget.objects.first()
    assert (confirmed.confirmed_by, confirmed.confirmed_at) == (person, at)


@pytest.mark.parametrize("name", CITIES)
def test_history_has_one_row_for_each_object_and_one_for_each_link_to_a_home(name):
    load_strategy(read(name))
    for model in (Strategy, Section, NumericTarget, KPI, KPIYear, Measure, Indicator):
        rows = model.history.order_by("history_id")
        assert all(row.history_type == "+" for row in rows)
        assert [row.instance for row in rows] == list(model.objects.order_by("pk"))
    for stored in Project.objects.all():
        homes = [(None, "+")]
        if stored.relisted_from_id:
            homes.append((stored.relisted_from_id, "~"))
        rows = stored.history.order_by("history_id")
        assert [(row.relisted_from_id, row.history_type) for row in rows] == homes


@pytest.mark.parametrize("name", CITIES)
def test_a_file_takes_few_queries_whatever_its_size(name):
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            load_strategy(read(name))
        counted.append(len(queries))
    assert counted[0] < 50
    assert counted[1] < 20


def test_indicators_that_a_file_does_not_name_are_not_read(data):
    load_strategy(data)
    other, read_codes = make_indicator().code, []

    def note(instance, **kwargs):
        read_codes.append(instance.code)

    post_init.connect(note, sender=Indicator)
    try:
        load_strategy(data)
    finally:
        post_init.disconnect(note, sender=Indicator)
    assert read_codes
    assert other not in read_codes


@pytest.mark.parametrize("code", ["\ud800", "指標"])
def test_a_code_that_no_indicator_can_have_is_refused(data, code):
    kpi(data)["indicator"]["code"] = code
    assert refusal(data)


def test_a_change_takes_few_queries(data):
    load_strategy(data)
    for goal in data["goals"]:
        for listing in (*goal["numeric_targets"], *measure_kpis(goal)):
            listing["name"] += "（改）"
    with CaptureQueriesContext(connection) as queries:
        assert load_strategy(data).changed == NumericTarget.objects.count() + KPI.objects.count()
    assert len(queries) < 40


def test_what_differs_is_changed_and_counted(data):
    load_strategy(data)
    data["goals"][0]["title"] = "別の名称"
    target(data)["indicator"]["decimals"] = 2
    result = load_strategy(data)
    assert (result.created, result.changed) == (0, 2)
    assert BasicGoal.objects.get(position=1).title == "別の名称"
    assert BasicGoal.objects.get(position=1).history.count() == 2


def test_rows_missing_from_a_later_file_are_kept(data):
    load_strategy(data)
    removed = measure(data, 1)["projects"].pop()
    result = load_strategy(data)
    assert (result.created, result.changed) == (0, 0)
    assert Project.objects.filter(name=removed["name"]).exists()


def test_yearly_targets_are_those_of_the_file(data):
    load_strategy(data)
    births = NumericTarget.objects.get(indicator__code="births")
    assert dict(births.yearly_targets.values_list("fiscal_year", "value")) == {
        2023: Decimal(118),
        2026: Decimal(110),
    }
    target(data, 1, 2)["yearly_targets"] = {"2024": "115"}
    result = load_strategy(data)
    assert (result.created, result.changed) == (1, 2)
    assert dict(births.yearly_targets.values_list("fiscal_year", "value")) == {2024: Decimal(115)}


def test_unchanged_running_totals_are_noted(data):
    total = kpi(data, 2)
    year = data["strategy"]["first_fiscal_year"]
    total["yearly_targets"] = {str(year): "1", str(year + 1): "1"}
    [note] = load_strategy(data).notes
    assert "年度別目標値が、前の年度と同じです" in note


def test_a_shared_indicator_is_one(data):
    load_strategy(data)
    shared = Indicator.objects.get(code="new-residents-running-total")
    assert (shared.numerictargets.count(), shared.kpis.count()) == (1, 1)


def test_a_file_hands_no_indicator_to_a_closed_section(data):
    load_strategy(data)
    named = target(data)["indicator"]
    Section.objects.filter(name=named["section"]).update(is_active=False)
    load_strategy(data)  # what it has already stays
    Section.objects.create(name="統計課", is_active=False)
    named["section"] = "統計課"
    with pytest.raises(LoadError) as refused:
        load_strategy(data)
    assert "「統計課」は、使用中でない課です。" in str(refused.value)


def test_a_second_plan_continues_the_same_indicators(data):
    load_strategy(data)
    make_actual(Indicator.objects.get(code="births"), 2020, 120)
    before = Indicator.objects.count()
    data["strategy"] |= {"code": "shiraho-2027", "first_fiscal_year": 2027}
    data["strategy"]["last_fiscal_year"] = 2033
    for goal in data["goals"]:
        for listing in (*goal["numeric_targets"], *measure_kpis(goal)):
            listing["yearly_targets"] = {}
    result = load_strategy(data)
    assert result.changed == 0
    assert Indicator.objects.count() == before
    assert Indicator.objects.get(code="births").numerictargets.count() == 2


def measure_kpis(goal):
    return [
        kpi
        for group in goal["measure_groups"]
        for measure in group["measures"]
        for kpi in measure["kpis"]
    ]


# What people decided


def test_the_mark_of_invented_values_is_never_removed(data):
    load_strategy(data)
    data["strategy"]["invented"] = False
    result = load_strategy(data)
    assert result.changed == 0
    assert Strategy.objects.get().invented


def test_the_mark_of_invented_values_is_set_by_a_file(data):
    load_strategy(data | {"strategy": data["strategy"] | {"invented": False}})
    assert not Strategy.objects.get().invented
    load_strategy(data)
    assert Strategy.objects.get().invented


@pytest.fixture
def confirmed():
    """A reading that is open in the file and has been confirmed by a person since."""
    load_strategy(read("nemuro_2015"))
    listing = NumericTarget.objects.get(indicator__code="young-population-share")
    listing.confirmed_by, listing.confirmed_at = make_user(Role.PLANNING), timezone.now()
    listing.save()
    return listing


def in_the_file(data, place=(1, 2)):
    return target(data, *place)


def test_a_confirmed_reading_stays_confirmed(confirmed):
    result = load_strategy(read("nemuro_2015"))
    assert (result.created, result.changed) == (0, 0)
    [note] = result.notes
    assert note.startswith("基本目標1の2番目の数値目標：確認済みの読み方")
    again = NumericTarget.objects.get(pk=confirmed.pk)
    assert (again.confirmed_by, again.confirmed_at) == (
        confirmed.confirmed_by,
        confirmed.confirmed_at,
    )


def test_a_confirmed_reading_stays_when_only_its_wording_changes(confirmed):
    data = read("nemuro_2015")
    in_the_file(data)["name"] = "年少人口の割合"
    assert load_strategy(data).changed == 1
    assert NumericTarget.objects.get(pk=confirmed.pk).is_confirmed


@pytest.mark.parametrize(
    "reading",
    [
        {"target": "10.5"},
        {"kind": "level"},
        {"baseline": None},
        {"tolerance": "0.1"},
    ],
    ids=lambda reading: next(iter(reading)),
)
def test_a_different_reading_must_be_confirmed_again(confirmed, reading):
    data = read("nemuro_2015")
    in_the_file(data).update(reading)
    result = load_strategy(data)
    assert (result.changed, result.notes) == (1, [])
    again = NumericTarget.objects.get(pk=confirmed.pk)
    assert (again.confirmed_at, again.confirmed_by) == (None, None)


def test_another_reading_that_the_file_confirms_is_confirmed_again(confirmed):
    data = read("nemuro_2015")
    in_the_file(data).update(target="10.5", confirmed=True)
    load_strategy(data, at=datetime(2016, 1, 4, tzinfo=UTC))
    again = NumericTarget.objects.get(pk=confirmed.pk)
    assert (again.confirmed_at, again.confirmed_by) == (datetime(2016, 1, 4, tzinfo=UTC), None)


def test_a_file_that_confirms_changes_nothing_where_somebody_confirmed_before(confirmed):
    data = read("nemuro_2015")
    in_the_file(data)["confirmed"] = True
    result = load_strategy(data)
    assert (result.changed, result.notes) == (0, [])
    assert NumericTarget.objects.get(pk=confirmed.pk).confirmed_by == confirmed.confirmed_by


def test_actuals_in_the_file_are_left_out_and_the_result_says_so(data):
    actual = {"value": "65.0", "availability": "reported", "provisional": False, "state": "draft"}
    target(data)["actuals"] = {"2020": actual, "2021": actual}
    kpi(data)["actuals"] = {"2020": actual}
    [note] = load_strategy(data).notes
    assert note == (
        "ファイルにある実績値3件は読み込みません。実績値は入力画面か一括取込で入れてください。"
    )
    assert not Actual.objects.exists()


# Re-listings


def test_a_relisting_may_come_before_its_home(data):
    relist(project(data, 1, 0, 1), 3, "ア", 1, 1)
    load_strategy(data)
    first = Project.objects.get(measure__group__goal__position=1, position=1)
    assert first.relisted_from.measure.code == "3-ア-1"


def test_homes_may_become_relistings_in_a_later_file(data):
    """A and B re-list C instead of A re-listing B, whichever of both comes first in the file."""
    a, b = project(data, 2, 1, 3), project(data, 2, 0, 1)
    assert a["relisted_from"] == {"goal": 2, "group": "ア", "measure": 1, "position": 1}
    load_strategy(data)
    relist(a, 1, "ア", 1, 1)
    relist(b, 1, "ア", 1, 1)
    result = load_strategy(data)
    assert (result.created, result.changed) == (0, 2)
    home = Project.objects.get(measure__group__goal__position=1, position=1)
    assert home.relistings.count() == 2
    assert load_strategy(data).changed == 0


def test_a_row_that_is_no_longer_a_relisting_loses_its_home(data):
    load_strategy(data)
    project(data, 2, 1, 3)["relisted_from"] = None
    assert load_strategy(data).changed == 1
    assert not Project.objects.exclude(relisted_from=None).exists()


@pytest.fixture
def of_projects(data):
    """The file without targets: one that is refused is read twice."""
    for goal in data["goals"]:
        goal["numeric_targets"].clear()
        for group in goal["measure_groups"]:
            for described in group["measures"]:
                described["kpis"].clear()
    return data


def test_a_relisting_that_points_to_nothing_is_refused(of_projects):
    relist(project(of_projects, 2, 1, 3), 9, "ウ", 8, 7)
    assert refusal(of_projects) == [
        "具体的施策2-イ-1の3番目の具体的事業：再掲元（9-ウ-8-7）の事業が"
        "ありません。relisted_from を直してください。"
    ]


def test_a_relisting_of_a_relisting_is_refused(of_projects):
    """2-イ-1-3 re-lists 2-ア-1-1, which becomes a re-listing here, too."""
    relist(project(of_projects, 2, 0, 1), 3, "ア", 1, 2)
    [problem] = refusal(of_projects)
    assert "海と里の担い手育成事業" in problem
    assert "再掲" in problem
    assert problem.endswith(("選んでください。", "変えてください。"))


def test_a_relisting_of_itself_is_refused(of_projects):
    relist(project(of_projects, 1, 0, 1), 1, "ア", 1, 1)
    problems = refusal(of_projects)
    assert any("その事業自身を選ぶことはできません" in p or "それ自体が再掲" in p for p in problems)


def test_half_a_home_is_refused(of_projects):
    project(of_projects, 2, 1, 3)["relisted_from"] = {"goal": 2, "group": "ア", "measures": 1}
    problems = refusal(of_projects)
    assert {p.partition("：")[0] for p in problems} == {"具体的施策2-イ-1の3番目の具体的事業"}
    assert [p.partition("：")[2] for p in problems] == [
        "項目「measure」がありません。整数を書いてください。",
        "項目「position」がありません。整数を書いてください。",
        "「measures」という項目はありません。綴りを確かめてください。",
    ]


def test_a_bad_file_changes_nothing_of_what_is_stored(data):
    load_strategy(data)
    data["goals"][0]["title"] = "別の名称"
    kpi(data, 3).update(target="約50")
    refusal(data)
    assert BasicGoal.objects.get(position=1).title != "別の名称"


# The command


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return str(path)


def test_the_command_says_what_it_did(tmp_path, data, capsys):
    path = write(tmp_path / "plan.json", "\ufeff" + json.dumps(data, ensure_ascii=False))
    call_command("load_strategy", path)
    call_command("load_strategy", path)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("読み込みました：新規")
    assert second.startswith("読み込みました：新規0、変更0、変更なし")
    assert Strategy.history.get().history_change_reason == "plan.jsonの読込み"


@pytest.mark.parametrize(
    ("text", "encoding", "message"),
    [
        ("{", "utf-8", "1行目2文字目は、JSONとして読めません"),
        ('{"title": "市"}', "cp932", "UTF-8ではありません。UTF-8で保存し直してください"),
        ("[]", "utf-8", "読み込めません。何も変えていません。"),
    ],
    ids=["no JSON", "another encoding", "no strategy"],
)
def test_the_command_refuses_with_a_remedy(tmp_path, text, encoding, message):
    path = write(tmp_path / "plan.json", text, encoding)
    before = row_counts()
    with pytest.raises(CommandError, match=message):
        call_command("load_strategy", path)
    assert row_counts() == before


def test_the_command_names_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="開けません。名前と権限を確かめてください"):
        call_command("load_strategy", str(tmp_path / "none.json"))


def test_a_section_that_differs_from_a_known_one_in_width_only_is_refused(data):
    make_section("ＩＴ推進課")
    first = data["goals"][0]["numeric_targets"][0]["indicator"]
    first["section"] = "IT推進課"
    with pytest.raises(LoadError) as refused:
        load_strategy(data)
    assert "「IT推進課」は、登録されている「ＩＴ推進課」と、全角・半角などの違い" in str(
        refused.value
    )
