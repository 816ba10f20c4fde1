"""A plan's own words and marks of judgements, as planning types them."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from tests.factories import make_strategy, make_user
from tests.html import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def save(client):
    """Return a function that saves a plan's rules with other words and returns the page."""
    strategy = make_strategy()
    client.force_login(make_user(Role.PLANNING))
    url = reverse("admin:goals_strategy_judging", args=[strategy.pk])

    def save_(**typed):
        data = form_data(client.get(url).content.decode())
        data.pop("take", None)
        response = client.post(url, data | typed | {"save": "on"})
        strategy.refresh_from_db()
        return response, strategy

    return save_


def test_words_of_a_plan_are_saved_and_blank_ones_are_standard_again(save):
    response, strategy = save(
        word_achieved="A", word_on_track="A", word_behind="D", mark_good="☆"
    )  # fmt: skip
    assert response.status_code == 302
    assert strategy.labels == {"achieved": "A", "on_track": "A", "behind": "D"}
    assert strategy.marks == {"good": "☆"}
    _, strategy = save(word_behind=" ", mark_good="")
    assert strategy.labels == {"achieved": "A", "on_track": "A"}
    assert strategy.marks == {}


@pytest.mark.parametrize(
    ("field", "typed", "parts"),
    [
        ("word_on_track", "遅れ", ["「遅れ」", "「順調」と「遅れ」", "違う文字"]),
        ("word_not_reported", "未実現", ["「未実現」", "違う文字"]),
        ("mark_good", "×", ["「×」が、標準の「◎」と「×」", "違う印"]),
    ],
)
def test_ambiguous_words_are_refused(save, field, typed, parts):
    response, strategy = save(**{field: typed})
    text = response.content.decode()
    assert all(part in text for part in parts)
    assert f'value="{typed}"' in text
    assert (strategy.labels, strategy.marks) == ({}, {})


def test_words_and_marks_that_differ_only_in_width_or_case_are_refused(save):
    response, strategy = save(
        word_on_track="Ｂ", word_behind="b", mark_good="Ｘ", mark_bad="x"
    )  # fmt: skip
    text = response.content.decode()
    assert "標準の「順調」と「遅れ」の両方の呼び方" in text
    assert "標準の「◎」と「×」の両方の印" in text
    assert (strategy.labels, strategy.marks) == ({}, {})
