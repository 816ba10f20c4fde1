"""The conditions in the address of the overview."""

import pytest

from plans.selection import judgement_names, judgement_of, read_selection
from tests.nodes import indicator_node, listing_node, tree_of

GOOD = listing_node({2016: 30, 2017: 120})
BAD = listing_node({2016: 110, 2017: 30})
MISSING = listing_node(
    indicator=indicator_node(
        section="総合政策室", section_id=9, entered_by="農林課", entered_by_id=2
    )
)
UNREAD = listing_node({2017: 5}, kind="level", confirmed_at=None)
TREE = tree_of(GOOD, BAD, MISSING, UNREAD)


def select(**asked):
    selection = read_selection(TREE, asked)
    return [listing for listing in TREE.listings if selection.matches(listing)]


def test_without_a_condition_everything_is_asked_for():
    assert select() == list(TREE.listings)
    assert select(goal="", judgement=" ") == list(TREE.listings)
    assert not read_selection(TREE, {"year": "2017", "as_of": "2018-06-30"}).is_used


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"goal": "1"}, [GOOD, BAD, MISSING, UNREAD]),
        ({"section": "9"}, [MISSING]),
        ({"section": "1"}, [GOOD, BAD, UNREAD]),
        ({"entering": "2"}, [MISSING]),
        ({"judgement": "good"}, [GOOD]),
        ({"judgement": "on_track"}, [GOOD]),
        ({"judgement": "bad"}, [BAD]),
        ({"judgement": "behind"}, [BAD]),
        ({"judgement": "lagging"}, [BAD]),
        ({"judgement": "open"}, [MISSING, UNREAD]),
        ({"judgement": "not_reported"}, [MISSING]),
        ({"kind": "level"}, [UNREAD]),
        ({"change": "better"}, [GOOD]),
        ({"change": "worse"}, [BAD]),
        ({"change": "none"}, [MISSING, UNREAD]),
        ({"state": "missing"}, [MISSING]),
        ({"state": "confirmed"}, [GOOD, BAD, UNREAD]),
        ({"open": "reading"}, [UNREAD]),
        ({"section": "1", "judgement": "bad"}, [BAD]),
        ({"section": "9", "judgement": "bad"}, []),
    ],
)
def test_each_condition_holds_and_all_together(asked, expected):
    assert select(**asked) == expected


def test_what_is_asked_for_is_said_in_words():
    selection = read_selection(TREE, {"section": "9", "judgement": "bad"})
    assert selection.is_used
    assert selection.in_words == "担当課：総合政策室、判定：× 遅れ・未達成"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"goal": "9"}, "基本目標の条件「9」は、この計画にありません。"),
        ({"section": "x"}, "担当課の条件「x」は、この計画にありません。"),
        ({"judgement": "best"}, "判定の条件「best」は、この計画にありません。"),
    ],
)
def test_what_is_not_offered_is_named_with_a_remedy(asked, message):
    with pytest.raises(ValueError, match=message) as error:
        read_selection(TREE, asked)
    assert "条件を選び直すか、解除してください。" in str(error.value)


def test_a_plans_own_word_has_its_own_code():
    level = {"kind": "restraint"}
    listings = [
        listing_node({2017: 100}, **level),
        listing_node({2017: 100}, direction="down", **level),
        listing_node({2017: 100}, kind="milestone"),
    ]
    names = judgement_names(TREE)
    assert [names[judgement_of(listing)] for listing in listings] == [
        "目標値以上",
        "目標値以下",
        "実現",
    ]
    assert [listing.assessment.label for listing in listings] == [
        "目標値以上",
        "目標値以下",
        "実現",
    ]
