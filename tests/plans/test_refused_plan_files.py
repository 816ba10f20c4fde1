"""Files of plans that are refused: each problem has its place, the value and what to do."""

from copy import deepcopy

import pytest

from plans.loading import load_strategy
from tests.plans.plan_files import kpi, measure, project, read, refusal, relist, target

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


@pytest.fixture
def data():
    """The small file, for tests to make invalid."""
    return read()


@pytest.fixture
def few_rows(data):
    """The file with the rows that tests make invalid: one that is refused is read twice."""
    del data["goals"][2:]
    for goal in data["goals"]:
        del goal["measure_groups"][1:]
        first = measure(data, goal["position"])
        del first["kpis"][1:]
        first["projects"].clear()
    data["goals"][1]["numeric_targets"].clear()
    return data


PLACES = {
    "target": "基本目標1の1番目の数値目標",
    "second": "基本目標1の2番目の数値目標",
    "total": "具体的施策2-ア-1の1番目のKPI",
    "every_year": "具体的施策1-ア-1の1番目のKPI",
    "top": "ファイル",
}


@pytest.mark.parametrize(
    ("spoil", "place", "parts"),
    [
        pytest.param(
            lambda d: kpi(d, 2).update(target="0", yearly_targets={}),
            "total",
            ["目標値", "0より大きい", "（入力値：0人）"],
            id="a total of zero",
        ),
        pytest.param(
            lambda d: kpi(d, 2).update(direction="down", yearly_targets={}),
            "total",
            ["改善の方向", "「期間累計」", "種類で「期末水準」を選んでください"],
            id="a total downward",
        ),
        pytest.param(
            lambda d: target(d).update(target="50.0"),
            "target",
            ["目標値（50.0％）が基準値（62.5％）より悪い値", "「抑制」を選んでください"],
            id="a level whose target is worse than its baseline",
        ),
        pytest.param(
            lambda d: target(d, 1, 2).update(target="140", yearly_targets={}),
            "second",
            ["目標値（140人）が基準値（128人）より良い値", "「期末水準」を選んでください"],
            id="a restraint whose target is better than its baseline",
        ),
        pytest.param(
            lambda d: target(d).update(kind="levle"),
            "target",
            ["種類", "levle", "選んでください"],
            id="an unknown kind",
        ),
        pytest.param(
            lambda d: target(d).update(direction="上"),
            "target",
            ["改善の方向", "上", "選んでください"],
            id="an unknown direction",
        ),
        pytest.param(
            lambda d: target(d)["baseline"].update(kind="guess"),
            "target",
            ["基準値の種類", "guess"],
            id="an unknown kind of baseline",
        ),
        pytest.param(
            lambda d: target(d)["indicator"].update(moment="weekly"),
            "target",
            ["値の時点（weekly）"],
            id="an unknown moment",
        ),
        pytest.param(
            lambda d: target(d)["indicator"].update(code="出生数"),
            "target",
            ["コード（出生数）"],
            id="an invalid code",
        ),
        pytest.param(
            lambda d: target(d)["indicator"].update(minimum="100.0", maximum="0.0"),
            "target",
            ["入力できる最小値は、最大値以下にしてください"],
            id="a minimum above the maximum",
        ),
        pytest.param(
            lambda d: target(d)["indicator"].update(display_unit="千円"),
            "target",
            ["単位「％」を表示単位「千円」で表すことはできません", "空欄にしてください"],
            id="a display unit that does not fit",
        ),
        pytest.param(
            lambda d: target(d).update(target="70.55"),
            "target",
            ["目標値（70.55）", "小数点以下1桁まで"],
            id="more decimals than the indicator has",
        ),
        pytest.param(
            lambda d: target(d).update(target="約70"),
            "target",
            ["項目「target」の値「約70」は数として読めません", '"1.49" のように'],
            id="an invalid number",
        ),
        pytest.param(
            lambda d: target(d).update(target="NaN"),
            "target",
            ["項目「target」の値「NaN」は数として読めません"],
            id="not a number, literally",
        ),
        pytest.param(
            lambda d: target(d).update(target=70.0),
            "target",
            ["項目「target」の値「70.0」は数を表す文字列", "を書いてください"],
            id="a number that is not a string",
        ),
        pytest.param(
            lambda d: target(d).update(position="1"),
            "target",
            ["項目「position」の値「1」は整数ではありません。整数を書いてください"],
            id="a position that is a string",
        ),
        pytest.param(
            lambda d: target(d).update(confirmed="yes"),
            "target",
            ["項目「confirmed」の値「yes」はtrue か falseではありません"],
            id="an invalid flag",
        ),
        pytest.param(
            lambda d: target(d).update(doubts="要確認"),
            "target",
            ["項目「doubts」の値「要確認」は文字列の一覧ではありません"],
            id="a text instead of a list",
        ),
        pytest.param(
            lambda d: target(d).update(baseline="62.5"),
            "target",
            ["項目「baseline」の値「62.5」はオブジェクトではありません"],
            id="a text instead of an object",
        ),
        pytest.param(
            lambda d: target(d)["baseline"].update(value="六割"),
            "target",
            ["項目「value」の値「六割」は数として読めません"],
            id="a baseline that is no number",
        ),
        pytest.param(
            lambda d: target(d).pop("sentence"),
            "target",
            ["項目「sentence」がありません。文字列を書いてください"],
            id="a missing key",
        ),
        pytest.param(
            lambda d: target(d).pop("indicator"),
            "target",
            ["項目「indicator」がありません。オブジェクトを書いてください"],
            id="a missing object",
        ),
        pytest.param(
            lambda d: target(d).update(tolerence="1.0"),
            "target",
            ["「tolerence」という項目はありません。綴りを確かめてください"],
            id="a misspelt key",
        ),
        pytest.param(
            lambda d: target(d)["indicator"].update(carry_year=1),
            "target",
            ["「carry_year」という項目はありません"],
            id="a misspelt key of an indicator",
        ),
        pytest.param(
            lambda d: d.update(golas=[]),
            "top",
            ["「golas」という項目はありません"],
            id="a misspelt key at the top",
        ),
        pytest.param(
            lambda d: d.pop("goals"),
            "top",
            ["項目「goals」がありません。一覧を書いてください"],
            id="no goals",
        ),
        pytest.param(
            lambda d: d.pop("strategy"),
            "top",
            ["項目「strategy」がありません。オブジェクトを書いてください"],
            id="no strategy",
        ),
        pytest.param(
            lambda d: d["strategy"].update(first_fiscal_year=2027),
            "top",
            ["最初の年度（2027）が最後の年度（2026）より後です", "確かめてください"],
            id="a first year after the last",
        ),
        pytest.param(
            lambda d: d["strategy"]["scale"].update(on_track="50.0"),
            "top",
            ["おおむね順調とする割合（入力値：75％）は、順調とする割合（50％）以下の数を"],
            id="thresholds that rise",
        ),
        pytest.param(
            lambda d: d["strategy"]["scale"]["labels"].update(great="最高"),
            "top",
            ["「great」という判定はありません"],
            id="a word for no status",
        ),
        pytest.param(
            lambda d: d["strategy"].update(city_code="99001"),
            "top",
            ["団体コード（99001）", "6桁の数字で入力してください"],
            id="a city code of five digits",
        ),
        pytest.param(
            lambda d: target(d, 1, 2)["yearly_targets"].update({"2026": "112"}),
            "second",
            ["令和8年度の年度別目標値", "目標値と同じ110人", "（入力値：112人）"],
            id="a yearly target of the last year that differs",
        ),
        pytest.param(
            lambda d: target(d, 1, 2)["yearly_targets"].update({"2023": "100"}),
            "second",
            ["令和5年度の年度別目標値", "目標値110人以上", "（入力値：100人）"],
            id="a yearly target of a restraint beyond its target",
        ),
        pytest.param(
            lambda d: kpi(d, 2)["yearly_targets"].update({"2020": "-1"}),
            "total",
            ["令和2年度の年度別目標値", "0以上の値を入力してください"],
            id="a yearly target of a total below zero",
        ),
        pytest.param(
            lambda d: kpi(d).update(yearly_targets={"2021": "1000"}),
            "every_year",
            ["令和3年度の年度別目標値", "「毎年度」の目標では使いません", "空欄にしてください"],
            id="yearly targets of a kind that has none",
        ),
        pytest.param(
            lambda d: target(d).update(yearly_targets={"令和3": "65.0"}),
            "target",
            ["項目「yearly_targets」の「令和3」は西暦の年度ではありません"],
            id="a yearly target of no year",
        ),
        pytest.param(
            lambda d: target(d).update(yearly_targets={"2021": "多め"}),
            "target",
            ["項目「yearly_targets.2021」の値「多め」は数として読めません"],
            id="a yearly target that is no number",
        ),
    ],
)
def test_a_bad_file_is_refused_with_place_value_and_remedy(few_rows, spoil, place, parts):
    spoil(few_rows)
    problems = refusal(few_rows)
    assert {problem.partition("：")[0] for problem in problems} == {PLACES[place]}
    text = "".join(problems)
    for part in parts:
        assert part in text
    assert len(problems) <= 2, problems


def test_an_indicator_described_differently_elsewhere_is_refused(data):
    kpi(data, 2, 1)["indicator"]["unit"] = "世帯"
    assert refusal(data) == [
        "具体的施策2-イ-1の1番目のKPI：指標「new-residents-running-total」が、"
        "ファイルの別の場所で違う内容になっています。同じ指標は同じ内容にしてください。"
    ]


@pytest.mark.parametrize("stored", [False, True], ids=["new", "stored"])
@pytest.mark.parametrize(
    ("rows", "place"),
    [
        (lambda d: d["goals"], "ファイルの4番目の基本目標"),
        (lambda d: d["goals"][0]["numeric_targets"], "基本目標1の3番目の数値目標"),
        (lambda d: d["goals"][0]["measure_groups"], "基本目標1の2番目の施策の区分"),
        (
            lambda d: d["goals"][0]["measure_groups"][0]["measures"],
            "基本目標1（ア）の2番目の具体的施策",
        ),
        (lambda d: measure(d)["kpis"], "具体的施策1-ア-1の3番目のKPI"),
        (lambda d: measure(d)["projects"], "具体的施策1-ア-1の4番目の具体的事業"),
    ],
    ids=["goals", "targets", "groups", "measures", "kpis", "projects"],
)
def test_the_same_place_twice_is_refused(data, stored, rows, place):
    """Else the second would silently take the place of the first, where it is stored already."""
    if stored:
        load_strategy(data)
    rows(data).append(deepcopy(rows(data)[0]))
    [problem] = refusal(data)
    assert problem.startswith(f"{place}：項目「")
    assert problem.endswith("は、前の項目と同じです。一つずつ違う値にしてください。")


@pytest.mark.parametrize("data", [[], "総合戦略", None, 3], ids=repr)
def test_a_file_without_an_object_is_refused(data):
    assert refusal(data)[0] == "ファイル：オブジェクト（{ } で囲んだもの）にしてください。"


def test_all_problems_of_a_file_are_named_at_once(data):
    target(data).update(target="約70")
    kpi(data, 2).pop("name")
    relist(project(data, 3, 0, 1), 9, "ア", 1, 1)
    places = [problem.partition("：")[0] for problem in refusal(data)]
    assert places == [
        "基本目標1の1番目の数値目標",
        "具体的施策2-ア-1の1番目のKPI",
        "具体的施策3-ア-1の1番目の具体的事業",
    ]
