"""Recording values: who may write what and when, and that nothing is written partly."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from indicators.entries import WITHDRAWN, Entry
from indicators.models import Actual
from indicators.recording import RecordingError, check, move, record
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_section,
    make_user,
)
from trail.history import Change, Door, changing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def clerk(section):
    return make_user(Role.CLERK, section, full_name="見本 花子")


@pytest.fixture
def indicator(section):
    make_fiscal_year(2017)
    return make_indicator(section)


def entry(indicator, value=None, **fields):
    if value is not None:
        fields["value"] = Decimal(str(value))
    return Entry(indicator_id=indicator.pk, fiscal_year=fields.pop("year", 2017), **fields)


def refusal(*entries, by, reason=""):
    """Return the problems of a refused call, after checking that nothing was written."""
    before = list(Actual.objects.order_by("pk").values()), Actual.history.count()
    with pytest.raises(RecordingError) as error:
        record(entries, Change(by=by, door=Door.COMMAND, reason=reason))
    assert (list(Actual.objects.order_by("pk").values()), Actual.history.count()) == before
    return error.value.problems


def test_a_value_is_written_with_its_history(indicator, clerk):
    [actual] = record(
        [entry(indicator, 45)], Change(by=clerk, door=Door.GRID, reason="照会への回答")
    )
    actual.refresh_from_db()
    assert (actual.value, actual.version, actual.state) == (Decimal(45), 1, "draft")
    assert actual.entered_by == clerk
    row = actual.history.get()
    assert (row.history_user, row.door, row.history_change_reason, row.history_type) == (
        clerk,
        "grid",
        "照会への回答",
        "+",
    )


def test_a_change_counts_the_version_up_and_keeps_the_old_value(indicator, clerk):
    record([entry(indicator, 45)], Change(by=clerk, door=Door.ADMIN))
    record([entry(indicator, 46, version=1)], Change(by=clerk, door=Door.ADMIN))
    assert Actual.objects.get().version == 2
    assert [row.value for row in Actual.history.order_by("history_id")] == [45, 46]


def test_an_entry_that_equals_what_is_stored_changes_nothing(indicator, clerk):
    record([entry(indicator, 45)], Change(by=clerk, door=Door.ADMIN))
    record([entry(indicator, 45, version=1)], Change(by=clerk, door=Door.ADMIN))
    record([entry(indicator, 45)], Change(by=clerk, door=Door.ADMIN))
    assert Actual.objects.get().version == 1
    assert Actual.history.count() == 1


def test_the_second_user_learns_who_saved_first(indicator, section, clerk):
    other = make_user(Role.CLERK, section, full_name="試用 太郎")
    record([entry(indicator, 45)], Change(by=clerk, door=Door.ADMIN))
    record([entry(indicator, 46, version=1)], Change(by=other, door=Door.ADMIN))
    [problem] = refusal(entry(indicator, 47, version=1), by=clerk)
    assert problem.field == "version"
    assert "水産課の試用 太郎が「46人」に変更しました" in problem.message
    assert problem.current.value == 46


def test_a_new_value_does_not_overwrite_one_the_person_never_saw(indicator, clerk):
    record([entry(indicator, 45)], Change(by=clerk, door=Door.ADMIN))
    [problem] = refusal(entry(indicator, 47), by=clerk)
    assert "「45人」に変更しました" in problem.message


def test_a_value_taken_back_is_missing_again_and_stays_in_the_history(indicator, clerk):
    record([entry(indicator, 45)], Change(by=clerk, door=Door.ADMIN))
    taken_back = entry(indicator, version=1, availability=WITHDRAWN)
    assert record([taken_back], Change(by=clerk, door=Door.ADMIN)) == [None]
    assert not Actual.objects.exists()
    last = Actual.history.latest("history_id")
    assert (last.history_type, last.history_user, last.door) == ("-", clerk, "admin")


def test_a_page_from_before_a_value_was_taken_back_does_not_fit_the_next_one(indicator, clerk):
    record([entry(indicator, 45)], Change(by=clerk, door=Door.ADMIN))
    record([entry(indicator, version=1, availability=WITHDRAWN)], Change(by=clerk, door=Door.ADMIN))
    record([entry(indicator, 50)], Change(by=clerk, door=Door.ADMIN))
    [problem] = refusal(entry(indicator, 47, version=1), by=clerk)
    assert "「50人」" in problem.message


def test_changing_what_somebody_took_back_is_refused(indicator, clerk):
    record([entry(indicator, 45)], Change(by=clerk, door=Door.ADMIN))
    record([entry(indicator, version=1, availability=WITHDRAWN)], Change(by=clerk, door=Door.ADMIN))
    [problem] = refusal(entry(indicator, 47, version=1), by=clerk)
    assert "未入力に戻しました" in problem.message


def test_strangers_to_the_section_write_nothing(indicator):
    for role in (Role.CLERK, Role.HEAD):
        [problem] = refusal(entry(indicator, 45), by=make_user(role, make_section()))
        assert "水産課" in problem.message
        assert "企画担当に連絡" in problem.message


@pytest.mark.parametrize("role", [Role.READER, Role.AUDITOR, None])
def test_readers_write_nothing_even_in_their_section(indicator, section, role):
    assert refusal(entry(indicator, 45), by=make_user(role, section))


def test_a_deactivated_clerk_writes_nothing(indicator, section):
    assert refusal(entry(indicator, 45), by=make_user(Role.CLERK, section, is_active=False))


def test_a_person_of_two_sections_writes_for_both(section):
    second = make_section("税務課")
    clerk = make_user(Role.CLERK, section, second)
    make_fiscal_year(2017)
    entries = [entry(make_indicator(section), 1), entry(make_indicator(second), 2)]
    assert len(record(entries, Change(by=clerk, door=Door.GRID))) == 2


def test_a_year_that_does_not_exist_is_named(indicator, clerk):
    [problem] = refusal(entry(indicator, 45, year=2018), by=clerk)
    assert problem.field == "fiscal_year"
    assert problem.message.startswith("平成30年度（2018）は、まだ作られていません。")


def test_a_year_not_begun_takes_values_from_planning_with_a_reason_only(indicator, clerk):
    year = timezone.localdate().year
    make_fiscal_year(year, is_open=False)
    planning = make_user(Role.PLANNING)
    wanted = entry(indicator, 45, year=year)
    assert "受付期間ではありません" in refusal(wanted, by=clerk)[0].message
    [problem] = refusal(wanted, by=planning, reason="  ")
    assert (problem.field, "受付を始めていない" in problem.message) == ("reason", True)
    record([wanted], Change(by=planning, door=Door.ADMIN, reason="以前の記録による"))
    changed = entry(indicator, 46, year=year, version=1)
    record([changed], Change(by=planning, door=Door.ADMIN, reason="書き間違い"))


@pytest.mark.parametrize("is_opened_before", [True, False])
def test_only_a_stored_value_of_a_past_year_asks_for_the_kind_of_change(
    indicator, is_opened_before
):
    if is_opened_before:
        make_fiscal_year(2016)
    make_fiscal_year(2016, is_open=False)
    planning = make_user(Role.PLANNING)
    why = Change(by=planning, door=Door.IMPORT, reason="以前の記録による")
    [problem] = refusal(entry(indicator, 45, year=2016), by=planning)
    assert problem.field == "reason"
    [first] = record([entry(indicator, 45, year=2016, change_kind="corrected")], why)
    assert first.change_kind == ""  # a first value corrects nothing
    problems = refusal(entry(indicator, 46, year=2016, version=1), by=planning)
    assert [problem.field for problem in problems] == ["change_kind", "reason"]


def test_a_year_that_has_ended_takes_changes_from_planning_with_a_kind_and_a_reason(indicator):
    make_fiscal_year(2017)
    year = make_fiscal_year(2017, is_open=False)
    assert year.has_ended
    planning = make_user(Role.PLANNING)
    record([entry(indicator, 40)], Change(by=planning, door=Door.ADMIN, reason="後から届いた"))
    without = refusal(entry(indicator, 45, version=1), by=planning)
    assert [problem.field for problem in without] == ["change_kind", "reason"]
    assert "確定値への更新、遡及改定、訂正" in without[0].message
    corrected = entry(indicator, 45, version=1, change_kind="corrected")
    assert [problem.field for problem in refusal(corrected, by=planning)] == ["reason"]
    [actual] = record([corrected], Change(by=planning, door=Door.ADMIN, reason="集計の誤り"))
    assert (actual.change_kind, Actual.history.first().change_kind) == ("corrected", "corrected")
    gone = entry(indicator, availability=WITHDRAWN, version=2, change_kind="revised")
    record([gone], Change(by=planning, door=Door.ADMIN, reason="取消し"))
    assert Actual.history.first().change_kind == "revised"


def test_a_kind_of_change_is_not_kept_while_a_year_is_open(indicator, clerk):
    make_fiscal_year(2017)
    wanted = entry(indicator, 45, change_kind="corrected")
    [actual] = record([wanted], Change(by=clerk, door=Door.GRID))
    assert actual.change_kind == ""


def test_a_year_keeps_the_days_on_which_entry_began_and_ended():
    year = make_fiscal_year(2017, is_open=False)
    assert (year.entry_opened_on, year.entry_ended_on) == (None, None)
    with changing(at=datetime(2018, 5, 9, 9, tzinfo=UTC)):
        make_fiscal_year(2017, is_open=True)
    with changing(at=datetime(2018, 7, 29, 9, tzinfo=UTC)):
        make_fiscal_year(2017, is_open=False)
    year.refresh_from_db()
    assert (year.entry_opened_on, year.entry_ended_on) == (date(2018, 5, 9), date(2018, 7, 29))
    assert year.has_ended
    assert not make_fiscal_year(2017, is_open=True).has_ended


@pytest.mark.parametrize(
    ("fields", "value", "message"),
    [
        ({"unit": "％", "decimals": 1, "maximum": 100}, "286", "割合は0から100までの値"),
        ({"unit": "％", "decimals": 1, "maximum": 100}, "286", "（入力値：286）"),
        ({}, "-1", "実績値は0以上の値を入力してください（入力値：-1）。"),
        ({"minimum": None, "maximum": 5}, "6", "実績値は5以下の値を入力してください"),
        ({}, "1.5", "実績値「1.5」の小数点以下の桁数が多すぎます。この指標は整数で"),
        ({"decimals": 1}, "1.25", "小数点以下1桁までで入力してください"),
        ({}, "100000000000", "桁数が多すぎます"),
        ({"unit": "円", "display_unit": "千円"}, "1.5", "小数点以下3桁まで"),
    ],
)
def test_an_impossible_value_is_refused_with_a_remedy(section, clerk, fields, value, message):
    make_fiscal_year(2017)
    [problem] = refusal(entry(make_indicator(section, **fields), value), by=clerk)
    assert problem.field == "value"
    assert message in problem.message


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({}, "value", "実績値を入力するか"),
        ({"availability": "unpublished", "value": Decimal(1)}, "value", "「未公表」が選ばれて"),
        ({"value": Decimal(1), "expected_month": "2026-09"}, "expected_month", "空欄に"),
        ({"availability": "unknown"}, "availability", "一覧から選んで"),
        ({"numerator": Decimal(1)}, "denominator", "両方入力"),
        ({"numerator": Decimal(1), "denominator": Decimal(0)}, "denominator", "0より大きい"),
        (
            {"numerator": Decimal(1), "denominator": Decimal(4), "value": Decimal(30)},
            "value",
            "「25」と違います",
        ),
    ],
)
def test_fields_that_contradict_each_other_are_refused(section, clerk, fields, field, message):
    make_fiscal_year(2017)
    indicator = make_indicator(section, unit="％", decimals=1, ratio=True)
    [problem] = refusal(entry(indicator, **fields), by=clerk)
    assert problem.field == field
    assert message in problem.message


def test_a_share_is_computed_and_rounded_half_up(section, clerk):
    make_fiscal_year(2017)
    indicator = make_indicator(section, unit="％", decimals=1, ratio=True)
    parts = {"numerator": Decimal(1), "denominator": Decimal(16)}
    [actual] = record([entry(indicator, **parts)], Change(by=clerk, door=Door.ADMIN))
    assert actual.value == Decimal("6.3")


def test_an_absence_is_recorded_with_its_name(indicator, clerk):
    absent = entry(indicator, availability="unpublished", expected_month="2026-09")
    [actual] = record([absent], Change(by=clerk, door=Door.ADMIN))
    assert (actual.value, actual.get_availability_display()) == (None, "未公表")


def test_zero_is_a_value(indicator, clerk):
    [actual] = record([entry(indicator, 0)], Change(by=clerk, door=Door.ADMIN))
    assert actual.value == 0


def test_nothing_is_recorded_if_one_entry_is_bad(section, clerk):
    make_fiscal_year(2017)
    good, bad = make_indicator(section), make_indicator(section)
    [problem] = refusal(entry(good, 1), entry(bad, -1), by=clerk)
    assert problem.index == 1


def test_two_entries_for_one_cell_are_refused(indicator, clerk):
    problems = refusal(entry(indicator, 1), entry(indicator, 2), by=clerk)
    assert any("二つあります" in problem.message for problem in problems)


def test_an_unknown_indicator_is_refused(indicator, clerk):
    [problem] = refusal(Entry(indicator_id=0, fiscal_year=2017, value=Decimal(1)), by=clerk)
    assert problem.field == "indicator"


def test_check_writes_nothing(indicator, clerk):
    assert check([entry(indicator, 1)], Change(by=clerk, door=Door.GRID)) == []
    assert check([entry(indicator, -1)], Change(by=clerk, door=Door.GRID))
    assert not Actual.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_rows(section, clerk):
    make_fiscal_year(2017)

    def queries(rows):
        entries = [entry(make_indicator(section), n) for n in range(rows)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            record(entries, Change(by=clerk, door=Door.GRID))
        return len(captured)

    queries(1)
    assert queries(3) == queries(30) <= 11


def test_a_value_passes_through_each_step_of_the_office(indicator, section, clerk):
    head, planning = make_user(Role.HEAD, section), make_user(Role.PLANNING)
    actual = make_actual(indicator, value=45, by=clerk)
    for by, state in ((clerk, "submitted"), (head, "answered"), (planning, "confirmed")):
        [actual] = move({actual.pk: actual.version}, state, Change(by=by, door=Door.GRID))
        actual.refresh_from_db()
        assert actual.state == state
    assert (actual.confirmed_by, actual.version) == (planning, 4)
    assert [row.state for row in actual.history.order_by("history_id")] == [
        "draft",
        "submitted",
        "answered",
        "confirmed",
    ]


def refused_move(actual, state, by, *, reason="", version=None, **fields):
    change = Change(by=by, door="grid", reason=reason)
    with pytest.raises(RecordingError) as error:
        move({actual.pk: version or actual.version}, state, change, **fields)
    return error.value.problems[0].message


def test_nobody_skips_a_step_or_takes_it_in_place_of_another_role(indicator, section, clerk):
    actual = make_actual(indicator, value=45, by=clerk)
    planning = make_user(Role.PLANNING)
    assert "「入力中」なので" in refused_move(actual, "confirmed", planning)
    assert "権限がありません" in refused_move(actual, "answered", clerk)
    stranger = make_user(Role.HEAD, make_section())
    assert "権限がありません" in refused_move(actual, "submitted", stranger)
    assert "変更しました" in refused_move(actual, "submitted", clerk, version=7)


def test_handing_back_needs_a_reason(indicator, section, clerk):
    head = make_user(Role.HEAD, section)
    actual = make_actual(indicator, value=45, by=clerk)
    [actual] = move({actual.pk: 1}, "submitted", Change(by=clerk, door="grid"))
    assert "理由を入力" in refused_move(actual, "returned", head)
    [actual] = move(
        {actual.pk: 2}, "returned", Change(by=head, door="grid", reason="分母を確かめて")
    )
    assert actual.return_reason == "分母を確かめて"


def test_planning_does_not_confirm_its_own_value(indicator):
    planning = make_user(Role.PLANNING)
    actual = make_actual(indicator, value=45, by=planning)
    assert "自分で入力した値です" in refused_move(actual, "confirmed", planning)
    move({actual.pk: 1}, "confirmed", Change(by=make_user(Role.PLANNING), door="grid"))


def test_only_planning_changes_a_confirmed_value_which_must_be_confirmed_again(indicator, clerk):
    planning = make_user(Role.PLANNING)
    actual = make_actual(indicator, value=45, by=planning)
    move({actual.pk: 1}, "confirmed", Change(by=make_user(Role.PLANNING), door="grid"))
    [problem] = refusal(entry(indicator, 46, version=2), by=clerk)
    assert "確認済みです" in problem.message
    record([entry(indicator, 46, version=2)], Change(by=planning, door=Door.ADMIN))
    actual.refresh_from_db()
    assert (actual.state, actual.confirmed_by, actual.version) == ("answered", None, 3)


def test_a_clerk_records_what_the_head_decided_on_paper(indicator, section, clerk):
    actual = make_actual(indicator, value=45, by=clerk)
    reason = "決裁済みとして記録（決裁日：令和元年6月20日、文書番号：水第12号）"
    stranger = make_user(Role.CLERK, make_section())
    assert "権限がありません" in refused_move(
        actual, "answered", stranger, on_paper=True, reason=reason
    )
    [actual] = move(
        {actual.pk: 1}, "answered", Change(by=clerk, door="grid", reason=reason), on_paper=True
    )
    row = actual.history.first()
    assert (actual.state, row.history_user, row.history_change_reason) == (
        "answered",
        clerk,
        reason,
    )


def test_on_paper_a_clerk_decides_nothing_else(indicator, section, clerk):
    actual = make_actual(indicator, value=45, by=clerk)
    [actual] = move({actual.pk: 1}, "submitted", Change(by=clerk, door="grid"))
    message = refused_move(actual, "returned", clerk, on_paper=True, reason="決裁")
    assert "権限がありません" in message


def test_the_person_who_moved_a_value_first_is_named_with_the_state(indicator, section, clerk):
    head = make_user(Role.HEAD, section, full_name="見本 良子")
    actual = make_actual(indicator, value=45, by=clerk)
    [actual] = move({actual.pk: 1}, "submitted", Change(by=clerk, door="grid"))
    move({actual.pk: 2}, "returned", Change(by=head, door="grid", reason="分母を確かめて"))
    message = refused_move(actual, "answered", head, version=2)
    assert "見本 良子が「差戻し」にしました。" in message
    assert "今の内容を確かめて" in message


def test_in_a_year_whose_entry_has_ended_sections_move_nothing_and_planning_confirms(
    indicator, section, clerk
):
    head, planning = make_user(Role.HEAD, section), make_user(Role.PLANNING)
    actual = make_actual(indicator, value=45, by=clerk)
    [actual] = move({actual.pk: 1}, "submitted", Change(by=clerk, door="grid"))
    make_fiscal_year(2017, is_open=False)
    assert "入力の受付期間ではありません" in refused_move(actual, "answered", head)
    [actual] = move({actual.pk: 2}, "answered", Change(by=planning, door="grid"))
    message = refused_move(actual, "returned", planning, reason="確かめて")
    assert "受付を開始してから差し戻すか" in message
    [actual] = move({actual.pk: 3}, "confirmed", Change(by=planning, door="grid"))
    assert actual.state == "confirmed"
