"""make bench: what it counts, what it writes, when it fails; and that its yardstick is honest."""

import gc
import json
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.roles import Role
from bench import (
    capacity,
    editions,
    entry,
    forms,
    overview,
    processes,
    reports,
    run,
    timing,
    value_files,
    workbooks,
)
from bench.registry import DATABASES, POSTGRESQL, SQLITE, Benchmark, Result, benchmarks_for
from bench.timing import WARM_UPS, time_ratio
from goals.models import Strategy
from indicators.models import Actual, Evidence
from reviews.models import Edition
from tests.factories import (
    make_fiscal_year,
    make_indicator,
    make_section,
    make_user,
)
from tests.large_plan import CODE

pytestmark = [pytest.mark.one_database, pytest.mark.slow]


def called_once(
    measured: Callable[[], object], yardstick: Callable[[], object], **options: Any
) -> float:
    """Call both once, as `time_ratio` does many times, and measure nothing."""
    measured()
    yardstick()
    return 1.0


@pytest.fixture(autouse=True)
def nothing_is_measured(monkeypatch):
    for module in (
        editions, entry, forms, overview, reports, value_files, workbooks,
    ):  # fmt: skip
        monkeypatch.setattr(module, "time_ratio", called_once)


FINE = Result("画面", 2.5, "倍", 3)
SLOW = Result("画面", 3.01, "倍", 3)


def test_the_ratio_is_that_of_the_medians():
    now = [0.0]
    durations = {"measured": [9.0, 6.0, 6.0], "yardstick": [2.0, 2.0, 50.0]}

    def takes(name: str) -> None:
        if name in warm:
            warm[name] -= 1
            if warm[name] == 0:
                del warm[name]
            return
        now[0] += durations[name].pop(0)

    warm = dict.fromkeys(durations, WARM_UPS)
    ratio = time_ratio(
        partial(takes, "measured"), partial(takes, "yardstick"), rounds=3, clock=lambda: now[0]
    )
    assert ratio == 3.0


def test_the_two_take_turns():
    calls = []
    time_ratio(partial(calls.append, "a"), partial(calls.append, "b"), rounds=4)
    assert calls == ["a", "b"] * (WARM_UPS + 4)


def test_tables_are_kept_up_after_the_warm_ups_and_never_while_it_is_measured(monkeypatch):
    calls = []
    monkeypatch.setattr(timing, "keep_up", partial(calls.append, "kept up"))
    time_ratio(partial(calls.append, "a"), partial(calls.append, "b"), rounds=2, warm_ups=1)
    assert calls == ["a", "b", "kept up", "a", "b", "a", "b"]


def test_a_call_pays_for_no_garbage_but_its_own():
    class Garbage:
        def __init__(self) -> None:
            self.itself = self

    older, left, seen = Garbage(), [], []

    def leaves_garbage() -> None:
        left.append(weakref.ref(Garbage()))

    def looks() -> None:
        searched = any(one is older for one in gc.get_objects())
        seen.append((searched, any(one() for one in left)))

    time_ratio(leaves_garbage, looks, rounds=2, warm_ups=0)
    assert seen == [(False, False)] * 2


def test_each_figure_names_its_database_where_there_are_several():
    both = Benchmark("画面", 3, "倍", DATABASES, lambda: 1.2345)
    alone = Benchmark("ファイル", 2, "倍", (SQLITE,), lambda: 1)
    assert both.run(POSTGRESQL) == Result("画面（PostgreSQL）", 1.23, "倍", 3)
    assert alone.run(SQLITE).name == "ファイル"


@pytest.mark.parametrize("database", DATABASES)
def test_the_overview_is_measured_on_each_database_with_its_limit(database):
    limits = {one.name: one.limit for one in benchmarks_for(database)}
    yardstick = "同じHTMLをメモリから描く時間に対して"
    assert limits[f"概要の画面（データに変更なし）：{yardstick}"] == 0.7
    assert limits[f"概要の画面（書込みの直後）：{yardstick}"] == 2.5


@pytest.mark.parametrize("database", DATABASES)
def test_the_map_of_a_large_plan_is_measured_on_each_database_with_limit_three(database):
    assert ("概要の画面：指標294件の計画の、49件の計画に対する時間", 3) in [
        (one.name, one.limit) for one in benchmarks_for(database)
    ]


@pytest.mark.django_db
def test_the_map_of_a_large_plan_can_be_measured_and_leaves_nothing():
    assert overview.large_map(rounds=1) > 0
    assert not Strategy.objects.filter(code=CODE).exists()


@pytest.mark.parametrize("database", DATABASES)
def test_saving_the_grid_is_measured_on_each_database_with_limit_two(database):
    assert ("入力画面：50件の保存、行と履歴の一括登録に対して", 2) in [
        (one.name, one.limit) for one in benchmarks_for(database)
    ]


@pytest.mark.django_db
def test_saving_the_grid_can_be_measured_and_leaves_nothing():
    assert entry.saving(rounds=1) > 0
    assert not Actual.objects.filter(fiscal_year=entry.YEAR).exists()


@pytest.mark.django_db
def test_the_yardstick_of_saving_writes_what_recording_writes():
    indicators = [make_indicator(make_section()) for _ in range(2)]
    make_fiscal_year(entry.YEAR)
    entry.write_bare(indicators, make_user(Role.PLANNING))
    assert [actual.value for actual in Actual.objects.all()] == [12, 12]
    assert set(Actual.history.values_list("door", "value", "fiscal_year")) == {
        ("grid", 12, entry.YEAR)
    }


@pytest.mark.parametrize(("results", "code"), [([FINE], 0), ([FINE, SLOW], 1), ([SLOW], 1)])
def test_it_ends_with_one_when_a_limit_is_exceeded(results, code, monkeypatch, tmp_path, capsys):
    file = tmp_path / "results.json"
    monkeypatch.setattr(run, "measure", lambda database: results if database == SQLITE else [])
    monkeypatch.setattr(run, "write", partial(run.write, file=file))
    assert run.main() == code
    rows = json.loads(file.read_text(encoding="utf-8"))
    assert [list(row) for row in rows] == [["name", "value", "unit", "limit"]] * len(results)
    printed = capsys.readouterr()
    assert ("超過" in printed.out) == bool(code)
    assert ("上限を超えました" in printed.err) == bool(code)


def test_the_limit_itself_is_allowed():
    assert not Result("画面", 3.0, "倍", 3).is_exceeded


def test_the_table_is_in_columns():
    lines = run.table([FINE, Result("長い名前の画面", 12.0, "倍", 3)]).splitlines()
    assert lines == [
        "測ったもの           値  上限",
        "画面             2.50倍   3倍",
        "長い名前の画面  12.00倍   3倍  超過",
    ]


def test_postgresql_is_started_only_where_none_is_given():
    assert run.starter(SQLITE, {}) == []
    assert run.starter(POSTGRESQL, {"DATABASE_URL": "postgres://a@b/c"}) == []
    (script,) = run.starter(POSTGRESQL, {"DATABASE_URL": "sqlite://"})
    assert script.endswith("tests/with_postgresql.sh")


@pytest.mark.django_db
@pytest.mark.parametrize("figure", [reports.report, reports.actuals])
def test_the_files_can_be_measured(figure):
    assert figure(rounds=1) > 0


@pytest.mark.django_db
def test_fixing_a_year_can_be_measured_with_limit_three_and_leaves_nothing():
    name = "検証調書：年度の確定、検証報告書だけを書く時間に対して"
    for database in DATABASES:
        assert (name, 3) in [(one.name, one.limit) for one in benchmarks_for(database)]
    assert editions.fixing(rounds=1) > 0
    assert not Edition.objects.exists()


@pytest.mark.django_db
def test_the_memory_of_a_csv_can_be_measured():
    assert 0 < reports.memory_of_csv(few=5, many=10) < 2


@pytest.mark.django_db
def test_the_memory_of_a_workbook_can_be_measured(monkeypatch):
    monkeypatch.setattr(reports, "process_peak", reports.traced_peak)
    assert 0 < reports.memory_of_workbook(few=5, many=10) < 3


def test_the_bare_workbook_has_the_same_cells():
    sheets = [("データ", [["年度", "値"], [2017, 1.5], [None, "=1+1"]]), ("コード表", [["あ"]])]
    assert reports.sheets_of(reports.write_bare(sheets)) == sheets


def test_the_traced_peak_grows_with_what_is_kept():
    kept = reports.traced_peak(lambda: [bytes(1_000) for _ in range(1_000)])
    passed = reports.traced_peak(lambda: [len(bytes(1_000)) for _ in range(1_000)])
    assert kept > 1_000_000 > passed


def test_the_peak_of_a_process_is_its_own():
    small = reports.process_peak(lambda: None)
    large = reports.process_peak(lambda: bytearray(b"x") * 100_000_000)
    assert large > small


def test_a_failing_export_is_not_measured():
    with pytest.raises(RuntimeError, match="failed"):
        reports.process_peak(lambda: 1 / 0)


@pytest.mark.parametrize("database", DATABASES)
def test_a_form_of_1000_rows_is_measured_on_each_database_with_limit_three(database):
    assert ("Excel様式1,000行の確認と取込み：読取りと一括登録だけの時間に対して", 3) in [
        (one.name, one.limit) for one in benchmarks_for(database)
    ]
    assert forms.ROWS == 1_000


@pytest.mark.django_db
def test_a_form_can_be_measured_and_leaves_nothing_behind(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert forms.forms(rows=3, rounds=1) > 0
    assert not Actual.objects.exists()


@pytest.mark.django_db
def test_both_sides_record_the_same_values_with_their_history(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    user = forms.clerk_with_indicators(3)
    content = forms.filled_in(user)
    for record in (
        partial(forms.take_in, forms.client_of(user), content, 3),
        partial(forms.read_and_write, user, content),
    ):
        record()
        assert list(Actual.objects.order_by("pk").values_list("value", flat=True)) == [0, 1, 2]
        assert Actual.history.filter(history_type="+").count() == 3
        Actual.objects.all().delete()
        Actual.history.all().delete()


@pytest.mark.django_db
def test_a_refused_form_is_not_measured(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    user = forms.clerk_with_indicators(2)
    with pytest.raises(RuntimeError, match="0 of 2 rows"):
        forms.take_in(forms.client_of(user), b"no form", 2)


@pytest.mark.django_db
def test_a_file_of_values_can_be_measured_and_leaves_nothing_behind(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert value_files.INDICATORS * len(value_files.YEARS) == 20_000
    assert value_files.value_files(indicators=2, rounds=1) > 0
    assert not Actual.objects.exists()


@pytest.mark.django_db
def test_a_plan_as_a_workbook_can_be_measured_and_leaves_nothing(monkeypatch):
    monkeypatch.setattr(workbooks, "GOALS", 1)
    assert workbooks.previews(rounds=1) > 0
    assert workbooks.imports(rounds=1) > 0
    assert not Strategy.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_whatever_capacity_asks_for_is_answered_and_saved(real_hashing, live_server, tmp_path):
    office = capacity.Office("", tmp_path)
    assert len(list(office.fill([capacity.OPEN_YEAR - 1]))) == 3
    server = capacity.Server(os.getpid(), live_server.url)
    for _, _, ask in office.requests(server):
        ask()
    assert Actual.objects.filter(fiscal_year=capacity.OPEN_YEAR).count() == 1
    assert Evidence.objects.count() == 1


def test_the_processor_time_and_the_memory_of_a_process_count_those_that_it_has_started():
    program = "import sys; print(sum(range(3_000_000)), flush=True); sys.stdin.read()"
    before = processes.seconds_of_tree(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        assert child.pid in processes.tree_of(os.getpid())
        assert processes.seconds_of_tree(child.pid) > 0
        assert len(processes.memory_of_tree(os.getpid())) >= 2
        assert processes.memory_of_tree(child.pid)[0] > 1_000_000
    assert processes.seconds_of_tree(os.getpid()) > before
