"""Lists of other shapes: what is placed, doubted, unplaced."""

import re

import pytest

from plans.list_text.reading import read_plan_list
from plans.list_text.result import Place, PlanPart
from tests.plans.list_text.written_plans import doubts, unplaced, written

WITHOUT_GROUPS = """しらほ市まち・ひと・しごと創生総合戦略
基本目標１：安定した雇用をつくる
数値目標
・市内従業者数：12,000人（令和6年度）
・創業件数：5年間で50件
具体的施策１　地場産業の振興
重要業績評価指標（KPI）
・製造品出荷額　120億円（R1）→150億円（R6）
・商談会参加企業数：年間20社
主な事業
・販路開拓支援事業
・設備導入補助金（拡充）
具体的施策２　起業の支援
ＫＰＩ：創業相談件数　年間100件
主な取組
・創業塾開催事業
・販路開拓支援事業（再掲）
"""


def test_a_list_without_groups():
    result = read_plan_list(WITHOUT_GROUPS)
    assert result.plan["title"] == "しらほ市まち・ひと・しごと創生総合戦略"
    assert written(result) == [
        "目標1 安定した雇用をつくる",
        "・1 市内従業者数｜12,000人（令和6年度）",
        "・2 創業件数｜5年間で50件",
        "施策1 地場産業の振興",
        "・1 製造品出荷額｜120億円（R1）→150億円（R6）",
        "・2 商談会参加企業数｜年間20社",
        "-1 継続｜販路開拓支援事業",
        "-2 拡充｜設備導入補助金",
        "施策2 起業の支援",
        "・1 創業相談件数｜年間100件",
        "-1 継続｜創業塾開催事業",
        "-2 継続｜販路開拓支援事業｜再掲1-1-1",
    ]
    group = result.plan["goals"][0]["measure_groups"][0]
    assert (group["symbol"], group["title"]) == ("", "")
    assert unplaced(result) == []
    assert [line.split("：")[0] for line in doubts(result)] == ["1 計画"]


WORD_TABLE = (
    "基本目標1\t安心して働けるまちをつくる\r\n"
    "数値目標\t①従業者数\t5年で12,000人\r\n"
    "\t②創業件数\t5年で50件増加\r\n"
    "（ア）産業の振興\r\n"
    "①地場産業の振興\r\n"
    "KPI\r\n"
    "指標名\t基準値（R1）\t目標値（R6）\t担当課\r\n"
    "製造品出荷額\t120億円\t150億円\t商工課\r\n"
    "商談会への参加\r\n"
    "企業数\t10社\t20社\t商工課\r\n"
    "具体的事業\r\n"
    "区分\t事業名\t内容\t実施主体\r\n"
    "新規\t販路開拓事業\t商談会の開催\t商工会\r\n"
    "\t設備導入支援\r\n"
    "事業\t機械の\r\n"
    "購入補助\t市\r\n"
    "継続\t創業塾\t\t商工会議所\r\n"
    "②観光の振興\r\n"
    "KPI\r\n"
    "宿泊者数\t年間3万人\r\n"
)


def test_a_table_of_word_with_broken_cells():
    result = read_plan_list(WORD_TABLE)
    assert written(result) == [
        "目標1 安心して働けるまちをつくる",
        "・1 従業者数｜5年で12,000人",
        "・2 創業件数｜5年で50件増加",
        "（ア）産業の振興",
        "施策1 地場産業の振興",
        "・1 製造品出荷額｜120億円（R1）→150億円（R6）",
        "・2 商談会への参加企業数｜10社（R1）→20社（R6）",
        "-1 新規｜販路開拓事業｜商談会の開催｜商工会",
        "-2 継続｜設備導入支援事業｜機械の購入補助｜市",
        "-3 継続｜創業塾｜商工会議所",
        "施策2 観光の振興",
        "・1 宿泊者数｜年間3万人",
    ]
    assert result.plan["goals"][0]["measure_groups"][0]["measures"][0]["projects"][2] == {
        "position": 3,
        "category": "",
        "name": "創業塾",
        "content": None,
        "implementer": "商工会議所",
        "relisted_from": None,
    }
    assert unplaced(result) == []
    assert [(str(one.place), one.column, one.text) for one in result.extras] == [
        ("KPI1-ア-1-1", "担当課", "商工課"),
        ("KPI1-ア-1-2", "担当課", "商工課"),
    ]
    assert doubts(result)[1:] == [
        "8 KPI1-ア-1-1：表の列から、目標の文を「120億円（R1）→150億円（R6）」としました。",
        "9 KPI1-ア-1-2：行が分かれていた「商談会への参加」と「企業数」をつなぎました。",
        "9 KPI1-ア-1-2：表の列から、目標の文を「10社（R1）→20社（R6）」としました。",
        "14 具体的事業1-ア-1-2：行が分かれていた「設備導入支援」と「事業」をつなぎました。",
        "14 具体的事業1-ア-1-2：行が分かれていた「機械の」と「購入補助」をつなぎました。",
    ]


OTHER_WORDS = """第３次あおば市総合計画 前期基本計画 施策体系一覧
政策１ 子育て・教育
施策１－１ 子育て支援の充実
成果指標
(1) 待機児童数 5人 → 0人
事務事業
1. 保育所運営事業
2. 子育て支援センター事業
施策１－２ 学校教育の充実
成果指標
(1) 学力調査の正答率 60％ → 65％
事務事業
1. 学力向上事業
2. 子育て支援センター事業（再掲）
3. 学校図書館事業（再掲）
政策２ 産業
施策２－１ 農業の振興
成果指標
(1) 新規就農者数 5年間で10人
"""


def test_a_plan_of_政策_施策_事務事業():
    result = read_plan_list(OTHER_WORDS)
    assert result.plan["title"] == "第３次あおば市総合計画 前期基本計画"
    assert written(result) == [
        "目標1 子育て・教育",
        "施策1 子育て支援の充実",
        "・1 待機児童数｜5人 → 0人",
        "-1 継続｜保育所運営事業",
        "-2 継続｜子育て支援センター事業",
        "施策2 学校教育の充実",
        "・1 学力調査の正答率｜60％ → 65％",
        "-1 継続｜学力向上事業",
        "-2 継続｜子育て支援センター事業｜再掲1-1-2",
        "-3 継続｜学校図書館事業",
        "目標2 産業",
        "施策1 農業の振興",
        "・1 新規就農者数｜5年間で10人",
    ]
    assert result.words == {
        "goal": "政策",
        "measure": "施策",
        "kpis": "成果指標",
        "projects": "事務事業",
    }
    told = doubts(result)
    assert "2 計画：「政策」を基本目標として読みました。" in told
    assert told[-1] == (
        "15 具体的事業1-2-3：（再掲）とありますが、「学校図書館事業」の元の事業がありません。"
        "元の事業を置いていません。"
    )


def test_words_of_levels_may_be_given():
    text = "柱１ しごと\n取組の方向１ 農業\nめやす\n就農者数 ⇒ 10人\nやること\n・就農支援事業\n"
    assert written(read_plan_list(text)) == []
    words = {"goal": "柱", "measure": ["取組の方向"], "kpis": "めやす", "projects": "やること"}
    result = read_plan_list(text, words)
    assert written(result) == [
        "目標1 しごと",
        "施策1 農業",
        "・1 就農者数｜10人",
        "-1 継続｜就農支援事業",
    ]
    assert result.words == {key: "".join(word) for key, word in words.items()}


@pytest.mark.parametrize(
    ("words", "message"), [({"area": "柱"}, "「area」という階層"), ({"goal": " "}, "語が空")]
)
def test_wrong_words_are_refused(words, message):
    with pytest.raises(ValueError, match=message):
        read_plan_list("", words)


def test_基本施策_above_施策_is_the_group():
    text = """基本目標1 しごと
基本施策1 産業の振興
施策1 農業
KPI 就農者数 10人
具体的取組
①就農支援 ②畜産支援
施策2 漁業
基本施策2 雇用
施策1 就職支援
"""
    result = read_plan_list(text)
    assert written(result) == [
        "目標1 しごと",
        "（1）産業の振興",
        "施策1 農業",
        "・1 就農者数｜10人",
        "-1 継続｜就農支援",
        "-2 継続｜畜産支援",
        "施策2 漁業",
        "（2）雇用",
        "施策1 就職支援",
    ]
    assert unplaced(result) == []


NUMBERS_IN_KANJI = """基本目標一　みんなで支え合うまち
　数値目標
　　一、合計特殊出生率　五年で一・五〇
　　二、出生数　年間百人を維持
　施策（一）結婚の支援
　　指標
　　　婚姻件数　年間五十件
　　主な取組
　　　一、婚活支援事業
　　　二、結婚新生活支援事業
　施策（二）一人ひとりを大切にする教育
　　指標
　　　満足度　八十％
"""


def test_numbers_in_kanji():
    result = read_plan_list(NUMBERS_IN_KANJI)
    assert written(result) == [
        "目標1 みんなで支え合うまち",
        "・1 合計特殊出生率｜五年で一・五〇",
        "・2 出生数｜年間百人を維持",
        "施策1 結婚の支援",
        "・1 婚姻件数｜年間五十件",
        "-1 継続｜婚活支援事業",
        "-2 継続｜結婚新生活支援事業",
        "施策2 一人ひとりを大切にする教育",
        "・1 満足度｜八十％",
    ]
    assert unplaced(result) == []


BROKEN_LINES = """【基本目標1】若い世代の
希望をかなえる
【数値目標】
①子育てしやすいまちだと思う市民の
割合 ５年で６０％とし
５ポイント向上
②出生数
５年で２００人
この表は令和元年度に見直した。
【具体的施策】
（ア）結婚支援
①出会いの機会の
創出
【KPI】
婚姻件数 ⇒ ５年で
１００件
※市民課調べ
【具体的事業】
区分 事業名 内容
新規 出会い創出事業 婚活イベ
ントの開催
継続 結婚相談事業 相談員の配置
結婚祝金事業 祝金の支給
②妊娠の支援
"""


def test_lines_broken_anywhere_and_a_line_without_a_place():
    result = read_plan_list(BROKEN_LINES)
    assert written(result) == [
        "目標1 若い世代の希望をかなえる",
        "・1 子育てしやすいまちだと思う市民の割合｜５年で６０％とし５ポイント向上",
        "・2 出生数｜５年で２００人",
        "（ア）結婚支援",
        "施策1 出会いの機会の創出",
        "・1 婚姻件数｜５年で１００件",
        "-1 新規｜出会い創出事業｜婚活イベントの開催",
        "-2 継続｜結婚相談事業｜相談員の配置",
        "-3 継続｜結婚祝金事業｜祝金の支給",
        "施策2 妊娠の支援",
    ]
    assert unplaced(result) == [(9, "この表は令和元年度に見直した。"), (17, "※市民課調べ")]
    told = doubts(result)
    assert "2 基本目標1：行の途中で切れていた名称に「希望をかなえる」をつなぎました。" in told
    assert "7 数値目標1-2：行が分かれていた「出生数」と「５年で２００人」をつなぎました。" in told
    assert "13 具体的施策1-ア-1：行の途中で切れていた名称に「創出」をつなぎました。" in told
    assert (
        "23 具体的事業1-ア-1-3：区分の記載がない行を、区分が空欄（継続）の事業と読みました。"
    ) in told


REPEATED_HEADINGS = """基本目標 1. 働くまち
具体的施策 （ア）産業 ①農業の振興
KPI
就農者数 ⇒ ５年で１０人
具体的事業
区分 事業名 内容
新規 就農支援事業 資金の貸付
- 1 -
基本目標 1. 働くまち
具体的施策 （ア）産業 ①農業の振興（続き）
具体的事業
区分 事業名 内容
拡充 畜産支援事業 機械の導入
新規 就農支援事業（再掲） 研修
- 2 -
基本目標 1. 働くまち
具体的施策 （イ）観光 ①観光の振興
具体的事業
民間等 就農支援事業 貸付/農協
"""


def test_headings_that_pages_repeat_and_a_relisting_with_two_homes():
    result = read_plan_list(REPEATED_HEADINGS)
    assert written(result) == [
        "目標1 働くまち",
        "（ア）産業",
        "施策1 農業の振興",
        "・1 就農者数｜５年で１０人",
        "-1 新規｜就農支援事業｜資金の貸付",
        "-2 拡充｜畜産支援事業｜機械の導入",
        "-3 新規｜就農支援事業｜研修｜再掲1-ア-1-1",
        "（イ）観光",
        "施策1 観光の振興",
        "-1 民間等｜就農支援事業｜貸付｜農協",
    ]
    told = doubts(result)
    repeated = "見出しが繰り返されています。ページの切れ目とみて、前の続きとして読みました。"
    assert f"9 基本目標1：{repeated}" in told
    assert f"10 具体的施策1-ア-1：{repeated}" in told
    assert (
        "14 具体的事業1-ア-1-3：（再掲）の元に当たる「就農支援事業」が具体的事業1-ア-1-1、"
        "具体的事業1-イ-1-1にあります。具体的事業1-ア-1-1としました。"
    ) in told
    assert [one.line for one in result.left_out] == [8, 15]


def test_a_running_head_in_the_middle_of_a_table():
    text = """基本目標１
働くまち
具体的施策１ 農業
具体的事業
区分 事業名 内容
新規 就農支援事業 資金の貸付
基本目標１
働くまち
拡充 畜産支援事業 機械の導入
"""
    result = read_plan_list(text)
    assert written(result) == [
        "目標1 働くまち",
        "施策1 農業",
        "-1 新規｜就農支援事業｜資金の貸付",
        "-2 拡充｜畜産支援事業｜機械の導入",
    ]
    assert unplaced(result) == []
    assert doubts(result)[-1].startswith("7 基本目標1：見出しが繰り返されています。")


PROSE = """みさき市総合戦略
令和2年3月
目次
基本目標１ しごとをつくる ........ 3
基本目標１ しごとをつくる
本市の産業は農業と漁業である。
■数値目標
従業者数：12,000人
（１）基本的方向
農業の振興を図る。
（２）具体的な施策
ア 農業の振興
【主な取組】
・就農支援事業
【KPI】
・就農者数：５年間で10人
横断的目標 デジタル化の推進
KPI
・オンライン申請率：50％
"""


def test_prose_contents_and_a_goal_across_the_others():
    result = read_plan_list(PROSE)
    assert written(result) == [
        "目標1 しごとをつくる",
        "・1 従業者数｜12,000人",
        "（ア）農業の振興",
        "施策1 農業の振興",
        "・1 就農者数｜５年間で10人",
        "-1 継続｜就農支援事業",
        "目標2 デジタル化の推進",
        "・1 オンライン申請率｜50％",
    ]
    assert unplaced(result) == [
        (2, "令和2年3月"),
        (6, "本市の産業は農業と漁業である。"),
        (9, "（１）基本的方向"),
        (10, "農業の振興を図る。"),
    ]
    assert result.unplaced[3].reason == (
        "「基本的方向」の文章です。計画の様式に、入れるところがありません。"
    )
    assert [one.line for one in result.left_out] == [3, 4]
    told = doubts(result)
    assert "17 基本目標2：番号がないため、順に2としました。" in told
    assert ("18 基本目標2：施策より前にある「KPI」を、基本目標の数値目標として読みました。") in told
    assert (
        "13 具体的施策1-ア-1：区分の下に施策の見出しがないため、区分と同じ名称の施策を置きました。"
    ) in told


def test_a_table_of_values_with_blanks_between_its_cells():
    text = """基本目標１ しごと
具体的施策１ 農業
重要業績評価指標（KPI） 基準値 目標値
就農者数 5人（H26） 10人（H31）
新規作物の作付
面積 1ha（H26） 5ha（H31）
農業所得 300万円
具体的事業
事業名 内容 区分
就農事業 貸付 新規
畜産事業 機械の導入 継続
"""
    result = read_plan_list(text)
    assert written(result)[2:] == [
        "・1 就農者数｜5人（H26）→10人（H31）",
        "・2 新規作物の作付面積｜1ha（H26）→5ha（H31）",
        "-1 新規｜就農事業｜貸付",
        "-2 継続｜畜産事業｜機械の導入",
    ]
    assert unplaced(result) == [(7, "農業所得 300万円")]


def test_missing_and_duplicate_numbers():
    text = """基本目標１ しごと
数値目標
①域内総生産 10億円
①従業者数 20人
④創業件数 30件
具体的施策（ア）産業 ②農業
具体的施策（ア）産業 ②漁業
基本目標１ ひと
"""
    result = read_plan_list(text)
    assert written(result) == [
        "目標1 しごと",
        "・1 域内総生産｜10億円",
        "・2 従業者数｜20人",
        "・4 創業件数｜30件",
        "（ア）産業",
        "施策2 農業",
        "施策3 漁業",
        "目標2 ひと",
    ]
    assert doubts(result)[1:] == [
        "4 数値目標1-2：番号1は前にもあるため、続きの2としました。",
        "5 数値目標1-4：前の番号は2、次は4です。4のままとしました。",
        "6 具体的施策1-ア-2：前の番号はなし、次は2です。2のままとしました。",
        "7 具体的施策1-ア-3：番号2は前にもあるため、続きの3としました。",
        "8 基本目標2：番号1は前にもあるため、続きの2としました。",
    ]


def test_sections_without_their_upper_part_are_unplaced():
    text = "具体的施策１ 農業\n基本目標１ しごと\n具体的事業\n・就農支援事業\n"
    result = read_plan_list(text)
    assert written(result) == ["目標1 しごと"]
    assert [(one.line, one.reason) for one in result.unplaced] == [
        (1, "この見出しより前に基本目標がありません。"),
        (3, "「具体的事業」の上に具体的施策がありません。"),
        (4, "具体的施策の見出しがないため、どの施策に属するか分かりません。"),
    ]


def test_区分_that_the_shape_does_not_know_and_slashes_stay_and_are_doubted():
    text = """基本目標１ しごと
具体的施策１ 農業
具体的事業
区分 事業名 内容
一部新規 就農事業 経費の1/2助成
拡充 畜産事業 機械の導入/農協
"""
    result = read_plan_list(text)
    assert written(result)[2:] == [
        "-1 一部新規｜就農事業｜経費の1/2助成",
        "-2 拡充｜畜産事業｜機械の導入｜農協",
    ]
    assert doubts(result)[1:] == [
        "5 具体的事業1-1-1：区分「一部新規」は、新規、拡充、民間等、継続のいずれでもありません。"
        "書かれたままとしました。",
        "6 具体的事業1-1-2：「／」の前「機械の導入」を内容、後「農協」を実施主体としました。",
    ]


@pytest.mark.parametrize("text", ["", "\n \n", "議事録\n出席者は次のとおり。\n"])
def test_a_text_without_a_plan_gives_an_empty_one(text):
    result = read_plan_list(text)
    assert result.plan == {"title": "", "goals": []}
    assert [one.text for one in result.unplaced] == [one for one in text.split("\n") if one.strip()]


def test_a_place_has_numbers_and_a_label():
    assert str(Place()) == "計画"
    assert str(Place(PlanPart.GROUP, 2, "ア")) == "施策の区分2-ア"
    place = Place(PlanPart.MEASURE, 1, "ア", 2).below(PlanPart.KPI, 3)
    assert (str(place), place.goal, place.group, place.measure) == ("KPI1-ア-2-3", 1, "ア", 2)


HEADINGS = re.compile("基本目標|具体的|目標|指標|事務事業|主な取組|実施主体|事業名")


@pytest.mark.parametrize(
    "text", [WITHOUT_GROUPS, WORD_TABLE, OTHER_WORDS, BROKEN_LINES, REPEATED_HEADINGS, PROSE]
)
def test_no_text_is_lost_whichever_line_is_missing(text):
    lines = text.splitlines()
    for missing in range(len(lines)):
        rest = lines[:missing] + lines[missing + 1 :]
        result = read_plan_list("\n".join(rest))
        parts = [*written(result), *doubts(result), *result.words.values()]
        parts += [one.text for one in (*result.unplaced, *result.left_out, *result.extras)]
        told = result.plan["title"] + "".join(parts)
        words = {word for line in rest for word in re.findall("[一-龠ァ-ヶー]{4,}", line)}
        assert [word for word in words if word not in told and not HEADINGS.search(word)] == []


def test_values_on_lines_of_their_own():
    text = """基本目標１ しごと
数値目標
指標：従業者数
基準値：11,000人（H26）
目標値：12,000人（H31）
具体的施策１ 農業
KPI
○就農者数（累計）
　現状値 5人（平成26年度）
　目標値 10人（平成31年度）
○農業所得
　現状値 250万円
"""
    result = read_plan_list(text)
    assert written(result) == [
        "目標1 しごと",
        "・1 従業者数｜11,000人（H26）→12,000人（H31）",
        "施策1 農業",
        "・1 就農者数（累計）｜5人（平成26年度）→10人（平成31年度）",
    ]
    assert unplaced(result) == [(11, "農業所得 250万円")]
    assert doubts(result)[1] == (
        "3 数値目標1-1：値の行から、目標の文を「11,000人（H26）→12,000人（H31）」としました。"
    )


def test_headings_with_the_number_of_a_listing():
    text = """基本目標１ しごと
数値目標１ 従業者数 12,000人
数値目標２ 創業件数 50件
具体的施策１ 農業
KPI① 就農者数 10人
KPI② 農業所得 300万円
"""
    result = read_plan_list(text)
    assert written(result) == [
        "目標1 しごと",
        "・1 従業者数｜12,000人",
        "・2 創業件数｜50件",
        "施策1 農業",
        "・1 就農者数｜10人",
        "・2 農業所得｜300万円",
    ]
    assert len(doubts(result)) == 1


def test_columns_that_the_shape_lacks_are_kept_beside_the_plan():
    text = """基本目標1 しごと
具体的施策1 農業
具体的事業
No. 事業名 事業内容 担当課
1 就農支援事業 資金の貸付 農政課
2 6次産業化支援事業 加工品の開発 商工課
"""
    result = read_plan_list(text)
    assert written(result)[2:] == [
        "-1 継続｜就農支援事業｜資金の貸付",
        "-2 継続｜6次産業化支援事業｜加工品の開発",
    ]
    assert [(str(one.place), one.text) for one in result.extras] == [
        ("具体的事業1-1-1", "農政課"),
        ("具体的事業1-1-2", "商工課"),
    ]


@pytest.mark.parametrize("blank", ["\t", " "])
def test_levels_side_by_side_are_unplaced(blank):
    rows = [
        "基本目標 施策 KPI 目標値",
        "1_しごと 1_農業 就農者数 10人",
        "1_ひと 2_移住 移住者数 5人",
    ]
    text = "\n".join(row.replace(" ", blank).replace("_", " ") for row in rows)
    result = read_plan_list(text)
    assert written(result) == []
    assert {one.reason for one in result.unplaced} == {"階層を横に並べた表は読めません。"}
    assert [one.line for one in result.unplaced] == [1, 2, 3]
