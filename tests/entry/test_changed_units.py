"""What was typed into the grid beside another unit, or for another number of digits."""

from typing import Any

import pytest

from entry.models import KeptInput
from indicators.models import Indicator
from tests.entry.city import GRID, City, make_city, opened
from tests.html import form_data
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def city() -> City:
    return make_city()


def change(indicator: Indicator, **fields: Any) -> None:
    Indicator.objects.filter(pk=indicator.pk).update(**fields)


BOTH_UNITS = "入力したときの単位は「千円」でしたが、今の単位は「百万円」です。"


@pytest.mark.parametrize("stored", [None, 1_200_000])
def test_a_number_typed_in_another_unit_is_reported_with_both_units(clerk, city, stored):
    if stored:
        city.store(city.sales, stored)
    data = opened(clerk, city.sales, value="1300", remarks="確かめました。")
    change(city.sales, display_unit="百万円")
    kept = clerk.post("/entry/2017/kept/", data).json()
    assert BOTH_UNITS in kept["rows"][str(city.sales.pk)]["faults"][0]
    page = clerk.post(GRID, data | {"save": "1"})
    assert BOTH_UNITS in text_of(page)
    assert form_data(page.content.decode())[f"r{city.sales.pk}-value"] == "1300"
    found = city.stored(city.sales)
    assert (found and found.value) == stored
    # The page shows today's unit: what is corrected or left there is accepted.
    data = form_data(page.content.decode()) | {f"r{city.sales.pk}-value": "1.3"}
    clerk.post(GRID, data | {"save": "1"})
    assert city.stored(city.sales).value == 1_300_000
    assert not KeptInput.objects.exists()


def test_input_kept_before_the_unit_changed_is_reported_when_restored(clerk, city):
    clerk.post("/entry/2017/kept/", opened(clerk, city.sales, value="1300"))
    change(city.sales, display_unit="百万円")
    assert BOTH_UNITS in text_of(clerk.get(f"{GRID}?kept=1"))


def test_what_was_not_typed_is_never_read_in_another_unit(clerk, city):
    city.store(city.sales, 1_234_000)
    data = opened(clerk, city.sales, remarks="確かめました。")
    data |= {f"r{city.visitors.pk}-value": "46"}
    change(city.sales, display_unit="百万円")
    assert "2件の値を保存しました。" in text_of(clerk.post(GRID, data | {"save": "1"}, follow=True))
    found = city.stored(city.sales)
    assert (found.value, found.remarks) == (1_234_000, "確かめました。")


def test_an_untouched_row_is_shown_in_todays_unit_where_another_one_is_refused(clerk, city):
    city.store(city.sales, 1_234_000)
    data = opened(clerk, city.visitors, value="46.5")
    change(city.sales, display_unit="百万円")
    page = clerk.post(GRID, data | {"save": "1"})
    again = form_data(page.content.decode())
    assert again[f"r{city.sales.pk}-value"] == "1.234"
    clerk.post(GRID, again | {f"r{city.visitors.pk}-value": "46", "save": "1"})
    assert city.stored(city.sales).version == 1


def test_a_number_typed_for_other_digits_is_reported(clerk, city):
    data = opened(clerk, city.share, value="84")
    change(city.share, decimals=0)
    text = text_of(clerk.post(GRID, data | {"save": "1"}))
    assert "小数点以下の桁数が1桁から0桁に変わりました。" in text
    assert city.stored(city.share) is None


def test_the_remarks_of_a_value_with_more_digits_than_today_are_saved(clerk, city):
    city.store(city.share, "83.9")
    change(city.share, decimals=0)
    clerk.post(GRID, opened(clerk, city.share, remarks="確かめました。") | {"save": "1"})
    assert city.stored(city.share).remarks == "確かめました。"
    assert str(city.stored(city.share).value).startswith("83.9")
