"""Every form tolerates a double click, a repeated POST and the back button, and says so."""

import pytest
from django.test import Client

from accounts.models import User
from indicators.models import Actual
from tests.access_table import RULES, Person
from tests.entry.city import City, make_city
from tests.html import form_data
from tests.pages import text_of
from tests.site_forms import (
    ADDED,
    FORMS,
    OF_THE_ADMIN,
    WITHOUT_EFFECT,
    change_password,
    log_in,
    preview_form,
    preview_plan,
    preview_projects,
    preview_sheets,
    stored_rows,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]

UNTRUE = ("ほかの人", "何も変更していません", "保存していません", "-1件", "入力値：")


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.mark.parametrize(
    "prepare",
    [prepare for forms in FORMS.values() for prepare in forms] + OF_THE_ADMIN,
    ids=lambda prepare: prepare.__name__,
)
def test_a_form_that_arrives_twice_has_one_effect_and_a_true_answer(city, prepare):
    form = prepare(city)
    client = Client()
    if prepare is not log_in:
        client.force_login(form.by)
    first = client.post(form.url, form.data | form.files())
    once, values = stored_rows(), list(Actual.objects.order_by("pk").values())
    if prepare is change_password:
        client.force_login(User.objects.get(pk=form.by.pk))
    response = client.post(form.url, form.data | form.files(), follow=True)
    assert response.status_code == 200
    if prepare in ADDED:
        assert first.status_code == 302
        assert response.redirect_chain == [(first.url, 302)]
    assert stored_rows() == once
    assert list(Actual.objects.order_by("pk").values()) == values
    is_page = response["Content-Type"].startswith("text/html") and prepare not in OF_THE_ADMIN
    text = text_of(response) if is_page else response.content.decode()
    assert form.says in text
    if prepare in (preview_form, preview_plan, preview_projects, preview_sheets):
        text = text.replace("まだ何も保存していません。", "")
    found = [text[max(0, text.find(one) - 40) :][:90] for one in UNTRUE if one in text]
    assert found == []


def test_every_form_of_the_site_is_tried():
    known = {
        name
        for rule in RULES
        if rule.post.people - {Person.STRANGER} and rule.post.answer == "open"
        for name in rule.addresses
        if not name.startswith("admin:")
    }
    assert known == set(FORMS) | WITHOUT_EFFECT


def test_a_log_in_that_comes_again_with_its_old_token_lets_the_user_on(city):
    form = log_in(city)
    client = Client(enforce_csrf_checks=True)
    page = form_data(client.get("/login/").content.decode())
    sent = form.data | {"csrfmiddlewaretoken": page["csrfmiddlewaretoken"]}
    assert client.post("/login/", sent).url == "/entry/2017/"
    assert client.post("/login/", sent).url == "/entry/2017/"
    elsewhere = sent | {"next": "https://example.org/"}
    assert client.post("/login/", elsewhere).url == "/"
