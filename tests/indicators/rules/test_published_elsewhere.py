"""What fifteen plans published, judged again under their own rules."""

import json
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from indicators.rules.published_elsewhere import NO_REASON, compare_published

FILE = Path(__file__).parents[2] / "data" / "published_evaluations.json"
LEVEL = {
    "plan": "ある市",
    "name": "指標",
    "reading": {"kind": "level", "direction": "up", "target": "20", "baseline": "10"},
    "period": [2015, 2019],
    "fiscal_year": 2016,
    "actuals": {"2016": "13"},
}


def content(published, row=None, **rules):
    """Return a file with one plan and one row, which is judged as おおむね順調 (75 ％)."""
    rules = {"scale": {"mostly_on_track": 70}} | rules
    return {
        "plans": {"ある市": rules},
        "rows": [LEVEL | {"published": published} | (row or {})],
    }


def test_at_least_97_percent_of_what_was_published_agrees_and_the_rest_has_a_reason():
    found = compare_published(json.loads(FILE.read_text(encoding="utf-8")))
    differing = [one for one in found if not one.agrees]
    assert len(found) == 413
    assert len(differing) <= 9
    assert all(one.reason and one.reason != NO_REASON for one in differing)


def test_the_choices_of_the_plans_are_needed():
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    for rules in rows["plans"].values():
        scale = rules.get("scale", {})
        rules["scale"] = {"labels": scale.get("labels", {})}
    by_plan = Counter(one.plan[:3] for one in compare_published(rows) if not one.agrees)
    assert by_plan["宮城県"] > 10
    assert by_plan["福島県"] > 5
    assert by_plan["第三期"] == 2


def test_the_command_lists_plans_differences_and_reasons(capsys):
    call_command("compare_published", str(FILE))
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "合計　413件のうち404件が一致（97.8％）"
    assert "札幌市 AP2023成果指標 2025年度報告　11件のうち11件が一致" in lines
    listed = [line for line in lines if line.startswith("不一致　")]
    assert len(listed) == 9
    assert all("　理由：" in line for line in listed)


@pytest.mark.parametrize(
    ("published", "differences"),
    [
        ({"word": "おおむね順調"}, ()),
        ({"pace": "75%", "completion": "30.0％"}, ()),
        ({"word": "順調"}, ("公表は「順調」、判定は「おおむね順調」",)),
        ({"pace": "74%"}, ("計画比の公表は74%、計算は75.0％",)),
        ({"completion": "0%未満"}, ("進捗率の公表は0%未満、計算は30.0％",)),
        ({"attainment": "60%超"}, ()),
    ],
)
def test_a_word_and_a_rate_are_compared_as_printed(published, differences):
    [found] = compare_published(content(published))
    assert found.differences == differences
    assert found.reason == (NO_REASON if differences else "")


def test_a_plan_may_print_no_rate_below_0_or_above_100():
    worse = {"actuals": {"2016": "5"}}
    [found] = compare_published(content({"pace": "(0%)"}, worse, rates=["0", "100"]))
    assert found.agrees


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ([], "「plans」と「rows」のあるJSONファイル"),
        (content({"pace": "約7割"}), "1番目の行「指標」は読み取れません：率「約7割」"),
        (content({"speed": "75%"}), "1番目の行「指標」は読み取れません"),
        (content({"word": "A"}, {"plan": "別の市"}), "計画「別の市」の決め方がありません"),
        (content({"word": "A"}, {"actuals": {"2016": "x"}}), "1番目の行「指標」は読み取れません"),
        (
            content({"word": "A"}, scale={"mostly_on_track": "八割", "on_trak": 90}),
            "計画「ある市」：判定の決め方に「on_trak」という項目はありません。",
        ),
    ],
)
def test_a_file_that_cannot_be_judged_is_refused_with_place_and_remedy(file, message, tmp_path):
    path = tmp_path / "file.json"
    path.write_text(json.dumps(file), encoding="utf-8")
    with pytest.raises(CommandError, match=message):
        call_command("compare_published", str(path))


def test_a_missing_file_or_one_without_json_is_refused(tmp_path):
    (tmp_path / "text.json").write_bytes(b"\xff\xfe{")
    for name, message in (("text.json", "JSONとして読み取れません"), ("none.json", "開けません")):
        with pytest.raises(CommandError, match=message):
            call_command("compare_published", str(tmp_path / name))
