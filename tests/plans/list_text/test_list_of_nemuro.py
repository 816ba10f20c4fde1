"""The list of 根室市, as copied from its PDF, becomes the plan of the fixture."""

import json
from pathlib import Path

import pytest

from plans.list_text.reading import read_plan_list

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"


@pytest.fixture(scope="module")
def text() -> str:
    return (FIXTURES / "nemuro_2015_list.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def expected() -> dict:
    """The fixture without what it adds to the list: indicators and how sentences are read."""
    whole = json.loads((FIXTURES / "nemuro_2015.json").read_text(encoding="utf-8"))
    for goal in whole["goals"]:
        goal["numeric_targets"] = said(goal["numeric_targets"])
        for group in goal["measure_groups"]:
            for measure in group["measures"]:
                measure["kpis"] = said(measure["kpis"])
    return {"title": whole["strategy"]["title"], "goals": whole["goals"]}


def said(listings: list[dict]) -> list[dict]:
    keys = ("position", "name", "sentence")
    return [{key: listing[key] for key in keys} for listing in listings]


def test_everything_is_placed_as_in_the_fixture(text, expected):
    result = read_plan_list(text)
    assert result.plan == expected
    assert result.unplaced == ()
    assert result.left_out == ()
    assert result.extras == ()
