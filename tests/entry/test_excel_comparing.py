"""What a returned form would change, and what is refused."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from entry.excel.columns import Header, RowKey, read_key
from indicators.entries import WITHDRAWN, WITHDRAWN_LABEL
from indicators.models import Actual, Indicator
from indicators.recording import move
from measures.models import Measure
from tables.importing import Comparison, carry_out
from tests.entry.city import City, make_city
from tests.entry.excel_forms import Paper, compared, form_for, importer, messages, read
from tests.factories import make_actual, make_indicator, make_kpi, make_user
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


@pytest.fixture
def city() -> City:
    return make_city()


def paper(city: City, by=None) -> Paper:
    return Paper(form_for(by or city.clerk))


def changes(comparison: Comparison) -> dict:
    """Return what would change: indicator, column -> old and new text."""
    assert messages(comparison) == []
    return {
        (change.label, str(cell.name)): (cell.before, cell.after)
        for change in comparison.changes
        for cell in change.fields
    }


def outcome(city: City, filled: Paper, by=None) -> dict:
    return changes(compared(filled.saved(), by or city.clerk))


def take_in(city: City, filled: Paper) -> None:
    comparison = compared(filled.saved(), city.clerk)
    assert messages(comparison) == []
    confirm(filled.saved(), comparison, city.clerk)


def confirm(content: bytes, comparison: Comparison, by: User, **said: str) -> None:
    _, is_written = carry_out(importer(by, **said), [read(content)], [comparison.digest])
    assert is_written


# What is taken


def test_a_form_that_nobody_filled_in_changes_nothing(city):
    city.store(city.visitors, 45, remarks="台風のため、\n一部を中止。")
    city.store(city.share, None, numerator=Decimal(46), denominator=Decimal(50))
    city.store(city.sales, 1_234_567)
    comparison = compared(form_for(city.clerk), city.clerk)
    assert changes(comparison) == {}
    assert (comparison.unchanged, comparison.empty, comparison.notes) == (3, 0, [])


def test_what_is_new_is_recorded_in_the_unit_of_the_indicator(city):
    filled = paper(city)
    filled.fill("水揚げ額", VALUE="１，２３４．５", REMARKS="9月まで", PROVISIONAL="はい")
    filled.fill("満足度", NUMERATOR=46, DENOMINATOR="50")
    assert outcome(city, filled) == {
        ("水揚げ額", "実績値"): ("", "1,234.5千円"),
        ("水揚げ額", "速報値"): ("", "はい"),
        ("水揚げ額", "備考"): ("", "9月まで"),
        ("満足度", "実績値"): ("", "92.0％"),
        ("満足度", "分子"): ("", "46"),
        ("満足度", "分母"): ("", "50"),
    }
    assert not Actual.objects.exists()
    take_in(city, filled)
    sales, share = city.stored(city.sales), city.stored(city.share)
    assert (sales.value, sales.remarks, sales.provisional) == (1_234_500, "9月まで", True)
    assert (share.value, share.numerator, share.state) == (Decimal("92.0"), 46, "draft")
    row = sales.history.get()
    assert (row.door, row.history_user) == ("form", city.clerk)


def test_a_change_is_shown_from_what_to_what(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", VALUE=46)
    assert outcome(city, filled) == {("来館者数", "実績値"): ("45人", "46人")}
    take_in(city, filled)
    assert (city.stored(city.visitors).value, city.stored(city.visitors).version) == (46, 2)


def test_what_is_unchanged_is_not_written(city):
    city.store(city.visitors, 45)
    city.store(city.sales, 1000)
    take_in(city, paper(city).fill("来館者数", VALUE=46))
    assert city.stored(city.sales).version == 1
    assert city.stored(city.sales).history.count() == 1


def test_a_percentage_is_read_as_it_is_shown(city):
    filled = paper(city).fill("満足度", VALUE=0.123)
    filled.cell("満足度", Header.VALUE).number_format = "0.0%"
    assert outcome(city, filled) == {("満足度", "実績値"): ("", "12.3％")}


def test_a_percentage_of_people_is_refused(city):
    filled = paper(city).fill("来館者数", VALUE=0.12)
    filled.cell("来館者数", Header.VALUE).number_format = "0%"
    [message] = messages(compared(filled.saved(), city.clerk))
    assert "「12%」に％が付いています" in message


def test_a_reason_in_place_of_the_value(city):
    filled = paper(city).fill("来館者数", AVAILABILITY="未 公表", EXPECTED_MONTH="令和8年9月")
    assert outcome(city, filled) == {
        ("来館者数", "有無"): ("", "未公表"),
        ("来館者数", "公表予定月"): ("", "2026-09"),
    }


# Empty cells


def test_an_emptied_cell_removes_nothing_and_the_preview_says_so(city):
    city.store(city.visitors, 45, remarks="台風")
    comparison = compared(
        paper(city).fill("来館者数", VALUE=None, REMARKS=None).saved(), city.clerk
    )
    assert changes(comparison) == {}
    [note] = comparison.notes
    assert note.text == "空欄のため変更しません：実績値、備考"


def test_an_emptied_row_removes_nothing_and_the_preview_says_so(city):
    city.store(city.visitors, 45)
    emptied = paper(city).fill("来館者数", VALUE=None, AVAILABILITY=None, PROVISIONAL=None)
    comparison = compared(emptied.saved(), city.clerk)
    assert changes(comparison) == {}
    assert comparison.notes[0].text == "空欄のため変更しません（登録されている値：45人）。"


def test_what_a_change_leaves_in_place_is_named(city):
    city.store(city.visitors, 45, remarks="台風")
    content = paper(city).fill("来館者数", VALUE=46, REMARKS="").saved()
    comparison = compared(content, city.clerk)
    assert comparison.changes[0].kept == (Header.REMARKS,)
    confirm(content, comparison, city.clerk)
    assert city.stored(city.visitors).remarks == "台風"


def test_a_value_is_taken_back_by_the_word_for_it_only(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", AVAILABILITY="未入力に戻す")
    comparison = compared(filled.saved(), city.clerk)
    assert comparison.changes[0].is_withdrawn
    confirm(filled.saved(), comparison, city.clerk)
    assert city.stored(city.visitors) is None


def test_taking_back_and_a_new_value_contradict_each_other(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", AVAILABILITY="未入力に戻す", VALUE=46)
    [message] = messages(compared(filled.saved(), city.clerk))
    assert "「未入力に戻す」が選ばれていますが、実績値も入力されています" in message


def test_a_reason_without_emptying_the_value_is_refused(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", AVAILABILITY="調査未実施")
    [message] = messages(compared(filled.saved(), city.clerk))
    assert "値を消すか、「実績値あり」を選んでください" in message
    filled.fill("来館者数", VALUE=None)
    assert outcome(city, filled) == {
        ("来館者数", "実績値"): ("45人", ""),
        ("来館者数", "有無"): ("実績値あり", "調査未実施"),
    }


def test_a_value_replaces_the_expected_month(city):
    city.store(city.visitors, availability="unpublished", expected_month="2018-09")
    filled = paper(city).fill("来館者数", VALUE=45, AVAILABILITY="実績値あり")
    expected = {
        ("来館者数", "実績値"): ("", "45人"),
        ("来館者数", "有無"): ("未公表", "実績値あり"),
        ("来館者数", "公表予定月"): ("2018-09", ""),
    }
    assert outcome(city, filled) == expected
    assert outcome(city, filled.fill("来館者数", AVAILABILITY=None)) == expected


def test_a_share_is_recomputed_from_its_parts(city):
    city.store(city.share, None, numerator=Decimal(46), denominator=Decimal(50))
    filled = paper(city).fill("満足度", NUMERATOR=45)
    assert outcome(city, filled) == {
        ("満足度", "実績値"): ("92.0％", "90.0％"),
        ("満足度", "分子"): ("46", "45"),
    }


def test_another_share_drops_its_old_parts(city):
    city.store(city.share, None, numerator=Decimal(46), denominator=Decimal(50))
    filled = paper(city).fill("満足度", VALUE=91, NUMERATOR=None, DENOMINATOR=None)
    take_in(city, filled)
    share = city.stored(city.share)
    assert (share.value, share.numerator, share.denominator) == (91, None, None)


# What is refused, all at once


def test_everything_that_is_wrong_is_named_at_its_cell(city):
    filled = paper(city)
    filled.fill("来館者数", VALUE="約50", EXPECTED_MONTH="秋")
    filled.fill("満足度", VALUE=286)
    filled.fill("水揚げ額", AVAILABILITY="不明", REMARKS="=A1")
    comparison = compared(filled.saved(), city.clerk)
    found = messages(comparison)
    assert found == [
        "シート「実績入力」のJ5：「約50」は数として読めません。"
        "「50」と入力し、「約」は備考に書いてください。",
        "シート「実績入力」のN5：「秋」は年月として読めません。"
        "「2026年9月」「令和8年9月」「R8.9」のように入力してください。",
        "シート「実績入力」のJ6：割合は0から100までの値を入力してください（入力値：286）。",
        "シート「実績入力」のP7：数式の計算結果が、ファイルに保存されていません。"
        "Excelで開いて保存し直すか、数式を消して、値を入力してください。",
    ]
    filled.fill("水揚げ額", REMARKS=None)
    assert messages(compared(filled.saved(), city.clerk))[-1] == (
        "シート「実績入力」のM7：「不明」は使えません。実績値あり、未公表、調査未実施、"
        "把握できない、未入力に戻すのどれかを選んでください。"
    )
    assert comparison.faulty_rows == 3
    assert comparison.changes == []


def test_a_value_that_excel_turned_into_a_date_is_refused_with_a_remedy(city):
    filled = paper(city).fill("来館者数", VALUE=date(2026, 1, 2))
    [message] = messages(compared(filled.saved(), city.clerk))
    assert "「2026-01-02」は日付です。表示形式を「標準」にして" in message


def test_a_doubtful_value_asks_for_remarks_and_remarks_answer(city):
    make_actual(city.visitors, 2016, 12)
    filled = paper(city).fill("来館者数", VALUE=1200)
    [message] = messages(compared(filled.saved(), city.clerk))
    assert message.startswith("シート「実績入力」のP5：")
    assert "前年度（12人）の約100倍です" in message
    assert outcome(city, filled.fill("来館者数", REMARKS="新館の開館"))


def test_an_indicator_of_another_section_is_refused(city):
    filled = paper(city, city.planning).fill("作付面積", VALUE=5).saved()
    [message] = messages(compared(filled, city.clerk))
    assert "「作付面積」を入力できるのは、農林課です。" in message
    assert messages(compared(filled, city.planning)) == []


def test_the_untouched_form_of_another_section_is_refused_as_well(city):
    found = messages(compared(form_for(city.other_clerk), city.clerk))
    assert len(found) == 1
    assert "入力する指標の行がありません" in found[0]
    assert "農林課です" in found[0]


def test_an_indicator_that_no_plan_lists_any_more_is_refused(city):
    filled = paper(city).fill("来館者数", VALUE=5).saved()
    city.visitors.kpis.get().delete()
    [message] = messages(compared(filled, city.clerk))
    assert "この年度の入力の対象ではありません" in message


def test_untouched_rows_of_others_are_not_errors(city):
    """Planning's form of all sections, sent on to one of them."""
    city.store(city.fields, 12)
    other = make_indicator(city.other_section, name="就農者数")
    make_kpi(Measure.objects.get(), other)
    filled = paper(city, by=city.planning).fill("来館者数", VALUE=46)
    city.store(city.fields, 13, version=1)  # the other section continues in the meantime
    found = compared(filled.saved(), city.clerk)
    assert changes(found) == {("来館者数", "実績値"): ("", "46人")}
    assert found.document.notes == [
        "この年度にあなたの課が入力する指標でない2行は、記入されていないため取り込みません。"
    ]
    filled.fill("就農者数", VALUE=3).fill("作付面積", REMARKS="確かめました。")
    assert len(messages(compared(filled.saved(), city.clerk))) == 2


def test_a_reason_in_the_cell_of_the_value_is_enough(city):
    filled = paper(city).fill("来館者数", VALUE="未　公表", EXPECTED_MONTH="2018-09")
    assert outcome(city, filled) == {
        ("来館者数", "有無"): ("", "未公表"),
        ("来館者数", "公表予定月"): ("", "2018-09"),
    }
    take_in(city, filled)
    assert city.stored(city.visitors).availability == "unpublished"


def test_a_reason_beside_a_chosen_value_is_asked_about(city):
    filled = paper(city).fill("来館者数", VALUE="未公表", AVAILABILITY="実績値あり")
    [message] = messages(compared(filled.saved(), city.clerk))
    assert "実績値に「未公表」、有無に「実績値あり」とあります。" in message


def test_the_form_of_another_plan_is_refused(city):
    filled = paper(city).fill("来館者数", VALUE=5).saved()
    strategy = city.visitors.kpis.get().measure.group.goal.strategy
    type(strategy).objects.update(code="next-plan")
    [message] = messages(compared(filled, city.clerk))
    assert f"この様式は、別の計画（{strategy.code}）のものです。" in message


def test_untouched_rows_of_another_plan_or_year_are_not_errors(city):
    city.store(city.visitors, 30)
    filled = paper(city).fill("水揚げ額", VALUE=3)
    key = filled.cell("来館者数", Header.KEY)
    of_others = [
        RowKey("next-plan", 2017, "visitors", 1),
        RowKey(read_key(key.value).plan, 2016, "visitors", 1),
    ]
    make_actual(city.visitors, 2016, 30, by=city.planning)
    for number, other in enumerate(of_others):
        key.value = other.signed()
        found = compared(filled.saved(), city.clerk)
        assert (messages(found), changes(found)) == ([], {("水揚げ額", "実績値"): ("", "3千円")})
        assert "指標でない1行は、記入されていないため取り込みません。" in found.document.notes[0]
        filled.fill("来館者数", VALUE=31)
        [message] = messages(compared(filled.saved(), city.clerk))
        assert ("別の計画（next-plan）", "平成28年度（2016）の様式のもの")[number] in message
        filled.fill("来館者数", VALUE=30)


def test_an_untouched_row_of_a_renamed_indicator_is_not_an_error(city):
    city.store(city.visitors, 30)
    filled = paper(city).fill("水揚げ額", VALUE=3)
    type(city.visitors).objects.filter(pk=city.visitors.pk).update(name="来館者数（新館）")
    assert messages(compared(filled.saved(), city.clerk)) == []
    filled.fill("来館者数", VALUE=31)
    [message] = messages(compared(filled.saved(), city.clerk))
    assert "行がずれていないか確かめ" in message


def change_indicator(indicator: Indicator, **fields) -> None:
    """Change an indicator as planning does in the admin."""
    Indicator.objects.filter(pk=indicator.pk).update(**fields)


@pytest.mark.parametrize("stored", [None, 1_200_000])
def test_a_value_typed_in_another_unit_than_todays_is_refused_with_both_units(city, stored):
    if stored:
        city.store(city.sales, stored)
    filled = paper(city).fill("水揚げ額", VALUE=1300)
    change_indicator(city.sales, display_unit="百万円")
    [message] = messages(compared(filled.saved(), city.clerk))
    assert re.match("シート「実績入力」のC[0-9]+：", message)
    assert "この様式の単位は「千円」ですが、今の単位は「百万円」です。" in message
    assert "「百万円」の値を入力してください。" in message


def test_what_has_no_unit_is_taken_from_a_form_with_another_unit(city):
    city.store(city.sales, 1_200_000)
    filled = paper(city).fill("水揚げ額", REMARKS="確かめました。")
    change_indicator(city.sales, display_unit="百万円")
    assert outcome(city, filled) == {("水揚げ額", "備考"): ("", "確かめました。")}
    filled.fill("水揚げ額", VALUE="未公表")
    assert outcome(city, filled)["水揚げ額", "有無"] == ("実績値あり", "未公表")


def test_without_the_column_of_the_units_nothing_is_taken(city):
    filled = paper(city).fill("水揚げ額", VALUE=1300)
    filled.sheet.delete_cols(filled.column(Header.UNIT))
    assert "見出し「単位」の列がありません。" in messages(read(filled.saved()))[0]


def test_untouched_rows_are_not_errors_after_the_unit_or_the_digits_changed(city):
    city.store(city.sales, 1_234_000)
    city.store(city.share, Decimal("83.9"))
    city.store(city.fields, 2_500_000)
    change_indicator(city.fields, unit="円", display_unit="千円")
    filled = paper(city, by=city.planning).fill("来館者数", VALUE=46)
    change_indicator(city.sales, display_unit="百万円")
    change_indicator(city.fields, display_unit="百万円")
    change_indicator(city.share, decimals=0)
    assert outcome(city, filled) == {("来館者数", "実績値"): ("", "46人")}
    filled.fill("満足度", REMARKS="確かめました。")
    assert outcome(city, filled)["満足度", "備考"] == ("", "確かめました。")
    take_in(city, filled)
    assert city.stored(city.share).value == Decimal("83.9")
    filled.fill("満足度", VALUE=83.8)
    assert "小数点以下の桁数が多すぎます" in messages(compared(filled.saved(), city.clerk))[0]


def test_the_remarks_of_a_share_change_though_its_digits_changed(city):
    city.store(city.share, numerator=Decimal(7), denominator=Decimal(8))
    filled = paper(city).fill("満足度", REMARKS="確かめました。")
    change_indicator(city.share, decimals=0)
    assert outcome(city, filled) == {("満足度", "備考"): ("", "確かめました。")}
    take_in(city, filled)
    assert city.stored(city.share).value == Decimal("87.5")


def test_a_row_whose_name_belongs_to_another_indicator_is_refused(city):
    filled = paper(city).fill("来館者数", VALUE=5)
    filled.cell("来館者数", Header.NAME).value = "満足度 "
    [message] = messages(compared(filled.saved(), city.clerk))
    assert "「来館者数」の行ですが、指標の欄は「満足度」です" in message


def test_only_planning_changes_a_confirmed_value(city):
    actual = city.store(city.visitors, 45)
    move({actual.pk: 1}, "answered", Change(by=city.head, door="grid"))
    move({actual.pk: 2}, "confirmed", Change(by=city.planning, door="grid"))
    filled = paper(city).fill("来館者数", VALUE=46).saved()
    [message] = messages(compared(filled, city.clerk))
    assert "確認済みです" in message
    assert messages(compared(filled, city.planning)) == []
    [at_value] = compared(filled, city.clerk).faults
    filled = paper(city).fill("来館者数", REMARKS="数え直す予定").saved()
    [at_remarks] = compared(filled, city.clerk).faults
    assert "確認済みです" in at_remarks.message
    assert (at_value.header, at_remarks.header) == (Header.VALUE, Header.REMARKS)


# Somebody was faster


def question(city, filled, **decisions):
    found = compared(filled.saved(), city.clerk, decisions=decisions)
    assert messages(found) == []
    [asked] = found.questions
    assert not found.is_right
    return asked


def told(choice):
    return (choice.label, choice.before, choice.theirs, choice.mine)


def test_a_stale_row_says_who_changed_what_and_asks_which_to_keep(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", VALUE=46)
    make_actual(city.visitors, 2017, 47, by=city.head, version=1)
    asked = question(city, filled)
    assert "に水産課の水産 課長が「47人」に変更しました。" in asked.message
    [choice] = asked.choices
    assert told(choice) == ("実績値", "45人", "47人", "46人")
    mine = compared(filled.saved(), city.clerk, decisions={choice.id: "mine:2"})
    assert changes(mine) == {("来館者数", "実績値"): ("47人", "46人")}
    assert [entry.version for entry in mine.entries] == [2]
    theirs = compared(filled.saved(), city.clerk, decisions={choice.id: "theirs:2"})
    assert (theirs.is_right, theirs.changes, theirs.unchanged) == (True, [], 1)
    make_actual(city.visitors, 2017, 48, by=city.head, version=2)
    assert question(city, filled, **{choice.id: "mine:2"}).choices[0].theirs == "48人"


def test_only_what_both_changed_is_asked_and_the_rest_is_merged(city):
    city.store(city.visitors, 45, remarks="速報による")
    filled = paper(city).fill("来館者数", VALUE=46, REMARKS="新館の分を含む")
    make_actual(city.visitors, 2017, 45, by=city.head, version=1, remarks="確かめた")
    [choice] = question(city, filled).choices
    assert told(choice) == ("備考", "速報による", "確かめた", "新館の分を含む")
    found = compared(filled.saved(), city.clerk, decisions={choice.id: "theirs:2"})
    assert changes(found) == {("来館者数", "実績値"): ("45人", "46人")}


def test_a_remark_and_a_value_of_two_people_are_merged_without_a_question(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", REMARKS="新館の分を含む")
    make_actual(city.visitors, 2017, 47, by=city.head, version=1)
    assert outcome(city, filled) == {("来館者数", "備考"): ("", "新館の分を含む")}
    take_in(city, filled)
    assert city.stored(city.visitors).value == 47


def test_a_concurrently_entered_value_is_not_overwritten(city):
    filled = paper(city).fill("来館者数", VALUE=46)
    city.store(city.visitors, 47)
    [choice] = question(city, filled).choices
    assert told(choice) == ("実績値", "未入力", "47人", "46人")


def test_taking_a_value_back_that_somebody_changed_is_asked_about(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", AVAILABILITY="未入力に戻す")
    make_actual(city.visitors, 2017, 47, by=city.head, version=1)
    [choice] = question(city, filled).choices
    assert told(choice) == ("実績値", "45人", "47人", "未入力")
    found = compared(filled.saved(), city.clerk, decisions={choice.id: "mine:2"})
    assert [entry.availability for entry in found.entries] == [WITHDRAWN]


def test_a_stale_row_that_nobody_touched_in_the_form_is_left_alone(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("水揚げ額", VALUE=3)
    city.store(city.visitors, 47, version=1)
    comparison = compared(filled.saved(), city.clerk)
    assert list(changes(comparison)) == [("水揚げ額", "実績値")]
    assert "様式を受け取った後に変更された値を残します" in comparison.notes[0].text
    assert comparison.overtaken == 1  # of the unchanged: not the same as what is stored


def test_a_stale_row_that_says_what_is_stored_is_unchanged(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", VALUE=47)
    city.store(city.visitors, 47, version=1)
    assert outcome(city, filled) == {}


def test_a_concurrently_withdrawn_value_is_named(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", VALUE=46)
    city.store(city.visitors, None, availability=WITHDRAWN, version=1)
    asked = question(city, filled)
    assert re.search(
        r"この値は、\d+月\d+日\d+時\d+分にあなたが.+未入力に戻しました。", asked.message
    )
    [choice] = asked.choices
    assert told(choice) == ("実績値", "45人", "未入力", "46人")
    found = compared(filled.saved(), city.clerk, decisions={choice.id: "mine:"})
    assert changes(found) == {("来館者数", "実績値"): ("", "46人")}
    found = compared(filled.saved(), city.clerk, decisions={choice.id: "theirs:"})
    assert (found.is_right, found.changes) == (True, [])


def test_a_value_that_is_gone_already_need_not_be_withdrawn(city):
    city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", AVAILABILITY=WITHDRAWN_LABEL)
    city.store(city.visitors, None, availability=WITHDRAWN, version=1)
    comparison = compared(filled.saved(), city.clerk)
    assert (comparison.is_right, comparison.changes, comparison.questions) == (True, [], [])
    assert comparison.notes[0].text == "すでに未入力のため、変更しません。"


def test_a_remark_that_somebody_else_changed_is_not_called_the_value(city):
    city.store(city.visitors, 45, remarks="速報")
    filled = paper(city).fill("来館者数", REMARKS="台風のため")
    city.store(city.visitors, 45, remarks="確定した", version=1)
    asked = question(city, filled)
    assert re.search(r"この指標の備考を、.+変更しました。", asked.message)
    assert "45人" not in asked.message


def test_a_value_returned_in_the_meantime_can_be_corrected_with_the_form(city):
    actual = city.store(city.visitors, 45)
    filled = paper(city).fill("来館者数", VALUE=46)
    move({actual.pk: 1}, "submitted", Change(by=city.clerk, door="grid"))
    move({actual.pk: 2}, "returned", Change(by=city.head, door="grid", reason="確かめてください"))
    take_in(city, filled)
    assert (city.stored(city.visitors).value, city.stored(city.visitors).state) == (46, "draft")


# Years that are not open


def test_a_year_that_is_not_open_is_closed_to_sections(city):
    filled = paper(city).fill("来館者数", VALUE=5).fill("水揚げ額", VALUE=3).saved()
    city.year.entry_is_open = False
    city.year.save()
    [message] = messages(compared(filled, city.clerk))
    assert "入力の受付期間ではありません" in message


def test_an_ended_year_asks_planning_for_kind_and_reason(city):
    city.store(city.visitors, 4)
    filled = paper(city, city.planning).fill("来館者数", VALUE=5).saved()
    city.year.entry_is_open = False
    city.year.save()
    comparison = compared(filled, city.planning)
    assert [field for field, _ in comparison.reason_faults] == ["change_kind", "reason"]
    assert not comparison.is_right
    said = {"reason": "集計の訂正", "change_kind": "corrected"}
    confirm(filled, compared(filled, city.planning, **said), city.planning, **said)
    assert city.stored(city.visitors).change_kind == "corrected"


# Numbers


def queries_of(city: City, count: int) -> int:
    """Return how many queries reading and recording take with this many values, all changed."""
    measure = city.visitors.kpis.get().measure
    names = []
    while city.section.indicators_to_enter.count() < count + 3:
        indicator = make_indicator(city.section)
        make_kpi(measure, indicator, kind="level")
        names.append(indicator.name)
    for indicator in list(city.section.indicators_to_enter.filter(name__in=names))[::2]:
        city.store(indicator, 45)
    filled = paper(city)
    for name in names:
        filled.fill(name, VALUE=46)
    content = filled.saved()
    by = type(city.clerk).objects.get(pk=city.clerk.pk)
    with CaptureQueriesContext(connection) as queries:
        confirm(content, compared(content, by), by)
    assert Actual.objects.filter(value=46).count() == len(names)
    Actual.objects.all().delete()
    return len(queries)


def test_any_number_of_rows_needs_the_same_queries(city):
    few = queries_of(city, 4)
    assert queries_of(city, 24) == few


def test_importing_the_same_form_again_is_no_conflict(city):
    filled = paper(city)
    filled.fill("来館者数", VALUE="45")
    take_in(city, filled)
    assert outcome(city, filled) == {}
    filled.fill("来館者数", VALUE="46", REMARKS="確かめた。")
    assert outcome(city, filled) == {
        ("来館者数", "実績値"): ("45人", "46人"),
        ("来館者数", "備考"): ("", "確かめた。"),
    }
    take_in(city, filled)
    actual = city.stored(city.visitors)
    move({actual.pk: actual.version}, "answered", Change(by=city.head))
    filled.fill("来館者数", VALUE="47")
    assert outcome(city, filled)["来館者数", "実績値"] == ("46人", "47人")


def test_a_form_can_be_imported_again_after_one_of_its_cells_was_overruled(city):
    """A share beside new parts, a reason beside a new value, a value beside a new reason."""
    city.store(city.share, numerator=Decimal(7), denominator=Decimal(7))
    city.store(city.visitors, availability="unpublished", expected_month="2018-09")
    city.store(city.sales, 3000)
    filled = paper(city).fill("満足度", NUMERATOR=6).fill("来館者数", VALUE=45)
    filled.fill("水揚げ額", VALUE="未公表")
    take_in(city, filled)
    assert city.stored(city.share).value == Decimal("85.7")
    assert outcome(city, filled) == {}
    filled.fill("満足度", DENOMINATOR=8).fill("来館者数", REMARKS="確かめた。")
    assert outcome(city, filled) == {
        ("満足度", "実績値"): ("85.7％", "75.0％"),
        ("満足度", "分母"): ("7", "8"),
        ("来館者数", "備考"): ("", "確かめた。"),
    }


def test_new_parts_beside_a_share_that_somebody_else_changed_are_asked_about(city):
    city.store(city.share, numerator=Decimal(7), denominator=Decimal(7))
    filled = paper(city).fill("満足度", NUMERATOR=6)
    make_actual(
        city.share, 2017, None, numerator=Decimal(3), denominator=Decimal(6), version=1,
        by=make_user(Role.CLERK, city.section),
    )  # fmt: skip
    [choice] = question(city, filled).choices
    assert "50" in choice.theirs
    assert "85.7" in choice.mine


def test_the_preview_says_that_an_answered_value_becomes_a_draft_again(city):
    actual = city.store(city.visitors, 45)
    move({actual.pk: actual.version}, "answered", Change(by=city.head))
    filled = paper(city).fill("来館者数", VALUE="46")
    assert outcome(city, filled)["来館者数", "状態"] == (
        "回答済み",
        "入力中（もう一度、回答か決裁が必要です）",
    )
    assert ("来館者数", "状態") not in outcome(city, filled, city.planning)


def test_a_change_by_the_same_user_on_another_page_is_named_as_such(city):
    filled = paper(city)
    filled.fill("来館者数", VALUE="45")
    take_in(city, filled)
    city.store(city.visitors, 46, version=1)
    message = question(city, filled).message
    assert "あなたが別の画面かExcel様式で「46人」に変更しました。" in message


def test_an_untouched_second_form_withdraws_nothing(city):
    city.store(city.visitors, 45)
    first, second = paper(city), paper(city)
    first.fill("来館者数", VALUE="46")
    take_in(city, first)
    assert outcome(city, second) == {}


def test_any_number_of_stale_rows_needs_the_same_queries(city):
    def stale(values: list) -> int:
        filled = paper(city)
        for name, indicator in values:
            filled.fill(name, VALUE=99)
            actual = city.stored(indicator)
            city.store(indicator, 47 + actual.version, version=actual.version)
        by = make_user(Role.CLERK, city.section)
        with CaptureQueriesContext(connection) as queries:
            found = compared(filled.saved(), by).questions
        assert len(found) == len(values)
        return len(queries)

    named = [("来館者数", city.visitors), ("水揚げ額", city.sales)]
    for _, indicator in named:
        city.store(indicator, 45)
    assert stale(named[:1]) == stale(named)
