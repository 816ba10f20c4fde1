"""Headings, signs and columns one by one: a few lines each, and what they become."""

import pytest

from plans.list_text.reading import read_plan_list
from tests.plans.list_text.written_plans import doubts, unplaced, written

GOAL = "基本目標１ しごと\n"
MEASURE = GOAL + "具体的施策１ 農業\n"


def below_goal(text: str) -> list[str]:
    return written(read_plan_list(GOAL + text))[1:]


def below_measure(text: str) -> list[str]:
    return written(read_plan_list(MEASURE + text))[2:]


@pytest.mark.parametrize(
    "heading",
    [
        "基本目標1 しごと",
        "基本目標１　しごと",
        "基本目標１：しごと",
        "【基本目標1】しごと",
        "■ 基本目標（１） しごと",
        "＜基本目標Ⅰ＞ しごと",
        "基本目標① しごと",
        "基本目標一　しごと",
        "基本目標\t1\tしごと",
        "基本目標１\nしごと",
        "基本目標\n１ しごと",
    ],
)
def test_headings_of_goals(heading):
    result = read_plan_list(f"{heading}\n")
    assert written(result) == ["目標1 しごと"]
    assert unplaced(result) == []


@pytest.mark.parametrize(
    "text", ["基本目標3つを定める。", "基本目標の達成", "【基本目標", "基本目標 施策等一覧"]
)
def test_texts_that_only_begin_with_the_word_are_not_goals(text):
    assert written(read_plan_list(text)) == []


@pytest.mark.parametrize(
    "heading",
    [
        "具体的施策 （ア）産業 ①農業",
        "具体的施策 (ｱ)産業 (1)農業",
        "具体的施策（ア）産業\n①農業",
        "具体的施策\n（ア）産業\n①農業",
        "（ア）産業\n（１）農業",
        "ア　産業\n１．農業",
        "（ア）産業 ①農業",
        "（ア）産業\n具体的施策1-ア-① 農業",
        "（ア）産業\n具体的施策 ア①農業",
        "施策の区分ア 産業\n具体的施策１ 農業",
        "施策の区分 （ア）産業\n具体的施策 ①農業",
        "施策の区分ア\n産業\n具体的施策 (1) 農業",
    ],
)
def test_headings_of_groups_and_measures(heading):
    assert below_goal(heading) == ["（ア）産業", "施策1 農業"]


def test_a_number_of_three_steps_names_the_group_too():
    text = "施策分野１ 産業\n具体的施策１－１－２ 農業\n"
    assert below_goal(text) == ["（1）産業", "施策2 農業"]
    result = read_plan_list(f"{GOAL}具体的施策2-1 農業\n")
    assert "2 具体的施策1-1：見出しの番号は基本目標2ですが、基本目標1の下にあります。" in doubts(
        result
    )


def test_groups_without_a_symbol_or_with_the_same_one():
    result = read_plan_list(f"{GOAL}施策分野 産業\n具体的施策（ア）観光 ①食\n（ア）医療\n")
    assert written(result)[1:] == ["（1）産業", "（ア）観光", "施策1 食", "（ア）医療"]
    told = doubts(result)
    assert "2 施策の区分1-1：記号がないため、順に1としました。" in told
    assert (
        "4 施策の区分1-ア：記号アが、名称の違う二つの区分にあります。書かれたままとしました。"
    ) in told
    assert written(read_plan_list("施策分野１ 産業\n基本目標１ しごと\n")) == ["目標1 しごと"]


def test_施策_above_具体的施策_is_the_group():
    text = "施策１ 産業\n具体的施策① 農業\n施策２ 医療\n具体的施策① 小児\n"
    assert below_goal(text) == ["（1）産業", "施策1 農業", "（2）医療", "施策1 小児"]


def test_施策分野_without_施策_is_the_measure():
    result = read_plan_list(f"{GOAL}政策分野１ 産業\nKPI\n従業者数 ⇒ 10人\n")
    assert written(result)[1:] == ["施策1 産業", "・1 従業者数｜10人"]
    assert "2 計画：「政策分野」を具体的施策として読みました。" in doubts(result)


def test_signs_of_items_are_not_measures():
    """（ア） and ② are items where the items of the section have such signs."""
    text = "（ア）産業\n①農業\nKPI\n①就農者数 10人\n②農業所得 20万円\n"
    text += "主な事業\n（ア）甲事業\n（イ）乙事業\n"
    assert below_goal(text) == [
        "（ア）産業",
        "施策1 農業",
        "・1 就農者数｜10人",
        "・2 農業所得｜20万円",
        "-1 継続｜甲事業",
        "-2 継続｜乙事業",
    ]


def test_a_measure_after_prose_and_a_title_that_a_page_repeats():
    text = "①農業\n現状と課題\n担い手が少ない。\n②漁業\n基本目標１\nしごと\n③林業\n"
    result = read_plan_list(GOAL + text)
    assert written(result)[1:] == ["施策1 農業", "施策2 漁業", "施策3 林業"]
    assert unplaced(result) == [(3, "現状と課題"), (4, "担い手が少ない。")]


def test_a_number_alone_is_a_page_only_where_such_numbers_count():
    text = "数値目標\n①従業者数 10人\n{}\n②創業件数 5件\n{}\n"
    pages = read_plan_list(GOAL + text.format(4, 5))
    assert [one.text for one in pages.left_out] == ["4", "5"]
    cells = read_plan_list(GOAL + text.format(9, 4))
    assert cells.left_out == ()
    assert unplaced(cells) == [(4, "9"), (6, "4")]


def test_数値目標_below_a_measure_are_its_KPI():
    result = read_plan_list(f"{MEASURE}数値目標\n就農者数 10人\n")
    assert written(result)[2:] == ["・1 就農者数｜10人"]
    assert "3 具体的施策1-1：施策の下にある「数値目標」を、施策のKPIとして読みました。" in doubts(
        result
    )


@pytest.mark.parametrize(
    ("line", "listing"),
    [
        ("就農者数⇒10人", "就農者数｜10人"),
        ("就農者数 → 10人", "就農者数｜10人"),
        ("就農者数：年間10人", "就農者数｜年間10人"),
        ("就農者数　５年で１０人増加", "就農者数｜５年で１０人増加"),
        ("就農者数 5人 → 10人", "就農者数｜5人 → 10人"),
        ("就農者数５年で10人", "就農者数｜５年で10人"),
        ("就農者数は5年間で10人", "就農者数｜5年間で10人"),
        ("担い手 の 数 年間10人", "担い手 の 数｜年間10人"),
        ("就農者数 ⇒ 増やす", "就農者数｜増やす"),
        ("「みらいカフェ COCORO」の来客数 100人", "「みらいカフェ COCORO」の来客数｜100人"),
    ],
)
def test_where_a_name_ends(line, listing):
    assert below_measure(f"KPI\n{line}\n") == [f"・1 {listing}"]


def test_a_name_whose_end_no_sign_shows_has_a_doubt():
    result = read_plan_list(f"{MEASURE}KPI\n就農者数５年で10人\n")
    assert doubts(result)[-1] == (
        "4 KPI1-1-1：指標名は「就農者数」まで、目標の文は「５年で10人」からと読みました。"
    )


def test_a_value_or_a_name_without_the_other_is_unplaced():
    text = "KPI\n目標値：10人\n就農者数\n農業の担い手が減っている。\n農業所得 ⇒ 300万円\n"
    result = read_plan_list(MEASURE + text)
    assert written(result)[2:] == ["・1 農業所得｜300万円"]
    assert [text for _, text in unplaced(result)] == [
        "目標値：10人",
        "就農者数農業の担い手が減っている。",
    ]


def test_tables_of_values():
    text = """KPI
番号	指標名	単位	現状値	目標値
1	就農者数	人	5	10
2	農業所得	万円		300
3	満足度	％	50
4	来客数	人	5	10	20
"""
    result = read_plan_list(MEASURE + text)
    assert written(result)[2:] == ["・1 就農者数｜5人→10人", "・2 農業所得｜300万円"]
    assert [line for line, _ in unplaced(result)] == [7, 8]
    spaced = "KPI\n指標 現状値 目標値\n市民 意識の 満足度 50％ 60％\n来客\n"
    result = read_plan_list(MEASURE + spaced)
    assert written(result)[2:] == ["・1 市民 意識の 満足度｜50％→60％"]
    assert unplaced(result) == [(6, "来客")]


@pytest.mark.parametrize(
    "headers",
    [
        "区分\n事業名\n内容",
        "区分 事業名\n内容",
        "区分 事業\n名 内容",
        "区分 事業名 内容\n具体的事業\n区分 事業名 内容",
    ],
)
def test_headers_broken_over_lines(headers):
    text = f"具体的事業\n{headers}\n新規 就農事業 貸付\n"
    assert below_measure(text) == ["-1 新規｜就農事業｜貸付"]


@pytest.mark.parametrize(
    ("line", "project"),
    [
        ("・【新規】就農事業", "新規｜就農事業"),
        ("・就農事業（拡充）", "拡充｜就農事業"),
        ("・継続 就農事業", "継続｜就農事業"),
        ("・就農事業 貸付/農協", "継続｜就農事業｜貸付｜農協"),
        ("・農業・漁業 支援事業 貸付", "継続｜農業・漁業 支援事業｜貸付"),
    ],
)
def test_rows_of_projects(line, project):
    assert below_measure(f"主な事業\n{line}\n") == [f"-1 {project}"]


def test_several_projects_on_a_line():
    result = read_plan_list(f"{MEASURE}主な事業 就農事業、畜産事業\n")
    assert written(result)[2:] == ["-1 継続｜就農事業", "-2 継続｜畜産事業"]
    assert "3 具体的事業1-1-1：「就農事業、畜産事業」を2件の事業に分けました。" in doubts(result)


def test_再掲_in_other_places():
    text = """具体的事業
区分	事業名	内容
新規	就農事業	貸付
再掲	就農事業	研修
	就農事業（再掲：1-1）	助成
	就農事業	広報（再掲）
"""
    result = read_plan_list(MEASURE + text)
    assert written(result)[3:] == [
        "-2 継続｜就農事業｜研修｜再掲1-1-1",
        "-3 継続｜就農事業｜助成｜再掲1-1-1",
        "-4 継続｜就農事業｜広報｜再掲1-1-1",
    ]
    assert "7 具体的事業1-1-3：（再掲）にある「1-1」は取り込んでいません。" in doubts(result)


def test_rows_that_are_no_projects():
    text = """具体的事業
区分	事業名	内容	担当課
新規	就農事業	貸付	農政課
新規		研修	農政課
新規	畜産事業	助成	農政課	別表
※財源は別に定める。
拡充 林業事業
"""
    result = read_plan_list(MEASURE + text)
    assert written(result)[2:] == ["-1 新規｜就農事業｜貸付", "-2 拡充｜林業事業"]
    assert [line for line, _ in unplaced(result)] == [6, 7, 8]
    assert [one.text for one in result.extras] == ["農政課"]


def test_a_category_alone_at_the_end_is_unplaced():
    result = read_plan_list(f"{MEASURE}具体的事業\n区分 事業名 内容\n新規 甲事業 貸付\n拡充\n")
    assert written(result)[2:] == ["-1 新規｜甲事業｜貸付"]
    assert unplaced(result) == [(6, "拡充")]


def test_a_name_that_begins_like_a_category_has_a_doubt():
    result = read_plan_list(
        f"{MEASURE}具体的事業\n区分 事業名 内容\n拡充 甲事業 貸付\n新規就農事業 研修\n"
    )
    assert written(result)[2:] == ["-1 拡充｜甲事業｜貸付", "-2 継続｜新規就農事業｜研修"]
    assert "6 具体的事業1-1-2：事業名の初めの「新規」は、区分かもしれません。" in doubts(result)
