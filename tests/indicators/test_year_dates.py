"""The dates of a year: their order, the time left, the stage of the year. No database."""

from datetime import date

import pytest

from entry.current_years import due_line, heading_of
from indicators.models import FiscalYear
from indicators.year_dates import Progress, problems_of_dates, stages_of, time_left

TODAY = date(2026, 6, 18)

IN_ORDER = {
    "inquiry_date": date(2026, 5, 11),
    "due_date": date(2026, 6, 30),
    "check_due_date": date(2026, 7, 15),
    "internal_review_date": date(2026, 8, 20),
    "council_date": date(2026, 10, 15),
    "publication_date": date(2027, 1, 15),
}


def test_dates_in_order_are_fine_and_missing_ones_too():
    assert problems_of_dates(2025, IN_ORDER, TODAY) == []
    assert problems_of_dates(2025, dict.fromkeys(IN_ORDER), TODAY) == []
    assert problems_of_dates(2025, {"due_date": date(2026, 6, 30)}, TODAY) == []


def test_a_date_before_the_one_that_precedes_it_is_named_with_both():
    dates = IN_ORDER | {"due_date": date(2026, 5, 1)}
    assert problems_of_dates(2025, dates, TODAY) == [
        (
            "due_date",
            "回答期限「令和8年5月1日」が、照会日「令和8年5月11日」より前です。"
            "どちらかを直してください。",
        )
    ]


def test_a_gap_does_not_hide_the_order():
    dates = {"inquiry_date": date(2026, 5, 11), "council_date": date(2026, 5, 10)}
    [(field, message)] = problems_of_dates(2025, dates, TODAY)
    assert field == "council_date"
    assert "照会日" in message


def test_the_same_day_twice_is_in_order():
    assert problems_of_dates(2025, dict.fromkeys(IN_ORDER, date(2026, 6, 30)), TODAY) == []


@pytest.mark.parametrize("day", [date(2025, 3, 31), date(2029, 4, 1)])
def test_a_date_far_from_the_year_is_taken_for_a_typing_error(day):
    [(field, message)] = problems_of_dates(2025, {"due_date": day}, TODAY)
    assert field == "due_date"
    assert "令和7年度（2025）の値を集める時期" in message
    assert "年を確かめて直してください" in message


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2026, 6, 18), "あと12日"),
        (date(2026, 6, 29), "あと1日"),
        (date(2026, 6, 30), "本日まで"),
        (date(2026, 7, 1), "1日超過"),
        (date(2029, 3, 27), "1,001日超過"),
    ],
)
def test_the_time_left_in_words(today, words):
    assert time_left(date(2026, 6, 30), today) == words
    assert time_left(None, today) == ""


def test_the_heading_of_the_first_page_is_that_of_the_design():
    year = FiscalYear(year=2025, entry_is_open=True, due_date=date(2026, 6, 30))
    today = date(2026, 6, 18)
    assert heading_of(year, "入力", today) == "令和7年度実績の入力（回答期限6月30日、あと12日）"
    later = date(2027, 1, 4)
    assert heading_of(year, "入力", later) == (
        "令和7年度実績の入力（回答期限令和8年6月30日、188日超過）"
    )
    year.due_date = None
    assert heading_of(year, "入力", today) == "令和7年度実績の入力"


def test_the_due_date_is_shown_with_the_time_left_while_entry_is_open():
    year = FiscalYear(year=2025, entry_is_open=True, due_date=date(2026, 6, 30))
    assert due_line(year, date(2026, 6, 18)) == "回答期限：6月30日（あと12日）"
    assert due_line(year, date(2027, 1, 4)) == "回答期限：令和8年6月30日（188日超過）"
    year.entry_is_open = False
    assert due_line(year, date(2026, 6, 18)) == "回答期限：6月30日"
    year.due_date = None
    assert due_line(year, date(2026, 6, 18)) == due_line(None, date(2026, 6, 18)) == ""


def states(**given):
    known = {
        "has_opened": True,
        "has_ended": False,
        "progress": Progress(10, 3, 0),
        "today": date(2026, 6, 18),
    }
    return [stage.state for stage in stages_of(IN_ORDER, **(known | given))]


def test_a_year_is_at_the_first_stage_that_is_not_done():
    assert states(has_opened=False) == ["current"] + ["ahead"] * 5
    assert states() == ["done", "current"] + ["ahead"] * 4
    assert states(progress=Progress(10, 10, 4)) == ["done", "done", "current"] + ["ahead"] * 3
    assert states(has_ended=True)[:3] == ["done", "done", "current"]
    all_confirmed = Progress(10, 10, 10)
    assert states(progress=all_confirmed)[3] == "current"


def test_a_planned_date_that_passes_makes_nothing_done():
    later = {"progress": Progress(10, 10, 10), "today": date(2027, 2, 1)}
    stages = stages_of(IN_ORDER, has_opened=True, has_ended=True, **later)
    assert [stage.state for stage in stages] == ["done"] * 3 + ["current", "ahead", "ahead"]
    assert [stage.state_label for stage in stages] == ["済み"] * 3 + ["予定日を過ぎています"] * 3
    on_time = stages_of(
        IN_ORDER, has_opened=True, has_ended=False, progress=Progress(10, 3, 0), today=TODAY
    )
    assert [stage.state_label for stage in on_time[:3]] == ["済み", "現在", "これから"]


def test_what_is_recorded_is_done_and_has_its_day():
    taken = {"internally_reviewed_on": date(2026, 8, 25), "published_on": date(2027, 1, 20)}
    later = {"progress": Progress(10, 10, 10), "today": date(2027, 2, 1)}
    stages = stages_of(IN_ORDER | taken, has_opened=True, has_ended=True, **later)
    assert [stage.state for stage in stages[3:]] == ["done", "current", "done"]
    assert stages[3].when_label == "令和8年8月25日"
    assert stages[0].when_label == "日付の記録なし"
    days = {"opened_on": date(2026, 6, 2), "confirmed_on": date(2026, 7, 20)}
    known = stages_of(IN_ORDER | days, has_opened=True, has_ended=False, **later)
    assert [stage.when_label for stage in known[:3]] == [
        "令和8年6月2日", "日付の記録なし", "令和8年7月20日",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 6, 19), "は、まだ来ていない日です。"),
        (date(2025, 3, 31), "が始まる前です。"),
    ],
)
def test_a_recorded_day_is_one_that_can_have_been(day, said):
    [(field, message)] = problems_of_dates(2025, {"published_on": day}, TODAY)
    assert field == "published_on"
    assert message.startswith("公表した日「")
    assert said in message
    assert problems_of_dates(2025, {"published_on": TODAY}, TODAY) == []


def test_a_year_without_indicators_is_not_answered():
    assert states(progress=Progress(0, 0, 0))[1] == "current"
