"""Every page of the admin, as planning: it opens and keeps to the content security policy."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.roles import Role
from goals.models import Grant
from tables.admin import BulkAdmin
from tests.factories import (
    make_actual,
    make_kpi,
    make_numeric_target,
    make_project,
    make_revision,
    make_user,
)
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

INLINE = re.compile(r"\sstyle=|<style|<script(?![^>]*\ssrc=)(?![^>]*type=\"text/template)|\son\w+=")


@pytest.fixture
def one_of_each(client):
    planning = make_user(Role.PLANNING)
    client.force_login(planning)
    kpi = make_kpi(measure=make_project().measure)
    Grant.objects.create(strategy=kpi.strategy, number=1, name="港の交付金")
    make_actual(kpi.indicator, by=planning)
    make_revision(2018, kpi, make_numeric_target(kpi.measure.group.goal))
    Event.objects.create(kind="export", subject="試験", by=planning)


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_pages_open_without_inline_style_or_script(client, one_of_each, model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    pk = model._default_manager.first().pk
    urls = [
        reverse(f"{name}_changelist"),
        reverse(f"{name}_change", args=[pk]),
        reverse(f"{name}_history", args=[pk]),
    ]
    if isinstance(admin.site._registry[model], BulkAdmin):
        urls += [reverse(f"{name}_import"), reverse(f"{name}_export")]
    if admin.site._registry[model].has_add_permission(_request_of(client)):
        urls.append(reverse(f"{name}_add"))
    if admin.site._registry[model].has_delete_permission(_request_of(client)):
        urls.append(reverse(f"{name}_delete", args=[pk]))
    for url in urls:
        response = client.get(url)
        assert response.status_code == 200, url
        assert not INLINE.search(response.content.decode()), url
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]


def _request_of(client):
    return client.get(reverse("admin:index")).wsgi_request


def test_the_first_page_of_the_admin_is_japanese(client, one_of_each):
    html = client.get(reverse("admin:index")).content.decode()
    assert "総合戦略の管理" in html
    assert not INLINE.search(html)


NUL, FULL_WIDTH_YEAR, LARGE_YEAR = "%00", "９９９９", "9" * 20


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "address",
    [
        f"indicators/actual/?state__exact={NUL}",
        f"indicators/actual/?q=a{NUL}",
        f"accounts/event/?kind__exact={NUL}",
        f"accounts/event/?occurred_at__year={FULL_WIDTH_YEAR}",
        f"accounts/event/?occurred_at__year={LARGE_YEAR}",
        "accounts/event/?occurred_at__year=2026&occurred_at__month=13",
        f"indicators/indicator/?plan={'9' * 5_000}",
        f"kpis/kpi/?goal=1&plan={'9' * 5_000}",
        f"goals/revision/add/?strategy={'9' * 5_000}",
    ],
)
def test_conditions_that_nothing_can_meet_are_no_fault_of_the_program(client, address):
    client.force_login(make_user(Role.PLANNING))
    response = client.get(f"/admin/{address}", follow=True)
    assert response.status_code == 200


@pytest.mark.both_databases
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_field_without_a_name_is_refused(client, one_of_each, method):
    response = getattr(client, method)("/admin/accounts/section/1/delete/", {"_to_field": "\0"})
    assert response.status_code == 400
