"""Past changes: which rows of history are found, and the texts about each."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from accounts.sections import rename
from changes.history_rows import NOBODY, VALUE_KINDS, Conditions, HistoryKind, find
from changes.past_changes import changes_of_value, every_change, read_changes
from indicators.entries import WITHDRAWN, Entry
from indicators.handover import move_indicators
from indicators.models import Actual, Indicator
from indicators.recording import move, record
from kpis.models import KPIYear
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_section,
    make_strategy,
    make_user,
)
from trail.history import Change, Door, changing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def clerk(section):
    return make_user(Role.CLERK, section, full_name="見本 花子")


@pytest.fixture
def indicator(section):
    make_fiscal_year(2017)
    return make_indicator(section, name="漁業就業者数")


def enter(indicator, value=None, *, by, door=Door.GRID, reason="", at=None, **fields):
    """Return the value after somebody entered it, whatever version it had."""
    stored = Actual.objects.filter(indicator=indicator, fiscal_year=2017).first()
    if value is not None:
        fields["value"] = Decimal(str(value))
    entry = Entry(
        indicator_id=indicator.pk,
        fiscal_year=2017,
        version=stored and stored.version,
        **fields,
    )
    return record([entry], Change(by=by, door=door, reason=reason, at=at))[0]


def confirm(actual, *, by=None):
    """Return the value after planning confirmed it, answered on the way where need be."""
    if actual.state != "answered":
        head = make_user(Role.HEAD, actual.indicator.entered_by)
        [actual] = move({actual.pk: actual.version}, "answered", Change(by=head, door=Door.GRID))
    by = by or make_user(Role.PLANNING, full_name="確認 太郎")
    return move({actual.pk: actual.version}, "confirmed", Change(by=by, door=Door.GRID))[0]


def found(**conditions):
    return list(every_change(Conditions(**conditions)))


def said(change):
    return [(field.name, field.before, field.after) for field in change.fields]


def kinds(changes):
    return [change.kind for change in changes]


class TestAValue:
    def test_a_change_says_who_what_when_through_which_door_and_why(self, indicator, clerk):
        at = datetime(2018, 6, 18, 5, 5, tzinfo=UTC)
        enter(indicator, 45, by=clerk, at=at)
        enter(indicator, 46, by=clerk, door=Door.FORM, reason="数え直したため。", at=at)
        later, earlier = changes_of_value(indicator.pk, 2017)
        assert (later.by.name, later.by.number) == ("見本 花子", clerk.username)
        assert (later.at, later.day, later.door_label) == (at, date(2018, 6, 18), "Excel様式")
        assert later.reason == "数え直したため。"
        assert (later.subject, later.section, later.fiscal_year) == (
            "漁業就業者数",
            "水産課",
            2017,
        )
        assert (later.kind, said(later)) == (HistoryKind.CORRECTED, [("実績値", "45人", "46人")])
        assert (earlier.kind, said(earlier)) == (
            HistoryKind.ENTERED,
            [("実績値", "未入力", "45人"), ("状態", "", "入力中")],
        )

    def test_changes_keep_the_order_of_writing_where_the_clock_was_set_back(self, indicator, clerk):
        for value, hour in ((45, 9), (46, 12), (47, 10), (48, 11)):
            enter(indicator, value, by=clerk, at=datetime(2018, 6, 18, hour, tzinfo=UTC))
        written = ["48人", "47人", "46人", "45人"]
        for changes in (
            changes_of_value(indicator.pk, 2017),
            found(kind=HistoryKind.CORRECTED) + found(kind=HistoryKind.ENTERED),
            found(fiscal_year=2017, person=clerk.pk),
        ):
            assert [said(change)[0][2] for change in changes] == written

    def test_two_changes_of_one_moment_keep_their_order(self, indicator, clerk):
        at = datetime(2018, 6, 18, tzinfo=UTC)
        for value in (45, 46, 47):
            enter(indicator, value, by=clerk, at=at)
        assert [said(change)[0][1:] for change in changes_of_value(indicator.pk, 2017)] == [
            ("46人", "47人"),
            ("45人", "46人"),
            ("未入力", "45人"),
        ]
        assert [change.kind for change in found(kind=HistoryKind.CORRECTED)] == [
            HistoryKind.CORRECTED
        ] * 2

    def test_a_step_through_the_office_does_not_change_the_value(self, indicator, section, clerk):
        actual = enter(indicator, 45, by=clerk)
        [actual] = move({actual.pk: 1}, "submitted", Change(by=clerk, door=Door.GRID))
        head = make_user(Role.HEAD, section)
        move({actual.pk: 2}, "returned", Change(by=head, door=Door.GRID, reason="分母を確かめて"))
        back, asked, _ = changes_of_value(indicator.pk, 2017)
        assert (back.kind, said(back), back.reason) == (
            HistoryKind.MOVED,
            [("状態", "課長確認待ち", "差戻し")],
            "分母を確かめて",
        )
        assert said(asked) == [("状態", "入力中", "課長確認待ち")]
        assert [change.number for change in found(kind=HistoryKind.MOVED)] == [
            back.number,
            asked.number,
        ]

    def test_a_withdrawn_value_entered_again_makes_three_changes(self, indicator, clerk):
        enter(indicator, 45, by=clerk)
        enter(indicator, by=clerk, availability=WITHDRAWN, reason="別の年度の値だったため。")
        enter(indicator, 50, by=clerk)
        again, taken_back, first = changes_of_value(indicator.pk, 2017)
        assert said(taken_back)[0] == ("実績値", "45人", "未入力")
        assert (taken_back.kind, taken_back.action) == (HistoryKind.TAKEN_BACK, "取消し")
        assert said(again)[0] == ("実績値", "未入力", "50人")
        assert kinds([again, first]) == [HistoryKind.ENTERED] * 2
        assert [c.number for c in found(kind=HistoryKind.TAKEN_BACK)] == [taken_back.number]

    def test_a_reason_instead_of_a_value_is_named(self, indicator, clerk):
        enter(indicator, by=clerk, availability="unpublished", expected_month="2018-09")
        enter(indicator, 0, by=clerk, provisional=True, remarks="速報。")
        change = changes_of_value(indicator.pk, 2017)[0]
        assert said(change) == [
            ("実績値", "未公表（平成30年9月に公表予定）", "0人"),
            ("速報値", "いいえ", "はい"),
            ("備考", "", "速報。"),
        ]

    def test_numbers_are_shown_in_the_display_unit_with_all_their_digits(self, clerk, section):
        make_fiscal_year(2017)
        money = make_indicator(section, unit="円", display_unit="千円")
        enter(money, 1_234_567, by=clerk)
        share = make_indicator(section, unit="％", decimals=1, ratio=True)
        enter(share, by=clerk, numerator=Decimal(1), denominator=Decimal(16))
        share.decimals = 0
        share.save()
        assert said(changes_of_value(money.pk, 2017)[0])[0][2] == "1,234.567千円"
        assert said(changes_of_value(share.pk, 2017)[0])[:3] == [
            ("実績値", "未入力", "6.3％"),
            ("分子", "", "1"),
            ("分母", "", "16"),
        ]

    def test_the_audience_has_its_own_word_for_a_missing_value(self, indicator, clerk):
        enter(indicator, 45, by=clerk)
        [change] = changes_of_value(indicator.pk, 2017, not_entered="実績未把握")
        assert said(change)[0] == ("実績値", "実績未把握", "45人")

    def test_a_user_who_left_is_still_named(self, indicator, clerk):
        enter(indicator, 45, by=clerk)
        clerk.is_active = False
        clerk.save()
        assert changes_of_value(indicator.pk, 2017)[0].by.name == "見本 花子"

    def test_what_many_rows_brought_at_once_is_there_row_by_row(self, section, clerk):
        make_fiscal_year(2017)
        indicators = [make_indicator(section) for _ in range(3)]
        entries = [
            Entry(indicator_id=i.pk, fiscal_year=2017, value=Decimal(i.pk)) for i in indicators
        ]
        record(entries, Change(by=clerk, door=Door.IMPORT, reason="一括"))
        changes = found(kind=HistoryKind.ENTERED, door=Door.IMPORT)
        assert {change.indicator_id for change in changes} == {i.pk for i in indicators}
        assert {change.reason for change in changes} == {"一括"}


class TestAfterConfirmation:
    @pytest.fixture
    def confirmed(self, indicator, clerk):
        return confirm(enter(indicator, 45, by=clerk))

    def test_what_was_confirmed_by_whom_and_what_it_became(self, indicator, confirmed):
        planning = make_user(Role.PLANNING, full_name="企画 次郎")
        enter(indicator, 46, by=planning, reason="二重に数えていたため。")
        [change] = found(after_confirmation=True)
        assert said(change) == [("実績値", "45人", "46人"), ("状態", "確認済み", "回答済み")]
        assert (change.by.name, change.reason) == ("企画 次郎", "二重に数えていたため。")
        assert (change.confirmation.value, change.confirmation.by.name) == ("45人", "確認 太郎")
        assert change.confirmation.day == change.day

    def test_confirming_again_is_not_a_change(self, indicator, confirmed):
        confirm(enter(indicator, 46, by=make_user(Role.PLANNING)))
        assert len(found(after_confirmation=True)) == 1

    def test_a_change_that_follows_a_changed_remark_is_not_hidden_by_it(self, indicator, confirmed):
        planning = make_user(Role.PLANNING)
        enter(indicator, 45, by=planning, remarks="確報。")
        enter(indicator, 46, by=planning, remarks="確報。")
        changes = found(after_confirmation=True)
        assert [said(change)[0] for change in changes] == [
            ("実績値", "45人", "46人"),
            ("備考", "", "確報。"),
        ]
        assert {change.confirmation.value for change in changes} == {"45人"}

    def test_neither_is_one_that_a_withdrawal_overrides(self, indicator, confirmed):
        planning = make_user(Role.PLANNING)
        enter(indicator, by=planning, availability=WITHDRAWN)
        enter(indicator, 46, by=planning)
        assert kinds(found(after_confirmation=True)) == [
            HistoryKind.ENTERED,
            HistoryKind.TAKEN_BACK,
        ]
        assert found(after_confirmation=True)[0].confirmation.value == "45人"

    def test_no_change_counts_before_the_first_confirmation(self, indicator, clerk):
        enter(indicator, 45, by=clerk)
        enter(indicator, 46, by=clerk)
        assert found(after_confirmation=True) == []

    def test_only_values_are(self, indicator, confirmed):
        indicator.name = "別の名前"
        indicator.save()
        assert found(after_confirmation=True) == []


class TestOtherModels:
    def test_an_indicator_names_fields_and_sections(self, indicator, section):
        with changing(by=make_user(Role.PLANNING), door=Door.ADMIN, reason="機構改革"):
            move_indicators([indicator.pk], section=make_section("農林課"))
        change = found(kind=HistoryKind.INDICATOR)[0]
        assert (change.action, change.model_name, change.reason) == ("変更", "指標", "機構改革")
        assert said(change) == [("担当課", "水産課", "農林課")]

    def test_a_new_indicator_shows_what_is_filled_in(self, indicator):
        [change] = found(kind=HistoryKind.INDICATOR)
        names = [name for name, _, _ in said(change)]
        assert ("入力できる最小値", "", "0人") in said(change)
        assert "照会先" not in names
        assert "分子と分母で入力" not in names

    def test_a_reading_shows_targets_with_their_unit(self, indicator):
        kpi = make_kpi(indicator=indicator, confirmed_at=None)
        kpi.target = Decimal(1200)
        kpi.confirmed_at = datetime(2018, 4, 1, 3, tzinfo=UTC)
        kpi.save()
        change = found(kind=HistoryKind.READING)[0]
        assert said(change) == [
            ("目標値", "200人", "1,200人"),
            ("読み方の確認", "未確認", "確認済み（2018年4月1日）"),
        ]
        assert (change.section, change.indicator.name) == ("水産課", "漁業就業者数")

    def test_a_yearly_target_leads_to_its_listing(self, indicator):
        kpi = make_kpi(indicator=indicator, name="就業者")
        KPIYear.objects.create(listing=kpi, fiscal_year=2017, value=Decimal(40))
        change = found(kind=HistoryKind.READING)[0]
        assert (change.subject, change.fiscal_year, change.section) == ("就業者", 2017, "水産課")
        assert ("年度別目標値", "", "40人") in said(change)

    def test_everything_of_a_plan_and_what_is_gone_from_it_has_a_name(self):
        project = make_project(make_measure(make_goal(make_strategy(title="見本市総合戦略"))))
        name = project.name
        project.relisted_from = make_project(project.measure, name="元の事業")
        project.save()
        assert said(found(kind=HistoryKind.PLAN)[0]) == [("再掲元", "", "元の事業")]
        project.delete()
        project.measure.delete()
        changes = found(kind=HistoryKind.PLAN)
        assert {change.model_name for change in changes} >= {
            "総合戦略", "基本目標", "施策の区分", "具体的施策", "具体的事業",
        }  # fmt: skip
        gone = next(change for change in changes if change.subject == name)
        assert (gone.action, gone.fields[-1].after) == ("削除", "")
        assert ("再掲元", "元の事業", "") in said(gone)

    def test_years_and_sections(self, section):
        make_fiscal_year(2017, is_open=False)
        make_fiscal_year(2017, is_open=True)
        rename(section, "水産港湾課", 2018)
        changes = found(kind=HistoryKind.OFFICE)
        texts = [line for change in changes for line in said(change)]
        assert ("入力受付中", "いいえ", "はい") in texts
        assert ("名称", "水産課", "水産港湾課") in texts

    def test_saving_without_a_change_says_so(self, indicator):
        indicator.save()
        assert found(kind=HistoryKind.INDICATOR)[0].fields == ()


class TestConditions:
    @pytest.fixture
    def changes(self, indicator, clerk):
        """Three changes of three people through three doors in three years."""
        other = make_indicator(make_section("農林課"), name="農業就業者数")
        planning = make_user(Role.PLANNING)
        enter(indicator, 45, by=clerk, at=datetime(2018, 6, 1, tzinfo=UTC))
        enter(other, 5, by=planning, door=Door.IMPORT, at=datetime(2018, 6, 30, 14, 59, tzinfo=UTC))
        make_actual(indicator, 2018, 7)
        return indicator, other, planning

    def subjects(self, **conditions):
        changes = found(**conditions)
        return [(c.subject, c.fiscal_year) for c in changes if c.kind in VALUE_KINDS]

    def test_changes_by_a_person_are_found(self, changes, clerk):
        assert self.subjects(person=clerk.pk) == [("漁業就業者数", 2017)]
        assert found(person=make_user().pk) == []

    def test_changes_by_nobody_are_found_and_have_no_name(self, changes):
        assert self.subjects(person=NOBODY) == []
        assert {change.by.name for change in found(person=NOBODY)} == {"（記録なし）"}

    def test_a_section_finds_what_it_answers_for_now_or_did_then(self, changes, section):
        other = changes[1]
        assert self.subjects(section=other.section_id) == [("農業就業者数", 2017)]
        other.section = other.entered_by = section
        other.save()
        assert len(self.subjects(section=section.pk)) == 3
        former = found(section=make_section("農林課").pk)
        assert set(kinds(former)) == {
            HistoryKind.INDICATOR,
            HistoryKind.ENTERED,
            HistoryKind.OFFICE,
        }

    def test_an_indicator_finds_its_values_and_its_listings(self, changes):
        indicator, _, _ = changes
        make_numeric_target(indicator=indicator)
        KPIYear.objects.create(
            listing=make_kpi(indicator=indicator), fiscal_year=2017, value=Decimal(1)
        )
        some = found(indicators=frozenset({indicator.pk}))
        assert {change.indicator_id for change in some} == {indicator.pk}
        assert set(kinds(some)) == {HistoryKind.ENTERED, HistoryKind.INDICATOR, HistoryKind.READING}
        assert found(indicators=frozenset()) == []

    def test_changes_through_a_door_are_found(self, changes):
        assert self.subjects(door=Door.IMPORT) == [("農業就業者数", 2017)]

    def test_both_days_are_included_by_the_offices_clock(self, changes):
        june = {"since": date(2018, 6, 1), "until": date(2018, 6, 30)}
        assert len(self.subjects(**june)) == 2
        assert self.subjects(since=date(2018, 6, 2), until=date(2018, 6, 30)) == [
            ("農業就業者数", 2017)
        ]
        assert self.subjects(since=date(2018, 6, 1), until=date(2018, 6, 29)) == [
            ("漁業就業者数", 2017)
        ]

    def test_a_year_finds_changes_of_its_values(self, changes):
        assert self.subjects(fiscal_year=2018) == [("漁業就業者数", 2018)]
        assert HistoryKind.OFFICE in kinds(found(fiscal_year=2018))
        assert HistoryKind.PLAN not in kinds(found(fiscal_year=2018))

    def test_each_change_has_exactly_one_kind(self, changes):
        by_kind = {kind: found(kind=kind) for kind in HistoryKind}
        for kind, some in by_kind.items():
            assert set(kinds(some)) <= {kind}
        assert sum(map(len, by_kind.values())) == len(found()) == find(Conditions()).count()

    def test_all_conditions_combined_must_all_hold(self, changes, clerk, section):
        everything = {
            "person": clerk.pk,
            "section": section.pk,
            "indicators": frozenset({changes[0].pk}),
            "kind": HistoryKind.ENTERED,
            "door": Door.GRID,
            "since": date(2018, 6, 1),
            "until": date(2018, 6, 1),
            "fiscal_year": 2017,
        }
        assert self.subjects(**everything) == [("漁業就業者数", 2017)]
        assert found(**everything, after_confirmation=True) == []

    def test_the_newest_change_comes_first(self, changes):
        times = [change.at for change in found()]
        assert times == sorted(times, reverse=True)


def test_the_number_of_queries_does_not_grow_with_the_changes(indicator, section, clerk):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert read_changes(find(Conditions())[:100])
        return len(captured)

    def change_everything():
        kpi = make_kpi(indicator=make_indicator(section))
        actual = confirm(enter(kpi.indicator, 1, by=clerk))
        enter(actual.indicator, 2, by=make_user(Role.PLANNING))
        KPIYear.objects.create(listing=kpi, fiscal_year=2017, value=Decimal(1))

    change_everything()
    first = queries()
    for _ in range(2):
        change_everything()
    assert queries() == first


class TestNamesOfAPastDay:
    DAY = date(2018, 6, 30)

    @pytest.fixture
    def renamed(self, indicator, section, clerk):
        """An indicator and its section that had other names, entered and renamed since."""
        with changing(at=noon(date(2018, 6, 1))):
            indicator.save()
            section.save()
        enter(indicator, 1, by=clerk, at=noon(date(2018, 6, 2)))
        with changing(at=noon(date(2018, 7, 1))):
            section.name = "水産振興課"
            section.save()
            indicator.name, indicator.section = "漁業就業者の数", make_section("農林課")
            indicator.save()
        return indicator

    def names(self, changes):
        return {(change.subject, change.section) for change in changes}

    def test_are_those_of_that_day(self, renamed):
        of_value = changes_of_value(renamed.pk, 2017, until=self.DAY)
        assert self.names(of_value) == {("漁業就業者数", "水産課")}
        conditions = Conditions(until=self.DAY, indicators=frozenset({renamed.pk}))
        assert self.names(every_change(conditions, as_of=self.DAY)) == {("漁業就業者数", "水産課")}

    def test_are_the_current_ones_without_a_day(self, renamed):
        assert self.names(changes_of_value(renamed.pk, 2017)) == {("漁業就業者の数", "農林課")}

    def test_without_an_earlier_name_the_current_one_is_used(self, renamed):
        Indicator.history.filter(id=renamed.pk, history_date__lt=noon(date(2018, 6, 30))).delete()
        [change] = changes_of_value(renamed.pk, 2017, until=self.DAY)
        assert change.subject == "漁業就業者の数"


def noon(day):
    return timezone.make_aware(datetime.combine(day, time(12)))


def test_a_page_is_cut_out_by_the_database(indicator, clerk):
    for value in range(5):
        enter(indicator, value, by=clerk)
    with CaptureQueriesContext(connection) as captured:
        assert len(read_changes(find(Conditions())[2:4])) == 2
    are_there_drafts, places, *_ = (query["sql"] for query in captured)
    assert "state" in are_there_drafts
    assert "LIMIT 2 OFFSET 2" in places
