"""A long remark stays readable wherever a table shows it: it never becomes a tower of letters."""

import pytest

from accounts.roles import Role
from indicators.models import Actual
from indicators.recording import move
from tests.factories import make_actual, make_fiscal_year, make_kpi, make_measure, make_user
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

REMARK = "確定値は翌年に公表されます。" * 14
LETTER = 16
"""The width of a letter of the remarks, in pixels."""


def test_a_line_of_a_remark_has_many_letters_in_any_window(reading_as):
    kpi = make_kpi(make_measure())
    gifts, section = kpi.indicator, kpi.indicator.section
    gifts.name = "外国人宿泊客延数の年間の合計（宿泊旅行統計調査）"
    gifts.unit, gifts.display_unit, gifts.decimals = "円", "千円", 0
    gifts.save()
    kpi.target = 1_300_000_000
    kpi.save()
    make_fiscal_year(2017)
    make_actual(gifts, 2016, 1_100_000_000)
    clerk = make_user(Role.CLERK, section)
    actual = make_actual(gifts, 2017, 1_200_000_000, clerk, remarks=REMARK)
    move({actual.pk: 1}, Actual.State.SUBMITTED, Change(by=clerk))
    head, planning = make_user(Role.HEAD, section), make_user(Role.PLANNING)
    cases = (
        (head, "/", ".values-to-answer .remarks", 15),
        (planning, "/changes/", 'td[data-label="変更の内容"]:has-text("翌年に公表")', 13),
    )
    for user, path, selector, letters in cases:
        page = reading_as(user)
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 768})
            page.goto(path)
            box = page.locator(selector).first.bounding_box()
            assert box, path
            assert box["width"] >= letters * LETTER, (path, width, box)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator(".scroll:has(.remarks)").evaluate_all(
                "regions => regions.every(one => one.scrollWidth <= one.clientWidth)"
            )
