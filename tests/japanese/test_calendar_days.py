"""Days as people type them, and their names."""

from datetime import date

import pytest

from japanese.calendar_days import day_label, not_after, read_day


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-01", "2026/4/1", "2026.4.1", "2026年4月1日", "20260401", "２０２６－０４－０１",
        "令和8年4月1日", "R8.4.1", "r8/4/1", " 2026-04-01　", "令和 8年 4月 1日",
    ],
)  # fmt: skip
def test_a_day_is_read_in_either_calendar(text):
    assert read_day(text) == date(2026, 4, 1)


@pytest.mark.parametrize("text", ["令和0年5月1日", "R0.5.1", "平成00年5月1日", "Ｈ０．５．１"])
def test_no_era_has_a_year_0(text):
    with pytest.raises(ValueError, match="という日はありません。「2026-04-01」か「令和8年4月1日」"):
        read_day(text)


def test_the_first_year_of_an_era_has_a_name_of_its_own():
    assert read_day("令和元年5月1日") == date(2019, 5, 1)
    assert read_day("平成元年1月8日") == date(1989, 1, 8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("きのう", "「きのう」は日付として読めません。"),
        ("2026-13-40", "「2026-13-40」という日はありません。"),
        ("2026-02-29", "「2026-02-29」という日はありません。"),
        ("2026-04", "「2026-04」は日付として読めません。"),
        ("0001-01-01", "「0001-01-01」は日付として読めません。"),
        ("9999-12-31", "「9999-12-31」は日付として読めません。"),
        ("1" * 5000, "は日付として読めません。"),
    ],
)
def test_an_invalid_day_is_named_with_what_to_type(text, message):
    with pytest.raises(ValueError) as error:
        read_day(text)
    assert message in str(error.value)
    assert "「2026-04-01」か「令和8年4月1日」のように入力してください。" in str(error.value)
    assert len(str(error.value)) < 120


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2018, 6, 30), "平成30年6月30日（2018年6月30日）"),
        (date(2019, 4, 30), "平成31年4月30日（2019年4月30日）"),
        (date(2019, 5, 1), "令和元年5月1日（2019年5月1日）"),
        (date(2026, 4, 1), "令和8年4月1日（2026年4月1日）"),
        (date(1989, 1, 7), "昭和64年1月7日（1989年1月7日）"),
        (date(1926, 12, 24), "1926年12月24日"),
    ],
)
def test_a_day_is_shown_in_both_calendars_by_the_era_of_that_day(day, label):
    assert day_label(day) == label


def test_a_day_that_has_not_come_is_refused_with_the_day_it_is():
    today = date(2026, 4, 1)
    assert not_after(today, today) == today
    with pytest.raises(
        ValueError, match="令和8年4月2日（2026年4月2日）は、まだ来ていません。"
    ) as caught:
        not_after(date(2026, 4, 2), today)
    assert "今日（令和8年4月1日（2026年4月1日））まで" in str(caught.value)
