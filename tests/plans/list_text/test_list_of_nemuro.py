"""The list of 根室市, as copied from its PDF, becomes the plan of the fixture."""

import json
import re
from pathlib import Path

import pytest

from plans.list_text.reading import read_plan_list
from tests.plans.list_text.written_plans import doubts

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
    assert result.words == {
        "goal": "基本目標",
        "numeric_targets": "数値目標",
        "measure": "具体的施策",
        "kpis": "重要業績評価指標",
        "projects": "具体的事業",
    }


def test_what_was_decided_by_less_than_a_mark_is_said(text):
    told = doubts(read_plan_list(text))
    assert told[0] == (
        "2 計画：基本目標より前の行「根室市創生総合戦略 基本目標、施策等一覧」を"
        "計画の名称としました。「基本目標、施策等一覧」は名称に含めていません。"
    )
    assert (
        "273 具体的施策2-ア-4：見出し「具体的事業」が繰り返されています。"
        "ページの切れ目とみて、続けて読みました。"
    ) in told
    places = {line.split("：")[0].split()[1] for line in told if "つなぎました" in line}
    # The seven of tests/test_fixtures.py and the two 実施主体 that the PDF broke.
    assert places == {
        "具体的事業2-ア-4-7",
        "具体的事業2-ア-5-10",
        "具体的事業2-イ-1-6",
        "具体的事業2-イ-2-6",
        "具体的事業3-ア-1-3",
        "具体的事業3-ア-1-4",
        "具体的事業3-イ-1-2",
        "具体的事業3-イ-1-4",
    }
    assert len(told) == 22


PAGE = "\n\n- 7 -\n\n根室市創生総合戦略 基本目標、施策等一覧\n\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: re.sub(r"[ \t]+$", "", text, flags=re.M),
        lambda text: re.sub(r"^[ \t]+|[ \t]+$", "", text, flags=re.M),
        lambda text: re.sub(r"\n\s*\n", "\n", text),
        lambda text: re.sub(r"\s*\n\s*", "\n", text),
        lambda text: text.replace("（ア）", "(ア)").replace("（イ）", "(ｲ)"),
        lambda text: text.replace("具体的施策 （", "具 体 的 施 策（").replace("⇒", "→"),
        lambda text: text.replace("（ＫＰＩ）", "(KPI)").replace("基本目標 ", "基本目標"),
        lambda text: re.sub(r"\n(?=具体的施策)", lambda _: PAGE, text),
    ],
    ids=[
        "line breaks of Windows",
        "no blanks at the ends of lines",
        "no blanks around lines",
        "no blank lines",
        "neither",
        "brackets and kana in half width",
        "letters set apart, another arrow",
        "headings in other widths",
        "numbers and heads of pages",
    ],
)
def test_the_same_plan_comes_from_other_copies_of_the_list(text, expected, change):
    other = change(text)
    assert other != text
    result = read_plan_list(other)
    assert result.plan == expected
    assert result.unplaced == ()


def test_page_numbers_and_page_heads_are_left_out_and_said(text):
    pages = re.sub(r"\n(?=基本目標 )", lambda _: PAGE, text)
    left_out = read_plan_list(pages).left_out
    assert [(one.text, one.reason) for one in left_out[:2]] == [
        ("- 7 -", "ページ番号です。"),
        ("根室市創生総合戦略 基本目標、施策等一覧", "ページごとに繰り返される見出しです。"),
    ]
    assert len(left_out) == 6


@pytest.mark.parametrize("remark", ["この表は毎年見直します。", "（市民アンケートによる）"])
def test_a_foreign_line_between_two_rows_is_unplaced_and_changes_nothing(text, expected, remark):
    lines = text.split("\n")
    rows = [i for i, line in enumerate(lines) if re.match(r"新規 |拡充 |[①-⑩]|独身者|季節労", line)]
    for row in rows[::9]:
        result = read_plan_list("\n".join([*lines[:row], f"{remark} ", "", *lines[row:]]))
        assert result.plan == expected
        assert [(one.line, one.text) for one in result.unplaced] == [(row + 1, remark)]
