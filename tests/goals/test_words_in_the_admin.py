"""The admin form of a plan: its own words and marks of judgements."""

import json

import pytest
from django.urls import reverse

from accounts.roles import Role
from tests.factories import make_strategy, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def save(client):
    """Return a function that saves a plan's form with other words and returns the page."""
    strategy = make_strategy()
    client.force_login(make_user(Role.PLANNING))
    url = reverse("admin:goals_strategy_change", args=[strategy.pk])
    form = client.get(url).context["adminform"].form

    def save_(**typed):
        rows = {"goals-TOTAL_FORMS": 0, "goals-INITIAL_FORMS": 0}
        before = {
            name: "" if value is None else json.dumps(value) if isinstance(value, dict) else value
            for name, value in form.initial.items()
        }
        data = before | {"invented": "on"} | rows | typed
        response = client.post(url, data)
        strategy.refresh_from_db()
        return response, strategy

    return save_


def errors_of(response):
    return response.context["adminform"].form.errors


def test_words_of_a_plan_are_saved(save):
    response, strategy = save(
        labels='{"achieved": "A", "on_track": "A", "behind": "D"}', marks='{"good": "☆"}'
    )
    assert response.status_code == 302, errors_of(response)
    assert strategy.labels == {"achieved": "A", "on_track": "A", "behind": "D"}


@pytest.mark.parametrize(
    ("field", "typed", "parts"),
    [
        ("labels", '{"on_track": "  ", "behind": ""}', ["「on_track、behind」の文字が空です"]),
        ("marks", '{"good": ""}', ["「good」の文字が空です", "標準のもの"]),
        ("labels", '{"on_track": "遅れ"}', ["「遅れ」", "on_track と behind", "違う文字"]),
        ("labels", '{"not_reported": "未実現"}', ["「未実現」", "違う文字"]),
        ("marks", '{"good": "×"}', ["「×」", "good と bad", "違う印"]),
    ],
)
def test_words_that_cannot_be_told_apart_are_refused(save, field, typed, parts):
    response, strategy = save(**{field: typed})
    [error] = errors_of(response)[field]
    assert all(part in error for part in parts), error
    assert getattr(strategy, field) == {}


def test_a_refused_form_is_shown_without_what_no_page_can_hold(save):
    response, _ = save(labels=r'{"on_track": "a\ud800", "x": "y"}')
    assert response.status_code == 200
    assert "「x」という判定はありません" in errors_of(response)["labels"][0]
