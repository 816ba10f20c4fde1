"""The JSON of a strategy: export equals import, plus the judgement."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps

from accounts.models import Section
from goals.models import Strategy
from indicators.models import Actual, Indicator
from measures.models import Project
from plans.loading import load_strategy
from plans.tree import read_plain_tree, read_tree
from reports.strategy_json import strategy_as_json
from tests.factories import (
    FIXTURES,
    load_city,
    make_actual,
    make_indicator,
    make_kpi,
    make_values,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

CITIES = ("nemuro_2015", "shiraho_2020")
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "strategy-json.md"


def text_of(code: str, fiscal_year: int | None = None) -> str:
    tree = read_tree(code, fiscal_year) if fiscal_year else read_plain_tree(code)
    return json.dumps(strategy_as_json(tree), ensure_ascii=False, indent=2) + "\n"


def fixture_text(name: str) -> str:
    return (FIXTURES / f"{name}.json").read_bytes().decode("utf-8")


def history_rows() -> dict[str, int]:
    return {
        model.__name__: model.objects.count()
        for model in apps.get_models()
        if model.__name__.startswith("Historical")
    }


def listings_of(document: dict) -> list[dict]:
    return [
        listing
        for goal in document["goals"]
        for listing in (
            *goal["numeric_targets"],
            *(
                kpi
                for group in goal["measure_groups"]
                for measure in group["measures"]
                for kpi in measure["kpis"]
            ),
        )
    ]


@pytest.mark.parametrize("name", CITIES)
def test_a_loaded_strategy_is_exported_byte_for_byte_as_its_file(name):
    strategy = load_city(name)
    assert text_of(strategy.code) == fixture_text(name)


def test_two_cities_in_one_database_do_not_disturb_each_other():
    codes = [load_city(name).code for name in CITIES]
    assert [text_of(code) for code in codes] == [fixture_text(name) for name in CITIES]


@pytest.mark.parametrize("name", CITIES)
def test_loading_again_changes_nothing(name):
    strategy = load_city(name)
    before = history_rows()
    assert sum(before.values()) > 0
    result = load_strategy(json.loads(text_of(strategy.code)))
    assert (result.created, result.changed) == (0, 0)
    assert result.unchanged > 0
    assert history_rows() == before


@pytest.mark.parametrize("name", CITIES)
def test_an_export_loaded_into_an_empty_database_gives_the_same_export(name):
    exported = text_of(load_city(name).code)
    Project.objects.exclude(relisted_from=None).delete()
    for model in (Strategy, Indicator, Section):
        model.objects.all().delete()
    load_strategy(json.loads(exported))
    assert text_of(json.loads(exported)["strategy"]["code"]) == exported


def test_values_and_judgements_in_a_file_are_left_out_and_the_rest_is_as_described():
    strategy = load_city("shiraho_2020")
    make_values(strategy)
    exported = text_of(strategy.code, 2022)
    count = Actual.objects.count()
    result = load_strategy(json.loads(exported))
    assert (result.created, result.changed) == (0, 0)
    assert Actual.objects.count() == count
    assert text_of(strategy.code, 2022) == exported
    (note,) = result.notes
    assert "実績値" in note
    assert "一括取込" in note


@pytest.mark.parametrize("name", CITIES)
def test_every_number_is_a_string_with_its_decimals_and_without_an_exponent(name):
    strategy = load_city(name)
    make_values(strategy)
    document = json.loads(text_of(strategy.code, strategy.first_fiscal_year + 2))
    figures = set()
    for listing in listings_of(document):
        places = listing["indicator"]["decimals"]
        judged = listing["assessment"]
        amounts = [actual["value"] for actual in listing["actuals"].values()]
        for text in (*amounts, judged["value"]):
            assert text is None or re.fullmatch(_decimal(places), text), listing["name"]
        assert judged["expected"] is None or re.fullmatch(_decimal(places + 1), judged["expected"])
        for key in ("attainment", "completion", "pace"):
            if judged[key] is not None:
                assert re.fullmatch(_decimal(1), judged[key]), listing["name"]
                figures.add(key)
    assert figures == {"attainment", "completion", "pace"}


def _decimal(places: int) -> str:
    return r"-?(0|[1-9]\d*)" + (rf"\.\d{{{places}}}" if places else "")


@pytest.mark.parametrize("name", CITIES)
def test_the_judgement_in_the_file_is_that_of_the_tree(name):
    strategy = load_city(name)
    make_values(strategy)
    year = strategy.last_fiscal_year - 1
    tree = read_tree(strategy.code, year)
    document = strategy_as_json(tree)
    assert document["fiscal_year"] == year
    for listing, written in zip(tree.listings, listings_of(document), strict=True):
        judged, figures = listing.assessment, written["assessment"]
        assert (figures["status"], figures["label"]) == (judged.status, judged.label)
        assert figures["explanation"] == judged.explanation
        assert (figures["fiscal_year"], figures["basis_year"]) == (year, judged.basis_year)
        for key in ("value", "expected", "attainment", "completion", "pace"):
            number = figures[key]
            assert (None if number is None else Decimal(number)) == getattr(judged, key)
        assert written["actuals"].keys() == set(map(str, listing.indicator.actuals))
        assert figures["judged_by"] == judged.judged_by


def test_large_and_small_amounts_have_no_exponent():
    large = make_indicator(unit="円", maximum=None)
    kpi = make_kpi(indicator=large, target=Decimal("10000000000"))
    make_actual(large, 2015, "20000000000")
    small = make_indicator(decimals=4)
    make_kpi(
        kpi.measure, small, kind="every_year", direction="up", target=Decimal("0.0001"), position=2
    )
    make_actual(small, 2015, "0.0002")
    document = strategy_as_json(read_tree(kpi.strategy.code, 2015))
    yen, tiny = listings_of(document)
    assert yen["target"] == "10000000000"
    assert yen["assessment"]["value"] == "20000000000"
    assert yen["assessment"]["expected"] == "2000000000.0"
    assert tiny["target"] == "0.0001"
    assert tiny["actuals"]["2015"]["value"] == "0.0002"
    assert tiny["assessment"]["expected"] == "0.00010"


def test_the_example_in_the_documentation_is_what_the_program_writes():
    example = DOCUMENT.read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
    document = json.loads(example)
    load_strategy(document)
    indicator = Indicator.objects.get()
    for year, actual in listings_of(document)[0]["actuals"].items():
        make_actual(
            indicator,
            int(year),
            actual["value"],
            availability=actual["availability"],
            provisional=actual["provisional"],
        )
    day = date.fromisoformat(document["as_of"])
    tree = replace(read_tree("nemuro-2015", 2017), as_of=day)
    assert json.dumps(strategy_as_json(tree), ensure_ascii=False, indent=2) + "\n" == example


def test_the_outlook_in_the_file_is_that_of_the_tree():
    strategy = load_city("shiraho_2020")
    make_values(strategy)
    years = (strategy.last_fiscal_year - 1, strategy.last_fiscal_year)
    for year in years:
        tree = read_tree(strategy.code, year)
        written = [listing["outlook"] for listing in listings_of(strategy_as_json(tree))]
        for listing, outlook in zip(tree.listings, written, strict=True):
            found = listing.outlook
            if found.value is None:
                assert outlook is None
                continue
            assert re.fullmatch(_decimal(listing.indicator.decimals + 1), outlook["value"])
            assert Decimal(outlook["value"]) == found.value
            assert outlook["meets_target"] == found.meets_target
            assert outlook["explanation"] == found.explanation
        assert (set(map(type, written)) == {type(None)}) == (year == strategy.last_fiscal_year)
