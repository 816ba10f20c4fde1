"""Words of a list as people paste them."""

import pytest

from japanese.characters import as_listed

POLICIES = ("拡充", "継続", "A1", "Ｂ 2", "B2", "リスト")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("拡充", "拡充"),
        ("拡　充", "拡充"),
        (" 継 続\u3000", "継続"),
        ("ａ１", "A1"),
        ("ﾘｽﾄ", "リスト"),
        ("拡大", "拡大"),
        ("", ""),
    ],
)
def test_width_and_spaces_make_no_other_word(text, word):
    assert as_listed(text, POLICIES) == word


def test_words_that_differ_in_nothing_else_are_not_taken_for_each_other():
    assert as_listed("Ｂ 2", POLICIES) == "Ｂ 2"
    assert as_listed("B2", POLICIES) == "B2"
    assert as_listed("Ｂ２", POLICIES) == "Ｂ２", "it may mean either"
