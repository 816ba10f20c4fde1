"""A form that is saved as it was opened writes nothing, whatever is in its fields."""

from html import unescape

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse

from accounts.roles import Role
from tables.admin import BulkAdmin
from tests.factories import (
    make_user,
)
from tests.html import sent_untouched
from tests.importing import export, upload
from tests.one_of_each import BLANKS, make_one_of_each
from trail.history import NOTHING_CHANGED

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

BULK = [model for model, page in admin.site._registry.items() if isinstance(page, BulkAdmin)]


@pytest.fixture
def site():
    return make_one_of_each()


def everything_stored():
    """Return every row of the database, but for who is logged in since when."""
    stored = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model != Session:
                # Asked a hundred times: Django takes longer to write the query than to read rows.
                table, key = model._meta.db_table, model._meta.pk.column
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY "{key}"')
                stored[table] = cursor.fetchall()
    return stored


def save_untouched(client, url, page=None, **more):
    """Send the fields of a page as a browser would, and return the text of the next page."""
    page = page or client.get(url).content.decode()
    response = client.post(url, sent_untouched(page) | more, follow=True)
    assert response.redirect_chain, f"{url} was not saved: {errors_of(response)}"
    return unescape(response.content.decode())


def errors_of(response):
    context = response.context
    form = context["adminform"].form if "adminform" in context else context["form"]
    return [form.errors, *(s.formset.errors for s in context.get("inline_admin_formsets", ()))]


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_an_unchanged_save_of_an_admin_page_writes_nothing(client, site, model):
    page = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    for role in (Role.PLANNING, Role.HEAD, Role.CLERK):
        client.force_login(make_user(role, site, full_name=BLANKS))
        for thing in model._default_manager.all():
            url = reverse(page, args=[thing.pk])
            response = client.get(url)
            if response.status_code != 200 or not response.context["has_change_permission"]:
                continue
            before = everything_stored()
            opened = response.content.decode()
            assert NOTHING_CHANGED in save_untouched(client, url, opened)
            assert everything_stored() == before
            if "change_reason" in sent_untouched(opened):
                assert NOTHING_CHANGED in save_untouched(client, url, change_reason="念のため")
                assert everything_stored() == before


@pytest.mark.both_databases
def test_an_unchanged_save_of_the_dates_of_a_year_writes_nothing(client, site):
    client.force_login(make_user(Role.PLANNING))
    before = everything_stored()
    assert NOTHING_CHANGED in save_untouched(client, reverse("entry_year", args=[2017]))
    assert everything_stored() == before


@pytest.mark.parametrize("model", BULK, ids=lambda model: model._meta.label)
def test_an_export_that_is_brought_back_changes_nothing(client, site, model):
    client.force_login(make_user(Role.PLANNING))
    exported = export(client, model, kind="xlsx")
    preview = upload(client, model, exported, name="一括出力.xlsx")
    found = preview.context["comparison"]
    assert [fault.message for fault in found.faults] == []
    assert found.changes == []
    assert found.unchanged > 0
