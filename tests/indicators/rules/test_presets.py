"""The rules that a plan can start from, and the examples beside the form."""

import pytest

from indicators.rules.presets import PRESETS, examples
from indicators.rules.scales import check_scale
from indicators.rules.terms import STANDARD_SCALE, Scale

BY_KEY = {preset.key: preset.scale for preset in PRESETS}


def labels(key):
    return [one.judged.label for one in examples(BY_KEY[key])]


def test_the_first_preset_is_the_standard_and_changes_no_example():
    assert PRESETS[0].scale == STANDARD_SCALE
    assert not any(one.differs for one in examples(PRESETS[0].scale))


@pytest.mark.parametrize("preset", PRESETS[1:], ids=lambda preset: preset.key)
def test_every_other_preset_can_judge_and_shows_in_the_examples(preset):
    assert check_scale(preset.scale) == []
    assert any(one.differs for one in examples(preset.scale))


def test_met_or_missed_knows_no_other_word():
    assert set(labels("met")) == {"達成", "未達成"}


def test_grades_are_the_only_words_of_their_presets_and_hold_in_the_last_year():
    assert set(labels("grades")) == {"A", "B", "C", "D"}
    assert set(labels("top_grade")) == {"S", "A", "B", "C", "D"}
    last = {one.judged.label for one in examples(BY_KEY["grades"]) if one.when == "最終年度"}
    assert {"B", "C"} <= last


@pytest.mark.parametrize(
    "choice",
    [
        {"level_figure": "completion"},
        {"level_figure": "share"},
        {"worsened_first": False},
        {"far_above": 120},
        {"partly_achieved": 60},
        {"restraint": "attainment"},
        {"restraint": "every_year"},
    ],
    ids=str,
)
def test_a_single_choice_shows_in_the_examples(choice):
    assert any(one.differs for one in examples(Scale(**choice)))
