"""Characters that no database can store are removed from forms first; long texts are reported."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from entry.grid_fields import field_id
from entry.models import KeptInput
from indicators.models import Actual
from tests.entry.city import make_city
from tests.factories import make_evidence

pytestmark = pytest.mark.one_database


@pytest.fixture
def city(db):
    return make_city()


def grid_of(city, remarks):
    pk = city.visitors.pk
    texts = {"value": "12", "remarks": remarks, "seen": ":"}
    return {field_id(pk, name): text for name, text in texts.items()}


def test_a_value_with_nul_in_its_remark_is_saved_without_it(client, city):
    client.force_login(city.clerk)
    assert client.post("/entry/2017/kept/", grid_of(city, "大雨\0")).status_code == 200
    assert "大雨" in KeptInput.objects.get().typed.values()
    assert client.post("/entry/2017/", grid_of(city, "大雨\0と雪")).status_code == 302
    assert Actual.objects.get().remarks == "大雨と雪"


def test_no_door_fails_at_nul(client, city):
    client.force_login(city.clerk)
    evidence = make_evidence(city.visitors, by=city.planning)
    forms = {
        "/entry/2017/answer/?state=draft": {"step": "ask", "reason": "\0"},
        f"/entry/2017/visitors/evidence/{evidence.pk}/remove/": {"reason": "\0"},
        "/entry/2017/import/": {"reason\0": "訂正"},
        "/login/": {"username": "1\0", "password": "x"},
    }
    for path, data in forms.items():
        assert client.post(path, data).status_code < 400, path
    evidence.refresh_from_db()
    assert evidence.removed_at is None


def test_pasted_controls_go_and_all_other_text_is_kept_as_it_is(client, city):
    client.force_login(city.clerk)
    assert (
        client.post("/entry/2017/", grid_of(city, "大雨\t\x0b𠮷\x07\u2028\ufeffと雪")).status_code
        == 302
    )
    assert Actual.objects.get().remarks == "大雨\t\n𠮷\nと雪"


@pytest.mark.parametrize("kind", [models.CharField, models.SlugField, forms.CharField])
def test_a_text_that_is_too_long_gets_our_own_message(kind):
    """Every field of a model or a form takes the message from the same place."""
    field = kind(max_length=60)
    with pytest.raises(ValidationError) as told:
        field.clean("a" * 100, None) if isinstance(field, models.Field) else field.clean("a" * 100)
    assert told.value.messages == ["100文字あります。60文字以内にしてください。"]
