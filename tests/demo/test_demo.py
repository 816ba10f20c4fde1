"""The trial: invented, the same each time, dated as in the office, and never over real values."""

import json
import re
import subprocess
from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings as settings_of_site
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from simple_history.utils import get_history_manager_for_model

from accounts import access
from accounts.first_passwords import new_password
from accounts.models import Section, User
from accounts.roles import Role
from demo import trial as demo_module
from demo.management.commands.demo import NOT_ONLY_A_TRIAL
from demo.people import CHECKING, INVENTED_PEOPLE, PLANNING, stored_passwords
from demo.trial import CODE, FILE, REASON, make_demo
from demo.values import CONFIRMED_READINGS, CORRECTIONS, FIRST_TRIES, VALUES, YEARS
from goals.models import BasicGoal, NumericTarget, Strategy
from indicators.models import Actual, FiscalYear, Indicator
from indicators.rules.terms import STANDARD_SCALE
from kpis.models import KPI
from measures.models import Measure, Project
from plans.loading import load_strategy
from plans.tree import read_plain_tree, read_tree
from reports.strategy_json import strategy_as_json
from tests.factories import make_actual, make_fiscal_year, make_indicator, make_strategy, make_user
from tests.row_counts import row_counts
from trail.events import Event
from trail.history import Door

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

OVER = YEARS[:-1]
LOADED = date(2015, 10, 30)


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, tmp_path_factory):
    """The file of log-ins of a trial, which all tests of this module see and no other does."""
    path = tmp_path_factory.mktemp("demo") / "logins.txt"
    with django_db_blocker.unblock(), transaction.atomic():
        make_demo(path)
        yield path
        transaction.set_rollback(True)


@pytest.fixture
def trial(made):
    """The same, with what a test changes undone after it."""
    with transaction.atomic():
        yield made
        transaction.set_rollback(True)


def history(model):
    return get_history_manager_for_model(model)


def day_of(moment):
    return timezone.localtime(moment).date()


def everything():
    """Return what the trial made, without passwords and without numbers given by the database."""
    read = (read_plain_tree(CODE), *(read_tree(CODE, year) for year in YEARS))
    trees = [strategy_as_json(tree) for tree in read]
    values = [
        *history(Actual)
        .order_by("indicator__code", "fiscal_year", "version")
        .values_list(
            "indicator__code", "fiscal_year", "version", "history_type", "history_date",
            "history_user__username", "history_change_reason", "door", "availability", "value",
            "numerator", "denominator", "expected_month", "provisional", "remarks", "state",
            "return_reason", "entered_by__username", "entered_at", "confirmed_by__username",
            "confirmed_at",
        )
    ]  # fmt: skip
    years = list(
        history(FiscalYear)
        .order_by("history_date")
        .values_list("year", "entry_is_open", "due_date", "history_date")
    )
    users = list(
        User.objects.order_by("username").values_list(
            "username", "full_name", "groups__name", "sections__name", "date_joined"
        )
    )
    return trees, values, years, sorted(map(str, users))


# What is in it


def test_the_table_has_every_indicator_of_the_file_once():
    data = json.loads(FILE.read_text(encoding="utf-8"))
    listings = [
        listing
        for goal in data["goals"]
        for listing in [
            *goal["numeric_targets"],
            *(
                kpi
                for group in goal["measure_groups"]
                for measure in group["measures"]
                for kpi in measure["kpis"]
            ),
        ]
    ]
    assert set(VALUES) == {listing["indicator"]["code"] for listing in listings}


def test_every_status_is_there(trial):
    by_year = {
        year: {str(listing.assessment.status) for listing in read_tree(CODE, year).listings}
        for year in YEARS
    }
    assert set().union(*by_year.values()) == set(STANDARD_SCALE.statuses)
    assert {"achieved", "mostly_achieved", "not_achieved", "worsened"} <= by_year[2019]
    assert {"at_target", "on_track", "mostly_on_track", "slightly_behind", "behind"} <= by_year[
        2018
    ]


def test_years_that_are_over_are_closed_and_confirmed(trial):
    assert list(FiscalYear.objects.order_by("year").values_list("year", flat=True)) == list(YEARS)
    assert not FiscalYear.objects.filter(year__in=OVER, entry_is_open=True).exists()
    actuals = Actual.objects.filter(fiscal_year__in=OVER)
    assert set(actuals.values_list("state", flat=True)) == {"confirmed"}
    for year in OVER:
        assert actuals.filter(fiscal_year=year).count() >= 47


def test_the_last_year_is_open_and_half_entered(trial):
    assert FiscalYear.objects.get(year=2019).entry_is_open
    actuals = Actual.objects.filter(fiscal_year=2019)
    assert 20 <= actuals.count() <= 30
    states = list(actuals.values_list("state", flat=True))
    assert set(states) == {"draft", "submitted", "answered", "returned"}
    assert actuals.get(state="returned").return_reason
    assert not actuals.exclude(confirmed_by=None).exists()


def test_each_section_that_logs_in_has_something_left_to_do(trial):
    for person in INVENTED_PEOPLE:
        if person.logs_in and person.role == Role.CLERK:
            indicators = Indicator.objects.filter(entered_by__name__in=person.sections)
            assert indicators.exclude(actuals__fiscal_year=2019).exists()
            assert indicators.filter(actuals__fiscal_year=2019, actuals__state="draft").exists()
        if person.logs_in and person.role == Role.HEAD:
            indicators = Indicator.objects.filter(entered_by__name__in=person.sections)
            assert indicators.filter(actuals__state="submitted").exists()


def test_every_kind_of_absence_is_there(trial):
    reasons = set(Actual.objects.values_list("availability", flat=True))
    assert reasons == set(Actual.Availability.values)
    for actual in Actual.objects.filter(availability="unpublished"):
        assert re.fullmatch(r"20\d\d-\d\d", actual.expected_month)
    for year in OVER:
        entered = Actual.objects.filter(fiscal_year=year).values("indicator")
        assert Indicator.objects.exclude(pk__in=entered).count() == (
            1 if year in (2016, 2018) else 0
        )
    assert Actual.objects.filter(provisional=True, fiscal_year=2018).exists()


def test_most_shares_have_numerator_and_denominator(trial):
    values = Actual.objects.reported().filter(indicator__ratio=True)
    both = values.exclude(denominator=None).count()
    assert both > values.count() * 0.9
    assert values.get(indicator__code="young-population-share", fiscal_year=2015).value == Decimal(
        "11.3"
    )


def test_two_readings_stay_open_and_eight_were_confirmed_by_planning(trial):
    open_places = [item.place for item in read_tree(CODE).listings if not item.is_confirmed]
    assert open_places == ["2-1", "3-3"]
    rows = [
        row
        for model in (NumericTarget, KPI)
        for row in history(model).filter(history_type="~").select_related("history_user")
    ]
    assert len(rows) == len(CONFIRMED_READINGS) == 8
    for row in rows:
        day, reason = CONFIRMED_READINGS[row.indicator.code]
        assert row.history_user.username == PLANNING
        assert (day_of(row.history_date), row.history_change_reason) == (day, reason)
        assert row.confirmed_at == row.history_date


def test_the_strategy_says_that_its_values_are_invented(trial):
    strategy = Strategy.objects.get(code=CODE)
    assert strategy.invented
    loaded, marked = strategy.history.order_by("history_id")
    assert (loaded.invented, marked.invented) == (False, True)
    assert (marked.history_user.username, marked.history_change_reason) == (PLANNING, REASON)


# When, by whom and why


def test_what_the_plan_says_is_dated_when_it_was_made(trial):
    for model in (Strategy, Section, BasicGoal, Measure, Project, Indicator):
        dates = {day_of(moment) for moment in history(model).values_list("history_date", flat=True)}
        assert dates == {LOADED}
    assert {day_of(event.occurred_at) for event in Event.objects.all()} == {LOADED}


def test_each_year_is_made_in_spring_opened_in_may_closed_in_july_and_published(trial):
    for year in YEARS:
        rows = history(FiscalYear).filter(year=year).order_by("history_date")
        steps = [(row.entry_is_open, day_of(row.history_date).month) for row in rows]
        assert steps == [(False, 4), (True, 5), (False, 7), (False, 1)][: len(steps)]
        assert len(steps) == (2 if year == 2019 else 4)
        assert {day_of(row.history_date).year for row in rows[:3]} == {year + 1}
        stored = FiscalYear.objects.get(year=year)
        assert stored.due_date == date(year + 1, 6, 30)
        assert stored.published_on == (None if year == 2019 else date(year + 2, 1, 15))


def test_values_go_through_the_office_in_the_months_after_the_year(trial):
    corrected = {(c.code, c.year): c for c in CORRECTIONS}
    staff = {p.number: p for p in INVENTED_PEOPLE}
    rows = history(Actual).select_related("indicator__entered_by", "history_user")
    for row in rows:
        day, person = day_of(row.history_date), staff[row.history_user.username]
        assert day.weekday() < 5
        if day > date(row.fiscal_year_id + 1, 7, 31):
            correction = corrected[row.indicator.code, row.fiscal_year_id]
            assert 0 <= (day - correction.day).days < 3
            continue
        assert day.year == row.fiscal_year_id + 1
        if row.state == "confirmed":
            assert (day.month, person.role) == (7, Role.PLANNING)
            continue
        assert day.month in (5, 6)
        role = Role.HEAD if row.state in ("answered", "returned") else Role.CLERK
        assert person.role == role
        assert row.indicator.entered_by.name in person.sections


@pytest.mark.both_databases
def test_every_row_of_history_has_person_door_and_reason(trial):
    for model in (Strategy, NumericTarget, KPI, Project, Indicator, FiscalYear, Actual):
        rows = history(model).all()
        assert not rows.filter(history_user=None).exists(), model
        assert not rows.filter(history_change_reason="").exists(), model
        assert set(rows.values_list("door", flat=True)) == {Door.COMMAND}, model


def test_nobody_confirms_his_own_values(trial):
    for row in history(Actual).filter(state="confirmed"):
        assert row.confirmed_by_id != row.entered_by_id


@pytest.mark.parametrize("correction", CORRECTIONS, ids=lambda c: f"{c.code}-{c.year}")
def test_corrections_say_why_and_are_confirmed_by_the_other_one_of_planning(trial, correction):
    actual = Actual.objects.get(indicator__code=correction.code, fiscal_year=correction.year)
    change, confirmed = actual.history.order_by("-version")[:2][::-1]
    assert change.history_user.username == CHECKING
    assert change.history_change_reason == correction.reason
    assert day_of(change.history_date) == correction.day
    assert confirmed.history_user.username == PLANNING
    before = actual.history.get(version=change.version - 1)
    assert before.value != change.value or before.provisional != change.provisional
    assert actual.value == Decimal(correction.value)
    assert actual.state == "confirmed"


@pytest.mark.parametrize("place", FIRST_TRIES, ids=lambda place: f"{place[0]}-{place[1]}")
def test_what_was_handed_back_has_both_tries_in_its_history(trial, place):
    actual = Actual.objects.get(indicator__code=place[0], fiscal_year=place[1])
    rows = list(actual.history.order_by("version"))
    assert [row.state for row in rows] == [
        "draft", "submitted", "returned", "draft", "submitted", "answered", "confirmed",
    ]  # fmt: skip
    assert rows[2].return_reason == FIRST_TRIES[place].reason
    assert rows[0].value != rows[3].value


# Log-ins


def test_the_accounts_can_log_in_and_each_role_has_one(trial):
    passwords = stored_passwords(trial)
    assert set(passwords) == {person.number for person in INVENTED_PEOPLE if person.logs_in}
    for number, password in passwords.items():
        assert User.objects.get(username=number).check_password(password)
    roles = [role for number in passwords for role in access.roles_of(user_of(number))]
    assert set(roles) == set(Role)
    assert roles.count(Role.PLANNING) == 2
    clerks = [user_of(p.number) for p in INVENTED_PEOPLE if p.logs_in and p.role == Role.CLERK]
    assert sorted(len(access.sections_of(clerk)) for clerk in clerks) == [1, 2]


def user_of(number):
    return User.objects.get(username=number)


def test_nobody_else_can_log_in(trial):
    for person in INVENTED_PEOPLE:
        assert user_of(person.number).has_usable_password() is person.logs_in


def test_the_file_is_for_its_owner_only_and_names_everybody(trial):
    assert trial.stat().st_mode & 0o777 == 0o600
    lines = trial.read_text(encoding="utf-8").splitlines()
    assert lines[0].split() == ["職員番号", "パスワード", "役割", "氏名・担当課"]
    assert "試用 さくら（こども子育て課・保健課）" in "".join(lines)


def test_passwords_differ_and_satisfy_the_rules(trial):
    passwords = stored_passwords(trial)
    assert len(set(passwords.values())) == len(passwords)
    for number, password in passwords.items():
        assert len(password) >= 12
        validate_password(password, user_of(number))
    assert len({new_password() for _ in range(1000)}) == 1000


# Again


@pytest.mark.both_databases
def test_a_second_run_changes_nothing(trial, django_assert_max_num_queries):
    before, text = row_counts(), trial.read_text(encoding="utf-8")
    with django_assert_max_num_queries(6):
        again = make_demo(trial)
    assert (again.made, again.log_ins) == (False, text)
    assert row_counts() == before
    assert trial.read_text(encoding="utf-8") == text


def test_what_people_did_since_stays(trial):
    strategy = Strategy.objects.get(code=CODE)
    strategy.title, strategy.invented = "別の名称", False
    strategy.save()
    User.objects.filter(username="900101").update(full_name="別の人")
    before = everything()
    make_demo(trial)
    assert everything() == before


@pytest.mark.both_databases
def test_loading_the_file_again_changes_nothing(trial):
    before = everything()
    result = load_strategy(json.loads(FILE.read_text(encoding="utf-8")))
    assert (result.created, result.changed) == (0, 0)
    assert everything() == before
    assert len(result.notes) == len(CONFIRMED_READINGS)


def test_without_their_file_the_log_ins_are_not_made_up(trial, tmp_path):
    again = make_demo(tmp_path / "logins.txt")
    assert (again.made, again.log_ins) == (False, None)
    assert not (tmp_path / "logins.txt").exists()


@pytest.mark.django_db
def test_it_is_the_same_each_time_and_keeps_the_passwords_of_the_file(
    settings, tmp_path, capsys, monkeypatch
):
    began = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: began)  # else midnight may fall between the two
    settings.DATA_DIR = tmp_path
    results = []
    for _ in range(2):
        with transaction.atomic():
            call_command("demo")
            results.append((everything(), capsys.readouterr().out))
            transaction.set_rollback(True)
    assert results[0] == results[1]
    printed = results[0][1]
    assert printed.startswith("試用環境です。実績値は架空のものです。\n")
    assert (tmp_path / "logins.txt").read_text(encoding="utf-8") in printed


# Over what is there


@pytest.mark.parametrize(
    ("prepare", "named"),
    [
        (lambda: load_strategy(json.loads(FILE.read_text(encoding="utf-8"))), "総合戦略1件"),
        (lambda: make_user(Role.PLANNING), "利用者1件"),
        (lambda: Section.objects.create(name="企画課"), "担当課1件"),
        (lambda: make_fiscal_year(2025), "年度1件"),
        (lambda: make_actual(make_indicator(), 2016, 4), "実績値1件"),
    ],
    ids=["plan", "user", "section", "year", "value"],
)
@pytest.mark.parametrize("options", [(), ("--check",)], ids=["make", "check"])
@pytest.mark.django_db
def test_it_refuses_what_is_not_its_own(options, prepare, named, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    prepare()
    before = row_counts()
    with pytest.raises(CommandError, match=f"試用のものではないデータがあります.*{named}"):
        call_command("demo", *options)
    assert row_counts() == before
    assert not (tmp_path / "logins.txt").exists()


@pytest.mark.both_databases
@pytest.mark.django_db
def test_an_empty_database_is_checked_without_a_change(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    before = row_counts()
    call_command("demo", "--check")
    assert row_counts() == before
    assert not (tmp_path / "logins.txt").exists()


def test_a_database_without_tables_is_one_for_a_trial(monkeypatch):
    monkeypatch.setattr(demo_module.connection.introspection, "table_names", list)
    demo_module.check_database()


@pytest.mark.parametrize(
    ("add", "named"),
    [
        (lambda: make_strategy(title="見本市総合戦略"), "総合戦略「見本市総合戦略」"),
        (lambda: Section.objects.create(name="企画課"), "担当課「企画課」"),
        (lambda: make_user(Role.PLANNING, full_name="見本 一"), "利用者「見本 一」"),
    ],
    ids=["plan", "section", "user"],
)
@pytest.mark.parametrize("options", [(), ("--check",)], ids=["make", "check"])
def test_it_refuses_a_trial_to_which_people_added_their_own(
    trial, settings, options, add, named, capsys
):
    settings.DATA_DIR = trial.parent
    add()
    before = row_counts()
    with pytest.raises(CommandError, match=f"試用のもののほかに、{named}") as refused:
        call_command("demo", *options)
    assert refused.value.returncode == NOT_ONLY_A_TRIAL
    assert row_counts() == before
    assert capsys.readouterr().out == ""  # no log-ins either


def test_renamed_parts_of_the_trial_are_still_its_own(trial):
    Section.objects.filter(name="水産課").update(name="水産振興課")
    User.objects.filter(username=PLANNING).update(full_name="改姓 花子")
    assert not make_demo(trial).made


@pytest.mark.parametrize(
    ("code", "unapplied", "expected"),
    [
        (0, False, ["demo --check", "migrate", "demo", "collectstatic", "served"]),
        (NOT_ONLY_A_TRIAL, False, ["demo --check", "migrate --check", "collectstatic", "served"]),
        (NOT_ONLY_A_TRIAL, True, ["demo --check", "migrate --check"]),
        (1, False, ["demo --check"]),
    ],
    ids=["empty", "real", "real and older", "away"],
)
def test_make_run_adds_nothing_to_a_database_that_is_not_a_trial(
    tmp_path, code, unapplied, expected
):
    """The recipe itself, with a manage.py that only notes how it is called."""
    calls = tmp_path / "calls"
    manage = tmp_path / "manage"
    manage.write_text(
        f"""#!/bin/sh
echo "$*" >>{calls}
case "$*" in
"demo --check") exit {code} ;;
"migrate --check") exit {int(unapplied)} ;;
esac
"""
    )
    manage.chmod(0o755)
    makefile = (settings_of_site.BASE_DIR / "Makefile").read_text(encoding="utf-8")
    served = makefile.replace("@exec .venv/bin/python -m gunicorn", f"@echo served >>{calls}; true")
    assert served != makefile
    (tmp_path / "Makefile").write_text(
        served.replace("run: .venv/installed ", "run:"),
        encoding="utf-8",
    )
    (tmp_path / ".venv").symlink_to(settings_of_site.BASE_DIR / ".venv")
    done = subprocess.run(
        ["make", "run", "PORT=0", f"MANAGE={manage}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    called = [
        call.partition(" --verbosity")[0].partition(" --noinput")[0]
        for call in calls.read_text().splitlines()
    ]
    assert called == expected
    assert (done.returncode == 0) == ("served" in expected)
    assert ("そのまま動かします" in done.stdout) == (code == NOT_ONLY_A_TRIAL and not unapplied)


@pytest.mark.django_db
def test_nothing_is_half_made(monkeypatch, tmp_path, settings):
    """Whether a value is refused near the end or the file cannot be written: nothing stays."""
    settings.DATA_DIR = tmp_path
    before = row_counts()

    (tmp_path / "logins.txt").mkdir()
    with pytest.raises(CommandError, match="何も変えていません"):
        call_command("demo")
    assert row_counts() == before

    (tmp_path / "logins.txt").rmdir()
    wrong = VALUES | {"settlers": ("3", "4", "8", "7", "六")}
    monkeypatch.setattr(demo_module, "VALUES", wrong)
    with pytest.raises(ArithmeticError):
        call_command("demo")
    assert row_counts() == before
    assert not (tmp_path / "logins.txt").exists()


# The command


def test_the_command_prints_the_log_ins_each_time(trial, settings, capsys):
    settings.DATA_DIR = trial.parent
    call_command("demo")
    printed = capsys.readouterr().out
    assert "試用のデータはすでにあります。何も変えていません。" in printed
    assert "試用環境です。実績値は架空のものです。" in printed
    for number, password in stored_passwords(trial).items():
        assert re.search(rf"{number} +{password} ", printed)


def test_the_command_says_what_to_do_without_the_file(trial, settings, tmp_path, capsys):
    settings.DATA_DIR = tmp_path
    call_command("demo")
    assert "changepassword" in capsys.readouterr().out
