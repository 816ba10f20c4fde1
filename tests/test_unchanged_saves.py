"""A form that is saved as it was opened writes nothing, whatever stands in its fields."""

from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.urls import reverse

from accounts.models import SectionFormerName
from accounts.roles import Role
from goals.models import NumericTargetYear
from indicators.models import FiscalYear
from kpis.models import KPIYear
from measures.models import MeasureGroup
from tables.admin import BulkAdmin
from tests.factories import (
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_project,
    make_revision,
    make_section,
    make_strategy,
    make_user,
)
from tests.html import sent_untouched
from tests.importing import export, upload
from trail.events import Event
from trail.history import NOTHING_CHANGED

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.slow]

BULK = [model for model, page in admin.site._registry.items() if isinstance(page, BulkAdmin)]

LINES = "一行目\n二行目\n"
BLANKS = " 全角\u3000の空白\u3000"
"""A text as it may come from a file; Django strips it where somebody sends it."""


@pytest.fixture
def site():
    """One of each object, with what forms are apt to change by themselves."""
    strategy = make_strategy(
        title=BLANKS, note=LINES, labels={"on_track": "計画どおり"}, on_track=Decimal("95.0")
    )
    goal = make_goal(strategy, title=BLANKS)
    section = make_section(BLANKS, department=BLANKS)
    SectionFormerName.objects.create(section=section, last_fiscal_year=2014, name=BLANKS)
    indicator = make_indicator(
        section, unit="％", ratio=True, decimals=1, minimum=Decimal(0), method=LINES,
        source=BLANKS, handover_memo=LINES,
    )  # fmt: skip
    money = make_indicator(section, unit="円", display_unit="千円", decimals=0, maximum=10**9)
    measure = make_measure(goal, title=BLANKS)
    home = make_project(measure, name=BLANKS, content=BLANKS)
    make_project(make_measure(goal), name=BLANKS, relisted_from=home)
    MeasureGroup.objects.update(title=BLANKS, symbol="Ａ")
    reading = {
        "name": BLANKS, "sentence": BLANKS, "kind": "level", "target": Decimal("30.00"),
        "baseline": Decimal("7.70"), "baseline_kind": "measured", "baseline_year": 2014,
        "tolerance": Decimal("0.5"), "doubts": LINES,
    }  # fmt: skip
    kpi = make_kpi(measure, indicator, confirmed_by=make_user(Role.PLANNING), **reading)
    KPIYear.objects.create(listing=kpi, fiscal_year=2017, value=Decimal("15.00"))
    target = make_numeric_target(goal, money, target=Decimal(5_000), sentence="５年で５千円")
    NumericTargetYear.objects.create(listing=target, fiscal_year=2019, value=Decimal(5_000))
    make_revision(2018, kpi, target, reason=LINES, document_number=BLANKS)
    parts = {"numerator": Decimal(1), "denominator": Decimal(8)}
    make_actual(indicator, 2017, "12.5", remarks=LINES, provisional=True, **parts)
    make_actual(indicator, 2016, None, availability="unpublished", expected_month="2018-09")
    make_actual(money, 2017, 1_234_567, remarks=BLANKS)
    FiscalYear.objects.filter(pk=2017).update(
        inquiry_number=BLANKS, inquiry_date=date(2018, 5, 11), due_date=date(2018, 6, 30)
    )
    Event.objects.create(kind="export", subject="試験")
    return section


def everything_stored():
    """Return every row of the database, but for who is logged in since when."""
    models = [model for model in apps.get_models(include_auto_created=True) if model != Session]
    rows = {model._meta.label: model._base_manager.order_by("pk").values() for model in models}
    return {label: list(found) for label, found in rows.items()}


def save_untouched(client, url, **more):
    """Send the fields of a page as a browser would, and return the text of the next page."""
    page = client.get(url).content.decode()
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
            assert NOTHING_CHANGED in save_untouched(client, url)
            assert everything_stored() == before
            if "change_reason" in sent_untouched(response.content.decode()):
                assert NOTHING_CHANGED in save_untouched(client, url, change_reason="念のため")
                assert everything_stored() == before


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
