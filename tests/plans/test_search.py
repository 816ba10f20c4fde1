"""Search over a plan ignores differences in spelling."""

import pytest

from plans.search import LONGEST, fold, mark, search, words_in
from tests.nodes import indicator_node, listing_node, project_node, tree_of


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("ＵＩターンした人数", "uiたーん"),
        ("Ｕ・Ｉターン", "UIﾀｰﾝ"),
        ("コンピューター", "コンピュータ"),
        ("ガイドブック", "ｶﾞｲﾄﾞ"),
        ("か\u3099いど", "ガイド"),
        ("こども子育て課", "コドモ"),
        ("２０～３９歳女性の人口", "20-39歳"),
        ("Wi‐Ｆｉ環境", "wifi"),
        ("人口１，０００人当たり", "1,000人"),
        ("㌔当たり", "キロ"),
        ("６次産業化", "6 次"),
    ],
)
def test_what_is_written_alike_is_the_same(written, asked):
    assert "".join(words_in(asked)) in fold(written)


@pytest.mark.parametrize(("written", "asked"), [("はし", "ばし"), ("病院", "美容院"), ("か", "が")])
def test_what_is_not_alike_stays_apart(written, asked):
    assert fold(asked) not in fold(written)


def test_what_is_typed_becomes_words():
    assert words_in("　水産　ＫＰＩ ") == ("水産", "kpi")
    assert words_in("ー ・ -") == ()
    assert words_in("") == ()
    assert words_in("\0 \u200b") == ()
    assert words_in("\u200b水産\ufeff") == ("水産",)
    assert len(words_in("あ" * 5000)[0]) == LONGEST


@pytest.mark.parametrize(
    ("text", "asked", "marked"),
    [
        ("修学資金の貸付後にＵＩターンした人数", "uiたーん", ["ＵＩターン"]),
        ("ｶﾞｲﾄﾞの養成", "ガイド", ["ｶﾞｲﾄﾞ"]),
        ("相談会と相談窓口", "相談", ["相談", "相談"]),
        ("コンピューター教室", "コンピュータ", ["コンピューター"]),
        ("Ｕ・Ｉターン", "ui", ["Ｕ・Ｉ"]),
        ("ああああ", "あああ", ["ああああ"]),
        ("市民の相談", "相談 市民", ["市民", "相談"]),
        ("㌔当たり", "ロ当", ["㌔当"]),
        ("水産課", "農林", []),
        ("", "農林", []),
    ],
)
def test_what_was_looked_for_is_marked_as_it_is_written(text, asked, marked):
    parts = mark(text, words_in(asked))
    assert [piece for piece, is_found in parts if is_found] == marked
    assert "".join(piece for piece, _ in parts) == text


SHARED = indicator_node(
    name="女性人口", section="総合政策室", entered_by="市民環境課", entered_by_id=2
)
TREE = tree_of(
    listing_node(name="相談件数", sentence="５年で延べ２００人"),
    listing_node(name="２０～３９歳女性の人口", indicator=SHARED),
    listing_node(name="若い女性", indicator=SHARED, first_listing=False),
    listing_node(name="人口", model="numerictarget", place="1-1"),
    projects=(
        project_node("相談会", content="出張による開催", implementer="社会福祉協議会"),
        project_node("相談会", relisted_from=(2, "ア", 1, 1), category="新規"),
    ),
)


def names(query):
    return {
        group.kind: ["".join(piece for piece, _ in hit.name) for hit in group.hits]
        for group in search(TREE, words_in(query))
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ソウダン", {}),
        (
            "相談",
            {
                "具体的施策": ["相談できる場をふやす"],
                "重要業績評価指標（KPI）": ["相談件数"],
                "具体的事業": ["相談会", "相談会"],
            },
        ),
        ("住みよい", {"基本目標": ["住みよいまちをつくる"]}),
        ("暮らし", {"具体的施策": ["相談できる場をふやす"]}),
        ("延べ200", {"重要業績評価指標（KPI）": ["相談件数"]}),
        ("女性人口", {"重要業績評価指標（KPI）": ["２０～３９歳女性の人口", "若い女性"]}),
        ("市民環境課 若い", {"重要業績評価指標（KPI）": ["若い女性"]}),
        ("福祉協議会", {"具体的事業": ["相談会"]}),
        ("出張 相談", {"具体的事業": ["相談会"]}),
        ("出張 若い", {}),
        ("新規", {"具体的事業": ["相談会"]}),
        ("", {}),
    ],
)
def test_all_words_must_occur_somewhere_in_one_thing(query, expected):
    assert names(query) == expected


def test_kinds_stand_in_the_plans_order_targets_before_kpis():
    assert list(names("人口")) == ["数値目標", "重要業績評価指標（KPI）"]


def test_a_hit_shows_the_further_texts_in_which_a_word_occurs():
    [group] = search(TREE, words_in("協議会"))
    [hit] = group.hits
    assert [field.label for field in hit.fields] == ["実施主体"]
    assert hit.fields[0].parts == (("社会福祉", False), ("協議会", True))
    assert hit.where == "基本目標1（ア）①相談できる場をふやす"
    assert hit.url == "/strategies/plan/measures/1-ア-1/"
    assert hit.anchor == f"#project-{TREE.projects[0].place}"


def test_what_is_listed_again_is_counted_apart():
    groups = {group.kind: group for group in search(TREE, words_in("相談会"))}
    assert groups["具体的事業"].note == "（実1、再掲1）"
    [indicators] = search(TREE, words_in("女性"))
    assert indicators.note == "（実1、再掲1）"
    [kpis] = search(TREE, words_in("延べ"))
    assert kpis.note == ""
