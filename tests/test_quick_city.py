"""What is written as copies of rows is what the loader and the recorder write."""

from itertools import count

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import DateTimeField

from accounts.models import User
from indicators.models import Indicator
from tests import factories, quick_city
from tests.factories import load_city, make_indicator, make_section, make_user, make_values
from tests.quick_city import write_quickly
from trail.data_version import DataChange
from trail.history import changing

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    """Go through loader and recorder first, whatever other tests have left."""
    monkeypatch.setattr(quick_city, "_kept", {})


@pytest.fixture
def written(monkeypatch) -> list[str]:
    """The functions of loader and recorder that were called."""
    names = []
    for name in ("load_strategy", "record", "move"):
        real = getattr(factories, name)

        def called(*given, name=name, real=real, **more):
            names.append(name)
            return real(*given, **more)

        monkeypatch.setattr(factories, name, called)
    return names


def stored() -> dict[str, list[dict]]:
    """Return all rows that are data, with each time as the number of earlier ones."""
    models = [
        one
        for one in apps.get_models(include_auto_created=True)
        if not one._meta.proxy and one is not DataChange
    ]
    rows = {one._meta.label: list(one._base_manager.order_by("pk").values()) for one in models}
    for row in rows[User._meta.label]:
        del row["password"]  # drawn at random
    places = [
        (row, field.attname)
        for model in models
        for field in model._meta.concrete_fields
        if isinstance(field, DateTimeField)
        for row in rows[model._meta.label]
        if row[field.attname] is not None
    ]
    times = sorted({row[name] for row, name in places})
    for row, name in places:
        row[name] = times.index(row[name])
    return rows


@pytest.mark.parametrize("other", [False, True], ids=["alone", "beside others"])
def test_a_copy_differs_in_nothing_from_what_was_loaded_and_recorded(monkeypatch, written, other):
    found = []
    for _ in range(2):
        monkeypatch.setattr(factories, "_numbers", count(1))
        with transaction.atomic():
            if other:
                make_indicator(make_section("水産課"))
            for name in ("nemuro_2015", "shiraho_2020"):
                make_values(load_city(name))
            found.append(stored())
            transaction.set_rollback(True)
    really, quickly = found
    assert written == ["load_strategy", "record", "move"] * 2
    assert {label for label, rows in really.items() if len(rows) > 100} >= {
        "indicators.Actual", "indicators.HistoricalActual", "measures.HistoricalProject",
    }  # fmt: skip
    for label, rows in really.items():
        assert quickly[label] == rows, label


def test_after_another_start_it_is_loaded_and_recorded(written):
    """The values of a plan depend on all that is stored of it."""
    for maximum in (None, 1):
        with transaction.atomic():
            strategy = load_city()
            Indicator.objects.update(maximum=maximum)
            make_values(strategy)
            transaction.set_rollback(True)
    assert written == ["load_strategy", "record", "move", "record", "move"]


def test_a_change_by_somebody_is_loaded(written):
    user = make_user()
    for _ in range(2):
        with transaction.atomic(), changing(by=user):
            load_city()
            transaction.set_rollback(True)
    assert written == ["load_strategy"] * 2


def test_a_change_of_stored_data_is_reported():
    section = make_section()

    def rename(name):
        section.name = name
        section.save()

    with pytest.raises(AssertionError, match="accounts_section"):
        write_quickly(rename, "水産課")
